//! A digest as an event: one for each period of a schedule, whoever runs it and however often.

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    contract::sha256_hex,
    ids::EventId,
    notification::{Digest, EventType},
    role::Action,
    schedule::Timetable,
    undo::Outcome,
};
use lockstep_store::notifications;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Period, digest};
use crate::{
    context::Engine,
    error::EngineError,
    notify,
    schedule::{Schedule, timetable},
};

/// So many events are looked at for the last one of a schedule.
const LOOKED_AT: usize = 200;

/// How a schedule makes digests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DigestRules {
    /// Whether one of a time in which nothing happened is left out.
    pub skip_empty: bool,
}

/// What became of a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DigestOutcome {
    /// It is in the outbox.
    Stored,
    /// One of this period was there already.
    Repeated,
    /// Nothing happened, and such digests are left out.
    Empty,
}

/// A digest that was to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DigestSent {
    /// What became of it.
    pub outcome: DigestOutcome,
    /// Its event.
    pub event: Option<EventId>,
    /// From when it is.
    pub since: DateTime<Utc>,
    /// Until before when.
    pub until: DateTime<Utc>,
}

impl Engine {
    /// Puts a digest into the outbox, for the channels that want one.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails.
    pub async fn send_digest(&self, digest: &Digest) -> Result<DigestSent, EngineError> {
        self.permit(Action::NotificationSettings, 0).await?;
        self.store_digest(EventId::from(Uuid::now_v7()), digest).await
    }

    /// What a schedule does when it is due, or when a person runs it.
    pub(crate) async fn scheduled_digest(
        &self,
        schedule: &Schedule,
        due: Option<DateTime<Utc>>,
    ) -> Result<DigestSent, EngineError> {
        let rules: DigestRules = serde_json::from_value(schedule.detail.clone())?;
        let table = timetable(&schedule.cron, &schedule.timezone)?;
        let period = self.period_of(schedule, &table, due).await?;
        let hub = self.workspace.config.hub.as_deref();
        let mut digest = digest(&self.store, &period, hub, self.now()).await?;
        if rules.skip_empty && digest.is_empty() {
            let Period { since, until, .. } = period;
            return Ok(DigestSent { outcome: DigestOutcome::Empty, event: None, since, until });
        }
        // One that a person asked for in between is none of the schedule's.
        digest.schedule = due.map(|_| schedule.name.clone());
        let id = due.map_or_else(|| Uuid::now_v7().into(), |_| id_of(schedule, period.until));
        self.store_digest(id, &digest).await
    }

    /// From the time before the one that is due until the last one that has come: what was missed is caught up by one.
    async fn period_of(
        &self,
        schedule: &Schedule,
        table: &Timetable,
        due: Option<DateTime<Utc>>,
    ) -> Result<Period, EngineError> {
        let now = self.now();
        let until = due.map_or(now, |due| table.latest(now).map_or(due, |latest| latest.max(due)));
        let instant = TimeDelta::microseconds(1);
        let before = table.latest(due.unwrap_or(now) - instant);
        let mut since = before.unwrap_or(until - TimeDelta::days(1));
        // A process that died after it had told of a part of it: that part is told already.
        let mut tx = self.store.read().await?;
        for event in notifications::of_type(&mut tx, EventType::Digest, LOOKED_AT).await? {
            let told = serde_json::from_value::<Digest>(event.payload_summary).ok();
            let of_schedule = told.filter(|told| told.schedule.as_ref() == Some(&schedule.name));
            if let Some(told) = of_schedule.filter(|told| told.until > since && told.until < until) {
                since = told.until;
            }
        }
        Ok(Period { since, until, zone: schedule.timezone.clone() })
    }

    async fn store_digest(&self, id: EventId, digest: &Digest) -> Result<DigestSent, EngineError> {
        let Digest { since, until, .. } = *digest;
        let sent = |outcome| DigestSent { outcome, event: Some(id), since, until };
        let mut tx = self.store.begin().await?;
        let event =
            notify::event(&mut tx, id, EventType::Digest, json!(digest), self.correlation, self.now())
                .await?;
        if !notifications::enqueue_once(&mut tx, event, self.now()).await? {
            return Ok(sent(DigestOutcome::Repeated));
        }
        let detail = json!({ "event": id, "since": since, "until": until, "schedule": digest.schedule });
        self.audit(&mut tx, "digest.send", Outcome::Done, 0, detail).await?;
        tx.commit().await?;
        Ok(sent(DigestOutcome::Stored))
    }
}

/// The id of a period's event: the same in whichever process.
fn id_of(schedule: &Schedule, until: DateTime<Utc>) -> EventId {
    let digest = sha256_hex(format!("digest\0{}\0{}", schedule.id, until.timestamp_micros()).as_bytes());
    let number = u128::from_str_radix(&digest[..32], 16).unwrap_or_default();
    uuid::Builder::from_custom_bytes(number.to_be_bytes()).into_uuid().into()
}
