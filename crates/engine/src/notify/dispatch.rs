//! From the outbox to the channels: in order for each channel, again where a reason passes, and given up in the end.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    ids::{ChannelId, DeliveryId, EventId},
    notification::{ChannelKind, ChannelRules, DispatchStatus, EventType, Message, Next, next},
    role::Action,
    step::Machine as _,
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
use serde_json::Value;
use uuid::Uuid;

use super::{
    ahead::{Ahead, place},
    channels::rules_of,
    group,
    mutes::Mutes,
};
use crate::{context::Engine, error::EngineError, failpoint, process};

/// How long an event is left to who claimed it, unless that one dies.
const CLAIM: TimeDelta = TimeDelta::minutes(5);
/// How old a claim grows before it is made anew. Telling one event takes less than the rest.
const RENEWAL: TimeDelta = TimeDelta::minutes(1);
/// How long what quiet hours hold back is left alone before the hours are looked at again.
const HELD: TimeDelta = TimeDelta::minutes(10);
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

/// Whether events that come in bursts are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Haste {
    /// What is there is sent at once; of one kind together.
    AtOnce,
    /// Each channel waits for as long as it gathers.
    Gathering,
}

/// A turn of the dispatcher.
struct Turn<'a> {
    engine: &'a Engine,
    haste: Haste,
    line: Line,
    by: String,
    channels: BTreeMap<ChannelId, (Channel, ChannelRules)>,
    mutes: Mutes,
    ahead: Ahead,
    paced: BTreeMap<ChannelId, Instant>,
    done: Vec<Dispatched>,
}

