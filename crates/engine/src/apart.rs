//! Which components can be written at once: those that stand apart, so that writing them together comes to the same as one
//! after another, in any order, and each can be taken back alone.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use lockstep_core::edit::TextEdit;
use lockstep_design::{
    NodeId,
    figma::{Ground, Owners},
};

use crate::{
    documents::Documents, error::EngineError, registry::Current, sides::places_of, workspace::WorkspacePath,
};

/// What is written for one component.
pub(crate) struct Writing<'w> {
    pub(crate) code: BTreeSet<&'w WorkspacePath>,
    /// By design file and node.
    pub(crate) design: Vec<(&'w WorkspacePath, &'w NodeId, &'w [TextEdit])>,
}

/// What the components so far write, and what those depend on.
#[derive(Default)]
pub(crate) struct Apart<'d> {
    written: BTreeSet<String>,
    read: BTreeSet<String>,
    designs: BTreeMap<WorkspacePath, (Owners<'d>, Vec<Ground>)>,
}

impl<'d> Apart<'d> {
    /// Takes a component in, unless it does not stand apart from those that were.
    pub(crate) fn takes(
        &mut self,
        current: &Current,
        index: usize,
        writing: Writing<'_>,
        documents: &'d Documents<'_>,
    ) -> Result<bool, EngineError> {
        let written: BTreeSet<String> = writing.code.iter().map(ToString::to_string).collect();
        let mut read = files_about(current, index);
        read.extend(written.iter().cloned());
        if !self.written.is_disjoint(&read) || !self.read.is_disjoint(&written) {
            return Ok(false);
        }
        let mut new = Vec::new();
        for (file, node, edits) in writing.design {
            let (owners, grounds) = match self.designs.entry(file.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert((Owners::of(documents.open(file)?.1), Vec::new())),
            };
            let ground = owners
                .ground(node, edits)
                .ok_or_else(|| EngineError::Bug(format!("{file} has no node {node}, which is edited")))?;
            if !grounds.iter().all(|other| ground.is_apart_from(other)) {
                return Ok(false);
            }
            new.push((file.clone(), ground));
        }
        for (file, ground) in new {
            self.designs.entry(file).and_modify(|(_, grounds)| grounds.push(ground));
        }
        self.written.extend(written);
        self.read.extend(read);
        Ok(true)
    }
}

/// The files that say what a component is: those with its declarations, its stories and what connects it.
pub(crate) fn files_about(current: &Current, index: usize) -> BTreeSet<String> {
    let component = &current.sides.components[index].component;
    let places = places_of(component).chain([&component.declared]).chain(&component.props_type);
    let stories = current.stories(index).map(|story| &story.declared);
    let connections = current.connections(index).map(|connection| &connection.declared);
    places.chain(stories).chain(connections).map(|place| place.file.to_string()).collect()
}
