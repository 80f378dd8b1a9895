//! `user_sessions`: who is signed in. Only the hash of what their browser holds is kept.

use chrono::{DateTime, Utc};
use lockstep_core::ids::{UserId, UserSessionId};

use crate::{
    error::Result,
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// A session.
    UserSession in "user_sessions" {
        /// Its id.
        id: UserSessionId;
        /// Whose it is.
        user_id: UserId;
        /// The SHA-256 of what the browser holds.
        session_hash: String;
        /// When it began.
        created_at: DateTime<Utc>;
        /// When it was last used, to the minute or so.
        last_seen_at: DateTime<Utc>;
        /// When it ends whatever happens.
        expires_at: DateTime<Utc>;
        /// When it was ended.
        ended_at: Option<DateTime<Utc>>;
    }
}

/// Keeps a new session.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &mut Tx, session: UserSession) -> Result<()> {
    tx.execute(UserSession::insert_into(), session.into_values()).await.map(drop)
}

/// The session of that hash, ended or not.
///
/// # Errors
/// When the database fails.
pub async fn by_hash(tx: &mut ReadTx, session_hash: &str) -> Result<Option<UserSession>> {
    let sql = format!("{} WHERE session_hash = $1", UserSession::select());
    tx.fetch_one(sql, values![session_hash]).await?.as_ref().map(UserSession::read).transpose()
}

/// Notes that a session was used.
///
/// # Errors
/// When the database fails.
pub async fn touch(tx: &mut Tx, id: UserSessionId, at: DateTime<Utc>) -> Result<()> {
    tx.execute("UPDATE user_sessions SET last_seen_at = $2 WHERE id = $1", values![id, at]).await.map(drop)
}

/// Ends a session; gives whether it was one until now.
///
/// # Errors
/// When the database fails.
pub async fn end(tx: &mut Tx, id: UserSessionId, at: DateTime<Utc>) -> Result<bool> {
    let sql = "UPDATE user_sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    Ok(tx.execute(sql, values![id, at]).await? > 0)
}

/// Ends all sessions of a user; gives how many there were.
///
/// # Errors
/// When the database fails.
pub async fn end_all(tx: &mut Tx, user: UserId, at: DateTime<Utc>) -> Result<u64> {
    let sql = "UPDATE user_sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL";
    tx.execute(sql, values![user, at]).await
}

/// Removes the sessions that were over before a time.
///
/// # Errors
/// When the database fails.
pub async fn remove_old(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    tx.execute("DELETE FROM user_sessions WHERE expires_at < $1", values![before]).await
}
