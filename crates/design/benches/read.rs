//! Reading a Figma file of 100 MB, against deserialising it into a generic JSON value: time and peak memory.
//!
//! `cargo bench -p lockstep-design`; an argument that is a number is the size in megabytes.

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]
use std::fmt::Write as _;
use std::fs::File;
use std::hint::black_box;
use std::io::BufReader;
use std::path::Path;
use std::process::Command;

use lockstep_design::figma;
use serde_json::Value;

/// What is measured, each in processes of its own, so that no run finds memory that another left.
#[derive(Clone, Copy, PartialEq)]
enum Reading {
    ValueFromMemory,
    Read,
    ValueFromStream,
    ReadFrom,
    Document,
}

const READINGS: [(Reading, &str, Reading); 5] = [
    (Reading::ValueFromMemory, "generic value, from memory", Reading::ValueFromMemory),
    (Reading::Read, "figma::read", Reading::ValueFromMemory),
    (Reading::ValueFromStream, "generic value, from a stream", Reading::ValueFromStream),
    (Reading::ReadFrom, "figma::read_from", Reading::ValueFromStream),
    (Reading::Document, "figma::Document::parse", Reading::ValueFromMemory),
];

/// Milliseconds, and the kilobytes that were held at most beyond the input.
type Cost = (f64, f64);

impl Reading {
    /// Reads once, in this process.
    fn run(self, path: &Path) -> Cost {
        let streams = matches!(self, Self::ValueFromStream | Self::ReadFrom);
        let bytes = if streams { Vec::new() } else { std::fs::read(path).unwrap() };
        let stream = || BufReader::with_capacity(1 << 16, File::open(path).unwrap());
        let before = memory("VmRSS:");
        let start = processor_time();
        match self {
            Self::ValueFromMemory => drop(black_box(serde_json::from_slice::<Value>(&bytes).unwrap())),
            Self::Read => drop(black_box(figma::read(&bytes, "large.json").unwrap())),
            Self::ValueFromStream => drop(black_box(serde_json::from_reader::<_, Value>(stream()).unwrap())),
            Self::ReadFrom => drop(black_box(figma::read_from(stream(), "large.json").unwrap())),
            Self::Document => drop(black_box(figma::Document::parse(&bytes, "large.json").unwrap())),
        }
        (processor_time() - start, (memory("VmHWM:") - before).max(1.0))
    }

    /// Reads a few times in other processes: the median time, and the most memory.
    fn measure(self, path: &Path) -> Cost {
        const RUNS: usize = 5;
        let name = READINGS.iter().find(|(reading, ..)| *reading == self).unwrap().1;
        let mut costs: Vec<Cost> = (0..RUNS)
            .map(|_| {
                let output =
                    Command::new(std::env::current_exe().unwrap()).arg(name).arg(path).output().unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                let said = String::from_utf8(output.stdout).unwrap();
                let (time, memory) = said.trim().split_once(' ').unwrap();
                (time.parse().unwrap(), memory.parse().unwrap())
            })
            .collect();
        costs.sort_by(|a, b| a.0.total_cmp(&b.0));
        (costs[RUNS / 2].0, costs.iter().map(|cost| cost.1).fold(0.0, f64::max))
    }
}

/// The milliseconds that this process ran on a processor: other work on the machine doesn't count.
fn processor_time() -> f64 {
    let statistics =
        std::fs::read_to_string("/proc/self/schedstat").expect("processor time is read from Linux's /proc");
    let nanoseconds: f64 = statistics.split_whitespace().next().unwrap().parse().unwrap();
    nanoseconds / 1e6
}

/// A figure of this process in kilobytes, as Linux states it.
fn memory(label: &str) -> f64 {
    let status =
        std::fs::read_to_string("/proc/self/status").expect("peak memory is read from Linux's /proc");
    let line = status.lines().find_map(|line| line.strip_prefix(label)).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

/// The pages of a file, and the entries of its `components` by id.
type Part = (Vec<String>, Vec<(String, String)>);

/// Repeats the pages of real files until the file is that large, each repetition with ids of its own.
fn large_file(bytes: usize) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let paths = [
        "figma/old/document-2020.json",
        "spectrum/figma-file.json",
        "figma/code-connect/dummy_api_response_for_wizard_many_components.json",
        "figma/code-connect/dummy_api_response_for_wizard.json",
    ];
    let parts: Vec<Part> = paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(format!("{root}/{path}")).unwrap();
            let file: serde_json::Value = serde_json::from_str(&text).unwrap();
            let pages = file["document"]["children"].as_array().unwrap().iter();
            let entries = file["components"].as_object().unwrap().iter();
            (
                pages.map(ToString::to_string).collect(),
                entries.map(|(id, entry)| (id.clone(), entry.to_string())).collect(),
            )
        })
        .collect();
    let mut pages = String::new();
    let mut entries = String::new();
    for round in 0.. {
        if pages.len() + entries.len() >= bytes {
            break;
        }
        let (source_pages, source_entries) = &parts[round % parts.len()];
        for page in source_pages {
            let comma = if pages.is_empty() { "" } else { "," };
            let unique = page.replace("\"id\":\"", &format!("\"id\":\"{round}0"));
            let _ = write!(pages, "{comma}{unique}");
        }
        for (id, entry) in source_entries {
            let comma = if entries.is_empty() { "" } else { "," };
            let _ = write!(entries, "{comma}\"{round}0{id}\":{entry}");
        }
    }
    format!(
        r#"{{"document":{{"id":"0:0","name":"Document","type":"DOCUMENT","children":[{pages}]}},"components":{{{entries}}},"componentSets":{{}},"name":"Large","version":"1"}}"#
    )
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [name, path] = &arguments[..]
        && let Some((reading, ..)) = READINGS.iter().find(|(_, known, _)| known == name)
    {
        let (time, memory) = reading.run(Path::new(path));
        println!("{time} {memory}");
        return;
    }
    let megabytes = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(100);
    let file = large_file(megabytes * 1_000_000);
    let scan = figma::read(file.as_bytes(), "large.json").unwrap();
    let variants: usize = scan.components.iter().map(|component| component.variants.len()).sum();
    println!(
        "{:.1} MB: {} design components, {variants} variants",
        file.len() as f64 / 1e6,
        scan.components.len()
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.json");
    std::fs::write(&path, file).unwrap();

    println!("{:<30} {:>10} {:>8} {:>10} {:>8}", "", "time", "ratio", "peak", "ratio");
    let mut bases: Vec<(Reading, Cost)> = Vec::new();
    for (reading, name, base) in READINGS {
        let cost = reading.measure(&path);
        bases.push((reading, cost));
        let base = bases.iter().find(|(reading, _)| *reading == base).unwrap().1;
        println!(
            "{name:<30} {:>7.0} ms {:>8.2} {:>7.0} MB {:>8.3}",
            cost.0,
            cost.0 / base.0,
            cost.1 / 1e3,
            cost.1 / base.1
        );
    }
}
