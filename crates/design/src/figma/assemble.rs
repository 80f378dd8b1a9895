//! From what was read of a file to the scan: components in their places, and what is odd about them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use lockstep_core::contract::normalise;
use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity};
use lockstep_core::statement::Statement;

use super::contract::{Finding, from_definitions, from_names};
use super::listed::{Listed, variant_of};
use super::names::quoted;
use super::read::{MapEntry, NodeKind, RawFile, RawNode};
use crate::{ComponentKind, ContractSource, DesignComponent, DesignScan, NodeId, Variant};

/// Builds the scan of a file.
pub(crate) fn scan(file: RawFile, source: &str) -> DesignScan {
    let mut findings = Vec::new();
    let last_modified = file.last_modified.as_deref().and_then(|text| date(text, &mut findings));
    let mut assembly = Assembly {
        components: Vec::new(),
        findings,
        seen: HashSet::new(),
        entries: first_of_each(file.components),
        set_entries: first_of_each(file.component_sets),
        last_modified,
    };
    if let Some(document) = file.document {
        assembly.walk(document, &mut Place::default());
    }
    assembly.entries_without_node();
    assembly.names();
    DesignScan {
        name: file.name.unwrap_or_default(),
        version: file.version,
        last_modified,
        components: assembly.components,
        diagnostics: diagnostics(assembly.findings, source),
    }
}

/// Reads a date; what is none is reported.
pub(crate) fn date(text: &str, findings: &mut Vec<Finding>) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .map(|date| date.with_timezone(&Utc))
        .map_err(|_| {
            findings.push(Finding::warning(
                "unreadable-date",
                format!("{} is no date that can be read", quoted(text)),
                "dates are written 2026-01-31T12:00:00Z",
            ));
        })
        .ok()
}

/// Findings as diagnostics of one file.
pub(crate) fn diagnostics(findings: Vec<Finding>, source: &str) -> Vec<Diagnostic> {
    findings
        .into_iter()
        .map(|finding| Diagnostic {
            file: source.to_owned(),
            place: None,
            severity: finding.severity,
            code: finding.code.to_owned(),
            message: finding.message,
            hint: finding.hint,
        })
        .collect()
}

/// Reports components of one name, or of names that differ only in what can't be seen.
pub(crate) fn duplicate_names(components: &[DesignComponent], findings: &mut Vec<Finding>) {
    let mut groups: BTreeMap<_, Vec<&DesignComponent>> = BTreeMap::new();
    for component in components {
        groups.entry(normalise(&component.name)).or_default().push(component);
    }
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let spellings: BTreeSet<&str> = group.iter().map(|component| component.name.as_str()).collect();
        let code =
            if spellings.len() == 1 { "duplicate-design-component" } else { "lookalike-design-components" };
        let places: Vec<String> = group
            .iter()
            .take(5)
            .map(|component| {
                let page = component
                    .page
                    .as_deref()
                    .map_or(String::new(), |page| format!(" on page {}", quoted(page)));
                format!("{} ({}{page})", quoted(&component.name), component.node_id)
            })
            .collect();
        let more = if group.len() > 5 { format!(" and {} more", group.len() - 5) } else { String::new() };
        findings.push(Finding::warning(
            code,
            format!("{} design components have one name: {}{more}", group.len(), places.join(", ")),
            "link the right one by its node id in the mapping, or rename one of them",
        ));
    }
}

fn first_of_each(entries: Vec<(String, MapEntry)>) -> Entries {
    let mut map = Entries { order: Vec::new(), by_id: HashMap::new() };
    for (id, entry) in entries {
        if let std::collections::hash_map::Entry::Vacant(free) = map.by_id.entry(id.clone()) {
            free.insert(entry);
            map.order.push(id);
        }
    }
    map
}

/// The entries of `components` or `componentSets`.
struct Entries {
    order: Vec<String>,
    by_id: HashMap<String, MapEntry>,
}

impl Entries {
    fn listed(&mut self, id: &str, last_changed: Option<DateTime<Utc>>) -> Listed {
        let mut entry = self.by_id.get_mut(id).map(std::mem::take).unwrap_or_default();
        Listed {
            node_id: id.to_owned(),
            documentation: entry.links(),
            key: entry.key.text(),
            name: entry.name.text().unwrap_or_default(),
            description: entry.description.text().filter(|text| !text.trim().is_empty()),
            last_changed,
            ..Listed::default()
        }
    }
}

#[derive(Default)]
struct Place {
    page: Option<String>,
    path: Vec<String>,
}

struct Assembly {
    components: Vec<DesignComponent>,
    findings: Vec<Finding>,
    /// The ids of components, sets and variants met so far.
    seen: HashSet<String>,
    entries: Entries,
    set_entries: Entries,
    last_modified: Option<DateTime<Utc>>,
}

