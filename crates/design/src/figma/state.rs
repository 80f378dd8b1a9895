//! The whole state of one component in a file, for snapshots and for putting it back.

use std::collections::{HashMap, HashSet};

use lockstep_core::contract::{CanonicalError, hash_of};
use lockstep_core::edit::{TextEdit, apply_text_edits};
use serde::{Deserialize, Serialize};

use super::Document;
use super::json::{List, Member, Object, Opening, Piece, Value, parse_kept, parse_new, text_edits};
use crate::{DesignError, NodeId};

/// All bytes of a file that belong to one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeState {
    /// The component.
    pub node_id: NodeId,
    /// Its node's JSON, as it is written.
    pub(super) node: String,
    /// Its entry in the top-level `componentSets`, where it has one.
    pub(super) set_entry: Option<String>,
    /// Its own entry and those of its variants in the top-level `components`, in their order.
    pub(super) entries: Vec<EntryState>,
    /// The properties of its instances elsewhere in the file.
    pub(super) instances: Vec<InstanceState>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EntryState {
    pub(super) id: String,
    /// Key and value, as they are written.
    pub(super) member: String,
    /// The entry before it.
    pub(super) after: Option<String>,
    /// What stands before and after it: blanks, commas, brackets.
    pub(super) gaps: (String, String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct InstanceState {
    pub(super) id: String,
    pub(super) properties: String,
}

impl NodeState {
    /// Whether the component is the same in both, whatever stands around it: as equal hashes say, without making any.
    pub fn is_like(&self, other: &Self) -> bool {
        fn entries(state: &NodeState) -> impl Iterator<Item = (&str, &str)> {
            state.entries.iter().map(|entry| (entry.id.as_str(), entry.member.as_str()))
        }
        self.node_id == other.node_id
            && self.node == other.node
            && self.set_entry == other.set_entry
            && self.instances == other.instances
            && entries(self).eq(entries(other))
    }

    /// The hash of what the component is, whatever stands around it.
    ///
    /// # Errors
    /// Never for a state that [`node_state`] made: it holds texts only.
    pub fn hash(&self) -> Result<String, CanonicalError> {
        let entries: Vec<_> = self.entries.iter().map(|entry| (&entry.id, &entry.member)).collect();
        hash_of(&(&self.node_id, &self.node, &self.set_entry, entries, &self.instances))
    }
}

/// Takes the state of one component.
///
/// # Errors
/// When the file has no such node.
pub fn node_state(document: &Document<'_>, node_id: &NodeId) -> Result<NodeState, DesignError> {
    let file = document.text();
    let span = document.span(node_id).ok_or_else(|| no_such_node(document, node_id))?;
    let set_entry = set_entries(document).and_then(|sets| Some(sets.get(node_id.as_str(), file)?.text(file)));
    let mut entries = Vec::new();
    if let Some(map) = entry_map(document) {
        for index in own_entries(&own_ids(document, node_id), node_id, &map, file) {
            let Some(member) = map.items().get(index) else { continue };
            entries.push(EntryState {
                id: member.key(file),
                member: member.text(file),
                after: index.checked_sub(1).and_then(|before| map.items().get(before)).map(|it| it.key(file)),
                gaps: (map.gap(index, file).to_owned(), map.gap(index + 1, file).to_owned()),
            });
        }
    }
    let shown = own_ids(document, node_id);
    let instances = document
        .instances()
        .iter()
        .filter(|instance| shown.contains(&instance.component_id))
        .filter(|instance| !span.contains(&instance.properties.start))
        .map(|instance| InstanceState {
            id: instance.id.clone(),
            properties: file.get(instance.properties.clone()).unwrap_or_default().to_owned(),
        })
        .collect();
    let node = file.get(span).unwrap_or_default().to_owned();
    Ok(NodeState { node_id: node_id.clone(), node, set_entry, entries, instances })
}

/// What a component's state consists of while it is edited.
pub(super) struct Parts<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) node_id: &'d NodeId,
    pub(super) node: String,
    /// The ids of its variants.
    pub(super) variants: Vec<String>,
    /// The top-level `components`.
    pub(super) entries: Option<&'d Object>,
    /// Those of its instances elsewhere in the file that were looked at, with their properties.
    pub(super) instances: Vec<(String, String)>,
}

impl Parts<'_> {
    /// The hash that the state has once the file is written so.
    pub(super) fn hash(self) -> Result<String, CanonicalError> {
        let (document, file) = (self.document, self.document.text());
        let ids: HashSet<String> = self.variants.into_iter().chain([self.node_id.to_string()]).collect();
        let set_entry =
            set_entries(document).and_then(|sets| Some(sets.get(self.node_id.as_str(), file)?.text(file)));
        let own = self.entries.map(|map| (map, own_entries(&ids, self.node_id, map, file)));
        let entries = own.into_iter().flat_map(|(map, own)| {
            own.into_iter().filter_map(|index| map.items().get(index)).map(|member| EntryState {
                id: member.key(file),
                member: member.text(file),
                after: None,
                gaps: (String::new(), String::new()),
            })
        });
        let span = document.span(self.node_id).unwrap_or_default();
        let outside = document.instances().iter().filter(|instance| {
            ids.contains(&instance.component_id) && !span.contains(&instance.properties.start)
        });
        let instances = outside.map(|instance| {
            let edited = self.instances.iter().find(|(id, _)| *id == instance.id);
            let as_it_is = || file.get(instance.properties.clone()).unwrap_or_default().to_owned();
            let properties = edited.map_or_else(as_it_is, |(_, properties)| properties.clone());
            InstanceState { id: instance.id.clone(), properties }
        });
        let (entries, instances) = (entries.collect(), instances.collect());
        NodeState { node_id: self.node_id.clone(), node: self.node, set_entry, entries, instances }.hash()
    }
}

