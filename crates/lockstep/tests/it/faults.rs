//! Disks that die, databases that go away and components that fail in the middle of a sync: nothing is half-applied, and
//! the next run goes on from there.

use std::{
    fs,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use lockstep_testkit::{postgres::own_cluster, run::Run};
use serde_json::Value;

use crate::crash::{Act, Playground, SYNCED, State, databases, sync, wait_for_the_next_bucket};

/// Each place of a file's writing, from which visit on the disk is broken, and whether it is for good.
const BROKEN: [(&str, usize, &str); 9] = [
    ("file.created", 1, "+"),
    ("file.created", 3, "+"),
    ("file.written", 2, ""),
    ("file.written", 3, "+"),
    ("file.renamed", 1, ""),
    ("file.renamed", 1, "+"),
    ("file.renamed", 2, "+"),
    ("file.renamed", 4, ""),
    ("file.renamed", 4, "+"),
];

#[test]
fn a_disk_that_dies_at_any_write_leaves_whole_components() {
    let playground = Playground::on(None);
    for (place, visit, lasts) in BROKEN {
        for act in [Act::Sync, Act::Undo] {
            let when = format!("{act:?}: {place} is broken at {visit}{lasts}");
            let mut command = playground.command(act);
            let broken = format!("{place}=broken@{visit}{lasts}");
            let output = command.stdout(Stdio::piped()).env("LOCKSTEP_FAILPOINTS", broken).output().unwrap();
            let told = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.code().is_some_and(|code| code != 101), "{when}: {told}");
            playground.check(&when);
        }
    }
}

/// Starts a sync that waits at a place, and gives it once it is there.
fn waiting_at(playground: &Playground, place: &str, act: Act) -> Child {
    let (gate, reached) =
        (playground.workspace.path(".lockstep/gate"), playground.workspace.path(".lockstep/gate.reached"));
    let _ = (fs::remove_file(&gate), fs::remove_file(&reached));
    let mut command: Command = playground.command(act);
    command.env("LOCKSTEP_FAILPOINTS", format!("{place}=wait@1")).env("LOCKSTEP_FAILPOINT_GATE", &gate);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !reached.exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never came to {place}");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

fn go_on(playground: &Playground, child: Child) -> Run {
    fs::write(playground.workspace.path(".lockstep/gate"), "").unwrap();
    let output = child.wait_with_output().unwrap();
    fs::remove_file(playground.workspace.path(".lockstep/gate")).unwrap();
    Run::new("what waited".to_owned(), output, playground.workspace.root(), playground.workspace.home())
}

#[test]
fn a_server_that_stops_in_the_middle_is_gone_on_with_once_it_is_back() {
    let Some(cluster) = own_cluster() else { return };
    let playground = Playground::on(Some(cluster.url(&cluster.create_database().unwrap())));
    for (place, act) in [
        ("journal.written", Act::Sync),
        ("component.verified", Act::Sync),
        ("component.recording", Act::Sync),
        ("component.committed", Act::Sync),
        ("turn.recording", Act::Undo),
        ("turn.committed", Act::Redo),
    ] {
        let when = format!("{act:?}: the server stops at {place}");
        let child = waiting_at(&playground, place, act);
        cluster.stop().unwrap();
        let cut_off = go_on(&playground, child);
        assert!([3, 4].contains(&cut_off.code), "{when}: {cut_off:?}");
        let without = playground.workspace.run(["status"]);
        assert_eq!(without.code, 4, "{when}: {without:?}");
        cluster.start_again().unwrap();
        playground.check(&when);
    }
}

#[test]
fn a_registry_that_is_moved_away_in_the_middle_is_gone_on_with_once_it_is_back() {
    let playground = Playground::on(None);
    let registry = playground.workspace.path(".lockstep");
    let files = || {
        let files =
            fs::read_dir(&registry).unwrap().flatten().map(|file| file.file_name().into_string().unwrap());
        files.filter(|name| name.starts_with("lockstep.db")).collect::<Vec<_>>()
    };
    for (place, act) in
        [("journal.written", Act::Sync), ("component.recording", Act::Sync), ("turn.recording", Act::Undo)]
    {
        let when = format!("{act:?}: the registry goes at {place}");
        let child = waiting_at(&playground, place, act);
        let gone = files();
        let aside = playground.workspace.home().join("registry");
        fs::create_dir_all(&aside).unwrap();
        for name in &gone {
            fs::rename(registry.join(name), aside.join(name)).unwrap();
        }
        go_on(&playground, child);
        // Whatever the process made in its place is not what was agreed on.
        for name in files() {
            fs::remove_file(registry.join(name)).unwrap();
        }
        for name in fs::read_dir(&aside).unwrap().flatten() {
            fs::rename(name.path(), registry.join(name.file_name())).unwrap();
        }
        playground.check(&when);
    }
}

#[test]
fn what_failed_is_picked_up_alone_and_what_was_applied_can_be_undone() {
    for (name, database) in databases() {
        let playground = Playground::on(database);
        let mut command = playground.command(Act::Sync);
        // The first fails with all, with some, and alone.
        let failures = [1, 2, 3].map(|visit| format!("component.verified=fail@{visit}")).join(",");
        let status = command.env("LOCKSTEP_FAILPOINTS", failures).status().unwrap();
        assert_eq!(status.code(), Some(3), "{name}");
        let newest = |status: &str| {
            let newest = playground.run(&["history", "--limit", "1"])[0].clone();
            assert_eq!(newest["status"], status, "{name}: {newest:#}");
            newest
        };
        let in_state = |operation: &Value, state: &str| -> Vec<String> {
            let components = operation["components"].as_array().unwrap().iter();
            let these = components.filter(|component| component["state"] == state);
            these.map(|component| component["name"].as_str().unwrap().to_owned()).collect()
        };
        let partial = newest("partial");
        let failed = in_state(&partial, "failed");
        assert_eq!((failed.len(), in_state(&partial, "applied").len()), (1, SYNCED.len() - 1), "{name}");
        let components = partial["components"].as_array().unwrap().iter();
        let reasons: Vec<&Value> =
            components.filter(|one| one["state"] == "failed").map(|one| &one["reason"]).collect();
        assert!(
            reasons.iter().all(|reason| reason.as_str().is_some_and(|reason| reason.contains("a test lets"))),
            "{reasons:?}"
        );
        let states = playground.states(&format!("{name}, partial"));
        assert_eq!(states[&failed[0]], State::Before, "{name}");
        assert_eq!(
            states.values().filter(|state| **state == State::After).count(),
            SYNCED.len() - 1,
            "{name}"
        );

        wait_for_the_next_bucket();
        playground.run(&sync(&["sync", "--yes"]));
        assert_eq!(in_state(&newest("completed"), "applied"), failed, "{name}: only what was left");
        let states = playground.states(&format!("{name}, picked up"));
        assert!(states.values().all(|state| *state == State::After), "{name}: {states:?}");
        playground.bring_back(&format!("{name}: both operations"));
    }
}