impl Assembly {
    /// Walks the pruned tree; its depth was bounded when it was read.
    fn walk(&mut self, node: RawNode, place: &mut Place) {
        match node.kind {
            NodeKind::ComponentSet => self.set(node, place),
            NodeKind::Component => self.single(node, place),
            NodeKind::Page => {
                let mut inside = Place { page: Some(node.name), path: Vec::new() };
                node.children.into_iter().for_each(|child| self.walk(child, &mut inside));
            }
            NodeKind::Other => {
                let on_page = place.page.is_some();
                if on_page {
                    place.path.push(node.name);
                }
                node.children.into_iter().for_each(|child| self.walk(child, place));
                if on_page {
                    place.path.pop();
                }
            }
        }
    }

    /// Takes a node's id, unless it has none or it was there before.
    fn take_id(&mut self, node: &RawNode) -> Option<NodeId> {
        let problem = match &node.id {
            None => Finding::warning(
                "node-without-id",
                format!("the node {} has no id and was left out", quoted(&node.name)),
                "fetch the file again",
            ),
            Some(id) if self.seen.insert(id.clone()) => return Some(id.as_str().into()),
            Some(id) => Finding::warning(
                "duplicate-node-id",
                format!(
                    "the node {} has the id {} of an earlier node and was left out",
                    quoted(&node.name),
                    quoted(id)
                ),
                "ids are unique in a file that Figma wrote: fetch it again",
            ),
        };
        self.findings.push(Finding { severity: DiagnosticSeverity::Error, ..problem });
        None
    }

    fn set(&mut self, mut node: RawNode, place: &mut Place) {
        let Some(id) = self.take_id(&node) else { return };
        let variants = self.variants(&mut node, place);
        let mut notes = Vec::new();
        let (statement, source) = match &node.definitions {
            Some(definitions) => {
                let mut found = Vec::new();
                let statement = from_definitions(definitions, &variants, &mut found);
                self.about(&node.name, found);
                (statement, ContractSource::Definitions)
            }
            None => (self.without_definitions(&node, &variants, &mut notes), ContractSource::VariantNames),
        };
        self.repeated_points(&node.name, &variants);
        let listed = self.set_entries.listed(id.as_str(), self.last_modified);
        self.components.push(DesignComponent {
            node_id: id,
            key: listed.key,
            name: node.name,
            page: place.page.clone(),
            path: place.path.clone(),
            kind: ComponentKind::Set,
            source,
            statement,
            variants,
            description: listed.description,
            documentation: listed.documentation,
            notes,
            last_changed: self.last_modified,
        });
    }

    fn without_definitions(
        &mut self,
        node: &RawNode,
        variants: &[Variant],
        notes: &mut Vec<String>,
    ) -> Statement {
        let mut found = Vec::new();
        let mut statement = from_names(variants, &mut found);
        self.about(&node.name, found);
        let why = "the set has no property definitions, as when its variants are in conflict";
        statement.open.push(format!("{why}: boolean, text and slot properties and defaults are not known"));
        notes.push(format!("{why}: its properties were read from the names of its variants"));
        self.findings.push(Finding::warning(
            "set-without-definitions",
            format!("{} ({}): {why}", quoted(&node.name), node.id.as_deref().unwrap_or_default()),
            "resolve the conflict in Figma: each combination of options once, each variant with every property",
        ));
        statement
    }

    fn variants(&mut self, set: &mut RawNode, place: &mut Place) -> Vec<Variant> {
        let mut variants = Vec::new();
        for child in std::mem::take(&mut set.children) {
            if child.kind == NodeKind::Component {
                if let Some(id) = self.take_id(&child) {
                    self.entries.by_id.remove(id.as_str());
                    variants.push(variant_of(&set.name, id, child.name, &mut self.findings));
                }
                child.children.into_iter().for_each(|nested| self.walk(nested, place));
            } else {
                self.walk(child, place);
            }
        }
        variants
    }

    fn repeated_points(&mut self, set: &str, variants: &[Variant]) {
        let mut first: HashMap<_, &Variant> = HashMap::new();
        for variant in variants.iter().filter(|variant| !variant.points.is_empty()) {
            if let Some(other) = first.insert(&variant.points, variant) {
                self.findings.push(Finding::warning(
                    "duplicate-variant",
                    format!(
                        "{} draws one variant twice: {} ({}) and {} ({})",
                        quoted(set),
                        quoted(&other.name),
                        other.node_id,
                        quoted(&variant.name),
                        variant.node_id
                    ),
                    "remove or rename one of them in the design",
                ));
            }
        }
    }