impl Engine {
    /// Sends what waits in the outbox and is due. What another process has claimed is left to it.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails. A channel that fails is no error: it is tried again, or
    /// given up, which the event shows.
    pub async fn dispatch(&self, haste: Haste) -> Result<Vec<Dispatched>, EngineError> {
        self.permit(Action::Scan, 0).await?;
        let line = Line::new(Patience::default()).map_err(|error| EngineError::Bug(error.to_string()))?;
        for by in the_dead(&self.store).await? {
            let mut tx = self.store.begin().await?;
            notifications::release(&mut tx, &by).await?;
            tx.commit().await?;
        }
        let mut tx = self.store.read().await?;
        let rows = channels::list(&mut tx).await?;
        let mutes = Mutes::read(&mut tx).await?;
        drop(tx);
        let with_rules = |row: Channel| Ok((row.id, (row.clone(), rules_of(&row)?)));
        let mut turn = Turn {
            engine: self,
            haste,
            mutes,
            ahead: Ahead::default(),
            line,
            by: format!("{}/{}", process::token(), Uuid::new_v4()),
            channels: rows.into_iter().map(with_rules).collect::<Result<_, EngineError>>()?,
            paced: BTreeMap::new(),
            done: Vec::new(),
        };
        while !self.progress().wants_stop() {
            let mut tx = self.store.begin().await?;
            let now = self.now();
            let events = notifications::claim(&mut tx, &turn.by, now, now + CLAIM, AT_ONCE).await?;
            tx.commit().await?;
            failpoint::pass("notify.claimed")?;
            let Some(last) = events.last() else { break };
            turn.ahead = Ahead::read(&mut self.store.read().await?, last).await?;
            let mut held: BTreeSet<EventId> = events.iter().map(|event| event.id).collect();
            let mut renewed = now;
            for event in events {
                let ends = self.progress().wants_stop();
                // A receiver may be slow, and what was claimed with it waits for what comes before.
                let is_stale = self.now() > renewed + RENEWAL;
                if !is_stale && !ends {
                    if held.contains(&event.id) {
                        turn.event(&event).await?;
                    }
                    continue;
                }
                let mut tx = self.store.begin().await?;
                renewed = self.now();
                held = notifications::renew(&mut tx, &turn.by, renewed + CLAIM).await?;
                let is_held = held.contains(&event.id);
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
    let is_due = notifications::is_due(&mut store.read().await?, now).await?;
    Ok(is_due || !the_dead(store).await?.is_empty())
}

/// Who has claimed events and died on this machine. Those of other machines are waited for until their time is over.
async fn the_dead(store: &Store) -> Result<Vec<String>, EngineError> {
    let mut claimants = notifications::claimants(&mut store.read().await?).await?;
    claimants
        .retain(|by| !process::is_alive(by.rsplit_once('/').map_or(by.as_str(), |(process, _)| process)));
    Ok(claimants)
}

impl Turn<'_> {
    /// Sends one event to the channels that don't have it yet.
    async fn event(&mut self, event: &Event) -> Result<(), EngineError> {
        let targets: Vec<ChannelId> = serde_json::from_value(event.channel_targets.clone())?;
        let mut again: Option<DateTime<Utc>> = None;
        let mut failed = false;
        for channel in targets {
            match self.told(event, channel).await? {
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
                failpoint::pass("notify.concluding")?;
                tx.commit().await?;
                failpoint::pass("notify.concluded")
            }
        }
    }

    /// Tells a channel of an event, unless it has it, is to be left alone, or waits for others.
    async fn told(&mut self, event: &Event, channel: ChannelId) -> Result<Ended, EngineError> {
        let known = deliveries::of_event(&mut self.engine.store.read().await?, event.id).await?;
        let known = known.into_iter().find(|delivery| delivery.channel_id == channel);
        match known.as_ref().map(|delivery| delivery.status) {
            Some(DispatchStatus::Sent) => return Ok(Ended::Sent),
            Some(DispatchStatus::Failed) => return Ok(Ended::Failed),
            Some(DispatchStatus::Queued | DispatchStatus::Retrying) | None => {}
        }
        // One that was taken away is told nothing, and fails nothing.
        let Some((_, rules)) = self.channels.get(&channel) else { return Ok(Ended::Sent) };
        let now = self.engine.now();
        if let Some(until) = rules.held(event.event_type, now) {
            // Quiet hours may be other ones before they end.
            return Ok(Ended::Again(until.min(now + HELD)));
        }
        let gathering = rules.gathering(event.event_type, &event.payload_summary);
        if let Some(until) = self.is_behind(event, channel).await? {
            return Ok(Ended::Again(until));
        }
        let is_new = known.is_none_or(|delivery| delivery.attempt_count == 0);
        match gathering.map(|time| event.created_at + time).filter(|until| *until > now) {
            Some(until) if is_new && self.haste == Haste::Gathering => Ok(Ended::Again(until)),
            _ => self.deliver(event, channel, gathering.is_some()).await,
        }
    }

    /// Until when a channel waits for an earlier event that it has not got yet. What is held back until quiet hours end, or
    /// waits for others of its kind, holds up nothing else.
    async fn is_behind(
        &mut self,
        event: &Event,
        channel: ChannelId,
    ) -> Result<Option<DateTime<Utc>>, EngineError> {
        loop {
            let holds_up = |earlier: &Event| !self.is_left_for_later(earlier, channel);
            let Some(earlier) = self.ahead.first_before(channel, place(event), holds_up) else {
                return Ok(None);
            };
            let mut tx = self.engine.store.read().await?;
            let now = notifications::get(&mut tx, earlier).await?;
            let deliveries = deliveries::of_event(&mut tx, earlier).await?;
            let is_done = |delivery: &Delivery| delivery.channel_id == channel && delivery.status.is_final();
            if !now.dispatch_status.is_final() && !deliveries.iter().any(is_done) {
                let soon = self.engine.now() + TimeDelta::seconds(1);
                return Ok(Some(now.next_attempt_at.map_or(soon, |at| at.max(soon))));
            }
            self.ahead.remove(channel, earlier);
        }
    }

    /// Whether a channel is not to be told of an event yet: it has quiet hours, or gathers what is like it.
    fn is_left_for_later(&self, event: &Event, channel: ChannelId) -> bool {
        let Some((_, rules)) = self.channels.get(&channel) else { return false };
        let now = self.engine.now();
        let gathering = rules
            .gathering(event.event_type, &event.payload_summary)
            .filter(|_| self.haste == Haste::Gathering);
        rules.held(event.event_type, now).is_some()
            || gathering.is_some_and(|time| event.created_at + time > now)
    }

    async fn deliver(
        &mut self,
        event: &Event,
        channel: ChannelId,
        gathers: bool,
    ) -> Result<Ended, EngineError> {
        let now = self.engine.now();
        let mut tx = self.engine.store.begin().await?;
        let id = DeliveryId::from(Uuid::new_v4());
        let delivery = deliveries::ensure(&mut tx, id, event.id, channel, now).await?;
        match delivery.status {
            DispatchStatus::Sent => return Ok(Ended::Sent),
            DispatchStatus::Failed => return Ok(Ended::Failed),
            DispatchStatus::Queued | DispatchStatus::Retrying => {}
        }
        if delivery.told_with.is_some() {
            // Another message tells of it, and is about to.
            return Ok(Ended::Again(now + TimeDelta::seconds(1)));
        }
        let attempt = deliveries::begin_attempt(&mut tx, delivery.id, now).await?;
        if gathers && attempt == 1 {
            group::gather(&mut tx, event, channel, now).await?;
            failpoint::pass("notify.gathered")?;
        }
        let payload = group::payload(&mut tx, event, channel, &self.mutes).await?;
        tx.commit().await?;
        failpoint::pass("notify.begun")?;
        let sent = self.send(event, &payload, channel, attempt > 1).await?;
        failpoint::pass("notify.sent")?;
        self.settle(event, channel, &delivery, attempt, sent).await
    }

    async fn send(
        &mut self,
        event: &Event,
        payload: &Value,
        channel: ChannelId,
        may_be_there: bool,
    ) -> Result<Sent, EngineError> {
        let Some((channel, _)) = self.channels.get(&channel) else {
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
        let message = Message::of(event.event_type, payload);
        let outgoing = Outgoing {
            id: event.id.to_string(),
            event_type: event.event_type,
            happened_at: event.created_at,
            now: self.engine.now(),
            message: &message,
            payload,
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
            ended => {
                deliveries::conclude(&mut tx, delivery.id, ended, reason.as_deref(), now).await?;
                deliveries::conclude_with(&mut tx, event.id, channel, ended, reason.as_deref(), now).await?;
            }
        }
        failpoint::pass("notify.settling")?;
        tx.commit().await?;
        failpoint::pass("notify.settled")?;
        if status.is_final() {
            self.ahead.remove(channel, event.id);
        }
        let name =
            self.channels.get(&channel).map_or_else(|| channel.to_string(), |known| known.0.name.clone());
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
