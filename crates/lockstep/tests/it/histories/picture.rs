//! What a workspace holds, component by component, and what a turn or a merge may have made of it.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_testkit::{tree::Tree, workspace::Workspace};
use serde_json::{Map, Value};

use super::node_text::DESIGN;

/// A component, the folders of its files, its own first, and its design node.
#[derive(Debug)]
pub struct Part {
    pub name: &'static str,
    pub folders: &'static [&'static str],
    pub node: &'static str,
}

impl Part {
    /// Whether two components are edited in the same files.
    pub fn shares_with(&self, other: &Self) -> bool {
        self.folders.iter().any(|folder| other.folders.contains(folder))
    }

    pub fn owns(&self, path: &str) -> bool {
        let inside = path.strip_prefix("src/components/").and_then(|path| path.split('/').next());
        inside.is_some_and(|folder| self.folders.contains(&folder))
    }
}

pub const PARTS: [Part; 9] = [
    Part { name: "Alert", folders: &["Alert"], node: "60:1" },
    Part { name: "Avatar", folders: &["Avatar"], node: "20:1" },
    Part { name: "Badge", folders: &["Badge"], node: "15:1" },
    Part { name: "Button", folders: &["Button"], node: "10:1" },
    Part { name: "Card", folders: &["Card"], node: "50:1" },
    Part { name: "Card.Header", folders: &["Card"], node: "51:1" },
    Part { name: "IconButton", folders: &["IconButton", "Button"], node: "12:1" },
    Part { name: "Spinner", folders: &["Spinner"], node: "85:1" },
    Part { name: "TextField", folders: &["TextField"], node: "40:1" },
];

pub fn part(name: &str) -> &'static Part {
    PARTS.iter().find(|part| part.name == name).unwrap_or_else(|| panic!("{name} is a component that moves"))
}

/// The texts of a workspace's files, and its design nodes with all that belongs to them.
#[derive(Clone)]
pub struct Picture {
    pub tree: Tree,
    files: BTreeMap<String, String>,
    nodes: BTreeMap<&'static str, Value>,
}

impl Picture {
    pub fn of(workspace: &Workspace) -> Self {
        let tree = workspace.tree();
        let read = |path: &str| (path.to_owned(), workspace.read(path));
        let files: BTreeMap<String, String> =
            tree.paths().filter(|path| path.starts_with("src/")).map(read).collect();
        let design: Value = serde_json::from_str(&workspace.read(DESIGN)).expect("the design file is JSON");
        let nodes = PARTS.iter().map(|part| (part.node, node(&design, part.node))).collect();
        Self { tree, files, nodes }
    }

    pub fn node(&self, part: &Part) -> &Value {
        &self.nodes[part.node]
    }

    /// The files of a component's folders.
    pub fn files_of(&self, part: &Part) -> BTreeMap<&str, &str> {
        let files = self.files.iter().filter(|(path, _)| part.owns(path));
        files.map(|(path, text)| (path.as_str(), text.as_str())).collect()
    }

    pub fn everything(&self) -> impl Iterator<Item = &str> {
        self.files.values().map(String::as_str)
    }
}

/// A node, its entries in the file's lists, and what instances of it show.
fn node(design: &Value, id: &str) -> Value {
    let (mut found, mut instances) = (Value::Null, Vec::new());
    let mut open = vec![&design["document"]];
    while let Some(node) = open.pop() {
        if node["id"] == id {
            found = node.clone();
        }
        if node["type"] == "INSTANCE" {
            instances.push(node);
        }
        open.extend(node["children"].as_array().into_iter().flatten());
    }
    let of = |list: &str| design[list].as_object().cloned().unwrap_or_default();
    let entries: Map<String, Value> = of("components")
        .into_iter()
        .filter(|(key, entry)| key == id || entry["componentSetId"] == id)
        .collect();
    let shown = instances.into_iter().filter(|instance| {
        instance["componentId"].as_str().is_some_and(|shown| entries.contains_key(shown) || shown == id)
    });
    let shown: Map<String, Value> =
        shown.map(|instance| (instance["id"].to_string(), instance["componentProperties"].clone())).collect();
    serde_json::json!({ "node": found, "set": of("componentSets").get(id), "entries": entries, "instances": shown })
}

/// What of a node a contract speaks of: its properties, and the names of its variants.
pub fn stated(node: &Value) -> (&Value, Vec<&Value>) {
    let variants = node["node"]["children"].as_array().into_iter().flatten();
    let variants = variants.filter(|variant| variant["type"] == "COMPONENT").map(|variant| &variant["name"]);
    (&node["node"]["componentPropertyDefinitions"], variants.collect())
}

/// Three states of one thing, and what was made of them.
pub struct Merge<'a, T: ?Sized> {
    /// What was recorded as the state that is turned.
    pub then: &'a T,
    pub now: &'a T,
    pub wanted: &'a T,
    pub got: &'a T,
}

impl Merge<'_, Value> {
    /// Where a merge of nodes dropped what was edited since, invented something, or was silent about what it left.
    pub fn faults(&self, is_said: bool) -> Vec<String> {
        let [then, now, wanted, got] = [self.then, self.now, self.wanted, self.got].map(leaves);
        let places: BTreeSet<&String> =
            [&then, &now, &wanted, &got].into_iter().flat_map(|leaves| leaves.keys()).collect();
        let fault = |place: &&String| {
            let [then, now, wanted, got] = [&then, &now, &wanted, &got].map(|leaves| leaves.get(*place));
            let expected = if now == then { wanted } else { now };
            let is_kept = is_said && got == now;
            let is_fine = got == expected || is_kept;
            (!is_fine).then(|| format!("{place}: {then:?} -> {now:?}, wanted {wanted:?}, got {got:?}"))
        };
        places.iter().filter_map(fault).collect()
    }
}

impl Merge<'_, str> {
    /// The same for lines of code.
    pub fn faults(&self, is_said: bool, is_alone: bool) -> Vec<String> {
        let [then, now, wanted, got] = [self.then, self.now, self.wanted, self.got].map(lines);
        let mut faults = Vec::new();
        let mut check = |what: &str, lines: Vec<&&str>| {
            faults.extend(lines.into_iter().map(|line| format!("{what}: {line}")));
        };
        check(
            "invented",
            got.iter().filter(|line| !now.contains(*line) && !wanted.contains(*line)).collect(),
        );
        check("dropped", now.difference(&then).filter(|line| !got.contains(*line)).collect());
        if !is_said && is_alone {
            check("not brought back", wanted.difference(&then).filter(|line| !got.contains(*line)).collect());
        }
        faults
    }
}

fn lines(text: &str) -> BTreeSet<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// Each value of a tree by its place. Nodes go by their ids, and options by themselves: both may move without changing.
fn leaves(value: &Value) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    let mut open = vec![(String::new(), value)];
    while let Some((place, value)) = open.pop() {
        match value {
            Value::Object(members) => {
                open.extend(members.iter().map(|(key, value)| (format!("{place}/{key}"), value)));
            }
            Value::Array(items) if items.iter().all(|item| item["id"].is_string()) => {
                open.extend(items.iter().map(|item| (format!("{place}/{}", item["id"]), item)));
            }
            Value::Array(items) if place.ends_with("/variantOptions") => {
                leaves.extend(items.iter().map(|item| (format!("{place}/{item}"), Value::Bool(true))));
            }
            other => _ = leaves.insert(place, other.clone()),
        }
    }
    leaves
}
