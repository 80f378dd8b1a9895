//! Events as people look at them: what waits, what failed, what one would look like.

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ChannelId, CorrelationId, EventId},
    notification::{DispatchStatus, EventType, Message, example},
    role::Action,
    undo::Outcome,
};
use lockstep_providers::{
    channel::{self, Outgoing, Sent},
    line::{Line, Patience},
};
use lockstep_store::{
    ReadTx,
    channels::{self, Channel},
    deliveries::{self, Delivery},
    notifications::{self, Event},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{context::Engine, error::EngineError};

/// An event, and how far it got.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EventView {
    /// Its id.
    pub id: EventId,
    /// What it tells of.
    pub event_type: EventType,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// How far it is.
    pub status: DispatchStatus,
    /// What it says.
    pub message: Message,
    /// Not before that time it is tried again.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// What it belongs to.
    pub correlation_id: Option<CorrelationId>,
    /// Each channel that was tried.
    pub deliveries: Vec<DeliveryView>,
}

/// How far an event got in a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DeliveryView {
    /// The channel.
    pub channel: String,
    /// How far it is.
    pub status: DispatchStatus,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was last tried.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// Why the last try failed.
    pub reason: Option<String>,
}

/// A delivery, with what is delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EventDelivery {
    /// The event.
    pub event: EventId,
    /// What it tells of.
    pub event_type: EventType,
    /// What it says, in a line.
    pub title: String,
    /// How far it got.
    #[serde(flatten)]
    pub delivery: DeliveryView,
    /// When it got there.
    pub delivered_at: Option<DateTime<Utc>>,
    /// The event whose message told of it, too.
    pub told_with: Option<EventId>,
}

/// What an event of a type looks like in each kind of channel.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "NotificationPreview")]
pub struct Preview {
    /// The type.
    pub event_type: EventType,
    /// What it says.
    pub message: Message,
    /// In Slack, as Block Kit.
    pub slack: Vec<Value>,
    /// To a program.
    pub webhook: Value,
    /// As mail, in plain text.
    pub text: String,
    /// As mail, in HTML.
    pub html: String,
}

/// What an event of that type looks like, by an example.
pub fn preview(event_type: EventType, now: DateTime<Utc>) -> Preview {
    let payload = example(event_type);
    let message = Message::of(event_type, &payload);
    let id = Uuid::nil().to_string();
    let outgoing = Outgoing {
        id,
        event_type,
        happened_at: now,
        now,
        message: &message,
        payload: &payload,
        may_be_there: false,
    };
    let (text, html) = channel::email(&message);
    let webhook = channel::webhook_body(&outgoing);
    Preview { event_type, slack: channel::slack_blocks(&message), webhook, text, html, message }
}

async fn view(tx: &mut ReadTx, known: &[Channel], event: Event) -> Result<EventView, EngineError> {
    let deliveries = deliveries::of_event(tx, event.id).await?;
    Ok(EventView {
        id: event.id,
        event_type: event.event_type,
        created_at: event.created_at,
        status: event.dispatch_status,
        message: Message::of(event.event_type, &event.payload_summary),
        next_attempt_at: event.next_attempt_at,
        correlation_id: event.correlation_id,
        deliveries: deliveries.into_iter().map(|delivery| delivery_view(known, delivery)).collect(),
    })
}

fn delivery_view(known: &[Channel], delivery: Delivery) -> DeliveryView {
    let channel = known.iter().find(|channel| channel.id == delivery.channel_id);
    DeliveryView {
        channel: channel.map_or_else(|| delivery.channel_id.to_string(), |channel| channel.name.clone()),
        status: delivery.status,
        attempts: delivery.attempt_count,
        last_attempt_at: delivery.last_attempt_at,
        reason: delivery.last_error,
    }
}

impl Engine {
    /// The newest events, or those that stand so.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails.
    pub async fn events(
        &self,
        limit: usize,
        status: Option<DispatchStatus>,
    ) -> Result<Vec<EventView>, EngineError> {
        self.permit(Action::Read, 0).await?;
        let mut tx = self.store.read().await?;
        let known = channels::list(&mut tx).await?;
        let mut views = Vec::new();
        for event in notifications::recent(&mut tx, status, limit).await? {
            views.push(view(&mut tx, &known, event).await?);
        }
        Ok(views)
    }

