//! `drift_queue`: components whose drift is to be evaluated, each at most once.
//!
//! An entry counts the changes that were queued for its component. A worker that has claimed it holds it by a lease of
//! its own; a change that is queued meanwhile does not disturb the worker, but the count has risen when it is done, and
//! the entry waits again. A lease that is over, or whose process died, is anybody's.
//!
//! Whoever waits for the locks of several entries takes them in the order of their components, so that none waits for
//! the other.

use chrono::{DateTime, Utc};
use lockstep_core::ids::{ComponentId, QueueEntryId};

use crate::{
    bulk::{self, BATCH, Column, places},
    error::Result,
    maintenance::DRIFT_ATTEMPTS,
    row::record,
    transaction::{ReadTx, Tx},
    value::{Kind, Value, values},
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
        /// How often it was begun since the last change.
        attempt_count: i64;
        /// When it was last begun.
        last_attempt_at: Option<DateTime<Utc>>;
        /// Who is at it.
        leased_by: Option<String>;
        /// Until when it is theirs; without an owner, when it may be tried again.
        leased_until: Option<DateTime<Utc>>;
        /// Why the last attempt failed.
        last_error: Option<String>;
        /// How many changes of the component it stands for.
        changes: i64;
    }
}

record! {
    /// An entry with the name of its component.
    NamedEntry in "drift_queue LEFT JOIN component_artifacts ON component_artifacts.id = drift_queue.component_id" {
        /// Its id.
        id: QueueEntryId = "drift_queue.id";
        /// The component.
        component_id: ComponentId;
        /// The component's name; none where there is no such component.
        name: Option<String>;
        /// Since when it waits.
        queued_at: DateTime<Utc>;
        /// How often it was begun since the last change.
        attempt_count: i64;
        /// When it was last begun.
        last_attempt_at: Option<DateTime<Utc>>;
        /// Who is at it.
        leased_by: Option<String>;
        /// Until when it is theirs; without an owner, when it may be tried again.
        leased_until: Option<DateTime<Utc>>;
        /// Why the last attempt failed.
        last_error: Option<String>;
    }
}

const ENQUEUED: [Column; 3] = [("id", Kind::Uuid), ("component_id", Kind::Uuid), ("at", Kind::Time)];

/// Queues components for a change each. One that waits already keeps its place, and is tried anew however often it
/// failed before; one that is being evaluated is evaluated again afterwards.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(
    tx: &mut Tx,
    mut components: Vec<(QueueEntryId, ComponentId)>,
    at: DateTime<Utc>,
) -> Result<()> {
    components.sort_by_key(|(_, component)| *component);
    components.dedup_by_key(|(_, component)| *component);
    let rows = components.into_iter().map(|(id, component)| values![id, component, at]).collect();
    let sql = "INSERT INTO drift_queue (id, component_id, queued_at) SELECT id, component_id, at FROM batch WHERE true
         ON CONFLICT (component_id) DO UPDATE SET
             changes = drift_queue.changes + 1,
             queued_at = CASE WHEN drift_queue.leased_by IS NULL
                 THEN drift_queue.queued_at ELSE excluded.queued_at END,
             attempt_count = CASE WHEN drift_queue.leased_by IS NULL THEN 0 ELSE drift_queue.attempt_count END,
             leased_until = CASE WHEN drift_queue.leased_by IS NULL THEN NULL ELSE drift_queue.leased_until END,
             last_error = CASE WHEN drift_queue.leased_by IS NULL THEN NULL ELSE drift_queue.last_error END";
    bulk::run(tx, &ENQUEUED, rows, sql).await.map(drop)
}

/// Takes at most `limit` components, longest waiting first, until `until`. What another process has taken is left to it
/// until its time is over; what was tried too often is left for a person to see.
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
    // Materialised, or PostgreSQL may pick anew for each row of a table that it takes to be empty, and take them all.
    let sql = format!(
        "WITH picked AS MATERIALIZED (
             SELECT id FROM drift_queue WHERE attempt_count < $5 AND (leased_until IS NULL OR leased_until <= $2)
             ORDER BY queued_at, id LIMIT $4 {})
         UPDATE drift_queue SET leased_by = $1, leased_until = $3, last_attempt_at = $2,
             attempt_count = attempt_count + 1
         WHERE id IN (SELECT id FROM picked)
         RETURNING {}",
        tx.backend().skip_locked(),
        QueueEntry::columns()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx.fetch(sql, values![by, now, until, limit, DRIFT_ATTEMPTS]).await?;
    let mut entries: Vec<QueueEntry> = rows.iter().map(QueueEntry::read).collect::<Result<_>>()?;
    entries.sort_by_key(|entry| (entry.queued_at, entry.id));
    Ok(entries)
}

