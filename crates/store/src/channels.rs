//! `notification_channels`: where events go.

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ChannelId, CredentialId, UserId},
    notification::ChannelKind,
};
use serde_json::Value as Json;

use crate::{
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// A channel.
    Channel in "notification_channels" {
        /// Its id.
        id: ChannelId;
        /// Its unique name.
        name: String;
        /// What kind it is.
        kind: ChannelKind;
        /// The event types it is told.
        categories: Json;
        /// Where exactly, without secrets.
        settings: Json;
        /// The credential it needs.
        credential_id: Option<CredentialId>;
        /// Whether it is told anything.
        enabled: bool;
        /// When it was made.
        created_at: DateTime<Utc>;
        /// When the row was last changed.
        updated_at: DateTime<Utc>;
        /// What else it is told, and when.
        rules: Json;
        /// The user whose own it is.
        owner: Option<UserId>;
    }
}

/// Makes a channel, or changes the one of that id.
///
/// # Errors
/// When the name is taken, the credential does not exist, or the database fails.
pub async fn put(tx: &mut Tx, channel: Channel) -> Result<()> {
    let sql = format!(
        "{} ON CONFLICT (id) DO UPDATE SET
             name = excluded.name, kind = excluded.kind, categories = excluded.categories,
             settings = excluded.settings, credential_id = excluded.credential_id, enabled = excluded.enabled,
             updated_at = excluded.updated_at, rules = excluded.rules, owner = excluded.owner",
        Channel::insert_into()
    );
    tx.execute(sql, channel.into_values()).await.map(drop)
}

/// Takes a channel away, of which no delivery and no mute is left.
///
/// # Errors
/// When one is, or the database fails.
pub async fn remove(tx: &mut Tx, id: ChannelId) -> Result<()> {
    tx.execute("DELETE FROM notification_channels WHERE id = $1", values![id]).await.map(drop)
}

/// The channel of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: ChannelId) -> Result<Channel> {
    let sql = format!("{} WHERE id = $1", Channel::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    Channel::read(&row.ok_or_else(|| Error::not_found("channel", id))?)
}

/// All channels, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx) -> Result<Vec<Channel>> {
    let rows = tx.fetch(format!("{} ORDER BY name", Channel::select()), Vec::new()).await?;
    rows.iter().map(Channel::read).collect()
}
