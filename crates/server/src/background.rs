//! What the hub does by itself: it works off the drift queue, does what the schedules say, and sends notifications.

use std::{path::PathBuf, sync::Arc, time::Duration};

use lockstep_core::schedule::ScheduledAct;
use lockstep_engine::{
    Store,
    apply::OperationReport,
    context::{Clock as _, Engine, SystemClock},
    error::EngineError,
    notify::{Dispatched, Haste, is_due},
    progress::{Progress, Stage},
    schedule::{self, ScheduledRun},
    sessions::SessionView,
    worker::{Ended, Told, Until, Worker},
    workspace::{OpenError, Workspace},
};
use tokio::{runtime::Handle, sync::watch, task::JoinHandle};

use crate::metrics::Metrics;

/// How often the schedules are looked at: the finest of them is a minute.
const ROUND: Duration = Duration::from_secs(10);
/// How often the outbox is looked at: what happens is told without a delay that anybody would notice.
const LOOK: Duration = Duration::from_millis(100);

/// Work that goes on beside the answers.
pub(crate) struct Background {
    worker: Option<Worker>,
    stop: Arc<Stop>,
    tasks: Vec<JoinHandle<()>>,
}

/// Whether the hub shall end.
#[derive(Debug, Default)]
struct Stop(watch::Sender<bool>);

impl Stop {
    fn ask(&self) {
        self.0.send_replace(true);
    }

    fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for a time, or until the hub shall end.
    async fn sleep(&self, time: Duration) {
        let mut asked = self.0.subscribe();
        tokio::select! {
            _ = asked.wait_for(|asked| *asked) => {}
            () = tokio::time::sleep(time) => {}
        }
    }
}

impl Background {
    pub(crate) async fn start(
        store: &Store,
        workspace: Option<PathBuf>,
        os_user: String,
        workers: usize,
        url: Option<String>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let stop = Arc::new(Stop::default());
        let mut tasks = Vec::new();
        let worker = if workers > 0 { worker(store).await } else { None };
        if let Some(worker) = worker.clone() {
            tasks.push(tokio::spawn(async move {
                if let Err(error) = worker.run(workers, Until::Stopped, tell).await {
                    tracing::error!(%error, "the workers ended");
                }
            }));
        }
        if let Some(folder) = workspace {
            let (store, stop) = (store.clone(), Arc::clone(&stop));
            let keeper = Arc::new(Keeper { store, folder, os_user, url, stop, metrics });
            // Who is slow to take a message holds up no schedule, and no sync a message or a digest.
            tasks.push(tokio::spawn(Arc::clone(&keeper).keep()));
            tasks.push(tokio::spawn(Arc::clone(&keeper).sum_up()));
            tasks.push(tokio::spawn(keeper.dispatch()));
        }
        Self { worker, stop, tasks }
    }

    /// Lets what is at hand be finished.
    pub(crate) fn stop(&self) {
        self.stop.ask();
        if let Some(worker) = &self.worker {
            worker.stop();
        }
    }

    pub(crate) async fn ended(self) {
        for task in self.tasks {
            // One that died has said so.
            let _ = task.await;
        }
    }
}

async fn worker(store: &Store) -> Option<Worker> {
    let opened = Worker::open(store.clone(), Arc::new(SystemClock)).await;
    opened.inspect_err(|error| tracing::error!(%error, "no worker could begin")).ok()
}

fn tell(told: Told<'_>) {
    match told {
        Told::Done(done) => match &done.ended {
            Ended::Evaluated { changes, appeared, resolved, .. } => {
                tracing::info!(component = done.component, changes, appeared, resolved, "evaluated");
            }
            Ended::Failed { reason, .. } => {
                tracing::warn!(component = done.component, attempt = done.attempt, reason, "not evaluated");
            }
            Ended::Changed | Ended::Gone | Ended::Lost => {}
        },
        Told::Released(components) => tracing::info!(components, "taken back from a worker that died"),
        Told::Trouble(error) => tracing::error!(error, "the registry failed; the work goes on in a moment"),
    }
}

/// Keeps to the schedules of a workspace, and sends its notifications.
struct Keeper {
    store: Store,
    folder: PathBuf,
    os_user: String,
    url: Option<String>,
    stop: Arc<Stop>,
    metrics: Arc<Metrics>,
}

/// Why the schedules could not be kept to.
#[derive(Debug, thiserror::Error)]
enum KeepError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("it died: {0}")]
    Died(#[from] tokio::task::JoinError),
}

