//! The registry as it stands after reading both sides: who is linked, who moved, what is new.

mod rows;

pub(crate) use rows::{baseline_of, baseline_row};
use rows::{comparison_row, design_links, scanned_component, scanned_design, scanned_stories};

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use lockstep_code::model::{CodeConnection, Story};
use lockstep_core::{
    baseline::Baseline,
    contract::ContractPath,
    diagnostic::Diagnostic,
    drift::{Change, detect},
    ids::{ComponentId, DesignId},
    mapping::{ComparePolicy, Comparison, InteractionStates, compare},
    registry::MappingStatus,
    role::Action,
    undo::Outcome,
};
use lockstep_store::{Tx, baselines, components, designs, stories};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    context::Engine,
    decisions::{Decided, Decisions},
    error::EngineError,
    link::{self, Link, is_about},
    progress::{Stage, Unwatched},
    sides::{self, DesignEntry, Sides},
    snapshot::Touched,
};

/// Both sides, linked, compared and recorded.
#[derive(Debug)]
pub struct Current {
    /// What was read.
    pub sides: Sides,
    /// One for each of [`Sides::components`], in the same order.
    pub entries: Vec<Entry>,
    /// The registry's ids of [`Sides::designs`], in the same order.
    pub design_ids: Vec<DesignId>,
    /// What was wrong with files or with what people said about them.
    pub diagnostics: Vec<Diagnostic>,
    /// What this reading changed in the registry.
    pub changes: RegistryChanges,
    /// When both sides were compared; what was written later is not in it.
    pub compared_at: DateTime<Utc>,
}

/// One component of the registry.
#[derive(Debug)]
pub struct Entry {
    /// Its id.
    pub id: ComponentId,
    /// The design component it stands for.
    pub link: Option<Link>,
    /// What both sides agreed on.
    pub baseline: Option<Baseline>,
    /// How both sides compare, when it is linked.
    pub compared: Option<Compared>,
    /// When it was last synced.
    pub last_synced_at: Option<DateTime<Utc>>,
}

/// The comparison of one linked component.
#[derive(Debug)]
pub struct Compared {
    /// The two contracts, made comparable.
    pub comparison: Comparison,
    /// The drift, after what people decided to ignore or accept.
    pub drift: Decided,
    /// When each change was first seen.
    pub since: BTreeMap<ContractPath, DateTime<Utc>>,
}

/// What a reading changed in the registry.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RegistryChanges {
    /// Of components.
    pub components: components::ScanChanges,
    /// Of design components.
    pub designs: components::ScanChanges,
    /// Of stories.
    pub stories: components::ScanChanges,
}

impl RegistryChanges {
    fn is_empty(&self) -> bool {
        let nothing = components::ScanChanges::default();
        self.components == nothing && self.designs == nothing && self.stories == nothing
    }
}

impl Current {
    /// The component of that name.
    ///
    /// # Errors
    /// When there is none; the hint names the nearest.
    pub fn named(&self, name: &str) -> Result<usize, EngineError> {
        if let Some(index) = self.sides.components.iter().position(|entry| entry.name == name) {
            return Ok(index);
        }
        let names = self.sides.components.iter().map(|entry| entry.name.as_str());
        let hint = match crate::workspace::config::nearest(name, names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`lockstep components` lists them".to_owned(),
        };
        Err(EngineError::not_found(format!("there is no component `{name}`"), hint))
    }

    /// The stories of a component.
    pub fn stories(&self, index: usize) -> impl Iterator<Item = &Story> {
        stories_of(&self.sides, index)
    }

    /// The Code Connect connections of a component.
    pub fn connections(&self, index: usize) -> impl Iterator<Item = &CodeConnection> {
        let entry = &self.sides.components[index];
        self.sides.connections.iter().filter(move |connection| {
            is_about(entry, connection.component.as_deref(), connection.component_file.as_deref())
        })
    }

    /// The design component that a component is linked to.
    pub fn design(&self, index: usize) -> Option<&DesignEntry> {
        self.entries[index].link.as_ref().map(|link| &self.sides.designs[link.design])
    }
}

fn stories_of(sides: &Sides, index: usize) -> impl Iterator<Item = &Story> {
    let entry = &sides.components[index];
    sides
        .stories
        .iter()
        .filter(move |story| is_about(entry, story.component.as_deref(), story.component_file.as_deref()))
}

impl Engine {
    /// Reads both sides, links and compares them, and brings the registry up to date, in one transaction.
    ///
    /// Where both sides agree wholly, that agreement is the baseline from then on.
    ///
    /// # Errors
    /// When a side can't be read at all or the registry fails.
    pub async fn refresh(&self) -> Result<Current, EngineError> {
        // Held until it is recorded: what a sync or an undo records in between would be overwritten by older news.
        let held = self.hold_for_reading().await?;
        let sides = sides::read(&self.workspace, self.progress())?;
        self.progress().begin(Stage::Compare, "");
        let mut current = self.assemble(sides, &self.known().await?);
        self.progress().begin(Stage::Record, "");
        self.record(&mut current).await?;
        drop(held);
        self.progress().end();
        Ok(current)
    }