/// How a claimed entry stands when the work on it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is as it was claimed: what was found may be recorded.
    Held,
    /// The component was queued anew meanwhile: what was found is old.
    Changed,
    /// It is another's by now, or out of the queue.
    Lost,
}

/// Locks claimed entries until the transaction ends, and says how each stands, in their order.
///
/// # Errors
/// When the database fails.
pub async fn hold(tx: &mut Tx, entries: &[QueueEntry]) -> Result<Vec<Standing>> {
    let mut found: Vec<QueueEntry> = Vec::new();
    let mut in_order: Vec<&QueueEntry> = entries.iter().collect();
    in_order.sort_by_key(|entry| entry.component_id);
    for chunk in in_order.chunks(BATCH) {
        let sql = format!(
            "{} WHERE id IN ({}) ORDER BY component_id {}",
            QueueEntry::select(),
            places(chunk.len()),
            tx.backend().for_update()
        );
        for row in tx.fetch(sql, chunk.iter().map(|entry| entry.id.into()).collect()).await? {
            found.push(QueueEntry::read(&row)?);
        }
    }
    found.sort_by_key(|entry| entry.id);
    let standing = |claimed: &QueueEntry| {
        let now = found.binary_search_by_key(&claimed.id, |entry| entry.id).ok().and_then(|at| found.get(at));
        match now {
            Some(now) if now.leased_by != claimed.leased_by || now.attempt_count != claimed.attempt_count => {
                Standing::Lost
            }
            Some(now) if now.changes != claimed.changes => Standing::Changed,
            Some(_) => Standing::Held,
            None => Standing::Lost,
        }
    };
    Ok(entries.iter().map(standing).collect())
}

/// Takes entries that are held out of the queue: their components are evaluated.
///
/// # Errors
/// When the database fails.
pub async fn finish(tx: &mut Tx, held: &[QueueEntryId]) -> Result<()> {
    for chunk in held.chunks(BATCH) {
        let sql = format!("DELETE FROM drift_queue WHERE id IN ({})", places(chunk.len()));
        tx.execute(sql, chunk.iter().map(|id| (*id).into()).collect()).await?;
    }
    Ok(())
}

/// Lets entries that are held wait again, as if they had not been tried: their components changed meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn requeue(tx: &mut Tx, held: &[QueueEntryId]) -> Result<()> {
    for chunk in held.chunks(BATCH) {
        let sql = format!(
            "UPDATE drift_queue SET leased_by = NULL, leased_until = NULL, attempt_count = 0, last_error = NULL
             WHERE id IN ({})",
            places(chunk.len())
        );
        tx.execute(sql, chunk.iter().map(|id| (*id).into()).collect()).await?;
    }
    Ok(())
}

/// Gives an entry that is held back after a failure: it can be claimed again from a time on.
///
/// # Errors
/// When the database fails.
pub async fn fail(tx: &mut Tx, held: QueueEntryId, error: &str, retry_at: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE drift_queue SET leased_by = NULL, leased_until = $2, last_error = $3 WHERE id = $1";
    tx.execute(sql, values![held, retry_at, error]).await.map(drop)
}

/// Makes the leases of one owner last until then.
///
/// # Errors
/// When the database fails.
pub async fn renew(tx: &mut Tx, by: &str, until: DateTime<Utc>) -> Result<()> {
    let sql = format!(
        "UPDATE drift_queue SET leased_until = $2 WHERE id IN (
             SELECT id FROM drift_queue WHERE leased_by = $1 ORDER BY component_id {})",
        tx.backend().for_update()
    );
    tx.execute(sql, values![by, until]).await.map(drop)
}

/// Who has claimed something.
///
/// # Errors
/// When the database fails.
pub async fn owners(tx: &mut ReadTx) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT leased_by FROM drift_queue WHERE leased_by IS NOT NULL ORDER BY leased_by";
    tx.fetch(sql, Vec::new()).await?.iter().map(|row| row.get("leased_by")).collect()
}

