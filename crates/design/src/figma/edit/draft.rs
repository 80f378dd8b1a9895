//! A component's nodes while they are edited.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use lockstep_core::contract::PropertyName;
use lockstep_core::edit::TextEdit;

use super::node_edit::NodeEdit;
use crate::figma::Document;
use crate::figma::json::{List, Object, Opening, Piece, Style, Value, parse_kept, parse_new, text_edits};
use crate::figma::names::{PropertyKey, points, quoted};
use crate::figma::state::Parts;
use crate::{ComponentKind, ContractSource, DesignComponent, NodeId};

pub(super) const DEFINITIONS: &str = "componentPropertyDefinitions";

/// The parts of the file that edits of one component touch.
pub(super) struct Draft<'a> {
    pub document: &'a Document<'a>,
    pub file: &'a str,
    pub style: &'a Style,
    pub kind: ComponentKind,
    pub id: NodeId,
    pub node_edits: Vec<NodeEdit>,
    pub notes: Vec<String>,
    /// Ids that were given to new nodes.
    pub taken: HashSet<String>,
    pub node: Object,
    span: Range<usize>,
    source: ContractSource,
    /// The top-level `components`, its entries unopened.
    pub entries: Option<Object>,
    instances: Vec<OutsideInstance>,
}

struct OutsideInstance {
    id: String,
    span: Range<usize>,
    properties: Value,
}

/// A variant as it is drawn now.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    /// Where it is among the set's children.
    pub index: usize,
    pub id: String,
    pub name: String,
    pub points: BTreeMap<String, String>,
}

/// A property's definition as it stands now.
#[derive(Debug, Clone)]
pub(super) struct Defined {
    /// Where it is among the definitions.
    pub index: usize,
    pub key: String,
    pub kind: String,
}

impl<'a> Draft<'a> {
    /// Opens a component; `None` when its node is not in the file.
    pub fn of(document: &'a Document<'a>, component: &DesignComponent) -> Option<Self> {
        let span = document.span(&component.node_id)?;
        let file = document.text();
        let Value::Object(node) = parse_kept(file, span.start, Opening::Node) else { return None };
        let entries = document.components().map(|span| parse_kept(file, span.start, Opening::Flat));
        let shown: HashSet<&str> = component
            .variants
            .iter()
            .map(|variant| variant.node_id.as_str())
            .chain([component.node_id.as_str()])
            .collect();
        let instances = document
            .instances()
            .iter()
            .filter(|instance| shown.contains(instance.component_id.as_str()))
            .filter(|instance| !span.contains(&instance.properties.start))
            .map(|instance| OutsideInstance {
                id: instance.id.clone(),
                span: instance.properties.clone(),
                properties: parse_kept(file, instance.properties.start, Opening::Records),
            })
            .collect();
        Some(Self {
            document,
            file,
            style: document.style(),
            kind: component.kind,
            id: component.node_id.clone(),
            node_edits: Vec::new(),
            notes: Vec::new(),
            taken: HashSet::new(),
            node,
            span,
            source: component.source,
            entries: match entries {
                Some(Value::Object(entries)) => Some(entries),
                _ => None,
            },
            instances,
        })
    }

    /// Why nothing of this component can be edited safely, if so.
    pub fn refuse_unsafe(&self) -> Result<(), String> {
        if self.source != ContractSource::Definitions {
            return Err("its property definitions are missing, as when its variants are in conflict: resolve that in Figma first".to_owned());
        }
        let ids = self.drawn().into_iter().map(|variant| variant.id).chain([self.id.to_string()]);
        for id in ids {
            if self.document.is_repeated(&id) {
                return Err(format!(
                    "two nodes of the file have the id {}: fetch the file again",
                    quoted(&id)
                ));
            }
        }
        Ok(())
    }

    /// All replacements of the file's text so far.
    pub fn text_edits(&self) -> Vec<TextEdit> {
        let mut edits = text_edits(&Value::Object(self.node.clone()), self.span.clone(), self.file);
        if let Some((entries, span)) = self.entries.clone().zip(self.document.components()) {
            edits.extend(text_edits(&Value::Object(entries), span, self.file));
        }
        for instance in &self.instances {
            edits.extend(text_edits(&instance.properties, instance.span.clone(), self.file));
        }
        edits.sort_by_key(|edit| (edit.start, edit.end));
        edits
    }

    /// The hash of the component's state in the edited file.
    pub fn state_hash(&self) -> Option<String> {
        let instances = self.instances.iter();
        let parts = Parts {
            document: self.document,
            node_id: &self.id,
            node: Value::Object(self.node.clone()).text(self.file),
            variants: self.drawn().into_iter().map(|variant| variant.id).collect(),
            entries: self.entries.as_ref(),
            instances: instances.map(|one| (one.id.clone(), one.properties.text(self.file))).collect(),
        };
        parts.hash().ok()
    }

    /// The variants as they are drawn now. One whose name can't be read shows no points.
    pub fn drawn(&self) -> Vec<Drawn> {
        let children = self.node.get("children", self.file).and_then(Value::array);
        let variant = |(index, child): (usize, &Value)| {
            let node = child.object()?;
            if node.string("type", self.file)? != "COMPONENT" {
                return None;
            }
            let name = node.string("name", self.file).unwrap_or_default();
            let points = points(&name).unwrap_or_default();
            let points = points
                .into_iter()
                .map(|point| (point.property.to_owned(), point.option.to_owned()))
                .collect();
            Some(Drawn { index, id: node.string("id", self.file)?, name, points })
        };
        children.map(List::items).unwrap_or_default().iter().enumerate().filter_map(variant).collect()
    }

