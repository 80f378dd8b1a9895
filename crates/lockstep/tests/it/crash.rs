//! What a kill at any moment leaves: each component wholly before or wholly after, and every undo at hand.
//!
//! `scripts/torture` runs this for as long as it is told to: `LOCKSTEP_KILLS` is the number of random kills for each
//! database.

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use lockstep_testkit::{postgres::cluster, tree::Tree, workspace::Workspace};
use serde_json::Value;

/// Components that are edited in code, in the design and on both sides; all of them share the design file.
pub(crate) const SYNCED: [&str; 4] = ["Alert", "Badge", "Button", "Card.Header"];

/// Each place where the process can die, with the command that comes by, in the order in which it does.
const PLACES: [(&str, Act); 20] = [
    ("operation.begun", Act::Sync),
    ("journal.intent", Act::Sync),
    ("journal.writing", Act::Sync),
    ("file.created", Act::Sync),
    ("file.written", Act::Sync),
    ("file.renamed", Act::Sync),
    ("journal.written", Act::Sync),
    ("component.verified", Act::Sync),
    ("component.recording", Act::Sync),
    ("component.committed", Act::Sync),
    ("operation.concluding", Act::Sync),
    ("operation.concluded", Act::Sync),
    ("journal.intent", Act::Undo),
    ("file.renamed", Act::Undo),
    ("turn.verified", Act::Undo),
    ("turn.recording", Act::Undo),
    ("turn.committed", Act::Undo),
    ("file.renamed", Act::Redo),
    ("turn.recording", Act::Redo),
    ("turn.committed", Act::Redo),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Sync,
    Undo,
    Redo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Before,
    After,
}

/// A workspace that has drifted, and what its components look like before and after a sync.
pub(crate) struct Playground {
    pub(crate) workspace: Workspace,
    pub(crate) before: Tree,
    components: BTreeMap<String, [Look; 2]>,
}

/// A component's files and its drift.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    files: BTreeMap<String, Option<String>>,
    drift: Vec<String>,
}

impl Playground {
    pub(crate) fn on(database: Option<String>) -> Self {
        let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
        if let Some(url) = database {
            workspace.set("DATABASE_URL", url);
        }
        workspace.adopt();
        // The same sync is asked for again and again here, and meant each time.
        workspace.forget_requests_soon();
        workspace.drift();
        let before = workspace.tree();
        let plan = workspace.run(sync(&["plan", "--json"])).succeeds().json();
        let mut playground = Self { workspace, before, components: BTreeMap::new() };
        let drift = playground.drift();
        playground.run(&sync(&["sync", "--yes"]));
        let synced = playground.drift();
        for component in plan["data"]["components"].as_array().unwrap() {
            let name = component["name"].as_str().unwrap().to_owned();
            let files = |side: &str| {
                let files = component["files"].as_array().unwrap().iter();
                let text = |value: &Value| value.as_str().map(str::to_owned);
                files.map(|file| (file["file"].as_str().unwrap().to_owned(), text(&file[side]))).collect()
            };
            let look = |side, drift: &BTreeMap<String, Vec<String>>| Look {
                files: files(side),
                drift: drift[&name].clone(),
            };
            let looks = [look("before", &drift), look("after", &synced)];
            assert_ne!(looks[0].drift, looks[1].drift, "{name} is changed by the sync");
            playground.components.insert(name, looks);
        }
        assert_eq!(playground.components.len(), SYNCED.len());
        playground.bring_back("the first sync");
        playground
    }

    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Value {
        self.workspace.run(arguments.iter().copied().chain(["--json"])).succeeds().json()["data"].clone()
    }

    fn drift(&self) -> BTreeMap<String, Vec<String>> {
        let report = self.run(&["drift"]);
        let changes = |component: &Value| {
            let changes = component["changes"].as_array().unwrap().iter();
            changes.map(|change| format!("{} {}", change["path"], change["moved"])).collect()
        };
        let components = report["components"].as_array().unwrap().iter();
        components.map(|one| (one["name"].as_str().unwrap().to_owned(), changes(one))).collect()
    }

