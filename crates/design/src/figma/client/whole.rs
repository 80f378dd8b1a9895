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
    let texts = || outline.pages().iter().filter_map(|page| Some(&*pages.get(&page.id)?.document));
    let children = |out: &mut Vec<u8>| write_array(out, texts());
    let root = outline.root().and_then(|root| serde_json::from_str::<RawObject>(root.get()).ok());
    let root = root.unwrap_or_default();
    let document = |out: &mut Vec<u8>| root.write(out, &[("children", &children)]);
    let components = |out: &mut Vec<u8>| entries(outline, pages, out, "components", |page| &page.components);
    let sets = |out: &mut Vec<u8>| entries(outline, pages, out, "componentSets", |page| &page.component_sets);
    let styles = |out: &mut Vec<u8>| entries(outline, pages, out, "styles", |page| &page.styles);
    let mut bytes = Vec::with_capacity(texts().map(|text| text.get().len()).sum::<usize>() + 4096);
    outline.written.write(
        &mut bytes,
        &[
            ("components", &components),
            ("componentSets", &sets),
            ("styles", &styles),
            ("document", &document),
        ],
    );
    WholeFile {
        name: outline.name.clone(),
        version: outline.version.clone(),
        last_modified: outline.last_modified.clone(),
        pages: outline.pages().len(),
        bytes,
    }
}

/// What the outline lists under a name, and after it what the pages list.
fn entries(
    outline: &FileOutline,
    pages: &BTreeMap<String, NodeEntry>,
    out: &mut Vec<u8>,
    name: &str,
    of: fn(&NodeEntry) -> &BTreeMap<String, Box<RawValue>>,
) {
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
    write_object(out, stated.chain(found));
}