    /// The variants, all of which must have names that state their points.
    pub fn readable(&self) -> Result<Vec<Drawn>, String> {
        let drawn = self.drawn();
        match drawn.iter().find(|variant| variant.points.is_empty()) {
            Some(odd) => Err(format!(
                "the variant {} has a name that states no options: rename it first",
                quoted(&odd.name)
            )),
            None if drawn.is_empty() => Err("it has no variants".to_owned()),
            None => Ok(drawn),
        }
    }

    /// The definition of a property.
    pub fn defined(&self, name: &PropertyName) -> Result<Defined, String> {
        let definitions = self.node.get(DEFINITIONS, self.file).and_then(Value::object);
        definitions
            .map(List::items)
            .unwrap_or_default()
            .iter()
            .enumerate()
            .find_map(|(index, member)| {
                let key = member.key(self.file);
                let kind = member.value.object()?.string("type", self.file)?;
                (PropertyKey::of(&key).name == name.as_str()).then_some(Defined { index, key, kind })
            })
            .ok_or_else(|| format!("{} is not defined here", quoted(name.as_str())))
    }

    /// The definition of a variant property.
    pub fn defined_variant(&self, name: &PropertyName) -> Result<Defined, String> {
        let defined = self.defined(name)?;
        if defined.kind == "VARIANT" {
            return Ok(defined);
        }
        Err(format!("{} is no variant property", quoted(name.as_str())))
    }

    pub fn definitions(&mut self) -> Option<&mut Object> {
        self.node.get_mut(DEFINITIONS, self.file)?.object_mut()
    }

    pub fn definition(&mut self, key: &str) -> Option<&mut Object> {
        let file = self.file;
        self.definitions()?.get_mut(key, file)?.object_mut()
    }

    pub fn children(&mut self) -> Option<&mut List<Value>> {
        self.node.get_mut("children", self.file)?.array_mut()
    }

    /// The entry of a component in the top-level `components`, opened.
    pub fn entry(&mut self, id: &str) -> Option<&mut Object> {
        let file = self.file;
        let value = self.entries.as_mut()?.get_mut(id, file)?;
        if let Value::Raw(piece) = value {
            *value = match piece {
                Piece::Kept(range) => parse_kept(file, range.start, Opening::Flat),
                Piece::New(text) => parse_new(text, Opening::Flat),
            };
        }
        value.object_mut()
    }

    /// Gives a variant another name, in its node and in its entry.
    pub fn rename_variant(&mut self, variant: &Drawn, name: String) {
        if name == variant.name {
            return;
        }
        let (file, json) = (self.file, self.style.string(&name));
        if let Some(node) =
            self.children().and_then(|children| children.items_mut().get_mut(variant.index)?.object_mut())
        {
            node.set("name", json.clone(), file);
        }
        if let Some(entry) = self.entry(&variant.id) {
            entry.set("name", json, file);
        }
        self.node_edits.push(NodeEdit::RenameVariant {
            id: variant.id.as_str().into(),
            from: variant.name.clone(),
            to: name,
        });
    }

    /// Removes variants, their entries with them.
    pub fn remove_variants(&mut self, gone: &[Drawn]) {
        let file = self.file;
        let mut last_first: Vec<&Drawn> = gone.iter().collect();
        last_first.sort_by_key(|variant| std::cmp::Reverse(variant.index));
        for variant in last_first {
            if let Some(children) = self.children() {
                children.remove(variant.index, file);
            }
            if let Some(entries) = &mut self.entries
                && let Some(index) = entries.position(&variant.id, file)
            {
                entries.remove(index, file);
            }
        }
        for variant in gone {
            let (id, name) = (variant.id.as_str().into(), variant.name.clone());
            self.node_edits.push(NodeEdit::RemoveVariant { id, name });
        }
        let ids: HashSet<&str> = gone.iter().map(|variant| variant.id.as_str()).collect();
        let instances = self.document.instances().iter();
        let orphans = instances.filter(|instance| ids.contains(instance.component_id.as_str())).count();
        if orphans > 0 {
            self.notes.push(format!(
                "{orphans} instances in this file show a variant that goes: swap them in Figma"
            ));
        }
    }

    /// Changes the properties of every instance of this component in the file; `change` says whether it did.
    pub fn each_instance(&mut self, change: &mut dyn FnMut(&mut Object) -> bool) {
        let file = self.file;
        for instance in &mut self.instances {
            if instance.properties.object_mut().is_some_and(&mut *change) {
                self.node_edits.push(NodeEdit::UpdateInstance { id: instance.id.as_str().into() });
            }
        }
        let shown: HashSet<String> =
            self.drawn().into_iter().map(|variant| variant.id).chain([self.id.to_string()]).collect();
        let mut inside = Vec::new();
        each_node(&mut self.node, file, &mut |node| {
            let is_ours = node.string("componentId", file).is_some_and(|id| shown.contains(&id));
            let id = node.string("id", file);
            let properties = node.get_mut("componentProperties", file).and_then(Value::object_mut);
            if is_ours && properties.is_some_and(&mut *change) {
                inside.extend(id.map(|id| NodeEdit::UpdateInstance { id: id.as_str().into() }));
            }
        });
        self.node_edits.append(&mut inside);
    }
}

/// Visits a node and all below it; their depth was bounded when the file was read.
pub(super) fn each_node(node: &mut Object, file: &str, visit: &mut dyn FnMut(&mut Object)) {
    visit(node);
    if let Some(children) = node.get_mut("children", file).and_then(Value::array_mut) {
        for child in children.items_mut() {
            if let Some(child) = child.object_mut() {
                each_node(child, file, visit);
            }
        }
    }
}