    /// Each component's state now; a component that is between its two looks fails the test.
    pub(crate) fn states(&self, when: &str) -> BTreeMap<String, State> {
        let drift = self.drift();
        let state = |(name, [before, after]): (&String, &[Look; 2])| {
            let read = |file: &String| {
                let path = self.workspace.path(file);
                (file.clone(), path.is_file().then(|| self.workspace.read(file)))
            };
            let now = Look { files: before.files.keys().map(read).collect(), drift: drift[name].clone() };
            let state = match () {
                () if now == *before => State::Before,
                () if now == *after => State::After,
                () => panic!("{when}: {name} is half-applied: {now:#?}"),
            };
            (name.clone(), state)
        };
        self.components.iter().map(state).collect()
    }

    /// What the registry says of each component: whether the newest operation stands applied.
    fn recorded(&self, when: &str) -> BTreeMap<String, State> {
        let history = self.run(&["history", "--limit", "1"]);
        let mut recorded: BTreeMap<_, _> =
            self.components.keys().map(|name| (name.clone(), State::Before)).collect();
        let operation = &history[0];
        let ended = ["completed", "partial", "failed"].contains(&operation["status"].as_str().unwrap());
        assert!(ended, "{when}: the operation is left {}", operation["status"]);
        for component in operation["components"].as_array().unwrap() {
            if component["undo"] == "created" {
                recorded.insert(component["name"].as_str().unwrap().to_owned(), State::After);
            }
        }
        recorded
    }

    /// What must hold once the next command has run: whole components, a registry that agrees with the files, nothing
    /// left behind, and a way back.
    pub(crate) fn check(&self, when: &str) -> BTreeMap<String, State> {
        let states = self.states(when);
        assert_eq!(states, self.recorded(when), "{when}: the registry and the files");
        let leftovers: Vec<_> = self
            .workspace
            .tree()
            .paths()
            .filter(|path| path.contains(".lockstep-"))
            .map(str::to_owned)
            .collect();
        assert!(leftovers.is_empty(), "{when}: {leftovers:?}");
        self.bring_back(when);
        states
    }

    /// Undoes everything that stands applied: then each byte is as it was.
    pub(crate) fn bring_back(&self, when: &str) {
        let history = self.run(&["history", "--limit", "3"]);
        for operation in history.as_array().unwrap() {
            let applied = |component: &Value| component["undo"] == "created";
            if operation["components"].as_array().unwrap().iter().any(applied) {
                self.run(&["undo", operation["id"].as_str().unwrap()]);
            }
        }
        let changed = self.workspace.changes_since(&self.before);
        assert!(changed.is_empty(), "{when}: after undoing it all: {changed:?}");
    }

    /// The command of an act, with the way to it gone.
    pub(crate) fn command(&self, act: Act) -> Command {
        wait_for_the_next_bucket();
        if act != Act::Sync {
            self.run(&sync(&["sync", "--yes"]));
        }
        if act == Act::Redo {
            self.run(&["undo"]);
        }
        let mut command = self.workspace.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        match act {
            Act::Sync => command.args(sync(&["sync", "--yes"])),
            Act::Undo => command.arg("undo"),
            Act::Redo => command.arg("redo"),
        };
        command
    }
}

pub(crate) fn sync<'a>(command: &[&'a str]) -> Vec<&'a str> {
    command.iter().copied().chain(["--direction", "bidirectional"]).chain(SYNCED).collect()
}

/// Two of the same syncs in one second are one.
pub(crate) fn wait_for_the_next_bucket() {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    std::thread::sleep(Duration::from_millis(1_005 - u64::from(since_epoch.subsec_millis())));
}

