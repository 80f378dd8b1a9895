//! Schedules through the binary: off by default where they write, one process for each due run, and behind people.

use std::process::Stdio;

use lockstep_testkit::{postgres::cluster, workspace::Workspace};
use serde_json::Value;

fn drifted() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.drift();
    workspace
}

fn data(workspace: &Workspace, arguments: &[&str]) -> Vec<Value> {
    let run = workspace.run(arguments.iter().chain(&["--json"])).succeeds();
    run.json()["data"].as_array().unwrap().clone()
}

#[test]
fn a_registry_begins_with_nightly_maintenance_and_no_nightly_sync() {
    let workspace = drifted();
    let shown: Vec<(String, String, bool, bool)> = data(&workspace, &["schedule"])
        .iter()
        .map(|schedule| {
            let text = |field: &str| schedule[field].as_str().unwrap().to_owned();
            let enabled = schedule["enabled"].as_bool().unwrap();
            (text("name"), text("act"), enabled, schedule["next_run_at"].is_string())
        })
        .collect();
    let expected = [("nightly-maintenance", "maintain", true), ("nightly-sync", "sync", false)];
    assert_eq!(shown, expected.map(|(name, act, on)| (name.to_owned(), act.to_owned(), on, on)));
    assert_eq!(data(&workspace, &["schedule", "due"]), [] as [Value; 0]);
    workspace.run(["schedule", "remove", "nightly-sync"]).succeeds();
    assert_eq!(data(&workspace, &["schedule"]).len(), 1, "and it does not come back");
}

#[test]
fn a_schedule_is_made_and_what_is_none_is_refused() {
    let workspace = drifted();
    let add = ["schedule", "add", "weekdays", "--act", "scan", "--cron", "0 7 * * 1-5"];
    workspace.run(add.iter().chain(&["--zone", "Europe/Berlin"])).succeeds();
    let again = workspace.run(add).exits(3);
    assert!(again.stderr.contains("there is a schedule `weekdays` already"), "{again:?}");
    for (cron, zone, said) in
        [("0 7 * *", "UTC", "is no cron expression"), ("0 7 * * *", "Europe/Berlim", "is no time zone")]
    {
        let bad = workspace
            .run(["schedule", "add", "bad", "--act", "drift", "--cron", cron, "--zone", zone])
            .exits(2);
        assert!(bad.stderr.contains(said), "{bad:?}");
    }
    workspace.run(["schedule", "disable", "weekdays"]).succeeds();
    assert_eq!(data(&workspace, &["schedule", "show", "weekdays"])[0]["next_run_at"], Value::Null);
    let runs = data(&workspace, &["schedule", "run", "weekdays"]);
    assert_eq!((&runs[0]["outcome"], &runs[0]["result"]["components"]), (&"done".into(), &15.into()));
    assert_eq!(workspace.run(["schedule", "show", "weekday"]).exits(2).stdout, "");
}

#[test]
fn of_two_processes_one_takes_a_due_run_and_catches_up_once() {
    let mut workspace = drifted();
    let Some(cluster) = cluster() else { return };
    let database = cluster.create_database().unwrap();
    workspace.set("DATABASE_URL", cluster.url(&database));
    workspace.run(["schedule", "enable", "nightly-maintenance"]).succeeds();
    let missed = "UPDATE schedules SET next_run_at = next_run_at - interval '4 days'
                  WHERE name = 'nightly-maintenance'";
    cluster.sql(&database, missed).unwrap();
    let start = || {
        let mut command = workspace.command();
        command.args(["schedule", "due", "--json"]).stdout(Stdio::piped()).spawn().unwrap()
    };
    let mut runs = Vec::new();
    for child in [start(), start(), start()] {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        runs.extend(answer["data"].as_array().unwrap().clone());
    }
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!((&runs[0]["schedule"], &runs[0]["missed"]), (&"nightly-maintenance".into(), &3.into()));
    assert_eq!(data(&workspace, &["schedule", "due"]), [] as [Value; 0], "once");
    let shown = data(&workspace, &["schedule", "show", "nightly-maintenance"]);
    assert_eq!(shown[0]["last_run"]["outcome"], "done");
}

#[test]
fn a_scheduled_sync_goes_behind_a_manual_one() {
    let workspace = drifted();
    workspace.run(["scan"]).succeeds();
    let gate = workspace.path(".lockstep/gate");
    let mut manual = workspace.command();
    manual.args(["sync", "Button", "--yes", "--json"]);
    manual.env("LOCKSTEP_FAILPOINTS", "operation.begun=wait").env("LOCKSTEP_FAILPOINT_GATE", &gate);
    let mut manual = manual.stdout(Stdio::null()).spawn().unwrap();
    let is_running = || {
        let history = data(&workspace, &["history"]);
        history.iter().any(|operation| operation["status"] == "running")
    };
    while !is_running() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let run = &data(&workspace, &["schedule", "run", "nightly-sync"])[0];
    assert_eq!(run["outcome"], "deferred");
    let reason = run["reason"].as_str().unwrap();
    assert!(reason.starts_with("it deferred to a sync of"), "{reason}");
    std::fs::write(&gate, "").unwrap();
    assert!(manual.wait().unwrap().success());
    let run = &data(&workspace, &["schedule", "run", "nightly-sync"])[0];
    assert_eq!((&run["outcome"], &run["result"]["outcome"]), (&"done".into(), &"executed".into()));
}

#[test]
fn a_scheduled_sync_that_runs_gives_way_to_a_manual_one() {
    let workspace = drifted();
    workspace.run(["scan"]).succeeds();
    let before = workspace.tree();
    let gate = workspace.path(".lockstep/gate");
    let mut scheduled = workspace.command();
    scheduled.args(["schedule", "run", "nightly-sync", "--json"]);
    scheduled.env("LOCKSTEP_FAILPOINTS", "journal.intent=wait").env("LOCKSTEP_FAILPOINT_GATE", &gate);
    let scheduled = scheduled.stdout(Stdio::piped()).spawn().unwrap();
    let is_running = || {
        let info = workspace.run(["db", "info", "--json"]).succeeds().json();
        let tables = info["data"]["tables"].as_array().unwrap().clone();
        tables.iter().any(|table| table["name"] == "sync_journal" && table["rows"] != 0)
    };
    while !is_running() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let mut manual = workspace.command();
    manual.args(["sync", "TextField", "Button", "--yes", "--json"]);
    let manual = manual.stdout(Stdio::piped()).spawn().unwrap();
    let has_said_so = || {
        let lock = std::fs::File::open(workspace.path(".lockstep/first.lock"));
        lock.is_ok_and(|lock| lock.try_lock().is_err())
    };
    while !has_said_so() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::fs::write(&gate, "").unwrap();
    let manual = manual.wait_with_output().unwrap();
    let synced: Value = serde_json::from_slice(&manual.stdout).unwrap();
    assert!(manual.status.success(), "{synced:#}");
    assert_eq!(synced["data"]["components"].as_array().unwrap().len(), 2);
    let answer: Value = serde_json::from_slice(&scheduled.wait_with_output().unwrap().stdout).unwrap();
    let run = &answer["data"][0];
    assert_eq!(run["outcome"], "deferred", "{answer:#}");
    assert!(run["reason"].as_str().unwrap().starts_with("it deferred to a sync that somebody is"), "{run:#}");
    workspace.run(["undo", synced["data"]["id"].as_str().unwrap()]).succeeds();
    assert_eq!(workspace.changes_since(&before), [], "the scheduled one wrote nothing");
}
