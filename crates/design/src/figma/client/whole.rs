//! A whole file, put together from small answers into the one that `GET /v1/files/:key` would give.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::{
    Figma, FigmaError, FileOutline, NodeEntry,
    raw::{RawObject, write_array, write_object},
};

/// How often the pages are read again when the file changes meanwhile.
const ROUNDS: usize = 3;

/// A whole file of one version.
#[derive(Debug, Clone)]
pub struct WholeFile {
    /// The file's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// When it was last modified, as Figma writes it.
    pub last_modified: String,
    /// How many pages it has.
    pub pages: usize,
    /// The file in the shape of `GET /v1/files/:key`.
    pub bytes: Vec<u8>,
}

impl Figma {
    /// A whole file: its pages first, then what stands on them. All of it is of one version: what was read while
    /// somebody changed the file is read again. `told` hears how many of how many pages are there.
    ///
    /// # Errors
    /// As every call; when the file doesn't hold still ([`FigmaError::Unsteady`]), or Figma leaves out a page.
    pub async fn whole_file(
        &self,
        key: &str,
        told: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<WholeFile, FigmaError> {
        let mut pages: BTreeMap<String, NodeEntry> = BTreeMap::new();
        for _ in 0..ROUNDS {
            let outline = self.file_outline(key).await?;
            pages.retain(|_, page| page.version == outline.version);
            let missing: Vec<String> = outline
                .pages()
                .iter()
                .filter(|page| !pages.contains_key(&page.id))
                .map(|page| page.id.clone())
                .collect();
            told(pages.len(), outline.pages().len());
            let mut gone = None;
            for (id, node) in self.nodes(key, &missing).await? {
                match node {
                    Some(node) => _ = pages.insert(id, node),
                    None => gone = Some(id),
                }
            }
            told(pages.len(), outline.pages().len());
            let of_outline = |page: &NodeEntry| page.version == outline.version;
            match gone {
                // Where nothing else changed either, asking again would get the same answer.
                Some(node) if pages.values().all(of_outline) => {
                    return Err(FigmaError::Incomplete { key: key.to_owned(), node });
                }
                None if pages.values().all(of_outline) => return Ok(whole(&outline, &pages)),
                _ => {}
            }
        }
        Err(FigmaError::Unsteady { key: key.to_owned() })
    }
}

/// The answer with the pages in their places, and what all parts say of components and styles.
fn whole(outline: &FileOutline, pages: &BTreeMap<String, NodeEntry>) -> WholeFile {
    let mut texts = outline.pages().iter().filter_map(|page| pages.get(&page.id));
    let mut children = Vec::new();
    write_array(&mut children, texts.by_ref().map(|page| page.document.get().as_bytes()));
    let root = outline.root().and_then(|root| serde_json::from_str::<RawObject>(root.get()).ok());
    let mut document = Vec::new();
    root.unwrap_or_default().write(&mut document, &[("children", &children)]);
    drop(children);
    let entries = |name: &str, of: fn(&NodeEntry) -> &BTreeMap<String, Box<RawValue>>| {
        let stated = outline.written.get(name).and_then(|text| serde_json::from_str(text.get()).ok());
        let stated: RawObject = stated.unwrap_or_default();
        let known: BTreeSet<&str> = stated.0.iter().map(|(id, _)| id.as_str()).collect();
        let found: BTreeMap<&str, &RawValue> = pages
            .values()
            .flat_map(of)
            .filter(|(id, _)| !known.contains(id.as_str()))
            .map(|(id, text)| (id.as_str(), &**text))
            .collect();
        let stated = stated.0.iter().map(|(id, text)| (id.as_str(), &**text));
        let mut out = Vec::new();
        write_object(&mut out, stated.chain(found).map(|(id, text)| (id, text.get().as_bytes())));
        out
    };
    let components = entries("components", |page| &page.components);
    let sets = entries("componentSets", |page| &page.component_sets);
    let styles = entries("styles", |page| &page.styles);
    let mut bytes = Vec::with_capacity(document.len() + components.len() + sets.len() + styles.len() + 1024);
    let parts = [
        ("components", components.as_slice()),
        ("componentSets", &sets),
        ("styles", &styles),
        ("document", &document),
    ];
    outline.written.write(&mut bytes, &parts);
    WholeFile {
        name: outline.name.clone(),
        version: outline.version.clone(),
        last_modified: outline.last_modified.clone(),
        pages: outline.pages().len(),
        bytes,
    }
}
