//! `idempotency_keys`: what was answered to requests that named a key, so that the same request again is answered, and not
//! done, again.

use chrono::{DateTime, Utc};
use lockstep_core::ids::{CorrelationId, UserId};

use crate::{
    error::{Error, Result},
    row::{Row, record},
    transaction::Tx,
    value::values,
};

/// How large an answer may be that is kept, in bytes.
pub const LARGEST: usize = 64 << 20;

/// Each claim removes so many keys whose time is over.
const REMOVED_AT_ONCE: i64 = 20;

const LEVEL: i32 = 3;

record! {
    /// A request that has a key in hand.
    Claim in "idempotency_keys" {
        /// Whose key it is: others may use the same.
        user_id: UserId;
        /// The key, of 1 to 255 characters.
        key: String;
        /// The hash of all that was asked for.
        request_hash: String;
        /// The request itself, among those that ask the same.
        holder: CorrelationId;
        /// When it came.
        created_at: DateTime<Utc>;
        /// When another request may take the key, unless the claim is extended.
        until: DateTime<Utc>;
    }
}

/// What a request was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header `Location`.
    pub location: Option<String>,
    /// The body.
    pub content: Vec<u8>,
}

/// How it stands with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is claimed now: the request is to be done.
    Claimed,
    /// The same request is being done.
    InWork,
    /// The same request was answered.
    Answered(Answer),
    /// Another request has used the key.
    OtherRequest,
}

/// Claims a key, unless a request has it in hand or was answered; keys whose time is over go by the way.
///
/// # Errors
/// When the answer that is kept can't be read, or the database fails.
pub async fn claim(tx: &mut Tx, claim: Claim) -> Result<Standing> {
    remove_over(tx, claim.created_at).await?;
    let (user, key, request_hash) = (claim.user_id, claim.key.clone(), claim.request_hash.clone());
    let now = claim.created_at;
    let sql = format!(
        "{} ON CONFLICT (user_id, key) DO UPDATE SET
             request_hash = excluded.request_hash, holder = excluded.holder, created_at = excluded.created_at,
             until = excluded.until, status = NULL, location = NULL, content = NULL, size = NULL
         WHERE idempotency_keys.until <= ${}",
        Claim::insert_into(),
        claim.clone().into_values().len() + 1,
    );
    let mut values = claim.into_values();
    values.extend(values![now]);
    if tx.execute(sql, values).await? > 0 {
        return Ok(Standing::Claimed);
    }
    let sql = "SELECT request_hash, status, location, content, size FROM idempotency_keys
               WHERE user_id = $1 AND key = $2";
    let Some(row) = tx.fetch_one(sql, values![user, key]).await? else {
        // It was let go in between: whoever asks again gets it.
        return Ok(Standing::InWork);
    };
    if row.get::<String>("request_hash")? != request_hash {
        return Ok(Standing::OtherRequest);
    }
    Ok(match row.get::<Option<i64>>("status")? {
        Some(status) => Standing::Answered(answer_of(&row, status)?),
        None => Standing::InWork,
    })
}

/// Keeps a claim for longer; gives whether it still was this request's.
///
/// # Errors
/// When the database fails.
pub async fn extend(tx: &mut Tx, claim: &Claim, until: DateTime<Utc>) -> Result<bool> {
    let sql = "UPDATE idempotency_keys SET until = $4
               WHERE user_id = $1 AND key = $2 AND holder = $3 AND status IS NULL";
    Ok(tx.execute(sql, values![claim.user_id, &claim.key, claim.holder, until]).await? > 0)
}

/// Keeps what a claim's request was answered, until a time; gives whether the claim still was this request's.
///
/// # Errors
/// When the answer is larger than [`LARGEST`], or the database fails.
pub async fn answer(tx: &mut Tx, claim: &Claim, answer: &Answer, until: DateTime<Utc>) -> Result<bool> {
    if answer.content.len() > LARGEST {
        return Err(Error::unreadable("content", "the answer is too large to be kept"));
    }
    let size = i64::try_from(answer.content.len()).unwrap_or(i64::MAX);
    let content =
        zstd::bulk::compress(&answer.content, LEVEL).map_err(|error| Error::unreadable("content", error))?;
    let sql = "UPDATE idempotency_keys SET until = $4, status = $5, location = $6, content = $7, size = $8
               WHERE user_id = $1 AND key = $2 AND holder = $3 AND status IS NULL";
    let values = values![
        claim.user_id,
        &claim.key,
        claim.holder,
        until,
        i64::from(answer.status),
        answer.location.clone(),
        content,
        size
    ];
    Ok(tx.execute(sql, values).await? > 0)
}

/// Lets a claim go, as if it had never been: its request changed nothing.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &mut Tx, claim: &Claim) -> Result<()> {
    let sql =
        "DELETE FROM idempotency_keys WHERE user_id = $1 AND key = $2 AND holder = $3 AND status IS NULL";
    tx.execute(sql, values![claim.user_id, &claim.key, claim.holder]).await.map(drop)
}

async fn remove_over(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    let sql = format!(
        "WITH picked AS MATERIALIZED (
             SELECT user_id, key FROM idempotency_keys WHERE until <= $1 ORDER BY until LIMIT $2 {})
         DELETE FROM idempotency_keys WHERE (user_id, key) IN (SELECT user_id, key FROM picked)",
        tx.backend().skip_locked()
    );
    tx.execute(sql, values![now, REMOVED_AT_ONCE]).await.map(drop)
}

fn answer_of(row: &Row, status: i64) -> Result<Answer> {
    let status = u16::try_from(status).map_err(|error| Error::unreadable("status", error))?;
    let size = usize::try_from(row.get::<i64>("size")?).map_err(|error| Error::unreadable("size", error))?;
    let content = zstd::bulk::decompress(&row.get::<Vec<u8>>("content")?, size.min(LARGEST))
        .map_err(|error| Error::unreadable("content", error))?;
    Ok(Answer { status, location: row.get("location")?, content })
}
