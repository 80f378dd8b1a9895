//! What people decided about differences: ignored, or accepted as they stand.

use chrono::NaiveDate;
use lockstep_core::drift::{Acceptance, Accepted, Change};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::workspace::config::{Config, NameGlob, covers};

/// The decisions about one component. They can be kept beside it, for who has no `lockstep.toml` at hand.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Decisions {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ignores: Vec<Ignore>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accepted: Vec<Accepted>,
}

/// An `[[ignore]]` rule that is about a component.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Ignore {
    path: NameGlob,
    reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<NaiveDate>,
}

/// The drift of one component, after what people decided.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Decided {
    /// What alarms.
    pub reported: Vec<Change>,
    /// What an `[[ignore]]` covers.
    pub ignored: Vec<SetAside>,
    /// What an `[[accepted]]` entry covers.
    pub accepted: Vec<SetAside>,
    /// Decisions that no longer cover what they were about, and why.
    pub lapsed: Vec<String>,
}

/// A change that does not alarm, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SetAside {
    /// The change.
    pub change: Change,
    /// The reason that a person gave.
    pub reason: String,
    /// The last day on which that holds, for an ignore that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<NaiveDate>,
}

impl Decided {
    /// Every change, whatever was decided.
    pub fn all(&self) -> impl Iterator<Item = &Change> {
        let aside = self.ignored.iter().chain(&self.accepted).map(|aside| &aside.change);
        self.reported.iter().chain(aside)
    }
}

impl Decisions {
    /// What a workspace's configuration says about a component.
    pub(crate) fn of(config: &Config, component: &str) -> Self {
        let ignores = config.ignores.iter().filter(|rule| rule.component.matches(component));
        let accepted = config.accepted.iter().filter(|entry| entry.component == component);
        Self {
            ignores: ignores
                .map(|rule| Ignore {
                    path: rule.path.clone(),
                    reason: rule.reason.clone(),
                    expires: rule.expires,
                })
                .collect(),
            accepted: accepted
                .map(|entry| Accepted {
                    path: entry.path.clone(),
                    code: entry.code.clone(),
                    design: entry.design.clone(),
                    reason: entry.reason.clone(),
                })
                .collect(),
        }
    }

    /// Sorts the component's changes by what was decided about them, as it holds on a day.
    pub(crate) fn decide(&self, changes: Vec<Change>, today: NaiveDate) -> Decided {
        let mut decided = Decided::default();
        for change in changes {
            if let Some(aside) = self.ignored(&change, today, &mut decided.lapsed) {
                decided.ignored.push(aside);
            } else if let Some(aside) = self.accepted(&change, &mut decided.lapsed) {
                decided.accepted.push(aside);
            } else {
                decided.reported.push(change);
            }
        }
        decided
    }

    fn ignored(&self, change: &Change, today: NaiveDate, lapsed: &mut Vec<String>) -> Option<SetAside> {
        let has_expired = |rule: &Ignore| rule.expires.is_some_and(|last| last < today);
        let mut rules = self.ignores.iter().filter(|rule| covers(&rule.path, &change.path));
        let rule = rules.find(|rule| {
            if let (true, Some(last)) = (has_expired(rule), rule.expires) {
                lapsed.push(format!("{}: the ignore (\"{}\") ended on {last}", change.path, rule.reason));
            }
            !has_expired(rule)
        })?;
        Some(SetAside { change: change.clone(), reason: rule.reason.clone(), expires: rule.expires })
    }

    fn accepted(&self, change: &Change, lapsed: &mut Vec<String>) -> Option<SetAside> {
        for entry in &self.accepted {
            match entry.covers(change) {
                Acceptance::Holds => {
                    let reason = entry.reason.clone();
                    return Some(SetAside { change: change.clone(), reason, expires: None });
                }
                Acceptance::Outdated => {
                    lapsed.push(format!(
                        "{}: it was accepted (\"{}\"), but has changed since",
                        change.path, entry.reason
                    ));
                }
                Acceptance::Unrelated => {}
            }
        }
        None
    }
}
