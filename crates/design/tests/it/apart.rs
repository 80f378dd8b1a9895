//! Edits of components that stand apart are planned on one file and made at once: it is as if each were made alone, and
//! each is taken back alone.

use lockstep_core::edit::{ContractEdit, TextEdit, apply_text_edits};
use lockstep_design::{
    NodeId,
    figma::{self, Document, Owners},
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::{
    edits_random::{Choice, edit_of, pick},
    shared::{WHOLE_FILES, real},
};

fn planned(document: &Document<'_>, id: &NodeId, edits: &[ContractEdit]) -> Vec<TextEdit> {
    figma::plan_edits(document, id, edits).unwrap().text_edits
}

/// Whether the two stand apart and both are edited.
fn check(file: &str, path: &str, which: [u16; 2], choices: &[Vec<Choice>; 2]) -> bool {
    let parse = |text: &'_ str| Document::parse(text.as_bytes(), path).map(drop).is_ok();
    let base = Document::parse(file.as_bytes(), path).unwrap();
    let chosen = which.map(|which| pick(base.design_components(), which).unwrap());
    let edits = [0, 1].map(|side| {
        let made = choices[side].iter().filter_map(|choice| edit_of(&chosen[side], *choice));
        made.collect::<Vec<_>>()
    });
    let ids = chosen.each_ref().map(|component| &component.node_id);
    let texts = [0, 1].map(|side| planned(&base, ids[side], &edits[side]));
    let owners = Owners::of(&base);
    let grounds = [0, 1].map(|side| owners.ground(ids[side], &texts[side]));
    let [Some(one), Some(other)] = &grounds else { return false };
    assert_eq!(one.is_apart_from(other), other.is_apart_from(one), "{path}: {ids:?}");
    if !one.is_apart_from(other) || texts.iter().any(Vec::is_empty) {
        return false;
    }
    let states = ids.map(|id| figma::node_state(&base, id).unwrap());
    let at_once = apply_text_edits(file, &texts.concat()).unwrap();
    assert!(parse(&at_once), "{path}: {edits:#?}");
    for (first, then) in [(0, 1), (1, 0)] {
        let alone = apply_text_edits(file, &texts[first]).unwrap();
        let document = Document::parse(alone.as_bytes(), path).unwrap();
        let second = planned(&document, ids[then], &edits[then]);
        assert!(apply_text_edits(&alone, &second).unwrap() == at_once, "{path}: {ids:?} {edits:#?}");
        let without = figma::restore(at_once.as_bytes(), &states[then], path).unwrap();
        assert!(without == alone.as_bytes(), "{path}: {} is taken back: {edits:#?}", ids[then]);
        let neither = figma::restore(&without, &states[first], path).unwrap();
        assert!(neither == file.as_bytes(), "{path}: both are taken back: {edits:#?}");
    }
    true
}

fn run(file: &str, path: &str, cases: u32) -> usize {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let apart = std::cell::Cell::new(0);
    let choices = || prop::collection::vec(any::<Choice>(), 1..4);
    runner
        .run(&(any::<[u16; 2]>(), choices(), choices()), |(which, one, other)| {
            apart.set(apart.get() + usize::from(check(file, path, which, &[one, other])));
            Ok(())
        })
        .unwrap();
    apart.get()
}

#[test]
fn components_apart_are_edited_at_once_as_if_each_were_alone() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme/design/acme.figma.json");
    let apart = run(&std::fs::read_to_string(path).unwrap(), "acme.figma.json", 96);
    assert!(apart > 10, "only {apart} pairs stood apart");
    for path in WHOLE_FILES {
        let Some(bytes) = real(path) else { return };
        let file = String::from_utf8(bytes).unwrap();
        run(&file, path, if file.len() > 1_000_000 { 6 } else { 48 });
    }
}

/// A file of two components of which the second shows the first.
const NESTED: &str = r#"{"document":{"id":"0:0","name":"Document","type":"DOCUMENT","children":[
{"id":"1:1","name":"Icon","type":"COMPONENT","componentPropertyDefinitions":{"Label#1:0":{"type":"TEXT","defaultValue":"a"}}},
{"id":"2:1","name":"Card","type":"COMPONENT","componentPropertyDefinitions":{"Title#2:0":{"type":"TEXT","defaultValue":"b"}},
 "children":[{"id":"2:2","name":"Icon","type":"INSTANCE","componentId":"1:1","componentProperties":{"Label#1:0":{"type":"TEXT","value":"a"}}}]},
{"id":"3:1","name":"Tag","type":"COMPONENT","componentPropertyDefinitions":{"Text#3:0":{"type":"TEXT","defaultValue":"c"}}}
]},"components":{"1:1":{"key":"k1","name":"Icon"},"2:1":{"key":"k2","name":"Card"},"3:1":{"key":"k3","name":"Tag"}},
"componentSets":{},"schemaVersion":0,"styles":{},"name":"N","version":"1"}"#;

#[test]
fn what_is_drawn_in_another_is_not_apart_from_it() {
    let document = Document::parse(NESTED.as_bytes(), "nested").unwrap();
    let owners = Owners::of(&document);
    let ground = |id: &str, from: &str| {
        let edit = ContractEdit::RenameProperty { from: from.into(), to: "Other".into() };
        let edits = planned(&document, &id.into(), &[edit]);
        assert!(!edits.is_empty());
        owners.ground(&id.into(), &edits).unwrap()
    };
    let (icon, card, tag) = (ground("1:1", "Label"), ground("2:1", "Title"), ground("3:1", "Text"));
    assert!(!icon.is_apart_from(&card));
    assert!(!card.is_apart_from(&icon));
    assert!(!icon.is_apart_from(&icon));
    assert!(icon.is_apart_from(&tag));
    assert!(card.is_apart_from(&tag));
}
