//! How fast several processes work off the drift queue of one PostgreSQL, and whether each evaluates what no other does.
//! Run by `cargo bench -p lockstep --bench queue`; a number after `--` is how many components.
//!
//! For 1, 2 and 4 processes every component is queued, and the processes are started at once. A trigger of the
//! database, not the processes themselves, counts which entries left the queue as evaluated, and what each process says it
//! evaluated is held against it.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::{
    collections::BTreeMap,
    process::{Child, Stdio},
    time::Instant,
};

use lockstep_testkit::{library::Library, postgres::cluster, workspace::Workspace};
use serde_json::Value;

const COUNTING: &str = "
    CREATE TABLE left_queue (component_id uuid, changes bigint);
    CREATE FUNCTION note_left() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO left_queue VALUES (OLD.component_id, OLD.changes); RETURN OLD; END $$;
    CREATE TRIGGER note_left BEFORE DELETE ON drift_queue FOR EACH ROW EXECUTE FUNCTION note_left();";

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(20_000);
    let cluster = cluster().unwrap();
    let database = cluster.create_database().unwrap();
    let mut workspace = Workspace::empty(env!("CARGO_BIN_EXE_lockstep"));
    workspace.set("DATABASE_URL", cluster.url(&database));
    Library { components: count, drifted: false }.write(&workspace.root()).unwrap();
    let begun = Instant::now();
    let scanned = workspace.run(["scan", "--queue", "--json"]).succeeds().json();
    let queued = scanned["data"]["queued"].as_u64().unwrap();
    println!("{queued} components queued by a scan that took {:.1} s", begun.elapsed().as_secs_f64());
    cluster.sql(&database, COUNTING).unwrap();
    workspace.run(["work", "--once"]).succeeds();
    cluster.sql(&database, "VACUUM ANALYZE").unwrap();

    println!("\nprocesses  seconds  a second  of one process  each process");
    let mut alone = 0.0;
    for processes in [1, 2, 4] {
        cluster.sql(&database, "TRUNCATE left_queue").unwrap();
        workspace.run(["queue", "all"]).succeeds();
        let begun = Instant::now();
        // Each is read at once, so that none waits for its reader.
        let working: Vec<_> = (0..processes)
            .map(|_| start(&workspace))
            .map(|child| std::thread::spawn(move || end(child)))
            .collect();
        let evaluated: Vec<BTreeMap<String, u64>> =
            working.into_iter().map(|reading| reading.join().unwrap()).collect();
        let seconds = begun.elapsed().as_secs_f64();
        let shares: Vec<u64> = evaluated.iter().map(|of| of.values().sum()).collect();
        let mut by_component: BTreeMap<String, u64> = BTreeMap::new();
        for (component, times) in evaluated.into_iter().flatten() {
            *by_component.entry(component).or_default() += times;
        }
        assert_eq!(by_component.len() as u64, queued, "each was evaluated");
        assert!(by_component.values().all(|times| *times == 1), "none was evaluated twice");
        let left =
            cluster.sql(&database, "SELECT count(*), count(DISTINCT component_id) FROM left_queue").unwrap();
        assert_eq!(left.trim(), format!("{queued}|{queued}"), "as the database counts it");
        let rate = queued as f64 / seconds;
        if processes == 1 {
            alone = rate;
        }
        println!("{processes:>9}  {seconds:>7.2}  {rate:>8.0}  {:>14.2}  {shares:?}", rate / alone);
    }
}

fn start(workspace: &Workspace) -> Child {
    let mut command = workspace.command();
    command.args(["work", "--once", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// How often a process evaluated each component.
fn end(child: Child) -> BTreeMap<String, u64> {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let mut evaluated = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["data"]["event"] == "evaluated" {
            *evaluated.entry(line["data"]["id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    evaluated
}
