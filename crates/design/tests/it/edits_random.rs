//! Random edits of real files: reading them back gives what was predicted, restoring gives the same bytes.

use lockstep_core::contract::{OptionName, Property, PropertyName};
use lockstep_core::edit::{ContractEdit, apply_text_edits};
use lockstep_design::{DesignComponent, figma};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::shared::{WHOLE_FILES, real};

/// Numbers that choose an edit of whatever contract is there.
pub(crate) type Choice = (u8, u16, u16, u16);

pub(crate) fn pick<T: Clone>(from: &[T], by: u16) -> Option<T> {
    (!from.is_empty()).then(|| from[usize::from(by) % from.len()].clone())
}

pub(crate) fn edit_of(component: &DesignComponent, choice: Choice) -> Option<ContractEdit> {
    let (what, a, b, c) = choice;
    let properties: Vec<(PropertyName, Property)> = component
        .statement
        .contract
        .properties
        .iter()
        .map(|(name, property)| (name.clone(), property.clone()))
        .collect();
    let fresh = format!("New {}", c % 7);
    let property = pick(&properties, a);
    let options = |property: &Property| property.options().cloned().collect::<Vec<OptionName>>();
    Some(match what % 10 {
        0 => ContractEdit::AddProperty { name: fresh.into(), property: Property::boolean(Some(b % 2 == 0)) },
        1 => ContractEdit::AddProperty { name: fresh.into(), property: Property::Text },
        2 => ContractEdit::AddProperty { name: fresh.into(), property: Property::Slot },
        3 => {
            let property = Property::enumeration(
                ["On", "Off", "Größe \"🔥\" \\"],
                [None, Some("Off")][usize::from(b % 2)],
            );
            ContractEdit::AddProperty { name: fresh.into(), property }
        }
        4 => ContractEdit::RemoveProperty { name: property?.0 },
        5 => ContractEdit::RenameProperty { from: property?.0, to: fresh.into() },
        6 => ContractEdit::AddOption { property: property?.0, option: fresh.into() },
        7 => {
            let (name, property) = property?;
            ContractEdit::RemoveOption { property: name, option: pick(&options(&property), b)? }
        }
        8 => {
            let (name, property) = property?;
            ContractEdit::RenameOption {
                property: name,
                from: pick(&options(&property), b)?,
                to: fresh.into(),
            }
        }
        _ => {
            let (name, property) = property?;
            let to = match &property {
                Property::Boolean { .. } => (b % 2 == 0).to_string(),
                other => pick(&options(other), b)?.to_string(),
            };
            ContractEdit::SetDefault { property: name, to: Some(to) }
        }
    })
}

/// Edits one component as chosen; checks the law for it. Gives how many edits were made.
fn check(file: &str, path: &str, which: u16, choices: &[Choice]) -> usize {
    let document = figma::Document::parse(file.as_bytes(), path).unwrap();
    let component = pick(document.design_components(), which).unwrap();
    let id = &component.node_id;
    let edits: Vec<ContractEdit> = choices.iter().filter_map(|choice| edit_of(&component, *choice)).collect();
    let planned = figma::plan_edits(&document, id, &edits).unwrap();
    assert_eq!(planned, figma::plan_edits(&document, id, &edits).unwrap(), "plans are the same each time");
    let edited = apply_text_edits(file, &planned.text_edits).unwrap();
    assert_eq!(planned.text_edits.is_empty(), edited == file);

    let after = figma::Document::parse(edited.as_bytes(), path).unwrap();
    let read = after.component(id).unwrap();
    assert_eq!(read.statement.contract, planned.expected, "{path} {id} {edits:#?}");
    let findings = |text: &str| figma::read(text.as_bytes(), path).unwrap().diagnostics;
    assert_eq!(findings(&edited), findings(file), "{path} {id} {edits:#?}");
    for (old, new) in document.design_components().iter().zip(after.design_components()) {
        assert!(old == new || old.node_id == *id, "{path}: {} changed too", old.node_id);
    }
    for variant in &read.variants {
        assert_eq!(
            variant.points.len(),
            read.statement
                .contract
                .properties
                .values()
                .filter(|it| matches!(it, Property::Enum { .. }))
                .count()
        );
    }

    if let Ok(state) = figma::node_state(&document, id) {
        let stored: figma::NodeState = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        let restored = figma::restore(edited.as_bytes(), &stored, path).unwrap();
        assert!(restored == file.as_bytes(), "{path} {id} {edits:#?}");
        let now = figma::node_state(&after, id).unwrap();
        let reached = now.hash().unwrap();
        assert_eq!(planned.state_hash.as_ref(), Some(&reached), "{path} {id} {edits:#?}");
        let same = reached == state.hash().unwrap();
        assert_eq!((same, now.is_like(&state)), (edited == file, edited == file));
    }
    edits.len() - planned.manual.len()
}

fn run(file: &str, path: &str, cases: u32) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let made = std::cell::Cell::new(0);
    runner
        .run(&(any::<u16>(), prop::collection::vec(any::<Choice>(), 1..6)), |(which, choices)| {
            made.set(made.get() + check(file, path, which, &choices));
            Ok(())
        })
        .unwrap();
    let only_listed = path.contains("old/");
    assert!(only_listed || made.get() > cases as usize / 2, "{path}: only {} edits were made", made.get());
}

#[test]
fn what_was_predicted_is_read_back_and_restored_to_the_byte() {
    for path in WHOLE_FILES {
        let Some(bytes) = real(path) else { return };
        let file = String::from_utf8(bytes).unwrap();
        run(&file, path, if file.len() > 1_000_000 { 6 } else { 48 });
    }
}

#[test]
fn the_examples_file_obeys_the_same_law() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme/design/acme.figma.json");
    run(&std::fs::read_to_string(path).unwrap(), "acme.figma.json", 48);
}
