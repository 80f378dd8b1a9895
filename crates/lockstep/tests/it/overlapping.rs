//! Operations on the same components, one above the other: what is left out, undone or merged changes nothing else.

use lockstep_testkit::workspace::Workspace;
use serde_json::Value;

/// The example as it has drifted since both sides agreed.
fn drifted() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    // The same request may come again, and be meant.
    workspace.forget_requests_soon();
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    workspace.run(["scan"]).succeeds();
    workspace
}

fn sync(workspace: &Workspace, arguments: &[&str]) -> String {
    let run = workspace.run(["sync", "--yes", "--json"].iter().chain(arguments)).succeeds();
    run.json()["data"]["id"].as_str().unwrap().to_owned()
}

/// Each change, with who moved.
fn drift(workspace: &Workspace, component: &str) -> Vec<String> {
    let report = workspace.run(["drift", "--json", component]).json();
    let change = |change: &Value| {
        let text = |name: &str| change[name].as_str().unwrap().to_owned();
        format!("{} {} {}", text("path"), text("kind"), text("moved"))
    };
    let components = report["data"]["components"].as_array().unwrap().iter();
    components.flat_map(|one| one["changes"].as_array().unwrap().iter().map(change)).collect()
}

#[test]
fn two_operations_undone_out_of_order_leave_what_was_agreed_as_it_was() {
    let workspace = drifted();
    let (tree, before) = (workspace.tree(), drift(&workspace, "Button"));
    let excluded = ["Button", "--direction", "design-to-code", "--exclude", "Button:properties/variant/*"];
    let first = sync(&workspace, &excluded);
    let second = sync(&workspace, &["Button", "--direction", "code-to-design"]);
    workspace.run(["undo", &first, "--merge"]).succeeds();
    workspace.run(["undo", &second, "--merge"]).succeeds();
    assert_eq!(workspace.changes_since(&tree), []);
    assert_eq!(drift(&workspace, "Button"), before);
}

#[test]
fn a_rename_that_is_left_out_stays_one() {
    let workspace = drifted();
    let error = "  error: { icon: '⛔', role: 'alert' },";
    let with_hint = format!("{error}\n  hint: {{ icon: '?', role: 'status' }},");
    workspace.replace("src/components/Alert/Alert.tsx", error, &with_hint);
    assert_eq!(
        drift(&workspace, "Alert"),
        [
            "properties/status/options/error modified design_ahead",
            "properties/status/options/hint added code_ahead"
        ]
    );
    let all_but_the_rename =
        ["Alert", "--direction", "code-to-design", "--exclude", "Alert:properties/status/options/error"];
    sync(&workspace, &all_but_the_rename);
    assert_eq!(drift(&workspace, "Alert"), ["properties/status/options/error modified design_ahead"]);
    sync(&workspace, &["Alert"]);
    assert_eq!(drift(&workspace, "Alert"), Vec::<String>::new());
    assert!(workspace.read("src/components/Alert/Alert.tsx").contains("critical: { icon: '⛔'"));
}

#[test]
fn an_agreement_that_a_reading_found_is_in_no_undos_way() {
    let workspace = drifted();
    let alert = "src/components/Alert/Alert.tsx";
    let error = "  error: { icon: '⛔', role: 'alert' },";
    workspace.replace(alert, error, &format!("{error}\n  hint: {{ icon: '?', role: 'status' }},"));
    let tree = workspace.tree();
    let all_but_the_rename =
        ["Alert", "--direction", "code-to-design", "--exclude", "Alert:properties/status/options/error"];
    let operation = sync(&workspace, &all_but_the_rename);
    let as_synced = workspace.read(alert);
    workspace.replace(alert, "  error: {", "  critical: {");
    assert_eq!(drift(&workspace, "Alert"), Vec::<String>::new());
    workspace.write(alert, as_synced);
    workspace.run(["undo", &operation]).succeeds();
    assert_eq!(workspace.changes_since(&tree), []);
}

