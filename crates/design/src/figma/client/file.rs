//! A file's version, its pages, and its nodes in chunks.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Figma, FigmaError, Tier};

/// The most nodes that one call asks for.
pub const MAX_NODES: usize = 400;
/// How many calls for nodes run at once.
const AT_ONCE: usize = 3;

/// What a file is now, for one cheap call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FileMeta {
    /// The file's name.
    pub name: String,
    /// When it was last touched.
    pub last_touched_at: String,
    /// Its version: another one after each change.
    pub version: Option<String>,
}

#[derive(Deserialize)]
struct MetaAnswer {
    file: FileMeta,
}

/// A file without what stands on its pages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FileOutline {
    /// The file's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its root.
    document: Outline,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Outline {
    #[serde(default)]
    children: Vec<Page>,
}

/// A page of a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Page {
    /// The page's node.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl FileOutline {
    /// The file's pages, in their order.
    pub fn pages(&self) -> &[Page] {
        &self.document.children
    }
}

/// A node with everything below it, and the components that it speaks of.
#[derive(Debug, Deserialize)]
pub struct NodeEntry {
    /// The node as Figma wrote it.
    pub document: Box<RawValue>,
    /// Components by node.
    #[serde(default)]
    pub components: BTreeMap<String, Box<RawValue>>,
    /// Component sets by node.
    #[serde(default, rename = "componentSets")]
    pub component_sets: BTreeMap<String, Box<RawValue>>,
}

#[derive(Deserialize)]
struct NodesAnswer {
    nodes: BTreeMap<String, Option<NodeEntry>>,
}

impl Figma {
    /// The file's version and name: what to ask before anything else.
    ///
    /// # Errors
    /// As every call.
    pub async fn file_meta(&self, key: &str) -> Result<FileMeta, FigmaError> {
        let answer: MetaAnswer = self.get(Tier::Two, &["v1", "files", key, "meta"], &[]).await?;
        Ok(answer.file)
    }

    /// The file's pages, without what stands on them. A branch is asked for by its own key.
    ///
    /// # Errors
    /// As every call.
    pub async fn file_outline(&self, key: &str) -> Result<FileOutline, FigmaError> {
        self.get(Tier::One, &["v1", "files", key], &[("depth", "1")]).await
    }

    /// Nodes with all below them, in chunks of at most [`MAX_NODES`], a few at once. A chunk that is too much for Figma
    /// is halved. `None` stands for a node that the file doesn't have.
    ///
    /// # Errors
    /// As every call; the first failure ends it.
    pub async fn nodes(
        &self,
        key: &str,
        ids: &[String],
    ) -> Result<BTreeMap<String, Option<NodeEntry>>, FigmaError> {
        // Owned, so that what is made here may cross threads.
        let chunks: Vec<Vec<String>> = ids.chunks(MAX_NODES).map(<[String]>::to_vec).collect();
        let answers: Vec<_> = stream::iter(chunks.into_iter().map(|chunk| self.chunk(key, chunk)))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(answers.into_iter().flatten().collect())
    }

    async fn chunk(
        &self,
        key: &str,
        ids: Vec<String>,
    ) -> Result<BTreeMap<String, Option<NodeEntry>>, FigmaError> {
        let mut found = BTreeMap::new();
        let mut waiting = vec![ids];
        while let Some(mut ids) = waiting.pop() {
            let path = ["v1", "files", key, "nodes"];
            match self.get::<NodesAnswer>(Tier::One, &path, &[("ids", &ids.join(","))]).await {
                Ok(answer) => {
                    found.extend(answer.nodes);
                    for id in ids {
                        found.entry(id).or_insert(None);
                    }
                }
                Err(error) if error.asks_for_less() && ids.len() > 1 => {
                    let rest = ids.split_off(ids.len() / 2);
                    waiting.extend([rest, ids]);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}
