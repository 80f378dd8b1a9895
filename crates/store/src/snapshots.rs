//! `state_snapshots`: whole states by the hash of their content, compressed.

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::contract::sha256_hex;

use crate::{
    error::{Error, Result},
    transaction::{ReadTx, Tx},
    value::values,
};

/// How long a snapshot that nothing refers to is kept: whoever has just put it may be about to refer to it.
const GRACE: TimeDelta = TimeDelta::hours(1);

const LEVEL: i32 = 3;

/// Keeps a content; gives its hash. One that is kept already is not written again.
///
/// # Errors
/// When it is over 2 GB, or the database fails.
pub async fn put(tx: &mut Tx, content: &[u8], at: DateTime<Utc>) -> Result<String> {
    let hash = sha256_hex(content);
    // Touching it holds off a clean-up on another machine until this transaction ends, and for a while after.
    let touched = tx
        .execute(
            "UPDATE state_snapshots SET touched_at = $2 WHERE hash = $1 AND touched_at < $2",
            values![&hash, at],
        )
        .await?;
    if touched > 0 {
        return Ok(hash);
    }
    let damaged = |why: String| Error::DamagedSnapshot { hash: hash.clone(), why };
    let size = i32::try_from(content.len()).map_err(|_| damaged("it is over 2 GB".to_owned()))?;
    let compressed = zstd::bulk::compress(content, LEVEL).map_err(|error| damaged(error.to_string()))?;
    tx.execute(
        "INSERT INTO state_snapshots (hash, content, size, created_at, touched_at) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (hash) DO UPDATE SET touched_at = CASE WHEN state_snapshots.touched_at < excluded.touched_at
             THEN excluded.touched_at ELSE state_snapshots.touched_at END",
        values![&hash, compressed, size, at],
    )
    .await?;
    Ok(hash)
}

/// The content of that hash.
///
/// # Errors
/// When there is none, when what is kept does not have that hash, or the database fails.
pub async fn get(tx: &mut ReadTx, hash: &str) -> Result<Vec<u8>> {
    let row = tx
        .fetch_one("SELECT content, size FROM state_snapshots WHERE hash = $1", values![hash])
        .await?
        .ok_or_else(|| Error::not_found("snapshot", hash))?;
    let damaged = |why: String| Error::DamagedSnapshot { hash: hash.to_owned(), why };
    let size = usize::try_from(row.get::<i64>("size")?).map_err(|error| damaged(error.to_string()))?;
    let content = zstd::bulk::decompress(&row.get::<Vec<u8>>("content")?, size)
        .map_err(|error| damaged(error.to_string()))?;
    if sha256_hex(&content) != hash {
        return Err(damaged("its content has another hash".to_owned()));
    }
    Ok(content)
}

/// Removes at most `limit` snapshots that no entry within its undo window and no unfinished write refers to; gives how
/// many. Fewer than `limit` means that none is left.
///
/// # Errors
/// When the database fails.
pub async fn remove_unreferenced(tx: &mut Tx, now: DateTime<Utc>, limit: usize) -> Result<u64> {
    let sql = format!(
        "DELETE FROM state_snapshots WHERE hash IN (
             SELECT hash FROM state_snapshots AS snapshot
             WHERE touched_at < $2
               AND NOT EXISTS (SELECT 1 FROM undo_stack_entries
                               WHERE pre_state_hash = snapshot.hash AND expiration >= $1)
               AND NOT EXISTS (SELECT 1 FROM undo_stack_entries
                               WHERE post_state_hash = snapshot.hash AND expiration >= $1)
               AND NOT EXISTS (SELECT 1 FROM sync_journal WHERE finished_at IS NULL
                               AND (pre_snapshot = snapshot.hash OR post_snapshot = snapshot.hash))
             ORDER BY touched_at LIMIT $3 {})",
        tx.backend().skip_locked()
    );
    tx.execute(sql, values![now, now - GRACE, i64::try_from(limit).unwrap_or(i64::MAX)]).await
}
