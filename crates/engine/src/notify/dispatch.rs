//! From the outbox to the channels: in order for each channel, again where a reason passes, and given up in the end.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    ids::{ChannelId, DeliveryId, EventId},
    notification::{ChannelKind, DispatchStatus, EventType, Message, Next, next},
    role::Action,
};
use lockstep_providers::{
    channel::{Outgoing, Sent, send},
    line::{Line, Patience},
};
use lockstep_store::{
    Error as StoreError, Store,
    channels::{self, Channel},
    deliveries::{self, Delivery},
    notifications::{self, Event},
};
use serde::Serialize;
use uuid::Uuid;

use crate::{context::Engine, error::EngineError, process};

/// How long an event is left to who claimed it, unless that one dies.
const CLAIM: TimeDelta = TimeDelta::minutes(5);
/// How many are claimed at once.
const AT_ONCE: usize = 20;
/// Slack takes about one message a second for a channel.
const SLACK_PACE: Duration = Duration::from_millis(1_100);

/// What became of an event in a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dispatched {
    /// The event.
    pub event: EventId,
    /// What it tells of.
    pub event_type: EventType,
    /// The channel.
    pub channel: String,
    /// `sent`, `retrying` or `failed`.
    pub status: DispatchStatus,
    /// Which try it was.
    pub attempt: i64,
    /// Why it was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<DateTime<Utc>>,
}

/// A turn of the dispatcher.
struct Turn<'a> {
    engine: &'a Engine,
    line: Line,
    by: String,
    channels: BTreeMap<ChannelId, Channel>,
    paced: BTreeMap<ChannelId, Instant>,
    done: Vec<Dispatched>,
}

impl Engine {
    /// Sends what waits in the outbox and is due. What another process has claimed is left to it.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails. A channel that fails is no error: it is tried again, or
    /// given up, which the event shows.
    pub async fn dispatch(&self) -> Result<Vec<Dispatched>, EngineError> {
        self.permit(Action::Scan, 0).await?;
        let line = Line::new(Patience::default()).map_err(|error| EngineError::Bug(error.to_string()))?;
        let rows = channels::list(&mut self.store.read().await?).await?;
        let mut turn = Turn {
            engine: self,
            line,
            by: format!("{}/{}", process::token(), Uuid::new_v4()),
            channels: rows.into_iter().map(|row| (row.id, row)).collect(),
            paced: BTreeMap::new(),
            done: Vec::new(),
        };
        while !self.progress().wants_stop() {
            let mut tx = self.store.begin().await?;
            let now = self.now();
            let events = notifications::claim(&mut tx, &turn.by, now, now + CLAIM, AT_ONCE).await?;
            tx.commit().await?;
            if events.is_empty() {
                break;
            }
            for event in events {
                // What was claimed with it waits for what comes before.
                let mut tx = self.store.begin().await?;
                let held = notifications::renew(&mut tx, &turn.by, self.now() + CLAIM).await?;
                let is_held = held.contains(&event.id);
                let ends = self.progress().wants_stop();
                if is_held && ends {
                    notifications::postpone(&mut tx, event.id, &turn.by, self.now()).await?;
                }
                tx.commit().await?;
                if ends || !is_held {
                    continue;
                }
                turn.event(&event).await?;
            }
        }
        Ok(turn.done)
    }
}

/// Whether anything waits in the outbox that [`Engine::dispatch`] would send now.
///
/// # Errors
/// When the registry fails.
pub async fn is_due(store: &Store, now: DateTime<Utc>) -> Result<bool, EngineError> {
    Ok(notifications::is_due(&mut store.read().await?, now).await?)
}

