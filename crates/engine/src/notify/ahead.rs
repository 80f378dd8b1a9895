//! Which events each channel has to be told of before others.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::ids::{ChannelId, EventId};
use lockstep_store::{
    ReadTx, deliveries,
    notifications::{self, Event},
};

use crate::error::EngineError;

/// When an event was written, and its id: what the order of events is made of.
pub(super) type Place = (DateTime<Utc>, EventId);

pub(super) fn place(event: &Event) -> Place {
    (event.created_at, event.id)
}

/// The events that each channel has not got, oldest first, up to some event: read once for all that are claimed together,
/// since a backlog may be long. What was read may be over by now, so that whoever would wait asks again.
#[derive(Debug, Default)]
pub(super) struct Ahead(BTreeMap<ChannelId, BTreeMap<Place, Event>>);

impl Ahead {
    pub(super) async fn read(tx: &mut ReadTx, last: &Event) -> Result<Self, EngineError> {
        let ended = deliveries::ended_of_pending(tx).await?;
        let mut ahead = Self::default();
        for event in notifications::pending_until(tx, last.created_at).await? {
            let targets: Vec<ChannelId> = serde_json::from_value(event.channel_targets.clone())?;
            for channel in targets.into_iter().filter(|channel| !ended.contains(&(event.id, *channel))) {
                ahead.0.entry(channel).or_default().insert(place(&event), event.clone());
            }
        }
        Ok(ahead)
    }

    /// The first event before a place that a channel has not got, of those that hold up others.
    pub(super) fn first_before(
        &self,
        channel: ChannelId,
        place: Place,
        holds_up: impl Fn(&Event) -> bool,
    ) -> Option<EventId> {
        let waiting = self.0.get(&channel)?;
        waiting.range(..place).map(|(_, event)| event).find(|event| holds_up(event)).map(|event| event.id)
    }

    /// A channel has got an event, or never will.
    pub(super) fn remove(&mut self, channel: ChannelId, event: EventId) {
        if let Some(waiting) = self.0.get_mut(&channel) {
            waiting.retain(|(_, id), _| *id != event);
        }
    }
}
