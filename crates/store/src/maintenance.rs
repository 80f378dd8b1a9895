//! What is tidied up, nightly and on demand: in batches, each a transaction of its own, so that a run can be cut off and
//! resumed at any point and nobody waits long for one.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Store,
    drift_queue::{self, QueueEntry},
    error::{Error, Result},
    leases::{self, Lease},
    transaction::Tx,
    value::values,
};

pub use crate::{coverage::archive as archive_coverage, snapshots::remove_unreferenced};

/// How old a coverage report gets before it is archived.
pub const COVERAGE_AGE: TimeDelta = TimeDelta::days(30);

pub use lockstep_core::queue::DRIFT_ATTEMPTS;

/// For how long a run holds its lease without a sign of life.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// The name of the lease that a run holds.
pub const LEASE_NAME: &str = "maintenance";

/// How long a batch shall take: others wait for no longer than one.
const AIM: Duration = Duration::from_millis(10);
/// Between two batches. SQLite lets those who wait try again every 25 ms in their first 130 ms, so that each of them finds
/// the database free once between two batches.
const PAUSE: Duration = Duration::from_millis(30);
const FIRST: usize = 100;
const LEAST: usize = 10;
const MOST: usize = 2_000;

/// What a batch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// How many rows it removed or moved.
    pub done: u64,
    /// How many it looked at: fewer than it might have means that none is left.
    pub seen: usize,
}

/// Runs a step again and again, each time in a transaction that holds the lease, with the number of rows it may look at,
/// until nothing is left; gives how many rows were done. That number follows how long the last batch took.
///
/// # Errors
/// Those of the step; when the lease was lost ([`Error::Lost`]), or the database fails. The batches before that stay done.
pub async fn in_batches<E: From<Error>>(
    store: &Store,
    lease: &Lease,
    now: impl Fn() -> DateTime<Utc>,
    mut step: impl AsyncFnMut(&mut Tx, usize) -> Result<Batch, E>,
) -> Result<u64, E> {
    let (mut limit, mut done) = (FIRST, 0);
    loop {
        let mut tx = store.begin().await?;
        let began = Instant::now();
        leases::extend(&mut tx, lease, now() + LEASE).await?;
        let batch = step(&mut tx, limit).await?;
        tx.commit().await?;
        done += batch.done;
        if batch.seen < limit {
            return Ok(done);
        }
        limit = next_limit(limit, began.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
}

fn next_limit(limit: usize, took: Duration) -> usize {
    let wanted = u128::try_from(limit).unwrap_or(u128::MAX) * AIM.as_micros() / took.as_micros().max(1);
    usize::try_from(wanted).unwrap_or(MOST).clamp(limit / 4, limit * 2).clamp(LEAST, MOST)
}

/// Removes at most `limit` undo entries that expired without having been undone, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn remove_expired_undo_entries(tx: &mut Tx, now: DateTime<Utc>, limit: usize) -> Result<Batch> {
    // Materialised: asked anew for each row, PostgreSQL would skip what it has locked itself and go on beyond the limit.
    let sql = format!(
        "WITH picked AS MATERIALIZED (
             SELECT id FROM undo_stack_entries WHERE undone_at IS NULL AND expiration < $1
             ORDER BY expiration LIMIT $2 {})
         DELETE FROM undo_stack_entries WHERE id IN (SELECT id FROM picked)",
        tx.backend().skip_locked()
    );
    let done = tx.execute(sql, values![now, i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
    Ok(Batch::of(done))
}

/// Removes at most `limit` drift-queue entries that were tried too often; gives them, so that an event can tell of them.
///
/// # Errors
/// When the database fails.
pub async fn remove_hopeless_drift(tx: &mut Tx, now: DateTime<Utc>, limit: usize) -> Result<Vec<QueueEntry>> {
    drift_queue::remove_hopeless(tx, DRIFT_ATTEMPTS, now, limit).await
}

impl Batch {
    /// A batch that did something with every row that it looked at.
    pub fn of(done: u64) -> Self {
        Self { done, seen: usize::try_from(done).unwrap_or(usize::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_shrinks_when_the_one_before_took_long_and_never_to_nothing() {
        let after = |limit, ms| next_limit(limit, Duration::from_millis(ms));
        assert_eq!((after(100, 0), after(100, 8), after(100, 10)), (200, 125, 100));
        assert_eq!((after(100, 20), after(100, 9_000), after(20, 9_000)), (50, 25, LEAST));
        assert_eq!(after(MOST, 1), MOST);
    }
}
