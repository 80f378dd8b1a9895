//! Random requests of all kinds by several people at once, without a pause: each comes to an end, and everything can be
//! taken back. `LOCKSTEP_REQUESTS` says how many on each database.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Stdio,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use lockstep_testkit::{postgres::cluster, run::Run, tree::Difference, workspace::Workspace};
use serde_json::Value;

const DRIFTED: [&str; 7] = ["Alert", "Avatar", "Badge", "Button", "Card", "Card.Header", "IconButton"];
const PEOPLE: usize = 6;
/// So many requests, then everything is undone: fewer than the operations that can be.
const ROUND: usize = 36;
/// Longer than any request may wait for another.
const PATIENCE: Duration = Duration::from_secs(180);

/// What is going on.
struct Rush<'w> {
    workspace: &'w Workspace,
    /// The PostgreSQL database.
    database: Option<&'w str>,
    /// By process, what it was asked, and since when.
    running: Mutex<BTreeMap<u32, (String, Instant)>>,
    left: AtomicUsize,
    /// What was as yet found to stand beyond the window.
    late: Mutex<BTreeSet<String>>,
    is_over: AtomicBool,
    tally: Mutex<BTreeMap<&'static str, usize>>,
}

/// Ends the watch also where the test fails, which else would wait for it for ever.
struct Over<'r>(&'r AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }

    fn request(&mut self) -> Vec<&'static str> {
        let direction = ["code-to-design", "design-to-code", "bidirectional"][self.below(3)];
        let mut sync = vec!["sync", "--yes", "--direction", direction];
        sync.extend((0..3).map(|_| DRIFTED[self.below(DRIFTED.len())]));
        match self.below(12) {
            // A merge leaves what is in its way, and then not everything can be taken back: the histories play that.
            0..=2 => vec!["undo"],
            3 => vec!["redo"],
            4 => vec!["scan"],
            5 => vec!["drift"],
            6 | 7 => [&sync[..], &["--no-wait"]].concat(),
            _ => sync,
        }
    }
}

