//! When a delivery that failed is tried again.

use chrono::TimeDelta;

/// How often a delivery is tried.
pub const ATTEMPTS: i64 = 3;
/// How long to wait after the first try; then twice as long.
const BASE: TimeDelta = TimeDelta::milliseconds(500);
/// The longest that a receiver may ask for.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// What comes after a try that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Another one after that time.
    After(TimeDelta),
    /// None: it is given up.
    GiveUp,
}

/// What comes after the `attempt`th try, counted from 1, failed for a reason that may pass. `asked` is what the receiver
/// asked for, and `chance` a number from 0 to 1 that keeps many from coming back at once.
pub fn next(attempt: i64, asked: Option<TimeDelta>, chance: f64) -> Next {
    if attempt >= ATTEMPTS {
        return Next::GiveUp;
    }
    if let Some(asked) = asked {
        return Next::After(asked.clamp(TimeDelta::zero(), LONGEST));
    }
    let doubled = u32::try_from(attempt.max(1) - 1).map_or(i32::MAX, |times| 1 << times.min(10));
    let base = BASE * doubled;
    // At least half of it, and no more than one and a half times as much.
    let jitter = base.num_milliseconds() as f64 * (chance.clamp(0.0, 1.0) - 0.5);
    Next::After(base + TimeDelta::milliseconds(jitter as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_further_and_further_apart_and_end() {
        let ms = |ms| Next::After(TimeDelta::milliseconds(ms));
        for (attempt, asked, chance, expected) in [
            (1, None, 0.5, ms(500)),
            (1, None, 0.0, ms(250)),
            (1, None, 1.0, ms(750)),
            (2, None, 0.5, ms(1_000)),
            (3, None, 0.5, Next::GiveUp),
            (2, Some(30), 0.5, ms(30_000)),
            (1, Some(-1), 0.5, ms(0)),
            (1, Some(999_999), 0.5, ms(3_600_000)),
            (3, Some(30), 0.5, Next::GiveUp),
        ] {
            assert_eq!(
                next(attempt, asked.map(TimeDelta::seconds), chance),
                expected,
                "{attempt} {asked:?} {chance}"
            );
        }
    }
}
