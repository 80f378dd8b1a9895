//! Where the time of a whole refresh goes, stage by stage: a library of 10,000 components is read, linked, compared and
//! recorded in SQLite; first anew, then with nothing changed, then after one component in ten has drifted. Run by
//! `cargo bench -p lockstep-engine --bench refresh`; a number after `--` is how many components.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use lockstep_engine::{
    Store,
    context::{Engine, SystemClock},
    progress::{Progress, Stage},
    workspace::Workspace,
};
use lockstep_testkit::library::Library;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let folder = tempfile::tempdir().unwrap();
    Library { components: count, drifted: false }.write(folder.path()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!("{count} components");
    let first = runtime.block_on(refresh(folder.path(), "first"));
    runtime.block_on(refresh(folder.path(), "unchanged"));
    Library { components: count, drifted: true }.write(folder.path()).unwrap();
    runtime.block_on(refresh(folder.path(), "a tenth drifted"));
    let again = runtime.block_on(refresh(folder.path(), "unchanged"));
    println!("\nunchanged:first {:.3}", again.as_secs_f64() / first.as_secs_f64());
}

/// One run, as the binary does it: the registry is opened anew.
async fn refresh(folder: &Path, what: &str) -> Duration {
    let database = folder.join(".lockstep/lockstep.db");
    std::fs::create_dir_all(database.parent().unwrap()).unwrap();
    let start = Instant::now();
    let store = Store::connect(&format!("sqlite://{}", database.display())).await.unwrap();
    let stages = Stages::default();
    let workspace = Workspace::open(folder).unwrap();
    let engine = Engine::open(workspace, store, "bench", Box::new(SystemClock), Box::new(stages.clone()))
        .await
        .unwrap();
    let current = engine.refresh().await.unwrap();
    let report = current.drift_report(&[]).unwrap();
    let took = start.elapsed();
    let reported = took - stages.until();
    engine.store.close().await;
    let written = std::fs::metadata(&database).unwrap().len();
    println!(
        "\n{what}: {}, {} changes, database {:.1} MB",
        ms(took),
        report.totals.changes,
        written as f64 / 1e6
    );
    for (stage, time) in stages.each() {
        println!("  {:<20} {:>12}", stage.to_string(), ms(time));
    }
    println!("  {:<20} {:>12}", "reporting", ms(reported.saturating_sub(stages.begun(start))));
    took
}

/// Notes when each stage begins.
#[derive(Clone, Default)]
struct Stages(Arc<Mutex<Marks>>);

#[derive(Default)]
struct Marks {
    begun: Vec<(Stage, Instant)>,
    ended: Option<Instant>,
}

impl Stages {
    fn each(&self) -> Vec<(Stage, Duration)> {
        let marks = self.0.lock().unwrap();
        let ends = marks.begun.iter().skip(1).map(|(_, at)| *at).chain(marks.ended);
        marks.begun.iter().zip(ends).map(|((stage, from), to)| (*stage, to - *from)).collect()
    }

    /// How long all stages took.
    fn until(&self) -> Duration {
        self.each().iter().map(|(_, time)| *time).sum()
    }

    /// How long it took until the first stage began.
    fn begun(&self, start: Instant) -> Duration {
        self.0.lock().unwrap().begun.first().map(|(_, at)| *at - start).unwrap_or_default()
    }
}

impl Progress for Stages {
    fn begin(&self, stage: Stage, _: &str) {
        self.0.lock().unwrap().begun.push((stage, Instant::now()));
    }

    fn advance(&self, _: usize, _: usize) {}

    fn end(&self) {
        self.0.lock().unwrap().ended = Some(Instant::now());
    }
}

fn ms(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1e3)
}
