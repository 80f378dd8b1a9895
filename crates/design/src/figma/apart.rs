//! Which components of a file can be edited at once, by edits that were each planned on the file as it is.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use lockstep_core::edit::TextEdit;

use super::Document;
use super::json::{Cursor, Opening, parse_new};
use crate::NodeId;

/// Who owns what of a file.
#[derive(Debug)]
pub struct Owners<'d> {
    document: &'d Document<'d>,
    /// The component that each of its own and its variants' nodes belongs to.
    of_node: HashMap<&'d str, &'d NodeId>,
    /// The bytes of each component's entries in the file's lists, with the blanks and commas around them.
    entries: HashMap<NodeId, Vec<Range<usize>>>,
}

/// What belongs to one component, and what its edits replace.
#[derive(Debug)]
pub struct Ground {
    node_id: NodeId,
    /// Its node, and its entries in the file's lists.
    own: Vec<Range<usize>>,
    /// The components that its node shows instances of.
    shown: BTreeSet<NodeId>,
    edits: Vec<Range<usize>>,
}

impl<'d> Owners<'d> {
    /// Of a file.
    pub fn of(document: &'d Document<'d>) -> Self {
        let mut of_node = HashMap::new();
        for component in document.design_components() {
            for variant in &component.variants {
                of_node.insert(variant.node_id.as_str(), &component.node_id);
            }
            of_node.insert(component.node_id.as_str(), &component.node_id);
        }
        let mut owners = Self { document, of_node, entries: HashMap::new() };
        for list in [document.components(), document.component_sets()].into_iter().flatten() {
            owners.take_in(list.start);
        }
        owners
    }

    /// The entries of a list, each with all that stands between its neighbours.
    fn take_in(&mut self, list: usize) {
        let cursor = Cursor::new(self.document.text());
        let mut members: Vec<(String, Range<usize>, usize)> = Vec::new();
        let mut at = cursor.separator(list + 1);
        while cursor.byte(at) == Some(b'"') {
            let (key, value) = cursor.member(at);
            let end = cursor.value_end(value);
            members.push((key, at..end, value));
            at = cursor.separator(end);
        }
        for (index, (key, span, value)) in members.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|before| members.get(before));
            let around = before.map_or(list, |(_, before, _)| before.end)
                ..members.get(index + 1).map_or(at, |(_, after, _)| after.start);
            let owner = match self.of_node.get(key.as_str()) {
                Some(owner) => Some((*owner).clone()),
                None => set_of(cursor.slice(*value, span.end)),
            };
            if let Some(owner) = owner {
                self.entries.entry(owner).or_default().push(around);
            }
        }
    }

    /// The ground of a component that gets these edits; nothing where its node is not in the file.
    pub fn ground(&self, node_id: &NodeId, edits: &[TextEdit]) -> Option<Ground> {
        let node = self.document.span(node_id)?;
        let shown = self
            .document
            .instances()
            .iter()
            .filter(|instance| node.contains(&instance.properties.start))
            .filter_map(|instance| self.of_node.get(instance.component_id.as_str()))
            .map(|owner| (*owner).clone())
            .collect();
        let entries = self.entries.get(node_id).into_iter().flatten().cloned();
        Some(Ground {
            node_id: node_id.clone(),
            own: std::iter::once(node).chain(entries).collect(),
            shown,
            edits: edits.iter().map(|edit| edit.start..edit.end).collect(),
        })
    }
}

impl Ground {
    /// Whether the edits of two components come to the same in any order, and each can be taken back by itself: neither is
    /// drawn in the other, and no edit of one touches what belongs to the other or an edit of it.
    pub fn is_apart_from(&self, other: &Self) -> bool {
        let shows = |one: &Self, other: &Self| one.shown.contains(&other.node_id);
        let meet = |some: &[Range<usize>], others: &[Range<usize>]| {
            some.iter().any(|one| others.iter().any(|other| touch(one, other)))
        };
        let nodes = self.own.first().zip(other.own.first());
        !shows(self, other)
            && !shows(other, self)
            && self.node_id != other.node_id
            && nodes.is_some_and(|(one, other)| !touch(one, other))
            && !meet(&self.edits, &other.own)
            && !meet(&other.edits, &self.own)
            && !meet(&self.edits, &other.edits)
    }
}

/// Whether two ranges share a byte, or one begins where the other ends.
fn touch(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start <= other.end && other.start <= one.end
}

/// The set that an entry says it belongs to.
fn set_of(entry: &str) -> Option<NodeId> {
    let value = parse_new(entry, Opening::Flat);
    Some(value.object()?.string("componentSetId", entry)?.into())
}
