//! What a plan and a sync of many components cost: of a library of 10,000 components, a tenth of it drifted, so many are
//! planned and synced, on SQLite; with the most memory that the process held. Run by
//! `cargo bench -p lockstep-engine --bench sync -- 1000`, each number in a run of its own; a second number is how large the
//! library is.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::time::Instant;

use lockstep_core::direction::Direction;
use lockstep_engine::{
    Store,
    apply::{OnLock, SyncOutcome},
    context::{Engine, SystemClock},
    progress::Unwatched,
    request::SyncRequest,
    workspace::Workspace,
};
use lockstep_testkit::library::Library;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let count = numbers.next().unwrap_or(100);
    let components = numbers.next().unwrap_or(10_000);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join(".lockstep")).unwrap();
    let open = async || {
        let url = format!("sqlite://{}", folder.path().join(".lockstep/lockstep.db").display());
        let store = Store::connect(&url).await.unwrap();
        let workspace = Workspace::open(folder.path()).unwrap();
        Engine::open(workspace, store, "bench", Box::new(SystemClock), Box::new(Unwatched)).await.unwrap()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Library { components, drifted: false }.write(folder.path()).unwrap();
    runtime.block_on(async {
        let engine = open().await;
        engine.refresh().await.unwrap();
        engine.store.close().await;
    });
    Library { components, drifted: true }.write(folder.path()).unwrap();
    runtime.block_on(async {
        let engine = open().await;
        let drifted: Vec<String> = engine
            .refresh()
            .await
            .unwrap()
            .status(&[])
            .unwrap()
            .into_iter()
            .filter(|c| c.changes > 0)
            .map(|c| c.name)
            .collect();
        let request = SyncRequest {
            components: drifted.into_iter().take(count).collect(),
            direction: Some(Direction::Bidirectional),
            ..SyncRequest::default()
        };
        println!("{count} of {components} components; held before: {} MB", peak());
        let start = Instant::now();
        let (current, plan) = engine.plan(&request).await.unwrap();
        println!("plan {:>8.2} s, held at most {} MB", start.elapsed().as_secs_f64(), peak());
        let start = Instant::now();
        let outcome = engine.sync(current, &plan, OnLock::Wait).await.unwrap();
        println!("sync {:>8.2} s, held at most {} MB", start.elapsed().as_secs_f64(), peak());
        if let SyncOutcome::Executed(report) = outcome {
            println!("{}, {} components", report.status, report.components.len());
        }
        engine.store.close().await;
    });
}

/// The most memory that this process held, in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) / 1024
}
