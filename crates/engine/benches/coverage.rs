//! How long coverage takes beyond reading both sides: of 200 and of 10,000 components, each with a file of stories and one of
//! tests. First every report is new; then nothing changed, and each component costs a look-up. Run by
//! `cargo bench -p lockstep-engine --bench coverage`; numbers after `--` are how many components.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use lockstep_engine::{
    Store,
    context::{Engine, SystemClock},
    progress::Unwatched,
    workspace::Workspace,
};
use lockstep_testkit::library::Library;

/// How often what nothing changed for is measured.
const ROUNDS: usize = 5;

fn main() {
    let mut counts: Vec<usize> =
        std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    if counts.is_empty() {
        counts = vec![200, 10_000];
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!("components     cold: read, coverage     unchanged: read, coverage");
    for count in counts {
        let folder = tempfile::tempdir().unwrap();
        Library { components: count, drifted: false }.write(folder.path()).unwrap();
        for index in 0..count {
            let (name, file) = (Library::name(index), folder.path().join(Library::file(index)));
            std::fs::write(file.with_extension("test.tsx"), test(&name)).unwrap();
        }
        let cold = runtime.block_on(once(folder.path()));
        let again = (0..ROUNDS).map(|_| runtime.block_on(once(folder.path())));
        let again = again.min_by_key(|(_, coverage)| *coverage).unwrap();
        println!(
            "{count:>10}     {:>9} {:>9}     {:>14} {:>9}",
            ms(cold.0),
            ms(cold.1),
            ms(again.0),
            ms(again.1)
        );
    }
}

/// One run, as the binary does it; how long reading took, and how long coverage.
async fn once(folder: &Path) -> (Duration, Duration) {
    let database = folder.join(".lockstep/lockstep.db");
    std::fs::create_dir_all(database.parent().unwrap()).unwrap();
    let store = Store::connect(&format!("sqlite://{}", database.display())).await.unwrap();
    let workspace = Workspace::open(folder).unwrap();
    let engine =
        Engine::open(workspace, store, "bench", Box::new(SystemClock), Box::new(Unwatched)).await.unwrap();
    let start = Instant::now();
    let current = engine.refresh().await.unwrap();
    let read = start.elapsed();
    let start = Instant::now();
    let covered = engine.coverage(&current, &[], None).await.unwrap();
    let took = start.elapsed();
    assert!(covered.components.iter().all(|component| component.coverage.missing_tests.len() == 2));
    engine.store.close().await;
    (read, took)
}

fn test(name: &str) -> String {
    format!(
        "import userEvent from '@testing-library/user-event';\nimport {{ render, screen }} from '@testing-library/react';\n\
         import {{ expect, it, vi }} from 'vitest';\nimport {{ {name} }} from './{name}';\n\n\
         it('tells of a click', async () => {{\n  const onClick = vi.fn();\n  render(<{name} onClick={{onClick}} />);\n  \
         await userEvent.click(screen.getByRole('button'));\n  expect(onClick).toHaveBeenCalled();\n}});\n"
    )
}

fn ms(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1e3)
}
