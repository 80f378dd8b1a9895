//! What signing in takes: `user_passwords`, the one-time `sign_in_links` by which a password is chosen, and how often it
//! failed lately (`sign_in_failures`).

use chrono::{DateTime, Utc};
use lockstep_core::ids::{LinkId, UserId};

use crate::{
    error::Result,
    row::record,
    transaction::{ReadTx, Serialised, Tx},
    value::values,
};

record! {
    /// A link by which somebody chooses a password, once.
    SignInLink in "sign_in_links" {
        /// Its id.
        id: LinkId;
        /// Whose password it sets; that of a user to be made, if nobody's.
        user_id: Option<UserId>;
        /// The SHA-256 of its secret part.
        link_hash: String;
        /// Who made it; the hub, if nobody.
        created_by: Option<UserId>;
        /// When it was made.
        created_at: DateTime<Utc>;
        /// When it stops working.
        expires_at: DateTime<Utc>;
        /// When it was used, or taken back.
        used_at: Option<DateTime<Utc>>;
    }
}

record! {
    /// How often it failed lately.
    Failures in "sign_in_failures" {
        /// By whom or from where.
        subject: String;
        /// How often in a row.
        failures: i64;
        /// When last.
        last_failed_at: DateTime<Utc>;
    }
}

/// A user's password, hashed; nothing where there is none.
///
/// # Errors
/// When the database fails.
pub async fn password_hash(tx: &mut ReadTx, user: UserId) -> Result<Option<String>> {
    let sql = "SELECT password_hash FROM user_passwords WHERE user_id = $1";
    tx.fetch_one(sql, values![user]).await?.map(|row| row.get("password_hash")).transpose()
}

/// Whether anybody has a password.
///
/// # Errors
/// When the database fails.
pub async fn has_passwords(tx: &mut ReadTx) -> Result<bool> {
    let sql = "SELECT user_id FROM user_passwords LIMIT 1";
    Ok(tx.fetch_one(sql, Vec::new()).await?.is_some())
}

/// Sets a user's password.
///
/// # Errors
/// When there is no such user, or the database fails.
pub async fn set_password(tx: &mut Tx, user: UserId, password_hash: String, at: DateTime<Utc>) -> Result<()> {
    let sql = "INSERT INTO user_passwords (user_id, password_hash, changed_at) VALUES ($1, $2, $3)
               ON CONFLICT (user_id) DO UPDATE SET
                   password_hash = excluded.password_hash, changed_at = excluded.changed_at";
    tx.execute(sql, values![user, password_hash, at]).await.map(drop)
}

/// Keeps a new link; those before it for the same user work no more.
///
/// # Errors
/// When the database fails.
pub async fn replace_link(tx: &mut Tx, link: SignInLink) -> Result<()> {
    let (of, values) = match link.user_id {
        Some(user) => ("user_id = $2", values![link.created_at, user]),
        None => ("user_id IS NULL", values![link.created_at]),
    };
    let sql = format!("UPDATE sign_in_links SET used_at = $1 WHERE used_at IS NULL AND {of}");
    tx.execute(sql, values).await?;
    tx.execute(SignInLink::insert_into(), link.into_values()).await.map(drop)
}

/// Uses a link up; nothing when there is none of that hash that still works.
///
/// # Errors
/// When the database fails.
pub async fn use_link(tx: &mut Tx, link_hash: &str, now: DateTime<Utc>) -> Result<Option<SignInLink>> {
    let sql = format!(
        "UPDATE sign_in_links SET used_at = $2 WHERE link_hash = $1 AND used_at IS NULL AND expires_at > $2
         RETURNING {}",
        SignInLink::columns()
    );
    tx.fetch_one(sql, values![link_hash, now]).await?.as_ref().map(SignInLink::read).transpose()
}

/// Lets one transaction at a time count, until it ends: of many attempts at once, each sees those before it.
///
/// # Errors
/// When the database fails.
pub async fn one_at_a_time(tx: &mut Tx) -> Result<()> {
    tx.serialise(Serialised::SignIn).await
}

/// What is known of a subject.
///
/// # Errors
/// When the database fails.
pub async fn failures(tx: &mut ReadTx, subject: &str) -> Result<Option<Failures>> {
    let sql = format!("{} WHERE subject = $1", Failures::select());
    tx.fetch_one(sql, values![subject]).await?.as_ref().map(Failures::read).transpose()
}

/// Counts a failure; the count begins anew when the last one was before `since`.
///
/// # Errors
/// When the database fails.
pub async fn count_failure(
    tx: &mut Tx,
    subject: &str,
    at: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO sign_in_failures (subject, failures, last_failed_at) VALUES ($1, 1, $2)
               ON CONFLICT (subject) DO UPDATE SET
                   failures = CASE WHEN sign_in_failures.last_failed_at < $3 THEN 1
                                   ELSE sign_in_failures.failures + 1 END,
                   last_failed_at = excluded.last_failed_at";
    tx.execute(sql, values![subject, at, since]).await.map(drop)
}

/// Takes one failure back: it was none in the end.
///
/// # Errors
/// When the database fails.
pub async fn take_back_failure(tx: &mut Tx, subject: &str) -> Result<()> {
    let sql = "UPDATE sign_in_failures SET failures = failures - 1 WHERE subject = $1 AND failures > 0";
    tx.execute(sql, values![subject]).await.map(drop)
}

/// Forgets the failures of a subject.
///
/// # Errors
/// When the database fails.
pub async fn forget_failures(tx: &mut Tx, subject: &str) -> Result<()> {
    tx.execute("DELETE FROM sign_in_failures WHERE subject = $1", values![subject]).await.map(drop)
}

/// Removes what is known of failures before a time.
///
/// # Errors
/// When the database fails.
pub async fn remove_old_failures(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    tx.execute("DELETE FROM sign_in_failures WHERE last_failed_at < $1", values![before]).await
}
