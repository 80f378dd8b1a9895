//! What changed in the drift between two readings.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use lockstep_core::{
    contract::ContractPath,
    drift::{Change, Severity},
    merge::Moved,
};
use serde::Serialize;

use crate::{
    context::Engine,
    error::EngineError,
    registry::{Current, Evaluation},
    workspace::{OpenError, Workspace},
};

/// One change of the drift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    /// When it was seen.
    pub at: DateTime<Utc>,
    /// The component.
    pub component: String,
    /// Where in its contract.
    pub path: ContractPath,
    /// What happened to it.
    pub what: What,
    /// Who moved away from what was agreed.
    pub moved: Moved,
    /// How much it matters.
    pub severity: Severity,
    /// Why it is, or was, drift.
    pub reason: String,
}

/// What happened to a drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was not there before.
    Appeared,
    /// It was there and is another one.
    Changed,
    /// It is there no more.
    Resolved,
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Appeared => "appeared",
            Self::Changed => "changed",
            Self::Resolved => "resolved",
        })
    }
}

impl Engine {
    /// Reads `lockstep.toml` again.
    ///
    /// # Errors
    /// When it can't be used; what it said before still holds then.
    pub fn reopen(&mut self) -> Result<(), OpenError> {
        self.workspace = Workspace::open(&self.workspace.folder)?;
        Ok(())
    }

    /// Reads both sides again and puts what changed into the drift queue.
    ///
    /// # Errors
    /// As [`Engine::refresh`], as when a file is half-written.
    pub async fn look_again(&self) -> Result<Current, EngineError> {
        self.take_in(Evaluation::Queued).await
    }
}

type Drift<'a> = BTreeMap<&'a ContractPath, &'a Change>;

/// What changed in the drift since; a component that is gone has none any more.
pub fn moves(before: &Current, now: &Current) -> Vec<Move> {
    let (then, after) = (drifts(before), drifts(now));
    let names: BTreeSet<&str> = then.keys().chain(after.keys()).copied().collect();
    let nothing = BTreeMap::new();
    let mut moves = Vec::new();
    for name in names {
        let (then, after) = (then.get(name).unwrap_or(&nothing), after.get(name).unwrap_or(&nothing));
        let paths: BTreeSet<&ContractPath> = then.keys().chain(after.keys()).copied().collect();
        for path in paths {
            let (change, what) = match (then.get(path), after.get(path)) {
                (None, Some(change)) => (*change, What::Appeared),
                (Some(old), Some(change)) if old != change => (*change, What::Changed),
                (Some(change), None) => (*change, What::Resolved),
                _ => continue,
            };
            moves.push(Move {
                at: now.compared_at,
                component: name.to_owned(),
                path: path.clone(),
                what,
                moved: change.moved,
                severity: change.severity,
                reason: change.reason.clone(),
            });
        }
    }
    moves
}

/// The drift that alarms, by component and path.
fn drifts(current: &Current) -> BTreeMap<&str, Drift<'_>> {
    let named = current.sides.components.iter().zip(&current.entries);
    named
        .filter_map(|(code, entry)| {
            let reported = &entry.compared.as_ref()?.drift.reported;
            let by_path: Drift<'_> = reported.iter().map(|change| (&change.path, change)).collect();
            (!by_path.is_empty()).then_some((code.name.as_str(), by_path))
        })
        .collect()
}
