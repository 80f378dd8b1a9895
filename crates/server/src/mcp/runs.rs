//! Browser test runs that go on when the answer to who started them has long been given.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use lockstep_core::ids::CorrelationId;
use lockstep_engine::sessions::{SessionView, TestReport};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::problem::Problem;

/// How many runs are remembered: the last ones.
const REMEMBERED: usize = 100;

/// The runs that this process has started.
#[derive(Default)]
pub(crate) struct Runs(Mutex<VecDeque<Run>>);

struct Run {
    id: CorrelationId,
    ended: Ended,
}

enum Ended {
    NotYet(oneshot::Receiver<Result<TestReport, Problem>>),
    With(Box<TestReport>),
    Not(Problem),
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunState {
    /// It goes on.
    Running,
    /// It has come to its end.
    Ended,
    /// It could not be done.
    Failed,
}

/// A run, as `design.browserTestSession.status` tells it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct RunView {
    /// What its sessions have in common.
    pub(crate) run: CorrelationId,
    pub(crate) state: RunState,
    /// Why it could not be done.
    pub(crate) failure: Option<String>,
    /// What came of it, once it has ended.
    pub(crate) report: Option<TestReport>,
    /// Its sessions so far, newest first.
    pub(crate) sessions: Vec<SessionView>,
}

impl Runs {
    /// Remembers one that was started.
    pub(crate) fn put(&self, id: CorrelationId, end: oneshot::Receiver<Result<TestReport, Problem>>) {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.truncate(REMEMBERED - 1);
        runs.push_front(Run { id, ended: Ended::NotYet(end) });
    }

    /// How far one has come, with the sessions that the registry has of it.
    pub(crate) fn view(&self, id: CorrelationId, sessions: Vec<SessionView>) -> Option<RunView> {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let view = |state, failure, report, sessions| RunView { run: id, state, failure, report, sessions };
        let Some(run) = runs.iter_mut().find(|run| run.id == id) else {
            // Another process has started it, or this one before it was started anew.
            let goes_on = sessions.iter().any(SessionView::is_running);
            let state = if goes_on { RunState::Running } else { RunState::Ended };
            return (!sessions.is_empty()).then(|| view(state, None, None, sessions));
        };
        run.look();
        Some(match &run.ended {
            Ended::NotYet(_) => view(RunState::Running, None, None, sessions),
            Ended::With(report) => view(RunState::Ended, None, Some(TestReport::clone(report)), sessions),
            Ended::Not(problem) => view(RunState::Failed, Some(problem.text()), None, sessions),
        })
    }
}

impl Run {
    fn look(&mut self) {
        let Ended::NotYet(end) = &mut self.ended else { return };
        self.ended = match end.try_recv() {
            Ok(Ok(report)) => Ended::With(Box::new(report)),
            Ok(Err(problem)) => Ended::Not(problem),
            Err(oneshot::error::TryRecvError::Empty) => return,
            Err(oneshot::error::TryRecvError::Closed) => Ended::Not(Problem::internal()),
        };
    }
}
