//! What a channel is told, and when: quiet hours, thresholds, how long bursts are gathered.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{EventType, burst};
use crate::schedule::{BadTimetable, zone};

/// How long events of one kind are gathered into one message where nothing else is said.
pub const GATHERED: TimeDelta = TimeDelta::seconds(10);
/// The longest that somebody may ask for.
pub const LONGEST_GATHERING: i64 = 3_600;

/// The rules of a channel, beside its categories.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChannelRules {
    /// When it is told nothing; what happens then comes when they end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// For how many seconds events of one kind are gathered into one message; 0 has each come alone.
    #[serde(deserialize_with = "whole::deserialize", skip_serializing_if = "Option::is_none")]
    pub gather_seconds: Option<i64>,
    /// Coverage is told of when it is below so much percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage_below: Option<f64>,
    /// Drift is told of when that many changes are new.
    #[serde(deserialize_with = "whole::deserialize", skip_serializing_if = "Option::is_none")]
    pub min_changes: Option<u64>,
}

/// Hours in which a channel is told nothing, on the clock of a zone. They may go over midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// From then on, `22:00`.
    #[serde(with = "clock")]
    #[schemars(with = "String", regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub from: NaiveTime,
    /// Until then, `07:00`.
    #[serde(with = "clock")]
    #[schemars(with = "String", regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub to: NaiveTime,
    /// The zone of the IANA database.
    pub zone: String,
    /// What comes all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<EventType>,
}

/// Why rules can't be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRules {
    /// The zone is none.
    #[error(transparent)]
    Zone(#[from] BadTimetable),
    /// They are no hours.
    #[error("quiet hours are two times of the day that differ, such as 22:00-07:00; not `{0}`")]
    Hours(String),
    /// It is gathered for too long.
    #[error("{0} is no number of seconds from 0 to {LONGEST_GATHERING}")]
    Gathering(i64),
    /// It is no percentage.
    #[error("{0} is no percentage from 0 to 100")]
    Percent(String),
}

mod clock {
    use chrono::NaiveTime;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(time: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&time.format("%H:%M"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(from)?;
        NaiveTime::parse_from_str(&text, "%H:%M")
            .map_err(|_| D::Error::custom(format!("`{text}` is no time of the day such as 22:00")))
    }
}

/// Whole numbers as JSON Schema has them: `30.0` is one.
mod whole {
    use serde::{Deserialize as _, Deserializer, de::Error as _};
    use serde_json::Number;

    pub(super) fn deserialize<'de, D: Deserializer<'de>, N: TryFrom<i128>>(
        from: D,
    ) -> Result<Option<N>, D::Error> {
        let Some(given) = Option::<Number>::deserialize(from)? else { return Ok(None) };
        let whole = given.as_i128().or_else(|| {
            let float = given.as_f64().filter(|float| float.fract() == 0.0)?;
            // What no i128 can hold is not written out like one either.
            format!("{float:.0}").parse().ok()
        });
        let fit = whole.and_then(|whole| N::try_from(whole).ok());
        fit.map(Some).ok_or_else(|| D::Error::custom(format!("`{given}` is no whole number that fits")))
    }
}

impl QuietHours {
    /// `22:00-07:00`, on the clock of a zone.
    ///
    /// # Errors
    /// When they are no hours, or there is no such zone.
    pub fn new(hours: &str, zone: &str, except: Vec<EventType>) -> Result<Self, BadRules> {
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let both = hours.split_once('-').and_then(|(from, to)| Some((time(from)?, time(to)?)));
        let (from, to) = both.ok_or_else(|| BadRules::Hours(hours.to_owned()))?;
        let quiet = Self { from, to, zone: zone.to_owned(), except };
        quiet.check()?;
        Ok(quiet)
    }

    fn check(&self) -> Result<(), BadRules> {
        zone(&self.zone)?;
        match self.from == self.to {
            true => {
                Err(BadRules::Hours(format!("{}-{}", self.from.format("%H:%M"), self.to.format("%H:%M"))))
            }
            false => Ok(()),
        }
    }

