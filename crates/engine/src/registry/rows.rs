//! What was read, as the rows of the registry.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use lockstep_code::model::Story;
use lockstep_core::{
    baseline::Baseline,
    contract::{ContractHash, VariantName, fingerprint},
    ids::{BaselineId, ComponentId, DesignId, OperationId, StoryId},
};
use lockstep_store::{baselines, components, designs, evaluations, stories};
use rayon::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Compared, Current, Entry};
use crate::{
    error::EngineError,
    evaluate::JudgedBy,
    sides::{CodeEntry, DesignEntry, Sides},
    workspace::config::Config,
};

/// The rows of a reading, with hashes in place of what is rarely written.
pub(super) struct Rows {
    pub(super) components: Vec<components::ScannedComponent>,
    pub(super) designs: Vec<designs::ScannedDesign>,
    pub(super) stories: Vec<stories::ScannedStory>,
    /// The component that each story shows.
    pub(super) owners: Vec<Option<ComponentId>>,
    /// What the components are compared from, where it is other than before.
    pub(super) inputs: Vec<evaluations::Input>,
}

impl Rows {
    /// Of some components and design components, and of all stories.
    pub(super) fn of(
        current: &Current,
        some: &[usize],
        some_designs: &[usize],
        config: &Config,
    ) -> Result<Self, EngineError> {
        let Current { sides, entries, design_ids, .. } = current;
        let hashes: Vec<Option<Hashes>> =
            some.par_iter().map(|index| entries[*index].compared.as_ref().map(Hashes::of)).collect();
        let components = some
            .par_iter()
            .zip(&hashes)
            .map(|(index, hashes)| {
                scanned_component(&entries[*index], &sides.components[*index], hashes.as_ref())
            })
            .collect::<Result<Vec<_>, EngineError>>()?;
        let mut links = BTreeMap::new();
        for (entry, hashes) in some.iter().map(|index| &entries[*index]).zip(hashes) {
            if let (Some(link), Some(hashes)) = (&entry.link, hashes) {
                links.insert(link.design, (entry.id, hashes.design));
            }
        }
        let designs = some_designs
            .par_iter()
            .map(|index| scanned_design(&sides.designs[*index], design_ids[*index], links.get(index)))
            .collect::<Result<Vec<_>, EngineError>>()?;
        let stated: HashMap<usize, &str> = some_designs
            .iter()
            .copied()
            .zip(designs.iter().map(|design| design.scan_hash.as_str()))
            .collect();
        let inputs = inputs(current, some, &components, &stated, config)?;
        let owners = owners(sides, entries);
        let stories = sides
            .stories
            .par_iter()
            .zip(&owners)
            .map(|(story, owner)| scanned_story(story, *owner))
            .collect::<Result<_, EngineError>>()?;
        Ok(Self { components, designs, stories, owners, inputs })
    }
}

