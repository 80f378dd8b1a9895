//! `notification_events`: the outbox. An event is written in the transaction of the fact it tells of.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{CorrelationId, EventId},
    notification::{DispatchStatus, EventType},
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
    /// An event.
    Event in "notification_events" {
        /// Its id, and the idempotency key of its delivery to each channel.
        id: EventId;
        /// What it tells of.
        event_type: EventType = "type";
        /// When it was written.
        created_at: DateTime<Utc>;
        /// What it tells, without secrets.
        payload_summary: Json;
        /// The channels it goes to.
        channel_targets: Json;
        /// How far its dispatch is.
        dispatch_status: DispatchStatus;
        /// How often dispatch was begun.
        attempt_count: i64;
        /// Not before that time.
        next_attempt_at: Option<DateTime<Utc>>;
        /// Who is dispatching it.
        claimed_by: Option<String>;
        /// Until when it is theirs.
        claimed_until: Option<DateTime<Utc>>;
        /// What it belongs to.
        correlation_id: Option<CorrelationId>;
    }
}

const WHAT: &str = "notification";

/// What an event is made of when it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Its id.
    pub id: EventId,
    /// What it tells of.
    pub event_type: EventType,
    /// What it tells, without secrets.
    pub payload_summary: Json,
    /// The channels it goes to.
    pub channel_targets: Json,
    /// What it belongs to.
    pub correlation_id: Option<CorrelationId>,
}

/// Writes an event into the outbox.
///
/// # Errors
/// When its id is taken, or the database fails.
pub async fn enqueue(tx: &mut Tx, event: NewEvent, at: DateTime<Utc>) -> Result<()> {
    tx.execute(Event::insert_into(), queued(event, at).into_values()).await.map(drop)
}

fn queued(event: NewEvent, at: DateTime<Utc>) -> Event {
    Event {
        id: event.id,
        event_type: event.event_type,
        created_at: at,
        payload_summary: event.payload_summary,
        channel_targets: event.channel_targets,
        dispatch_status: DispatchStatus::Queued,
        attempt_count: 0,
        next_attempt_at: None,
        claimed_by: None,
        claimed_until: None,
        correlation_id: event.correlation_id,
    }
}

/// Writes an event into the outbox, unless there is one of that id already. Gives whether it was written: of two processes
/// that do so at once, one writes.
///
/// # Errors
/// When the database fails.
pub async fn enqueue_once(tx: &mut Tx, event: NewEvent, at: DateTime<Utc>) -> Result<bool> {
    let sql = format!("{} ON CONFLICT (id) DO NOTHING", Event::insert_into());
    Ok(tx.execute(sql, queued(event, at).into_values()).await? > 0)
}

/// Whether any event is due that nobody has claimed.
///
/// # Errors
/// When the database fails.
pub async fn is_due(tx: &mut ReadTx, now: DateTime<Utc>) -> Result<bool> {
    let sql = "SELECT id FROM notification_events
               WHERE dispatch_status IN ('queued', 'retrying')
                 AND (next_attempt_at IS NULL OR next_attempt_at <= $1)
                 AND (claimed_until IS NULL OR claimed_until <= $1)
               LIMIT 1";
    Ok(tx.fetch_one(sql, values![now]).await?.is_some())
}

/// Keeps what somebody has claimed for them until a later time; gives what that is: another process may have taken some.
///
/// # Errors
/// When the database fails.
pub async fn renew(tx: &mut Tx, by: &str, until: DateTime<Utc>) -> Result<BTreeSet<EventId>> {
    let sql = "UPDATE notification_events SET claimed_until = $2 WHERE claimed_by = $1 RETURNING id";
    tx.fetch(sql, values![by, until]).await?.iter().map(|row| row.get("id")).collect()
}

/// Who has claimed events.
///
/// # Errors
/// When the database fails.
pub async fn claimants(tx: &mut ReadTx) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT claimed_by FROM notification_events
               WHERE dispatch_status IN ('queued', 'retrying') AND claimed_by IS NOT NULL ORDER BY claimed_by";
    tx.fetch(sql, Vec::new()).await?.iter().map(|row| row.get("claimed_by")).collect()
}

/// Takes back what somebody has claimed who is there no more; gives how many events that are.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &mut Tx, by: &str) -> Result<u64> {
    let sql = "UPDATE notification_events SET claimed_by = NULL, claimed_until = NULL WHERE claimed_by = $1";
    tx.execute(sql, values![by]).await
}

