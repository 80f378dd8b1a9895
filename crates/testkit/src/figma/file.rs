//! A design file as a server has it, and what it answers of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// A file on the server.
#[derive(Debug, Clone)]
pub struct ServedFile {
    /// The file in the shape of `GET /v1/files/:key`.
    pub whole: Value,
    /// Nodes that are answered with `null`, though the file has them.
    pub null_nodes: Vec<String>,
    /// The most nodes of an answer; more are refused by this status.
    pub largest: Option<(usize, u16)>,
}

impl ServedFile {
    /// A file that is served as it is.
    pub fn of(whole: Value) -> Self {
        Self { whole, null_nodes: Vec::new(), largest: None }
    }

    /// Its version.
    pub fn version(&self) -> &str {
        self.whole["version"].as_str().unwrap_or_default()
    }

    /// Gives it another version, as any edit does.
    pub fn set_version(&mut self, version: &str) {
        self.whole["version"] = json!(version);
    }

    /// Its version and name alone.
    pub fn meta(&self) -> Value {
        json!({ "file": {
            "name": self.whole["name"],
            "last_touched_at": self.whole["lastModified"],
            "version": self.version(),
            "editorType": "figma",
            "creator": { "id": "1", "handle": "ada", "img_url": "" },
        } })
    }

    /// The file, with nodes so many levels below its root.
    pub fn file(&self, depth: Option<usize>) -> Value {
        let mut answer = self.whole.clone();
        if let Some(depth) = depth {
            cut(&mut answer["document"], depth);
            // What is not shown is not listed either.
            answer["components"] = json!({});
            answer["componentSets"] = json!({});
        }
        answer
    }

    /// Nodes, with so many levels below each.
    pub fn nodes(&self, ids: &[&str], depth: Option<usize>) -> Value {
        let mut answer = self.whole.as_object().cloned().unwrap_or_default();
        for part in ["document", "components", "componentSets", "styles", "schemaVersion"] {
            answer.remove(part);
        }
        let nodes: Map<String, Value> =
            ids.iter().map(|id| ((*id).to_owned(), self.entry(id, depth))).collect();
        answer.insert("nodes".to_owned(), Value::Object(nodes));
        Value::Object(answer)
    }

    /// How many nodes there are in and below some, with so many levels below each.
    pub fn count(&self, ids: &[&str], depth: Option<usize>) -> usize {
        let found = ids.iter().filter_map(|id| find(&self.whole["document"], id));
        found.map(|node| count(node, depth.unwrap_or(usize::MAX))).sum()
    }

    fn entry(&self, id: &str, depth: Option<usize>) -> Value {
        let hidden = self.null_nodes.iter().any(|hidden| hidden == id);
        let Some(node) = find(&self.whole["document"], id).filter(|_| !hidden) else { return Value::Null };
        let mut document = node.clone();
        if let Some(depth) = depth {
            cut(&mut document, depth);
        }
        let mut ids = Vec::new();
        ids_of(&document, &mut ids);
        let of_components =
            ids.iter().filter_map(|id| self.whole["components"][id]["componentSetId"].as_str());
        let sets: Vec<String> = of_components.map(str::to_owned).collect();
        let ids: BTreeSet<String> = ids.into_iter().chain(sets).collect();
        let listed = |part: &str| -> Value {
            let all = self.whole[part].as_object();
            let listed = all.into_iter().flatten().filter(|(id, _)| ids.contains(*id));
            Value::Object(listed.map(|(id, entry)| (id.clone(), entry.clone())).collect())
        };
        json!({
            "document": document,
            "components": listed("components"),
            "componentSets": listed("componentSets"),
            "schemaVersion": 0,
            "styles": self.whole["styles"],
        })
    }
}

fn children(node: &Value) -> impl Iterator<Item = &Value> {
    node["children"].as_array().into_iter().flatten()
}

fn find<'a>(node: &'a Value, id: &str) -> Option<&'a Value> {
    if node["id"] == id { Some(node) } else { children(node).find_map(|child| find(child, id)) }
}

fn count(node: &Value, depth: usize) -> usize {
    if depth == 0 { 1 } else { 1 + children(node).map(|child| count(child, depth - 1)).sum::<usize>() }
}

/// The nodes, and the components that instances among them are of.
fn ids_of(node: &Value, ids: &mut Vec<String>) {
    ids.extend(node["id"].as_str().map(str::to_owned));
    ids.extend(node["componentId"].as_str().map(str::to_owned));
    children(node).for_each(|child| ids_of(child, ids));
}

/// Leaves so many levels below a node, and of the last one no children.
fn cut(node: &mut Value, depth: usize) {
    let Some(children) = node["children"].as_array_mut() else { return };
    if depth == 0 {
        children.clear();
    }
    children.iter_mut().for_each(|child| cut(child, depth - 1));
}
