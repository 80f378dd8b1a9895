//! Nodes in chunks; what is too much for one answer is asked for in smaller parts.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{
    Figma, FigmaError, Tier,
    raw::{RawObject, write_array},
};

/// The most nodes that one call asks for.
pub const MAX_NODES: usize = 400;
/// How many calls for nodes run at once.
const AT_ONCE: usize = 3;
/// How many levels below a node its parts are asked for one by one, where it is too large for an answer of its own.
const MAX_DESCENT: usize = 4;
/// How many refusals of one reading are answered by asking for less: each costs a call, and what is refused for
/// another reason would be refused to the end.
const MAX_SPLITS: usize = 64;

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
    /// Styles by their id.
    #[serde(default)]
    pub styles: BTreeMap<String, Box<RawValue>>,
    /// The version of the file that it is of; empty where its parts are of several.
    #[serde(skip)]
    pub version: String,
}

/// Nodes by their ids; `None` stands for a node that the file doesn't have.
pub type Nodes = BTreeMap<String, Option<NodeEntry>>;

#[derive(Deserialize)]
struct NodesAnswer {
    version: String,
    nodes: Nodes,
}

#[derive(Deserialize)]
struct Child {
    id: String,
}

type Reading<'a, T> = Pin<Box<dyn Future<Output = Result<T, FigmaError>> + Send + 'a>>;

impl Figma {
    /// Nodes with all below them, in chunks of at most [`MAX_NODES`], a few at once. A chunk that is too much for Figma
    /// is halved; a node that is too much alone is put together from what stands in it.
    ///
    /// # Errors
    /// As every call; the first failure ends it.
    pub async fn nodes(&self, key: &str, ids: &[String]) -> Result<Nodes, FigmaError> {
        let splits = AtomicUsize::new(0);
        Parts { figma: self, key, splits: &splits }.nodes(ids.to_vec(), 0).await
    }
}

/// One reading of nodes.
#[derive(Clone, Copy)]
struct Parts<'a> {
    figma: &'a Figma,
    key: &'a str,
    splits: &'a AtomicUsize,
}

impl<'a> Parts<'a> {
    fn nodes(self, ids: Vec<String>, descent: usize) -> Reading<'a, Nodes> {
        Box::pin(async move {
            // Owned, so that what is made here may cross threads.
            let chunks: Vec<Vec<String>> = ids.chunks(MAX_NODES).map(<[String]>::to_vec).collect();
            let answers: Vec<_> = stream::iter(chunks.into_iter().map(|chunk| self.chunk(chunk, descent)))
                .buffer_unordered(AT_ONCE)
                .try_collect()
                .await?;
            Ok(answers.into_iter().flatten().collect())
        })
    }

    async fn chunk(self, ids: Vec<String>, descent: usize) -> Result<Nodes, FigmaError> {
        let mut found = Nodes::new();
        let mut waiting = vec![ids];
        while let Some(mut ids) = waiting.pop() {
            match self.ask(&ids, &[]).await {
                Ok(nodes) => {
                    found.extend(nodes);
                    for id in ids {
                        found.entry(id).or_insert(None);
                    }
                }
                Err(error) if error.asks_for_less() && self.may_split() => match &ids[..] {
                    [id] if descent < MAX_DESCENT => {
                        let node = self.in_parts(id, descent).await?;
                        found.insert(id.clone(), node);
                    }
                    [_] => return Err(error),
                    _ => {
                        let rest = ids.split_off(ids.len() / 2);
                        waiting.extend([rest, ids]);
                    }
                },
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    fn may_split(&self) -> bool {
        self.splits.fetch_add(1, Ordering::Relaxed) < MAX_SPLITS
    }

    async fn ask(&self, ids: &[String], more: &[(&str, &str)]) -> Result<Nodes, FigmaError> {
        let path = ["v1", "files", self.key, "nodes"];
        let ids = ids.join(",");
        let query: Vec<_> = [("ids", ids.as_str())].into_iter().chain(more.iter().copied()).collect();
        let mut answer: NodesAnswer = self.figma.get(Tier::One, &path, &query).await?;
        for node in answer.nodes.values_mut().flatten() {
            node.version.clone_from(&answer.version);
        }
        Ok(answer.nodes)
    }

    /// A node that is too large for an answer: without what stands in it, then that.
    async fn in_parts(self, id: &str, descent: usize) -> Result<Option<NodeEntry>, FigmaError> {
        let malformed = |error: serde_json::Error| FigmaError::Malformed {
            call: format!("GET /v1/files/{}/nodes", self.key),
            cause: error.to_string(),
        };
        let mut shell = self.ask(&[id.to_owned()], &[("depth", "1")]).await?;
        let Some(mut node) = shell.remove(id).flatten() else { return Ok(None) };
        let written: RawObject = serde_json::from_str(node.document.get()).map_err(malformed)?;
        let Some(children) = written.get("children") else { return Ok(Some(node)) };
        let children: Vec<Child> = serde_json::from_str(children.get()).map_err(malformed)?;
        let ids = children.iter().map(|child| child.id.clone()).collect();
        let mut parts = self.nodes(ids, descent + 1).await?;
        let mut texts = Vec::with_capacity(children.len());
        for child in children {
            let Some(part) = parts.remove(&child.id).flatten() else {
                return Err(FigmaError::Incomplete { key: self.key.to_owned(), node: child.id });
            };
            if part.version != node.version {
                node.version.clear();
            }
            node.components.extend(part.components);
            node.component_sets.extend(part.component_sets);
            node.styles.extend(part.styles);
            texts.push(part.document);
        }
        let mut document = Vec::new();
        let children = |out: &mut Vec<u8>| write_array(out, texts.iter().map(|text| &**text));
        written.write(&mut document, &[("children", &children)]);
        let document = String::from_utf8(document).unwrap_or_default();
        node.document = RawValue::from_string(document).or_else(|_| to_raw_value(&())).map_err(malformed)?;
        Ok(Some(node))
    }
}
