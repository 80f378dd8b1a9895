//! Stories for what has none, written by the real binary.

use lockstep_testkit::{
    tree::{Difference, Tree},
    workspace::Workspace,
};
use serde_json::{Value, json};

fn acme() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
    workspace
}

fn told(workspace: &Workspace, arguments: &[&str]) -> Value {
    workspace.run(arguments.iter().chain(&["--json"])).succeeds().json()["data"].clone()
}

fn tree(workspace: &Workspace) -> Tree {
    Tree::read(&workspace.path(""), &[".lockstep"]).unwrap()
}

#[test]
fn every_option_gets_a_story_and_an_undo_restores_every_byte() {
    let workspace = acme();
    let before = tree(&workspace);
    let shown = told(&workspace, &["scaffold", "stories", "--dry-run"]);
    assert_eq!(shown["outcome"], Value::Null);
    assert_eq!(tree(&workspace), before);
    assert_eq!(workspace.run(["scaffold", "stories"]).code, 3, "nobody can be asked here");
    let done = told(&workspace, &["scaffold", "stories", "--yes"]);
    assert_eq!(done["outcome"]["status"], "completed", "{done}");
    assert_eq!(done["components"], shown["components"], "what was shown is what is written");
    let differences = before.changes_to(&tree(&workspace));
    assert!(differences.iter().all(|found| match found {
        Difference::Added(path) => path == "src/components/Spinner/Spinner.stories.tsx",
        Difference::Changed(path) => path.ends_with(".stories.tsx"),
        Difference::Removed(_) => false,
    }));
    let left: Vec<&str> =
        done["left"].as_array().unwrap().iter().map(|left| left["component"].as_str().unwrap()).collect();
    assert_eq!(left, ["Card.Footer", "Card.Header"]);
    // Each story shows what it was written for.
    let report = told(&workspace, &["coverage"]);
    let lacking = report["components"].as_array().unwrap().iter();
    let lacking = lacking.filter(|component| component["missing_variants"] != json!([]));
    let lacking: Vec<&str> = lacking.map(|component| component["name"].as_str().unwrap()).collect();
    assert_eq!(lacking, left);
    // Nothing is left to write, and no baseline was made of what differs.
    assert_eq!(told(&workspace, &["scaffold", "stories", "--dry-run"])["components"], json!([]));
    assert_eq!(told(&workspace, &["drift", "Tooltip"])["totals"]["undetermined"], 2);
    workspace.run(["undo"]).succeeds();
    assert_eq!(tree(&workspace), before);
}

#[test]
fn a_paused_component_is_left_alone_and_synced_all_the_same() {
    let workspace = acme();
    let before = std::fs::read_to_string(workspace.path("lockstep.toml")).unwrap();
    assert_eq!(workspace.run(["pause", "Buton"]).code, 2, "a name that nothing has pauses nothing");
    assert_eq!(told(&workspace, &["pause", "Badge", "Bu*"])["paused"], json!(["Badge", "Bu*"]));
    let shown = told(&workspace, &["scaffold", "stories", "Badge", "Button", "TextField", "--dry-run"]);
    assert_eq!(shown["components"].as_array().unwrap().len(), 1);
    let reasons: Vec<&str> =
        shown["left"].as_array().unwrap().iter().map(|left| left["reason"].as_str().unwrap()).collect();
    assert_eq!(
        reasons,
        [
            "paused by `Badge`: `lockstep pause --end` goes on",
            "paused by `Bu*`: `lockstep pause --end` goes on"
        ]
    );
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    assert_eq!(told(&workspace, &["sync", "--yes", "Badge"])["status"], "completed");
    assert_eq!(told(&workspace, &["pause", "--end"])["paused"], json!([]));
    // The section that it made stays, empty.
    let after = std::fs::read_to_string(workspace.path("lockstep.toml")).unwrap();
    assert_eq!(after.trim_end(), format!("{}\n\n[coverage]", before.trim_end()));
}

#[test]
fn a_sync_is_followed_by_stories_where_that_is_asked_for() {
    let workspace = acme();
    workspace.run(["scan"]).succeeds();
    let mut config = std::fs::read_to_string(workspace.path("lockstep.toml")).unwrap();
    config.push_str("\n[coverage]\nscaffold = true\n");
    workspace.write("lockstep.toml", &config);
    workspace.drift();
    let before = tree(&workspace);
    let synced = told(&workspace, &["sync", "--yes", "Button"]);
    assert_eq!(synced["scaffold"]["status"], "completed", "{synced}");
    let report = told(&workspace, &["coverage", "Button"]);
    assert_eq!(report["missing_variants"], json!([]), "{report}");
    // Two operations, taken back one after the other.
    workspace.run(["undo"]).succeeds();
    workspace.run(["undo"]).succeeds();
    assert_eq!(tree(&workspace), before);
}
