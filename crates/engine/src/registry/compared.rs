//! The comparison of one component: from its two sides, its baseline and what people decided, and from nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use lockstep_core::{
    baseline::Baseline,
    contract::ContractPath,
    drift::{Change, Severity, detect},
    mapping::Comparison,
    merge::Moved,
    registry::MappingStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::decisions::{Decided, Decisions};

/// The comparison of one linked component.
#[derive(Debug)]
pub struct Compared {
    /// The two contracts, made comparable.
    pub comparison: Arc<Comparison>,
    /// The drift, after what people decided to ignore or accept.
    pub drift: Decided,
    /// When each change was first seen.
    pub since: BTreeMap<ContractPath, DateTime<Utc>>,
    /// What people decided.
    pub(crate) decisions: Decisions,
}

impl Compared {
    /// Judges what differs; `seen` is what the last report had.
    pub(crate) fn of(
        comparison: Arc<Comparison>,
        baseline: Option<&Baseline>,
        decisions: Decisions,
        seen: &[SeenChange],
        at: DateTime<Utc>,
    ) -> Self {
        let changes = detect(&comparison, baseline);
        let drift = decisions.decide(changes, at.date_naive());
        let since = drift.all().map(|change| (change.path.clone(), first_seen(seen, change, at))).collect();
        Self { comparison, drift, since, decisions }
    }

    /// Its changes, with when each was first seen.
    pub(crate) fn seen(&self) -> Vec<SeenChange> {
        let alarming: BTreeSet<&ContractPath> =
            self.drift.reported.iter().map(|change| &change.path).collect();
        let seen = |change: &Change| SeenChange {
            path: change.path.clone(),
            code: change.code.clone(),
            design: change.design.clone(),
            since: self.since.get(&change.path).copied().unwrap_or_default(),
            moved: Some(change.moved),
            severity: Some(change.severity),
            aside: !alarming.contains(&change.path),
        };
        self.drift.all().map(seen).collect()
    }

    /// How the component stands to its design component.
    pub(crate) fn status(&self) -> MappingStatus {
        match self.drift.reported.is_empty() {
            true => MappingStatus::Mapped,
            false => MappingStatus::Drift,
        }
    }

    /// What both sides agree on from now on: all of it, where they agree wholly. A component whose every difference
    /// people accepted or ignored gets its first baseline too, so that from then on it can be said who moved.
    pub(crate) fn agreement(&self, has_baseline: bool) -> Option<Baseline> {
        Baseline::of_agreement(&self.comparison).or_else(|| {
            let adopted = !has_baseline && self.drift.reported.is_empty();
            adopted.then(|| Baseline::first(&self.comparison))
        })
    }

    /// How many of its alarms were first seen at a time or later.
    pub(crate) fn new_since(&self, at: DateTime<Utc>) -> usize {
        let is_new = |change: &&Change| self.since.get(&change.path).is_some_and(|seen| *seen >= at);
        self.drift.reported.iter().filter(is_new).count()
    }
}

/// A change as the last report had it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SeenChange {
    pub(crate) path: ContractPath,
    pub(crate) code: Value,
    pub(crate) design: Value,
    pub(crate) since: DateTime<Utc>,
    /// Who moved; absent where an older version wrote it. This and the next are for who counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) moved: Option<Moved>,
    /// How much it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) severity: Option<Severity>,
    /// Whether people set it aside: it alarms nobody. The table of what closed reads this, too.
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) aside: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_not(flag: &bool) -> bool {
    !flag
}

fn first_seen(seen: &[SeenChange], change: &Change, now: DateTime<Utc>) -> DateTime<Utc> {
    seen.iter()
        .find(|seen| seen.path == change.path && seen.code == change.code && seen.design == change.design)
        .map_or(now, |seen| seen.since)
}
