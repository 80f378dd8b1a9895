//! The digest: what happened between two moments, and what needs somebody now.

mod told;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    contract::ContractPath,
    credential::CredentialStatus,
    ids::{OperationId, SessionId},
    operation::OperationStatus,
};

pub(super) use told::example;

/// How many of each kind a digest names; the counts are always whole.
pub const NAMED: usize = 10;

/// What happened from one moment until before another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Digest {
    /// From when.
    pub since: DateTime<Utc>,
    /// Until before when.
    pub until: DateTime<Utc>,
    /// On whose clock times are told: a zone of the IANA database.
    pub zone: String,
    /// The schedule that it is of; none when a person asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Where people find the hub, without a slash at its end; without one nothing links to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<String>,
    /// The syncs that began in it.
    pub syncs: SyncsSummed,
    /// What drifted, what no longer does, and what still does.
    pub drift: DriftSummed,
    /// How coverage moved.
    pub coverage: CoverageSummed,
    /// The credentials that are due before long, that are overdue, and that have expired in it; those due first stand first.
    pub credentials: Vec<CredentialDue>,
    /// The stories that failed when they were last opened in it.
    pub sessions: SessionsSummed,
}

/// Syncs, counted by how they ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SyncsSummed {
    /// Every component was applied.
    pub completed: usize,
    /// Some components were applied.
    pub partial: usize,
    /// Nothing was applied.
    pub failed: usize,
    /// Not ended yet.
    pub unfinished: usize,
    /// The newest of them.
    pub newest: Vec<SyncSummed>,
}

/// One sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SyncSummed {
    /// The operation.
    pub operation: OperationId,
    /// When it began.
    pub at: DateTime<Utc>,
    /// Who asked for it.
    pub by: String,
    /// How it ended.
    pub status: OperationStatus,
    /// How many components it was about.
    pub components: usize,
    /// Some of their names.
    pub names: Vec<String>,
}

/// Drift, as far as it alarms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DriftSummed {
    /// First seen in the time, whether or not it is still there.
    pub opened: Drifted,
    /// Seen no more, or set aside by a person.
    pub closed: Drifted,
    /// There at the end.
    pub open: Drifted,
    /// What is there for longest.
    pub oldest: Option<OldestDrift>,
}

/// Some drift.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Drifted {
    /// How many changes.
    pub changes: usize,
    /// Of how many components.
    pub components: usize,
    /// Some of their names.
    pub names: Vec<String>,
}

/// The change that is there for longest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OldestDrift {
    /// The component.
    pub component: String,
    /// Where in its contract.
    pub path: ContractPath,
    /// When it was first seen.
    pub since: DateTime<Utc>,
}

/// How coverage moved, in percent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageSummed {
    /// Of all components together as the time began, if it was known.
    pub before: Option<f64>,
    /// As it ended.
    pub after: Option<f64>,
    /// How many components are covered more than before.
    pub up: usize,
    /// How many are covered less.
    pub down: usize,
    /// Those that moved furthest: down first.
    pub moved: Vec<CoverageMove>,
}

/// How the coverage of one component moved, in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageMove {
    /// The component.
    pub component: String,
    /// As the time began.
    pub before: f64,
    /// As it ended.
    pub after: f64,
}

/// A credential that needs somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CredentialDue {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub vendor: String,
    /// Its state.
    pub status: CredentialStatus,
    /// When it ends or should be rotated.
    pub due: Option<DateTime<Utc>>,
}

/// Stories that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionsSummed {
    /// How many.
    pub failed: usize,
    /// The newest of them.
    pub newest: Vec<SessionFailed>,
}

/// A story that failed when it was last opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionFailed {
    /// The session.
    pub session: SessionId,
    /// The story, as Storybook calls it.
    pub story: String,
    /// Why.
    pub reason: Option<String>,
}

impl SyncsSummed {
    fn count(&self) -> usize {
        self.completed + self.partial + self.failed + self.unfinished
    }
}

impl Digest {
    /// Whether nothing happened and nothing needs anybody: drift that was there before is no news.
    pub fn is_empty(&self) -> bool {
        self.syncs.count() == 0
            && self.drift.opened.changes == 0
            && self.drift.closed.changes == 0
            && self.coverage.up + self.coverage.down == 0
            && self.credentials.is_empty()
            && self.sessions.failed == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest() -> Digest {
        serde_json::from_value(example()).unwrap()
    }

    #[test]
    fn each_thing_that_happened_makes_it_not_empty() {
        let none = Digest {
            syncs: SyncsSummed::default(),
            drift: DriftSummed::default(),
            coverage: CoverageSummed::default(),
            credentials: Vec::new(),
            sessions: SessionsSummed::default(),
            ..digest()
        };
        assert!(none.is_empty());
        let opened = DriftSummed { opened: digest().drift.opened, ..Default::default() };
        let closed = DriftSummed { closed: digest().drift.closed, ..Default::default() };
        for (what, one) in [
            ("syncs", Digest { syncs: digest().syncs, ..none.clone() }),
            ("opened", Digest { drift: opened, ..none.clone() }),
            ("closed", Digest { drift: closed, ..none.clone() }),
            ("coverage", Digest { coverage: digest().coverage, ..none.clone() }),
            ("credentials", Digest { credentials: digest().credentials, ..none.clone() }),
            ("sessions", Digest { sessions: digest().sessions, ..none.clone() }),
        ] {
            assert!(!one.is_empty(), "{what}");
        }
    }
}
