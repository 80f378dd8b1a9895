//! The drift queue through the binary: who fills it, who works it off, and what is lost when a worker dies: nothing.

use std::{collections::BTreeMap, process::Stdio};

use lockstep_testkit::{
    postgres::{Cluster, cluster},
    run::Run,
    workspace::Workspace,
};
use serde_json::Value;

const BUTTON: &str = "src/components/Button/Button.tsx";
const DESIGN: &str = "design/acme.figma.json";
const DRIFTED: [&str; 9] =
    ["Alert", "Avatar", "Badge", "Button", "Card", "Card.Header", "IconButton", "TextField", "Tooltip"];

/// Both sides agreed when they were scanned, and have moved since.
fn drifted(database: Option<String>) -> Workspace {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    if let Some(url) = database {
        workspace.set("DATABASE_URL", url);
    }
    workspace.run(["init", "--yes", "--design", DESIGN]).succeeds();
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    workspace
}

fn on_each(mut test: impl FnMut(&str, Workspace)) {
    test("SQLite", drifted(None));
    match cluster() {
        Some(cluster) => {
            test("PostgreSQL", drifted(Some(cluster.url(&cluster.create_database().unwrap()))));
        }
        None => eprintln!("skipped: there is no PostgreSQL here"),
    }
}

fn on_postgres() -> Option<(&'static Cluster, String, Workspace)> {
    let cluster = cluster()?;
    let database = cluster.create_database().unwrap();
    let workspace = drifted(Some(cluster.url(&database)));
    Some((cluster, database, workspace))
}

/// What a run of `work --json` did, by component; each at most once.
fn done(run: &Run) -> BTreeMap<String, Value> {
    let mut done = BTreeMap::new();
    for line in run.stdout.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["schema"], "lockstep.work/1");
        if let Some(name) = line["data"]["component"].as_str() {
            assert!(done.insert(name.to_owned(), line["data"].clone()).is_none(), "{name} twice\n{run:?}");
        }
    }
    done
}

fn with(done: &BTreeMap<String, Value>, field: &str, value: &str) -> Vec<String> {
    done.iter().filter(|(_, line)| line[field] == value).map(|(name, _)| name.clone()).collect()
}

fn waiting(workspace: &Workspace) -> Vec<Value> {
    workspace.run(["queue", "--json"]).succeeds().json()["data"].as_array().unwrap().clone()
}

#[test]
fn what_a_scan_queues_a_worker_evaluates_as_the_scan_would_have() {
    let Some((cluster, database, workspace)) = on_postgres() else { return };
    let verdicts = |name: &str| {
        let since = "regexp_replace(drift::text, '\"since\": \"[^\"]*\"', '', 'g')";
        let sql = format!(
            "SELECT name, mapping_status, contract_hash, {since} FROM component_artifacts ORDER BY name;
             SELECT name, diff_hash FROM design_artifacts ORDER BY node_id;
             SELECT name, b.hash FROM component_baselines b JOIN component_artifacts c ON c.id = component_id
             ORDER BY name"
        );
        cluster.sql(name, &sql).unwrap()
    };
    let (other_cluster, other, compared) = on_postgres().unwrap();
    compared.run(["scan"]).succeeds();
    assert_eq!(std::ptr::from_ref(cluster), std::ptr::from_ref(other_cluster));

    let scanned = workspace.run(["scan", "--queue", "--json"]).succeeds().json();
    assert_eq!(scanned["data"]["queued"], waiting(&workspace).len());
    assert_ne!(verdicts(&database), verdicts(&other), "nothing is evaluated yet");

    // Another machine: it has the registry's address, and no file of the workspace.
    let mut elsewhere = Workspace::empty(env!("CARGO_BIN_EXE_lockstep"));
    elsewhere.set("DATABASE_URL", cluster.url(&database));
    let worked = done(&elsewhere.run(["work", "--once", "--json"]).succeeds());
    assert_eq!(with(&worked, "mapping_status", "drift"), DRIFTED);
    assert_eq!(verdicts(&database), verdicts(&other));
    assert!(waiting(&workspace).is_empty());
}

#[test]
fn what_a_scan_compares_itself_needs_no_worker() {
    on_each(|name, workspace| {
        workspace.run(["scan", "--queue"]).succeeds();
        assert!(!waiting(&workspace).is_empty(), "{name}");
        workspace.run(["drift"]).succeeds();
        assert!(waiting(&workspace).is_empty(), "{name}: it was evaluated beside the queue");
        let again = workspace.run(["scan", "--queue", "--json"]).succeeds().json();
        assert_eq!(again["data"]["queued"], 0, "{name}: nothing changed since");
    });
}

#[test]
fn a_worker_that_dies_loses_nothing() {
    on_each(|name, workspace| {
        let before = workspace.read(BUTTON);
        for place in ["claimed", "evaluated", "recording", "recorded"] {
            workspace.run(["scan"]).succeeds();
            workspace.write(BUTTON, format!("{}\n// {place}\n", before));
            workspace.run(["queue", "all"]).succeeds();
            let queued = waiting(&workspace).len();
            let mut dying = workspace.command();
            dying.args(["work", "--once"]).env("LOCKSTEP_FAILPOINTS", format!("worker.{place}=die"));
            let status = dying.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
            assert!(!status.success(), "{name}: it died at {place}");
            let left = waiting(&workspace);
            let expected = if place == "recorded" { 0 } else { queued };
            assert_eq!(left.len(), expected, "{name}, {place}");
            assert!(left.iter().all(|entry| entry["state"] == "running"), "{name}, {place}: {left:?}");
            let worked = done(&workspace.run(["work", "--once", "--json"]).succeeds());
            assert_eq!(with(&worked, "event", "evaluated").len(), expected, "{name}, {place}");
            assert!(worked.values().all(|line| line["attempt"] == 2), "{name}, {place}");
            assert!(waiting(&workspace).is_empty(), "{name}, {place}");
        }
    });
}

