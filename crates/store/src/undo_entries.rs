//! `undo_stack_entries`: what takes a component of an operation back, and again.

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ComponentId, OperationId, UndoEntryId, UserId},
    step::Machine as _,
    undo::{UNDO_OPERATIONS, UndoState},
};

use crate::{
    bulk,
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::{Kind, values},
};

record! {
    /// An undo entry: one component of one operation.
    UndoEntry in "undo_stack_entries" {
        /// Its id.
        id: UndoEntryId;
        /// The operation.
        sync_operation_id: OperationId;
        /// The snapshot of the state before.
        pre_state_hash: String;
        /// The snapshot of the state after.
        post_state_hash: String;
        /// Until when it can be undone.
        expiration: DateTime<Utc>;
        /// When it was made.
        created_at: DateTime<Utc>;
        /// When it was undone, while it is.
        undone_at: Option<DateTime<Utc>>;
        /// The component.
        component_id: ComponentId;
        /// Its place in the order of application.
        position: i64;
        /// Who undid it, while it is undone.
        undone_by: Option<UserId>;
        /// Whether it was undone by a merge with later changes.
        undone_merged: bool;
        /// When it was last redone.
        redone_at: Option<DateTime<Utc>>;
        /// Who last redid it.
        redone_by: Option<UserId>;
    }
}

impl UndoEntry {
    /// Its state at a time.
    pub fn state(&self, now: DateTime<Utc>) -> UndoState {
        UndoState::at(now, self.expiration, self.undone_at)
    }
}

const WHAT: &str = "undo entry";

/// Adds an entry.
///
/// # Errors
/// When the operation or component does not exist or has its entry already, or the database fails.
pub async fn insert(tx: &mut Tx, entry: UndoEntry) -> Result<()> {
    tx.execute(UndoEntry::insert_into(), entry.into_values()).await.map(drop)
}

/// The entries of an operation, in the order in which they were applied.
///
/// # Errors
/// When the database fails.
pub async fn of_operation(tx: &mut ReadTx, operation: OperationId) -> Result<Vec<UndoEntry>> {
    let sql = format!("{} WHERE sync_operation_id = $1 ORDER BY position, id", UndoEntry::select());
    tx.fetch(sql, values![operation]).await?.iter().map(UndoEntry::read).collect()
}

/// The entry of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: UndoEntryId) -> Result<UndoEntry> {
    let sql = format!("{} WHERE id = $1", UndoEntry::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    UndoEntry::read(&row.ok_or_else(|| Error::not_found(WHAT, id))?)
}

/// The operations that were applied to an entry's component after it and stand, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn standing_above(tx: &mut ReadTx, entry: &UndoEntry) -> Result<Vec<OperationId>> {
    let sql = "SELECT sync_operation_id FROM undo_stack_entries
               WHERE component_id = $1 AND created_at > $2 AND id <> $3 AND undone_at IS NULL
               ORDER BY created_at DESC, id DESC";
    let rows = tx.fetch(sql, values![entry.component_id, entry.created_at, entry.id]).await?;
    rows.iter().map(|row| row.get("sync_operation_id")).collect()
}

/// The newest operations that have entries, newest first: those that can be undone at all.
///
/// # Errors
/// When the database fails.
pub async fn window(tx: &mut ReadTx) -> Result<Vec<OperationId>> {
    let limit = i64::try_from(UNDO_OPERATIONS).unwrap_or(i64::MAX);
    let sql = r#"SELECT id FROM sync_operations AS operation
                 WHERE EXISTS (SELECT 1 FROM undo_stack_entries WHERE sync_operation_id = operation.id)
                 ORDER BY "timestamp" DESC, id DESC LIMIT $1"#;
    tx.fetch(sql, values![limit]).await?.iter().map(|row| row.get("id")).collect()
}

/// Who marks an entry, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: DateTime<Utc>,
}

/// How an entry was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undoing {
    /// Exactly the state before came back.
    Exact,
    /// Later changes were kept by a merge.
    Merged,
}

/// Marks entries as undone, if they still can be.
///
/// # Errors
/// When one is undone or expired; when another process was faster ([`Error::Lost`]); when there is no such entry, or the
/// database fails.
pub async fn mark_undone(tx: &mut Tx, ids: &[UndoEntryId], mark: Mark, how: Undoing) -> Result<()> {
    for entry in those(tx, ids).await? {
        entry.state(mark.at).step(UndoState::Undone)?;
    }
    let sql = "UPDATE undo_stack_entries SET undone_at = batch.at, undone_by = batch.by_whom, undone_merged = batch.merged
               FROM batch WHERE id = batch.entry AND undone_at IS NULL AND expiration >= batch.at";
    run(tx, ids, mark, how, UndoState::Created, sql).await
}

/// Marks entries as redone: they can be undone again.
///
/// # Errors
/// When one is not undone or is too old; when another process was faster ([`Error::Lost`]); when there is no such entry, or
/// the database fails.
pub async fn mark_redone(tx: &mut Tx, ids: &[UndoEntryId], mark: Mark) -> Result<()> {
    for entry in those(tx, ids).await? {
        let state = if entry.expiration < mark.at { UndoState::Expired } else { entry.state(mark.at) };
        state.step(UndoState::Created)?;
    }
    let sql = "UPDATE undo_stack_entries
               SET undone_at = NULL, undone_by = NULL, undone_merged = batch.merged, redone_at = batch.at,
                   redone_by = batch.by_whom
               FROM batch WHERE id = batch.entry AND undone_at IS NOT NULL AND expiration >= batch.at";
    run(tx, ids, mark, Undoing::Exact, UndoState::Undone, sql).await
}

/// The entries of those ids, all of them.
async fn those(tx: &mut ReadTx, ids: &[UndoEntryId]) -> Result<Vec<UndoEntry>> {
    let rows = bulk::fetch_of(tx, &UndoEntry::select(), "id", ids).await?;
    let found = rows.iter().map(UndoEntry::read).collect::<Result<Vec<_>>>()?;
    match ids.iter().find(|id| !found.iter().any(|entry| entry.id == **id)) {
        Some(missing) if found.len() < ids.len() => Err(Error::not_found(WHAT, *missing)),
        _ => Ok(found),
    }
}

/// Runs a statement that marks each entry, and tells of one that another process marked before.
async fn run(
    tx: &mut Tx,
    ids: &[UndoEntryId],
    mark: Mark,
    how: Undoing,
    expected: UndoState,
    sql: &str,
) -> Result<()> {
    let columns =
        [("entry", Kind::Uuid), ("at", Kind::Time), ("by_whom", Kind::Uuid), ("merged", Kind::Bool)];
    let rows = ids.iter().map(|id| values![*id, mark.at, mark.by, how == Undoing::Merged]).collect();
    if bulk::run(tx, &columns, rows, sql).await? == ids.len() as u64 {
        return Ok(());
    }
    let entries = those(tx, ids).await?;
    let marked = |entry: &&UndoEntry| match expected {
        UndoState::Undone => (entry.redone_at, entry.redone_by) == (Some(mark.at), Some(mark.by)),
        _ => (entry.undone_at, entry.undone_by) == (Some(mark.at), Some(mark.by)),
    };
    match entries.iter().find(|entry| !marked(entry)).or(entries.first()) {
        None => Ok(()),
        Some(lost) => Err(Error::Lost {
            what: WHAT,
            which: lost.id.to_string(),
            expected: expected.to_string(),
            found: lost.state(mark.at).to_string(),
        }),
    }
}
