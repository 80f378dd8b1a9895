//! What telling drift costs beyond loading the contracts: 10,000 components of twelve properties, one in ten of them
//! drifted, each with a baseline; as time, and as ratios to cloning and to deserialising the same values. Run by
//! `cargo bench -p lockstep-engine --bench drift`; a number after `--` is how many components.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use lockstep_core::{
    baseline::Baseline,
    drift::detect,
    mapping::{ComparePolicy, Rules, compare},
    statement::Statement,
};
use lockstep_engine::{link::link, progress::Unwatched, sides, workspace::Workspace};
use lockstep_testkit::library::Library;
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};
use serde::{Deserialize, Serialize};

const ROUNDS: usize = 11;
const THREADS: [usize; 2] = [1, 2];

/// What a comparison is made of.
#[derive(Clone, Serialize, Deserialize)]
struct Component {
    code: Statement,
    design: Statement,
    rules: Rules,
    baseline: Option<Baseline>,
}

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let components = drifted(count);
    let stored: Vec<String> =
        components.iter().map(|component| serde_json::to_string(component).unwrap()).collect();
    let changes: usize = components.iter().map(changes).sum();
    println!("{count} components, {changes} changes\n");
    println!(
        "{:<8} {:>10} {:>12} {:>12} {:>12} {:>13} {:>16}",
        "threads", "clone", "deserialise", "compare", "drift", "drift:clone", "drift:deserialise"
    );
    for threads in THREADS {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let clone = best(&pool, || components.par_iter().for_each(|c| drop(std::hint::black_box(c.clone()))));
        let read = best(&pool, || {
            stored.par_iter().for_each(|text| drop(serde_json::from_str::<Component>(text).unwrap()));
        });
        let compared = best(&pool, || {
            components.par_iter().for_each(|component| {
                std::hint::black_box(compare(
                    &component.code,
                    &component.design,
                    &component.rules,
                    &ComparePolicy::default(),
                ));
            })
        });
        let drift = best(&pool, || {
            std::hint::black_box(components.par_iter().map(crate::changes).sum::<usize>());
        });
        let ratio = |other: Duration| format!("{:.2}", drift.as_secs_f64() / other.as_secs_f64());
        println!(
            "{threads:<8} {:>10} {:>12} {:>12} {:>12} {:>13} {:>16}",
            ms(clone),
            ms(read),
            ms(compared),
            ms(drift),
            ratio(clone),
            ratio(read)
        );
    }
}

/// How many changes a component has.
fn changes(component: &Component) -> usize {
    let Component { code, design, rules, baseline } = component;
    let comparison = compare(code, design, rules, &ComparePolicy::default());
    detect(&comparison, baseline.as_ref()).len()
}

/// A library that has drifted since both sides agreed, as the two sides are read from files.
fn drifted(count: usize) -> Vec<Component> {
    let folder = tempfile::tempdir().unwrap();
    let mut components = read(folder.path(), Library { components: count, drifted: false });
    let baselines: Vec<Baseline> = components
        .iter()
        .map(|Component { code, design, rules, .. }| {
            let both = compare(code, design, rules, &ComparePolicy::default());
            Baseline::first(&both)
        })
        .collect();
    components = read(folder.path(), Library { components: count, drifted: true });
    for (component, baseline) in components.iter_mut().zip(baselines) {
        component.baseline = Some(baseline);
    }
    components
}

fn read(folder: &Path, library: Library) -> Vec<Component> {
    library.write(folder).unwrap();
    let workspace = Workspace::open(folder).unwrap();
    let sides = sides::read(&workspace, &Unwatched).unwrap();
    let links = link(&workspace.config, &sides).links;
    assert_eq!(links.len(), library.components, "every component is linked");
    links
        .into_iter()
        .map(|(index, link)| Component {
            code: sides.components[index].component.statement.clone(),
            design: sides.designs[link.design].component.statement.clone(),
            rules: link.rules,
            baseline: None,
        })
        .collect()
}

/// The least of several rounds: what the work itself costs.
fn best(pool: &ThreadPool, work: impl Fn() + Sync) -> Duration {
    let round = || {
        let start = Instant::now();
        pool.install(&work);
        start.elapsed()
    };
    (0..ROUNDS).map(|_| round()).min().unwrap()
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