#[test]
fn a_component_that_changes_while_it_is_evaluated_is_evaluated_again() {
    on_each(|name, workspace| {
        workspace.run(["scan", "--queue"]).succeeds();
        let gate = workspace.path(".lockstep/gate");
        let mut command = workspace.command();
        command
            .args(["work", "--once", "--json"])
            .env("LOCKSTEP_FAILPOINTS", "worker.evaluated=wait@1")
            .env("LOCKSTEP_FAILPOINT_GATE", &gate)
            .stdout(Stdio::piped());
        let working = command.spawn().unwrap();
        while waiting(&workspace).iter().any(|entry| entry["state"] != "running") {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        workspace.replace(BUTTON, "danger: 'acme-button--danger',", "warning: 'acme-button--danger',");
        workspace.run(["scan", "--queue"]).succeeds();
        std::fs::write(&gate, "").unwrap();
        let output = working.wait_with_output().unwrap();
        let lines: Vec<Value> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["data"].clone())
            .collect();
        let of_button: Vec<(&str, i64)> = lines
            .iter()
            .filter(|line| line["component"] == "Button")
            .map(|line| (line["event"].as_str().unwrap(), line["change"].as_i64().unwrap()))
            .collect();
        assert_eq!(of_button, [("changed", 1), ("evaluated", 2)], "{name}");
        let evaluated = lines.iter().filter(|line| line["event"] == "evaluated");
        let mut names: Vec<&str> = evaluated.map(|line| line["component"].as_str().unwrap()).collect();
        names.sort_unstable();
        let once = names.len();
        names.dedup();
        assert_eq!(names.len(), once, "{name}: each is evaluated once");
        assert!(waiting(&workspace).is_empty(), "{name}");
    });
}

#[test]
fn what_can_not_be_evaluated_is_tried_again_and_then_given_up_where_all_can_see() {
    let Some((cluster, database, workspace)) = on_postgres() else { return };
    let spoil = "UPDATE component_artifacts SET detail = '{\"statement\": 7}' WHERE name = 'Button'";
    workspace.run(["scan", "--queue"]).succeeds();
    cluster.sql(&database, spoil).unwrap();
    let run = workspace.run(["work", "--once", "--json"]).exits(3);
    let failed = &done(&run)["Button"];
    assert_eq!(failed["event"], "failed");
    assert!(failed["reason"].as_str().unwrap().contains("what code states can't be read"), "{failed}");
    assert!(failed["retry_at"].is_string(), "{failed}");
    let left = waiting(&workspace);
    assert_eq!((left.len(), &left[0]["state"], &left[0]["attempts"]), (1, &"retrying".into(), &1.into()));
    workspace.run(["work", "--once"]).succeeds();
    assert_eq!(waiting(&workspace)[0]["attempts"], 1, "its time has not come");

    cluster.sql(&database, "UPDATE drift_queue SET attempt_count = 4, leased_until = NULL").unwrap();
    let text = workspace.run(["work", "--once"]).exits(3).redacted();
    assert!(text.contains("given up after 5 attempts; see `lockstep queue`"), "{text}");
    assert_eq!(waiting(&workspace)[0]["state"], "failed");
    let shown = workspace.run(["queue"]).succeeds().redacted();
    assert!(shown.contains("1 given up: `lockstep queue retry` tries again"), "{shown}");

    assert_eq!(workspace.run(["queue", "retry", "Buton"]).exits(2).stdout, "");
    workspace.run(["queue", "retry", "Button"]).succeeds();
    workspace.run(["work", "--once"]).exits(3);
    // A scan that finds it as it is has the last word.
    cluster.sql(&database, "UPDATE component_artifacts SET scan_hash = NULL WHERE name = 'Button'").unwrap();
    workspace.run(["scan", "--queue"]).succeeds();
    workspace.run(["queue", "retry"]).succeeds();
    let worked = done(&workspace.run(["work", "--once", "--json"]).succeeds());
    assert_eq!(worked["Button"]["event"], "evaluated");

    cluster.sql(&database, spoil).unwrap();
    workspace.run(["queue", "all"]).succeeds();
    workspace.run(["work", "--once"]).exits(3);
    cluster.sql(&database, "UPDATE drift_queue SET attempt_count = 5").unwrap();
    let text = workspace.run(["maintain"]).succeeds().redacted();
    assert!(text.contains("gave up 1 drift-queue entry"), "{text}");
    assert!(waiting(&workspace).is_empty());
}

#[test]
fn a_worker_ends_well_when_it_is_asked_to() {
    on_each(|name, workspace| {
        for (signal, concurrency) in [("-TERM", "1"), ("-INT", "4")] {
            workspace.run(["queue", "all"]).succeeds();
            let mut command = workspace.command();
            command.args(["work", "--json", "--concurrency", concurrency]).stdout(Stdio::piped());
            let working = command.spawn().unwrap();
            while !waiting(&workspace).is_empty() {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            let id = working.id().to_string();
            assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
            let output = working.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{name}, {signal}");
            let last = String::from_utf8(output.stdout).unwrap().lines().last().unwrap().to_owned();
            assert!(last.contains(r#""event":"ended""#), "{name}: {last}");
        }
    });
}
