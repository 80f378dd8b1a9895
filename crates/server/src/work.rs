//! Work in the hub's workspace that somebody asked for: it may take longer than an answer waits, goes on when who asked has
//! gone, and is finished before the hub ends.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use lockstep_core::ids::{CorrelationId, OperationId};
use lockstep_engine::{
    Store,
    apply::OperationReport,
    context::{Actor, Engine, SystemClock},
    error::EngineError,
    progress::{Progress, Stage},
    sessions::SessionView,
    workspace::{OpenError, Workspace, config::CoverageRules},
};
use tokio::{
    runtime::Handle,
    sync::{Notify, Semaphore, oneshot},
    task::JoinSet,
};
use tracing::Instrument as _;

use crate::{caller::Caller, metrics::Metrics, problem::Problem};

/// So much of it goes on at once; more of it waits.
const AT_ONCE: usize = 2;

/// How long an answer waits for an operation that has begun.
const PATIENCE: Duration = Duration::from_secs(20);

/// The hub's workspace, and what goes on in it.
pub(crate) struct Works {
    folder: Option<PathBuf>,
    store: Store,
    slots: Arc<Semaphore>,
    stop: Arc<AtomicBool>,
    metrics: Arc<Metrics>,
    running: Mutex<JoinSet<()>>,
}

/// For whom work is done, and as part of what.
pub(crate) struct For {
    actor: Actor,
    correlation: CorrelationId,
}

impl For {
    pub(crate) fn of(actor: Actor, correlation: CorrelationId) -> Self {
        Self { actor, correlation }
    }

    /// Under what it is done.
    pub(crate) fn correlation(&self) -> CorrelationId {
        self.correlation
    }
}

/// Of a request on a route that needs a sign-in.
impl<S: Send + Sync> FromRequestParts<S> for For {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let (caller, correlation) = (parts.extensions.get::<Caller>(), parts.extensions.get());
        let both = caller.zip(correlation.copied());
        both.map(|(caller, correlation)| Self { actor: caller.actor.clone(), correlation })
            .ok_or_else(Problem::internal)
    }
}

/// Work that goes on.
struct Work<T> {
    end: oneshot::Receiver<Result<T, Problem>>,
    begun: Arc<Begun>,
}

/// How far work has come when its answer is due.
pub(crate) enum Done<T> {
    /// To its end.
    Ended(T),
    /// It goes on, as this operation.
    GoesOn(OperationId),
}

impl Works {
    pub(crate) fn new(folder: Option<PathBuf>, store: Store, metrics: Arc<Metrics>) -> Self {
        Self {
            folder,
            store,
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            stop: Arc::default(),
            metrics,
            running: Mutex::default(),
        }
    }

