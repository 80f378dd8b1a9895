//! Events: written in the transaction of what they tell, and dispatched later to the channels that want them.

mod channels;
mod dispatch;
mod show;
mod target;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{CorrelationId, EventId, OperationId},
    notification::EventType,
    operation::{ComponentState, OperationStatus},
};
use lockstep_store::{Tx, channels as channel_rows, notifications};
use serde_json::{Value, json};
use uuid::Uuid;

pub use channels::{ChannelRequest, ChannelView};
pub use dispatch::{Dispatched, is_due};
pub use show::{DeliveryView, EventView, Preview, preview};

use crate::{apply::ComponentResult, context::Engine, error::EngineError, registry::Current};

/// How many names an event lists; the counts are always whole.
const NAMES: usize = 20;

/// Puts an event into the outbox, for every enabled channel that wants its type.
pub(crate) async fn enqueue(
    tx: &mut Tx,
    event_type: EventType,
    payload_summary: Value,
    correlation: CorrelationId,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    let id = EventId::from(Uuid::now_v7());
    let event = event(tx, id, event_type, payload_summary, correlation).await?;
    notifications::enqueue(tx, event, now).await?;
    Ok(())
}

/// An event for every enabled channel that wants its type.
pub(crate) async fn event(
    tx: &mut Tx,
    id: EventId,
    event_type: EventType,
    payload_summary: Value,
    correlation: CorrelationId,
) -> Result<notifications::NewEvent, EngineError> {
    let mut targets = Vec::new();
    for channel in channel_rows::list(tx).await? {
        let wants = channel
            .categories
            .as_array()
            .is_some_and(|all| all.iter().any(|category| category == event_type.as_str()));
        if channel.enabled && wants {
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

/// What an event tells of drift that is seen for the first time.
pub(crate) fn drift_summary(names: &[&str], changes: usize) -> Value {
    json!({ "components": names.len(), "changes": changes, "names": &names[..names.len().min(NAMES)] })
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
        let mut names = Vec::new();
        let mut changes = 0;
        for (entry, code) in current.entries.iter().zip(&current.sides.components) {
            let Some(compared) = &entry.compared else { continue };
            let new = compared.new_since(now);
            if new > 0 {
                changes += new;
                names.push(code.name.as_str());
            }
        }
        if names.is_empty() {
            return Ok(());
        }
        self.enqueue(tx, EventType::DriftDetected, drift_summary(&names, changes)).await
    }
}