    /// When they end, where it is one of them now.
    pub fn end(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let zone: Tz = self.zone.parse().ok()?;
        let local = now.with_timezone(&zone);
        let (time, today) = (local.time(), local.date_naive());
        let is_quiet = match self.from < self.to {
            true => self.from <= time && time < self.to,
            false => self.from <= time || time < self.to,
        };
        if !is_quiet {
            return None;
        }
        let end = if time < self.to { today } else { today.checked_add_days(Days::new(1))? };
        moment_after(now, end, self.to, zone)
    }
}

/// The first moment after `now` at which clocks show that time on that day; where they leave it out, the one after the gap.
fn moment_after(now: DateTime<Utc>, day: NaiveDate, time: NaiveTime, zone: Tz) -> Option<DateTime<Utc>> {
    let found = |quarter: i64| {
        let at = zone.from_local_datetime(&(day.and_time(time) + TimeDelta::minutes(15 * quarter)));
        [at.earliest(), at.latest()]
            .into_iter()
            .flatten()
            .map(|at| at.with_timezone(&Utc))
            .find(|at| *at > now)
    };
    (0..=12).find_map(found)
}

impl ChannelRules {
    /// Holds that they can be.
    ///
    /// # Errors
    /// When they can't.
    pub fn check(&self) -> Result<(), BadRules> {
        if let Some(quiet) = &self.quiet {
            quiet.check()?;
        }
        if let Some(seconds) =
            self.gather_seconds.filter(|seconds| !(0..=LONGEST_GATHERING).contains(seconds))
        {
            return Err(BadRules::Gathering(seconds));
        }
        match self.coverage_below.filter(|percent| !(0.0..=100.0).contains(percent)) {
            Some(percent) => Err(BadRules::Percent(percent.to_string())),
            None => Ok(()),
        }
    }

    /// Until when what is of this kind is held back.
    pub fn held(&self, event_type: EventType, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let quiet = self.quiet.as_ref().filter(|quiet| !quiet.except.contains(&event_type))?;
        quiet.end(now)
    }

    /// For how long events of a kind are gathered into one message; none where each comes alone.
    pub fn gathering(&self, event_type: EventType, payload: &Value) -> Option<TimeDelta> {
        let time = self.gather_seconds.map_or(GATHERED, TimeDelta::seconds);
        (burst::is_of(event_type, payload) && time > TimeDelta::zero()).then_some(time)
    }

