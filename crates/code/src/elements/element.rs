//! One element: its attributes and fields, its slots, and the class behind it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value as Json, value::RawValue};

use super::Element;
use crate::facts::{ComponentFacts, DeclaredProperty, Doc, Range, Slot, Text, Type, Value, snippet};

/// The text of a manifest, of which everything that is read is a part.
pub(super) struct Source<'t> {
    pub text: &'t str,
}

/// A declaration of a class or a mixin.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Declaration<'t> {
    #[serde(borrow, default)]
    pub name: Cow<'t, str>,
    #[serde(default)]
    pub tag_name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    deprecated: Json,
    #[serde(default)]
    superclass: Option<Map<String, Json>>,
    #[serde(default)]
    mixins: Option<Vec<Map<String, Json>>>,
    #[serde(borrow, default)]
    members: Option<Vec<&'t RawValue>>,
    #[serde(borrow, default)]
    attributes: Option<Vec<&'t RawValue>>,
    #[serde(borrow, default)]
    slots: Option<Vec<&'t RawValue>>,
    #[serde(skip)]
    start: usize,
}

/// A member, an attribute or a slot, with where it stands.
pub(super) struct Entry<'t> {
    raw: &'t str,
    start: usize,
    json: Map<String, Json>,
}

impl<'t> Source<'t> {
    /// Where a part of the text starts.
    pub fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len())
    }

    /// A part as an object; nothing of another kind.
    pub fn entry(&self, raw: &'t RawValue) -> Option<Entry<'t>> {
        let raw = raw.get();
        Some(Entry { raw, start: self.offset(raw), json: serde_json::from_str(raw).ok()? })
    }

    fn entries(&self, all: Option<&Vec<&'t RawValue>>) -> Vec<Entry<'t>> {
        all.into_iter().flatten().filter_map(|raw| self.entry(raw)).collect()
    }
}

impl Declaration<'_> {
    /// The declaration with the byte at which it stands.
    pub fn at(self, start: usize) -> Self {
        Self { start, ..self }
    }

    /// The classes and mixins that it is made of.
    pub fn bases(&self) -> impl Iterator<Item = &str> {
        let mixins = self.mixins.iter().flatten();
        mixins.chain(&self.superclass).filter_map(|base| base.get("name")?.as_str())
    }
}

impl Entry<'_> {
    pub fn text(&self, key: &str) -> Option<&str> {
        self.json.get(key)?.as_str()
    }

    pub fn json(&self, key: &str) -> Option<&Json> {
        self.json.get(key)
    }

    pub fn range(&self) -> Range {
        range(self.start, self.raw.len())
    }

    fn is(&self, key: &str) -> bool {
        self.json.get(key).and_then(Json::as_bool).unwrap_or(false)
    }

    pub fn doc(&self) -> Option<Box<Doc>> {
        let description = self.text("description").or_else(|| self.text("summary"));
        doc(description, self.json.get("deprecated"))
    }

    /// The type: what analysers wrote out goes before the text of the source.
    pub fn ty(&self) -> Option<Type> {
        let written =
            ["parsedType", "expandedType", "type"].iter().find_map(|key| match self.json.get(*key)? {
                Json::String(text) => Some(text.as_str()),
                Json::Object(ty) => ty.get("text")?.as_str(),
                _ => None,
            })?;
        let text = match written.trim() {
            "array" | "Array" => "unknown[]",
            "function" | "Function" => "() => void",
            other => other,
        };
        let start = self.start_of(written);
        Some(snippet::type_at(text, start).unwrap_or_else(|| Type::Other(excerpt(text))))
    }

    pub fn default(&self) -> Option<Value> {
        let written = self.text("default")?;
        // `"'start'"`: analysers quote the source's own quotes again.
        let inner = written.strip_prefix("\"'").and_then(|rest| rest.strip_suffix("'\""));
        let text = inner.map_or_else(|| written.to_owned(), |inner| format!("'{inner}'"));
        snippet::value_at(&text, self.start_of(written))
    }

    /// Where a text of the entry starts in the manifest.
    fn start_of(&self, text: &str) -> usize {
        let quoted = serde_json::to_string(text).unwrap_or_default();
        self.start + self.raw.find(&quoted).unwrap_or_default() + 1
    }

    /// Whether it is a field that others may set.
    fn is_public_field(&self) -> bool {
        self.text("kind") == Some("field")
            && !self.is("static")
            && !matches!(self.text("privacy"), Some("private" | "protected"))
            && !self.text("name").is_some_and(|name| name.starts_with(['_', '#']))
    }

    /// The property that it declares, under a name.
    pub fn property(&self, name: &str) -> DeclaredProperty {
        DeclaredProperty {
            name: name.into(),
            range: self.range(),
            ty: self.ty(),
            definition: None,
            default: self.default(),
            doc: self.doc(),
        }
    }

    pub fn slot(&self) -> Slot {
        let name = self.text("name").filter(|name| !name.is_empty()).unwrap_or("default");
        Slot { name: name.into(), range: self.range(), doc: self.doc() }
    }
}

