//! What people read of the registry: drift, status, components and mappings, as values.

mod filter;

use chrono::{DateTime, Utc};
use lockstep_code::model::ScannedComponent;
use lockstep_core::{
    contract::Contract,
    diagnostic::Diagnostic,
    drift::{Change, Severity},
    mapping::{Candidate, Candidates, MappingSource, Note, Rules, Suggestion},
    merge::Moved,
    registry::MappingStatus,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use filter::DriftFilter;
pub(crate) use filter::matching;

use crate::{
    decisions::SetAside,
    error::EngineError,
    registry::{Current, RegistryChanges},
    shown::ShownStory,
};

/// How many suggestions are shown for one component.
const SUGGESTIONS: usize = 3;

/// What a scan found, counted, and what it changed in the registry.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ScanReport {
    /// Components of code.
    pub components: usize,
    /// Components of the design.
    pub design_components: usize,
    /// Stories.
    pub stories: usize,
    /// Files of code that were read or found unchanged.
    pub files: usize,
    /// Components that were put into the drift queue.
    pub queued: usize,
    /// What is other than before.
    pub changes: RegistryChanges,
    /// What was wrong with files.
    pub diagnostics: Vec<Diagnostic>,
}

impl ScanReport {
    /// Of a reading.
    pub fn of(current: &Current) -> Self {
        Self {
            components: current.sides.components.len(),
            design_components: current.sides.designs.len(),
            stories: current.sides.stories.len(),
            files: current.sides.files,
            queued: current.queued,
            changes: current.changes.clone(),
            diagnostics: current.diagnostics.clone(),
        }
    }
}

/// Where code and design differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftReport {
    /// The linked components, by name, with and without drift.
    pub components: Vec<ComponentDrift>,
    /// Components that are linked to nothing.
    pub unmapped: Vec<Unmapped>,
    /// Design components that no component stands for.
    pub unmapped_designs: Vec<DesignRef>,
    /// The counts.
    pub totals: DriftTotals,
    /// What was wrong with files or with what people said about them.
    pub diagnostics: Vec<Diagnostic>,
}

/// The drift of one linked component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentDrift {
    /// Its name.
    pub name: String,
    /// The file that declares it, and the line.
    pub declared: String,
    /// The design component.
    pub design: DesignRef,
    /// Who links the two.
    pub linked_by: MappingSource,
    /// Whether both sides have agreed before.
    pub has_baseline: bool,
    /// What alarms.
    pub changes: Vec<ReportedChange>,
    /// What is ignored, with reasons.
    pub ignored: Vec<SetAside>,
    /// What was accepted, with reasons.
    pub accepted: Vec<SetAside>,
    /// Decisions that no longer hold.
    pub lapsed: Vec<String>,
    /// Every heuristic that matched something.
    pub matched: Vec<Note>,
    /// What was not compared, and why.
    pub not_compared: Vec<Note>,
}

/// A change with when it was first seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportedChange {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// When it was first seen.
    pub since: DateTime<Utc>,
}

/// A design component, by address and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DesignRef {
    /// `acme#10:1`.
    pub address: String,
    /// Its name.
    pub name: String,
}

/// A component that is linked to nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unmapped {
    /// Its name.
    pub name: String,
    /// The best design components for it, best first.
    pub suggestions: Vec<SuggestedLink>,
}

/// A suggested link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SuggestedLink {
    /// The design component.
    pub design: DesignRef,
    /// How likely it is, and why.
    #[serde(flatten)]
    pub suggestion: Suggestion,
}

/// The counts of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DriftTotals {
    /// Linked components.
    pub mapped: usize,
    /// Linked components with drift.
    pub drifting: usize,
    /// Components that are linked to nothing.
    pub unmapped: usize,
    /// Changes that alarm.
    pub changes: usize,
    /// Of those: code moved.
    pub code_ahead: usize,
    /// Of those: the design moved.
    pub design_ahead: usize,
    /// Of those: both moved, differently.
    pub conflicts: usize,
    /// Of those: nobody can be said to have moved.
    pub undetermined: usize,
    /// Of those: of high severity.
    pub high: usize,
    /// Changes that are ignored.
    pub ignored: usize,
    /// Changes that were accepted.
    pub accepted: usize,
    /// What was not compared.
    pub not_compared: usize,
}

