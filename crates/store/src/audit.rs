//! `audit_log`: every act and every refused attempt, chained by hashes.

use chrono::{DateTime, SubsecRound as _, Utc};
use lockstep_core::{
    audit::{AuditEntry, ChainedEntry, GENESIS, Tampering, Verifier},
    ids::{AuditId, CorrelationId, UserId},
    undo::Outcome,
};
use serde_json::Value as Json;

use crate::{
    error::Result,
    row::Row,
    transaction::{ReadTx, Serialised, Tx},
    value::values,
};

/// What is to be written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// The entry's id.
    pub id: AuditId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, when known.
    pub actor: Option<UserId>,
    /// The actor's name at that time.
    pub actor_name: String,
    /// What: `sync`, `undo`, `credential.rotate`.
    pub action: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How many components it was about.
    pub component_count: i64,
    /// What it belongs to.
    pub correlation_id: Option<CorrelationId>,
    /// The particulars, without secrets.
    pub detail: Json,
}

const COLUMNS: &str = "seq, id, at, actor, actor_name, action, outcome, component_count, correlation_id, detail, \
                       previous_hash, entry_hash";

/// Appends an entry, chained to the last one. Until this transaction ends no other one can append: do it last.
///
/// # Errors
/// When `detail` has no exact canonical form, the actor does not exist, or the database fails.
pub async fn append(tx: &mut Tx, act: Act) -> Result<ChainedEntry> {
    tx.serialise(Serialised::Audit).await?;
    let last =
        tx.fetch_one("SELECT seq, entry_hash FROM audit_log ORDER BY seq DESC LIMIT 1", Vec::new()).await?;
    let (seq, previous_hash) = match last {
        Some(row) => (row.get::<i64>("seq")? + 1, row.get("entry_hash")?),
        None => (1, GENESIS.to_owned()),
    };
    let entry = AuditEntry {
        seq,
        id: act.id,
        at: act.at.trunc_subsecs(6),
        actor: act.actor,
        actor_name: act.actor_name,
        action: act.action,
        outcome: act.outcome,
        component_count: act.component_count,
        correlation_id: act.correlation_id,
        detail: act.detail,
    };
    let entry_hash = entry.hash(&previous_hash)?;
    let link = ChainedEntry { entry, previous_hash, entry_hash };
    let entry = &link.entry;
    tx.execute(
        format!(
            "INSERT INTO audit_log ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        values![
            entry.seq,
            entry.id,
            entry.at,
            entry.actor,
            &entry.actor_name,
            &entry.action,
            entry.outcome,
            entry.component_count,
            entry.correlation_id,
            &entry.detail,
            &link.previous_hash,
            &link.entry_hash,
        ],
    )
    .await?;
    Ok(link)
}

fn read(row: &Row) -> Result<ChainedEntry> {
    Ok(ChainedEntry {
        entry: AuditEntry {
            seq: row.get("seq")?,
            id: row.get("id")?,
            at: row.get("at")?,
            actor: row.get("actor")?,
            actor_name: row.get("actor_name")?,
            action: row.get("action")?,
            outcome: row.get("outcome")?,
            component_count: row.get("component_count")?,
            correlation_id: row.get("correlation_id")?,
            detail: row.get("detail")?,
        },
        previous_hash: row.get("previous_hash")?,
        entry_hash: row.get("entry_hash")?,
    })
}

/// At most `limit` entries, newest first, from the newest or before a place.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx, before: Option<i64>, limit: usize) -> Result<Vec<ChainedEntry>> {
    let sql = format!("SELECT {COLUMNS} FROM audit_log WHERE seq < $1 ORDER BY seq DESC LIMIT $2");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.fetch(sql, values![before.unwrap_or(i64::MAX), limit]).await?.iter().map(read).collect()
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How many entries hold, from the first on.
    pub verified: i64,
    /// The hash of the last entry that holds.
    pub head: String,
    /// The first that does not.
    pub tampering: Option<Tampering>,
}

/// Walks the whole log, a thousand entries at a time.
///
/// # Errors
/// When the database fails. Tampering is no error: it is what is looked for.
pub async fn verify(tx: &mut ReadTx) -> Result<Verification> {
    let sql = format!("SELECT {COLUMNS} FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT 1000");
    let mut verifier = Verifier::default();
    let mut last = i64::MIN;
    let mut tampering = None;
    while tampering.is_none() {
        let rows = tx.fetch(sql.clone(), values![last]).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let link = read(row)?;
            last = link.entry.seq;
            tampering = verifier.take(&link).err();
            if tampering.is_some() {
                break;
            }
        }
    }
    Ok(Verification { verified: verifier.verified(), head: verifier.head().to_owned(), tampering })
}