/// Takes at most `limit` events that are due, oldest first, until `until`: they are `retrying` from then on. What
/// another process has claimed is left to it until its time is over.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    tx: &mut Tx,
    by: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<Event>> {
    let sql = format!(
        "WITH picked AS MATERIALIZED (
             SELECT id FROM notification_events
             WHERE dispatch_status IN ('queued', 'retrying')
               AND (next_attempt_at IS NULL OR next_attempt_at <= $2)
               AND (claimed_until IS NULL OR claimed_until <= $2)
             ORDER BY created_at LIMIT $4 {})
         UPDATE notification_events SET dispatch_status = $5, claimed_by = $1, claimed_until = $3,
             attempt_count = attempt_count + 1
         WHERE id IN (SELECT id FROM picked)
         RETURNING {}",
        tx.backend().skip_locked(),
        Event::columns()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx.fetch(sql, values![by, now, until, limit, DispatchStatus::Retrying]).await?;
    let mut events: Vec<Event> = rows.iter().map(Event::read).collect::<Result<_>>()?;
    events.sort_by_key(|event| (event.created_at, event.id));
    Ok(events)
}

/// Ends the dispatch of a claimed event as `sent` or `failed`, if the claim still holds.
///
/// # Errors
/// When that is no step from `retrying`; when another process has claimed it since ([`Error::Lost`]); when there is no such
/// event, or the database fails.
pub async fn conclude(tx: &mut Tx, id: EventId, by: &str, to: DispatchStatus) -> Result<()> {
    let to = DispatchStatus::Retrying.step(to)?;
    let sql = "UPDATE notification_events SET dispatch_status = $4, claimed_by = NULL, claimed_until = NULL,
                   next_attempt_at = NULL
               WHERE id = $1 AND claimed_by = $2 AND dispatch_status = $3";
    let changed = tx.execute(sql, values![id, by, DispatchStatus::Retrying, to]).await?;
    held(tx, id, by, changed).await
}

/// Puts a claimed event back, to be claimed again from a time on.
///
/// # Errors
/// When another process has claimed it since ([`Error::Lost`]); when there is no such event, or the database fails.
pub async fn postpone(tx: &mut Tx, id: EventId, by: &str, next_attempt_at: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE notification_events SET next_attempt_at = $4, claimed_by = NULL, claimed_until = NULL
               WHERE id = $1 AND claimed_by = $2 AND dispatch_status = $3";
    let changed = tx.execute(sql, values![id, by, DispatchStatus::Retrying, next_attempt_at]).await?;
    held(tx, id, by, changed).await
}

async fn held(tx: &mut Tx, id: EventId, by: &str, changed: u64) -> Result<()> {
    if changed > 0 {
        return Ok(());
    }
    let event = get(tx, id).await?;
    let found = match event.claimed_by {
        Some(other) => format!("{} by {other}", event.dispatch_status),
        None => event.dispatch_status.to_string(),
    };
    Err(Error::Lost { what: WHAT, which: id.to_string(), expected: format!("retrying by {by}"), found })
}

/// The event of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: EventId) -> Result<Event> {
    let sql = format!("{} WHERE id = $1", Event::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    Event::read(&row.ok_or_else(|| Error::not_found(WHAT, id))?)
}

/// At most `limit` events of a type, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_type(tx: &mut ReadTx, event_type: EventType, limit: usize) -> Result<Vec<Event>> {
    let sql = format!("{} WHERE type = $1 ORDER BY created_at DESC LIMIT $2", Event::select());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.fetch(sql, values![event_type, limit]).await?.iter().map(Event::read).collect()
}

/// The events that have not been sent or given up, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn pending(tx: &mut ReadTx) -> Result<Vec<Event>> {
    let sql = format!(
        "{} WHERE dispatch_status IN ('queued', 'retrying') ORDER BY created_at, id",
        Event::select()
    );
    tx.fetch(sql, Vec::new()).await?.iter().map(Event::read).collect()
}

/// The same of those that were written no later than then.
///
/// # Errors
/// When the database fails.
pub async fn pending_until(tx: &mut ReadTx, at: DateTime<Utc>) -> Result<Vec<Event>> {
    let sql = format!(
        "{} WHERE dispatch_status IN ('queued', 'retrying') AND created_at <= $1 ORDER BY created_at, id",
        Event::select()
    );
    tx.fetch(sql, values![at]).await?.iter().map(Event::read).collect()
}

/// At most `limit` events, newest first: all, or those that stand so.
///
/// # Errors
/// When the database fails.
pub async fn recent(tx: &mut ReadTx, status: Option<DispatchStatus>, limit: usize) -> Result<Vec<Event>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (of, values) = match status {
        Some(status) => ("WHERE dispatch_status = $2", values![limit, status]),
        None => ("", values![limit]),
    };
    let sql = format!("{} {of} ORDER BY created_at DESC, id DESC LIMIT $1", Event::select());
    tx.fetch(sql, values).await?.iter().map(Event::read).collect()
}
