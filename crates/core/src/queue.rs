//! The drift queue's rules: how an entry stands, and when a failed one is tried again.

use chrono::TimeDelta;

use crate::word::words;

words! {
    /// How an entry of the drift queue stands.
    EntryState ("state of a drift-queue entry") {
        /// It can be taken.
        Waiting = "waiting",
        /// A worker is at it.
        Running = "running",
        /// An attempt failed; another one follows.
        Retrying = "retrying",
        /// It failed too often: a person has to look.
        Failed = "failed",
    }
}

/// How many attempts an entry gets before it is given up.
pub const DRIFT_ATTEMPTS: i64 = 5;

impl EntryState {
    /// How an entry stands that was begun so often, and that somebody is at or not.
    pub fn of(attempts: i64, is_leased: bool) -> Self {
        match (is_leased, attempts) {
            (true, _) => Self::Running,
            (false, ..=0) => Self::Waiting,
            (false, attempts) if attempts < DRIFT_ATTEMPTS => Self::Retrying,
            (false, _) => Self::Failed,
        }
    }
}

const FIRST_DELAY_MS: i64 = 2_000;
const LONGEST_DELAY_MS: i64 = 300_000;

/// How long to wait after so many failed attempts: twice as long each time, at most five minutes, and spread by `jitter`
/// (from 0 to 1) over the upper half of that, so that what failed together is not tried together. Nothing when the entry
/// is given up.
pub fn retry_delay(attempts: i64, jitter: f64) -> Option<TimeDelta> {
    if attempts >= DRIFT_ATTEMPTS {
        return None;
    }
    let doubled = u32::try_from(attempts.clamp(1, 30) - 1).unwrap_or_default();
    let longest = FIRST_DELAY_MS.saturating_mul(1 << doubled).min(LONGEST_DELAY_MS);
    let spread = longest as f64 / 2.0 * jitter.clamp(0.0, 1.0);
    Some(TimeDelta::milliseconds(longest / 2 + spread as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_stands_as_its_attempts_and_lease_say() {
        for (attempts, is_leased, expected) in [
            (0, false, EntryState::Waiting),
            (1, true, EntryState::Running),
            (1, false, EntryState::Retrying),
            (4, false, EntryState::Retrying),
            (5, false, EntryState::Failed),
            (5, true, EntryState::Running),
        ] {
            assert_eq!(EntryState::of(attempts, is_leased), expected, "{attempts} {is_leased}");
        }
    }

    #[test]
    fn attempts_are_spread_further_and_further_apart() {
        let delays: Vec<_> = (1..=5)
            .map(|attempts| {
                let of = |jitter| retry_delay(attempts, jitter).map(|delay| delay.num_milliseconds());
                (of(0.0), of(1.0))
            })
            .collect();
        let some = |from, to| (Some(from), Some(to));
        assert_eq!(
            delays,
            [some(1_000, 2_000), some(2_000, 4_000), some(4_000, 8_000), some(8_000, 16_000), (None, None)]
        );
        assert_eq!(retry_delay(-7, 7.0), retry_delay(1, 1.0), "whatever comes in");
    }
}
