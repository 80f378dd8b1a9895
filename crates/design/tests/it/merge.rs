//! Taking an edit back in a component that was edited since: nothing of either is lost, and nothing is made up.

use std::collections::BTreeSet;

use lockstep_core::contract::{Contract, Property};
use lockstep_core::edit::{ContractEdit, apply_text_edits};
use lockstep_design::{
    NodeId,
    figma::{self, Document, NodeState},
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::edits::FILE;
use crate::edits_random::{Choice, edit_of, pick};

fn state(file: &str, id: &NodeId) -> NodeState {
    figma::node_state(&Document::parse(file.as_bytes(), "kit.json").unwrap(), id).unwrap()
}

fn edited(file: &str, id: &NodeId, edits: &[ContractEdit]) -> String {
    let document = Document::parse(file.as_bytes(), "kit.json").unwrap();
    let planned = figma::plan_edits(&document, id, edits).unwrap();
    apply_text_edits(file, &planned.text_edits).unwrap()
}

/// Takes the step from one text to another in a third.
fn merged(from: &str, to: &str, now: &str, id: &NodeId) -> (String, Vec<String>) {
    let merged = figma::merge(now.as_bytes(), &state(from, id), &state(to, id), "kit.json").unwrap();
    (String::from_utf8(merged.bytes).unwrap(), merged.kept)
}

fn contract(file: &str, id: &NodeId) -> Contract {
    let scan = figma::read(file.as_bytes(), "kit.json").unwrap();
    scan.component(id).unwrap().statement.contract.clone()
}

/// What it is about, the edits of a sync, those of a person afterwards, texts that the person replaces, and the places that
/// are left when the sync is taken back.
type Case<'c> = (&'c str, Vec<ContractEdit>, Vec<ContractEdit>, &'c [(&'c str, &'c str)], &'c [&'c str]);

#[test]
fn what_one_side_changed_is_as_that_side_has_it() {
    let id = NodeId::from("1:1");
    let add = |property: &str, option: &str| ContractEdit::AddOption {
        property: property.into(),
        option: option.into(),
    };
    let rename = |property: &str, from: &str, to: &str| ContractEdit::RenameOption {
        property: property.into(),
        from: from.into(),
        to: to.into(),
    };
    let remove = |property: &str, option: &str| ContractEdit::RemoveOption {
        property: property.into(),
        option: option.into(),
    };
    let default = |property: &str, to: &str| ContractEdit::SetDefault {
        property: property.into(),
        to: Some(to.to_owned()),
    };
    let flag = ContractEdit::AddProperty { name: "Busy".into(), property: Property::boolean(Some(false)) };
    let relabelled = ("\"defaultValue\": \"Go\"", "\"defaultValue\": \"Start\"");
    let listed = ("{\"key\": \"ee\", \"name\": \"Button\"}", "{\"key\": \"ee\", \"name\": \"Pressed\"}");
    let cases: [Case<'_>; 8] = [
        (
            "a default beside an option",
            vec![add("Tone", "Huge")],
            vec![default("Icon", "false")],
            &[relabelled],
            &[],
        ),
        ("the list's entry beside a flag", vec![flag.clone()], vec![], &[listed], &[]),
        (
            "another option",
            vec![rename("Tone", "Loud", "Shrill")],
            vec![rename("Size", "Large", "Big")],
            &[],
            &[],
        ),
        (
            "a new one beside a removed one",
            vec![remove("Size", "Large")],
            vec![add("Tone", "Huge")],
            &[],
            &[],
        ),
        (
            "another flag",
            vec![flag.clone()],
            vec![ContractEdit::AddProperty { name: "Wide".into(), property: Property::boolean(Some(true)) }],
            &[],
            &[],
        ),
        (
            "the same option",
            vec![rename("Tone", "Loud", "Shrill")],
            vec![rename("Tone", "Shrill", "Soft")],
            &[],
            &[
                "children/1:6/name",
                "componentPropertyDefinitions/Tone/variantOptions/Loud",
                "components/1:6/name",
                "2:2/componentProperties/Tone/value",
            ],
        ),
        ("the same default", vec![default("Size", "Large")], vec![], &[], &[]),
        (
            "what was added is taken away by hand",
            vec![flag.clone()],
            vec![ContractEdit::RemoveProperty { name: "Busy".into() }],
            &[],
            &[],
        ),
    ];
    for (what, sync, by_hand, replaced, kept) in cases {
        let synced = edited(FILE, &id, &sync);
        assert_ne!(synced, FILE, "{what}");
        let mut now = edited(&synced, &id, &by_hand);
        for (from, to) in replaced {
            assert_eq!(now.matches(from).count(), 1, "{what}");
            now = now.replace(from, to);
        }
        let (after, said) = merged(&synced, FILE, &now, &id);
        let boxes = said.iter().filter(|place| !place.contains("absoluteBoundingBox")).collect::<Vec<_>>();
        assert_eq!(boxes, kept, "{what}");
        for (_, to) in replaced {
            assert!(after.contains(to), "{what}: {to}");
        }
        if kept.is_empty() {
            // As if the sync had never been.
            let mut without = edited(FILE, &id, &by_hand);
            for (from, to) in replaced {
                without = without.replace(from, to);
            }
            assert_eq!(contract(&after, &id), contract(&without, &id), "{what}");
            let (again, _) = merged(FILE, &synced, &after, &id);
            assert_eq!(contract(&again, &id), contract(&edited(&after, &id, &sync), &id), "{what}: redone");
        }
    }
}

#[test]
fn a_variant_that_was_redrawn_since_stays_with_its_option() {
    let id = NodeId::from("1:1");
    let add = ContractEdit::AddOption { property: "Tone".into(), option: "Huge".into() };
    let synced = edited(FILE, &id, &[add]);
    let new = state(&synced, &id);
    assert_ne!(new, state(FILE, &id));
    let name = "\"name\": \"Size=Small,Tone=Huge\",";
    assert!(synced.contains(name), "{synced}");
    let now = synced.replacen(name, &format!("{name}\n                \"opacity\": 0.5,"), 1);
    let (after, kept) = merged(&synced, FILE, &now, &id);
    assert!(after.contains("\"opacity\": 0.5"));
    assert!(
        contract(&after, &id).properties[&"Tone".into()].options().any(|option| option.as_str() == "Huge")
    );
    assert!(kept.iter().any(|place| place.starts_with("children/")), "{kept:?}");
    // Nothing else of the sync is left.
    assert!(!after.contains("Size=Large, Tone=Huge"), "{after}");
}

/// Places of a contract: its properties, their options and defaults.
fn places(contract: &Contract) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    for (name, property) in &contract.properties {
        places.insert(format!("{name}"));
        places.extend(property.options().map(|option| format!("{name}={option}")));
    }
    places
}

fn check(file: &str, path: &str, which: u16, sync: &[Choice], by_hand: &[Choice]) -> bool {
    let component = pick(&figma::read(file.as_bytes(), path).unwrap().components, which).unwrap();
    let id = component.node_id.clone();
    if figma::node_state(&Document::parse(file.as_bytes(), path).unwrap(), &id).is_err() {
        return false;
    }
    let chosen = |file: &str, choices: &[Choice]| {
        let scan = figma::read(file.as_bytes(), path).unwrap();
        let component = scan.component(&id).unwrap();
        choices.iter().filter_map(|choice| edit_of(component, *choice)).collect::<Vec<_>>()
    };
    let synced = edited(file, &id, &chosen(file, sync));
    let now = edited(&synced, &id, &chosen(&synced, by_hand));
    let (after, kept) = merged(&synced, file, &now, &id);
    let context = || format!("{path} {id} {sync:?} {by_hand:?}, kept {kept:?}");
    let [from, to, stood, got] = [&synced, file, &now, &after].map(|file| places(&contract(file, &id)));
    assert!(got.iter().all(|place| stood.contains(place) || to.contains(place)), "invented: {}", context());
    assert!(stood.difference(&from).all(|place| got.contains(place)), "lost: {}", context());
    assert!(
        from.difference(&stood).all(|place| !got.contains(place) || to.contains(place)),
        "brought back: {}",
        context()
    );
    if kept.is_empty() {
        let expected: BTreeSet<String> = (stood.iter())
            .filter(|place| !from.contains(*place) || to.contains(*place))
            .chain(to.difference(&from))
            .cloned()
            .collect();
        assert_eq!(got, expected, "{}", context());
    }
    // What nobody else edited comes back to the byte, and what was not turned stays.
    for (from, to, stands) in [(&*synced, file, &*synced), (&*synced, &*synced, &*now)] {
        let wanted = if from == stands { to } else { stands };
        let (got, kept) = merged(from, to, stands, &id);
        let differs = got.lines().zip(wanted.lines()).find(|(got, wanted)| got != wanted);
        assert_eq!((differs, got == wanted, &*kept), (None, true, &[][..]), "{}", context());
    }
    synced != *file && now != synced
}

fn run(file: &str, path: &str, cases: u32) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let made = std::cell::Cell::new(0);
    let choices = || prop::collection::vec(any::<Choice>(), 1..4);
    runner
        .run(&(any::<u16>(), choices(), choices()), |(which, sync, by_hand)| {
            made.set(made.get() + u32::from(check(file, path, which, &sync, &by_hand)));
            Ok(())
        })
        .unwrap();
    assert!(made.get() > cases / 6, "{path}: only {} merges", made.get());
}

#[test]
fn random_edits_by_two_are_merged_without_loss() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme/design/acme.figma.json");
    run(&std::fs::read_to_string(path).unwrap(), "acme.figma.json", 12);
    run(FILE, "kit.json", 96);
}
