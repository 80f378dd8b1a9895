//! What waits in the outbox, and until when.

use chrono::{DateTime, Utc};
use lockstep_core::ids::ChannelId;
use lockstep_store::{channels, deliveries, notifications};

use super::channels::rules_of;
use crate::{context::Engine, error::EngineError};

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many events some channel is still to be told of.
    pub events: usize,
    /// How many of them wait for quiet hours to end.
    pub quiet: usize,
    /// When the first of them is told; none where one is due, and is another process's to send.
    pub next: Option<DateTime<Utc>>,
}

impl Engine {
    /// What waits in the outbox.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn waiting(&self) -> Result<Waiting, EngineError> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let channels = channels::list(&mut tx).await?;
        let ended = deliveries::ended_of_pending(&mut tx).await?;
        let (mut waiting, mut is_due) = (Waiting { events: 0, quiet: 0, next: None }, false);
        for event in notifications::pending(&mut tx).await? {
            let targets: Vec<ChannelId> = serde_json::from_value(event.channel_targets)?;
            let has = |id: ChannelId| ended.contains(&(event.id, id));
            let (mut at, mut is_quiet) = (event.next_attempt_at, false);
            for channel in channels.iter().filter(|channel| targets.contains(&channel.id) && !has(channel.id))
            {
                // The outbox looks at these hours again before they end.
                if let Some(end) = rules_of(channel)?.held(event.event_type, now) {
                    at = Some(if is_quiet { at.map_or(end, |at| at.min(end)) } else { end });
                    is_quiet = true;
                }
            }
            waiting.events += 1;
            waiting.quiet += usize::from(is_quiet);
            match at.filter(|at| *at > now) {
                Some(at) => waiting.next = Some(waiting.next.map_or(at, |next| next.min(at))),
                None => is_due = true,
            }
        }
        waiting.next = waiting.next.filter(|_| !is_due);
        Ok(waiting)
    }
}
