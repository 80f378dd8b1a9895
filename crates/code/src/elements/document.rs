//! A manifest as a whole: its modules, declarations and what they take over from each other.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    ElementModule, ElementsManifest,
    element::{Declaration, Source, element},
    experimental,
};

#[derive(Deserialize)]
struct Package<'t> {
    #[serde(borrow, default)]
    modules: Option<Vec<Module<'t>>>,
    /// The form before version 1.
    #[serde(borrow, default)]
    tags: Option<Vec<&'t RawValue>>,
}

#[derive(Deserialize)]
struct Module<'t> {
    #[serde(default)]
    path: String,
    #[serde(borrow, default)]
    declarations: Option<Vec<&'t RawValue>>,
    #[serde(borrow, default)]
    exports: Option<Vec<&'t RawValue>>,
}

#[derive(Deserialize)]
struct Export {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    declaration: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

/// Elements take over from others through no more steps than this.
const DEEPEST: usize = 16;

/// Reads the text of a manifest.
///
/// # Errors
/// When it is no JSON, or JSON of another kind.
pub(crate) fn read(text: &str) -> Result<ElementsManifest, serde_json::Error> {
    let package: Package<'_> = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
    let source = Source { text };
    let mut manifest = ElementsManifest::default();
    if let Some(tags) = &package.tags {
        experimental::read(&source, tags, &mut manifest);
        return Ok(manifest);
    }
    let modules = package.modules.unwrap_or_default();
    let mut declared: Vec<(usize, Declaration<'_>)> = Vec::new();
    for (module, declarations) in modules.iter().map(|module| &module.declarations).enumerate() {
        for raw in declarations.iter().flatten() {
            match serde_json::from_str::<Declaration<'_>>(raw.get()) {
                Ok(declaration) => declared.push((module, declaration.at(source.offset(raw.get())))),
                Err(error) => manifest.unread.push((source.offset(raw.get()), error.to_string())),
            }
        }
    }
    let tags = defined_tags(&modules);
    let by_name: HashMap<&str, &Declaration<'_>> =
        declared.iter().rev().map(|(_, declaration)| (&*declaration.name, declaration)).collect();
    for (index, module) in modules.iter().enumerate() {
        let mut elements = Vec::new();
        for (_, declaration) in declared.iter().filter(|(of, _)| *of == index) {
            let tag =
                declaration.tag_name.as_deref().or_else(|| tags.get(&*declaration.name).map(String::as_str));
            if let Some(tag) = tag {
                elements.push(element(&source, tag, declaration, &ancestors(declaration, &by_name)));
            }
        }
        if !elements.is_empty() {
            manifest.modules.push(ElementModule { path: module.path.clone(), elements });
        }
    }
    Ok(manifest)
}

/// The tags that modules define, by the class that each is.
fn defined_tags(modules: &[Module<'_>]) -> HashMap<String, String> {
    let exports = modules.iter().flat_map(|module| module.exports.iter().flatten());
    exports
        .filter_map(|raw| serde_json::from_str::<Export>(raw.get()).ok())
        .filter(|export| export.kind == "custom-element-definition")
        .filter_map(|export| Some((export.declaration?.name, export.name)))
        .collect()
}

/// The classes and mixins that a class is made of, the nearest first.
fn ancestors<'d, 't>(
    declaration: &Declaration<'t>,
    by_name: &HashMap<&str, &'d Declaration<'t>>,
) -> Vec<&'d Declaration<'t>> {
    let mut found: Vec<&'d Declaration<'t>> = Vec::new();
    let mut pending: Vec<&str> = declaration.bases().collect();
    pending.reverse();
    while let Some(name) = pending.pop() {
        let Some(base) = by_name.get(name) else { continue };
        if found.len() >= DEEPEST || found.iter().any(|known| std::ptr::eq(*known, *base)) {
            continue;
        }
        found.push(base);
        pending.extend(base.bases());
    }
    found
}
