//! `sync_operations`: plans that were confirmed and executed.

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{CorrelationId, OperationId, UserId},
    operation::OperationStatus,
    step::Machine as _,
};
use serde_json::Value as Json;

use crate::{
    error::{Error, Result},
    row::{one_of_prefix, record},
    transaction::{ReadTx, Tx},
    value::{Value, values},
};

record! {
    /// A sync operation.
    Operation in "sync_operations" {
        /// Its id.
        id: OperationId;
        /// Who.
        initiated_by: UserId;
        /// When.
        timestamp: DateTime<Utc>;
        /// The ids of the components.
        components_affected: Json;
        /// Per component: direction, exclusions, conflict choices.
        direction_modes: Json;
        /// Counts and details.
        diff_summary: Json;
        /// Until when it can be undone.
        reversible_until: DateTime<Utc>;
        /// The idempotency key.
        operation_hash: String;
        /// How far it is.
        status: OperationStatus;
        /// How long it took.
        duration_ms: Option<i64>;
        /// Per component: its state, and why.
        reason: Json;
        /// What runs through everything that belongs to it.
        correlation_id: Option<CorrelationId>;
    }
}

const WHAT: &str = "sync operation";

/// Whether an operation was recorded, or one with its hash was there already.
#[derive(Debug, Clone, PartialEq)]
pub enum Inserted {
    /// It is recorded.
    New(Operation),
    /// This one has the same hash; nothing was written.
    Existing(Operation),
}

/// Records an operation, unless one with the same `operation_hash` exists. Of two processes that do so at once, one
/// inserts and the other gets what was inserted.
///
/// # Errors
/// When the user does not exist, or the database fails.
pub async fn insert_or_get(tx: &mut Tx, operation: Operation) -> Result<Inserted> {
    let hash = operation.operation_hash.clone();
    let sql = format!("{} ON CONFLICT (operation_hash) DO NOTHING", Operation::insert_into());
    let inserted = tx.execute(sql, operation.into_values()).await?;
    let stored = by_hash(tx, &hash).await?.ok_or_else(|| Error::not_found(WHAT, hash))?;
    Ok(if inserted > 0 { Inserted::New(stored) } else { Inserted::Existing(stored) })
}

/// Takes a step of the state machine, if the operation still is in the state `from`.
///
/// # Errors
/// When the step is not allowed; when another process took one before ([`Error::Lost`]); when there is no such
/// operation, or the database fails.
pub async fn transition(
    tx: &mut Tx,
    id: OperationId,
    from: OperationStatus,
    to: OperationStatus,
) -> Result<()> {
    let to = from.step(to)?;
    let sql = "UPDATE sync_operations SET status = $3 WHERE id = $1 AND status = $2";
    if tx.execute(sql, values![id, from, to]).await? > 0 {
        return Ok(());
    }
    let found = get(tx, id).await?.status;
    Err(Error::Lost {
        what: WHAT,
        which: id.to_string(),
        expected: from.to_string(),
        found: found.to_string(),
    })
}

/// Writes what came of an operation, beside its status.
///
/// # Errors
/// When there is no such operation, or the database fails.
pub async fn set_result(
    tx: &mut Tx,
    id: OperationId,
    diff_summary: Json,
    reason: Json,
    duration_ms: Option<i64>,
) -> Result<()> {
    let sql = "UPDATE sync_operations SET diff_summary = $2, reason = $3, duration_ms = $4 WHERE id = $1";
    match tx.execute(sql, values![id, diff_summary, reason, duration_ms]).await? {
        0 => Err(Error::not_found(WHAT, id)),
        _ => Ok(()),
    }
}

/// A place in the list of operations: what comes after it is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cursor {
    /// The time of the last operation seen.
    pub timestamp: DateTime<Utc>,
    /// Its id, for those of the same time.
    pub id: OperationId,
}

impl From<&Operation> for Cursor {
    fn from(operation: &Operation) -> Self {
        Self { timestamp: operation.timestamp, id: operation.id }
    }
}

/// At most `limit` operations, newest first, from the newest or after a place.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx, after: Option<Cursor>, limit: usize) -> Result<Vec<Operation>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let order = r#"ORDER BY "timestamp" DESC, id DESC LIMIT $1"#;
    let (sql, values) = match after {
        None => (format!("{} {order}", Operation::select()), values![limit]),
        Some(cursor) => (
            format!(r#"{} WHERE ("timestamp", id) < ($2, $3) {order}"#, Operation::select()),
            values![limit, cursor.timestamp, cursor.id],
        ),
    };
    tx.fetch(sql, values).await?.iter().map(Operation::read).collect()
}

/// How many operations began from one moment until before another, by how they stand.
///
/// # Errors
/// When the database fails.
pub async fn counts_between(
    tx: &mut ReadTx,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<(OperationStatus, i64)>> {
    let sql = r#"SELECT status, count(*) AS times FROM sync_operations
                 WHERE "timestamp" >= $1 AND "timestamp" < $2 GROUP BY status"#;
    let rows = tx.fetch(sql, values![since, until]).await?;
    rows.iter().map(|row| Ok((row.get("status")?, row.get("times")?))).collect()
}

/// At most `limit` operations that began from one moment until before another, newest first.
///
/// # Errors
/// When the database fails.
pub async fn between(
    tx: &mut ReadTx,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<Operation>> {
    let sql = format!(
        r#"{} WHERE "timestamp" >= $1 AND "timestamp" < $2 ORDER BY "timestamp" DESC, id DESC LIMIT $3"#,
        Operation::select()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.fetch(sql, values![since, until, limit]).await?.iter().map(Operation::read).collect()
}

/// The operations that have not ended.
///
/// # Errors
/// When the database fails.
pub async fn unfinished(tx: &mut ReadTx) -> Result<Vec<Operation>> {
    let sql =
        format!(r#"{} WHERE status IN ('pending', 'running') ORDER BY "timestamp", id"#, Operation::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(Operation::read).collect()
}

/// The operation of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: OperationId) -> Result<Operation> {
    one(tx, "id = $1", values![id]).await?.ok_or_else(|| Error::not_found(WHAT, id))
}

/// The operation of that idempotency key.
///
/// # Errors
/// When the database fails.
pub async fn by_hash(tx: &mut ReadTx, operation_hash: &str) -> Result<Option<Operation>> {
    one(tx, "operation_hash = $1", values![operation_hash]).await
}

/// The one operation whose id begins so.
///
/// # Errors
/// When there is none or more than one, or the database fails.
pub async fn by_prefix(tx: &mut ReadTx, prefix: &str) -> Result<Operation> {
    let sql = format!(
        r#"{} WHERE CAST(id AS text) LIKE $1 ORDER BY "timestamp" DESC LIMIT 2"#,
        Operation::select()
    );
    Operation::read(&one_of_prefix(tx, WHAT, sql, prefix).await?)
}

async fn one(tx: &mut ReadTx, condition: &str, values: Vec<Value>) -> Result<Option<Operation>> {
    let sql = format!("{} WHERE {condition}", Operation::select());
    tx.fetch_one(sql, values).await?.as_ref().map(Operation::read).transpose()
}