/// What decides how each component is compared, where that, or what is compared, is other than the registry knows.
fn inputs(
    current: &Current,
    some: &[usize],
    components: &[components::ScannedComponent],
    stated: &HashMap<usize, &str>,
    config: &Config,
) -> Result<Vec<evaluations::Input>, EngineError> {
    let input = |(index, component): (&usize, &components::ScannedComponent)| {
        let entry = &current.entries[*index];
        let (mut judged_by, mut input_hash) = (None, None);
        if let (Some(link), Some(compared)) = (&entry.link, &entry.compared) {
            let design = current.design_ids[link.design];
            let judged = JudgedBy::of(design, link, &compared.decisions, config);
            let stated = (&component.scan_hash, stated.get(&link.design));
            input_hash = Some(fingerprint(&(stated, &judged))?);
            judged_by = (input_hash != entry.known_input).then(|| json!(judged));
        }
        let is_other = input_hash != entry.known_input;
        Ok(is_other.then_some(evaluations::Input { id: entry.id, judged_by, input_hash }))
    };
    let found: Vec<Option<evaluations::Input>> =
        some.par_iter().zip(components).map(input).collect::<Result<_, EngineError>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// The hashes of both contracts of a comparison.
struct Hashes {
    code: ContractHash,
    design: ContractHash,
}

impl Hashes {
    fn of(compared: &Compared) -> Self {
        let both = &compared.comparison;
        let code = both.code.hash();
        let design = if both.code == both.design { code.clone() } else { both.design.hash() };
        Self { code, design }
    }
}

fn scanned_component(
    entry: &Entry,
    code: &CodeEntry,
    hashes: Option<&Hashes>,
) -> Result<components::ScannedComponent, EngineError> {
    Ok(components::ScannedComponent {
        id: entry.id,
        name: code.name.clone(),
        scan_hash: fingerprint(&*code.component)?,
        mapping_status: entry.status(),
        contract_hash: hashes.map(|hashes| hashes.code.to_string()),
        drift: entry.compared.is_some().then(|| json!(entry.seen())),
    })
}

pub(super) fn found_component(code: &CodeEntry) -> components::Found {
    components::Found {
        package: code.component.package.clone(),
        file: Some(code.component.declared.file.to_string()),
        variants: variants(code),
        detail: json!(*code.component),
    }
}

/// The declared variants: one for each option of each `enum`, and both values of each boolean.
fn variants(code: &CodeEntry) -> Value {
    let mut variants = Vec::new();
    for (name, property) in &code.component.statement.contract.properties {
        let booleans = [true, false].map(|value| value.to_string().into());
        let options: Vec<_> = match property {
            lockstep_core::contract::Property::Boolean { .. } => booleans.to_vec(),
            other => other.options().cloned().collect(),
        };
        for option in options {
            variants.push(
                json!({ "name": VariantName::of([(name, &option)]), "property": name, "option": option }),
            );
        }
    }
    Value::Array(variants)
}

fn scanned_design(
    design: &DesignEntry,
    id: DesignId,
    link: Option<&(ComponentId, ContractHash)>,
) -> Result<designs::ScannedDesign, EngineError> {
    let component = &*design.component;
    let diff_hash = match link {
        Some((_, after_mapping)) => after_mapping.to_string(),
        None => component.statement.contract.hash().to_string(),
    };
    Ok(designs::ScannedDesign {
        id,
        source: design.source.clone(),
        node_id: component.node_id.to_string(),
        name: component.name.clone(),
        scan_hash: fingerprint(component)?,
        component_id: link.map(|(component, _)| *component),
        diff_hash,
    })
}

pub(super) fn found_design(design: &DesignEntry, now: DateTime<Utc>) -> designs::Found {
    let component = &*design.component;
    let variants: Vec<Value> = component
        .variants
        .iter()
        .map(|variant| json!({ "name": VariantName::of(variant.points.iter()), "node_id": variant.node_id }))
        .collect();
    designs::Found {
        kind: match component.kind {
            lockstep_design::ComponentKind::Set => "component_set".to_owned(),
            lockstep_design::ComponentKind::Single => "component".to_owned(),
        },
        variant_refs: Value::Array(variants),
        last_design_change_at: component.last_changed.unwrap_or(now),
        detail: json!(component),
    }
}

/// The component that each story shows; of several, the last one.
fn owners(sides: &Sides, entries: &[Entry]) -> Vec<Option<ComponentId>> {
    let mut owner: BTreeMap<&str, ComponentId> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        owner.extend(sides.stories_of(index).map(|story| (story.id.as_str(), entry.id)));
    }
    sides.stories.iter().map(|story| owner.get(story.id.as_str()).copied()).collect()
}

fn scanned_story(story: &Story, owner: Option<ComponentId>) -> Result<stories::ScannedStory, EngineError> {
    Ok(stories::ScannedStory {
        id: StoryId::from(Uuid::new_v4()),
        story_id: story.id.clone(),
        scan_hash: fingerprint(&(owner, story))?,
    })
}

pub(super) fn found_story(story: &Story, owner: Option<ComponentId>) -> stories::Found {
    stories::Found {
        component_id: owner,
        title: story.title.clone(),
        name: story.name.clone(),
        export_name: story.export_name.clone(),
        file: story.declared.file.to_string(),
        detail: json!(story),
    }
}

pub(crate) fn baseline_of(row: baselines::Baseline) -> Result<Baseline, EngineError> {
    Ok(Baseline {
        contract: serde_json::from_value(row.contract)?,
        undetermined: serde_json::from_value(row.undetermined)?,
        code_identities: serde_json::from_value(row.code_identities)?,
        design_identities: serde_json::from_value(row.design_identities)?,
    })
}

pub(crate) fn baseline_row(
    component: ComponentId,
    baseline: &Baseline,
    design: Option<DesignId>,
    operation: Option<OperationId>,
    now: DateTime<Utc>,
) -> baselines::Baseline {
    baselines::Baseline {
        id: BaselineId::from(Uuid::new_v4()),
        component_id: component,
        contract: json!(baseline.contract),
        code_identities: json!(baseline.code_identities),
        design_identities: json!(baseline.design_identities),
        undetermined: json!(baseline.undetermined),
        design_artifact_id: design,
        sync_operation_id: operation,
        created_at: now,
        updated_at: now,
        hash: Some(baseline.hash()),
    }
}