    /// The event of that id.
    ///
    /// # Errors
    /// When there is none, or the role does not allow it.
    pub async fn event(&self, id: EventId) -> Result<EventView, EngineError> {
        self.permit(Action::Read, 0).await?;
        let mut tx = self.store.read().await?;
        let known = channels::list(&mut tx).await?;
        let event = notifications::get(&mut tx, id).await?;
        view(&mut tx, &known, event).await
    }

    /// The newest deliveries, or those that stand so.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails.
    pub async fn deliveries(
        &self,
        limit: usize,
        status: Option<DispatchStatus>,
    ) -> Result<Vec<EventDelivery>, EngineError> {
        self.permit(Action::Read, 0).await?;
        let mut tx = self.store.read().await?;
        let known = channels::list(&mut tx).await?;
        let mut views = Vec::new();
        for delivery in deliveries::recent(&mut tx, status, limit).await? {
            let event = notifications::get(&mut tx, delivery.event_id).await?;
            views.push(EventDelivery {
                event: event.id,
                event_type: event.event_type,
                title: Message::of(event.event_type, &event.payload_summary).title,
                delivered_at: delivery.delivered_at,
                told_with: delivery.told_with,
                delivery: delivery_view(&known, delivery),
            });
        }
        Ok(views)
    }

    /// Puts what failed into the outbox again, as a new event to the channels that have not got it. Gives the new one.
    ///
    /// # Errors
    /// When the role does not allow it, there is no such event, or it has not failed.
    pub async fn retry_event(&self, id: EventId) -> Result<EventId, EngineError> {
        self.permit(Action::NotificationSettings, 0).await?;
        let mut tx = self.store.begin().await?;
        let event = notifications::get(&mut tx, id).await?;
        let failed = deliveries::of_event(&mut tx, id).await?.into_iter();
        let targets: Vec<ChannelId> = failed
            .filter(|delivery| delivery.status == DispatchStatus::Failed)
            .map(|delivery| delivery.channel_id)
            .collect();
        if event.dispatch_status != DispatchStatus::Failed || targets.is_empty() {
            let message = format!("the event {id} has not failed: it is {}", event.dispatch_status);
            return Err(EngineError::refused(
                "not-failed",
                message,
                "`lockstep notify list --failed` lists those that have",
            ));
        }
        let again = notifications::NewEvent {
            id: EventId::from(Uuid::now_v7()),
            event_type: event.event_type,
            payload_summary: event.payload_summary,
            channel_targets: json!(targets),
            correlation_id: event.correlation_id,
        };
        let new = again.id;
        notifications::enqueue(&mut tx, again, self.now()).await?;
        let detail = json!({ "event": id, "again": new });
        self.audit(&mut tx, "notification.retry", Outcome::Done, 0, detail).await?;
        tx.commit().await?;
        Ok(new)
    }

    /// Sends an example to a channel, now and past the outbox.
    ///
    /// # Errors
    /// When the role does not allow it, there is no such channel, or it doesn't take it.
    pub async fn test_channel(&self, name: &str, event_type: EventType) -> Result<(), EngineError> {
        self.permit(Action::NotificationSettings, 0).await?;
        let channel = self.channel(name).await?;
        let target = self.channel_target(&channel).await?;
        let line = Line::new(Patience::default()).map_err(|error| EngineError::Bug(error.to_string()))?;
        let payload = example(event_type);
        let mut message = Message::of(event_type, &payload);
        message.title = format!("Test: {}", message.title);
        let outgoing = Outgoing {
            id: Uuid::now_v7().to_string(),
            event_type,
            happened_at: self.now(),
            now: self.now(),
            message: &message,
            payload: &payload,
            may_be_there: false,
        };
        let sent = channel::send(&target, &outgoing, &line).await;
        let (outcome, reason) = match sent {
            Sent::Delivered => (Outcome::Done, None),
            Sent::Later { reason, .. } | Sent::Never { reason } => (Outcome::Failed, Some(reason)),
        };
        let mut tx = self.store.begin().await?;
        self.audit(&mut tx, "channel.test", outcome, 0, json!({ "channel": name, "reason": reason })).await?;
        tx.commit().await?;
        match reason {
            None => Ok(()),
            Some(reason) => Err(EngineError::refused(
                "not-delivered",
                format!("`{name}` did not take it: {reason}"),
                "check the channel's settings, and its credential: `lockstep credential validate`",
            )),
        }
    }
}
