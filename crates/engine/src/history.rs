//! What was done, and what became of it since.

use chrono::{DateTime, Utc};
use lockstep_core::{
    direction::Direction,
    ids::{ComponentId, OperationId},
    operation::OperationStatus,
    plan::DirectionModes,
    undo::{Outcome, UndoAction, UndoState},
};
use lockstep_store::{ReadTx, Store, components, operations, undo_entries, undo_events, users};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    apply::{ComponentResult, report_of},
    context::Engine,
    error::EngineError,
};

/// One operation, as history tells it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PastOperation {
    /// Its id.
    pub id: OperationId,
    /// When.
    pub timestamp: DateTime<Utc>,
    /// Who.
    pub initiated_by: String,
    /// Its status.
    pub status: OperationStatus,
    /// The directions of its components, without repeats.
    pub directions: Vec<Direction>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Until when it can be undone.
    pub reversible_until: DateTime<Utc>,
    /// Whether it is among the newest operations, which alone can be undone.
    pub in_window: bool,
    /// Counts and details of what was planned.
    pub diff_summary: serde_json::Value,
    /// Its components.
    pub components: Vec<PastComponent>,
    /// Every undo, redo and refused attempt, oldest first.
    pub events: Vec<PastEvent>,
}

/// One component of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PastComponent {
    /// What became of it.
    #[serde(flatten)]
    pub result: ComponentResult,
    /// The state of its undo entry, when it was applied.
    pub undo: Option<UndoState>,
}

/// An undo, a redo or an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PastEvent {
    /// The component.
    pub component: Option<String>,
    /// What was asked for.
    pub action: UndoAction,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether later changes were kept by a merge.
    pub merged: bool,
    /// Who.
    pub actor: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Why it was refused.
    pub reason: Option<String>,
}

impl Engine {
    /// The newest operations, newest first.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn history(&self, limit: usize) -> Result<Vec<PastOperation>, EngineError> {
        page(&self.store, None, limit, self.now()).await
    }

    /// One operation, by the beginning of its id.
    ///
    /// # Errors
    /// When there is none or more than one, or the registry fails.
    pub async fn past_operation(&self, prefix: &str) -> Result<PastOperation, EngineError> {
        one(&self.store, prefix, self.now()).await
    }
}

/// At most so many operations, newest first, from the newest or before one of them.
///
/// # Errors
/// When that one is not there, or the registry fails.
pub async fn page(
    store: &Store,
    before: Option<OperationId>,
    limit: usize,
    now: DateTime<Utc>,
) -> Result<Vec<PastOperation>, EngineError> {
    let mut tx = store.read().await?;
    let window = undo_entries::window(&mut tx).await?;
    let cursor = match before {
        Some(id) => {
            let last = operations::get(&mut tx, id).await?;
            Some(operations::Cursor { timestamp: last.timestamp, id })
        }
        None => None,
    };
    let mut found = Vec::new();
    for operation in operations::list(&mut tx, cursor, limit).await? {
        found.push(past(&mut tx, operation, &window, now).await?);
    }
    Ok(found)
}

/// One operation, by the beginning of its id.
///
/// # Errors
/// When there is none or more than one, or the registry fails.
pub async fn one(store: &Store, prefix: &str, now: DateTime<Utc>) -> Result<PastOperation, EngineError> {
    let mut tx = store.read().await?;
    let window = undo_entries::window(&mut tx).await?;
    let operation = operations::by_prefix(&mut tx, prefix).await?;
    past(&mut tx, operation, &window, now).await
}

async fn past(
    tx: &mut ReadTx,
    operation: operations::Operation,
    window: &[OperationId],
    now: DateTime<Utc>,
) -> Result<PastOperation, EngineError> {
    let entries = undo_entries::of_operation(tx, operation.id).await?;
    let undo =
        |id: ComponentId| entries.iter().find(|entry| entry.component_id == id).map(|entry| entry.state(now));
    let components = report_of(&operation)?.components;
    let components =
        components.into_iter().map(|result| PastComponent { undo: undo(result.id), result }).collect();
    let modes: DirectionModes = serde_json::from_value(operation.direction_modes)?;
    let mut directions: Vec<Direction> = modes.values().map(|selection| selection.direction).collect();
    directions.sort();
    directions.dedup();
    let mut events = Vec::new();
    for event in undo_events::of_operation(tx, operation.id).await? {
        let component = match event.component_id {
            Some(id) => Some(components::get(tx, id).await?.name),
            None => None,
        };
        let actor = match event.actor {
            Some(id) => Some(users::get(tx, id).await?.name),
            None => None,
        };
        events.push(PastEvent {
            component,
            action: event.action,
            outcome: event.outcome,
            merged: event.merged,
            actor,
            at: event.at,
            reason: event.reason,
        });
    }
    Ok(PastOperation {
        id: operation.id,
        timestamp: operation.timestamp,
        initiated_by: users::get(tx, operation.initiated_by).await?.name,
        status: operation.status,
        directions,
        duration_ms: operation.duration_ms,
        reversible_until: operation.reversible_until,
        in_window: window.contains(&operation.id),
        diff_summary: operation.diff_summary,
        components,
        events,
    })
}
