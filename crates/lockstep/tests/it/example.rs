//! The main job on the example, end to end: `examples/README.md` is the list of what must be said.

use std::collections::BTreeSet;

use lockstep_testkit::{postgres::cluster, workspace::Workspace};
use serde_json::Value;

const README: &str = include_str!("../../../../examples/README.md");

/// The example as a workspace that was scanned while both sides agreed.
fn adopted() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    adopt(&workspace);
    workspace
}

fn adopt(workspace: &Workspace) {
    workspace.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
    workspace.run(["scan"]).succeeds();
    workspace.run(["accept", "Tooltip", "--yes", "--reason", "known since version 2"]).succeeds();
}

/// Component, path, change and who moved, of each change that is reported.
fn drift(workspace: &Workspace) -> BTreeSet<[String; 4]> {
    let report = workspace.run(["drift", "--json"]).succeeds().json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let components = report["data"]["components"].as_array().unwrap();
    let rows =
        components.iter().flat_map(|component| {
            component["changes"].as_array().unwrap().iter().map(|change| {
                [&component["name"], &change["path"], &change["kind"], &change["moved"]].map(text)
            })
        });
    rows.collect()
}

/// The rows of the README's table of drift.
fn promised() -> BTreeSet<[String; 4]> {
    let cell = |text: &str| text.trim().trim_matches('`').to_owned();
    let rows = README.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix('|')?.split('|').collect();
        let [component, path, kind, moved, ..] = cells[..] else { return None };
        path.contains("properties/").then(|| [component, path, kind, moved].map(cell))
    });
    rows.filter(|row| row[3].ends_with("_ahead") || row[3] == "conflict").collect()
}

#[test]
fn only_the_tooltip_differs_at_first() {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
    let undetermined = |path: &str, kind: &str| ["Tooltip", path, kind, "undetermined"].map(str::to_owned);
    assert_eq!(
        drift(&workspace),
        [
            undetermined("properties/placement/default", "modified"),
            undetermined("properties/showArrow", "added"),
        ]
        .into()
    );
    workspace.run(["accept", "Tooltip", "--yes", "--reason", "known since version 2"]).succeeds();
    assert_eq!(drift(&workspace), BTreeSet::new());
    workspace.run(["drift", "--check"]).succeeds();
}

#[test]
fn the_drift_is_what_the_readme_promises() {
    let workspace = adopted();
    workspace.drift();
    assert_eq!(promised().len(), 11);
    assert_eq!(drift(&workspace), promised());
    workspace.run(["drift", "--check"]).exits(1);
}

#[test]
fn a_plan_changes_nothing() {
    let workspace = adopted();
    workspace.drift();
    let before = workspace.tree();
    workspace.run(["plan", "--direction", "bidirectional"]).succeeds();
    assert_eq!(workspace.changes_since(&before), []);
}

#[test]
fn every_direction_is_undone_and_redone_to_the_byte() {
    there_and_back(|| Workspace::acme(env!("CARGO_BIN_EXE_lockstep")));
}

#[test]
fn so_it_is_with_the_registry_on_postgresql() {
    let Some(cluster) = cluster() else {
        eprintln!("skipped: there is no PostgreSQL here");
        return;
    };
    there_and_back(|| {
        let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
        workspace.set("DATABASE_URL", cluster.url(&cluster.create_database().unwrap()));
        let info = workspace.run(["db", "info"]).succeeds();
        assert!(info.stdout.contains("postgres "), "{info:?}");
        workspace
    });
}

/// Syncs in each direction, undoes and redoes. What can't be edited by itself, and the conflict, is left.
fn there_and_back(example: impl Fn() -> Workspace) {
    for (direction, left) in [
        ("code-to-design", vec![]),
        ("design-to-code", vec!["Card properties/interactive", "Card properties/padding"]),
        ("bidirectional", vec!["Card properties/interactive", "TextField properties/size/default"]),
    ] {
        let workspace = example();
        adopt(&workspace);
        workspace.drift();
        let moved = workspace.tree();
        workspace.run(["sync", "--yes", "--direction", direction]).succeeds();
        let synced = workspace.tree();
        let changed = workspace.changes_since(&moved);
        assert!(!changed.is_empty(), "{direction}");
        let one_side = |difference: &str| match direction {
            "code-to-design" => difference == "design/acme.figma.json",
            "design-to-code" => difference.starts_with("src/"),
            _ => true,
        };
        assert!(changed.iter().all(|change| one_side(change.path())), "{direction}: {changed:?}");
        let still: Vec<String> =
            drift(&workspace).iter().map(|[component, path, ..]| format!("{component} {path}")).collect();
        assert_eq!(still, left, "what is left after {direction}");

        workspace.run(["undo"]).succeeds();
        assert_eq!(workspace.changes_since(&moved), [], "undo after {direction}");
        assert_eq!(drift(&workspace), promised(), "drift after undoing {direction}");
        workspace.run(["redo"]).succeeds();
        assert_eq!(workspace.changes_since(&synced), [], "redo after {direction}");
    }
}

#[test]
fn a_conflict_is_settled_by_choosing_a_side() {
    let workspace = adopted();
    workspace.drift();
    let choice = "TextField:properties/size/default=code";
    workspace
        .run(["sync", "TextField", "--yes", "--direction", "bidirectional", "--resolve", choice])
        .succeeds();
    assert!(drift(&workspace).iter().all(|row| row[0] != "TextField"));
    let design: Value = serde_json::from_str(&workspace.read("design/acme.figma.json")).unwrap();
    let sets = &design["document"]["children"][0]["children"][0]["children"];
    let field = sets.as_array().unwrap().iter().find(|node| node["name"] == "Text Field").unwrap();
    assert_eq!(field["componentPropertyDefinitions"]["Size"]["defaultValue"], "Small");
}

#[test]
fn one_component_is_undone_alone() {
    let workspace = adopted();
    workspace.drift();
    let moved = workspace.tree();
    workspace.run(["sync", "Badge", "Alert", "--yes", "--direction", "bidirectional"]).succeeds();
    workspace.run(["undo", "--component", "Alert"]).succeeds();
    let changed: Vec<String> = workspace.changes_since(&moved).iter().map(ToString::to_string).collect();
    assert_eq!(changed, ["~ design/acme.figma.json"], "Badge's change stays, in the design");
    let still = drift(&workspace);
    assert!(
        still.iter().any(|row| row[0] == "Alert") && still.iter().all(|row| row[0] != "Badge"),
        "{still:?}"
    );
}
