//! What people decided about differences: ignored, or accepted as they stand.

use chrono::NaiveDate;
use lockstep_core::drift::{Acceptance, Accepted, Change};
use serde::Serialize;

use crate::workspace::config::Config;

/// The decisions of a workspace, as they hold on a day.
pub(crate) struct Decisions<'a> {
    config: &'a Config,
    today: NaiveDate,
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetAside {
    /// The change.
    pub change: Change,
    /// The reason that a person gave.
    pub reason: String,
    /// The last day on which that holds, for an ignore that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<NaiveDate>,
}

impl Decided {
    /// Every change, whatever was decided.
    pub fn all(&self) -> impl Iterator<Item = &Change> {
        let aside = self.ignored.iter().chain(&self.accepted).map(|aside| &aside.change);
        self.reported.iter().chain(aside)
    }
}

impl<'a> Decisions<'a> {
    pub(crate) fn of(config: &'a Config, today: NaiveDate) -> Self {
        Self { config, today }
    }

    /// Sorts the changes of one component by what was decided about them.
    pub(crate) fn decide(&self, component: &str, changes: Vec<Change>) -> Decided {
        let mut decided = Decided::default();
        for change in changes {
            if let Some(aside) = self.ignored(component, &change, &mut decided.lapsed) {
                decided.ignored.push(aside);
            } else if let Some(aside) = self.accepted(component, &change, &mut decided.lapsed) {
                decided.accepted.push(aside);
            } else {
                decided.reported.push(change);
            }
        }
        decided
    }

    fn ignored(&self, component: &str, change: &Change, lapsed: &mut Vec<String>) -> Option<SetAside> {
        let mut rules = self.config.ignores.iter().filter(|rule| rule.covers(component, &change.path));
        let rule = rules.find(|rule| {
            if let (true, Some(last)) = (rule.has_expired(self.today), rule.expires) {
                lapsed.push(format!("{}: the ignore (\"{}\") ended on {last}", change.path, rule.reason));
            }
            !rule.has_expired(self.today)
        })?;
        Some(SetAside { change: change.clone(), reason: rule.reason.clone(), expires: rule.expires })
    }

    fn accepted(&self, component: &str, change: &Change, lapsed: &mut Vec<String>) -> Option<SetAside> {
        for entry in self.config.accepted.iter().filter(|entry| entry.component == component) {
            let accepted = Accepted {
                path: entry.path.clone(),
                code: entry.code.clone(),
                design: entry.design.clone(),
                reason: entry.reason.clone(),
            };
            match accepted.covers(change) {
                Acceptance::Holds => {
                    return Some(SetAside { change: change.clone(), reason: accepted.reason, expires: None });
                }
                Acceptance::Outdated => {
                    lapsed.push(format!(
                        "{}: it was accepted (\"{}\"), but has changed since",
                        change.path, accepted.reason
                    ));
                }
                Acceptance::Unrelated => {}
            }
        }
        None
    }
}