    /// Forgets what was kept of earlier scans, so that the next one reads every file again.
    ///
    /// # Errors
    /// When the folder can't be removed.
    pub fn forget_cache(&self) -> Result<(), EngineError> {
        match std::fs::remove_dir_all(self.workspace.folder.join(".lockstep/cache")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(EngineError::Bug(format!("can't remove the cache: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// [`Engine::refresh`], as the act of a person who asked for a scan.
    ///
    /// # Errors
    /// As [`Engine::refresh`]; when the role does not allow it.
    pub async fn scan(&self) -> Result<Current, EngineError> {
        self.permit(Action::Scan, 0).await?;
        self.refresh().await
    }

    /// Both sides as they are now, linked and compared with what the registry knows, and not recorded.
    pub(crate) async fn examine(&self) -> Result<Current, EngineError> {
        let sides = sides::read(&self.workspace, &Unwatched)?;
        Ok(self.assemble(sides, &self.known().await?))
    }

    /// The same after some files were written: what was not written is taken from the reading before.
    pub(crate) fn examine_again(&self, before: &Current, written: &Touched) -> Result<Current, EngineError> {
        let sides = sides::read_again(&self.workspace, &before.sides, written)?;
        Ok(self.assemble(sides, &Known::of(before)))
    }

    fn assemble(&self, sides: Sides, known: &Known) -> Current {
        let links = link::link(&self.workspace.config, &sides);
        let compared_at = self.now();
        let decisions = Decisions::of(&self.workspace.config, compared_at.date_naive());
        let policy = compare_policy(&self.workspace.config);
        let entries = sides
            .components
            .par_iter()
            .enumerate()
            .map(|(index, code)| {
                let row = known.components.get(&code.name);
                let id = row.map_or_else(|| Uuid::new_v4().into(), |row| row.id);
                let seen = row.map(|row| row.seen.as_slice()).unwrap_or_default();
                let link = links.links.get(&index).cloned();
                let baseline = known.baselines.get(&id).cloned();
                let compared = link.as_ref().map(|link| {
                    let design = &sides.designs[link.design];
                    let comparison =
                        compare(&code.component.statement, &design.component.statement, &link.rules, &policy);
                    let drift = decisions.decide(&code.name, detect(&comparison, baseline.as_ref()));
                    let since = drift
                        .all()
                        .map(|change| (change.path.clone(), first_seen(seen, change, compared_at)))
                        .collect();
                    Compared { comparison, drift, since }
                });
                Entry { id, link, baseline, compared, last_synced_at: row.and_then(|row| row.last_synced_at) }
            })
            .collect();
        let design_ids = sides
            .designs
            .iter()
            .map(|design| {
                let key = (design.source.clone(), design.component.node_id.to_string());
                known.designs.get(&key).copied().unwrap_or_else(|| Uuid::new_v4().into())
            })
            .collect();
        let mut diagnostics = sides.diagnostics.clone();
        diagnostics.extend(links.diagnostics.into_iter().map(|found| self.workspace.at_column(found)));
        diagnostics.sort();
        let changes = RegistryChanges::default();
        Current { sides, entries, design_ids, diagnostics, changes, compared_at }
    }

    async fn record(&self, current: &mut Current) -> Result<(), EngineError> {
        let mut tx = self.store.begin().await?;
        current.changes = self.write(&mut tx, current).await?;
        self.tell_of_drift(&mut tx, current, current.compared_at).await?;
        if !current.changes.is_empty() {
            let detail = json!(current.changes);
            self.audit(&mut tx, Action::Scan.as_str(), Outcome::Done, current.entries.len(), detail).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn known(&self) -> Result<Known, EngineError> {
        let mut tx = self.store.read().await?;
        let components = components::list(&mut tx, components::Presence::Any).await?;
        let designs = designs::list(&mut tx, designs::Presence::Any).await?;
        let baselines = baselines::all(&mut tx).await?;
        Ok(Known {
            components: components
                .into_iter()
                .map(|row| (row.name.clone(), KnownComponent::of(row)))
                .collect(),
            designs: designs.into_iter().map(|row| ((row.source, row.node_id), row.id)).collect(),
            baselines: baselines
                .into_iter()
                .map(|(id, row)| Ok((id, baseline_of(row)?)))
                .collect::<Result<_, EngineError>>()?,
        })
    }

    async fn write(&self, tx: &mut Tx, current: &mut Current) -> Result<RegistryChanges, EngineError> {
        let now = self.now();
        let Current { sides, entries, design_ids, .. } = current;
        let scanned = entries
            .iter()
            .zip(&sides.components)
            .map(|(entry, code)| scanned_component(entry, code))
            .collect();
        let components = components::record_scan(tx, scanned, unfound(sides.code_is_whole), now).await?;
        let sources: BTreeSet<String> =
            self.workspace.config.design.iter().map(|file| file.name.clone()).collect();
        let scanned = sides
            .designs
            .iter()
            .zip(&*design_ids)
            .map(|(design, id)| scanned_design(design, *id, now))
            .collect();
        let designs =
            designs::record_scan(tx, &sources, scanned, unfound(sides.design_is_whole), now).await?;
        designs::link(tx, design_links(entries, sides, design_ids), now).await?;
        let scanned = scanned_stories(sides, entries);
        let stories = stories::record_scan(tx, scanned, unfound(sides.code_is_whole), now).await?;
        let rows =
            entries.iter().zip(&sides.components).map(|(entry, code)| comparison_row(entry, code)).collect();
        components::record_comparisons(tx, rows, now).await?;
        self.record_agreements(tx, entries, design_ids).await?;
        Ok(RegistryChanges { components, designs, stories })
    }

    /// Makes whole agreement the baseline, where it isn't yet. A component whose every difference people accepted or
    /// ignored gets its first one too, so that from then on it can be said who moved.
    async fn record_agreements(
        &self,
        tx: &mut Tx,
        entries: &mut [Entry],
        design_ids: &[DesignId],
    ) -> Result<(), EngineError> {
        for entry in entries {
            let (Some(compared), Some(link)) = (&entry.compared, &entry.link) else { continue };
            let Comparison { code, design, code_identities, design_identities, .. } = &compared.comparison;
            let adopted = entry.baseline.is_none() && compared.drift.reported.is_empty();
            if code != design && !adopted {
                continue;
            }
            let agreed =
                Baseline::advance(entry.baseline.as_ref(), code, design, code_identities, design_identities);
            if entry.baseline.as_ref() != Some(&agreed) {
                let row = baseline_row(entry.id, &agreed, Some(design_ids[link.design]), None, self.now());
                baselines::put(tx, row).await?;
                entry.baseline = Some(agreed);
            }
        }
        Ok(())
    }
}

fn unfound(read_wholly: bool) -> components::Unfound {
    if read_wholly { components::Unfound::Gone } else { components::Unfound::Unknown }
}

/// What the registry knows that a reading can't tell.
struct Known {
    components: BTreeMap<String, KnownComponent>,
    designs: BTreeMap<(String, String), DesignId>,
    baselines: BTreeMap<ComponentId, Baseline>,
}

struct KnownComponent {
    id: ComponentId,
    seen: Vec<SeenChange>,
    last_synced_at: Option<DateTime<Utc>>,
}

impl KnownComponent {
    fn of(row: components::Component) -> Self {
        // What an older version wrote in another form was first seen now.
        let seen = row.drift.and_then(|drift| serde_json::from_value(drift).ok()).unwrap_or_default();
        Self { id: row.id, seen, last_synced_at: row.last_synced_at }
    }
}

impl Known {
    /// As it stands after a reading was recorded.
    fn of(current: &Current) -> Self {
        let named = || current.sides.components.iter().zip(&current.entries);
        Self {
            components: named()
                .map(|(code, entry)| {
                    let known = KnownComponent {
                        id: entry.id,
                        seen: entry.seen(),
                        last_synced_at: entry.last_synced_at,
                    };
                    (code.name.clone(), known)
                })
                .collect(),
            designs: current
                .sides
                .designs
                .iter()
                .zip(&current.design_ids)
                .map(|(design, id)| ((design.source.clone(), design.component.node_id.to_string()), *id))
                .collect(),
            baselines: named().filter_map(|(_, entry)| Some((entry.id, entry.baseline.clone()?))).collect(),
        }
    }
}

/// A change as the last report had it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SeenChange {
    path: ContractPath,
    code: Value,
    design: Value,
    since: DateTime<Utc>,
}

fn first_seen(seen: &[SeenChange], change: &Change, now: DateTime<Utc>) -> DateTime<Utc> {
    seen.iter()
        .find(|seen| seen.path == change.path && seen.code == change.code && seen.design == change.design)
        .map_or(now, |seen| seen.since)
}

impl Entry {
    /// Its changes, with when each was first seen.
    fn seen(&self) -> Vec<SeenChange> {
        let seen = |compared: &Compared| {
            let since = |change: &Change| compared.since.get(&change.path).copied().unwrap_or_default();
            compared
                .drift
                .all()
                .map(|change| SeenChange {
                    path: change.path.clone(),
                    code: change.code.clone(),
                    design: change.design.clone(),
                    since: since(change),
                })
                .collect()
        };
        self.compared.as_ref().map(seen).unwrap_or_default()
    }

    /// How the component stands to its design component.
    pub fn status(&self) -> MappingStatus {
        match &self.compared {
            None => MappingStatus::Unmapped,
            Some(compared) if compared.drift.reported.is_empty() => MappingStatus::Mapped,
            Some(_) => MappingStatus::Drift,
        }
    }
}

/// How this workspace compares.
pub(crate) fn compare_policy(config: &crate::workspace::config::Config) -> ComparePolicy {
    let interaction_states = match &config.compare.interaction_states {
        Some(words) => InteractionStates::new(words.iter().cloned()),
        None => InteractionStates::default(),
    };
    ComparePolicy { interaction_states }
}
