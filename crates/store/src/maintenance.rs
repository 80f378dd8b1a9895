//! What is tidied up, nightly and on demand: in batches, each a transaction of its own that the caller commits, so that a
//! run can be cut off and resumed at any point, and two machines can run it at once.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    coverage,
    drift_queue::{self, QueueEntry},
    error::Result,
    snapshots,
    transaction::Tx,
    value::values,
};

/// How many rows a batch removes at most. A batch that removed fewer was the last one.
pub const MAINTENANCE_BATCH: usize = 500;

/// How old a coverage report gets before it is archived.
pub const COVERAGE_AGE: TimeDelta = TimeDelta::days(30);

pub use lockstep_core::queue::DRIFT_ATTEMPTS;

/// Removes undo entries that expired without having been undone.
///
/// # Errors
/// When the database fails.
pub async fn remove_expired_undo_entries(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    let sql = format!(
        "DELETE FROM undo_stack_entries WHERE id IN (
             SELECT id FROM undo_stack_entries WHERE undone_at IS NULL AND expiration < $1
             ORDER BY expiration LIMIT $2 {})",
        tx.backend().skip_locked()
    );
    tx.execute(sql, values![now, batch_limit()]).await
}

/// Moves coverage reports that were last found over 30 days ago to the archive.
///
/// # Errors
/// When the database fails.
pub async fn archive_coverage(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    coverage::archive(tx, now - COVERAGE_AGE, now, MAINTENANCE_BATCH).await
}

/// Removes drift-queue entries that were tried too often; gives them, so that an event can tell of them.
///
/// # Errors
/// When the database fails.
pub async fn remove_hopeless_drift(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<QueueEntry>> {
    drift_queue::remove_hopeless(tx, DRIFT_ATTEMPTS, now, MAINTENANCE_BATCH).await
}

/// Removes snapshots that nothing refers to any more.
///
/// # Errors
/// When the database fails.
pub async fn remove_unreferenced_snapshots(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    snapshots::remove_unreferenced(tx, now, MAINTENANCE_BATCH).await
}

fn batch_limit() -> i64 {
    i64::try_from(MAINTENANCE_BATCH).unwrap_or(i64::MAX)
}
