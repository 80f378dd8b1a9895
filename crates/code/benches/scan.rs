//! What a scan costs, as ratios: a cold scan to reading and parsing the same files at the same thread count, a scan
//! where nothing or one file changed to a cold one, and the most memory held to the bytes of source. Run by
//! `cargo bench -p lockstep-code --bench scan`; a word after `--` picks the libraries whose name holds it.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use lockstep_code::{ScanOptions, scan, source_files};
use lockstep_testkit::npm::npm_package;
use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;
use rayon::prelude::*;
use tempfile::TempDir;

/// Libraries, each with the file that exports it.
const LIBRARIES: &[(&str, &str, &str)] = &[
    ("@react-spectrum/s2", "1.7.1", "exports/index"),
    ("@radix-ui/themes", "3.3.0", "src/index"),
    ("@blueprintjs/core", "6.20.0", "src/index"),
    ("@navikt/ds-react", "8.16.2", "src/index"),
    ("@workday/canvas-kit-react", "16.1.1", "index"),
    ("@patternfly/react-core", "6.6.1", "src/index"),
];
/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 9;
const MANY_FILES: usize = 5_000;
/// Longer than a change needs to settle.
const SETTLED: Duration = Duration::from_millis(150);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--hold", "nothing"] => return print_peak(),
        ["--hold", folder] => {
            let scan = scan(&ScanOptions::new(folder, "")).unwrap();
            print_peak();
            return drop(scan);
        }
        // For a profiler, which wants the same work many times over.
        ["--repeat", times, folder] => {
            for _ in 0..times.parse::<usize>().unwrap() {
                drop(scan(&ScanOptions::new(folder, "")).unwrap());
            }
            return;
        }
        ["--repeat-parse", times, folder] => {
            let files = source_files(&ScanOptions::new(folder, "")).unwrap();
            for _ in 0..times.parse::<usize>().unwrap() {
                read_and_parse(Path::new(folder), &files);
            }
            return;
        }
        _ => {}
    }
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-')).map_or("", String::as_str);
    println!(
        "{:<28} {:>6} {:>10} {:>10} {:>10} {:>10} {:>11} {:>10} {:>10} {:>12}",
        "", "files", "parse", "cold", "same", "one", "cold:parse", "same:cold", "one:cold", "peak:source"
    );
    let mut together = Row::default();
    for (name, version, _) in LIBRARIES.iter().filter(|(name, ..)| name.contains(wanted)) {
        let folder = npm_package(name, version).unwrap();
        let copy = tempfile::tempdir().unwrap();
        let files = source_files(&ScanOptions::new(&folder, "")).unwrap();
        copy_library(&folder, &files, copy.path());
        let row = measure(&folder, copy.path(), &files);
        row.print(name);
        together.add(&row);
    }
    together.print("together");
    if "many".contains(wanted) {
        let folder = many_files();
        let files = source_files(&ScanOptions::new(folder.path(), "")).unwrap();
        measure(folder.path(), folder.path(), &files).print("many, copied of these");
    }
}

/// What was measured of one package, or of several.
#[derive(Default)]
struct Row {
    files: usize,
    parse: Duration,
    cold: Duration,
    same: Duration,
    one: Duration,
    peak: u64,
    source: u64,
}

impl Row {
    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.parse += other.parse;
        self.cold += other.cold;
        self.same += other.same;
        self.one += other.one;
        self.peak += other.peak;
        self.source += other.source;
    }

    fn print(&self, name: &str) {
        let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
        let ratio = |a: Duration, b: Duration| format!("{:.3}", a.as_secs_f64() / b.as_secs_f64());
        println!(
            "{name:<28} {:>6} {:>10} {:>10} {:>10} {:>10} {:>11} {:>10} {:>10} {:>12}",
            self.files,
            ms(self.parse),
            ms(self.cold),
            ms(self.same),
            ms(self.one),
            ratio(self.cold, self.parse),
            ratio(self.same, self.cold),
            ratio(self.one, self.cold),
            format!("{:.2}", self.peak as f64 / self.source as f64),
        );
    }
}

/// Measures a package; files are changed in a copy of it only.
fn measure(folder: &Path, copy: &Path, files: &[PathBuf]) -> Row {
    let cache = tempfile::tempdir().unwrap();
    let options = ScanOptions { cache: Some(cache.path().to_owned()), ..ScanOptions::new(folder, "") };
    let parse = best(|| read_and_parse(folder, files));
    let cold = best(|| {
        let _ = std::fs::remove_dir_all(cache.path());
        timed(|| drop(scan(&options).unwrap()))
    });
    let same = best(|| timed(|| drop(scan(&options).unwrap())));
    Row {
        files: files.len(),
        parse,
        cold,
        same,
        one: one_changed(copy, files),
        peak: peak_memory(folder.to_str().unwrap()).saturating_sub(peak_memory("nothing")),
        source: files.iter().map(|file| std::fs::metadata(folder.join(file)).unwrap().len()).sum(),
    }
}

/// A scan after a change of one file: the middle over files spread through the package, since what hangs on a file
/// differs.
fn one_changed(folder: &Path, files: &[PathBuf]) -> Duration {
    let cache = tempfile::tempdir().unwrap();
    let options = ScanOptions { cache: Some(cache.path().to_owned()), ..ScanOptions::new(folder, "") };
    std::thread::sleep(SETTLED);
    drop(scan(&options).unwrap());
    let mut times: Vec<Duration> = files
        .iter()
        .step_by(files.len().div_ceil(2 * ROUNDS))
        .map(|file| {
            let mut file = std::fs::File::options().append(true).open(folder.join(file)).unwrap();
            file.write_all(b"\n// changed\nexport const CHANGED = true;\n").unwrap();
            drop(file);
            std::thread::sleep(SETTLED);
            timed(|| drop(scan(&options).unwrap()))
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// The most memory that a process of its own held while it scanned a folder.
fn peak_memory(folder: &str) -> u64 {
    let held = Command::new(std::env::current_exe().unwrap()).args(["--hold", folder]).output().unwrap();
    assert!(held.status.success());
    String::from_utf8(held.stdout).unwrap().trim().parse().unwrap()
}

/// Prints the most memory that this process held so far, in bytes; zero where the system does not tell.
fn print_peak() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    println!("{}", line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10);
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

/// Copies a library's manifest and sources.
fn copy_library(from: &Path, files: &[PathBuf], to: &Path) {
    for file in files.iter().map(PathBuf::as_path).chain([Path::new("package.json")]) {
        let target = to.join(file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(from.join(file), target).unwrap();
    }
}

/// One package of as many files as large libraries have: copies of the libraries, under one index.
fn many_files() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut index = String::new();
    let (mut count, mut round) = (0, 0);
    'full: loop {
        for (name, version, entry) in LIBRARIES {
            let library = npm_package(name, version).unwrap();
            let files = source_files(&ScanOptions::new(&library, "")).unwrap();
            let own = format!("{}-{round}", name.rsplit('/').next().unwrap());
            if count > 0 && count + files.len() > MANY_FILES {
                break 'full;
            }
            count += files.len();
            copy_library(&library, &files, &folder.path().join("src").join(&own));
            index += &format!(
                "export * as {}{round} from './{own}/{entry}';\n",
                own.replace('-', "").to_uppercase()
            );
        }
        round += 1;
    }
    std::fs::write(folder.path().join("src/index.ts"), index).unwrap();
    std::fs::write(folder.path().join("package.json"), r#"{"name":"many","source":"src/index.ts"}"#).unwrap();
    folder
}
