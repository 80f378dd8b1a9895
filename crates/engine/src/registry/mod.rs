//! The registry as it stands after reading both sides: who is linked, who moved, what is new.

mod compared;
mod known;
mod part;
mod record;
mod recorded;
mod rows;

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use lockstep_code::model::{CodeConnection, Story};
use lockstep_core::{
    baseline::Baseline,
    diagnostic::Diagnostic,
    ids::{ComponentId, DesignId},
    mapping::{ComparePolicy, Comparison, InteractionStates, compare},
    registry::MappingStatus,
    role::Action,
};
use lockstep_store::components;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    context::Engine,
    decisions::Decisions,
    documents::{DesignTexts, Documents},
    error::EngineError,
    link::{self, Link, Links},
    progress::{Stage, Unwatched},
    sides::{self, CodeEntry, DesignEntry, Sides},
    snapshot::Touched,
};
pub use compared::Compared;
pub(crate) use compared::SeenChange;
use known::Known;
use part::Part;
pub use recorded::{recorded, recorded_detail, recorded_drift, recorded_status};
pub(crate) use rows::{baseline_of, baseline_row};

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
    /// How many components this reading put into the drift queue.
    pub queued: usize,
    /// When both sides were compared; what was written later is not in it.
    pub compared_at: DateTime<Utc>,
    /// What it is about, where not every component was compared.
    part: Option<Part>,
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
    /// Whether both sides agree and the registry holds that very agreement as the baseline.
    settled: bool,
    /// The hash of what it was compared from when the registry last heard of it.
    known_input: Option<String>,
}

/// Who says what the drift of what was read is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evaluation {
    /// Who read it, in the same transaction.
    Now,
    /// Workers: the components of which anything changed are put into the drift queue.
    Queued,
}

/// What a reading changed in the registry.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
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
    /// Nothing, as long as nothing is read. What was written since that time is to be read.
    pub(crate) fn unread(compared_at: DateTime<Utc>) -> Self {
        Self {
            sides: Sides::default(),
            entries: Vec::new(),
            design_ids: Vec::new(),
            diagnostics: Vec::new(),
            changes: RegistryChanges::default(),
            queued: 0,
            compared_at,
            part: None,
        }
    }

    /// The component of that name.
    ///
    /// # Errors
    /// When there is none; the hint names the nearest.
    pub fn named(&self, name: &str) -> Result<usize, EngineError> {
        if let Ok(index) = self.sides.components.binary_search_by(|entry| entry.name.as_str().cmp(name)) {
            return Ok(index);
        }
        Err(no_component(name, self.names()))
    }

    /// What the components are called.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.sides.components.iter().map(|entry| entry.name.as_str())
    }

    /// The stories of a component.
    pub fn stories(&self, index: usize) -> impl Iterator<Item = &Story> {
        self.sides.stories_of(index)
    }

    /// The Code Connect connections of a component.
    pub fn connections(&self, index: usize) -> impl Iterator<Item = &CodeConnection> {
        self.sides.connections_of(index)
    }

    /// The comparison of a component, when it is one of these very statements by these rules.
    fn same_comparison(
        &self,
        code: &CodeEntry,
        design: &DesignEntry,
        link: &Link,
    ) -> Option<&Arc<Comparison>> {
        let place = self.sides.components.binary_search_by(|entry| entry.name.cmp(&code.name)).ok()?;
        let (then, entry) = (&self.sides.components[place], &self.entries[place]);
        let same = then.component.statement == code.component.statement
            && self.design(place)?.component.statement == design.component.statement
            && entry.link.as_ref()?.rules == link.rules;
        entry.compared.as_ref().filter(|_| same).map(|compared| &compared.comparison)
    }

    /// The design component that a component is linked to.
    pub fn design(&self, index: usize) -> Option<&DesignEntry> {
        self.entries[index].link.as_ref().map(|link| &self.sides.designs[link.design])
    }
}

impl Engine {
    /// Reads both sides, links and compares them, and brings the registry up to date, in one transaction.
    ///
    /// Where both sides agree wholly, that agreement is the baseline from then on.
    ///
    /// # Errors
    /// When a side can't be read at all or the registry fails.
    pub async fn refresh(&self) -> Result<Current, EngineError> {
        self.take_in(Evaluation::Now).await
    }

