//! `users`: who acts.

use chrono::{DateTime, Utc};
use lockstep_core::{ids::UserId, registry::UserKind, role::Role};

use crate::{
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// A user.
    #[derive(schemars::JsonSchema)]
    User in "users" {
        /// Its id.
        id: UserId;
        /// The name that they sign in with, or that the operating system knows them by.
        name: String;
        /// The name that people know them by; may be empty.
        display_name: String;
        /// What they may do.
        role: Role;
        /// Where they come from.
        kind: UserKind;
        /// When they were first seen.
        created_at: DateTime<Utc>;
        /// Since when they may do nothing any more.
        disabled_at: Option<DateTime<Utc>>;
    }
}

/// The user of that name; it is made from `user` when there is none yet. Two processes may do so at once.
///
/// # Errors
/// When the database fails.
pub async fn ensure(tx: &mut Tx, user: User) -> Result<User> {
    let name = user.name.clone();
    tx.execute(format!("{} ON CONFLICT (name) DO NOTHING", User::insert_into()), user.into_values()).await?;
    by_name(tx, &name).await?.ok_or_else(|| Error::not_found("user", name))
}

/// Makes a user.
///
/// # Errors
/// When the name is taken, or the database fails.
pub async fn insert(tx: &mut Tx, user: User) -> Result<()> {
    tx.execute(User::insert_into(), user.into_values()).await.map(drop)
}

/// The user of that name.
///
/// # Errors
/// When the database fails.
pub async fn by_name(tx: &mut ReadTx, name: &str) -> Result<Option<User>> {
    let sql = format!("{} WHERE name = $1", User::select());
    tx.fetch_one(sql, values![name]).await?.as_ref().map(User::read).transpose()
}

/// The user of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: UserId) -> Result<User> {
    let sql = format!("{} WHERE id = $1", User::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    User::read(&row.ok_or_else(|| Error::not_found("user", id))?)
}

/// All users, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx) -> Result<Vec<User>> {
    let rows = tx.fetch(format!("{} ORDER BY name", User::select()), Vec::new()).await?;
    rows.iter().map(User::read).collect()
}

/// Gives a user another role.
///
/// # Errors
/// When there is no such user, or the database fails.
pub async fn set_role(tx: &mut Tx, id: UserId, role: Role) -> Result<()> {
    match tx.execute("UPDATE users SET role = $2 WHERE id = $1", values![id, role]).await? {
        0 => Err(Error::not_found("user", id)),
        _ => Ok(()),
    }
}

/// Disables a user at a time, or with `None` enables them again.
///
/// # Errors
/// When there is no such user, or the database fails.
pub async fn set_disabled(tx: &mut Tx, id: UserId, at: Option<DateTime<Utc>>) -> Result<()> {
    match tx.execute("UPDATE users SET disabled_at = $2 WHERE id = $1", values![id, at]).await? {
        0 => Err(Error::not_found("user", id)),
        _ => Ok(()),
    }
}