/// The databases to play on, with their names.
pub(crate) fn databases() -> Vec<(&'static str, Option<String>)> {
    let mut databases = vec![("SQLite", None)];
    match cluster() {
        Some(cluster) => {
            databases.push(("PostgreSQL", Some(cluster.url(&cluster.create_database().unwrap()))));
        }
        None => eprintln!("skipped: there is no PostgreSQL here"),
    }
    databases
}

fn kills() -> Option<usize> {
    std::env::var("LOCKSTEP_KILLS").ok().map(|kills| kills.parse().unwrap())
}

#[test]
fn a_kill_at_any_step_leaves_whole_components() {
    for (name, database) in databases() {
        // What the registry has to do with is tried on both; a short run tries files on one of them.
        let chosen = |place: &str| {
            database.is_none() || kills().is_some() || place.ends_with("ed") && !place.starts_with("file")
        };
        let places: Vec<_> = PLACES.into_iter().filter(|(place, _)| chosen(place)).collect();
        let playground = Playground::on(database);
        for (place, act) in places {
            // The first time, and, in a long run, each time that it is come by.
            for visit in 1..=if kills().is_some() { 50 } else { 1 } {
                let when = format!("{name}: {act:?} dies at {place}, visit {visit}");
                let mut command = playground.command(act);
                let status =
                    command.env("LOCKSTEP_FAILPOINTS", format!("{place}=die@{visit}")).status().unwrap();
                playground.check(&when);
                if status.code().is_some() {
                    assert!(visit > 1, "{when}: it never came there: {status}");
                    break;
                }
            }
        }
    }
}

#[test]
fn a_recovery_that_dies_is_recovered_from() {
    let playground = Playground::on(None);
    for (place, death) in [
        ("recovery.file", "journal.written=die@1"),
        ("recovery.recording", "journal.written=die@1"),
        ("recovery.file", "file.renamed=die@2"),
    ] {
        let mut command = playground.command(Act::Sync);
        let status = command.env("LOCKSTEP_FAILPOINTS", death).status().unwrap();
        assert_eq!(status.code(), None);
        let mut next = playground.workspace.command();
        next.arg("status").env("LOCKSTEP_FAILPOINTS", format!("{place}=die@1"));
        assert_eq!(
            next.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().code(),
            None,
            "{place}"
        );
        playground.check(place);
    }
}

#[test]
fn a_design_that_is_edited_before_the_recovery_keeps_that_edit_and_nothing_of_the_sync() {
    const DESIGN: &str = "design/acme.figma.json";
    let playground = Playground::on(None);
    let workspace = &playground.workspace;
    // An edit of a component that was not synced; and one of a node that was.
    let elsewhere = ("\"description\": \"A person.\"", "\"description\": \"Somebody.\"");
    let inside = ("\"Rounded#15:0\": {\n", "\"Rounded#15:0\":   {\n");
    let other_files = |tree: &Tree| {
        let changes = tree.changes_to(&workspace.tree());
        changes.into_iter().filter(|change| change.path() != DESIGN).collect::<Vec<_>>()
    };
    for (act, place, [from, to]) in [
        (Act::Sync, "journal.written", [elsewhere.0, elsewhere.1]),
        (Act::Sync, "component.verified", [inside.0, inside.1]),
        (Act::Undo, "journal.written", [elsewhere.0, elsewhere.1]),
    ] {
        let mut command = playground.command(act);
        let (before, design) = (workspace.tree(), workspace.read(DESIGN));
        let status = command.env("LOCKSTEP_FAILPOINTS", format!("{place}=die@1")).status().unwrap();
        assert_eq!(status.code(), None, "{act:?} dies at {place}");
        assert_ne!(workspace.read(DESIGN), design, "it was written");
        workspace.replace(DESIGN, from, to);
        let next = workspace.run(["status"]).succeeds();
        assert_eq!(other_files(&before), [], "{act:?}: {next:?}");
        let edited = design.replace(from, to);
        if (from, to) == elsewhere {
            assert_eq!(workspace.read(DESIGN), edited, "{act:?}: {next:?}");
        } else {
            let told = "the node 15:1 of design/acme.figma.json was edited since and is left as it is";
            assert!(next.stderr.contains(told), "{next:?}");
            // Nothing else of the sync is left.
            let left: std::collections::BTreeSet<&str> = edited.lines().collect();
            let invented: Vec<String> = (workspace.read(DESIGN).lines())
                .filter(|line| !left.contains(line) && !line.contains("Informative"))
                .map(str::to_owned)
                .collect();
            assert_eq!(invented, Vec::<String>::new());
        }
        assert!(workspace.read(DESIGN).contains(to));
        workspace.write(DESIGN, &design);
        workspace.run(["scan"]).succeeds();
        playground.bring_back(place);
    }
}

