//! Takes a step between two states of a component in a file in which it is another one by now: what only one of both
//! changed is as that one has it, what both changed stays as it is, and is said.

mod consistent;

use std::collections::{BTreeMap, BTreeSet};

use super::json::{List, Member, Object, Opening, Piece, Style, Value, parse_new};
use super::names::{PropertyKey, point_map, points};
use super::state::{EntryState, InstanceState};
use super::{Document, NodeState, node_state, restore};
use crate::{ContractSource, DesignError};
use consistent::{ids, problems};

/// Deeper than this, a value is taken as a whole.
const DEEPEST: usize = 200;

/// A file after a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What is left as it is, by its place in the component: both had changed it.
    pub kept: Vec<String>,
}

/// Takes the step from one state of a component to another in a file in which it was edited since.
///
/// # Errors
/// When the input is no Figma file, or the component's node is gone.
pub fn merge(bytes: &[u8], from: &NodeState, to: &NodeState, source: &str) -> Result<Merged, DesignError> {
    let document = Document::parse(bytes, source)?;
    let now = node_state(&document, &from.node_id)?;
    if now.is_like(from) || now.is_like(to) {
        let bytes = if now.is_like(to) { bytes.to_vec() } else { restore(bytes, to, source)? };
        return Ok(Merged { bytes, kept: Vec::new() });
    }
    let mut merging = Merging::in_style_of(&document);
    let merged = merging.state([from, to, &now], &document);
    let as_a_whole = |why: &str| Merged { bytes: bytes.to_vec(), kept: vec![why.to_owned()] };
    let new_ids = ids(&merged.node).difference(&ids(&now.node)).any(|id| document.has_id(id));
    if new_ids || !problems(&merged).is_subset(&problems(&now)) {
        return Ok(as_a_whole("all of it: both changes together make no component"));
    }
    let after = restore(bytes, &merged, source)?;
    let states = |document: &Document<'_>| {
        let component = document.component(&from.node_id);
        component.is_some_and(|component| component.source == ContractSource::Definitions)
    };
    if states(&document) && !Document::parse(&after, source).is_ok_and(|after| states(&after)) {
        return Ok(as_a_whole("all of it: merged, it can't be read"));
    }
    Ok(Merged { bytes: after, kept: merging.kept })
}

/// Three texts of one thing: before the step, after it, and as it is now.
type Three<'t> = [&'t str; 3];

struct Merging<'d> {
    style: &'d Style,
    place: Vec<String>,
    kept: Vec<String>,
    /// The merged variants, and the options that they draw.
    children: Option<String>,
    drawn: BTreeMap<String, BTreeSet<String>>,
}

/// How the items of a list are told apart, read, and merged.
struct Items<T> {
    key: fn(&T) -> String,
    text: fn(&T) -> String,
    merge: fn(&mut Merging<'_>, [&T; 3]) -> T,
}

impl<'d> Merging<'d> {
    fn in_style_of(document: &'d Document<'_>) -> Self {
        let (place, kept) = (Vec::new(), Vec::new());
        Self { style: document.style(), place, kept, children: None, drawn: BTreeMap::new() }
    }

    fn state(&mut self, [from, to, now]: [&NodeState; 3], document: &Document<'_>) -> NodeState {
        let node = self.component([&from.node, &to.node, &now.node]);
        let set_entry = match [&from.set_entry, &to.set_entry, &now.set_entry] {
            [Some(from), Some(to), Some(now)] => Some(self.value([from, to, now])),
            _ => now.set_entry.clone(),
        };
        let entries = self.within("components", |merging| {
            merging.entries([&from.entries, &to.entries, &now.entries], &ids(&node))
        });
        let instances = self.instances([&from.instances, &to.instances, &now.instances], document);
        NodeState { node_id: now.node_id.clone(), node, set_entry, entries, instances }
    }

    /// The variants first: they say which options there are.
    fn component(&mut self, texts: Three<'_>) -> String {
        if let [Some(from), Some(to), Some(now)] = texts.map(|text| member_text(text, CHILDREN)) {
            let children = self.within(CHILDREN, |merging| merging.value([&from, &to, &now]));
            self.drawn = drawn(&children);
            self.children = Some(children);
        }
        self.value(texts)
    }

