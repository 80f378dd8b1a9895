//! Drawing a variant by copying another, under ids of its own.

use std::collections::HashMap;

use lockstep_core::contract::sha256_hex;

use super::draft::{Draft, Drawn, each_node};
use super::grid::shift;
use super::node_edit::NodeEdit;
use crate::figma::json::{Cursor, Member, Opening, Value, parse_new};

impl Draft<'_> {
    /// Copies a variant under another name, `down` pixels further down.
    pub fn clone_variant(&mut self, template: &Drawn, name: String, down: f64) {
        let (file, style) = (self.file, self.style);
        let Some(source) = self.children().and_then(|children| children.items().get(template.index).cloned())
        else {
            return;
        };
        let ids = self.fresh_ids(source.clone(), &name);
        let Some(id) = ids.get(&template.id).cloned() else { return };
        let mut copy = parse_new(&with_ids(&source.text(file), &ids, self), Opening::Node);
        if let Some(node) = copy.object_mut() {
            node.set("name", style.string(&name), file);
            shift(node, down, file);
        }
        if let Some(children) = self.children() {
            children.insert(children.items().len(), copy, "", style, file);
        }
        self.clone_entry(template, &id, &name);
        self.node_edits.push(NodeEdit::AddVariant {
            clone_of: template.id.as_str().into(),
            id: id.as_str().into(),
            name,
        });
    }

    /// Copies a variant's entry in the top-level `components`, after those of the other variants.
    fn clone_entry(&mut self, template: &Drawn, id: &str, name: &str) {
        let (file, style) = (self.file, self.style);
        let Some(text) =
            self.entries.as_ref().and_then(|entries| Some(entries.get(&template.id, file)?.text(file)))
        else {
            return;
        };
        let mut entry = parse_new(&text, Opening::Flat);
        if let Some(object) = entry.object_mut() {
            object.set("name", style.string(name), file);
            object.set("key", style.string(&sha256_hex(format!("component {id}").as_bytes())[..40]), file);
        }
        let drawn = self.drawn();
        if let Some(entries) = &mut self.entries {
            let last = drawn.iter().filter_map(|variant| entries.position(&variant.id, file)).max();
            let at = last.map_or(entries.items().len(), |last| last + 1);
            entries.insert(at, Member::new(style.string(id), entry, style), "", style, file);
        }
    }

    /// An id for every node of a copy: a session number derived from the set and the new name, so that planning again
    /// gives the same, moved on while the file uses it already.
    fn fresh_ids(&mut self, mut source: Value, name: &str) -> HashMap<String, String> {
        let file = self.file;
        let mut old = Vec::new();
        if let Some(node) = source.object_mut() {
            each_node(node, file, &mut |node| old.extend(node.string("id", file)));
        }
        let mut salt = 0_u32;
        loop {
            let session = self.session(name, salt);
            let new: Vec<String> = (1..=old.len()).map(|counter| format!("{session}:{counter}")).collect();
            if new.iter().all(|id| !self.document.has_id(id) && !self.taken.contains(id)) {
                self.taken.extend(new.iter().cloned());
                return old.into_iter().zip(new).collect();
            }
            salt += 1;
        }
    }

    /// A session number that Figma's own counters won't reach.
    pub fn session(&self, name: &str, salt: u32) -> u32 {
        let digest = sha256_hex(format!("{}\n{name}\n{salt}", self.id).as_bytes());
        let number = u32::from_str_radix(&digest[..7], 16).unwrap_or(salt);
        1_000_000_000 + number
    }
}

/// The members whose texts are ids of nodes.
const ID_KEYS: [&str; 6] =
    ["id", "transitionNodeID", "destinationId", "nodeId", "exposedInstances", "maskedBy"];

/// A copy's text with its own nodes' ids replaced, wherever the copy refers to them.
fn with_ids(text: &str, ids: &HashMap<String, String>, draft: &Draft<'_>) -> String {
    let cursor = Cursor::new(text);
    let mut copy = String::with_capacity(text.len());
    let mut key = "";
    let (mut done, mut at) = (0, 0);
    while let Some(byte) = cursor.byte(at) {
        if byte != b'"' {
            at += 1;
            continue;
        }
        let end = cursor.string_end(at);
        let inner = cursor.slice(at + 1, end.saturating_sub(1));
        if cursor.byte(cursor.blanks(end)) == Some(b':') {
            key = inner;
        } else if ID_KEYS.contains(&key)
            && let Some(new) = new_id(inner, ids)
        {
            copy.push_str(cursor.slice(done, at));
            copy.push_str(&draft.style.string(&new));
            done = end;
        }
        at = end;
    }
    copy.push_str(cursor.slice(done, text.len()));
    copy
}

/// Nodes inside an instance have ids of the form `I<instance>;<node of the main component>`: there only the instance
/// is one of the copy's own nodes.
fn new_id(old: &str, ids: &HashMap<String, String>) -> Option<String> {
    if let Some((instance, rest)) = old.strip_prefix('I').and_then(|path| path.split_once(';'))
        && let Some(new) = ids.get(instance)
    {
        return Some(format!("I{new};{rest}"));
    }
    ids.get(old).cloned()
}
