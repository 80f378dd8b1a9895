//! Times as people say them.

use chrono::{DateTime, Duration, Utc};

/// How long ago, in the one unit that says enough: `40 s`, `5 min`, `3 h`, `3 d`, `7 w`, `14 mo`, `3 y`.
pub fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - since).num_seconds().max(0);
    let (count, unit) = match seconds {
        0..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, "h"),
        86_400..1_814_400 => (seconds / 86_400, "d"),
        1_814_400..7_776_000 => (seconds / 604_800, "w"),
        7_776_000..63_072_000 => (seconds / 2_592_000, "mo"),
        _ => (seconds / 31_536_000, "y"),
    };
    format!("{count} {unit}")
}

/// `3 d ago`, or `just now`.
pub fn ago(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if (now - since).num_seconds() < 5 { "just now".into() } else { format!("{} ago", age(since, now)) }
}

/// How long until then: `in 3 h`, or `over`.
pub fn until(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if then <= now { "over".into() } else { format!("in {}", age(now, then)) }
}

/// How long something took: `0.4 s`, `12 s`, `3 min 20 s`.
pub fn took(duration: Duration) -> String {
    let milliseconds = duration.num_milliseconds().max(0);
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..10_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        10_000..60_000 => format!("{} s", milliseconds / 1_000),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}

/// A point in time for tables, in UTC: `2026-11-24 14:05`.
pub fn moment(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_take_one_unit() {
        let now = DateTime::from_timestamp(2_000_000_000, 0).unwrap();
        for (seconds, expected) in [
            (-5, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (7_200, "2 h"),
            (3 * 86_400, "3 d"),
            (20 * 86_400, "20 d"),
            (21 * 86_400, "3 w"),
            (100 * 86_400, "3 mo"),
            (800 * 86_400, "2 y"),
        ] {
            assert_eq!(age(now - Duration::seconds(seconds), now), expected);
        }
        assert_eq!(ago(now, now), "just now");
        assert_eq!(ago(now - Duration::days(3), now), "3 d ago");
        assert_eq!(until(now + Duration::hours(3), now), "in 3 h");
        assert_eq!(until(now, now), "over");
    }

    #[test]
    fn durations_are_as_exact_as_needed() {
        let texts = [0, 999, 1_250, 12_900, 200_000].map(|ms| took(Duration::milliseconds(ms)));
        assert_eq!(texts, ["0 ms", "999 ms", "1.2 s", "12 s", "3 min 20 s"]);
    }
}