    /// Entries go and come with the nodes that they are of.
    fn entries(&mut self, [from, to, now]: [&[EntryState]; 3], nodes: &BTreeSet<String>) -> Vec<EntryState> {
        let find = |entries: &[EntryState], id: &str| entries.iter().find(|entry| entry.id == id).cloned();
        let mut merged = Vec::new();
        for entry in now {
            match (find(from, &entry.id), find(to, &entry.id)) {
                (Some(from), Some(to)) => {
                    let member = self.entry([&from.member, &to.member, &entry.member], &entry.id);
                    merged.push(EntryState { member, ..entry.clone() });
                }
                (Some(_), None) if !nodes.contains(&entry.id) => {}
                _ => merged.push(entry.clone()),
            }
        }
        for entry in to {
            let is_new = find(from, &entry.id).is_none() && find(now, &entry.id).is_none();
            if is_new && nodes.contains(&entry.id) {
                merged.push(entry.clone());
            }
        }
        merged
    }

    fn instances(
        &mut self,
        [from, to, now]: [&[InstanceState]; 3],
        document: &Document<'_>,
    ) -> Vec<InstanceState> {
        let find = |instances: &[InstanceState], id: &str| {
            instances.iter().find(|other| other.id == id).map(|other| other.properties.clone())
        };
        let mut merged = Vec::new();
        for instance in now {
            let properties = match (find(from, &instance.id), find(to, &instance.id)) {
                (Some(from), Some(to)) => self.within(&instance.id, |merging| {
                    merging.within(PROPERTIES, |merging| merging.value([&from, &to, &instance.properties]))
                }),
                _ => instance.properties.clone(),
            };
            merged.push(InstanceState { id: instance.id.clone(), properties });
        }
        // Those of variants that the step brings back.
        let is_new = |id: &str| find(from, id).is_none() && find(now, id).is_none();
        for instance in to.iter().filter(|instance| is_new(&instance.id)) {
            let stands = document.instances().iter().find(|other| other.id == instance.id);
            let text = stands.and_then(|stands| document.text().get(stands.properties.clone()));
            match text {
                Some(text) if says_no_more(text, &instance.properties) => merged.push(instance.clone()),
                Some(_) => self.within(&instance.id, Self::keep),
                None => {}
            }
        }
        merged
    }

    fn entry(&mut self, texts: Three<'_>, id: &str) -> String {
        let [from, to, now] = texts.map(|text| format!("{{{text}}}"));
        let values = [&from, &to, &now].map(|text| member_text(text, id));
        let [Some(from), Some(to), Some(old)] = values else { return texts[2].to_owned() };
        let value = self.within(id, |merging| merging.value([&from, &to, &old]));
        texts[2].strip_suffix(old.as_str()).map_or_else(|| texts[2].to_owned(), |key| format!("{key}{value}"))
    }

    fn within<T>(&mut self, place: &str, go: impl FnOnce(&mut Self) -> T) -> T {
        self.place.push(place.to_owned());
        let done = go(self);
        self.place.pop();
        done
    }

    fn value(&mut self, texts: Three<'_>) -> String {
        if self.place == [CHILDREN]
            && let Some(children) = &self.children
        {
            return children.clone();
        }
        let [from, to, now] = texts;
        // Which options there are depends on the variants too.
        let is_about_options = match self.place.as_slice() {
            [] => true,
            [first, rest @ ..] => first == DEFINITIONS && rest.get(1).is_none_or(|member| member == OPTIONS),
        };
        if is_about_options && let Some(merged) = self.parts(texts) {
            return merged;
        }
        if is_same(now, from) {
            return to.to_owned();
        }
        if is_same(to, from) || is_same(to, now) {
            return now.to_owned();
        }
        self.parts(texts).unwrap_or_else(|| {
            self.keep();
            now.to_owned()
        })
    }

    fn keep(&mut self) {
        self.kept.push(self.place.join("/"));
    }

