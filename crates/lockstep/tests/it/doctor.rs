//! What `lockstep doctor` finds.

use std::collections::BTreeMap;

use lockstep_testkit::{postgres::cluster, run::Run, workspace::Workspace};

fn found(run: &Run) -> BTreeMap<String, String> {
    let checks = run.json()["data"]["checks"].clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    checks.as_array().unwrap().iter().map(|check| (text(&check["name"]), text(&check["status"]))).collect()
}

#[track_caller]
fn finds(workspace: &Workspace, code: i32, expected: &[(&str, &str)]) {
    let run = workspace.run(["doctor", "--json"]).exits(code);
    let found = found(&run);
    for (name, status) in expected {
        assert_eq!(found.get(*name).map(String::as_str), Some(*status), "{name}: {run:?}");
    }
    for check in run.json()["data"]["checks"].as_array().unwrap() {
        let is_amiss = ["warning", "failed"].contains(&check["status"].as_str().unwrap());
        assert!(!is_amiss || check["next_step"].is_string(), "{check} leads nowhere");
    }
}

#[test]
fn what_is_as_it_should_be_is_said_to_be_so_and_nothing_is_changed() {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    let fresh = [("configuration", "failed"), ("database", "skipped"), ("browser", "skipped")];
    finds(&workspace, 4, &fresh);
    workspace.adopt();
    std::fs::remove_dir_all(workspace.path(".lockstep")).ok();
    finds(&workspace, 0, &[("configuration", "ok"), ("database", "warning"), ("disk", "ok")]);
    assert!(!workspace.path(".lockstep/lockstep.db").exists(), "a look makes no registry");
    workspace.run(["scan"]).succeeds();
    let all = ["configuration", "database", "migrations", "disk", "clock", "formatter", "credentials"];
    let all: Vec<_> = all.iter().map(|name| (*name, "ok")).collect();
    finds(&workspace, 0, &all);
    workspace.set("LOCKSTEP_SECRET_FIGMA", "figd_known");
    workspace.set("HTTPS_PROXY", "http://127.0.0.1:9");
    let add = ["credential", "add", "figma", "--vendor", "figma", "--from", "env:LOCKSTEP_SECRET_FIGMA"];
    workspace.run(add).exits(4);
    finds(&workspace, 0, &[("credentials", "warning")]);
    let told = workspace.run(["doctor"]).succeeds();
    assert!(told.stdout.contains("figma is pending"), "{told:?}");
    assert!(!told.stdout.contains("figd_known"));
}

#[test]
fn what_fails_is_named_with_what_to_do() {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.run(["scan"]).succeeds();
    // What stands in its log would make up for what is wrong with the file.
    for log in ["-wal", "-shm"] {
        std::fs::remove_file(workspace.path(&format!(".lockstep/lockstep.db{log}"))).ok();
    }
    workspace.write(".lockstep/lockstep.db", "no database".repeat(1_000));
    finds(&workspace, 4, &[("database", "failed"), ("browser", "skipped")]);
    workspace.set("DATABASE_URL", "postgres://ada:s3cret@127.0.0.1:1/hub");
    let run = workspace.run(["doctor"]).exits(4);
    assert!(run.stdout.contains("failed") && !run.stdout.contains("s3cret"), "{run:?}");
    let Some(cluster) = cluster() else { return };
    workspace.set("DATABASE_URL", cluster.url(&cluster.create_database().unwrap()));
    finds(&workspace, 4, &[("database", "ok"), ("migrations", "failed"), ("clock", "ok")]);
    workspace.run(["db", "migrate"]).succeeds();
    finds(&workspace, 0, &[("database", "ok"), ("migrations", "ok"), ("clock", "ok")]);
}
