//! When what happens by itself happens: cron expressions on the clock of a time zone.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;

use crate::word::words;

words! {
    /// What a schedule does.
    ScheduledAct ("act of a schedule") {
        /// Reads both sides, and compares them.
        Scan = "scan",
        /// Evaluates every linked component anew, as when an ignore has run out.
        Drift = "drift",
        /// Makes both sides agree, in the workspace's direction.
        Sync = "sync",
        /// Removes what has expired.
        Maintain = "maintain",
    }
}

/// A cron expression in a time zone.
///
/// Where clocks go forward, a fixed time that does not exist is the first moment after the gap, and what comes in
/// intervals leaves the gap out. Where they go back, a fixed time comes once, and intervals go on through both hours.
#[derive(Debug, Clone)]
pub struct Timetable {
    cron: Cron,
    zone: Tz,
}

/// Why something is no timetable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTimetable {
    /// The expression is none.
    #[error("`{0}` is no cron expression: {1}")]
    Cron(String, String),
    /// There is no such zone.
    #[error("`{0}` is no time zone of the IANA database")]
    Zone(String),
}

/// How many missed runs are counted.
const MISSED: usize = 1_000;

impl Timetable {
    /// Reads a cron expression of five fields, with a sixth for seconds before them if need be, and a zone such as
    /// `Europe/Berlin`.
    ///
    /// # Errors
    /// When either is none.
    pub fn new(cron: &str, zone: &str) -> Result<Self, BadTimetable> {
        let bad = |error: croner::errors::CronError| BadTimetable::Cron(cron.to_owned(), error.to_string());
        let zone = zone.parse().map_err(|_| BadTimetable::Zone(zone.to_owned()))?;
        Ok(Self { cron: cron.parse().map_err(bad)?, zone })
    }

    /// The first time after a moment; none where there will be none.
    pub fn after(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = moment.with_timezone(&self.zone);
        self.cron.find_next_occurrence(&local, false).ok().map(|next| next.with_timezone(&Utc))
    }

    /// How many more times came after one that was due, until now: at most a thousand are counted.
    pub fn missed(&self, due: DateTime<Utc>, now: DateTime<Utc>) -> usize {
        std::iter::successors(Some(due), |time| self.after(*time))
            .skip(1)
            .take_while(|time| *time <= now)
            .take(MISSED)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(cron: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let table = Timetable::new(cron, zone).unwrap();
        let from: DateTime<Utc> = from.parse().unwrap();
        std::iter::successors(table.after(from), |time| table.after(*time))
            .take(count)
            .map(|time| time.format("%m-%d %H:%M").to_string())
            .collect()
    }

    #[test]
    fn times_hold_where_clocks_go_forward_and_back() {
        for (what, cron, zone, from, expected) in [
            ("no change", "30 3 * * *", "UTC", "2026-03-28T04:00:00Z", ["03-29 03:30", "03-30 03:30"]),
            ("a gap", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ["03-29 01:00", "03-30 00:30"]),
            (
                "once in an overlap",
                "30 2 * * *",
                "Europe/Berlin",
                "2026-10-24T12:00:00Z",
                ["10-25 00:30", "10-26 01:30"],
            ),
            (
                "hours through a gap",
                "0 * * * *",
                "Europe/Berlin",
                "2026-03-29T00:30:00Z",
                ["03-29 01:00", "03-29 02:00"],
            ),
            (
                "hours through an overlap",
                "0 * * * *",
                "Europe/Berlin",
                "2026-10-25T00:30:00Z",
                ["10-25 01:00", "10-25 02:00"],
            ),
            (
                "weekdays",
                "0 9 * * 1-5",
                "America/New_York",
                "2026-03-06T20:00:00Z",
                ["03-09 13:00", "03-10 13:00"],
            ),
            (
                "half an hour off",
                "15 0 * * *",
                "Asia/Kolkata",
                "2026-01-01T00:00:00Z",
                ["01-01 18:45", "01-02 18:45"],
            ),
        ] {
            assert_eq!(times(cron, zone, from, 2), expected, "{what}");
        }
    }

    #[test]
    fn missed_times_are_counted() {
        let table = Timetable::new("0 3 * * *", "UTC").unwrap();
        let due = "2026-01-01T03:00:00Z".parse().unwrap();
        for (now, missed) in [
            ("2026-01-01T03:00:01Z", 0),
            ("2026-01-02T03:00:00Z", 1),
            ("2026-01-04T12:00:00Z", 3),
            ("2036-01-01T00:00:00Z", 1_000),
        ] {
            assert_eq!(table.missed(due, now.parse().unwrap()), missed, "{now}");
        }
    }

    #[test]
    fn what_is_no_timetable_is_refused() {
        for (cron, zone, expected) in [
            ("* * *", "UTC", "`* * *` is no cron expression"),
            ("61 * * * *", "UTC", "`61 * * * *` is no cron expression"),
            ("0 3 * * *", "Europe/Berlim", "`Europe/Berlim` is no time zone"),
        ] {
            let error = Timetable::new(cron, zone).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        assert_eq!(
            Timetable::new("0 0 30 2 *", "UTC").unwrap().after(DateTime::UNIX_EPOCH),
            None,
            "no such day"
        );
    }
}
