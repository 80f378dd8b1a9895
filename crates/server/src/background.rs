//! What the hub does by itself: it works off the drift queue, does what the schedules say, and sends notifications.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lockstep_engine::{
    Store,
    context::{Engine, SystemClock},
    error::EngineError,
    notify::Dispatched,
    progress::{Progress, Stage},
    schedule::ScheduledRun,
    worker::{Ended, Told, Until, Worker},
    workspace::{OpenError, Workspace},
};
use tokio::{runtime::Handle, sync::Notify, task::JoinHandle};

/// How often the schedules are looked at: the finest of them is a minute.
const ROUND: Duration = Duration::from_secs(10);

/// Work that goes on beside the answers.
pub(crate) struct Background {
    worker: Option<Worker>,
    stop: Arc<Stop>,
    tasks: Vec<JoinHandle<()>>,
}

/// Whether the hub shall end.
#[derive(Debug, Default)]
struct Stop {
    asked: AtomicBool,
    now: Notify,
}

impl Background {
    pub(crate) async fn start(
        store: &Store,
        workspace: Option<PathBuf>,
        os_user: String,
        workers: usize,
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
            let keeper = Keeper { store: store.clone(), folder, os_user, stop: Arc::clone(&stop) };
            tasks.push(tokio::spawn(keeper.keep()));
        }
        Self { worker, stop, tasks }
    }

    /// Lets what is at hand be finished.
    pub(crate) fn stop(&self) {
        self.stop.asked.store(true, Ordering::Relaxed);
        self.stop.now.notify_one();
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

/// Keeps to the schedules of a workspace.
struct Keeper {
    store: Store,
    folder: PathBuf,
    os_user: String,
    stop: Arc<Stop>,
}

/// Why the schedules could not be kept to.
#[derive(Debug, thiserror::Error)]
enum KeepError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("a scheduled run died: {0}")]
    Died(#[from] tokio::task::JoinError),
}

impl Keeper {
    async fn keep(self) {
        let keeper = Arc::new(self);
        while !keeper.stop.asked.load(Ordering::Relaxed) {
            match Arc::clone(&keeper).turn().await {
                Ok((runs, sent)) => {
                    runs.iter().for_each(tell_run);
                    sent.iter().for_each(tell_sent);
                }
                Err(error) => tracing::error!(%error, "the schedules could not be kept to"),
            }
            tokio::select! {
                () = keeper.stop.now.notified() => {}
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    }

    /// Does what is due, on a thread where it may take long.
    async fn turn(self: Arc<Self>) -> Result<(Vec<ScheduledRun>, Vec<Dispatched>), KeepError> {
        let runtime = Handle::current();
        tokio::task::spawn_blocking(move || runtime.block_on(self.due())).await?
    }

    async fn due(&self) -> Result<(Vec<ScheduledRun>, Vec<Dispatched>), KeepError> {
        // Opened anew each time: lockstep.toml may be another one by now.
        let workspace = Workspace::open(&self.folder)?;
        let progress = Box::new(UntilStopped(Arc::clone(&self.stop)));
        let engine =
            Engine::open(workspace, self.store.clone(), &self.os_user, Box::new(SystemClock), progress)
                .await?;
        for recovered in engine.recover().await? {
            tracing::warn!(component = recovered.component, "an interrupted write was rolled back");
        }
        let runs = engine.run_due_schedules().await?;
        Ok((runs, engine.dispatch().await?))
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
struct UntilStopped(Arc<Stop>);

impl Progress for UntilStopped {
    fn begin(&self, _: Stage, _: &str) {}
    fn advance(&self, _: usize, _: usize) {}
    fn end(&self) {}
    fn wants_stop(&self) -> bool {
        self.0.asked.load(Ordering::Relaxed)
    }
}
