//! How long and how far back an operation can be undone and redone.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::direction::Direction;
use lockstep_engine::{
    Store,
    apply::{OnLock, SyncOutcome},
    context::{Clock, Engine},
    error::EngineError,
    progress::Unwatched,
    request::SyncRequest,
    undo::UndoRequest,
    workspace::Workspace,
};
use lockstep_testkit::library::Library;

/// A clock that a test sets, and that goes on by a microsecond whenever somebody looks.
#[derive(Clone)]
struct Set(Arc<Mutex<DateTime<Utc>>>);

impl Clock for Set {
    fn now(&self) -> DateTime<Utc> {
        self.advance(TimeDelta::microseconds(1));
        *self.0.lock().unwrap()
    }
}

impl Set {
    fn to(&self, time: DateTime<Utc>) {
        *self.0.lock().unwrap() = time;
    }

    fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

struct World {
    engine: Engine,
    clock: Set,
    folder: tempfile::TempDir,
}

impl World {
    /// A library of so many components, one of ten of which has drifted since both sides agreed.
    async fn drifted(components: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(".lockstep")).unwrap();
        Library { components, drifted: false }.write(folder.path()).unwrap();
        let clock = Set(Arc::new(Mutex::new("2026-03-01T12:00:00Z".parse().unwrap())));
        let engine = open(folder.path(), &clock).await;
        engine.refresh().await.unwrap();
        Library { components, drifted: true }.write(folder.path()).unwrap();
        Self { engine, clock, folder }
    }

    async fn drift(&self) -> Vec<String> {
        let current = self.engine.refresh().await.unwrap();
        let all = current.status(&[]).unwrap();
        all.into_iter().filter(|component| component.changes > 0).map(|component| component.name).collect()
    }

    /// Syncs a component to the design; the operation's id, and until when it can be undone.
    async fn sync(&self, component: &str) -> (String, DateTime<Utc>) {
        let components = vec![component.to_owned()];
        let request =
            SyncRequest { components, direction: Some(Direction::CodeToDesign), ..SyncRequest::default() };
        let (current, plan) = self.engine.plan(&request).await.unwrap();
        match self.engine.sync(current, &plan, OnLock::Wait).await.unwrap() {
            SyncOutcome::Executed(report) => (report.id.to_string(), report.reversible_until),
            other => panic!("{other:?}"),
        }
    }

    async fn undo(&self, operation: Option<&str>) -> Result<String, EngineError> {
        let request = UndoRequest { operation: operation.map(str::to_owned), ..UndoRequest::default() };
        let report = self.engine.undo(&request).await?;
        assert!(report.is_complete(), "{report:?}");
        Ok(report.operation.to_string())
    }

    async fn redo(&self, operation: Option<&str>) -> Result<String, EngineError> {
        let request = UndoRequest { operation: operation.map(str::to_owned), ..UndoRequest::default() };
        let report = self.engine.redo(&request).await?;
        assert!(report.is_complete(), "{report:?}");
        Ok(report.operation.to_string())
    }
}

async fn open(folder: &Path, clock: &Set) -> Engine {
    let url = format!("sqlite://{}", folder.join(".lockstep/lockstep.db").display());
    let store = Store::connect(&url).await.unwrap();
    let workspace = Workspace::open(folder).unwrap();
    Engine::open(workspace, store, "test", Box::new(clock.clone()), Box::new(Unwatched)).await.unwrap()
}

fn said(result: Result<String, EngineError>) -> (String, String) {
    let error = result.unwrap_err();
    (error.code().to_owned(), error.to_string())
}

#[tokio::test]
async fn an_operation_can_be_turned_for_a_day() {
    let world = World::drifted(24).await;
    let drifted = world.drift().await;
    let (first, until) = world.sync(&drifted[0]).await;
    world.clock.advance(TimeDelta::hours(1));
    let (second, _) = world.sync(&drifted[1]).await;

    world.clock.to(until - TimeDelta::milliseconds(100));
    assert_eq!(world.undo(Some(&first)).await.unwrap(), first, "to the very end of the day");
    assert_eq!(world.redo(Some(&first)).await.unwrap(), first);
    world.undo(Some(&first)).await.unwrap();
    world.clock.to(until);
    let (code, text) = said(world.redo(Some(&first)).await);
    assert_eq!(code, "undo-window");
    assert!(text.contains("is older than 24 hours: it can't be redone any more"), "{text}");
    let (code, text) = said(world.redo(None).await);
    assert_eq!(code, "undo-window", "{text}");

    // What can still be turned is found behind what can't.
    assert_eq!(world.undo(None).await.unwrap(), second);
    assert_eq!(world.redo(None).await.unwrap(), second, "though the other was undone, too, it is too old");
    world.clock.advance(TimeDelta::hours(2));
    for operation in [None, Some(second.as_str())] {
        let (code, text) = said(world.undo(operation).await);
        assert_eq!(code, "undo-window", "{text}");
        assert!(text.contains("it can't be undone any more"), "{text}");
    }
    world.engine.store.close().await;
    drop(world.folder);
}

#[tokio::test]
async fn the_fifty_newest_operations_can_be_undone() {
    let world = World::drifted(1).await;
    let component = world.drift().await.remove(0);
    let mut operations = Vec::new();
    for _ in 0..51 {
        operations.push(world.sync(&component).await.0);
        world.undo(operations.last().map(String::as_str)).await.unwrap();
        // The same request is a repetition for a minute.
        world.clock.advance(TimeDelta::minutes(2));
    }
    let (code, text) = said(world.redo(Some(&operations[0])).await);
    assert_eq!(code, "undo-window");
    assert!(text.contains("is not among the 50 newest: it can't be redone any more"), "{text}");
    assert_eq!(world.redo(Some(&operations[1])).await.unwrap(), operations[1]);
    assert_eq!(world.undo(None).await.unwrap(), operations[1]);
    assert_eq!(world.redo(None).await.unwrap(), operations[1], "what was undone last is redone first");
}
