//! Events: written in the transaction of what they tell, and dispatched later to the channels that want them.

mod ahead;
mod channels;
mod dispatch;
mod group;
mod mutes;
mod show;
mod target;
mod waiting;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{CorrelationId, EventId, OperationId},
    notification::{EventType, burst},
    operation::{ComponentState, OperationStatus},
};
use lockstep_store::{Tx, channels as channel_rows, notifications, users};
use serde_json::{Value, json};
use uuid::Uuid;

pub use channels::{ChannelChange, ChannelRequest, ChannelView};
pub use dispatch::{Dispatched, Haste, is_due};
pub use mutes::{MuteRequest, MuteView};
pub use show::{DeliveryView, EventDelivery, EventView, Preview, preview};
pub use waiting::Waiting;

use self::{channels::rules_of, mutes::Mutes};
use crate::{apply::ComponentResult, context::Engine, error::EngineError, registry::Current};

/// How many components of a sync are told apart, so that some can be muted; a message lists fewer.
const NAMES: usize = burst::TOLD_APART;

/// Puts an event into the outbox, for every enabled channel that wants its type.
pub(crate) async fn enqueue(
    tx: &mut Tx,
    event_type: EventType,
    payload_summary: Value,
    correlation: CorrelationId,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    let id = EventId::from(Uuid::now_v7());
    let event = event(tx, id, event_type, payload_summary, correlation, now).await?;
    notifications::enqueue(tx, event, now).await?;
    Ok(())
}

/// An event for every enabled channel that wants its type, and to which it is worth telling.
pub(crate) async fn event(
    tx: &mut Tx,
    id: EventId,
    event_type: EventType,
    payload_summary: Value,
    correlation: CorrelationId,
    now: DateTime<Utc>,
) -> Result<notifications::NewEvent, EngineError> {
    let mut targets = Vec::new();
    let mutes = Mutes::read(tx).await?;
    for channel in channel_rows::list(tx).await? {
        let wants = channel
            .categories
            .as_array()
            .is_some_and(|all| all.iter().any(|category| category == event_type.as_str()));
        if !channel.enabled || !wants {
            continue;
        }
        // Who may not come in is told nothing either.
        if let Some(owner) = channel.owner
            && users::get(tx, owner).await?.disabled_at.is_some()
        {
            continue;
        }
        let is_muted = |name: &str| mutes.hold(name, channel.id, now);
        if rules_of(&channel)?.wants(event_type, &payload_summary, &is_muted) {
            targets.push(channel.id);
        }
    }
    Ok(notifications::NewEvent {
        id,
        event_type,
        payload_summary,
        channel_targets: json!(targets),
        correlation_id: Some(correlation),
    })
}

impl Engine {
    /// Puts an event into the outbox, for every enabled channel that wants its type.
    pub(crate) async fn enqueue(
        &self,
        tx: &mut Tx,
        event_type: EventType,
        payload_summary: Value,
    ) -> Result<(), EngineError> {
        enqueue(tx, event_type, payload_summary, self.correlation, self.now()).await
    }

    pub(crate) async fn tell_of_sync(
        &self,
        tx: &mut Tx,
        operation: OperationId,
        status: OperationStatus,
        results: &[ComponentResult],
    ) -> Result<(), EngineError> {
        let names = |state: ComponentState| {
            let names =
                results.iter().filter(|result| result.state == state).map(|result| result.name.as_str());
            names.take(NAMES).collect::<Vec<_>>()
        };
        let summary = json!({
            "operation": operation,
            "status": status,
            "components": results.len(),
            "applied": names(ComponentState::Applied),
            "failed": names(ComponentState::Failed),
        });
        self.enqueue(tx, EventType::SyncCompleted, summary).await
    }

    /// Tells of drift that is seen for the first time.
    pub(crate) async fn tell_of_drift(
        &self,
        tx: &mut Tx,
        current: &Current,
        now: DateTime<Utc>,
    ) -> Result<(), EngineError> {
        let mut drifted = Vec::new();
        for (entry, code) in current.entries.iter().zip(&current.sides.components) {
            let Some(compared) = &entry.compared else { continue };
            let new = compared.new_since(now);
            if new > 0 {
                drifted.push((code.name.as_str(), new));
            }
        }
        if drifted.is_empty() {
            return Ok(());
        }
        self.enqueue(tx, EventType::DriftDetected, burst::drift(&drifted)).await
    }
}