/// Puts a component back as it was, byte for byte; what changed elsewhere in the file stays.
///
/// # Errors
/// When the input is no Figma file, or the component's node is gone.
pub fn restore(bytes: &[u8], state: &NodeState, source: &str) -> Result<Vec<u8>, DesignError> {
    let document = Document::parse(bytes, source)?;
    let edits = restore_edits(&document, state)?;
    apply_text_edits(document.text(), &edits).map(String::into_bytes).map_err(|error| DesignError::Syntax {
        file: source.to_owned(),
        line: 1,
        column: 1,
        cause: error.to_string(),
    })
}

/// The text edits by which [`restore`] puts a component back.
///
/// # Errors
/// When the component's node is gone.
pub fn restore_edits(document: &Document<'_>, state: &NodeState) -> Result<Vec<TextEdit>, DesignError> {
    let file = document.text();
    let span = document.span(&state.node_id).ok_or_else(|| no_such_node(document, &state.node_id))?;
    let mut edits = Vec::new();
    if file.get(span.clone()) != Some(&state.node) {
        edits.push(TextEdit { start: span.start, end: span.end, insert: state.node.clone() });
    }
    if let (Some(mut sets), Some(span), Some(entry)) =
        (set_entries(document), document.component_sets(), &state.set_entry)
        && let Some(value) = sets.get_mut(state.node_id.as_str(), file)
        && value.text(file) != *entry
    {
        *value = Value::Raw(Piece::New(entry.clone()));
        edits.extend(text_edits(&Value::Object(sets), span, file));
    }
    if let Some((mut map, span)) = entry_map(document).zip(document.components()) {
        restore_entries(document, state, &mut map);
        edits.extend(text_edits(&Value::Object(map), span, file));
    }
    let before: HashMap<&str, &str> =
        state.instances.iter().map(|instance| (&*instance.id, &*instance.properties)).collect();
    for instance in document.instances() {
        let inside = span.contains(&instance.properties.start) || document.is_repeated(&instance.id);
        if let Some(properties) = before.get(&*instance.id).filter(|_| !inside)
            && file.get(instance.properties.clone()) != Some(properties)
        {
            let (start, end) = (instance.properties.start, instance.properties.end);
            edits.push(TextEdit { start, end, insert: (*properties).to_owned() });
        }
    }
    Ok(edits)
}

/// Entries that are still there keep their places, so that components can be put back in any order.
fn restore_entries(document: &Document<'_>, state: &NodeState, map: &mut Object) {
    let (file, style) = (document.text(), document.style());
    let recorded: HashSet<&str> = state.entries.iter().map(|entry| &*entry.id).collect();
    let own = own_entries(&own_ids(document, &state.node_id), &state.node_id, map, file);
    for index in own.into_iter().rev() {
        let is_new = map.items().get(index).is_some_and(|member| !recorded.contains(&*member.key(file)));
        if is_new {
            map.remove(index, file);
        }
    }
    for entry in &state.entries {
        let Value::Object(mut holder) = parse_new(&format!("{{{}}}", entry.member), Opening::Flat) else {
            continue;
        };
        let Some(member) = List::pop(&mut holder) else { continue };
        if let Some(at) = map.position(&entry.id, file) {
            if let Some(present) = map.items_mut().get_mut(at).filter(|it| it.text(file) != entry.member) {
                *present = member;
            }
            continue;
        }
        let at = match &entry.after {
            None => 0,
            Some(before) => map.position(before, file).map_or(map.items().len(), |before| before + 1),
        };
        map.insert(at, member, "", style, file);
        map.set_gap(at, &entry.gaps.0, file);
        map.set_gap(at + 1, &entry.gaps.1, file);
    }
}

/// The ids that a component goes by: its own and its variants'.
fn own_ids(document: &Document<'_>, node_id: &NodeId) -> HashSet<String> {
    let variants = document.component(node_id).into_iter().flat_map(|component| &component.variants);
    variants.map(|variant| &variant.node_id).chain([node_id]).map(NodeId::to_string).collect()
}

/// Where a component's entries stand in `components`, those that only name it as their set included.
fn own_entries(ids: &HashSet<String>, node_id: &NodeId, map: &Object, file: &str) -> Vec<usize> {
    let belongs = |member: &Member| {
        if member.is_one_of(ids, file) {
            return true;
        }
        let opened;
        let text = match &member.value {
            Value::Raw(piece) => piece.text(file),
            other => {
                opened = other.text(file);
                &opened
            }
        };
        // Opening each entry of a large library would be slow; few name this very set.
        text.contains(node_id.as_str())
            && parse_new(text, Opening::Flat)
                .object()
                .and_then(|entry| entry.string("componentSetId", text))
                .is_some_and(|set| set == node_id.as_str())
    };
    let entries = map.items().iter().enumerate().filter(|(_, member)| belongs(member));
    // A broken file may list an id twice; all that looks an entry up by its id finds the first.
    let is_first = |index, member: &Member| map.position(&member.key(file), file) == Some(index);
    entries.filter(|(index, member)| is_first(*index, member)).map(|(index, _)| index).collect()
}

fn entry_map(document: &Document<'_>) -> Option<Object> {
    open(document, document.components()?.start)
}

fn set_entries(document: &Document<'_>) -> Option<Object> {
    open(document, document.component_sets()?.start)
}

fn open(document: &Document<'_>, start: usize) -> Option<Object> {
    match parse_kept(document.text(), start, Opening::Flat) {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn no_such_node(document: &Document<'_>, node_id: &NodeId) -> DesignError {
    DesignError::NoSuchNode { file: document.source().to_owned(), node_id: node_id.clone() }
}