    /// A value that is merged part by part; `None` where it has no parts that could be told apart.
    fn parts(&mut self, texts: Three<'_>) -> Option<String> {
        if self.place.len() > DEEPEST {
            return None;
        }
        let last = self.place.last().map_or("", String::as_str);
        match (texts.map(|text| parse_new(text, Opening::Flat)), last) {
            ([Value::Object(from), Value::Object(to), Value::Object(now)], DEFINITIONS | PROPERTIES) => {
                let merged = self.list([from, to, now], &Items { key: identity, ..MEMBERS })?;
                Some(Value::Object(merged).text(""))
            }
            ([Value::Object(from), Value::Object(to), Value::Object(now)], _) => {
                Some(Value::Object(self.list([from, to, now], &MEMBERS)?).text(""))
            }
            ([Value::Array(from), Value::Array(to), Value::Array(now)], CHILDREN) => {
                Some(Value::Array(self.list([from, to, now], &NODES)?).text(""))
            }
            ([Value::Array(from), Value::Array(to), Value::Array(now)], OPTIONS) => {
                Some(self.options([&from, &to, &now]))
            }
            (values @ [Value::Raw(_), ..], "name") => self.name(values),
            _ => None,
        }
    }

    fn list<T: Clone>(&mut self, [from, to, mut now]: [List<T>; 3], items: &Items<T>) -> Option<List<T>> {
        let keys = |list: &List<T>| list.items().iter().map(items.key).collect::<Vec<_>>();
        let (old, wanted) = (keys(&from), keys(&to));
        for keys in [&old, &wanted, &keys(&now)] {
            // Without a key of its own, an item is none that could be found again.
            if keys.iter().any(String::is_empty) || keys.iter().collect::<BTreeSet<_>>().len() < keys.len() {
                return None;
            }
        }
        let find = |list: &List<T>, keys: &[String], key: &String| {
            let at = keys.iter().position(|other| other == key)?;
            list.items().get(at).cloned()
        };
        for at in (0..now.items().len()).rev() {
            let Some(item) = now.items().get(at).cloned() else { continue };
            let key = (items.key)(&item);
            match (find(&from, &old, &key), find(&to, &wanted, &key)) {
                (Some(from), Some(to)) => {
                    let merged = self.within(&key, |merging| (items.merge)(merging, [&from, &to, &item]));
                    now.items_mut()[at] = merged;
                }
                (Some(from), None) if is_same(&(items.text)(&from), &(items.text)(&item)) => {
                    now.remove(at, "");
                }
                (None, Some(to)) if is_same(&(items.text)(&to), &(items.text)(&item)) => {}
                (None, None) => {}
                _ => self.within(&key, Self::keep),
            }
        }
        for (at, key) in wanted.iter().enumerate() {
            let present = keys(&now);
            let Some(item) = to.items().get(at).filter(|_| !present.contains(key)) else { continue };
            match find(&from, &old, key) {
                Some(from) if is_same(&(items.text)(&from), &(items.text)(item)) => {}
                Some(_) => self.within(key, Self::keep),
                None => {
                    let before =
                        wanted[..at].iter().rev().find_map(|key| present.iter().position(|it| it == key));
                    now.insert(before.map_or(0, |before| before + 1), item.clone(), "", self.style, "");
                }
            }
        }
        Some(now)
    }

    /// An option goes with the last variant that draws it, and comes with the first.
    fn options(&mut self, [from, to, now]: [&List<Value>; 3]) -> String {
        let texts = |list: &List<Value>| -> Vec<String> {
            list.items().iter().map(|item| item.string("").unwrap_or_default()).collect()
        };
        let (old, wanted) = (texts(from), texts(to));
        let property = self.place.iter().rev().nth(1).cloned().unwrap_or_default();
        let drawn = self.drawn.get(&property).cloned().unwrap_or_default();
        let mut merged = now.clone();
        for (at, option) in texts(now).iter().enumerate().rev() {
            match old.contains(option) && !wanted.contains(option) {
                true if drawn.contains(option) => self.within(option, Self::keep),
                true => merged.remove(at, ""),
                false => {}
            }
        }
        for (at, option) in wanted.iter().enumerate() {
            let present = texts(&merged);
            if old.contains(option) || present.contains(option) {
                continue;
            }
            if !drawn.contains(option) {
                self.within(option, Self::keep);
                continue;
            }
            let before =
                wanted[..at].iter().rev().find_map(|it| present.iter().position(|other| other == it));
            let item = Value::Raw(Piece::New(self.style.string(option)));
            merged.insert(before.map_or(0, |before| before + 1), item, "", self.style, "");
        }
        Value::Array(merged).text("")
    }