#[test]
fn an_edit_by_hand_is_never_merged_unasked() {
    let workspace = drifted();
    let card = "src/components/Card/Card.tsx";
    sync(&workspace, &["Card", "--direction", "code-to-design"]);
    workspace.replace(card, "'none' | 'normal'", "'none' | 'normal' | 'loose'");
    let both = sync(&workspace, &["Card", "Card.Header", "--direction", "design-to-code"]);
    workspace.write(card, format!("{}\n// Written by hand.\n", workspace.read(card)));
    let by_hand = workspace.tree();
    workspace.run(["undo", &both, "--component", "Card"]).exits(3);
    assert_eq!(workspace.changes_since(&by_hand), []);
    workspace.run(["undo", &both, "--component", "Card.Header", "--merge"]).succeeds();
    let merged = workspace.tree();
    let refused = workspace.run(["undo", &both, "--component", "Card"]).exits(3);
    assert!(refused.stdout.contains("Card.tsx was edited"), "{refused:?}");
    assert_eq!(workspace.changes_since(&merged), []);
    workspace.run(["undo", &both, "--component", "Card", "--merge"]).succeeds();
    assert!(workspace.read(card).contains("// Written by hand."));
}

#[test]
fn what_was_put_back_by_hand_is_undone_already() {
    let workspace = drifted();
    let (tree, before) = (workspace.tree(), drift(&workspace, "Badge"));
    let design = workspace.read("design/acme.figma.json");
    let operation = sync(&workspace, &["Badge", "--direction", "code-to-design"]);
    workspace.write("design/acme.figma.json", &design);
    let refused = workspace.run(["undo", &operation]).exits(3);
    assert!(refused.stdout.contains("was edited"), "{refused:?}");
    workspace.run(["undo", &operation, "--merge"]).succeeds();
    assert_eq!(workspace.changes_since(&tree), []);
    assert_eq!(drift(&workspace, "Badge"), before);
}

#[test]
fn what_another_sync_changed_on_the_other_side_is_not_redone_over() {
    let workspace = drifted();
    // The design renamed an option: the first sync writes the code, the other one the design.
    let to_code = sync(&workspace, &["Alert", "--direction", "design-to-code"]);
    workspace.run(["undo"]).succeeds();
    sync(&workspace, &["Alert", "--direction", "code-to-design"]);
    let agreed = workspace.tree();
    let refused = workspace.run(["redo", &to_code]).exits(3);
    assert!(refused.stdout.contains("the design contract changed"), "{refused:?}");
    assert_eq!(workspace.changes_since(&agreed), []);
    assert_eq!(drift(&workspace, "Alert"), Vec::<String>::new());
}

#[test]
fn what_a_newer_sync_did_as_well_is_not_redone_under_it() {
    let workspace = drifted();
    let tree = workspace.tree();
    let to_code = &["Badge", "--direction", "design-to-code"];
    let first = sync(&workspace, to_code);
    workspace.run(["undo", &first]).succeeds();
    // In the same second it would be the same request.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let second = sync(&workspace, to_code);
    assert_ne!(first, second);
    let synced = workspace.tree();
    let refused = workspace.run(["redo", &first]).exits(3);
    let cause = format!("operation {} changed it afterwards: undo that first", &second[..8]);
    assert!(refused.stdout.contains(&cause), "{refused:?}");
    assert_eq!(workspace.changes_since(&synced), []);
    workspace.run(["undo", &second]).succeeds();
    assert_eq!(workspace.changes_since(&tree), []);
}

#[test]
fn a_component_whose_code_is_anothers_can_be_undone_after_it() {
    let workspace = drifted();
    let tree = workspace.tree();
    // Both take their option from one declaration.
    let both = sync(&workspace, &["Button", "IconButton", "--direction", "bidirectional"]);
    workspace.run(["undo", &both, "--component", "Button"]).succeeds();
    workspace.run(["undo", &both, "--component", "IconButton"]).succeeds();
    assert_eq!(workspace.changes_since(&tree), []);
}