/// The element that a declaration is, with what it takes over.
pub(super) fn element<'t>(
    source: &Source<'t>,
    tag: &str,
    declaration: &Declaration<'t>,
    ancestors: &[&Declaration<'t>],
) -> Element {
    let mut component = ComponentFacts {
        range: range(declaration.start, 1),
        class: Some((*declaration.name).into()),
        ..ComponentFacts::default()
    };
    for layer in std::iter::once(declaration).chain(ancestors.iter().copied()) {
        let attributes = source.entries(layer.attributes.as_ref());
        let fields = source.entries(layer.members.as_ref());
        for field in fields.iter().filter(|field| field.is_public_field()) {
            let Some(name) = field.text("name") else { continue };
            let attribute = attributes.iter().find(|attribute| attribute.text("fieldName") == Some(name));
            if field.text("attribute").is_some() || attribute.is_some() {
                let mut property = field.property(name);
                if let Some(attribute) = attribute {
                    property.ty = property.ty.or_else(|| attribute.ty());
                    property.default = property.default.or_else(|| attribute.default());
                    property.doc = property.doc.or_else(|| attribute.doc());
                }
                component.declare(property);
            } else {
                component.set_aside(name);
            }
        }
        for attribute in &attributes {
            let has_field = fields.iter().any(|field| {
                field.text("name") == attribute.text("fieldName")
                    || field.text("attribute").is_some() && field.text("attribute") == attribute.text("name")
            });
            if let Some(name) = attribute.text("name").filter(|_| !has_field) {
                component.declare(attribute.property(name));
            }
        }
        source.entries(layer.slots.as_ref()).iter().for_each(|slot| component.add_slot(slot.slot()));
    }
    let description = declaration.description.as_deref().filter(|text| !text.is_empty());
    let doc = doc(description.or(declaration.summary.as_deref()), Some(&declaration.deprecated));
    Element { tag: tag.into(), component, doc }
}

/// What a description and a mark of deprecation say.
pub(super) fn doc(description: Option<&str>, deprecated: Option<&Json>) -> Option<Box<Doc>> {
    let deprecated = match deprecated {
        Some(Json::Bool(true)) => Some(Text::from("")),
        Some(Json::String(why)) if why == "true" => Some(Text::from("")),
        Some(Json::String(why)) if why != "false" => Some(Text::from(why.as_str())),
        _ => None,
    };
    let text = description.map(str::trim).filter(|text| !text.is_empty()).map(Text::from);
    (text.is_some() || deprecated.is_some()).then(|| Box::new(Doc { text, deprecated, default: None }))
}

fn range(start: usize, length: usize) -> Range {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Range { start: place(start), end: place(start + length) }
}

fn excerpt(text: &str) -> Text {
    text.chars().take(80).collect::<String>().into()
}
