//! When a credential should be renewed, and how early that is told.

use chrono::{DateTime, TimeDelta, Utc};

/// How many days before a credential is due it is warned of; zero is the day itself.
pub const WARNING_DAYS: [i64; 4] = [14, 7, 1, 0];

/// How long a secret may be in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RotationPolicy {
    /// The days that its vendor, or the team, grants; none for ever.
    pub days: Option<u16>,
}

impl RotationPolicy {
    /// When a secret is due that is in use since then and ends by itself at `expires_at`.
    pub fn due(self, since: DateTime<Utc>, expires_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let by_policy = self.days.and_then(|days| since.checked_add_signed(TimeDelta::days(i64::from(days))));
        match (by_policy, expires_at) {
            (Some(policy), Some(end)) => Some(policy.min(end)),
            (policy, end) => policy.or(end),
        }
    }
}

/// The warning that is to be told now: the number of days of [`WARNING_DAYS`] that has been reached and was not told
/// yet. What was missed meanwhile is not made up for.
pub fn warning(due: DateTime<Utc>, now: DateTime<Utc>, told: Option<i64>) -> Option<i64> {
    let left = due - now;
    let reached = WARNING_DAYS.into_iter().filter(|days| left <= TimeDelta::days(*days)).min()?;
    told.is_none_or(|told| reached < told).then_some(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600, 0).unwrap() + TimeDelta::days(day)
    }

    #[test]
    fn the_earlier_of_policy_and_end_is_due() {
        for (days, end, expected) in [
            (Some(90), None, Some(90)),
            (Some(90), Some(30), Some(30)),
            (Some(90), Some(400), Some(90)),
            (None, Some(30), Some(30)),
            (None, None, None),
        ] {
            let due = RotationPolicy { days }.due(day(0), end.map(day));
            assert_eq!(due, expected.map(day), "{days:?} {end:?}");
        }
        let far = RotationPolicy { days: Some(u16::MAX) };
        assert_eq!(far.due(DateTime::<Utc>::MAX_UTC, None), None);
    }

    #[test]
    fn each_warning_is_told_once_and_the_last_one_when_several_were_missed() {
        let due = day(90);
        for (now, told, expected) in [
            (75, None, None),
            (76, None, Some(14)),
            (76, Some(14), None),
            (80, Some(14), None),
            (83, Some(14), Some(7)),
            (83, None, Some(7)),
            (88, Some(7), None),
            (89, Some(7), Some(1)),
            (90, Some(14), Some(0)),
            (200, Some(0), None),
        ] {
            assert_eq!(warning(due, day(now), told), expected, "day {now}, told {told:?}");
        }
        assert_eq!(warning(due, day(76) - TimeDelta::seconds(1), None), None);
    }
}
