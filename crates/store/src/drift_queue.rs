//! `drift_queue`: components whose drift is to be looked at again, each at most once.

use chrono::{DateTime, Utc};
use lockstep_core::ids::{ComponentId, QueueEntryId};

use crate::{
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// A component that waits.
    QueueEntry in "drift_queue" {
        /// Its id.
        id: QueueEntryId;
        /// The component.
        component_id: ComponentId;
        /// Since when it waits.
        queued_at: DateTime<Utc>;
        /// How often it was begun.
        attempt_count: i64;
        /// When it was last begun.
        last_attempt_at: Option<DateTime<Utc>>;
        /// Who is at it.
        leased_by: Option<String>;
        /// Until when it is theirs.
        leased_until: Option<DateTime<Utc>>;
        /// Why the last attempt failed.
        last_error: Option<String>;
    }
}

const WHAT: &str = "drift queue entry";

/// Queues a component; one that waits already keeps its place. One that is being looked at is queued anew, so that what
/// changed meanwhile is not missed. Whether it was not there before.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(
    tx: &mut Tx,
    id: QueueEntryId,
    component: ComponentId,
    at: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT INTO drift_queue (id, component_id, queued_at) VALUES ($1, $2, $3)
               ON CONFLICT (component_id) DO UPDATE SET queued_at = CASE
                   WHEN drift_queue.leased_by IS NULL THEN drift_queue.queued_at ELSE excluded.queued_at END
               RETURNING id";
    let row = tx.fetch_one(sql, values![id, component, at]).await?;
    let kept: QueueEntryId = row.ok_or_else(|| Error::not_found(WHAT, id))?.get("id")?;
    Ok(kept == id)
}

/// Takes at most `limit` components, longest waiting first, until `until`. What another process has taken is left to it
/// until its time is over.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    tx: &mut Tx,
    by: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<QueueEntry>> {
    let sql = format!(
        "UPDATE drift_queue SET leased_by = $1, leased_until = $3, last_attempt_at = $2,
             attempt_count = attempt_count + 1
         WHERE id IN (
             SELECT id FROM drift_queue WHERE leased_until IS NULL OR leased_until <= $2
             ORDER BY queued_at, id LIMIT $4 {})
         RETURNING {}",
        tx.backend().skip_locked(),
        QueueEntry::columns()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx.fetch(sql, values![by, now, until, limit]).await?;
    let mut entries: Vec<QueueEntry> = rows.iter().map(QueueEntry::read).collect::<Result<_>>()?;
    entries.sort_by_key(|entry| (entry.queued_at, entry.id));
    Ok(entries)
}

/// What becomes of an entry that was worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// It is out of the queue.
    Removed,
    /// The component was queued anew meanwhile: it waits again.
    Requeued,
}

/// Ends the work on a claimed entry.
///
/// # Errors
/// When another process has taken it since ([`Error::Lost`]), or the database fails.
pub async fn finish(tx: &mut Tx, entry: &QueueEntry) -> Result<Finished> {
    let by = entry.leased_by.as_deref();
    let sql = "DELETE FROM drift_queue WHERE id = $1 AND leased_by = $2 AND queued_at = $3";
    if tx.execute(sql, values![entry.id, by, entry.queued_at]).await? > 0 {
        return Ok(Finished::Removed);
    }
    let sql =
        "UPDATE drift_queue SET leased_by = NULL, leased_until = NULL, attempt_count = 0, last_error = NULL
               WHERE id = $1 AND leased_by = $2";
    match tx.execute(sql, values![entry.id, by]).await? {
        0 => Err(lost(tx, entry).await?),
        _ => Ok(Finished::Requeued),
    }
}

/// Gives a claimed entry back after a failure: it can be claimed again from a time on.
///
/// # Errors
/// When another process has taken it since ([`Error::Lost`]), or the database fails.
pub async fn fail(tx: &mut Tx, entry: &QueueEntry, error: &str, retry_at: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE drift_queue SET leased_by = NULL, leased_until = $3, last_error = $4
               WHERE id = $1 AND leased_by = $2";
    match tx.execute(sql, values![entry.id, entry.leased_by.as_deref(), retry_at, error]).await? {
        0 => Err(lost(tx, entry).await?),
        _ => Ok(()),
    }
}

async fn lost(tx: &mut ReadTx, entry: &QueueEntry) -> Result<Error> {
    let name = |by: Option<String>| by.unwrap_or_else(|| "nobody".to_owned());
    let sql = format!("{} WHERE id = $1", QueueEntry::select());
    let found = tx.fetch_one(sql, values![entry.id]).await?.as_ref().map(QueueEntry::read).transpose()?;
    Ok(match found {
        None => Error::not_found(WHAT, entry.id),
        Some(found) => Error::Lost {
            what: WHAT,
            which: entry.id.to_string(),
            expected: name(entry.leased_by.clone()),
            found: name(found.leased_by),
        },
    })
}

/// All entries, longest waiting first.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx) -> Result<Vec<QueueEntry>> {
    let rows = tx.fetch(format!("{} ORDER BY queued_at, id", QueueEntry::select()), Vec::new()).await?;
    rows.iter().map(QueueEntry::read).collect()
}

/// Removes at most `limit` entries that were tried `attempts` times or more and that nobody is at; gives them, so that an
/// event can tell of them in the same transaction.
///
/// # Errors
/// When the database fails.
pub async fn remove_hopeless(
    tx: &mut Tx,
    attempts: i64,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<QueueEntry>> {
    let sql = format!(
        "DELETE FROM drift_queue WHERE id IN (
             SELECT id FROM drift_queue
             WHERE attempt_count >= $1 AND (leased_by IS NULL OR leased_until <= $2)
             ORDER BY queued_at LIMIT $3 {})
         RETURNING {}",
        tx.backend().skip_locked(),
        QueueEntry::columns()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.fetch(sql, values![attempts, now, limit]).await?.iter().map(QueueEntry::read).collect()
}
