//! `api_tokens`: what programs sign in with. Only a token's hash is kept.

use chrono::{DateTime, Utc};
use lockstep_core::ids::{TokenId, UserId};
use serde_json::Value as Json;

use crate::{
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// A token.
    ApiToken in "api_tokens" {
        /// Its id.
        id: TokenId;
        /// Whose it is.
        user_id: UserId;
        /// What it is for.
        name: String;
        /// The SHA-256 of the token.
        token_hash: String;
        /// A short, harmless part to tell it by.
        fingerprint: String;
        /// When it was made.
        created_at: DateTime<Utc>;
        /// When it stops working.
        expires_at: Option<DateTime<Utc>>;
        /// When it was last used.
        last_used_at: Option<DateTime<Utc>>;
        /// When it was taken back.
        revoked_at: Option<DateTime<Utc>>;
        /// What it may be used for.
        scopes: Json;
    }
}

impl ApiToken {
    /// Whether it opens anything at a time.
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expires| now < expires)
    }
}

/// Keeps a new token.
///
/// # Errors
/// When its hash is there already, or the database fails.
pub async fn insert(tx: &mut Tx, token: ApiToken) -> Result<()> {
    tx.execute(ApiToken::insert_into(), token.into_values()).await.map(drop)
}

/// The token of that hash, valid or not.
///
/// # Errors
/// When the database fails.
pub async fn by_hash(tx: &mut ReadTx, token_hash: &str) -> Result<Option<ApiToken>> {
    let sql = format!("{} WHERE token_hash = $1", ApiToken::select());
    tx.fetch_one(sql, values![token_hash]).await?.as_ref().map(ApiToken::read).transpose()
}

/// The token of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: TokenId) -> Result<ApiToken> {
    let row = tx.fetch_one(format!("{} WHERE id = $1", ApiToken::select()), values![id]).await?;
    ApiToken::read(&row.ok_or_else(|| Error::not_found("token", id))?)
}

/// A user's tokens, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx, user: UserId) -> Result<Vec<ApiToken>> {
    let sql = format!("{} WHERE user_id = $1 ORDER BY created_at DESC, id", ApiToken::select());
    tx.fetch(sql, values![user]).await?.iter().map(ApiToken::read).collect()
}

/// Notes that a token was used.
///
/// # Errors
/// When the database fails.
pub async fn touch(tx: &mut Tx, id: TokenId, at: DateTime<Utc>) -> Result<()> {
    tx.execute("UPDATE api_tokens SET last_used_at = $2 WHERE id = $1", values![id, at]).await.map(drop)
}

/// Takes a token back; once it is, the time stays.
///
/// # Errors
/// When there is no such token, or the database fails.
pub async fn revoke(tx: &mut Tx, id: TokenId, at: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE api_tokens SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1";
    match tx.execute(sql, values![id, at]).await? {
        0 => Err(Error::not_found("token", id)),
        _ => Ok(()),
    }
}
