//! `notification_mutes`: components that nobody, or one channel, is told of for a time.

use chrono::{DateTime, Utc};
use lockstep_core::ids::{ChannelId, MuteId, UserId};

use crate::{
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// A mute.
    Mute in "notification_mutes" {
        /// Its id.
        id: MuteId;
        /// The components that it is about: a name, or a glob.
        component: String;
        /// The channel that is not told; none where no channel is.
        channel_id: Option<ChannelId>;
        /// Until when; none where it holds until it is taken back.
        until: Option<DateTime<Utc>>;
        /// Why.
        reason: String;
        /// Who wanted it.
        created_by: UserId;
        /// From when on.
        created_at: DateTime<Utc>;
    }
}

impl Mute {
    /// Whether it held at a time.
    pub fn held(&self, at: DateTime<Utc>) -> bool {
        self.created_at <= at && self.until.is_none_or(|until| at < until)
    }
}

/// Makes a mute.
///
/// # Errors
/// When the channel or the user does not exist, or the database fails.
pub async fn insert(tx: &mut Tx, mute: Mute) -> Result<()> {
    tx.execute(Mute::insert_into(), mute.into_values()).await.map(drop)
}

/// All mutes, over ones too, by component and time.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx) -> Result<Vec<Mute>> {
    let sql = format!("{} ORDER BY component, created_at, id", Mute::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(Mute::read).collect()
}

/// Ends a mute at a time: what happened before is not told afterwards either.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn end(tx: &mut Tx, id: MuteId, at: DateTime<Utc>) -> Result<()> {
    match tx.execute("UPDATE notification_mutes SET until = $2 WHERE id = $1", values![id, at]).await? {
        0 => Err(Error::not_found("mute", id)),
        _ => Ok(()),
    }
}

/// Takes the mutes of a channel away, which itself is.
///
/// # Errors
/// When the database fails.
pub async fn remove_of_channel(tx: &mut Tx, channel: ChannelId) -> Result<()> {
    tx.execute("DELETE FROM notification_mutes WHERE channel_id = $1", values![channel]).await.map(drop)
}