    /// A variant's name is merged point by point.
    fn name(&mut self, values: [Value; 3]) -> Option<String> {
        let [from, to, now] = values.map(|value| value.string(""));
        let (from, to, now) = (from?, to?, now?);
        let (before, after) = (point_map(&from).ok()?, point_map(&to).ok()?);
        let points = points(&now).ok()?;
        let is_alike = before.keys().eq(after.keys()) && points.len() == before.len();
        let mut merged = Vec::new();
        for point in points.iter().filter(|_| is_alike) {
            let name = point.property.into();
            let (before, after) = (before.get(&name)?, after.get(&name)?);
            let option = match () {
                () if before.as_str() == point.option => after.as_str(),
                () if before == after || after.as_str() == point.option => point.option,
                () => return None,
            };
            merged.push(format!("{}={option}", point.property));
        }
        is_alike.then(|| self.style.string(&merged.join(", ")))
    }
}

const CHILDREN: &str = "children";
const DEFINITIONS: &str = "componentPropertyDefinitions";
const PROPERTIES: &str = "componentProperties";
const OPTIONS: &str = "variantOptions";

const MEMBERS: Items<Member> =
    Items { key: |member| member.key(""), text: |member| member.text(""), merge: merge_members };

const NODES: Items<Value> = Items {
    key: |node| match parse_new(&node.text(""), Opening::Flat) {
        Value::Object(node) => node.string("id", "").unwrap_or_default(),
        _ => String::new(),
    },
    text: |node| node.text(""),
    merge: |merging, nodes| {
        let [from, to, now] = nodes.map(|node| node.text(""));
        Value::Raw(Piece::New(merging.value([&from, &to, &now])))
    },
};

fn merge_members(merging: &mut Merging<'_>, [from, to, now]: [&Member; 3]) -> Member {
    let texts = [from, to, now].map(|member| member.value.text(""));
    let mut merged = now.clone();
    merged.value = Value::Raw(Piece::New(merging.value([&texts[0], &texts[1], &texts[2]])));
    let keys = [from, to, now].map(|member| member.key(""));
    if keys[2] == keys[0] && keys[1] != keys[0] {
        merged.rename(merging.style.string(&keys[1]));
    } else if keys[1] != keys[0] && keys[1] != keys[2] {
        merging.keep();
    }
    merged
}

/// What stays of a property's key when it is renamed.
fn identity(member: &Member) -> String {
    let key = member.key("");
    PropertyKey::of(&key).id.map_or_else(|| key.clone(), str::to_owned)
}

/// The JSON of a member of an object.
fn member_text(object: &str, key: &str) -> Option<String> {
    match parse_new(object, Opening::Flat) {
        Value::Object(object) => Object::get(&object, key, "").map(|value| value.text("")),
        _ => None,
    }
}

/// Whether two texts say the same, whatever their blanks and the order of their members.
fn is_same(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    one == other || read(one).is_some_and(|one| read(other).is_some_and(|other| one == other))
}

/// Whether an object has no member that another has not.
fn says_no_more(text: &str, than: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok();
    let (Some(text), Some(than)) = (read(text), read(than)) else { return false };
    text.iter().all(|(key, value)| than.get(key) == Some(value))
}

/// The options of each property that variants draw.
fn drawn(children: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut drawn: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let children: serde_json::Value = serde_json::from_str(children).unwrap_or_default();
    for child in children.as_array().into_iter().flatten() {
        for point in points(child["name"].as_str().unwrap_or_default()).unwrap_or_default() {
            drawn.entry(point.property.to_owned()).or_default().insert(point.option.to_owned());
        }
    }
    drawn
}
