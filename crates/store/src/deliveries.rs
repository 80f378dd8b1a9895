//! `notification_deliveries`: one row per event and channel, however often it is tried.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ChannelId, DeliveryId, EventId},
    notification::DispatchStatus,
    step::Machine as _,
};

use crate::{
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// The delivery of an event to a channel.
    Delivery in "notification_deliveries" {
        /// Its id.
        id: DeliveryId;
        /// The event.
        event_id: EventId;
        /// The channel.
        channel_id: ChannelId;
        /// How far it is.
        status: DispatchStatus;
        /// How often it was tried.
        attempt_count: i64;
        /// When it was last tried.
        last_attempt_at: Option<DateTime<Utc>>;
        /// When it succeeded.
        delivered_at: Option<DateTime<Utc>>;
        /// Why the last try failed, without secrets.
        last_error: Option<String>;
        /// When it was first to be tried.
        created_at: DateTime<Utc>;
        /// The event whose message tells of this one, too.
        told_with: Option<EventId>;
    }
}

const WHAT: &str = "delivery";

/// The delivery of that event to that channel, which is made when there is none yet.
///
/// # Errors
/// When the event or channel does not exist, or the database fails.
pub async fn ensure(
    tx: &mut Tx,
    id: DeliveryId,
    event: EventId,
    channel: ChannelId,
    at: DateTime<Utc>,
) -> Result<Delivery> {
    let sql =
        "INSERT INTO notification_deliveries (id, event_id, channel_id, created_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (event_id, channel_id) DO NOTHING";
    tx.execute(sql, values![id, event, channel, at]).await?;
    let sql = format!("{} WHERE event_id = $1 AND channel_id = $2", Delivery::select());
    let row = tx.fetch_one(sql, values![event, channel]).await?;
    Delivery::read(&row.ok_or_else(|| Error::not_found(WHAT, id))?)
}

/// Begins a try: gives its number. What was delivered or given up can't be tried again.
///
/// # Errors
/// When it was; when there is no such delivery, or the database fails.
pub async fn begin_attempt(tx: &mut Tx, id: DeliveryId, at: DateTime<Utc>) -> Result<i64> {
    let sql = "UPDATE notification_deliveries
               SET status = $3, attempt_count = attempt_count + 1, last_attempt_at = $2
               WHERE id = $1 AND status IN ('queued', 'retrying') RETURNING attempt_count";
    match tx.fetch_one(sql, values![id, at, DispatchStatus::Retrying]).await? {
        Some(row) => row.get("attempt_count"),
        None => {
            let found = get(tx, id).await?.status;
            found.step(DispatchStatus::Retrying)?;
            Err(lost(id, DispatchStatus::Retrying, found))
        }
    }
}

/// Ends the tries as `sent` or `failed`.
///
/// # Errors
/// When that is no step from `retrying`; when it has ended already ([`Error::Lost`]); when there is no such delivery, or
/// the database fails.
pub async fn conclude(
    tx: &mut Tx,
    id: DeliveryId,
    to: DispatchStatus,
    error: Option<&str>,
    at: DateTime<Utc>,
) -> Result<()> {
    let to = DispatchStatus::Retrying.step(to)?;
    let delivered_at = (to == DispatchStatus::Sent).then_some(at);
    let sql = "UPDATE notification_deliveries SET status = $3, last_error = $4, delivered_at = $5
               WHERE id = $1 AND status = $2";
    let values = values![id, DispatchStatus::Retrying, to, error, delivered_at];
    if tx.execute(sql, values).await? > 0 {
        return Ok(());
    }
    Err(lost(id, DispatchStatus::Retrying, get(tx, id).await?.status))
}

/// Notes why a try failed that will be repeated.
///
/// # Errors
/// When there is no such delivery, or the database fails.
pub async fn record_error(tx: &mut Tx, id: DeliveryId, error: &str) -> Result<()> {
    let sql = "UPDATE notification_deliveries SET last_error = $2 WHERE id = $1";
    match tx.execute(sql, values![id, error]).await? {
        0 => Err(Error::not_found(WHAT, id)),
        _ => Ok(()),
    }
}

