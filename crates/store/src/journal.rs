//! `sync_journal`: what was about to be written when a process died, and who is writing which component.

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ComponentId, JournalId, OperationId},
    registry::{JournalKind, JournalPhase},
    step::Machine as _,
};
use serde_json::Value as Json;

use crate::{
    bulk::{self, Column},
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::{Kind, values},
};

record! {
    /// One write of one component.
    JournalEntry in "sync_journal" {
        /// Its id.
        id: JournalId;
        /// The operation it belongs to.
        sync_operation_id: Option<OperationId>;
        /// The component; while the entry is unfinished, no other write of it can begin.
        component_id: ComponentId;
        /// Sync, undo or redo.
        kind: JournalKind;
        /// How far it is.
        phase: JournalPhase;
        /// The snapshot of the state before.
        pre_snapshot: String;
        /// The snapshot of the state after.
        post_snapshot: Option<String>;
        /// What else recovery needs to know.
        detail: Json;
        /// Who is writing: host, process and its start time.
        process: String;
        /// When it began.
        started_at: DateTime<Utc>;
        /// When it was committed or rolled back.
        finished_at: Option<DateTime<Utc>>;
    }
}

const WHAT: &str = "journal entry";

const COLUMNS: [Column; 11] = [
    ("id", Kind::Uuid),
    ("sync_operation_id", Kind::Uuid),
    ("component_id", Kind::Uuid),
    ("kind", Kind::Enum("journal_kind")),
    ("phase", Kind::Enum("journal_phase")),
    ("pre_snapshot", Kind::Text),
    ("post_snapshot", Kind::Text),
    ("detail", Kind::Json),
    ("process", Kind::Text),
    ("started_at", Kind::Time),
    ("finished_at", Kind::Time),
];

/// Begins a write: the entry, whose phase is `intent` whatever it says, holds the component until it is finished.
///
/// # Errors
/// [`Error::Locked`] when another unfinished write holds the component; when the operation or component does not exist,
/// or the database fails.
pub async fn begin(tx: &mut Tx, entry: JournalEntry) -> Result<()> {
    let entry = JournalEntry { phase: JournalPhase::Intent, finished_at: None, ..entry };
    let component = entry.component_id;
    let sql = format!(
        "{} ON CONFLICT (component_id) WHERE finished_at IS NULL DO NOTHING",
        JournalEntry::insert_into()
    );
    // A holder that is gone when it is looked up has just finished: then there is room for another try.
    for _ in 0..3 {
        if tx.execute(sql.clone(), entry.clone().into_values()).await? > 0 {
            return Ok(());
        }
        if let Some(holder) = holder(tx, component).await? {
            return Err(Error::Locked { component, by: holder.process, kind: holder.kind.as_str() });
        }
    }
    Err(Error::Locked { component, by: "one that keeps changing".to_owned(), kind: entry.kind.as_str() })
}

/// Begins several writes: all of them, or none where the caller lets the transaction go.
///
/// # Errors
/// As [`begin`].
pub async fn begin_all(tx: &mut Tx, entries: Vec<JournalEntry>) -> Result<()> {
    let names = COLUMNS.map(|(name, _)| name).join(", ");
    let sql = format!(
        "INSERT INTO sync_journal ({names}) SELECT {names} FROM batch WHERE true
         ON CONFLICT (component_id) WHERE finished_at IS NULL DO NOTHING"
    );
    let begun = entries
        .iter()
        .cloned()
        .map(|entry| JournalEntry { phase: JournalPhase::Intent, finished_at: None, ..entry }.into_values());
    let begun = bulk::run(tx, &COLUMNS, begun.collect(), &sql).await?;
    if begun == entries.len() as u64 {
        return Ok(());
    }
    for entry in entries {
        let sql = "SELECT id FROM sync_journal WHERE id = $1";
        if tx.fetch_one(sql, values![entry.id]).await?.is_none() {
            begin(tx, entry).await?;
        }
    }
    Ok(())
}

/// The unfinished write that holds a component.
///
/// # Errors
/// When the database fails.
pub async fn holder(tx: &mut ReadTx, component: ComponentId) -> Result<Option<JournalEntry>> {
    let sql = format!("{} WHERE component_id = $1 AND finished_at IS NULL", JournalEntry::select());
    tx.fetch_one(sql, values![component]).await?.as_ref().map(JournalEntry::read).transpose()
}