    /// Reads both sides and brings the registry up to date with what they state, in one transaction.
    ///
    /// # Errors
    /// As [`Engine::refresh`].
    pub async fn take_in(&self, evaluation: Evaluation) -> Result<Current, EngineError> {
        // Held until it is recorded: what a sync or an undo records in between would be overwritten by older news.
        let held = self.hold_for_reading().await?;
        let sides = sides::read(&self.workspace, self.progress())?;
        self.progress().begin(Stage::Compare, "");
        let paired = self.pair(sides, None, None);
        let known = self.known(&paired).await?;
        let mut current = self.assemble(paired, known);
        self.progress().begin(Stage::Record, "");
        self.record(&mut current, evaluation).await?;
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

    /// [`Engine::take_in`], as the act of a person who asked for a scan.
    ///
    /// # Errors
    /// As [`Engine::refresh`]; when the role does not allow it.
    pub async fn scan(&self, evaluation: Evaluation) -> Result<Current, EngineError> {
        self.permit(Action::Scan, 0).await?;
        self.take_in(evaluation).await
    }

    /// Both sides as they are now, linked and compared with what the registry knows, and not recorded.
    pub(crate) async fn examine(&self) -> Result<Current, EngineError> {
        let sides = sides::read(&self.workspace, &Unwatched)?;
        let paired = self.pair(sides, None, None);
        let known = self.known(&paired).await?;
        Ok(self.assemble(paired, known))
    }

    /// The same where only some components are asked for: the others are read and linked, and not compared.
    pub(crate) async fn examine_some(&self, names: &BTreeSet<String>) -> Result<Current, EngineError> {
        let sides = sides::read(&self.workspace, &Unwatched)?;
        let paired = self.pair(sides, None, Some(Part::of(names.clone())));
        let known = self.known(&paired).await?;
        Ok(self.assemble(paired, known))
    }

    /// The same after some files were written: what was not written is taken from the reading before.
    pub(crate) fn examine_again(&self, before: &Current, written: &Touched) -> Result<Current, EngineError> {
        let texts = DesignTexts::of(&self.workspace);
        self.examine_from(before, written, &Documents::of(&texts))
    }

    /// The same with design files that were opened since.
    pub(crate) fn examine_from(
        &self,
        before: &Current,
        written: &Touched,
        documents: &Documents<'_>,
    ) -> Result<Current, EngineError> {
        let sides = sides::read_again(&self.workspace, &before.sides, written, documents)?;
        Ok(self.assemble(self.pair(sides, Some(before), None), Known::of(before)))
    }

    /// Links both sides and makes the contracts of each linked component comparable. What a reading before compared is
    /// taken from it where neither statement nor the rules are other than then.
    fn pair(&self, sides: Sides, before: Option<&Current>, part: Option<Part>) -> Paired {
        let links = link::link(&self.workspace.config, &sides);
        let part = before.map_or(part, |before| before.part_after(&sides, &links));
        let policy = compare_policy(&self.workspace.config);
        let compared = |(index, code): (usize, &CodeEntry)| {
            let link = links.links.get(&index)?;
            if part.as_ref().is_some_and(|part| !part.holds(&code.name)) {
                return None;
            }
            let design = &sides.designs[link.design];
            if let Some(same) = before.and_then(|before| before.same_comparison(code, design, link)) {
                return Some(Arc::clone(same));
            }
            let both = compare(&code.component.statement, &design.component.statement, &link.rules, &policy);
            Some(Arc::new(both))
        };
        let comparisons = sides.components.par_iter().enumerate().map(compared).collect();
        Paired { sides, links, comparisons, part }
    }

    fn assemble(&self, paired: Paired, mut known: Known) -> Current {
        let Paired { sides, links, comparisons, part } = paired;
        let compared_at = self.now();
        let config = &self.workspace.config;
        let known_of = |code: &CodeEntry| {
            let row = known.components.remove(&code.name);
            let baseline = row.as_ref().and_then(|row| known.baselines.remove(&row.id));
            (row, baseline)
        };
        let known_each: Vec<_> = sides.components.iter().map(known_of).collect();
        let entries = comparisons
            .into_par_iter()
            .zip(known_each)
            .enumerate()
            .map(|(index, (comparison, (row, baseline)))| {
                let seen = row.as_ref().map(|row| row.seen.as_slice()).unwrap_or_default();
                let (settled, baseline) =
                    baseline.map_or((false, None), |known| (known.settled, Some(known.baseline)));
                let compared = comparison.map(|comparison| {
                    let decisions = Decisions::of(config, &sides.components[index].name);
                    Compared::of(comparison, baseline.as_ref(), decisions, seen, compared_at)
                });
                let known_input = row.as_ref().and_then(|row| row.input_hash.clone());
                Entry {
                    id: row.as_ref().map_or_else(|| Uuid::new_v4().into(), |row| row.id),
                    link: links.links.get(&index).cloned(),
                    baseline,
                    compared,
                    last_synced_at: row.and_then(|row| row.last_synced_at),
                    settled,
                    known_input,
                }
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
        Current { sides, entries, design_ids, diagnostics, changes, queued: 0, compared_at, part }
    }
}

/// Both sides, linked and made comparable, before the registry was asked what was agreed.
struct Paired {
    sides: Sides,
    links: Links,
    /// One for each of [`Sides::components`]; none where it is not linked, or not asked for.
    comparisons: Vec<Option<Arc<Comparison>>>,
    part: Option<Part>,
}

impl Entry {
    /// Its changes, with when each was first seen.
    pub(crate) fn seen(&self) -> Vec<SeenChange> {
        self.compared.as_ref().map(Compared::seen).unwrap_or_default()
    }

    /// How the component stands to its design component.
    pub fn status(&self) -> MappingStatus {
        self.compared.as_ref().map_or(MappingStatus::Unmapped, Compared::status)
    }
}

/// There is no component of that name among these.
pub(crate) fn no_component<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> EngineError {
    let hint = match crate::workspace::config::nearest(name, names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`lockstep components` lists them".to_owned(),
    };
    EngineError::not_found(format!("there is no component `{name}`"), hint)
}

/// How this workspace compares.
pub(crate) fn compare_policy(config: &crate::workspace::config::Config) -> ComparePolicy {
    policy_of(config.compare.interaction_states.as_deref())
}

/// How is compared where these are the interaction states, or the built-in ones are.
pub(crate) fn policy_of(interaction_states: Option<&[String]>) -> ComparePolicy {
    let interaction_states = match interaction_states {
        Some(words) => InteractionStates::new(words.iter().cloned()),
        None => InteractionStates::default(),
    };
    ComparePolicy { interaction_states }
}
