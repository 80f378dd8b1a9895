//! Which events one message tells of, and what of them.

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ChannelId, DeliveryId},
    notification::burst,
};
use lockstep_store::{
    Tx, deliveries,
    notifications::{self, Event},
};
use serde_json::Value;
use uuid::Uuid;

use super::mutes::Mutes;
use crate::error::EngineError;

/// So many events are told of by one message.
const MOST: usize = 200;

/// Has the message of an event tell of the later ones of its kind that wait for the same channel. It is written down before
/// it is sent: another try tells of the same, so that what a receiver takes once is never another message.
pub(super) async fn gather(
    tx: &mut Tx,
    leader: &Event,
    channel: ChannelId,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    let mut gathered = 0;
    for later in notifications::pending(tx).await? {
        let is_later = (later.created_at, later.id) > (leader.created_at, leader.id);
        let is_alike = later.event_type == leader.event_type
            && burst::is_of(later.event_type, &later.payload_summary)
            && is_later;
        if !is_alike || gathered == MOST {
            continue;
        }
        let targets: Vec<ChannelId> = serde_json::from_value(later.channel_targets)?;
        if targets.contains(&channel) {
            let id = DeliveryId::from(Uuid::new_v4());
            let delivery = deliveries::ensure(tx, id, later.id, channel, now).await?;
            gathered += usize::from(deliveries::tell_with(tx, delivery.id, leader.id, now).await?);
        }
    }
    Ok(())
}

/// What the message of an event tells a channel: of all that it tells of, without what was muted when it happened.
pub(super) async fn payload(
    tx: &mut Tx,
    leader: &Event,
    channel: ChannelId,
    mutes: &Mutes,
) -> Result<Value, EngineError> {
    let told = |event: &Event| {
        let is_muted = |name: &str| mutes.hold(name, channel, event.created_at);
        burst::without(event.event_type, &event.payload_summary, &is_muted)
    };
    let mut all = vec![told(leader)];
    for id in deliveries::told_with(tx, leader.id, channel).await? {
        all.push(told(&notifications::get(tx, id).await?));
    }
    Ok(burst::together(leader.event_type, &all))
}
