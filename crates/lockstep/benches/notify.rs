//! How soon a hub tells what happens, and how fast it works off a long outbox, to a receiver on this machine. Run by
//! `cargo bench -p lockstep --bench notify`; a number after `--` is how many events the outbox holds.
//!
//! Events are written into the registry by another process, as a scan does. From then to the arrival is measured here, by
//! the time that the event itself bears.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::{
    process::Command,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use lockstep_testkit::{
    hub::Hub,
    provider::{Provider, Reply},
    workspace::Workspace,
};
use serde_json::Value;

/// Writes events one by one: into which registry, from which number, how many, and how many seconds apart.
const WRITE: &str = "import sqlite3, sys, time
registry = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
first, count, apart = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
if apart == 0: registry.execute('BEGIN IMMEDIATE')
for number in range(first, first + count):
    registry.execute('''INSERT INTO notification_events (id, type, payload_summary, channel_targets) VALUES (?, 'sync_completed',
        ?, (SELECT json_group_array(id) FROM notification_channels))''', (f'00000000-0000-4000-8000-{number:012x}',
        '{\"operation\": \"00000000-0000-4000-8000-000000000000\", \"status\": \"completed\", \"components\": 1, \"applied\": [\"Button\"], \"failed\": []}'))
    if apart: time.sleep(apart)
if apart == 0: registry.execute('COMMIT')";

/// So many are told of one after the other.
const SINGLE: usize = 200;
/// How long the slow receiver takes.
const SLOW: Duration = Duration::from_millis(20);

struct Bench {
    workspace: Workspace,
    provider: Provider,
    written: usize,
}

impl Bench {
    fn new() -> Self {
        let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
        workspace.adopt();
        let provider = Provider::start();
        provider.answer("/hook", Reply::new(200, ""));
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        workspace.run_with(["credential", "add", "hook", "--vendor", "webhook"], key).succeeds();
        let url = format!("url={}/hook", provider.address());
        let add = ["notify", "add", "team", "--kind", "webhook", "--credential", "hook", "--set", &url];
        workspace.run(add).succeeds();
        Self { workspace, provider, written: 0 }
    }

    fn write(&mut self, count: usize, apart: &str) -> std::process::Child {
        let first = self.written;
        self.written += count;
        let mut command = Command::new("python3");
        command.args(["-c", WRITE]).arg(self.workspace.path(".lockstep/lockstep.db"));
        command.args([&first.to_string(), &count.to_string(), apart]).spawn().unwrap()
    }

    /// Writes an outbox full, and waits until all of it came; prints how fast, and what the hub's memory was meanwhile.
    fn drain(&mut self, hub: &Hub, count: usize, receiver: &str) {
        assert!(self.write(count, "0").wait().unwrap().success());
        let (begun, mut came, mut memory) = (Instant::now(), 0, Vec::new());
        while came < count {
            came += self.provider.came().len();
            if came * 10 / count >= memory.len() {
                memory.push(resident(hub.id()));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let seconds = begun.elapsed().as_secs_f64();
        let memory: Vec<String> = memory.iter().map(|megabytes| format!("{megabytes:.0}")).collect();
        println!(
            "{count} events to a receiver that takes {receiver}: {seconds:.1} s, {:.0} a second; MB resident at each tenth: {}",
            count as f64 / seconds,
            memory.join(" ")
        );
    }
}

/// Megabytes of a process in memory, as proc(5) has them.
fn resident(id: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap() / 1024.0
}

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let mut bench = Bench::new();
    let hub = Hub::start(&bench.workspace, &[]);
    let mut writing = bench.write(SINGLE, "0.113");
    let mut delays = Vec::new();
    while delays.len() < SINGLE {
        let now = Utc::now();
        for came in bench.provider.came() {
            let body: Value = serde_json::from_str(&came.body).unwrap();
            let written: DateTime<Utc> = body["timestamp"].as_str().unwrap().parse().unwrap();
            delays.push((now - written).as_seconds_f64() * 1e3);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    writing.wait().unwrap();
    delays.sort_by(f64::total_cmp);
    let at = |share: f64| delays[(share * (delays.len() - 1) as f64).round() as usize];
    println!(
        "{SINGLE} events, one at a time: written to arrived p50 {:.0} ms, p95 {:.0} ms, at most {:.0} ms",
        at(0.5),
        at(0.95),
        at(1.0)
    );
    bench.drain(&hub, count, "each at once");
    bench.provider.answer("/hook", Reply::Late(SLOW, Box::new(Reply::new(200, ""))));
    bench.drain(&hub, count / 10, &format!("{} ms for each", SLOW.as_millis()));
}
