//! The form of manifests before version 1, which some analysers still write: a list of `tags`.

use serde_json::value::RawValue;

use super::{
    Element, ElementModule, ElementsManifest,
    element::{Entry, Source, doc},
};
use crate::facts::{ComponentFacts, Text};

/// Reads the tags of a manifest.
pub(super) fn read<'t>(source: &Source<'t>, tags: &[&'t RawValue], manifest: &mut ElementsManifest) {
    for raw in tags {
        let Some(tag) = source.entry(raw) else {
            manifest.unread.push((source.offset(raw.get()), "it is no object".to_owned()));
            continue;
        };
        let Some(name) = tag.text("name") else {
            manifest.unread.push((source.offset(raw.get()), "it has no name".to_owned()));
            continue;
        };
        if !name.contains('-') {
            manifest.unread.push((source.offset(raw.get()), format!("`{name}` is no name of an element")));
            continue;
        }
        let path = tag.text("path").unwrap_or_default().to_owned();
        let element = element(source, name.into(), raw, &tag);
        match manifest.modules.iter_mut().find(|module| module.path == path) {
            Some(module) => module.elements.push(element),
            None => manifest.modules.push(ElementModule { path, elements: vec![element] }),
        }
    }
}

#[derive(serde::Deserialize)]
struct Parts<'t> {
    #[serde(borrow, default)]
    attributes: Option<Vec<&'t RawValue>>,
    #[serde(borrow, default)]
    properties: Option<Vec<&'t RawValue>>,
    #[serde(borrow, default)]
    slots: Option<Vec<&'t RawValue>>,
}

fn element<'t>(source: &Source<'t>, tag: Text, raw: &'t RawValue, entry: &Entry<'t>) -> Element {
    let mut component = ComponentFacts { range: entry.range(), ..ComponentFacts::default() };
    let parts = serde_json::from_str::<Parts<'t>>(raw.get()).ok();
    let entries = |all: Option<Vec<&'t RawValue>>| -> Vec<Entry<'t>> {
        all.into_iter().flatten().filter_map(|raw| source.entry(raw)).collect()
    };
    if let Some(parts) = parts {
        let properties = entries(parts.properties);
        for property in &properties {
            let Some(name) = property.text("name").filter(|name| !name.starts_with('_')) else { continue };
            match property.text("attribute") {
                Some(_) => component.declare(property.property(name)),
                None => component.set_aside(name),
            }
        }
        for attribute in entries(parts.attributes) {
            let Some(name) = attribute.text("name") else { continue };
            if properties.iter().all(|property| property.text("attribute") != Some(name)) {
                component.declare(attribute.property(name));
            }
        }
        entries(parts.slots).iter().for_each(|slot| component.add_slot(slot.slot()));
    }
    Element { tag, component, doc: doc(entry.text("description"), entry.json("deprecated")) }
}
