//! The example's design file: every contract spelled out by hand in `examples/expected/contracts.json`.

use std::{collections::BTreeMap, fs, path::Path};

use lockstep_core::contract::{Contract, PropertyName};
use lockstep_design::{DesignScan, figma};

type Contracts = BTreeMap<String, BTreeMap<String, BTreeMap<String, Contract>>>;

fn read(revision: &str) -> DesignScan {
    let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples"))
        .join(revision)
        .join("design/acme.figma.json");
    figma::read(&fs::read(file).unwrap(), "design/acme.figma.json").unwrap()
}

#[test]
fn both_revisions_state_the_contracts_spelled_out_by_hand() {
    let expected: Contracts =
        serde_json::from_str(include_str!("../../../../examples/expected/contracts.json")).unwrap();
    for revision in ["acme", "acme-drift"] {
        let scan = read(revision);
        let stated: BTreeMap<String, Contract> = scan
            .components
            .iter()
            .map(|component| (component.name.clone(), component.statement.contract.clone()))
            .collect();
        assert_eq!(stated.len(), scan.components.len(), "names are unique in {revision}");
        assert_eq!(
            stated.keys().collect::<Vec<_>>(),
            expected[revision]["design"].keys().collect::<Vec<_>>(),
            "{revision}"
        );
        for (name, contract) in &expected[revision]["design"] {
            assert_eq!(&stated[name], contract, "{name} in {revision}");
        }
    }
}

#[test]
fn renames_keep_their_identities() {
    let [agreed, moved] = ["acme", "acme-drift"].map(read);
    let of = |scan: &DesignScan, name: &str| {
        scan.components.iter().find(|component| component.name == name).unwrap().statement.identities.clone()
    };
    let option = |scan, name: &str| {
        of(scan, "Inline Message").options[&PropertyName::from("Status")][&name.into()].clone()
    };
    assert_eq!(option(&agreed, "Error").shared(&option(&moved, "Critical")), 1);
    let property = |scan, name: &str| of(scan, "Card.Header").properties[&PropertyName::from(name)].clone();
    assert_eq!(property(&agreed, "Title").shared(&property(&moved, "Heading")), 1);
}

#[test]
fn only_the_set_in_conflict_is_complained_about() {
    assert_eq!(read("acme").diagnostics, []);
    let diagnostics = read("acme-drift").diagnostics;
    assert!(!diagnostics.is_empty());
    assert!(diagnostics.iter().all(|found| found.message.contains("Tabs")), "{diagnostics:#?}");
}