    /// Whether it is worth telling, and not all of it is about what is muted. The payload has all names.
    pub fn wants(&self, event_type: EventType, payload: &Value, is_muted: &dyn Fn(&str) -> bool) -> bool {
        let names = burst::components(event_type, payload);
        if !names.is_empty() && names.iter().all(|name| is_muted(name)) {
            return false;
        }
        match event_type {
            EventType::CoverageSummary => {
                let percent = payload.get("percent").and_then(Value::as_f64);
                self.coverage_below.is_none_or(|below| percent.is_none_or(|percent| percent < below))
            }
            EventType::DriftDetected if payload.get("given_up").is_none() => {
                let payload = burst::without(event_type, payload, is_muted);
                let changes = payload.get("changes").and_then(Value::as_u64).unwrap_or_default();
                self.min_changes.is_none_or(|least| changes >= least)
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn quiet_hours_end_on_the_clock_of_their_zone() {
        for (hours, zone, now, expected) in [
            ("22:00-07:00", "UTC", "2026-11-30T21:59:59Z", None),
            ("22:00-07:00", "UTC", "2026-11-30T22:00:00Z", Some("2026-12-01T07:00:00Z")),
            ("22:00-07:00", "UTC", "2026-12-01T06:59:59Z", Some("2026-12-01T07:00:00Z")),
            ("22:00-07:00", "UTC", "2026-12-01T07:00:00Z", None),
            ("12:00-13:00", "UTC", "2026-12-01T12:30:00Z", Some("2026-12-01T13:00:00Z")),
            ("12:00-13:00", "UTC", "2026-12-01T13:30:00Z", None),
            ("00:00-06:00", "Asia/Kolkata", "2026-11-30T18:30:00Z", Some("2026-12-01T00:30:00Z")),
            // The night is an hour shorter, and an hour longer.
            ("22:00-07:00", "Europe/Berlin", "2026-03-28T23:00:00Z", Some("2026-03-29T05:00:00Z")),
            ("22:00-07:00", "Europe/Berlin", "2026-10-24T21:00:00Z", Some("2026-10-25T06:00:00Z")),
            // They end at a time that is left out, and at one that comes twice.
            ("22:00-02:30", "Europe/Berlin", "2026-03-29T00:30:00Z", Some("2026-03-29T01:00:00Z")),
            ("22:00-02:30", "Europe/Berlin", "2026-10-25T00:10:00Z", Some("2026-10-25T00:30:00Z")),
            ("22:00-02:30", "Europe/Berlin", "2026-10-25T01:10:00Z", Some("2026-10-25T01:30:00Z")),
        ] {
            let quiet = QuietHours::new(hours, zone, Vec::new()).unwrap();
            assert_eq!(quiet.end(at(now)), expected.map(at), "{hours} {zone} {now}");
        }
    }

    #[test]
    fn what_is_urgent_is_held_back_by_none() {
        let quiet = QuietHours::new("22:00-07:00", "UTC", vec![EventType::CredentialStatus]).unwrap();
        let rules = ChannelRules { quiet: Some(quiet), ..ChannelRules::default() };
        let night = at("2026-11-30T23:00:00Z");
        assert_eq!(rules.held(EventType::Digest, night), Some(at("2026-12-01T07:00:00Z")));
        assert_eq!(rules.held(EventType::CredentialStatus, night), None);
        assert_eq!(rules.held(EventType::Digest, at("2026-12-01T12:00:00Z")), None);
        let read: ChannelRules = serde_json::from_value(json!(rules)).unwrap();
        assert_eq!((read, json!(rules)["quiet"]["from"].as_str()), (rules, Some("22:00")));
    }

    #[test]
    fn a_threshold_leaves_out_what_is_not_worth_telling() {
        let rules =
            ChannelRules { coverage_below: Some(80.0), min_changes: Some(3), ..ChannelRules::default() };
        let drift = |button: u64, card: u64| {
            json!({ "components": 2, "changes": button + card, "names": ["Button", "Card"],
                    "each": { "Button": button, "Card": card } })
        };
        let nobody = |_: &str| false;
        let card = |name: &str| name == "Card";
        for (event_type, payload, muted, expected) in [
            (EventType::CoverageSummary, json!({ "percent": 79.99 }), &nobody as &dyn Fn(&str) -> bool, true),
            (EventType::CoverageSummary, json!({ "percent": 80.0 }), &nobody, false),
            (EventType::DriftDetected, drift(1, 2), &nobody, true),
            (EventType::DriftDetected, drift(1, 1), &nobody, false),
            (EventType::DriftDetected, drift(1, 2), &card, false),
            (EventType::DriftDetected, drift(3, 2), &card, true),
            (EventType::DriftDetected, json!({ "given_up": 1, "components": ["x"] }), &nobody, true),
            (EventType::DriftDetected, drift(9, 9), &|_| true, false),
            (EventType::BrowserTestFailure, json!({ "story": "s", "component": "Card" }), &card, false),
            (EventType::BrowserTestFailure, json!({ "story": "s", "component": null }), &card, true),
            (EventType::SyncCompleted, json!({ "applied": ["Card"], "failed": ["Button"] }), &card, true),
            (EventType::SyncCompleted, json!({ "applied": ["Card"], "failed": [] }), &card, false),
            (EventType::CredentialStatus, json!({}), &|_| true, true),
        ] {
            assert_eq!(rules.wants(event_type, &payload, muted), expected, "{event_type} {payload}");
        }
    }

    #[test]
    fn rules_that_can_t_be_are_refused() {
        let quiet = |hours: &str, zone: &str| QuietHours::new(hours, zone, Vec::new());
        for (hours, zone) in
            [("22:00", "UTC"), ("7-8", "UTC"), ("07:00-07:00", "UTC"), ("22:00-07:00", "Berlin")]
        {
            assert!(quiet(hours, zone).is_err(), "{hours} {zone}");
        }
        for rules in [
            ChannelRules { gather_seconds: Some(-1), ..ChannelRules::default() },
            ChannelRules { gather_seconds: Some(3_601), ..ChannelRules::default() },
            ChannelRules { coverage_below: Some(100.5), ..ChannelRules::default() },
            ChannelRules { coverage_below: Some(f64::NAN), ..ChannelRules::default() },
        ] {
            assert!(rules.check().is_err(), "{rules:?}");
        }
        assert!(ChannelRules::default().check().is_ok());
        assert!(
            serde_json::from_value::<QuietHours>(json!({ "from": "x", "to": "07:00", "zone": "UTC" }))
                .is_err()
        );
    }

    #[test]
    fn whole_numbers_are_read_however_they_are_written() {
        let read = |text: &str| serde_json::from_str::<ChannelRules>(text).ok();
        let rules = read(r#"{ "gather_seconds": 30.0, "min_changes": 1.001e3 }"#).unwrap();
        assert_eq!((rules.gather_seconds, rules.min_changes), (Some(30), Some(1_001)));
        assert_eq!(read(r#"{ "min_changes": null }"#), Some(ChannelRules::default()));
        for bad in ["-1", "-1.0", "0.5", "1e40", "\"5\""] {
            assert_eq!(read(&format!("{{ \"min_changes\": {bad} }}")), None, "{bad}");
        }
    }
}
