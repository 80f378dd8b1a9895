//! Workers: they take components from the drift queue and evaluate them from what the registry holds. They need no file
//! of the workspace, so that they run wherever the registry can be reached.

mod batch;
mod waiting;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use lockstep_core::{
    ids::{ComponentId, CorrelationId},
    registry::MappingStatus,
};
use lockstep_store::{Store, drift_queue};
use serde::Serialize;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    context::{Clock, SystemClock},
    error::EngineError,
    process,
};

pub use waiting::Waiting;

/// How many components are taken at once.
const BATCH: usize = 100;
/// How long what was taken is left to who took it; it is renewed long before that.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long to wait before the queue is looked at again, when it was empty.
const IDLE: Duration = Duration::from_millis(500);
/// How often to look whether the work shall end, while there is none.
const ATTENTION: Duration = Duration::from_millis(25);
/// How long to wait after the registry failed.
const RECOVERY: Duration = Duration::from_secs(5);
/// How often to look for workers that died.
const ROUND: Duration = Duration::from_secs(10);

/// What a worker did to one component.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Done {
    /// The component's id.
    pub id: ComponentId,
    /// Its name; its id where it is in the registry no more.
    pub component: String,
    /// Which of the changes that were ever queued while it waited this was about.
    pub change: i64,
    /// Which attempt it was.
    pub attempt: i64,
    /// What came of it.
    #[serde(flatten)]
    pub ended: Ended,
}

/// What came of a component that a worker took.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Ended {
    /// It is evaluated, and that is recorded.
    Evaluated {
        /// How it stands to its design component.
        mapping_status: MappingStatus,
        /// How many changes alarm.
        changes: usize,
        /// Of those: first seen now.
        appeared: usize,
        /// Changes of the report before that are there no more.
        resolved: usize,
    },
    /// It changed meanwhile: it waits again, and nothing was recorded.
    Changed,
    /// It is not in the code any more, and out of the queue.
    Gone,
    /// It took too long, and another worker has it now; nothing was recorded.
    Lost,
    /// It could not be evaluated.
    Failed {
        /// Why.
        reason: String,
        /// When it is tried again; never, when it is given up.
        retry_at: Option<DateTime<Utc>>,
    },
}

/// What a worker tells while it works.
#[derive(Debug, Clone, PartialEq)]
pub enum Told<'a> {
    /// A component.
    Done(&'a Done),
    /// Components that a worker which died had taken are back in the queue.
    Released(u64),
    /// The registry failed; the work goes on in a moment.
    Trouble(String),
}

/// When work ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// When nothing can be taken any more.
    Drained,
    /// When it is asked to stop.
    Stopped,
}

/// What many workers share: a registry and the time.
#[derive(Clone)]
pub struct Worker {
    store: Store,
    clock: Arc<dyn Clock>,
    correlation: CorrelationId,
    stop: Arc<AtomicBool>,
}

impl Worker {
    /// Who works on a registry, which is brought up to date.
    ///
    /// # Errors
    /// When the registry can't be brought up to date.
    pub async fn open(store: Store, clock: Arc<dyn Clock>) -> Result<Self, EngineError> {
        store.migrate().await?;
        Ok(Self { store, clock, correlation: Uuid::new_v4().into(), stop: Arc::default() })
    }

    /// Who works on a registry that is open already.
    pub(crate) fn of(store: Store) -> Self {
        let clock = Arc::new(SystemClock);
        Self { store, clock, correlation: Uuid::new_v4().into(), stop: Arc::default() }
    }

    /// The registry.
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }

    /// Lets what is at hand be finished, and the work end then.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Works with so many hands at once; `tell` hears of everything that is done.
    ///
    /// # Errors
    /// When the registry fails and the work is to end when the queue is drained. Else the work goes on when the registry
    /// is back.
    pub async fn run(
        &self,
        hands: usize,
        until: Until,
        tell: impl Fn(Told<'_>) + Send + Sync + 'static,
    ) -> Result<(), EngineError> {
        let tell = Arc::new(tell);
        let mut working = JoinSet::new();
        for hand in 0..hands.max(1) {
            let (worker, tell) = (self.clone(), Arc::clone(&tell));
            working.spawn(async move { worker.hand(hand, until, &*tell).await });
        }
        let mut result = Ok(());
        while let Some(ended) = working.join_next().await {
            let ended =
                ended.unwrap_or_else(|error| Err(EngineError::Bug(format!("a worker died: {error}"))));
            if ended.is_err() {
                self.stop();
                result = result.and(ended);
            }
        }
        result
    }

    async fn hand(&self, hand: usize, until: Until, tell: &impl Fn(Told<'_>)) -> Result<(), EngineError> {
        let name = format!("{}#{hand}", process::token());
        let mut looked_around = None::<std::time::Instant>;
        while !self.is_stopped() {
            let turn = self.turn(&name, hand == 0, &mut looked_around, tell).await;
            let pause = match (turn, until) {
                (Ok(true), _) => continue,
                (Ok(false), Until::Drained) => break,
                (Ok(false), Until::Stopped) => IDLE,
                (Err(error), Until::Drained) => return Err(error),
                (Err(error), Until::Stopped) => {
                    tell(Told::Trouble(error.to_string()));
                    RECOVERY
                }
            };
            self.pause(pause).await;
        }
        Ok(())
    }

    /// Takes and evaluates once; whether there was anything.
    async fn turn(
        &self,
        name: &str,
        looks_around: bool,
        looked_around: &mut Option<std::time::Instant>,
        tell: &impl Fn(Told<'_>),
    ) -> Result<bool, EngineError> {
        if looks_around && looked_around.is_none_or(|at| at.elapsed() > ROUND) {
            *looked_around = Some(std::time::Instant::now());
            let released = self.release_the_dead().await?;
            if released > 0 {
                tell(Told::Released(released));
            }
        }
        let done = self.batch(name, BATCH).await?;
        done.iter().for_each(|done| tell(Told::Done(done)));
        Ok(!done.is_empty())
    }

    /// Puts back what workers of this machine held that have died. Those of others are waited for until their time is
    /// over.
    async fn release_the_dead(&self) -> Result<u64, EngineError> {
        let mut tx = self.store.read().await?;
        let owners = drift_queue::owners(&mut tx).await?;
        drop(tx);
        let is_dead = |owner: &&String| {
            let process = owner.rsplit_once('#').map_or(owner.as_str(), |(process, _)| process);
            !process::is_alive(process)
        };
        let mut released = 0;
        for owner in owners.iter().filter(is_dead) {
            let mut tx = self.store.begin().await?;
            released += drift_queue::release(&mut tx, owner, "the worker that had it died").await?;
            tx.commit().await?;
        }
        Ok(released)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    async fn pause(&self, long: Duration) {
        let until = tokio::time::Instant::now() + long;
        while !self.is_stopped() && tokio::time::Instant::now() < until {
            tokio::time::sleep(ATTENTION).await;
        }
    }
}