    /// Does work with the workspace, and waits for its end, however long that takes.
    ///
    /// # Errors
    /// When there is no workspace here, and whatever the work refuses.
    pub(crate) async fn ended<T: Send + 'static>(
        &self,
        whose: For,
        work: impl AsyncFnOnce(&Engine) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.begin(whose, work)?.end.await.map_err(|_| Problem::internal())?
    }

    /// The same for work that is an operation: when it takes long, the operation is the answer.
    ///
    /// # Errors
    /// As [`Works::ended`].
    pub(crate) async fn within_patience<T: Send + 'static>(
        &self,
        whose: For,
        work: impl AsyncFnOnce(&Engine) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<Done<T>, Problem> {
        let Work { mut end, begun } = self.begin(whose, work)?;
        let long = async {
            tokio::time::sleep(PATIENCE).await;
            begun.operation().await
        };
        tokio::select! {
            ended = &mut end => Ok(Done::Ended(ended.map_err(|_| Problem::internal())??)),
            operation = long => Ok(Done::GoesOn(operation)),
        }
    }

    /// Begins work, and leaves it to itself; gives where its end is told.
    ///
    /// # Errors
    /// When there is no workspace here.
    pub(crate) fn left_alone<T: Send + 'static>(
        &self,
        whose: For,
        work: impl AsyncFnOnce(&Engine) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, Problem>>, Problem> {
        Ok(self.begin(whose, work)?.end)
    }

    fn begin<T: Send + 'static>(
        &self,
        whose: For,
        work: impl AsyncFnOnce(&Engine) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<Work<T>, Problem> {
        let folder = self.folder.clone().ok_or_else(no_workspace)?;
        let begun = Arc::new(Begun::default());
        let (stop, metrics) = (Arc::clone(&self.stop), Arc::clone(&self.metrics));
        let watch = Watch { stop, begun: Arc::clone(&begun), metrics };
        let (store, slots, runtime) = (self.store.clone(), Arc::clone(&self.slots), Handle::current());
        let (mut tell, told) = oneshot::channel();
        let all = async move {
            let slot = tokio::select! {
                slot = slots.acquire_owned() => slot,
                // Nobody waits for it any more, and nothing was done yet.
                () = tell.closed() => return,
            };
            let whole = move || {
                let result = runtime.block_on(async {
                    // Opened anew each time: lockstep.toml may be another one by now.
                    let workspace = Workspace::open(&folder).map_err(|error| unusable(&error))?;
                    let clock = Box::new(SystemClock);
                    let engine =
                        Engine::of(workspace, store, whose.actor, whose.correlation, clock, Box::new(watch));
                    engine.recover().await?;
                    Ok(work(&engine).await?)
                });
                // Who asked may have gone.
                _ = tell.send(result);
            };
            // A panic is the end of this work alone; who waits for it is told by the channel.
            _ = tokio::task::spawn_blocking(whole).await;
            drop(slot);
        };
        self.keep(all);
        Ok(Work { end: told, begun })
    }

    /// Does something to its end, also when who waits for it has gone.
    pub(crate) fn go_on<T: Send + 'static>(
        &self,
        doing: impl Future<Output = T> + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (tell, told) = oneshot::channel();
        let all = async move {
            // Who asked may have gone.
            _ = tell.send(doing.await);
        };
        self.keep(all);
        told
    }

    fn keep(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        while running.try_join_next().is_some() {}
        running.spawn(work.in_current_span());
    }

    /// Lets what is at hand be finished, and no more be begun.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.slots.close();
    }

    /// Waits until all of it has ended.
    pub(crate) async fn all_ended(&self) {
        let mut running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        while running.join_next().await.is_some() {}
    }
}

impl Works {
    /// How much coverage the workspace asks for, as its configuration says now; as any does, where there is none here.
    pub(crate) fn coverage_rules(&self) -> Result<CoverageRules, Problem> {
        let Some(folder) = &self.folder else { return Ok(CoverageRules::default()) };
        let workspace = Workspace::open(folder).map_err(|error| unusable(&error))?;
        Ok(workspace.config.coverage)
    }
}

fn no_workspace() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "no-workspace",
        "this hub has the registry alone: it has no workspace to read or write",
        "run it where the files are, or start a hub in the workspace",
    )
}

fn unusable(error: &OpenError) -> Problem {
    tracing::error!(%error, "the workspace can't be opened");
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "workspace",
        "the hub's workspace can't be opened",
        "the hub's log says why, with this correlation id",
    )
}

/// Which operation work has begun.
#[derive(Debug, Default)]
struct Begun {
    operation: OnceLock<OperationId>,
    now: Notify,
}

impl Begun {
    async fn operation(&self) -> OperationId {
        loop {
            let next = self.now.notified();
            if let Some(operation) = self.operation.get() {
                return *operation;
            }
            next.await;
        }
    }
}

/// Ends work on several components after those at hand when the hub shall end.
struct Watch {
    stop: Arc<AtomicBool>,
    begun: Arc<Begun>,
    metrics: Arc<Metrics>,
}

impl Progress for Watch {
    fn begin(&self, _: Stage, _: &str) {}
    fn advance(&self, _: usize, _: usize) {}
    fn end(&self) {}

    fn began(&self, operation: OperationId) {
        // It is one operation that work begins.
        _ = self.begun.operation.set(operation);
        self.begun.now.notify_waiters();
    }

    fn synced(&self, report: &OperationReport) {
        self.metrics.synced(report);
    }

    fn tested(&self, session: &SessionView) {
        self.metrics.tested(session);
    }

    fn wants_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
