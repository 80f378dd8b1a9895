//! A sync of several components writes them together. Each is still a component of its own: what is wrong with one stops
//! no other, and one is taken back alone.

use std::{process::Stdio, time::Duration};

use lockstep_testkit::{run::Run, workspace::Workspace};
use serde_json::Value;

/// `Card` and `Card.Header` share a file: the sync writes those up to `Card`, and then the other two.
const DRIFTED: [&str; 7] = ["Alert", "Avatar", "Badge", "Button", "Card", "Card.Header", "IconButton"];

fn drifted() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.drift();
    workspace
}

fn sync<'a>(components: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    ["sync", "--yes", "--json", "--direction", "bidirectional"].into_iter().chain(components).collect()
}

fn results(answer: &Value) -> Vec<String> {
    let components = answer["data"]["components"].as_array().unwrap().iter();
    components.map(|one| format!("{} {} {}", one["name"], one["state"], one["reason"])).collect()
}

#[test]
fn one_component_is_taken_back_as_if_it_had_been_left_out() {
    for name in ["Alert", "Badge", "Card.Header"] {
        let both = [(); 2].map(|()| drifted());
        both[0].run(sync(DRIFTED)).succeeds();
        both[0].run(["undo", "--component", name]).succeeds();
        both[1].run(sync(DRIFTED.into_iter().filter(|other| *other != name))).succeeds();
        let different = both[0].changes_since(&both[1].tree());
        assert!(different.is_empty(), "{name}: {different:?}");
    }
}

#[test]
fn what_somebody_edits_while_others_are_written_is_left_as_it_is() {
    let workspace = drifted();
    let gate = workspace.path(".lockstep/gate");
    let design = workspace.read("design/acme.figma.json");
    let mut command = workspace.command();
    command.args(sync(DRIFTED)).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("LOCKSTEP_FAILPOINTS", "component.verified=wait@1").env("LOCKSTEP_FAILPOINT_GATE", &gate);
    let child = command.spawn().unwrap();
    while workspace.read("design/acme.figma.json") == design {
        std::thread::sleep(Duration::from_millis(20));
    }
    let edited = format!("{}\n// Somebody is at it.\n", workspace.read("src/components/Card/Card.tsx"));
    workspace.write("src/components/Card/Card.tsx", &edited);
    std::fs::write(&gate, "").unwrap();
    let output = child.wait_with_output().unwrap();
    let run = Run::new("the sync".to_owned(), output, workspace.root(), workspace.home());
    insta::assert_snapshot!(results(&run.json()).join("\n"), @r#"
    "Alert" "applied" null
    "Avatar" "applied" null
    "Badge" "applied" null
    "Button" "applied" null
    "Card" "applied" null
    "Card.Header" "failed" "changed since preview: src/components/Card/Card.tsx"
    "IconButton" "applied" null
    "#);
    assert_eq!(workspace.read("src/components/Card/Card.tsx"), edited);
}

#[test]
fn what_somebody_edits_while_an_undo_begins_is_left_as_it_is() {
    let workspace = drifted();
    let before = workspace.tree();
    workspace.run(sync(DRIFTED)).succeeds();
    let journalled = || {
        let info = workspace.run(["db", "info", "--json"]).succeeds().json();
        let tables = info["data"]["tables"].as_array().unwrap().clone();
        tables.iter().find(|table| table["name"] == "sync_journal").unwrap()["rows"].as_u64()
    };
    let of_the_sync = journalled();
    let gate = workspace.path(".lockstep/gate");
    let mut command = workspace.command();
    command.args(["undo", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("LOCKSTEP_FAILPOINTS", "journal.intent=wait@1").env("LOCKSTEP_FAILPOINT_GATE", &gate);
    let child = command.spawn().unwrap();
    while journalled() == of_the_sync {
        std::thread::sleep(Duration::from_millis(20));
    }
    let edited = format!("{}\n// Somebody is at it.\n", workspace.read("src/components/Card/Card.tsx"));
    workspace.write("src/components/Card/Card.tsx", &edited);
    std::fs::write(&gate, "").unwrap();
    let output = child.wait_with_output().unwrap();
    let run = Run::new("the undo".to_owned(), output, workspace.root(), workspace.home());
    let components = run.json()["data"]["components"].as_array().unwrap().clone();
    let mut said: Vec<String> = components
        .iter()
        .map(|one| format!("{} {} {}", one["name"], one["outcome"], one["reasons"]))
        .collect();
    said.sort();
    insta::assert_snapshot!(said.join("\n"), @r#"
    "Alert" "done" null
    "Avatar" "done" null
    "Badge" "done" null
    "Button" "done" null
    "Card" "done" null
    "Card.Header" "refused" ["src/components/Card/Card.tsx was edited"]
    "IconButton" "done" null
    "#);
    assert_eq!(workspace.read("src/components/Card/Card.tsx"), edited);
    let left: Vec<String> =
        workspace.changes_since(&before).iter().map(|difference| format!("{difference:?}")).collect();
    assert!(
        left.iter().all(|difference| difference.contains("Card") || difference.contains(".figma.json")),
        "{left:?}"
    );
}

#[test]
fn after_an_undo_and_a_redo_the_registry_knows_what_a_scan_finds() {
    let workspace = drifted();
    workspace.run(sync(DRIFTED)).succeeds();
    for command in ["undo", "redo", "undo"] {
        workspace.run([command]).succeeds();
        let changes = workspace.run(["scan", "--json"]).succeeds().json()["data"]["changes"].clone();
        for side in ["components", "designs", "stories"] {
            for kind in ["added", "changed", "returned", "gone"] {
                assert_eq!(changes[side][kind], serde_json::json!([]), "{command}: {side} {kind}");
            }
        }
    }
}