/// Takes everything from an owner that has died; gives how many entries those were. The attempts count: what kills each
/// of its workers is given up in the end.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &mut Tx, dead: &str, error: &str) -> Result<u64> {
    let sql = format!(
        "UPDATE drift_queue SET leased_by = NULL, leased_until = NULL, last_error = $2 WHERE id IN (
             SELECT id FROM drift_queue WHERE leased_by = $1 ORDER BY component_id {})",
        tx.backend().for_update()
    );
    tx.execute(sql, values![dead, error]).await
}

/// Settles what waits for components that have just been evaluated beside the queue, in the caller's transaction: it is
/// out of the queue, and who is evaluating one of them right now will do so again. Gives how many were waiting.
///
/// # Errors
/// When the database fails.
pub async fn supersede(tx: &mut Tx, evaluated: impl Fn(ComponentId) -> bool) -> Result<u64> {
    let sql = format!(
        "SELECT component_id, leased_by FROM drift_queue ORDER BY component_id {}",
        tx.backend().for_update()
    );
    let mut settled = 0;
    let (mut waiting, mut leased) = (Vec::new(), Vec::new());
    for row in tx.fetch(sql, Vec::new()).await? {
        let component: ComponentId = row.get("component_id")?;
        let owner: Option<String> = row.get("leased_by")?;
        if evaluated(component) {
            if owner.is_some() { &mut leased } else { &mut waiting }.push(component);
        }
    }
    for (sql, components) in [
        ("DELETE FROM drift_queue WHERE component_id IN", &waiting),
        ("UPDATE drift_queue SET changes = changes + 1 WHERE component_id IN", &leased),
    ] {
        for chunk in components.chunks(BATCH) {
            let sql = format!("{sql} ({})", places(chunk.len()));
            settled += tx.execute(sql, chunk.iter().map(|id| (*id).into()).collect()).await?;
        }
    }
    Ok(settled)
}

/// Lets what failed, or waits for another attempt, be tried at once: all of it, or these components. Gives how many
/// those are.
///
/// # Errors
/// When the database fails.
pub async fn retry(tx: &mut Tx, components: &[ComponentId]) -> Result<u64> {
    let (mut of, mut values): (String, Vec<Value>) = Default::default();
    if !components.is_empty() {
        of = format!("AND component_id IN ({})", places(components.len()));
        values.extend(components.iter().map(|id| Value::from(*id)));
    }
    let sql = format!(
        "UPDATE drift_queue SET attempt_count = 0, leased_until = NULL
         WHERE leased_by IS NULL AND attempt_count > 0 {of}"
    );
    tx.execute(sql, values).await
}

/// All entries, longest waiting first.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx) -> Result<Vec<QueueEntry>> {
    let rows = tx.fetch(format!("{} ORDER BY queued_at, id", QueueEntry::select()), Vec::new()).await?;
    rows.iter().map(QueueEntry::read).collect()
}

/// All entries with the names of their components, longest waiting first.
///
/// # Errors
/// When the database fails.
pub async fn named(tx: &mut ReadTx) -> Result<Vec<NamedEntry>> {
    let sql = format!("{} ORDER BY queued_at, name, drift_queue.id", NamedEntry::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(NamedEntry::read).collect()
}

/// Whether anything can be claimed now, or will be without a new change: it waits, or somebody is at it.
///
/// # Errors
/// When the database fails.
pub async fn is_drained(tx: &mut ReadTx) -> Result<bool> {
    let sql = "SELECT id FROM drift_queue WHERE attempt_count < $1 OR leased_by IS NOT NULL LIMIT 1";
    Ok(tx.fetch_one(sql, values![DRIFT_ATTEMPTS]).await?.is_none())
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
        "WITH picked AS MATERIALIZED (
             SELECT id FROM drift_queue
             WHERE attempt_count >= $1 AND (leased_by IS NULL OR leased_until <= $2)
             ORDER BY queued_at LIMIT $3 {})
         DELETE FROM drift_queue WHERE id IN (SELECT id FROM picked)
         RETURNING {}",
        tx.backend().skip_locked(),
        QueueEntry::columns()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.fetch(sql, values![attempts, now, limit]).await?.iter().map(QueueEntry::read).collect()
}