/// Takes a step, if the entry still is in the phase `from`. With `committed` and `rolled_back` the entry is finished and
/// the component free again.
///
/// # Errors
/// When the step is not allowed; when another process took one before ([`Error::Lost`]); when there is no such entry, or
/// the database fails.
pub async fn advance(
    tx: &mut Tx,
    id: JournalId,
    from: JournalPhase,
    to: JournalPhase,
    at: DateTime<Utc>,
) -> Result<()> {
    let to = from.step(to)?;
    let sql = "UPDATE sync_journal SET phase = $3, finished_at = $4
               WHERE id = $1 AND phase = $2 AND finished_at IS NULL";
    if tx.execute(sql, values![id, from, to, to.is_final().then_some(at)]).await? > 0 {
        return Ok(());
    }
    let found = get(tx, id).await?.phase;
    Err(Error::Lost {
        what: WHAT,
        which: id.to_string(),
        expected: from.to_string(),
        found: found.to_string(),
    })
}

/// Takes the same step with several entries.
///
/// # Errors
/// As [`advance`], where one of them can't take it.
pub async fn advance_all(
    tx: &mut Tx,
    ids: &[JournalId],
    from: JournalPhase,
    to: JournalPhase,
    at: DateTime<Utc>,
) -> Result<()> {
    let to = from.step(to)?;
    let finished = to.is_final().then_some(at);
    let rows = ids.iter().map(|id| values![*id, from, to, finished]).collect();
    let columns = [
        ("entry", Kind::Uuid),
        ("was", Kind::Enum("journal_phase")),
        ("becomes", Kind::Enum("journal_phase")),
        ("ended", Kind::Time),
    ];
    let sql = "UPDATE sync_journal SET phase = batch.becomes, finished_at = batch.ended FROM batch
               WHERE id = batch.entry AND phase = batch.was AND finished_at IS NULL";
    if bulk::run(tx, &columns, rows, sql).await? == ids.len() as u64 {
        return Ok(());
    }
    for id in ids {
        let found = get(tx, *id).await?;
        if found.phase != to || found.finished_at != finished {
            return Err(Error::Lost {
                what: WHAT,
                which: id.to_string(),
                expected: from.to_string(),
                found: found.phase.to_string(),
            });
        }
    }
    Ok(())
}

/// Notes the snapshots of the states after the writes.
///
/// # Errors
/// When one is of no unfinished entry, or the database fails.
pub async fn set_post_snapshots(tx: &mut Tx, posts: &[(JournalId, &str)]) -> Result<()> {
    let rows = posts.iter().map(|(id, hash)| values![*id, *hash]).collect();
    let sql = "UPDATE sync_journal SET post_snapshot = batch.hash FROM batch
               WHERE id = batch.entry AND finished_at IS NULL";
    let noted = bulk::run(tx, &[("entry", Kind::Uuid), ("hash", Kind::Text)], rows, sql).await?;
    match posts.first() {
        Some((id, _)) if noted < posts.len() as u64 => Err(Error::not_found(WHAT, *id)),
        _ => Ok(()),
    }
}

/// Takes over an unfinished entry of a process that died, so that of two recoveries one goes on.
///
/// # Errors
/// When another process took it over before ([`Error::Lost`]), or the database fails.
pub async fn take_over(tx: &mut Tx, id: JournalId, from_process: &str, to_process: &str) -> Result<()> {
    let sql = "UPDATE sync_journal SET process = $3 WHERE id = $1 AND process = $2 AND finished_at IS NULL";
    if tx.execute(sql, values![id, from_process, to_process]).await? > 0 {
        return Ok(());
    }
    let found = get(tx, id).await?;
    Err(Error::Lost {
        what: WHAT,
        which: id.to_string(),
        expected: from_process.to_owned(),
        found: found.process,
    })
}

/// The entry of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: JournalId) -> Result<JournalEntry> {
    let sql = format!("{} WHERE id = $1", JournalEntry::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    JournalEntry::read(&row.ok_or_else(|| Error::not_found(WHAT, id))?)
}

/// The unfinished entries, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn unfinished(tx: &mut ReadTx) -> Result<Vec<JournalEntry>> {
    let sql = format!("{} WHERE finished_at IS NULL ORDER BY started_at, id", JournalEntry::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(JournalEntry::read).collect()
}

/// The entries of an operation, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_operation(tx: &mut ReadTx, operation: OperationId) -> Result<Vec<JournalEntry>> {
    let sql = format!("{} WHERE sync_operation_id = $1 ORDER BY started_at, id", JournalEntry::select());
    tx.fetch(sql, values![operation]).await?.iter().map(JournalEntry::read).collect()
}

/// The writes that were committed at a time or later, in the order in which they ended.
///
/// # Errors
/// When the database fails.
pub async fn committed_since(tx: &mut ReadTx, since: DateTime<Utc>) -> Result<Vec<JournalEntry>> {
    let sql = format!(
        "{} WHERE phase = 'committed' AND finished_at >= $1 ORDER BY finished_at, id",
        JournalEntry::select()
    );
    tx.fetch(sql, values![since]).await?.iter().map(JournalEntry::read).collect()
}
