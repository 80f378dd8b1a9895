//! A file with the places of its nodes, as edits need them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::json::{Cursor, Style, decode};
use super::read::text_of;
use crate::{DesignComponent, DesignError, NodeId};

/// A Figma file that was read, with the byte spans of its components.
#[derive(Debug)]
pub struct Document<'a> {
    source: String,
    text: &'a str,
    read: Vec<Arc<DesignComponent>>,
    style: Style,
    nodes: HashMap<String, Range<usize>>,
    repeated: HashSet<String>,
    ids: HashSet<String>,
    instances: Vec<InstanceSpan>,
    components: Option<Range<usize>>,
    component_sets: Option<Range<usize>>,
}

/// An instance, and where the values of its properties stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InstanceSpan {
    pub id: String,
    pub component_id: String,
    pub properties: Range<usize>,
}

impl<'a> Document<'a> {
    /// Reads a file for editing. `source` is the file's name in what is reported.
    ///
    /// # Errors
    /// As [`super::read`].
    pub fn parse(bytes: &'a [u8], source: &str) -> Result<Self, DesignError> {
        let scan = super::read(bytes, source)?;
        Self::of_known(bytes, source, scan.components.into_iter().map(Arc::new).collect())
    }

    /// The same of a file that was read before: these are the design components that were found in these very bytes.
    ///
    /// # Errors
    /// When the bytes are no text.
    pub fn of_known(
        bytes: &'a [u8],
        source: &str,
        read: Vec<Arc<DesignComponent>>,
    ) -> Result<Self, DesignError> {
        let json = text_of(bytes, source)?;
        // Offsets count from the file's first byte, its byte-order mark included.
        let text = std::str::from_utf8(bytes).unwrap_or(json);
        let start = text.len() - json.len();
        let mut document = Self {
            source: source.to_owned(),
            text,
            read,
            style: Style::of(json),
            nodes: HashMap::new(),
            repeated: HashSet::new(),
            ids: HashSet::new(),
            instances: Vec::new(),
            components: None,
            component_sets: None,
        };
        document.index(start);
        Ok(document)
    }

    /// The design components that reading the file found, in its order.
    pub fn design_components(&self) -> &[Arc<DesignComponent>] {
        &self.read
    }

    /// The design component of that node.
    pub fn component(&self, node_id: &NodeId) -> Option<&DesignComponent> {
        self.read.iter().map(Arc::as_ref).find(|component| component.node_id == *node_id)
    }

    /// The file's text, byte-order mark included: what text edits apply to.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The byte span of a component's or set's node.
    pub fn span(&self, node_id: &NodeId) -> Option<Range<usize>> {
        self.nodes.get(node_id.as_str()).cloned()
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn style(&self) -> &Style {
        &self.style
    }

    /// The blanks right before an offset.
    pub(crate) fn indent_before(&self, at: usize) -> &'a str {
        let before = self.text.get(..at).unwrap_or_default();
        &before[before.trim_end_matches([' ', '\t']).len()..]
    }

    /// Whether two nodes share that id.
    pub(crate) fn is_repeated(&self, id: &str) -> bool {
        self.repeated.contains(id)
    }

    pub(crate) fn has_id(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    pub(crate) fn instances(&self) -> &[InstanceSpan] {
        &self.instances
    }

    /// The span of the top-level `components`, where it is an object.
    pub(crate) fn components(&self) -> Option<Range<usize>> {
        self.components.clone()
    }

    pub(crate) fn component_sets(&self) -> Option<Range<usize>> {
        self.component_sets.clone()
    }

    fn index(&mut self, start: usize) {
        let cursor = Cursor::new(self.text);
        let mut at = cursor.separator(cursor.blanks(start) + 1);
        while cursor.byte(at) == Some(b'"') {
            let (key, value) = cursor.member(at);
            let is_object = cursor.byte(value) == Some(b'{');
            let end = if key == "document" && is_object {
                self.walk(cursor, value)
            } else {
                cursor.value_end(value)
            };
            match key.as_str() {
                "components" if is_object => self.components = Some(value..end),
                "componentSets" if is_object => self.component_sets = Some(value..end),
                _ => {}
            }
            at = cursor.separator(end);
        }
    }

    /// Walks the node tree from the root's brace, with a stack of its own; returns the end of the root.
    fn walk(&mut self, cursor: Cursor<'a>, root: usize) -> usize {
        let mut open = vec![OpenNode::at(root)];
        let mut at = cursor.separator(root + 1);
        loop {
            let Some(node) = open.last_mut() else { return at };
            match cursor.byte(at) {
                Some(b'"') => {
                    let (key, value) = cursor.member(at);
                    if key == "children" && cursor.byte(value) == Some(b'[') {
                        at = next_node(cursor, value + 1, &mut open);
                    } else {
                        let end = cursor.value_end(value);
                        node.member(&key, cursor.slice(value, end), value..end);
                        at = cursor.separator(end);
                    }
                }
                _ => {
                    let end = at + 1;
                    let closed = open.pop();
                    if let Some(closed) = closed {
                        self.close(closed, end);
                    }
                    if open.is_empty() || end >= self.text.len() {
                        return end;
                    }
                    at = next_node(cursor, end, &mut open);
                }
            }
        }
    }

    fn close(&mut self, node: OpenNode, end: usize) {
        let Some(id) = node.id else { return };
        match node.kind.as_deref() {
            Some("COMPONENT" | "COMPONENT_SET") => {
                self.nodes.entry(id.clone()).or_insert(node.start..end);
            }
            Some("INSTANCE") => {
                if let (Some(component_id), Some(properties)) = (node.component_id, node.properties) {
                    self.instances.push(InstanceSpan { id: id.clone(), component_id, properties });
                }
            }
            _ => {}
        }
        if !self.ids.insert(id.clone()) {
            self.repeated.insert(id);
        }
    }
}

/// Goes on inside an array of nodes: into the next node, or past the closing bracket to the next member of the node
/// that holds the array.
fn next_node(cursor: Cursor<'_>, mut at: usize, open: &mut Vec<OpenNode>) -> usize {
    loop {
        at = cursor.separator(at);
        match cursor.byte(at) {
            Some(b'{') => {
                open.push(OpenNode::at(at));
                return cursor.separator(at + 1);
            }
            Some(b']') | None => return cursor.separator(at + 1),
            Some(_) => at = cursor.value_end(at).max(at + 1),
        }
    }
}

struct OpenNode {
    start: usize,
    id: Option<String>,
    kind: Option<String>,
    component_id: Option<String>,
    properties: Option<Range<usize>>,
}

impl OpenNode {
    fn at(start: usize) -> Self {
        Self { start, id: None, kind: None, component_id: None, properties: None }
    }

    fn member(&mut self, key: &str, json: &str, span: Range<usize>) {
        let text = || json.starts_with('"').then(|| decode(json));
        match key {
            "id" => self.id = text(),
            "type" => self.kind = text(),
            "componentId" => self.component_id = text(),
            "componentProperties" if json.starts_with('{') => self.properties = Some(span),
            _ => {}
        }
    }
}
