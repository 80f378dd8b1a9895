//! What happens by itself: schedules, and their due runs. One process takes a due run; what was missed while nobody was
//! there is caught up once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    ids::ScheduleId,
    role::Action,
    schedule::{BadTimetable, ScheduledAct, Timetable},
    sign_in::check_name,
    undo::Outcome,
    word::Word as _,
};
use lockstep_store::{Store, schedules};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

pub use lockstep_store::schedules::Schedule;

use crate::{
    apply::{OnLock, SyncOutcome, short},
    context::Engine,
    digest::DigestRules,
    error::EngineError,
    process,
    registry::Evaluation,
    request::SyncRequest,
    worker::Worker,
};

/// How long a due run is left to who took it; it is renewed long before that.
const CLAIM: TimeDelta = TimeDelta::minutes(2);
const RENEWAL: Duration = Duration::from_secs(30);
/// When a sync is tried again that deferred to another.
const DEFERRAL: TimeDelta = TimeDelta::minutes(5);

/// A schedule that somebody wants.
#[derive(Debug, Clone, Copy)]
pub struct ScheduleRequest<'a> {
    /// What to call it.
    pub name: &'a str,
    /// When, as a cron expression.
    pub cron: &'a str,
    /// On whose clock.
    pub timezone: &'a str,
    /// What it does.
    pub act: ScheduledAct,
    /// How it makes digests, where it does.
    pub digest: DigestRules,
}

/// Whether a schedule that does this is due and nobody has taken it.
///
/// # Errors
/// When the registry fails.
pub async fn is_due(store: &Store, act: ScheduledAct, now: DateTime<Utc>) -> Result<bool, EngineError> {
    Ok(schedules::is_due(&mut store.read().await?, act.as_str(), now).await?)
}

/// A schedule, as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScheduleView {
    /// Its unique name.
    pub name: String,
    /// What it does.
    pub act: String,
    /// When, as a cron expression.
    pub cron: String,
    /// On whose clock.
    pub zone: String,
    /// Whether it runs.
    pub enabled: bool,
    /// When it runs next.
    pub next_run_at: Option<DateTime<Utc>>,
    /// When it last ran.
    pub last_run_at: Option<DateTime<Utc>>,
    /// What came of it.
    pub last_run: Option<Value>,
    /// How it makes digests, where it does.
    pub detail: Value,
}

impl From<Schedule> for ScheduleView {
    fn from(schedule: Schedule) -> Self {
        Self {
            name: schedule.name,
            act: schedule.action,
            cron: schedule.cron,
            zone: schedule.timezone,
            enabled: schedule.enabled,
            next_run_at: schedule.next_run_at,
            last_run_at: schedule.last_run_at,
            last_run: schedule.last_result,
            detail: schedule.detail,
        }
    }
}

/// All schedules, by name, as they stand in the registry.
///
/// # Errors
/// When the registry fails.
pub async fn recorded(store: &Store) -> Result<Vec<ScheduleView>, EngineError> {
    let all = schedules::list(&mut store.read().await?).await?;
    Ok(all.into_iter().map(Into::into).collect())
}

/// A run of a schedule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScheduledRun {
    /// The schedule.
    pub schedule: String,
    /// What it does.
    pub act: String,
    /// When it was due; none when a person ran it.
    pub due: Option<DateTime<Utc>>,
    /// How many more times were missed since, which this one run makes up for.
    pub missed: usize,
    /// What came of it: `done`, `deferred` or `failed`.
    pub outcome: &'static str,
    /// Why it deferred or failed.
    pub reason: Option<String>,
    /// What was done.
    pub result: Value,
    /// When it runs next.
    pub next_run_at: Option<DateTime<Utc>>,
}

/// What came of an act.
enum Acted {
    Done(Value),
    Deferred(String),
}

impl Engine {
    /// Makes a schedule.
    ///
    /// # Errors
    /// When the role does not allow it, the expression or zone is none, the name is taken, or what it does takes no such
    /// rules.
    pub async fn add_schedule(&self, request: ScheduleRequest<'_>) -> Result<Schedule, EngineError> {
        let ScheduleRequest { name, cron, timezone, act, digest } = request;
        if digest != DigestRules::default() && act != ScheduledAct::Digest {
            return Err(EngineError::refused(
                "unfit",
                format!("a schedule that does `{act}` makes no digests"),
                "leave out what is said of digests, or make it `digest`",
            ));
        }
        self.permit(Action::Schedule, 0).await?;
        check_name(name).map_err(|_| {
            let message = "a schedule's name is of letters, digits and `.`, `_`, `-`, `+`, `@`, at most 64";
            EngineError::refused("unfit-name", message, "choose a name such as `weekdays`")
        })?;
        let next_run_at = timetable(cron, timezone)?.after(self.now());
        let mut tx = self.store.begin().await?;
        if schedules::by_name(&mut tx, name).await?.is_some() {
            return Err(EngineError::refused(
                "schedule-exists",
                format!("there is a schedule `{name}` already"),
                format!("take it away with `lockstep schedule remove {name}`, or choose another name"),
            ));
        }
        let schedule = Schedule {
            id: ScheduleId::from(Uuid::new_v4()),
            name: name.to_owned(),
            cron: cron.to_owned(),
            timezone: timezone.to_owned(),
            action: act.word().to_owned(),
            detail: if act == ScheduledAct::Digest { json!(digest) } else { json!({}) },
            enabled: true,
            created_by: Some(self.actor.id),
            next_run_at,
            last_run_at: None,
            last_result: None,
            claimed_by: None,
            claimed_until: None,
            created_at: self.now(),
            updated_at: self.now(),
        };
        schedules::put(&mut tx, schedule.clone()).await?;
        let detail = json!({ "schedule": name, "cron": cron, "timezone": timezone, "act": act });
        self.audit(&mut tx, "schedule.add", Outcome::Done, 0, detail).await?;
        tx.commit().await?;
        Ok(schedule)
    }

