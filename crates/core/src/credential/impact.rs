//! What depends on a credential, and what a bad one blocks.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{CredentialStatus, WARNING_DAYS};

/// How a credential is, for somebody who depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Condition {
    /// It works, and will for some time.
    Fine,
    /// It works, and should be renewed before long.
    Due {
        /// When it should be.
        at: DateTime<Utc>,
    },
    /// It works until then, which is soon.
    Ends {
        /// When the provider stops taking it.
        at: DateTime<Utc>,
    },
    /// Nobody knows whether it works.
    Unproven,
    /// It was taken back.
    Revoked,
    /// It is too old.
    Expired,
}

impl Condition {
    /// The condition of a record at a time.
    pub fn of(
        status: CredentialStatus,
        rotation_due: Option<DateTime<Utc>>,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Self {
        let soon = now + TimeDelta::days(WARNING_DAYS[0]);
        match status {
            CredentialStatus::Pending => Self::Unproven,
            CredentialStatus::Revoked => Self::Revoked,
            CredentialStatus::Expired => Self::Expired,
            CredentialStatus::Valid => match (expires_at, rotation_due) {
                (Some(at), _) if at <= now => Self::Expired,
                (Some(at), _) if at <= soon => Self::Ends { at },
                (_, Some(at)) if at <= soon => Self::Due { at },
                _ => Self::Fine,
            },
        }
    }

    /// Whether what depends on it can't be done now.
    pub fn blocks(self) -> bool {
        matches!(self, Self::Unproven | Self::Revoked | Self::Expired)
    }
}

/// What depends on a credential.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Dependants {
    /// Components whose design is read with it.
    pub components: Vec<String>,
    /// Live design files that are fetched with it.
    pub design_files: Vec<String>,
    /// Schedules that sync or scan such files.
    pub schedules: Vec<String>,
    /// Channels that send with it.
    pub channels: Vec<String>,
    /// What its vendor makes possible.
    pub features: Vec<String>,
}

/// A credential's condition, and what that means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Impact {
    /// How it is.
    pub condition: Condition,
    /// Whether `dependants` are blocked now.
    pub blocked: bool,
    /// What is blocked, or will be.
    pub dependants: Dependants,
}

impl Impact {
    /// Of a credential in that condition.
    pub fn new(condition: Condition, dependants: Dependants) -> Self {
        Self { condition, blocked: condition.blocks(), dependants }
    }

    /// `figma expires in 9 days: 14 components, the schedule nightly-sync, 2 channels`.
    pub fn sentence(&self, name: &str, now: DateTime<Utc>) -> String {
        let state = match self.condition {
            Condition::Fine => "is valid".to_owned(),
            Condition::Due { at } => format!("should be rotated {}", ahead(at, now)),
            Condition::Ends { at } => format!("expires {}", ahead(at, now)),
            Condition::Unproven => "was never validated".to_owned(),
            Condition::Revoked => "is revoked".to_owned(),
            Condition::Expired => "is expired".to_owned(),
        };
        let Dependants { components, design_files, schedules, channels, .. } = &self.dependants;
        let parts: Vec<String> = [
            ("component", components),
            ("live design file", design_files),
            ("schedule", schedules),
            ("channel", channels),
        ]
        .into_iter()
        .filter_map(|(what, names)| match &names[..] {
            [] => None,
            [only] => Some(format!("the {what} {only}")),
            several => Some(format!("{} {what}s", several.len())),
        })
        .collect();
        match &parts[..] {
            [] => format!("{name} {state}: nothing depends on it"),
            parts => format!("{name} {state}: {}", parts.join(", ")),
        }
    }
}

/// `in 9 days`, `tomorrow`, `now`.
fn ahead(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let left = at - now;
    match left.num_days() {
        _ if left <= TimeDelta::zero() => "now".to_owned(),
        0 => format!("in {} h", left.num_hours().max(1)),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600, 0).unwrap() + TimeDelta::days(day)
    }

    #[test]
    fn a_condition_is_of_status_and_time() {
        use CredentialStatus::{Expired, Pending, Revoked, Valid};
        for (status, due, end, expected, blocks) in [
            (Valid, None, None, Condition::Fine, false),
            (Valid, Some(15), None, Condition::Fine, false),
            (Valid, Some(14), None, Condition::Due { at: day(14) }, false),
            (Valid, Some(-3), None, Condition::Due { at: day(-3) }, false),
            (Valid, Some(9), Some(9), Condition::Ends { at: day(9) }, false),
            (Valid, Some(0), Some(0), Condition::Expired, true),
            (Pending, None, None, Condition::Unproven, true),
            (Revoked, Some(90), None, Condition::Revoked, true),
            (Expired, None, Some(90), Condition::Expired, true),
        ] {
            let found = Condition::of(status, due.map(day), end.map(day), day(0));
            assert_eq!((found, found.blocks()), (expected, blocks), "{status} {due:?} {end:?}");
        }
    }

    #[test]
    fn an_impact_is_told_in_a_sentence() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let dependants = Dependants {
            components: (0..14).map(|n| format!("C{n}")).collect(),
            schedules: names(&["nightly-sync"]),
            channels: names(&["design", "releases"]),
            ..Dependants::default()
        };
        let told = |condition, dependants: &Dependants| {
            Impact::new(condition, dependants.clone()).sentence("figma", day(0))
        };
        let ends = |days| Condition::Ends { at: day(days) };
        insta::assert_snapshot!(
            [
                told(ends(9), &dependants),
                told(ends(1), &dependants),
                told(Condition::Ends { at: day(0) + TimeDelta::hours(5) }, &Dependants::default()),
                told(Condition::Due { at: day(-1) }, &dependants),
                told(Condition::Revoked, &dependants),
            ]
            .join("\n"),
            @r"
        figma expires in 9 days: 14 components, the schedule nightly-sync, 2 channels
        figma expires in 1 day: 14 components, the schedule nightly-sync, 2 channels
        figma expires in 5 h: nothing depends on it
        figma should be rotated now: 14 components, the schedule nightly-sync, 2 channels
        figma is revoked: 14 components, the schedule nightly-sync, 2 channels
        "
        );
    }
}
