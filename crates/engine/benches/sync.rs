//! What a plan and a sync of many components cost, and taking it back: of a library of 10,000 components, a tenth of it
//! drifted, so many are planned, synced and undone, on SQLite; with the most memory that the process held, and beside it
//! what only writing the same files durably costs. Run by
//! `cargo bench -p lockstep-engine --bench sync -- 1000`, each number in a run of its own; a second number is how large the
//! library is, of which more than a tenth drifts where more are asked for: `200 200`, `200 1000`. The last line says it all
//! in one.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use lockstep_core::direction::Direction;
use lockstep_engine::{
    Store,
    apply::{OnLock, SyncOutcome},
    context::{Engine, SystemClock},
    progress::Unwatched,
    request::SyncRequest,
    undo::UndoRequest,
    workspace::Workspace,
};
use lockstep_testkit::library::Library;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    let one_of = (components / count.max(1)).clamp(1, 10);
    Library { components, drifted: true }.write_drifting(folder.path(), one_of).unwrap();
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
        let planned = start.elapsed().as_secs_f64();
        println!("plan {planned:>8.2} s, held at most {} MB", peak());
        let start = Instant::now();
        let outcome = engine.sync(current, &plan, OnLock::Wait).await.unwrap();
        let synced = start.elapsed().as_secs_f64();
        println!("sync {synced:>8.2} s, held at most {} MB", peak());
        if let SyncOutcome::Executed(report) = outcome {
            println!("{}, {} components", report.status, report.components.len());
        }
        let files: BTreeSet<PathBuf> = plan
            .components
            .iter()
            .flat_map(|component| {
                component.files.iter().map(|change| &change.file).chain(&component.design_file)
            })
            .map(|file| folder.path().join(file.as_str()))
            .collect();
        let raw = (0..3).map(|_| written(&files)).min().unwrap();
        println!("writing and syncing its {} files {:>8.2} s", files.len(), raw.as_secs_f64());
        let start = Instant::now();
        let report = engine.undo(&UndoRequest::default()).await.unwrap();
        let took = start.elapsed().as_secs_f64();
        println!("undo {took:>8.2} s ({:.1} of that), held at most {} MB", took / raw.as_secs_f64(), peak());
        assert!(report.is_complete());
        println!(
            "{} of {components}: plan {planned:.2} s, sync {synced:.2} s, undo {took:.2} s, raw {:.3} s, undo:raw {:.1}, {} MB",
            report.components.len(),
            raw.as_secs_f64(),
            took / raw.as_secs_f64(),
            peak(),
        );
        engine.store.close().await;
    });
}

/// How long it takes to write files anew beside themselves, durably, and to rename them into place.
fn written(files: &BTreeSet<PathBuf>) -> Duration {
    let contents: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    let start = Instant::now();
    for (file, content) in files.iter().zip(contents) {
        let (new, folder) = (file.with_extension("new"), file.parent().unwrap_or_else(|| Path::new(".")));
        let mut open = File::create(&new).unwrap();
        open.write_all(&content).unwrap();
        open.sync_all().unwrap();
        fs::rename(&new, file).unwrap();
        File::open(folder).unwrap().sync_all().unwrap();
    }
    start.elapsed()
}

/// The most memory that this process held, in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) / 1024
}