#[test]
fn what_depends_on_another_operations_file_can_be_undone_after_that_operation() {
    let workspace = drifted();
    let tree = workspace.tree();
    // Both take their option from one declaration: the second operation writes it for one of them, and the design of the
    // other follows.
    let first = sync(&workspace, &["IconButton", "--direction", "code-to-design"]);
    let second = sync(&workspace, &["Button", "--direction", "design-to-code"]);
    let third = sync(&workspace, &["IconButton", "--direction", "bidirectional"]);
    workspace.run(["undo", &second]).succeeds();
    workspace.run(["undo", &third]).succeeds();
    workspace.run(["undo", &first]).succeeds();
    assert_eq!(workspace.changes_since(&tree), []);
}

#[test]
fn what_another_operation_wrote_for_the_same_component_is_undone_first() {
    let workspace = drifted();
    let tree = workspace.tree();
    let excluded = "Button:properties/size/*";
    let first = sync(&workspace, &["Button", "--direction", "code-to-design", "--exclude", excluded]);
    // It writes files that the first did not, and what code states with them.
    let second = sync(&workspace, &["Button", "--direction", "design-to-code"]);
    let refused = workspace.run(["undo", &first]).exits(3);
    assert!(refused.stdout.contains("undo that first"), "{refused:?}");
    workspace.run(["undo", &second]).succeeds();
    workspace.run(["undo", &first]).succeeds();
    assert_eq!(workspace.changes_since(&tree), []);
}

#[test]
fn what_a_person_changed_in_another_file_stops_an_undo() {
    let workspace = drifted();
    let operation = sync(&workspace, &["IconButton", "--direction", "code-to-design"]);
    let other = sync(&workspace, &["Button", "--direction", "code-to-design"]);
    workspace.run(["undo", &other]).succeeds();
    let option = "      danger: 'acme-button--danger',\n";
    workspace.replace("src/components/Button/Button.tsx", option, "");
    let by_hand = workspace.tree();
    let refused = workspace.run(["undo", &operation]).exits(3);
    assert!(refused.stdout.contains("the code contract changed through another file"), "{refused:?}");
    assert_eq!(workspace.changes_since(&by_hand), []);
}

#[test]
fn an_edit_of_the_node_is_merged_with_what_is_undone_of_it() {
    let workspace = drifted();
    let before = drift(&workspace, "Badge");
    let operation = sync(&workspace, &["Badge", "--direction", "code-to-design"]);
    let design = "design/acme.figma.json";
    workspace.replace(
        design,
        "\"Rounded#15:0\": {\n",
        "\"Loud#15:9\": { \"type\": \"BOOLEAN\", \"defaultValue\": true },\n\"Rounded#15:0\": {\n",
    );
    let by_hand = workspace.tree();
    let refused = workspace.run(["undo", &operation]).exits(3);
    assert!(refused.stdout.contains("the node 15:1 of design/acme.figma.json was edited"), "{refused:?}");
    assert_eq!(workspace.changes_since(&by_hand), []);
    let merged = workspace.run(["undo", &operation, "--merge"]).succeeds();
    assert!(!merged.stdout.contains("left as it is"), "{merged:?}");
    assert!(workspace.read(design).contains("\"Loud#15:9\""));
    let after = drift(&workspace, "Badge");
    assert!(before.iter().all(|change| after.contains(change)), "{after:?}");
    assert_eq!(after.len(), before.len() + 1, "{after:?}");
}

#[test]
fn what_was_edited_in_the_same_place_stays_and_is_said() {
    let workspace = drifted();
    let operation = sync(&workspace, &["Badge", "--direction", "code-to-design"]);
    let design = "design/acme.figma.json";
    let text = workspace
        .read(design)
        .replace("Tone=Informative", "Tone=Note")
        .replace("\"Informative\"", "\"Note\"");
    workspace.write(design, &text);
    let merged = workspace.run(["undo", &operation, "--merge"]);
    let reason = merged.stdout.lines().find(|line| line.contains("left as it is")).unwrap();
    insta::assert_snapshot!(reason.trim(), @"the node 15:1 of design/acme.figma.json was edited in the same place, which is left as it is: children/15:3/name, componentPropertyDefinitions/Tone/variantOptions/Info, components/15:3/name");
    assert_eq!(workspace.read(design), text);
}