    fn single(&mut self, node: RawNode, place: &mut Place) {
        let Some(id) = self.take_id(&node) else { return };
        let mut notes = Vec::new();
        let set_id =
            self.entries.by_id.get(id.as_str()).and_then(|entry| entry.component_set_id.clone().text());
        if let Some(set_id) = set_id {
            let what = if set_id == id.as_str() {
                "names itself as its set".to_owned()
            } else {
                format!("says that it belongs to the set {}, but does not stand in it", quoted(&set_id))
            };
            notes.push(format!("it {what}; it was read as a component of its own"));
            self.findings.push(Finding::warning(
                "variant-outside-its-set",
                format!("the component {} ({id}) {what}", quoted(&node.name)),
                "fetch the file again",
            ));
        }
        let listed = self.entries.listed(id.as_str(), self.last_modified);
        self.entries.by_id.remove(id.as_str());
        let mut found = Vec::new();
        let statement = from_definitions(node.definitions.as_deref().unwrap_or_default(), &[], &mut found);
        self.about(&node.name, found);
        self.components.push(DesignComponent {
            node_id: id,
            key: listed.key,
            name: node.name,
            page: place.page.clone(),
            path: place.path.clone(),
            kind: ComponentKind::Single,
            source: ContractSource::Definitions,
            statement,
            variants: Vec::new(),
            description: listed.description,
            documentation: listed.documentation,
            notes,
            last_changed: self.last_modified,
        });
        node.children.into_iter().for_each(|nested| self.walk(nested, place));
    }

    /// Entries of `components` whose nodes are not in the document: those of other libraries are counted, the others
    /// are listed with what their names tell.
    fn entries_without_node(&mut self) {
        const WHY: &str = "its node is not in the file";
        let mut elsewhere = 0_usize;
        let mut variants: BTreeMap<String, Vec<Variant>> = BTreeMap::new();
        let mut found = Vec::new();
        for id in std::mem::take(&mut self.entries.order) {
            let Some(entry) = self.entries.by_id.get(&id) else { continue };
            if entry.is_remote() {
                elsewhere += 1;
                continue;
            }
            let set = entry.component_set_id.clone().text();
            let listed = self.entries.listed(&id, self.last_modified);
            match set.filter(|set| *set != id && !self.seen.contains(set)) {
                Some(set) => {
                    let variant = variant_of(&set, id.into(), listed.name, &mut found);
                    variants.entry(set).or_default().push(variant);
                }
                None => {
                    found.push(unread(&listed));
                    self.components.push(listed.into_single(WHY));
                }
            }
        }
        for (set, variants) in variants {
            let listed = self.set_entries.listed(&set, self.last_modified);
            found.push(unread(&listed));
            self.components.push(listed.into_set(variants, WHY, &mut found));
        }
        self.findings.append(&mut found);
        if elsewhere > 0 {
            self.findings.push(Finding::warning(
                "library-components",
                format!("{elsewhere} components are used here but belong to other files, and were left out"),
                "add the library's own file as a design source",
            ));
        }
    }

    fn names(&mut self) {
        duplicate_names(&self.components, &mut self.findings);
        slash_groups(&mut self.components);
    }

    fn about(&mut self, component: &str, found: Vec<Finding>) {
        let named = found.into_iter().map(|finding| Finding {
            message: format!("{}: {}", quoted(component), finding.message),
            ..finding
        });
        self.findings.extend(named);
    }
}

fn unread(listed: &Listed) -> Finding {
    Finding::warning(
        "component-without-node",
        format!(
            "the component {} ({}) is listed, but its node is not in the file",
            quoted(&listed.name),
            listed.node_id
        ),
        "fetch the whole file, without `ids` or `depth`",
    )
}

/// Before there were sets, designers grouped components by slashes: `Button/Standard`. Whether such a group is one
/// component only people know, so it is noted and nothing is merged.
fn slash_groups(components: &mut [DesignComponent]) {
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    let single = |component: &DesignComponent| component.kind == ComponentKind::Single;
    let prefix = |name: &str| name.rsplit_once('/').map(|(prefix, _)| prefix.trim().to_owned());
    for component in components.iter().filter(|component| single(component)) {
        if let Some(prefix) = prefix(&component.name) {
            *groups.entry(prefix).or_default() += 1;
        }
    }
    for component in components.iter_mut().filter(|component| single(component)) {
        if let Some((prefix, count)) =
            prefix(&component.name).and_then(|prefix| groups.get_key_value(&prefix))
            && *count > 1
        {
            component.notes.push(format!(
                "it is one of {count} components named {}: they may be variants of one component, drawn without a set",
                quoted(&format!("{prefix}/…"))
            ));
        }
    }
}
