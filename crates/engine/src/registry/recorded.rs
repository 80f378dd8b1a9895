//! The registry as scans and workers left it, for who has no file of the workspace: the same value as a reading gives,
//! made of what is recorded.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use lockstep_code::model::{ScannedComponent, Story};
use lockstep_core::{
    ids::{ComponentId, DesignId},
    mapping::compare,
    registry::MappingStatus,
};
use lockstep_design::DesignComponent;
use lockstep_store::{
    ReadTx, Store, baselines,
    components::{self, Presence},
    designs, stories,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Compared, Current, Entry, RegistryChanges, SeenChange, baseline_of, no_component, policy_of};
use crate::{
    error::EngineError,
    evaluate::JudgedBy,
    link::Link,
    report::{ComponentDetail, ComponentStatus, DriftFilter, DriftReport, matching},
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
    rows.assembled_aside(at).await
}

/// The recorded drift of the components that the names (globs allowed) are about, of all without names, as far as the
/// filter wants it. Where only some changes are wanted, what agrees is not loaded.
///
/// # Errors
/// As [`recorded`]; when a name is of no component.
pub async fn recorded_drift(
    store: &Store,
    names: &[String],
    filter: &DriftFilter,
    at: DateTime<Utc>,
) -> Result<DriftReport, EngineError> {
    let mut tx = store.read().await?;
    let linked = AllLinked::read(&mut tx).await?;
    let mut chosen = linked.matching(names)?;
    if !filter.wants_all() {
        chosen.retain(|row| row.differs);
    }
    let suggests = names.is_empty() || chosen.iter().any(|row| row.design.is_none());
    let free = if suggests { linked.free_designs(&mut tx).await? } else { Vec::new() };
    let rows = Rows::of(&mut tx, &chosen, free).await?;
    drop(tx);
    let mut report = rows.assembled_aside(at).await?.drift_report(&[])?;
    if !names.is_empty() {
        report.unmapped_designs.clear();
    }
    Ok(report.only(filter))
}

/// Everything that is recorded of one component.
///
/// # Errors
/// As [`recorded`]; when there is none of that name.
pub async fn recorded_detail(
    store: &Store,
    name: &str,
    at: DateTime<Utc>,
) -> Result<ComponentDetail, EngineError> {
    let mut tx = store.read().await?;
    let linked = AllLinked::read(&mut tx).await?;
    let chosen: Vec<&Linked> = linked.0.iter().filter(|row| row.name == name).collect();
    let rows = Rows::of(&mut tx, &chosen, Vec::new()).await?;
    drop(tx);
    if chosen.is_empty() {
        return Err(no_component(name, linked.names()));
    }
    rows.assembled_aside(at).await?.detail(name)
}

/// A line for each of at most `limit` components after a name, by name; and whether there are more.
///
/// # Errors
/// As [`recorded`].
pub async fn recorded_status(
    store: &Store,
    after: Option<&str>,
    limit: usize,
    at: DateTime<Utc>,
) -> Result<(Vec<ComponentStatus>, bool), EngineError> {
    let mut tx = store.read().await?;
    let linked = AllLinked::read(&mut tx).await?;
    let mut chosen: Vec<&Linked> =
        linked.0.iter().filter(|row| after.is_none_or(|after| *row.name > *after)).collect();
    let has_more = chosen.len() > limit;
    chosen.truncate(limit);
    let rows = Rows::of(&mut tx, &chosen, Vec::new()).await?;
    drop(tx);
    Ok((rows.assembled_aside(at).await?.status(&[])?, has_more))
}

/// The components that are there, sorted by name.
struct AllLinked(Vec<Linked>);

/// One of them, with the design component that it stands for.
struct Linked {
    id: ComponentId,
    name: String,
    design: Option<DesignId>,
    /// Whether anything is to be said of it but that both sides agree.
    differs: bool,
}

impl AllLinked {
    async fn read(tx: &mut ReadTx) -> Result<Self, EngineError> {
        let linked = |row: components::Linked| {
            let judged_by = row.judged_by.map(|json| read::<JudgedBy>("a mapping", json)).transpose()?;
            let changes = row.drift.as_ref().and_then(Value::as_array).map_or(0, Vec::len);
            let differs = row.mapping_status != MappingStatus::Mapped || changes > 0;
            Ok(Linked { id: row.id, name: row.name, design: judged_by.map(|by| by.design), differs })
        };
        let rows = components::linked(tx).await?;
        let mut all = rows.into_iter().map(linked).collect::<Result<Vec<_>, EngineError>>()?;
        // The order of a database's collation is another one.
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self(all))
    }

    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(|row| &*row.name)
    }

    fn matching(&self, names: &[String]) -> Result<Vec<&Linked>, EngineError> {
        if names.is_empty() {
            return Ok(self.0.iter().collect());
        }
        Ok(matching(names, self.names())?.into_iter().map(|place| &self.0[place]).collect())
    }

    /// The design components that none of them stands for.
    async fn free_designs(&self, tx: &mut ReadTx) -> Result<Vec<DesignId>, EngineError> {
        let taken: BTreeSet<DesignId> = self.0.iter().filter_map(|row| row.design).collect();
        let there = designs::outlines(tx).await?.into_iter().filter(|row| row.gone_at.is_none());
        Ok(there.map(|row| row.id).filter(|id| !taken.contains(id)).collect())
    }
}

impl Rows {
    /// Of some components, what they are linked to, and some design components more.
    async fn of(tx: &mut ReadTx, some: &[&Linked], mut more: Vec<DesignId>) -> Result<Self, EngineError> {
        let ids: Vec<ComponentId> = some.iter().map(|row| row.id).collect();
        more.extend(some.iter().filter_map(|row| row.design));
        more.sort_unstable();
        more.dedup();
        let mut designs = designs::of_ids(tx, &more).await?;
        designs.retain(|row| row.gone_at.is_none());
        Ok(Self {
            designs,
            stories: stories::of_components(tx, &ids).await?,
            baselines: baselines::of_components(tx, &ids).await?,
            components: components::of_ids(tx, &ids).await?,
        })
    }

    /// Assembled on a thread where that holds up nobody.
    async fn assembled_aside(self, at: DateTime<Utc>) -> Result<Current, EngineError> {
        tokio::task::spawn_blocking(move || self.assembled(at))
            .await
            .map_err(|error| EngineError::Bug(format!("reading the registry died: {error}")))?
    }

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
