//! When what happens by itself happens: cron expressions on the clock of a time zone.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
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
        /// Sums up what happened since the last time, for the channels that want it.
        Digest = "digest",
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
    /// It says neither each day nor each week.
    #[error("`{0}` is no time of the day or of the week")]
    Time(String),
}

/// How far back the last time is looked for: what comes often is found soon, and what is rare without many steps.
const LOOKED_BACK: [TimeDelta; 4] =
    [TimeDelta::hours(1), TimeDelta::days(2), TimeDelta::days(32), TimeDelta::days(366)];

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

    /// The last time up to a moment, that moment included; none where there was none for a year.
    pub fn latest(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let up_to_now = |from| {
            std::iter::successors(self.after(from), |time| self.after(*time))
                .take_while(|time| *time <= moment)
                .last()
        };
        LOOKED_BACK.into_iter().find_map(|back| up_to_now(moment - back))
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

/// The cron expression of a time of each day, `09:00`, or of a day of each week, `mon 09:00`.
///
/// # Errors
/// When it is neither.
pub fn regularly(text: &str) -> Result<String, BadTimetable> {
    let bad = || BadTimetable::Time(text.to_owned());
    let (day, time) = match text.trim().split_once(' ') {
        Some((day, time)) => (Some(day.parse::<chrono::Weekday>().map_err(|_| bad())?), time.trim()),
        None => (None, text.trim()),
    };
    let time = NaiveTime::parse_from_str(time, "%H:%M").map_err(|_| bad())?;
    let day = day.map_or_else(|| "*".to_owned(), |day| day.num_days_from_sunday().to_string());
    Ok(format!("{} * * {day}", time.format("%-M %-H")))
}

/// The zone of that name.
///
/// # Errors
/// When there is none.
pub fn zone(name: &str) -> Result<Tz, BadTimetable> {
    name.parse().map_err(|_| BadTimetable::Zone(name.to_owned()))
}

/// When a day begins in a zone, and when the next one does: 23 or 25 hours later where clocks change on it. None where the
/// calendar ends.
pub fn day(date: NaiveDate, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    Some((first_moment(date, zone)?, first_moment(date.checked_add_days(Days::new(1))?, zone)?))
}

/// Where clocks go forward at midnight, a day begins after the gap.
fn first_moment(date: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let quarters = (0..=12).map(|quarter| date.and_time(NaiveTime::MIN) + TimeDelta::minutes(15 * quarter));
    let found = quarters.filter_map(|local| zone.from_local_datetime(&local).earliest()).next();
    found.map(|moment| moment.with_timezone(&Utc))
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
    fn the_last_time_is_the_one_that_came_before() {
        for (cron, zone, moment, expected) in [
            ("0 9 * * *", "UTC", "2026-01-02T09:00:00Z", Some("2026-01-02T09:00:00Z")),
            ("0 9 * * *", "UTC", "2026-01-02T08:59:59Z", Some("2026-01-01T09:00:00Z")),
            ("0 9 * * 1-5", "UTC", "2026-01-05T08:00:00Z", Some("2026-01-02T09:00:00Z")),
            ("* * * * *", "UTC", "2026-01-02T09:00:30Z", Some("2026-01-02T09:00:00Z")),
            ("0 9 1 1 *", "UTC", "2026-12-31T00:00:00Z", Some("2026-01-01T09:00:00Z")),
            ("0 0 30 2 *", "UTC", "2026-12-31T00:00:00Z", None),
            // A day of 23 hours, and one of 25.
            ("0 9 * * *", "Europe/Berlin", "2026-03-29T06:59:59Z", Some("2026-03-28T08:00:00Z")),
            ("0 9 * * *", "Europe/Berlin", "2026-03-29T07:00:00Z", Some("2026-03-29T07:00:00Z")),
            ("0 9 * * *", "Europe/Berlin", "2026-10-25T07:30:00Z", Some("2026-10-24T07:00:00Z")),
            ("30 2 * * *", "Europe/Berlin", "2026-03-29T00:59:00Z", Some("2026-03-28T01:30:00Z")),
            ("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", Some("2026-03-29T01:00:00Z")),
        ] {
            let found = Timetable::new(cron, zone).unwrap().latest(moment.parse().unwrap());
            assert_eq!(found, expected.map(|time| time.parse().unwrap()), "{cron} {zone} {moment}");
        }
    }

    #[test]
    fn a_time_of_the_day_or_week_is_a_cron_expression() {
        for (text, expected) in [
            ("09:00", Some("0 9 * * *")),
            ("23:59", Some("59 23 * * *")),
            ("mon 09:05", Some("5 9 * * 1")),
            ("Sunday 00:00", Some("0 0 * * 0")),
            (" fri  17:30 ", Some("30 17 * * 5")),
            ("24:00", None),
            ("9", None),
            ("someday 09:00", None),
            ("", None),
        ] {
            let cron = regularly(text).ok();
            assert_eq!(cron.as_deref(), expected, "{text}");
            assert!(cron.is_none_or(|cron| Timetable::new(&cron, "UTC").is_ok()), "{text}");
        }
    }

    #[test]
    fn a_day_is_as_long_as_its_zone_has_it() {
        for (date, name, begins, hours) in [
            ("2026-06-01", "UTC", "2026-06-01T00:00:00Z", 24),
            ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z", 23),
            ("2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00Z", 25),
            // Clocks go forward at midnight there: the day begins at one.
            ("2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00Z", 23),
            ("2026-01-01", "Asia/Kolkata", "2025-12-31T18:30:00Z", 24),
        ] {
            let (from, to) = day(date.parse().unwrap(), zone(name).unwrap()).unwrap();
            assert_eq!(from, begins.parse::<DateTime<Utc>>().unwrap(), "{date} {name}");
            assert_eq!((to - from).num_hours(), hours, "{date} {name}");
        }
        assert_eq!(day(NaiveDate::MAX, Tz::UTC), None);
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
