//! Several processes at once on one workspace.

use std::{
    collections::BTreeSet,
    process::{Child, Stdio},
};

use lockstep_testkit::{postgres::cluster, run::Run, workspace::Workspace};

fn drifted(database: Option<String>) -> Workspace {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    if let Some(url) = database {
        workspace.set("DATABASE_URL", url);
    }
    workspace.adopt();
    workspace.drift();
    workspace.run(["scan"]).succeeds();
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

fn start(workspace: &Workspace, arguments: &[&str]) -> Child {
    let mut command = workspace.command();
    command.args(arguments).arg("--json").stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn end(workspace: &Workspace, child: Child) -> Run {
    Run::new(
        "one of several".to_owned(),
        child.wait_with_output().unwrap(),
        workspace.root(),
        workspace.home(),
    )
}

/// Undoes what stands applied, the newest first. Of two operations that ran at once each may have changed some components
/// after the other; then it takes several turns, each of which takes something back.
fn undo_all(workspace: &Workspace) {
    let history = workspace.run(["history", "--json", "--limit", "50"]).succeeds().json();
    for operation in history["data"].as_array().unwrap() {
        let status = operation["status"].as_str().unwrap();
        assert!(["completed", "partial", "failed"].contains(&status), "left {status}");
    }
    loop {
        let undo = workspace.run(["undo", "--json"]);
        let told = undo.json();
        if told["data"]["code"] == "nothing-to-undo" {
            return;
        }
        let components = told["data"]["components"].as_array().unwrap().clone();
        assert!(components.iter().any(|component| component["outcome"] == "done"), "{undo:?}");
    }
}

#[test]
fn the_same_request_twice_at_once_is_one_operation() {
    on_each(|name, workspace| {
        let before = workspace.tree();
        let request = ["sync", "--yes", "--direction", "bidirectional"];
        let both = [start(&workspace, &request), start(&workspace, &request)];
        let mut outcomes = BTreeSet::new();
        let mut operations = BTreeSet::new();
        for child in both {
            let answer = end(&workspace, child).succeeds().json();
            let data = &answer["data"];
            assert_eq!(data["status"], "completed", "{name}");
            assert_eq!(data["components"].as_array().unwrap().len(), 8, "{name}");
            outcomes.insert(data["outcome"].as_str().unwrap().to_owned());
            operations.insert(data["id"].as_str().unwrap().to_owned());
        }
        assert_eq!(operations.len(), 1, "{name}: both got the same operation");
        assert_eq!(outcomes, ["executed", "repeated"].map(str::to_owned).into(), "{name}");
        undo_all(&workspace);
        assert_eq!(workspace.changes_since(&before), [], "{name}: it was applied once");
    });
}

#[cfg(unix)]
#[test]
fn a_repeated_request_that_waits_can_be_interrupted() {
    let workspace = drifted(None);
    let gate = workspace.path(".lockstep/gate");
    let request = ["sync", "Button", "--yes"];
    let mut first = workspace.command();
    first.args(request).stdout(Stdio::null()).stderr(Stdio::null());
    first.env("LOCKSTEP_FAILPOINTS", "operation.begun=wait").env("LOCKSTEP_FAILPOINT_GATE", &gate);
    let mut first = first.spawn().unwrap();
    let is_running = || {
        let history = workspace.run(["history", "--json"]).succeeds().json();
        history["data"].as_array().unwrap().iter().any(|operation| operation["status"] == "running")
    };
    while !is_running() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let mut second = start(&workspace, &request);
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(second.try_wait().unwrap().is_none(), "it waits for the first");
    let id = second.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let told = end(&workspace, second).exits(130).json();
    assert_eq!(told["data"]["code"], "interrupted", "{told:#}");
    std::fs::write(&gate, "").unwrap();
    assert!(first.wait().unwrap().success(), "the first goes on");
}

#[test]
fn syncs_of_other_components_do_not_lose_each_others_writes() {
    on_each(|name, workspace| {
        let before = workspace.tree();
        // All of them write the one design file.
        let requests = ["Avatar", "Badge", "Button", "IconButton"];
        let children = requests.map(|component| {
            start(&workspace, &["sync", component, "--yes", "--direction", "code-to-design"])
        });
        for (component, child) in requests.iter().zip(children) {
            let answer = end(&workspace, child).succeeds().json();
            assert_eq!(answer["data"]["status"], "completed", "{name}: {component}");
        }
        let still = workspace.run(["drift", "--json"]).succeeds().json();
        for component in still["data"]["components"].as_array().unwrap() {
            let alarms = component["changes"].as_array().unwrap();
            if requests.contains(&component["name"].as_str().unwrap()) {
                assert!(alarms.is_empty(), "{name}: {component:#}");
            }
        }
        undo_all(&workspace);
        assert_eq!(workspace.changes_since(&before), [], "{name}");
    });
}
