//! What the commands cost on a large library: seconds, and the most memory that the process held, as Linux counts it. Run by
//! `cargo bench -p lockstep --bench large`; a number after `--` is how many components the library has (10,000), of which
//! one in ten drifts; a second one is how many of them are synced (1,000).

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use lockstep_testkit::{library::Library, workspace::Workspace};
use serde_json::Value;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let components = numbers.next().unwrap_or(10_000);
    let synced = numbers.next().unwrap_or(1_000);
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_lockstep"));
    let root = workspace.root();
    Library { components, drifted: false }.write(&root).unwrap();
    println!("{components} components\n\nseconds  at most MB  command");
    measure(&workspace, "scan, anew", &["scan"]);
    measure(&workspace, "drift, the first", &["drift"]);
    measure(&workspace, "drift, nothing moved", &["drift"]);
    Library { components, drifted: true }.write(&root).unwrap();
    measure(&workspace, "drift, one in ten moved", &["drift"]);
    measure(&workspace, "drift, nothing moved since", &["drift"]);
    let drifted: Vec<String> = workspace.run(["drift", "--json"]).json()["data"]["components"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|component| component["changes"].as_array().is_some_and(|changes| !changes.is_empty()))
        .filter_map(|component| component["name"].as_str().map(str::to_owned))
        .take(synced)
        .collect();
    let chosen = |command: &str, more: &[&str]| -> Vec<String> {
        let drifted = drifted.iter().map(String::as_str);
        std::iter::once(command).chain(drifted).chain(more.iter().copied()).map(str::to_owned).collect()
    };
    let count = drifted.len();
    measure(&workspace, &format!("plan {count}"), &chosen("plan", &["--direction", "bidirectional"]));
    measure(
        &workspace,
        &format!("sync {count}"),
        &chosen("sync", &["--direction", "bidirectional", "--yes"]),
    );
    measure(&workspace, &format!("undo {count}"), &["undo"]);
}

fn measure<A: AsRef<std::ffi::OsStr>>(workspace: &Workspace, what: &str, arguments: &[A]) {
    let mut command = workspace.command();
    command.args(arguments).arg("--json").stdout(Stdio::piped()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    let output = child.stdout.take().unwrap();
    let reading = std::thread::spawn(move || serde_json::from_reader::<_, Value>(output));
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(held_at_most(child.id()));
        std::thread::sleep(Duration::from_millis(10));
    }
    let took = begun.elapsed().as_secs_f64();
    let error = reading.join().unwrap().unwrap()["error"].clone();
    println!("{took:>7.2}  {:>10.0}  {what}{}", most as f64 / 1024.0, said(&error));
}

fn said(error: &Value) -> String {
    if error.is_null() { String::new() } else { format!(" ({error})") }
}

/// The most memory that a process held so far, in KiB.
fn held_at_most(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    peak.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}
