//! What was read, as the rows of the registry.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{
    baseline::Baseline,
    contract::VariantName,
    ids::{BaselineId, ComponentId, DesignId, OperationId, StoryId},
};
use lockstep_store::{baselines, components, designs, stories};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Entry, stories_of};
use crate::{
    error::EngineError,
    sides::{CodeEntry, DesignEntry, Sides},
};

pub(super) fn scanned_component(entry: &Entry, code: &CodeEntry) -> components::ScannedComponent {
    components::ScannedComponent {
        id: entry.id,
        name: code.name.clone(),
        package: code.component.package.clone(),
        file: Some(code.component.declared.file.to_string()),
        variants: variants(code),
        detail: json!(code.component),
    }
}

/// The declared variants: one for each option of each `enum`, and both values of each boolean.
pub(super) fn variants(code: &CodeEntry) -> Value {
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

pub(super) fn scanned_design(
    design: &DesignEntry,
    id: DesignId,
    now: DateTime<Utc>,
) -> designs::ScannedDesign {
    let component = &design.component;
    let variants: Vec<Value> = component
        .variants
        .iter()
        .map(|variant| json!({ "name": VariantName::of(&variant.points), "node_id": variant.node_id }))
        .collect();
    designs::ScannedDesign {
        id,
        source: design.source.clone(),
        node_id: component.node_id.to_string(),
        name: component.name.clone(),
        kind: match component.kind {
            lockstep_design::ComponentKind::Set => "component_set".to_owned(),
            lockstep_design::ComponentKind::Single => "component".to_owned(),
        },
        variant_refs: Value::Array(variants),
        last_design_change_at: component.last_changed.unwrap_or(now),
        diff_hash: component.statement.contract.hash().to_string(),
        detail: json!(component),
    }
}

pub(super) fn design_links(entries: &[Entry], sides: &Sides, design_ids: &[DesignId]) -> Vec<designs::Link> {
    let mut links: Vec<designs::Link> = sides
        .designs
        .iter()
        .zip(design_ids)
        .map(|(design, id)| designs::Link {
            id: *id,
            component_id: None,
            diff_hash: design.component.statement.contract.hash().to_string(),
        })
        .collect();
    for entry in entries {
        if let (Some(link), Some(compared)) = (&entry.link, &entry.compared) {
            links[link.design].component_id = Some(entry.id);
            links[link.design].diff_hash = compared.comparison.design.hash().to_string();
        }
    }
    links
}

pub(super) fn scanned_stories(sides: &Sides, entries: &[Entry]) -> Vec<stories::ScannedStory> {
    let mut owner: BTreeMap<&str, ComponentId> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        owner.extend(stories_of(sides, index).map(|story| (story.id.as_str(), entry.id)));
    }
    sides
        .stories
        .iter()
        .map(|story| stories::ScannedStory {
            id: StoryId::from(Uuid::new_v4()),
            story_id: story.id.clone(),
            component_id: owner.get(story.id.as_str()).copied(),
            title: story.title.clone(),
            name: story.name.clone(),
            export_name: story.export_name.clone(),
            file: story.declared.file.to_string(),
            detail: json!(story),
        })
        .collect()
}

pub(super) fn comparison_row(entry: &Entry, code: &CodeEntry) -> components::Comparison {
    let drift = entry.compared.is_some().then(|| json!(entry.seen()));
    components::Comparison {
        id: entry.id,
        mapping_status: entry.status(),
        variants: variants(code),
        contract_hash: entry.compared.as_ref().map(|compared| compared.comparison.code.hash().to_string()),
        drift,
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
    }
}
