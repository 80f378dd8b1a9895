//! `undo_events`: every undo, redo and refused attempt; rows are only ever added.

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ComponentId, CorrelationId, OperationId, UndoEventId, UserId},
    undo::{Outcome, UndoAction},
};

use crate::{
    bulk::{self, Column},
    error::Result,
    row::record,
    transaction::{ReadTx, Tx},
    value::{Kind, values},
};

record! {
    /// An undo, a redo or an attempt at one.
    UndoEvent in "undo_events" {
        /// Its id.
        id: UndoEventId;
        /// The operation.
        sync_operation_id: OperationId;
        /// The component; none when it is about the operation as a whole.
        component_id: Option<ComponentId>;
        /// What was asked for.
        action: UndoAction;
        /// How it ended.
        outcome: Outcome;
        /// Whether later changes were kept by a merge.
        merged: bool;
        /// Who.
        actor: Option<UserId>;
        /// When.
        at: DateTime<Utc>;
        /// Why it was refused or failed.
        reason: Option<String>;
        /// What it belongs to.
        correlation_id: Option<CorrelationId>;
    }
}

const COLUMNS: [Column; 10] = [
    ("id", Kind::Uuid),
    ("sync_operation_id", Kind::Uuid),
    ("component_id", Kind::Uuid),
    ("action", Kind::Enum("undo_action")),
    ("outcome", Kind::Enum("outcome")),
    ("merged", Kind::Bool),
    ("actor", Kind::Uuid),
    ("at", Kind::Time),
    ("reason", Kind::Text),
    ("correlation_id", Kind::Uuid),
];

/// Adds events.
///
/// # Errors
/// When an operation, component or user does not exist, or the database fails.
pub async fn append(tx: &mut Tx, events: Vec<UndoEvent>) -> Result<()> {
    let names = COLUMNS.map(|(name, _)| format!("\"{name}\"")).join(", ");
    let sql = format!("INSERT INTO undo_events ({names}) SELECT {names} FROM batch");
    let rows = events.into_iter().map(UndoEvent::into_values).collect();
    bulk::run(tx, &COLUMNS, rows, &sql).await.map(drop)
}

/// The events of an operation, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_operation(tx: &mut ReadTx, operation: OperationId) -> Result<Vec<UndoEvent>> {
    let sql = format!("{} WHERE sync_operation_id = $1 ORDER BY at, id", UndoEvent::select());
    tx.fetch(sql, values![operation]).await?.iter().map(UndoEvent::read).collect()
}
