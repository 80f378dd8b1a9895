//! `state_snapshots`: whole states by the hash of their content, compressed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::contract::sha256_hex;

use crate::{
    bulk::{self, BATCH, places},
    error::{Error, Result},
    maintenance::Batch,
    transaction::{ReadTx, Tx},
    value::{Kind, values},
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
    put_all(tx, &BTreeMap::from([(hash.as_str(), content)]), at).await?;
    Ok(hash)
}

/// Keeps contents, each under its SHA-256.
///
/// # Errors
/// As [`put`].
pub async fn put_all(tx: &mut Tx, contents: &BTreeMap<&str, &[u8]>, at: DateTime<Utc>) -> Result<()> {
    let hashes: Vec<&str> = contents.keys().copied().collect();
    let mut kept = BTreeSet::new();
    for chunk in hashes.chunks(BATCH) {
        let sql = format!(
            "SELECT hash FROM state_snapshots WHERE hash IN ({}) ORDER BY hash {}",
            places(chunk.len()),
            tx.backend().for_update()
        );
        for row in tx.fetch(sql, chunk.iter().map(|hash| (*hash).into()).collect()).await? {
            kept.insert(row.get::<String>("hash")?);
        }
    }
    // Touching them holds off a clean-up on another machine until this transaction ends, and for a while after.
    let touched = kept.iter().map(|hash| values![hash, at]).collect();
    bulk::run(
        tx,
        &[("hash", Kind::Text), ("at", Kind::Time)],
        touched,
        "UPDATE state_snapshots SET touched_at = batch.at
         FROM batch WHERE state_snapshots.hash = batch.hash AND touched_at < batch.at",
    )
    .await?;
    for (hash, content) in contents.iter().filter(|(hash, _)| !kept.contains(**hash)) {
        let damaged = |why: String| Error::DamagedSnapshot { hash: (*hash).to_owned(), why };
        let size = i32::try_from(content.len()).map_err(|_| damaged("it is over 2 GB".to_owned()))?;
        let compressed = zstd::bulk::compress(content, LEVEL).map_err(|error| damaged(error.to_string()))?;
        tx.execute(
            "INSERT INTO state_snapshots (hash, content, size, created_at, touched_at)
             VALUES ($1, $2, $3, $4, $4)
             ON CONFLICT (hash) DO UPDATE SET touched_at = CASE WHEN state_snapshots.touched_at < excluded.touched_at
                 THEN excluded.touched_at ELSE state_snapshots.touched_at END",
            values![*hash, compressed, size, at],
        )
        .await?;
    }
    Ok(())
}

/// The content of that hash.
///
/// # Errors
/// When there is none, when what is kept does not have that hash, or the database fails.
pub async fn get(tx: &mut ReadTx, hash: &str) -> Result<Vec<u8>> {
    Ok(get_all(tx, &[hash]).await?.remove(hash).unwrap_or_default())
}

/// The contents of those hashes.
///
/// # Errors
/// When one of them is not kept, what is kept does not have its hash, or the database fails.
pub async fn get_all(tx: &mut ReadTx, hashes: &[&str]) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut contents = BTreeMap::new();
    for chunk in hashes.chunks(BATCH) {
        let sql = format!(
            "SELECT hash, content, size FROM state_snapshots WHERE hash IN ({})",
            places(chunk.len())
        );
        for row in tx.fetch(sql, chunk.iter().map(|hash| (*hash).into()).collect()).await? {
            let hash: String = row.get("hash")?;
            let content = unpacked(&hash, &row.get::<Vec<u8>>("content")?, row.get("size")?)?;
            contents.insert(hash, content);
        }
    }
    match hashes.iter().find(|hash| !contents.contains_key(**hash)) {
        Some(missing) => Err(Error::not_found("snapshot", *missing)),
        None => Ok(contents),
    }
}

fn unpacked(hash: &str, content: &[u8], size: i64) -> Result<Vec<u8>> {
    let damaged = |why: String| Error::DamagedSnapshot { hash: hash.to_owned(), why };
    let size = usize::try_from(size).map_err(|error| damaged(error.to_string()))?;
    let content = zstd::bulk::decompress(content, size).map_err(|error| damaged(error.to_string()))?;
    if sha256_hex(&content) != hash {
        return Err(damaged("its content has another hash".to_owned()));
    }
    Ok(content)
}

/// How far a sweep over the snapshots has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    touched_at: DateTime<Utc>,
    hash: String,
}

impl Default for Sweep {
    fn default() -> Self {
        Self { touched_at: DateTime::UNIX_EPOCH, hash: String::new() }
    }
}

/// Looks at the next `limit` snapshots, oldest first, and removes those that no entry within its undo window and no
/// unfinished write refers to. What a batch left standing is not looked at again in the same sweep.
///
/// # Errors
/// When the database fails.
pub async fn remove_unreferenced(
    tx: &mut Tx,
    sweep: &mut Sweep,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<Batch> {
    let sql = format!(
        "SELECT hash, touched_at FROM state_snapshots WHERE touched_at < $1 AND (touched_at, hash) > ($2, $3)
         ORDER BY touched_at, hash LIMIT $4 {}",
        tx.backend().skip_locked()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx.fetch(sql, values![now - GRACE, sweep.touched_at, &sweep.hash, limit]).await?;
    let hashes: Vec<String> = rows.iter().map(|row| row.get("hash")).collect::<Result<_>>()?;
    if let (Some(row), Some(hash)) = (rows.last(), hashes.last()) {
        *sweep = Sweep { touched_at: row.get("touched_at")?, hash: hash.clone() };
    }
    let seen = hashes.len();
    let rows = hashes.into_iter().map(|hash| values![hash, now]).collect();
    let done = bulk::run(
        tx,
        &[("hash", Kind::Text), ("now", Kind::Time)],
        rows,
        "DELETE FROM state_snapshots WHERE hash IN (
             SELECT hash FROM batch
             WHERE NOT EXISTS (SELECT 1 FROM undo_stack_entries
                               WHERE pre_state_hash = batch.hash AND expiration >= batch.now)
               AND NOT EXISTS (SELECT 1 FROM undo_stack_entries
                               WHERE post_state_hash = batch.hash AND expiration >= batch.now)
               AND NOT EXISTS (SELECT 1 FROM sync_journal WHERE finished_at IS NULL
                               AND (pre_snapshot = batch.hash OR post_snapshot = batch.hash)))",
    )
    .await?;
    Ok(Batch { done, seen })
}