/// One line of the status.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ComponentStatus {
    /// The component.
    pub name: String,
    /// How it stands to its design component.
    pub mapping_status: MappingStatus,
    /// The design component.
    pub design: Option<DesignRef>,
    /// How many changes alarm, by who moved.
    pub changes: usize,
    /// The highest severity among them.
    pub severity: Option<Severity>,
    /// Who moved, without repeats.
    pub moved: Vec<Moved>,
    /// How many stories show it.
    pub stories: usize,
    /// When it was last synced.
    pub last_synced_at: Option<DateTime<Utc>>,
}

/// Everything about one component.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ComponentDetail {
    /// Its status.
    #[serde(flatten)]
    pub status: ComponentStatus,
    /// What the scan found.
    pub code: ScannedComponent,
    /// What the design states, in its own spelling.
    pub design_contract: Option<Contract>,
    /// How both compare.
    pub drift: Option<ComponentDrift>,
    /// The ids of its stories.
    pub story_ids: Vec<String>,
    /// What each of them shows.
    pub shown: Vec<ShownStory>,
}

/// One line of the mappings.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MappingLine {
    /// The component.
    pub component: String,
    /// The design component.
    pub design: Option<DesignRef>,
    /// Who links the two.
    pub linked_by: Option<MappingSource>,
    /// The rules that people gave.
    pub rules: Rules,
    /// Suggestions, where it is linked to nothing.
    pub suggestions: Vec<SuggestedLink>,
}

impl Current {
    /// The drift of the components that the names (globs allowed) are about; of all without names.
    ///
    /// # Errors
    /// When a name is of no component.
    pub fn drift_report(&self, names: &[String]) -> Result<DriftReport, EngineError> {
        let chosen = self.matching(names)?;
        let components: Vec<ComponentDrift> =
            chosen.iter().filter_map(|index| self.component_drift(*index)).collect();
        let free = self.free_designs();
        let unmapped: Vec<Unmapped> = chosen
            .iter()
            .filter(|index| self.entries[**index].link.is_none())
            .map(|index| Unmapped {
                name: self.sides.components[*index].name.clone(),
                suggestions: free.suggestions(*index),
            })
            .collect();
        let unmapped_designs = if names.is_empty() {
            free.free.iter().map(|index| self.design_ref(*index)).collect()
        } else {
            Vec::new()
        };
        let totals = totals(&components, unmapped.len());
        Ok(DriftReport {
            components,
            unmapped,
            unmapped_designs,
            totals,
            diagnostics: self.diagnostics.clone(),
        })
    }

    /// One line for each component that the names are about.
    ///
    /// # Errors
    /// When a name is of no component.
    pub fn status(&self, names: &[String]) -> Result<Vec<ComponentStatus>, EngineError> {
        Ok(self.matching(names)?.into_iter().map(|index| self.status_of(index)).collect())
    }

