//! The list answers `GET /v1/files/:key/component_sets` and `…/components`: names without nodes.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use super::assemble::{date, diagnostics, duplicate_names};
use super::contract::Finding;
use super::listed::{Listed, variant_of};
use super::names::quoted;
use super::read::{self, Items, Record, Scalar};
use crate::{DesignError, DesignScan, LooksLike, Variant};

/// Reads the two lists of one file's published components. They name variants only: other properties and defaults
/// stay open. Either list may be the answer's bytes or those of its `meta`.
///
/// # Errors
/// When one of the two is no such list, or no valid JSON.
pub fn read_lists(component_sets: &[u8], components: &[u8], source: &str) -> Result<DesignScan, DesignError> {
    const WHY: &str = "only a list names it";
    let sets = list(component_sets, source)?.component_sets;
    let singles = list(components, source)?.components;
    let (Some(Items(sets)), Some(Items(components))) = (sets, singles) else {
        let top =
            "expected `meta.component_sets` in the first list and `meta.components` in the second".to_owned();
        return Err(DesignError::NotAFile {
            file: source.to_owned(),
            looks_like: LooksLike::OtherJson { top },
        });
    };
    let mut scan = DesignScan::default();
    let mut findings = Vec::new();
    let mut variants: BTreeMap<String, Vec<Variant>> = BTreeMap::new();
    let mut singles = Vec::new();
    let mut seen = HashSet::new();
    let set_ids: HashSet<String> = sets.iter().filter_map(|set| set.0.node_id.clone().text()).collect();
    for Record(item) in components {
        let set = item.containing_frame.0.set();
        let Some(listed) = item.into_listed(&mut seen, &mut findings) else { continue };
        match set {
            Some(set) if set_ids.contains(&set) => {
                let variant = variant_of(&set, listed.node_id.into(), listed.name, &mut findings);
                variants.entry(set).or_default().push(variant);
            }
            Some(set) => {
                findings.push(Finding::warning(
                    "variant-outside-its-set",
                    format!(
                        "{} belongs to the set {}, which is not listed",
                        quoted(&listed.name),
                        quoted(&set)
                    ),
                    "fetch both lists at the same time",
                ));
                singles.push(listed);
            }
            None => singles.push(listed),
        }
    }
    for Record(item) in sets {
        let Some(listed) = item.into_listed(&mut seen, &mut findings) else { continue };
        let variants = variants.remove(&listed.node_id).unwrap_or_default();
        scan.components.push(listed.into_set(variants, WHY, &mut findings));
    }
    scan.components.extend(singles.into_iter().map(|listed| listed.into_single(WHY)));
    scan.last_modified = scan.components.iter().filter_map(|component| component.last_changed).max();
    duplicate_names(&scan.components, &mut findings);
    scan.diagnostics = diagnostics(findings, source);
    Ok(scan)
}

fn list(bytes: &[u8], source: &str) -> Result<Meta, DesignError> {
    let text = read::text_of(bytes, source)?;
    let answer: Record<Answer> = serde_json::from_str(text)
        .map_err(|error| read::in_characters(read::syntax_error(&error, source, false), text))?;
    let Answer { meta, component_sets, components, status, err } = answer.0;
    if let Some(reason) = err.text() {
        let status = if let Scalar::Integer(status) = status { Some(status) } else { None };
        let looks_like = LooksLike::ErrorAnswer { status, reason: reason.chars().take(200).collect() };
        return Err(DesignError::NotAFile { file: source.to_owned(), looks_like });
    }
    Ok(Meta {
        component_sets: meta.0.component_sets.or(component_sets),
        components: meta.0.components.or(components),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    meta: Record<Meta>,
    component_sets: Option<Items<Record<Item>>>,
    components: Option<Items<Record<Item>>>,
    status: Scalar,
    err: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    component_sets: Option<Items<Record<Item>>>,
    components: Option<Items<Record<Item>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    key: Scalar,
    node_id: Scalar,
    name: Scalar,
    description: Scalar,
    updated_at: Scalar,
    containing_frame: Record<Frame>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Frame {
    name: Scalar,
    page_name: Scalar,
    containing_component_set: Record<SetReference>,
    containing_state_group: Record<SetReference>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SetReference {
    node_id: Scalar,
}

impl Frame {
    fn set(&self) -> Option<String> {
        let id = |reference: &Record<SetReference>| reference.0.node_id.clone().text();
        id(&self.containing_component_set).or_else(|| id(&self.containing_state_group))
    }
}

impl Item {
    fn into_listed(self, seen: &mut HashSet<String>, findings: &mut Vec<Finding>) -> Option<Listed> {
        let name = self.name.text().unwrap_or_default();
        let node_id = self.node_id.text().filter(|id| seen.insert(id.clone()));
        if node_id.is_none() {
            findings.push(Finding::warning(
                "duplicate-node-id",
                format!("{} has no node id, or one that was listed before, and was left out", quoted(&name)),
                "fetch the list again",
            ));
        }
        let updated = self.updated_at.text().and_then(|text| date(&text, findings));
        Some(Listed {
            node_id: node_id?,
            key: self.key.text(),
            name,
            page: self.containing_frame.0.page_name.text(),
            path: self.containing_frame.0.name.text().into_iter().collect(),
            description: self.description.text().filter(|text| !text.trim().is_empty()),
            documentation: Vec::new(),
            last_changed: updated,
        })
    }
}