impl Rush<'_> {
    /// One person: asks again and again until all requests were made.
    fn ask(&self, mut numbers: Numbers) {
        while self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            let request = numbers.request();
            let run = self.run(&request);
            assert!([0, 3].contains(&run.code), "{run:?}");
            assert!(!run.stderr.contains("interrupted write"), "nobody was interrupted: {run:?}");
            let components = run.json()["data"]["components"].as_array().cloned().unwrap_or_default();
            let done = |one: &&Value| one["state"] == "applied" || one["outcome"] == "done";
            let refused = |one: &&Value| one["state"] == "failed" || one["outcome"] == "refused";
            let mut tally = self.tally.lock().unwrap();
            *tally.entry("requests").or_default() += 1;
            *tally.entry("components written").or_default() += components.iter().filter(done).count();
            *tally.entry("components refused").or_default() += components.iter().filter(refused).count();
        }
    }

    fn run(&self, request: &[&str]) -> Run {
        let mut command = self.workspace.command();
        command.args(request).arg("--json").stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let (id, told) = (child.id(), request.join(" "));
        self.running.lock().unwrap().insert(id, (told.clone(), Instant::now()));
        let output = child.wait_with_output().unwrap();
        self.running.lock().unwrap().remove(&id);
        Run::new(told, output, self.workspace.root(), self.workspace.home())
    }

    /// Fails with who waits for whom as soon as somebody waits for too long.
    fn watch(&self) {
        while !self.is_over.load(Ordering::SeqCst) {
            let is_late = |(_, since): &(String, Instant)| since.elapsed() > PATIENCE;
            if self.running.lock().unwrap().values().any(is_late) {
                let told = self.who_waits();
                // Their processes end, so that the test does.
                for id in self.running.lock().unwrap().keys() {
                    let _ = std::process::Command::new("kill").arg(id.to_string()).status();
                }
                panic!("somebody waits for longer than {PATIENCE:?}:\n{told}");
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The processes with what they do and how long, the locks that they hold, and whom the database lets wait for whom.
    fn who_waits(&self) -> String {
        let running = self.running.lock().unwrap();
        let mut told: String = running
            .iter()
            .map(|(id, (what, since))| format!("{id}: {what}, for {:.0} s\n", since.elapsed().as_secs_f64()))
            .collect();
        let locks = std::fs::read_to_string("/proc/locks").unwrap_or_default();
        let is_ours =
            |line: &&str| running.keys().any(|id| line.split_whitespace().any(|word| word == id.to_string()));
        told.extend(locks.lines().filter(is_ours).map(|line| format!("lock {line}\n")));
        if let Some((database, cluster)) = self.database.zip(cluster()) {
            let waits = "SELECT pid, pg_blocking_pids(pid), state, left(query, 120) FROM pg_stat_activity \
                         WHERE datname = current_database()";
            told.push_str(&cluster.sql(database, waits).unwrap_or_else(|error| error.to_string()));
        }
        told
    }

    /// Undoes what stands applied, the newest first. Of two operations that ran at once each may have changed something after
    /// the other; then an older one has to go first, or it takes several turns, each of which takes something back.
    fn undo_all(&self) {
        let history = self.workspace.run(["history", "--json", "--limit", "50"]).succeeds().json();
        let operations = history["data"].as_array().unwrap();
        for operation in operations {
            let status = operation["status"].as_str().unwrap();
            assert!(["completed", "partial", "failed"].contains(&status), "left {status}");
        }
        let takes_back = |run: &Run| {
            let told = run.json();
            let mut components = told["data"]["components"].as_array().into_iter().flatten();
            components.any(|component| component["outcome"] == "done")
        };
        loop {
            let newest = self.workspace.run(["undo", "--json"]);
            if newest.json()["data"]["code"] == "nothing-to-undo" {
                return;
            }
            let mut older = operations.iter().map(|operation| operation["id"].as_str().unwrap());
            let goes_on = takes_back(&newest)
                || older.any(|id| takes_back(&self.workspace.run(["undo", id, "--json"])));
            assert!(goes_on, "{newest:?}{}", self.told_of_history());
        }
    }

    /// What was done to the components since the newest operations began, one line each, in its order.
    fn told_of_history(&self) -> String {
        let history = self.workspace.run(["history", "--json", "--limit", "100"]).succeeds().json();
        let mut lines = Vec::new();
        for operation in history["data"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let id = &text(&operation["id"])[..8];
            for component in operation["components"].as_array().unwrap() {
                let what = ["name", "state", "undo"].map(|name| text(&component[name])).join(" ");
                let way = &operation["directions"];
                let window = &operation["in_window"];
                lines.push(format!("{} {id} sync {way} {what} {window}", text(&operation["timestamp"])));
            }
            for event in operation["events"].as_array().unwrap() {
                let what =
                    ["action", "component", "outcome", "reason"].map(|name| text(&event[name])).join(" ");
                lines.push(format!("{} {id} {what} merged: {}", text(&event["at"]), event["merged"]));
            }
        }
        lines.sort();
        format!("\n{}", lines.join("\n"))
    }

    /// How many operations were redone since the last question that so many newer ones followed that they can't be undone
    /// any more: each is refused.
    fn late(&self) -> usize {
        let history = self.workspace.run(["history", "--json", "--limit", "200"]).succeeds().json();
        let stands = |operation: &&Value| {
            let mut components = operation["components"].as_array().unwrap().iter();
            operation["in_window"] == false && components.any(|component| component["undo"] == "created")
        };
        let standing = history["data"].as_array().unwrap().iter().filter(stands);
        let standing = standing.map(|operation| operation["id"].as_str().unwrap().to_owned());
        let mut late = self.late.lock().unwrap();
        let new: Vec<String> = standing.filter(|id| late.insert(id.clone())).collect();
        for id in &new {
            let refused = self.workspace.run(["undo", id, "--json"]).exits(3);
            assert_eq!(refused.json()["data"]["code"], "undo-window", "{refused:?}");
        }
        new.len()
    }
}

fn rush(database: Option<&str>, requests: usize) {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    if let Some((database, cluster)) = database.zip(cluster()) {
        workspace.set("DATABASE_URL", cluster.url(database));
    }
    workspace.adopt();
    // The same request comes again, and is meant.
    workspace.forget_requests_soon();
    workspace.drift();
    workspace.run(["scan"]).succeeds();
    let (before, kept) = (workspace.tree(), workspace.copy());
    let (left, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (running, tally) = (Mutex::default(), Mutex::default());
    let late = Mutex::default();
    let rush = Rush { workspace: &workspace, database, running, left, late, is_over, tally };
    let begun = Instant::now();
    thread::scope(|scope| {
        let watch = scope.spawn(|| rush.watch());
        let over = Over(&rush.is_over);
        for round in 0..requests.div_ceil(ROUND) {
            rush.left.store(ROUND.min(requests - round * ROUND), Ordering::SeqCst);
            let seeds = (0..PEOPLE).map(|person| Numbers((round * PEOPLE + person) as u64 + 1));
            let people: Vec<_> = thread::scope(|scope| {
                let people: Vec<_> = seeds.map(|numbers| scope.spawn(|| rush.ask(numbers))).collect();
                people.into_iter().map(|person| person.join()).collect()
            });
            let all_went_well = people.iter().all(Result::is_ok);
            if all_went_well {
                rush.undo_all();
            }
            let changes = workspace.changes_since(&before);
            if all_went_well && !changes.is_empty() {
                let late = rush.late();
                assert!(late > 0, "round {round}: {changes:?}");
                *rush.tally.lock().unwrap().entry("beyond the window").or_default() += late;
                put_back(&workspace, &kept, &changes);
            }
            assert!(all_went_well, "round {round}");
        }
        drop(over);
        watch.join().unwrap();
    });
    let (tally, seconds) = (rush.tally.lock().unwrap(), begun.elapsed().as_secs());
    println!(
        "{}: {tally:?}, {PEOPLE} at a time, in {seconds} s; nobody waited for ever, none lost",
        database.unwrap_or("SQLite")
    );
}

/// Brings files back as a person does from version control.
fn put_back(workspace: &Workspace, kept: &Workspace, changes: &[Difference]) {
    for change in changes {
        match change {
            Difference::Changed(path) | Difference::Removed(path) => {
                workspace.write(path, kept.read(path));
            }
            Difference::Added(path) => std::fs::remove_file(workspace.path(path)).unwrap(),
        }
    }
    workspace.run(["scan"]).succeeds();
}

#[test]
fn overlapping_requests_end_and_leave_a_way_back() {
    let requests = std::env::var("LOCKSTEP_REQUESTS").map_or(18, |requests| requests.parse().unwrap());
    rush(None, requests);
    match cluster() {
        Some(cluster) => rush(Some(&cluster.create_database().unwrap()), requests),
        None => eprintln!("skipped: there is no PostgreSQL here"),
    }
}