impl Keeper {
    async fn keep(self: Arc<Self>) {
        while !self.stop.is_asked() {
            match Arc::clone(&self).aside(|keeper| async move { keeper.run_due().await }).await {
                Ok(runs) => runs.iter().for_each(tell_run),
                Err(error) => tracing::error!(%error, "the schedules could not be kept to"),
            }
            self.stop.sleep(ROUND).await;
        }
    }

    /// Digests come at their time, whatever else goes on.
    async fn sum_up(self: Arc<Self>) {
        while !self.stop.is_asked() {
            match Arc::clone(&self).aside(|keeper| async move { keeper.run_digests().await }).await {
                Ok(runs) => runs.iter().for_each(tell_run),
                Err(error) => tracing::error!(%error, "no digest could be made"),
            }
            self.stop.sleep(ROUND).await;
        }
    }

    async fn dispatch(self: Arc<Self>) {
        while !self.stop.is_asked() {
            match Arc::clone(&self).aside(|keeper| async move { keeper.send_due().await }).await {
                Ok(sent) => {
                    sent.iter().for_each(tell_sent);
                    self.stop.sleep(LOOK).await;
                }
                Err(error) => {
                    tracing::error!(%error, "no notifications could be sent");
                    self.stop.sleep(ROUND).await;
                }
            }
        }
    }

    /// Does something on a thread where it may take long.
    async fn aside<T, F>(
        self: Arc<Self>,
        act: impl FnOnce(Arc<Self>) -> F + Send + 'static,
    ) -> Result<T, KeepError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, KeepError>>,
    {
        let runtime = Handle::current();
        tokio::task::spawn_blocking(move || runtime.block_on(act(self))).await?
    }

    async fn run_due(&self) -> Result<Vec<ScheduledRun>, KeepError> {
        let engine = self.open().await?;
        for recovered in engine.recover().await? {
            tracing::warn!(component = recovered.component, "an interrupted write was rolled back");
        }
        let others: Vec<ScheduledAct> =
            ScheduledAct::ALL.iter().copied().filter(|act| *act != ScheduledAct::Digest).collect();
        Ok(engine.run_due_of(&others).await?)
    }

    async fn run_digests(&self) -> Result<Vec<ScheduledRun>, KeepError> {
        if !schedule::is_due(&self.store, ScheduledAct::Digest, SystemClock.now()).await? {
            return Ok(Vec::new());
        }
        Ok(self.open().await?.run_due_of(&[ScheduledAct::Digest]).await?)
    }

    async fn send_due(&self) -> Result<Vec<Dispatched>, KeepError> {
        if !is_due(&self.store, SystemClock.now()).await? {
            return Ok(Vec::new());
        }
        Ok(self.open().await?.dispatch(Haste::Gathering).await?)
    }

    /// Opened anew each time: lockstep.toml may be another one by now.
    async fn open(&self) -> Result<Engine, KeepError> {
        let mut workspace = Workspace::open(&self.folder)?;
        workspace.config.hub = self.url.clone().or(workspace.config.hub);
        let (stop, metrics) = (Arc::clone(&self.stop), Arc::clone(&self.metrics));
        let progress = Box::new(UntilStopped { stop, metrics });
        Ok(Engine::open(workspace, self.store.clone(), &self.os_user, Box::new(SystemClock), progress)
            .await?)
    }
}

fn tell_sent(sent: &Dispatched) {
    let Dispatched { channel, event_type, status, attempt, reason, .. } = sent;
    let (event_type, status) = (event_type.as_str(), status.as_str());
    match reason {
        Some(reason) => tracing::warn!(channel, event_type, status, attempt, reason, "notification"),
        None => tracing::info!(channel, event_type, status, attempt, "notification"),
    }
}

fn tell_run(run: &ScheduledRun) {
    let ScheduledRun { schedule, act, outcome, reason, .. } = run;
    match *outcome {
        "failed" => tracing::error!(schedule, act, outcome, reason, "scheduled"),
        _ => tracing::info!(schedule, act, outcome, reason, "scheduled"),
    }
}

/// Ends work on several components after the one at hand when the hub shall end.
struct UntilStopped {
    stop: Arc<Stop>,
    metrics: Arc<Metrics>,
}

impl Progress for UntilStopped {
    fn begin(&self, _: Stage, _: &str) {}
    fn advance(&self, _: usize, _: usize) {}
    fn end(&self) {}
    fn synced(&self, report: &OperationReport) {
        self.metrics.synced(report);
    }
    fn tested(&self, session: &SessionView) {
        self.metrics.tested(session);
    }
    fn wants_stop(&self) -> bool {
        self.stop.is_asked()
    }
}