/// Has the message of another event tell of this delivery's, too, unless somebody has begun with it. What the message of an
/// event tells of is the same in each try.
///
/// # Errors
/// When the database fails.
pub async fn tell_with(tx: &mut Tx, id: DeliveryId, leader: EventId, at: DateTime<Utc>) -> Result<bool> {
    let sql = "UPDATE notification_deliveries
               SET told_with = $2, status = $4, attempt_count = 1, last_attempt_at = $3
               WHERE id = $1 AND status = $5 AND told_with IS NULL";
    let values = values![id, leader, at, DispatchStatus::Retrying, DispatchStatus::Queued];
    Ok(tx.execute(sql, values).await? > 0)
}

/// The events that the message of one tells a channel of, beside its own, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn told_with(tx: &mut ReadTx, leader: EventId, channel: ChannelId) -> Result<Vec<EventId>> {
    let sql = "SELECT event_id FROM notification_deliveries
               JOIN notification_events ON notification_events.id = notification_deliveries.event_id
               WHERE told_with = $1 AND channel_id = $2
               ORDER BY notification_events.created_at, notification_events.id";
    let rows = tx.fetch(sql, values![leader, channel]).await?;
    rows.iter().map(|row| row.get("event_id")).collect()
}

/// Ends the tries of what the message of an event told of, too, as those of the event itself ended.
///
/// # Errors
/// When that is no step from `retrying`, or the database fails.
pub async fn conclude_with(
    tx: &mut Tx,
    leader: EventId,
    channel: ChannelId,
    to: DispatchStatus,
    error: Option<&str>,
    at: DateTime<Utc>,
) -> Result<()> {
    let to = DispatchStatus::Retrying.step(to)?;
    let delivered_at = (to == DispatchStatus::Sent).then_some(at);
    let sql = "UPDATE notification_deliveries SET status = $4, last_error = $5, delivered_at = $6
               WHERE told_with = $1 AND channel_id = $2 AND status = $3";
    let values = values![leader, channel, DispatchStatus::Retrying, to, error, delivered_at];
    tx.execute(sql, values).await.map(drop)
}

/// Takes the deliveries of a channel away, which itself is.
///
/// # Errors
/// When the database fails.
pub async fn remove_of_channel(tx: &mut Tx, channel: ChannelId) -> Result<()> {
    tx.execute("DELETE FROM notification_deliveries WHERE channel_id = $1", values![channel]).await.map(drop)
}

/// At most `limit` deliveries, newest first: all, or those that stand so.
///
/// # Errors
/// When the database fails.
pub async fn recent(tx: &mut ReadTx, status: Option<DispatchStatus>, limit: usize) -> Result<Vec<Delivery>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (of, values) = match status {
        Some(status) => ("WHERE status = $2", values![limit, status]),
        None => ("", values![limit]),
    };
    let sql = format!("{} {of} ORDER BY created_at DESC, id LIMIT $1", Delivery::select());
    tx.fetch(sql, values).await?.iter().map(Delivery::read).collect()
}

/// The deliveries of an event, in order.
///
/// # Errors
/// When the database fails.
pub async fn of_event(tx: &mut ReadTx, event: EventId) -> Result<Vec<Delivery>> {
    let sql = format!("{} WHERE event_id = $1 ORDER BY created_at, id", Delivery::select());
    tx.fetch(sql, values![event]).await?.iter().map(Delivery::read).collect()
}

/// Which channels have got, or will never get, events that others are still to be told of.
///
/// # Errors
/// When the database fails.
pub async fn ended_of_pending(tx: &mut ReadTx) -> Result<BTreeSet<(EventId, ChannelId)>> {
    let sql = "SELECT event_id, channel_id FROM notification_deliveries
               JOIN notification_events ON notification_events.id = notification_deliveries.event_id
               WHERE dispatch_status IN ('queued', 'retrying') AND status IN ('sent', 'failed')";
    let rows = tx.fetch(sql, Vec::new()).await?;
    rows.iter().map(|row| Ok((row.get("event_id")?, row.get("channel_id")?))).collect()
}

async fn get(tx: &mut ReadTx, id: DeliveryId) -> Result<Delivery> {
    let sql = format!("{} WHERE id = $1", Delivery::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    Delivery::read(&row.ok_or_else(|| Error::not_found(WHAT, id))?)
}

fn lost(id: DeliveryId, expected: DispatchStatus, found: DispatchStatus) -> Error {
    Error::Lost {
        what: WHAT,
        which: id.to_string(),
        expected: expected.to_string(),
        found: found.to_string(),
    }
}