#[test]
fn a_component_that_fails_is_as_it_was_and_the_others_are_applied() {
    let playground = Playground::on(None);
    // The first fails together with all others, with some, and alone; a rename that fails is passed again on the way back.
    for (failure, visits) in [
        ("file.created=full", [1, 2, 3]),
        ("file.written=denied", [1, 2, 3]),
        ("file.renamed=fail", [1, 3, 5]),
        ("component.verified=fail", [1, 2, 3]),
        ("component.recording=fail", [1, 2, 3]),
    ] {
        let mut command = playground.command(Act::Sync);
        let failures = visits.map(|visit| format!("{failure}@{visit}")).join(",");
        let status = command.env("LOCKSTEP_FAILPOINTS", failures).status().unwrap();
        assert_eq!(status.code(), Some(3), "{failure}");
        let history = playground.run(&["history", "--limit", "1"]);
        assert_eq!(history[0]["status"], "partial", "{failure}");
        let applied = playground.check(failure).values().filter(|state| **state == State::After).count();
        assert_eq!(applied, SYNCED.len() - 1, "{failure}");
    }
}

#[test]
fn what_fails_for_components_together_is_tried_for_fewer() {
    let playground = Playground::on(None);
    for failure in ["file.created=full@2", "file.renamed=fail@3", "component.recording=fail@1"] {
        let mut command = playground.command(Act::Sync);
        let status = command.env("LOCKSTEP_FAILPOINTS", failure).status().unwrap();
        assert_eq!(status.code(), Some(0), "{failure}");
        let states = playground.check(failure);
        assert!(states.values().all(|state| *state == State::After), "{failure}: {states:?}");
    }
}

#[test]
fn random_kills_leave_whole_components() {
    let kills = kills().unwrap_or(6);
    // A fixed seed: a failure is found again.
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for (name, database) in databases() {
        let playground = Playground::on(database);
        let started = Instant::now();
        let mut usual = BTreeMap::new();
        let (mut killed, mut whole) = (0, [0, 0]);
        for round in 0..kills {
            let act = [Act::Sync, Act::Undo, Act::Redo][round % 3];
            let usual = *usual.entry(round % 3).or_insert_with(|| {
                let mut command = playground.command(act);
                let from = Instant::now();
                assert!(command.status().unwrap().success());
                let took = from.elapsed();
                playground.check("an undisturbed run");
                took
            });
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let share = (random >> 33) as f64 / f64::from(1_u32 << 31);
            let mut child = playground.command(act).spawn().unwrap();
            std::thread::sleep(usual.mul_f64(share));
            killed += usize::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
            for state in playground.check(&format!("{name}: {act:?} killed, round {round}")).values() {
                whole[*state as usize] += 1;
            }
        }
        println!(
            "{name}: {killed} of {kills} kills came in time; {} components were as before, {} as after, 0 half-applied, \
             0 undo entries lost; {:.0} s",
            whole[0],
            whole[1],
            started.elapsed().as_secs_f64()
        );
    }
}
