//! `provider_calls` and `provider_limits`: what each credential asked of a provider, and until when it has to wait.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use lockstep_core::ids::CredentialId;

use crate::{
    error::Result,
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// What a provider said when it refused a call for want of quota. What it said of the plan holds on afterwards.
    Limit in "provider_limits" {
        /// Whose call it was.
        credential_id: CredentialId;
        /// What was asked for: a file's key, say. Others may be on another plan.
        resource: String;
        /// The call.
        call: String;
        /// When it was refused.
        told_at: DateTime<Utc>;
        /// When calls may go on.
        until: DateTime<Utc>;
        /// Which kind of limit, in the provider's word.
        kind: Option<String>;
        /// Which plan, in the provider's word.
        plan: Option<String>;
        /// Where the plan can be raised.
        upgrade: Option<String>;
    }
}

/// How long calls are remembered: quotas are of a month at most.
const REMEMBERED: TimeDelta = TimeDelta::days(62);

/// Adds calls to what a credential made of a tier, and forgets what is too old to count.
///
/// # Errors
/// When there is no such credential, or the database fails.
pub async fn count(
    tx: &mut Tx,
    credential: CredentialId,
    tier: &str,
    calls: i64,
    at: DateTime<Utc>,
) -> Result<()> {
    let minute = at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at);
    let sql = "INSERT INTO provider_calls (credential_id, tier, minute, calls) VALUES ($1, $2, $3, $4)
               ON CONFLICT (credential_id, tier, minute)
               DO UPDATE SET calls = provider_calls.calls + excluded.calls";
    tx.execute(sql, values![credential, tier, minute, calls]).await?;
    let sql = "DELETE FROM provider_calls WHERE credential_id = $1 AND minute < $2";
    tx.execute(sql, values![credential, at - REMEMBERED]).await.map(drop)
}

/// How many calls of a tier a credential has made since the minute of that time.
///
/// # Errors
/// When the database fails.
pub async fn calls_since(
    tx: &mut ReadTx,
    credential: CredentialId,
    tier: &str,
    since: DateTime<Utc>,
) -> Result<i64> {
    let minute = since.duration_trunc(TimeDelta::minutes(1)).unwrap_or(since);
    let sql = "SELECT CAST(COALESCE(SUM(calls), 0) AS bigint) AS calls FROM provider_calls
               WHERE credential_id = $1 AND tier = $2 AND minute >= $3";
    match tx.fetch_one(sql, values![credential, tier, minute]).await? {
        Some(row) => row.get("calls"),
        None => Ok(0),
    }
}

/// Writes down that calls have to wait. Of two such words the one that holds longer stands.
///
/// # Errors
/// When there is no such credential, or the database fails.
pub async fn set_limit(tx: &mut Tx, limit: Limit) -> Result<()> {
    let sql = format!(
        "{} ON CONFLICT (credential_id, resource) DO UPDATE SET
             call = excluded.call, told_at = excluded.told_at, until = excluded.until,
             kind = excluded.kind, plan = excluded.plan, upgrade = excluded.upgrade
         WHERE provider_limits.until <= excluded.until",
        Limit::insert_into()
    );
    tx.execute(sql, limit.into_values()).await.map(drop)
}

/// What a provider last said of a credential's quota for a resource.
///
/// # Errors
/// When the database fails.
pub async fn limit(tx: &mut ReadTx, credential: CredentialId, resource: &str) -> Result<Option<Limit>> {
    let sql = format!("{} WHERE credential_id = $1 AND resource = $2", Limit::select());
    tx.fetch_one(sql, values![credential, resource]).await?.as_ref().map(Limit::read).transpose()
}
