//! `credential_records`: what Lockstep knows of a secret, and never the secret.

use chrono::{DateTime, Utc};
use lockstep_core::{
    credential::{CredentialStatus, ProviderType},
    ids::CredentialId,
    step::Machine as _,
};
use serde_json::Value as Json;

use crate::{
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// A credential.
    Credential in "credential_records" {
        /// Its id.
        id: CredentialId;
        /// What it is for.
        provider_type: ProviderType;
        /// Whether it can be used.
        status: CredentialStatus;
        /// When the provider was last asked.
        last_validation_time: Option<DateTime<Utc>>;
        /// When it should be renewed.
        rotation_due: Option<DateTime<Utc>>;
        /// Scopes, vendor, where the secret is kept, its fingerprint.
        metadata: Json;
        /// When it was recorded.
        created_at: DateTime<Utc>;
        /// When the row was last changed.
        updated_at: DateTime<Utc>;
    }
}

const WHAT: &str = "credential";

/// Records a credential.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &mut Tx, credential: Credential) -> Result<()> {
    tx.execute(Credential::insert_into(), credential.into_values()).await.map(drop)
}

/// The credential of that id; it is made from `credential` when there is none yet. Two processes may do so at once.
///
/// # Errors
/// When the database fails.
pub async fn ensure(tx: &mut Tx, credential: Credential) -> Result<Credential> {
    let id = credential.id;
    let sql = format!("{} ON CONFLICT (id) DO NOTHING", Credential::insert_into());
    tx.execute(sql, credential.into_values()).await?;
    get(tx, id).await
}

/// The credential of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: CredentialId) -> Result<Credential> {
    let sql = format!("{} WHERE id = $1", Credential::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    Credential::read(&row.ok_or_else(|| Error::not_found(WHAT, id))?)
}

/// All credentials, by provider type, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx) -> Result<Vec<Credential>> {
    let sql = format!("{} ORDER BY provider_type, created_at, id", Credential::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(Credential::read).collect()
}

/// The credentials of a provider type that are in a state, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_status(
    tx: &mut ReadTx,
    provider: ProviderType,
    status: CredentialStatus,
) -> Result<Vec<Credential>> {
    let sql =
        format!("{} WHERE provider_type = $1 AND status = $2 ORDER BY created_at, id", Credential::select());
    tx.fetch(sql, values![provider, status]).await?.iter().map(Credential::read).collect()
}

/// Takes a step of the state machine, if the credential still is in the state `from`; `validated` says that the
/// provider was asked.
///
/// # Errors
/// When the step is not allowed; when another process took one before ([`Error::Lost`]); when there is no such
/// credential, or the database fails.
pub async fn transition(
    tx: &mut Tx,
    id: CredentialId,
    from: CredentialStatus,
    to: CredentialStatus,
    at: DateTime<Utc>,
    validated: Validated,
) -> Result<()> {
    let to = from.step(to)?;
    let asked_at = (validated == Validated::Asked).then_some(at);
    let sql = "UPDATE credential_records SET status = $3, updated_at = $4,
                   last_validation_time = COALESCE($5, last_validation_time)
               WHERE id = $1 AND status = $2";
    if tx.execute(sql, values![id, from, to, at, asked_at]).await? > 0 {
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

/// Whether a step comes from asking the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validated {
    /// The provider was asked.
    Asked,
    /// A person or a clock decided.
    NotAsked,
}

/// Notes that the provider was asked and the state stays.
///
/// # Errors
/// When there is no such credential, or the database fails.
pub async fn record_validation(tx: &mut Tx, id: CredentialId, at: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE credential_records SET last_validation_time = $2, updated_at = $2 WHERE id = $1";
    match tx.execute(sql, values![id, at]).await? {
        0 => Err(Error::not_found(WHAT, id)),
        _ => Ok(()),
    }
}

/// Writes what a rotation changes beside the state.
///
/// # Errors
/// When there is no such credential, or the database fails.
pub async fn set_metadata(
    tx: &mut Tx,
    id: CredentialId,
    metadata: Json,
    rotation_due: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE credential_records SET metadata = $2, rotation_due = $3, updated_at = $4 WHERE id = $1";
    match tx.execute(sql, values![id, metadata, rotation_due, at]).await? {
        0 => Err(Error::not_found(WHAT, id)),
        _ => Ok(()),
    }
}

/// Forgets a credential, and what was counted of its calls.
///
/// # Errors
/// When there is none, a channel needs it, or the database fails.
pub async fn remove(tx: &mut Tx, id: CredentialId) -> Result<()> {
    match tx.execute("DELETE FROM credential_records WHERE id = $1", values![id]).await? {
        0 => Err(Error::not_found(WHAT, id)),
        _ => Ok(()),
    }
}
