//! What does not fit together in a component, so that a merge can be told from one that breaks it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{CHILDREN, DEFINITIONS, OPTIONS, drawn};
use crate::figma::NodeState;
use crate::figma::names::{PropertyKey, point_map};

/// What does not fit together, in words of its own.
pub(super) fn problems(state: &NodeState) -> BTreeSet<String> {
    let mut problems = BTreeSet::new();
    let Ok(node) = serde_json::from_str::<Value>(&state.node) else {
        return BTreeSet::from(["it can't be read".to_owned()]);
    };
    let mut twice = |what: &str, names: Vec<String>| {
        let mut seen = BTreeSet::new();
        problems.extend(names.into_iter().filter_map(|name| {
            let said = format!("{what} {name} is there twice");
            (!seen.insert(name)).then_some(said)
        }));
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let definitions: Vec<(&String, &Value)> = node[DEFINITIONS].as_object().into_iter().flatten().collect();
    let keys = |part: fn(PropertyKey<'_>) -> Option<String>| {
        definitions.iter().filter_map(|(key, _)| part(PropertyKey::of(key))).collect()
    };
    twice("the property", keys(|key| Some(key.name.to_owned())));
    twice("the property", keys(|key| key.id.map(str::to_owned)));
    let nodes = below(&node);
    twice("the node", nodes.iter().filter_map(|node| text(&node["id"])).collect());
    let variants: Vec<&Value> = node[CHILDREN]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|child| child["type"] == "COMPONENT")
        .collect();
    let named = |variant: &&Value| {
        let points = point_map(variant["name"].as_str().unwrap_or_default()).ok()?;
        Some(format!("{points:?}"))
    };
    twice("the variant", variants.iter().filter_map(named).collect());
    problems.extend(unfitting_options(&definitions, &node[CHILDREN].to_string()));
    for node in &nodes {
        for (_, key) in node["componentPropertyReferences"].as_object().into_iter().flatten() {
            if !definitions.iter().any(|(defined, _)| Some(defined.as_str()) == key.as_str()) {
                problems.insert(format!("{} shows {key}, which is not defined", node["id"]));
            }
        }
    }
    let listed: BTreeSet<&str> = state.entries.iter().map(|entry| entry.id.as_str()).collect();
    for variant in variants {
        let id = variant["id"].as_str().unwrap_or_default();
        if !listed.contains(id) {
            problems.insert(format!("{id} is not listed"));
        }
        let name = format!("\"{}\"", variant["name"].as_str().unwrap_or_default());
        if state.entries.iter().any(|entry| entry.id == id && !entry.member.contains(&name)) {
            problems.insert(format!("{id} is listed by another name"));
        }
    }
    problems
}

/// Options that are not drawn, drawn ones that are not options, and defaults that are neither.
fn unfitting_options(definitions: &[(&String, &Value)], children: &str) -> BTreeSet<String> {
    let mut problems = BTreeSet::new();
    let drawn = drawn(children);
    for (key, definition) in definitions.iter().filter(|(_, definition)| definition["type"] == "VARIANT") {
        let options: BTreeSet<String> = definition[OPTIONS]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|option| option.as_str().map(str::to_owned))
            .collect();
        let shown = drawn.get(*key).cloned().unwrap_or_default();
        let unfitting = options.symmetric_difference(&shown);
        problems.extend(unfitting.map(|option| format!("{key}={option} does not fit")));
        let default = definition["defaultValue"].as_str().unwrap_or_default();
        if !options.contains(default) {
            problems.insert(format!("{key} has no option {default}"));
        }
    }
    let defined = |key: &&String| definitions.iter().any(|(defined, _)| defined == key);
    problems.extend(drawn.keys().filter(|key| !defined(key)).map(|key| format!("{key} is not defined")));
    problems
}

/// The ids of a node and of all below it.
pub(super) fn ids(node: &str) -> BTreeSet<String> {
    let node: Value = serde_json::from_str(node).unwrap_or_default();
    below(&node).iter().filter_map(|node| node["id"].as_str().map(str::to_owned)).collect()
}

fn below(node: &Value) -> Vec<&Value> {
    let (mut open, mut found) = (vec![node], Vec::new());
    while let Some(node) = open.pop() {
        open.extend(node[CHILDREN].as_array().into_iter().flatten());
        found.push(node);
    }
    found
}