    /// Everything about one component.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn detail(&self, name: &str) -> Result<ComponentDetail, EngineError> {
        let index = self.named(name)?;
        let contract = &self.sides.components[index].component.statement.contract;
        Ok(ComponentDetail {
            status: self.status_of(index),
            code: ScannedComponent::clone(&self.sides.components[index].component),
            design_contract: self.design(index).map(|design| design.component.statement.contract.clone()),
            drift: self.component_drift(index),
            story_ids: self.stories(index).map(|story| story.id.clone()).collect(),
            shown: self.stories(index).map(|story| ShownStory::of(story, contract)).collect(),
        })
    }

    /// The mappings of the components that the names are about.
    ///
    /// # Errors
    /// When a name is of no component.
    pub fn mappings(&self, names: &[String]) -> Result<Vec<MappingLine>, EngineError> {
        let free = self.free_designs();
        let line = |index: usize| {
            let link = self.entries[index].link.as_ref();
            MappingLine {
                component: self.sides.components[index].name.clone(),
                design: link.map(|link| self.design_ref(link.design)),
                linked_by: link.map(|link| link.source.clone()),
                rules: link.map(|link| link.rules.clone()).unwrap_or_default(),
                suggestions: if link.is_none() { free.suggestions(index) } else { Vec::new() },
            }
        };
        Ok(self.matching(names)?.into_iter().map(line).collect())
    }

    /// The design components that no component stands for, as what others may be linked to.
    pub fn free_designs(&self) -> FreeDesigns<'_> {
        let free: Vec<usize> = self.unmapped_designs().collect();
        let candidates = free.iter().map(|design| {
            let component = &self.sides.designs[*design].component;
            Candidate { name: &component.name, contract: &component.statement.contract }
        });
        FreeDesigns { current: self, candidates: candidates.collect(), free }
    }

    /// The components that names or globs are about.
    ///
    /// # Errors
    /// When one is about none.
    pub fn matching(&self, names: &[String]) -> Result<Vec<usize>, EngineError> {
        if names.is_empty() {
            return Ok((0..self.entries.len()).collect());
        }
        matching(names, self.names())
    }

    fn unmapped_designs(&self) -> impl Iterator<Item = usize> {
        let taken: std::collections::BTreeSet<usize> =
            self.entries.iter().filter_map(|entry| entry.link.as_ref()).map(|link| link.design).collect();
        (0..self.sides.designs.len()).filter(move |index| !taken.contains(index))
    }

    fn design_ref(&self, index: usize) -> DesignRef {
        let design = &self.sides.designs[index];
        DesignRef { address: design.address(), name: design.component.name.clone() }
    }

    fn component_drift(&self, index: usize) -> Option<ComponentDrift> {
        let (entry, code) = (&self.entries[index], &self.sides.components[index]);
        let (link, compared) = (entry.link.as_ref()?, entry.compared.as_ref()?);
        let reported =
            |change: &Change| ReportedChange { change: change.clone(), since: compared.since[&change.path] };
        Some(ComponentDrift {
            name: code.name.clone(),
            declared: format!("{}:{}", code.component.declared.file, code.component.declared.line),
            design: self.design_ref(link.design),
            linked_by: link.source.clone(),
            has_baseline: entry.baseline.is_some(),
            changes: compared.drift.reported.iter().map(reported).collect(),
            ignored: compared.drift.ignored.clone(),
            accepted: compared.drift.accepted.clone(),
            lapsed: compared.drift.lapsed.clone(),
            matched: compared.comparison.matched.clone(),
            not_compared: compared.comparison.set_aside.clone(),
        })
    }

    fn status_of(&self, index: usize) -> ComponentStatus {
        let entry = &self.entries[index];
        let changes =
            entry.compared.as_ref().map(|compared| compared.drift.reported.as_slice()).unwrap_or_default();
        let mut moved: Vec<Moved> = changes.iter().map(|change| change.moved).collect();
        moved.sort();
        moved.dedup();
        ComponentStatus {
            name: self.sides.components[index].name.clone(),
            mapping_status: entry.status(),
            design: entry.link.as_ref().map(|link| self.design_ref(link.design)),
            changes: changes.len(),
            severity: changes.iter().map(|change| change.severity).max(),
            moved,
            stories: self.stories(index).count(),
            last_synced_at: entry.last_synced_at,
        }
    }
}

/// The design components that no component stands for.
#[derive(Debug)]
pub struct FreeDesigns<'a> {
    current: &'a Current,
    /// Their indices, in order.
    free: Vec<usize>,
    /// What is compared of each of them.
    candidates: Candidates<'a>,
}

impl FreeDesigns<'_> {
    /// The best of them for a component.
    pub fn suggestions(&self, index: usize) -> Vec<SuggestedLink> {
        let code = &self.current.sides.components[index].component;
        self.candidates
            .suggest(&code.name, &code.statement.contract, SUGGESTIONS)
            .into_iter()
            .map(|suggestion| SuggestedLink {
                design: self.current.design_ref(self.free[suggestion.candidate]),
                suggestion,
            })
            .collect()
    }
}

fn totals(components: &[ComponentDrift], unmapped: usize) -> DriftTotals {
    let changes =
        || components.iter().flat_map(|component| &component.changes).map(|reported| &reported.change);
    let moved = |who: Moved| changes().filter(|change| change.moved == who).count();
    DriftTotals {
        mapped: components.len(),
        drifting: components.iter().filter(|component| !component.changes.is_empty()).count(),
        unmapped,
        changes: changes().count(),
        code_ahead: moved(Moved::CodeAhead),
        design_ahead: moved(Moved::DesignAhead),
        conflicts: moved(Moved::Conflict),
        undetermined: moved(Moved::Undetermined),
        high: changes().filter(|change| change.severity == Severity::High).count(),
        ignored: components.iter().map(|component| component.ignored.len()).sum(),
        accepted: components.iter().map(|component| component.accepted.len()).sum(),
        not_compared: components.iter().map(|component| component.not_compared.len()).sum(),
    }
}
