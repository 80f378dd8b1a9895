//! The example library: every contract spelled out by hand in `examples/expected/contracts.json`.

use std::collections::BTreeMap;

use lockstep_code::{ScanOptions, model::CodeScan, scan};
use lockstep_core::contract::Contract;
use lockstep_testkit::workspace::Workspace;

type Contracts = BTreeMap<String, BTreeMap<String, BTreeMap<String, Contract>>>;

fn expected() -> Contracts {
    serde_json::from_str(include_str!("../../../../examples/expected/contracts.json")).unwrap()
}

/// The agreed revision, and the one after both sides moved.
fn revisions() -> [(&'static str, CodeScan); 2] {
    let workspace = Workspace::acme("not run here");
    let read = || scan(&ScanOptions::new(workspace.root(), "")).unwrap();
    let agreed = read();
    workspace.drift();
    [("acme", agreed), ("acme-drift", read())]
}

#[test]
fn both_revisions_state_the_contracts_spelled_out_by_hand() {
    let expected = expected();
    for (revision, scan) in revisions() {
        let stated: BTreeMap<&str, &Contract> = scan
            .components
            .iter()
            .map(|component| (component.name.as_str(), &component.statement.contract))
            .collect();
        let wanted = &expected[revision]["code"];
        assert_eq!(stated.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{revision}");
        for (name, contract) in wanted {
            assert_eq!(stated[name.as_str()], contract, "{name} in {revision}");
        }
    }
}

#[test]
fn nothing_is_open_or_complained_about() {
    for (revision, scan) in revisions() {
        assert_eq!(scan.diagnostics, [], "{revision}");
        for component in &scan.components {
            assert_eq!(component.statement.open, Vec::<String>::new(), "{} in {revision}", component.name);
        }
    }
}

#[test]
fn what_people_wrote_is_kept_beside_the_contract() {
    let [(_, agreed), _] = revisions();
    let badge = agreed.components.iter().find(|component| component.name == "Badge").unwrap();
    assert_eq!(badge.package.as_deref(), Some("@acme/ui"));
    assert_eq!(badge.description.as_deref(), Some("A short, unobtrusive mark on something else."));
    assert_eq!(
        badge.statement.deprecated.get(&"rounded".into()).map(String::as_str),
        Some("All badges will be rounded from version 4 on.")
    );
    assert_eq!(badge.statement.deprecated.len(), 1);
}

#[test]
fn a_renamed_option_keeps_its_identity() {
    let [(_, agreed), (_, moved)] = revisions();
    let option = |scan: &CodeScan, name: &str| {
        let badge = scan.components.iter().find(|component| component.name == "Badge").unwrap();
        badge.statement.identities.options[&"tone".into()][&name.into()].clone()
    };
    assert!(option(&agreed, "info").shared(&option(&moved, "informative")) > 0);
    assert_eq!(option(&agreed, "info").shared(&option(&moved, "success")), 0);
}

/// The index that a real Storybook 10 made of the agreed revision.
#[test]
fn stories_are_those_that_storybook_lists() {
    let index: serde_json::Value =
        serde_json::from_str(include_str!("../../../../examples/expected/storybook-index.json")).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let listed: BTreeMap<String, (String, String, Vec<String>)> = index["entries"]
        .as_object()
        .unwrap()
        .values()
        .filter(|entry| entry["type"] == "story")
        .map(|entry| {
            let tags = entry["tags"].as_array().unwrap().iter().map(text).collect();
            (text(&entry["id"]), (text(&entry["title"]), text(&entry["name"]), tags))
        })
        .collect();
    assert_eq!(listed.len(), 41);
    let [(_, agreed), _] = revisions();
    let read = agreed.stories.into_iter().map(|story| (story.id, (story.title, story.name, story.tags)));
    assert_eq!(read.collect::<BTreeMap<_, _>>(), listed);
}
