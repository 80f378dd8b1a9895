//! What a scan costs, as ratios: a cold scan to reading and parsing the same files at the same thread count, and a scan
//! where nothing changed to a cold one. Run by `cargo bench -p lockstep-code --bench scan`.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use lockstep_code::{ScanOptions, scan, source_files};
use lockstep_testkit::npm::npm_package;
use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;
use rayon::prelude::*;

const LIBRARIES: &[(&str, &str)] = &[
    ("@react-spectrum/s2", "1.7.1"),
    ("@radix-ui/themes", "3.3.0"),
    ("@blueprintjs/core", "6.20.0"),
    ("@navikt/ds-react", "8.16.2"),
    ("@workday/canvas-kit-react", "16.1.1"),
    ("@patternfly/react-core", "6.6.1"),
];
const ROUNDS: usize = 9;

fn main() {
    println!(
        "{:<28} {:>6} {:>10} {:>10} {:>10} {:>12} {:>12}",
        "", "files", "parse", "cold", "warm", "cold:parse", "warm:cold"
    );
    let (mut parses, mut colds, mut warms) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for (name, version) in LIBRARIES {
        let folder = npm_package(name, version).unwrap();
        let mut options = ScanOptions::new(&folder, "");
        let files = source_files(&options).unwrap();
        let cache = tempfile::tempdir().unwrap();
        options.cache = Some(cache.path().to_owned());
        let parse = best(|| read_and_parse(&folder, &files));
        let cold = best(|| {
            let _ = std::fs::remove_dir_all(cache.path());
            timed(|| drop(scan(&options).unwrap()))
        });
        let warm = best(|| timed(|| drop(scan(&options).unwrap())));
        print(name, files.len(), parse, cold, warm);
        parses += parse;
        colds += cold;
        warms += warm;
    }
    print("together", 0, parses, colds, warms);
}

/// The least of several rounds: what the work itself costs.
fn best(mut round: impl FnMut() -> Duration) -> Duration {
    (0..ROUNDS).map(|_| round()).min().unwrap()
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Threads are started within the measure, as a scan starts them.
fn read_and_parse(folder: &Path, files: &[PathBuf]) -> Duration {
    timed(|| {
        let pool = rayon::ThreadPoolBuilder::new().build().unwrap();
        pool.install(|| {
            files.par_iter().for_each_init(Allocator::new, |allocator, file| {
                allocator.reset();
                let text = std::fs::read_to_string(folder.join(file)).unwrap();
                let kind = SourceType::from_path(file).unwrap_or_default();
                std::hint::black_box(Parser::new(allocator, &text, kind).parse().program.body.len());
            });
        });
    })
}

fn print(name: &str, files: usize, parse: Duration, cold: Duration, warm: Duration) {
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let ratio = |a: Duration, b: Duration| format!("{:.3}", a.as_secs_f64() / b.as_secs_f64());
    println!(
        "{name:<28} {files:>6} {:>10} {:>10} {:>10} {:>12} {:>12}",
        ms(parse),
        ms(cold),
        ms(warm),
        ratio(cold, parse),
        ratio(warm, cold)
    );
}
