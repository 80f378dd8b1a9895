//! The registry as scans and workers left it, for who has no file of the workspace: the same value as a reading gives,
//! made of what is recorded.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_code::model::{ScannedComponent, Story};
use lockstep_core::{
    ids::{ComponentId, DesignId},
    mapping::compare,
};
use lockstep_design::DesignComponent;
use lockstep_store::{
    Store, baselines,
    components::{self, Presence},
    designs, stories,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Compared, Current, Entry, RegistryChanges, SeenChange, baseline_of, policy_of};
use crate::{
    error::EngineError,
    evaluate::JudgedBy,
    link::Link,
    sides::{CodeEntry, DesignEntry, Sides},
};

/// What is recorded, as it was at one moment.
struct Rows {
    components: Vec<components::Component>,
    designs: Vec<designs::Design>,
    stories: Vec<stories::Story>,
    baselines: Vec<baselines::Baseline>,
}

/// What the registry holds of both sides, linked and compared at a time. What was wrong with files is not recorded.
///
/// # Errors
/// When the registry fails, or holds what this version can't read.
pub async fn recorded(store: &Store, at: DateTime<Utc>) -> Result<Current, EngineError> {
    let mut tx = store.read().await?;
    let components = components::list(&mut tx, Presence::Present).await?;
    let ids: Vec<ComponentId> = components.iter().map(|row| row.id).collect();
    let rows = Rows {
        designs: designs::list(&mut tx, Presence::Present).await?,
        stories: stories::list(&mut tx, Presence::Present).await?,
        baselines: baselines::of_components(&mut tx, &ids).await?,
        components,
    };
    drop(tx);
    tokio::task::spawn_blocking(move || rows.assembled(at))
        .await
        .map_err(|error| EngineError::Bug(format!("reading the registry died: {error}")))?
}

impl Rows {
    fn assembled(self, at: DateTime<Utc>) -> Result<Current, EngineError> {
        let Self { mut components, mut designs, stories, baselines } = self;
        components.sort_by(|one, other| one.name.cmp(&other.name));
        designs.sort_by(|one, other| (&one.source, &one.name).cmp(&(&other.source, &other.name)));
        let design_ids: Vec<DesignId> = designs.iter().map(|row| row.id).collect();
        let places: BTreeMap<DesignId, usize> =
            design_ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let designs = designs
            .into_iter()
            .map(|row| {
                Ok(DesignEntry {
                    source: row.source,
                    component: read::<DesignComponent>("a design component", row.detail)?.into(),
                })
            })
            .collect::<Result<Vec<_>, EngineError>>()?;
        let mut stories = stories
            .into_iter()
            .map(|row| read::<Story>("a story", row.detail))
            .collect::<Result<Vec<_>, _>>()?;
        // As a reading finds them: file by file, from top to bottom.
        stories.sort_by(|one, other| {
            (&one.declared.file, one.declared.start).cmp(&(&other.declared.file, other.declared.start))
        });
        let mut baselines = baselines
            .into_iter()
            .map(|row| Ok((row.component_id, baseline_of(row)?)))
            .collect::<Result<BTreeMap<_, _>, EngineError>>()?;
        let (mut code, mut entries) = (Vec::new(), Vec::new());
        for row in components {
            let component = CodeEntry {
                name: row.name.clone(),
                component: read::<ScannedComponent>("a component", row.detail.clone())?.into(),
            };
            let baseline = baselines.remove(&row.id);
            let judged_by =
                row.judged_by.clone().map(|json| read::<JudgedBy>("a mapping", json)).transpose()?;
            let linked = judged_by.and_then(|judged_by| Some((*places.get(&judged_by.design)?, judged_by)));
            entries.push(entry(row, &component, &designs, linked, baseline, at));
            code.push(component);
        }
        Ok(Current {
            sides: Sides::recorded(code, designs, stories),
            entries,
            design_ids,
            diagnostics: Vec::new(),
            changes: RegistryChanges::default(),
            queued: 0,
            compared_at: at,
            part: None,
        })
    }
}

fn entry(
    row: components::Component,
    code: &CodeEntry,
    designs: &[DesignEntry],
    linked: Option<(usize, JudgedBy)>,
    baseline: Option<lockstep_core::baseline::Baseline>,
    at: DateTime<Utc>,
) -> Entry {
    // What an older version wrote in another form was first seen now.
    let seen: Vec<SeenChange> =
        row.drift.and_then(|drift| serde_json::from_value(drift).ok()).unwrap_or_default();
    let compared = linked.map(|(place, judged_by)| {
        let policy = policy_of(judged_by.interaction_states.as_deref());
        let design = &designs[place].component.statement;
        let comparison = compare(&code.component.statement, design, &judged_by.rules, &policy);
        let compared = Compared::of(comparison.into(), baseline.as_ref(), judged_by.decisions, &seen, at);
        (Link { design: place, source: judged_by.linked_by, rules: judged_by.rules }, compared)
    });
    let (link, compared) = compared.unzip();
    Entry {
        id: row.id,
        link,
        baseline,
        compared,
        last_synced_at: row.last_synced_at,
        settled: false,
        known_input: row.input_hash,
    }
}

fn read<T: DeserializeOwned>(what: &str, json: Value) -> Result<T, EngineError> {
    let hint = "scan its workspace with this version of Lockstep";
    serde_json::from_value(json).map_err(|error| EngineError::unreadable(what, &error, hint))
}