impl Turn<'_> {
    /// Sends one event to the channels that don't have it yet.
    async fn event(&mut self, event: &Event) -> Result<(), EngineError> {
        let targets: Vec<ChannelId> = serde_json::from_value(event.channel_targets.clone())?;
        let mut again: Option<DateTime<Utc>> = None;
        let mut failed = false;
        for channel in targets {
            let status = match self.is_behind(event, channel).await? {
                Some(until) => {
                    again = Some(again.map_or(until, |known| known.min(until)));
                    continue;
                }
                None => self.deliver(event, channel).await?,
            };
            match status {
                Ended::Sent => {}
                Ended::Failed => failed = true,
                Ended::Again(at) => again = Some(again.map_or(at, |known| known.min(at))),
            }
        }
        let mut tx = self.engine.store.begin().await?;
        let put = match (again, failed) {
            (Some(at), _) => notifications::postpone(&mut tx, event.id, &self.by, at).await,
            (None, true) => {
                notifications::conclude(&mut tx, event.id, &self.by, DispatchStatus::Failed).await
            }
            (None, false) => notifications::conclude(&mut tx, event.id, &self.by, DispatchStatus::Sent).await,
        };
        match put {
            // The claim ran out, and another process goes on with it.
            Err(StoreError::Lost { .. }) => Ok(()),
            put => {
                put?;
                Ok(tx.commit().await?)
            }
        }
    }

    /// Until when a channel waits for an earlier event that it has not got yet.
    async fn is_behind(
        &self,
        event: &Event,
        channel: ChannelId,
    ) -> Result<Option<DateTime<Utc>>, EngineError> {
        let mut tx = self.engine.store.read().await?;
        for earlier in notifications::pending(&mut tx).await? {
            if (earlier.created_at, earlier.id) >= (event.created_at, event.id) {
                break;
            }
            let targets: BTreeSet<ChannelId> = serde_json::from_value(earlier.channel_targets.clone())?;
            let deliveries = deliveries::of_event(&mut tx, earlier.id).await?;
            let is_done = |delivery: &Delivery| {
                delivery.channel_id == channel
                    && matches!(delivery.status, DispatchStatus::Sent | DispatchStatus::Failed)
            };
            if targets.contains(&channel) && !deliveries.iter().any(is_done) {
                let soon = self.engine.now() + TimeDelta::seconds(1);
                return Ok(Some(earlier.next_attempt_at.map_or(soon, |at| at.max(soon))));
            }
        }
        Ok(None)
    }

    async fn deliver(&mut self, event: &Event, channel: ChannelId) -> Result<Ended, EngineError> {
        let now = self.engine.now();
        let mut tx = self.engine.store.begin().await?;
        let id = DeliveryId::from(Uuid::new_v4());
        let delivery = deliveries::ensure(&mut tx, id, event.id, channel, now).await?;
        match delivery.status {
            DispatchStatus::Sent => return Ok(Ended::Sent),
            DispatchStatus::Failed => return Ok(Ended::Failed),
            DispatchStatus::Queued | DispatchStatus::Retrying => {}
        }
        let attempt = deliveries::begin_attempt(&mut tx, delivery.id, now).await?;
        tx.commit().await?;
        let sent = self.send(event, channel, attempt > 1).await?;
        self.settle(event, channel, &delivery, attempt, sent).await
    }

    async fn send(
        &mut self,
        event: &Event,
        channel: ChannelId,
        may_be_there: bool,
    ) -> Result<Sent, EngineError> {
        let Some(channel) = self.channels.get(&channel) else {
            return Ok(Sent::Never { reason: "the channel is there no more".to_owned() });
        };
        let target = match self.engine.channel_target(channel).await {
            Ok(target) => target,
            Err(EngineError::Refused { message, .. }) => return Ok(Sent::Never { reason: message }),
            Err(error) => return Err(error),
        };
        if matches!(channel.kind, ChannelKind::Slack | ChannelKind::SlackWebhook) {
            if let Some(last) = self.paced.get(&channel.id) {
                tokio::time::sleep(SLACK_PACE.saturating_sub(last.elapsed())).await;
            }
            self.paced.insert(channel.id, Instant::now());
        }
        let message = Message::of(event.event_type, &event.payload_summary);
        let outgoing = Outgoing {
            id: event.id.to_string(),
            event_type: event.event_type,
            happened_at: event.created_at,
            now: self.engine.now(),
            message: &message,
            payload: &event.payload_summary,
            may_be_there,
        };
        Ok(send(&target, &outgoing, &self.line).await)
    }

    async fn settle(
        &mut self,
        event: &Event,
        channel: ChannelId,
        delivery: &Delivery,
        attempt: i64,
        sent: Sent,
    ) -> Result<Ended, EngineError> {
        let now = self.engine.now();
        let chance = f64::from(Uuid::new_v4().as_bytes()[0]) / 255.0;
        let (ended, reason) = match sent {
            Sent::Delivered => (Ended::Sent, None),
            Sent::Never { reason } => (Ended::Failed, Some(reason)),
            Sent::Later { reason, after } => match next(attempt, after, chance) {
                Next::GiveUp => (Ended::Failed, Some(reason)),
                Next::After(wait) => (Ended::Again(now + wait), Some(reason)),
            },
        };
        let mut tx = self.engine.store.begin().await?;
        let status = match ended {
            Ended::Sent => DispatchStatus::Sent,
            Ended::Failed => DispatchStatus::Failed,
            Ended::Again(_) => DispatchStatus::Retrying,
        };
        match status {
            DispatchStatus::Retrying => {
                deliveries::record_error(&mut tx, delivery.id, reason.as_deref().unwrap_or_default()).await?;
            }
            ended => deliveries::conclude(&mut tx, delivery.id, ended, reason.as_deref(), now).await?,
        }
        tx.commit().await?;
        let name =
            self.channels.get(&channel).map_or_else(|| channel.to_string(), |known| known.name.clone());
        self.done.push(Dispatched {
            event: event.id,
            event_type: event.event_type,
            channel: name,
            status,
            attempt,
            reason,
            next_attempt_at: if let Ended::Again(at) = ended { Some(at) } else { None },
        });
        Ok(ended)
    }
}

/// How a delivery stands after a turn.
#[derive(Debug, Clone, Copy)]
enum Ended {
    Sent,
    Failed,
    Again(DateTime<Utc>),
}