    /// All schedules, by name, each with when it runs next.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn schedules(&self) -> Result<Vec<Schedule>, EngineError> {
        self.arm_schedules().await?;
        Ok(schedules::list(&mut self.store.read().await?).await?)
    }

    /// The schedule of that name.
    ///
    /// # Errors
    /// When there is none.
    pub async fn schedule(&self, name: &str) -> Result<Schedule, EngineError> {
        let found = schedules::by_name(&mut self.store.read().await?, name).await?;
        found.ok_or_else(|| {
            EngineError::not_found(
                format!("there is no schedule `{name}`"),
                "`lockstep schedule list` lists them",
            )
        })
    }

    /// Lets a schedule run, or rest. One that rested begins anew: it catches nothing up.
    ///
    /// # Errors
    /// When there is none, or the role does not allow it.
    pub async fn enable_schedule(&self, name: &str, enabled: bool) -> Result<Schedule, EngineError> {
        self.permit(Action::Schedule, 0).await?;
        let mut schedule = self.schedule(name).await?;
        let next = timetable(&schedule.cron, &schedule.timezone)?.after(self.now());
        (schedule.enabled, schedule.next_run_at) = (enabled, next.filter(|_| enabled));
        schedule.updated_at = self.now();
        let mut tx = self.store.begin().await?;
        schedules::put(&mut tx, schedule.clone()).await?;
        let what = if enabled { "schedule.enable" } else { "schedule.disable" };
        self.audit(&mut tx, what, Outcome::Done, 0, json!({ "schedule": name })).await?;
        tx.commit().await?;
        Ok(schedule)
    }

    /// Takes a schedule away.
    ///
    /// # Errors
    /// When there is none, or the role does not allow it.
    pub async fn remove_schedule(&self, name: &str) -> Result<Schedule, EngineError> {
        self.permit(Action::Schedule, 0).await?;
        let schedule = self.schedule(name).await?;
        let mut tx = self.store.begin().await?;
        schedules::remove(&mut tx, schedule.id).await?;
        self.audit(&mut tx, "schedule.remove", Outcome::Done, 0, json!({ "schedule": name })).await?;
        tx.commit().await?;
        Ok(schedule)
    }

    /// Does at once what a schedule does; when it runs next stays.
    ///
    /// # Errors
    /// When there is none, the role does not allow it, or the act fails.
    pub async fn run_schedule(&self, name: &str) -> Result<ScheduledRun, EngineError> {
        self.permit(Action::Schedule, 0).await?;
        let schedule = self.schedule(name).await?;
        let acted = self.act(&schedule, None).await;
        Ok(run_of(&schedule, None, 0, acted, schedule.next_run_at))
    }

    /// Takes and does what is due, one after another. What another process has taken is left to it.
    ///
    /// # Errors
    /// When the registry fails. An act that fails is no error: the run says so.
    pub async fn run_due_schedules(&self) -> Result<Vec<ScheduledRun>, EngineError> {
        self.run_due_of(ScheduledAct::ALL).await
    }

    /// The same of those schedules alone that do one of these.
    ///
    /// # Errors
    /// As [`Engine::run_due_schedules`].
    pub async fn run_due_of(&self, acts: &[ScheduledAct]) -> Result<Vec<ScheduledRun>, EngineError> {
        let acts: Vec<&str> = acts.iter().map(|act| act.as_str()).collect();
        self.arm_schedules().await?;
        let mut runs = Vec::new();
        while !self.progress().wants_stop() {
            let (by, now) = (process::token(), self.now());
            let mut tx = self.store.begin().await?;
            let claimed = schedules::claim_due(&mut tx, &acts, &by, now, now + CLAIM).await?;
            tx.commit().await?;
            let Some(schedule) = claimed else { break };
            runs.push(self.run_claimed(&schedule, &by).await?);
        }
        Ok(runs)
    }

    async fn run_claimed(&self, schedule: &Schedule, by: &str) -> Result<ScheduledRun, EngineError> {
        let due = schedule.next_run_at;
        let holding = async {
            loop {
                tokio::time::sleep(RENEWAL).await;
                let renewed = async {
                    let mut tx = self.store.begin().await?;
                    schedules::renew(&mut tx, schedule.id, by, self.now() + CLAIM).await?;
                    tx.commit().await
                };
                // The next one may do better; without any, the run is another's in the end, which is said there.
                let _ = renewed.await;
            }
        };
        let acted: Result<Acted, EngineError> = tokio::select! {
            acted = self.act(schedule, due) => acted,
            never = holding => never,
        };
        let now = self.now();
        let table = timetable(&schedule.cron, &schedule.timezone)?;
        let missed = due.map_or(0, |due| table.missed(due, now));
        let mut next = table.after(now);
        if let Ok(Acted::Deferred(_)) = &acted {
            next = next.into_iter().chain([now + DEFERRAL]).min();
        }
        let run = run_of(schedule, due, missed, acted, next);
        let mut tx = self.store.begin().await?;
        schedules::record_run(&mut tx, schedule.id, by, json!(run), now, next).await?;
        let outcome = if run.outcome == "failed" { Outcome::Failed } else { Outcome::Done };
        self.audit(&mut tx, "schedule.run", outcome, 0, json!(run)).await?;
        tx.commit().await?;
        Ok(run)
    }

    async fn act(&self, schedule: &Schedule, due: Option<DateTime<Utc>>) -> Result<Acted, EngineError> {
        let act = ScheduledAct::of_word(&schedule.action)
            .map_err(|error| EngineError::refused("unknown-act", error.to_string(), "remove the schedule"))?;
        match act {
            ScheduledAct::Maintain => Ok(Acted::Done(json!(self.maintain().await?))),
            ScheduledAct::Scan => {
                let current = self.scan(Evaluation::Queued).await?;
                Ok(Acted::Done(json!({ "components": current.entries.len(), "queued": current.queued })))
            }
            ScheduledAct::Drift => {
                let worker = Worker::of(self.store.clone());
                Ok(Acted::Done(json!({ "queued": worker.queue_all().await? })))
            }
            ScheduledAct::Sync => self.scheduled_sync().await,
            ScheduledAct::Digest => Ok(Acted::Done(json!(self.scheduled_digest(schedule, due).await?))),
        }
    }

    /// A sync that nobody asked for in person goes behind one that somebody did, and gives way to one in the middle.
    async fn scheduled_sync(&self) -> Result<Acted, EngineError> {
        if let Some(reason) = self.has_to_give_way(None).await? {
            return Ok(Acted::Deferred(reason));
        }
        let (current, plan) = self.plan(&SyncRequest::default()).await?;
        match self.sync(current, &plan, OnLock::GiveWay).await? {
            SyncOutcome::NothingToDo => Ok(Acted::Done(json!({ "outcome": "nothing_to_do" }))),
            SyncOutcome::Executed(report) => {
                let left = report.components.iter().find(|component| component.gave_way());
                let reason = left.and_then(|component| component.reason.as_ref());
                Ok(match reason {
                    Some(reason) => Acted::Deferred(format!("{reason}; operation {}", short(report.id))),
                    None => Acted::Done(json!(SyncOutcome::Executed(report))),
                })
            }
            done => Ok(Acted::Done(json!(done))),
        }
    }

    /// Gives each schedule that has none its first time, and takes back what processes held that died.
    async fn arm_schedules(&self) -> Result<(), EngineError> {
        let found = schedules::list(&mut self.store.read().await?).await?;
        for schedule in found {
            let dead = schedule.claimed_by.as_deref().filter(|by| !process::is_alive(by));
            let is_unarmed = schedule.enabled && schedule.next_run_at.is_none();
            if dead.is_none() && !is_unarmed {
                continue;
            }
            let next = timetable(&schedule.cron, &schedule.timezone)?.after(self.now());
            let mut tx = self.store.begin().await?;
            if let Some(dead) = dead {
                schedules::release(&mut tx, dead).await?;
            }
            if let (true, Some(next)) = (is_unarmed, next) {
                schedules::arm(&mut tx, schedule.id, next).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

fn run_of(
    schedule: &Schedule,
    due: Option<DateTime<Utc>>,
    missed: usize,
    acted: Result<Acted, EngineError>,
    next_run_at: Option<DateTime<Utc>>,
) -> ScheduledRun {
    let (outcome, reason, result) = match acted {
        Ok(Acted::Done(result)) => ("done", None, result),
        Ok(Acted::Deferred(reason)) => ("deferred", Some(reason), Value::Null),
        Err(error) => ("failed", Some(error.to_string()), Value::Null),
    };
    let (name, act) = (schedule.name.clone(), schedule.action.clone());
    ScheduledRun { schedule: name, act, due, missed, outcome, reason, result, next_run_at }
}

pub(crate) fn timetable(cron: &str, zone: &str) -> Result<Timetable, EngineError> {
    Timetable::new(cron, zone).map_err(|error| {
        let hint = match &error {
            BadTimetable::Cron(..) => "write minute, hour, day, month and weekday, such as \"30 2 * * 1-5\"",
            BadTimetable::Zone(_) => "write a name such as Europe/Berlin or UTC",
            BadTimetable::Time(_) => "write a time such as 09:00, or a day with it, such as \"mon 09:00\"",
        };
        EngineError::not_found(error.to_string(), hint)
    })
}
