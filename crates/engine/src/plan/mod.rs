//! Plans: the changes that a sync would make, per component and side, as real edits.

mod edits;
mod saved;

pub(crate) use edits::{Edits, Expected, Sources, edits_of, laid_out, story_models};
pub use saved::{PlanDocument, SavedPlan, SavedPlanSchema};

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use lockstep_core::{
    contract::{ContractPath, hash_of, sha256_hex},
    edit::ContractEdit,
    ids::ComponentId,
    plan::{ComponentPlan, ComponentSelection, Decision, decide},
    role::Action,
};
use lockstep_design::figma;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    context::Engine,
    credentials::Blocked,
    documents::{DesignTexts, Documents},
    error::EngineError,
    progress::Stage,
    registry::Current,
    request::SyncRequest,
    scaffold::Scaffold,
    workspace::WorkspacePath,
};

/// A preview of a sync, bound to what it saw.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Plan {
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What was asked for.
    pub request: SyncRequest,
    /// What it would do with each component that has drift, in the order in which it would be done.
    pub components: Vec<PlannedComponent>,
    /// What can't be done, because the credential of a design is known to be no good. A partial plan leaves it out; any
    /// other one is refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<Blocked>,
    /// What it saw: a sync refuses the plan when any of it moved.
    pub bound: Bound,
}

/// What a plan saw, by hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bound {
    /// By component: the hash of what both sides stated, of the mapping and the baseline.
    pub components: BTreeMap<String, String>,
    /// By file: the SHA-256 of its bytes; `None` for a file that would be new.
    #[schemars(schema_with = "by_file")]
    pub files: BTreeMap<WorkspacePath, Option<String>>,
}

/// Names of members have no type of their own in a schema: these are paths.
fn by_file(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": generator.subschema_for::<WorkspacePath>(),
        "additionalProperties": { "type": ["string", "null"] },
    })
}

/// What a sync would do with one component.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PlannedComponent {
    /// Its id.
    pub id: ComponentId,
    /// Its name.
    pub name: String,
    /// What was chosen for it.
    pub selection: ComponentSelection,
    /// Each change, decided.
    #[serde(flatten)]
    pub plan: ComponentPlan,
    /// The files of code that would change.
    pub files: Vec<FileChange>,
    /// The nodes of the design that would change.
    pub nodes: Vec<figma::NodeEdit>,
    /// The design file that would change.
    pub design_file: Option<WorkspacePath>,
    /// What a person has to do.
    pub manual: Vec<ManualEdit>,
    /// What a person should look at although it would be done.
    pub notes: Vec<String>,
    /// What is written beside what both sides state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaffold: Option<Scaffold>,
}

impl PlannedComponent {
    /// Whether anything would be written.
    pub fn writes(&self) -> bool {
        !self.files.is_empty() || !self.nodes.is_empty()
    }
}

/// A file before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileChange {
    /// The file.
    pub file: WorkspacePath,
    /// Its text so far; nothing for a new file.
    pub before: Option<String>,
    /// Its text afterwards.
    pub after: String,
}

/// An edit that is left to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ManualEdit {
    /// The change that it is for.
    pub path: ContractPath,
    /// The edit, in the spelling of its side.
    pub edit: ContractEdit,
    /// The file.
    pub file: String,
    /// The line, where it is about one.
    pub line: Option<u32>,
    /// Why it can't be done safely.
    pub reason: String,
}
impl Engine {
    /// Previews a sync.
    ///
    /// # Errors
    /// When a side can't be read, a component or change that was named does not exist, or the role does not allow it.
    pub async fn plan(&self, request: &SyncRequest) -> Result<(Current, Plan), EngineError> {
        self.permit(Action::Plan, 0).await?;
        let current = self.refresh().await?;
        let mut plan = self.plan_of(&current, request)?;
        plan.blocked = self.blocked(&plan).await?;
        if request.partial {
            let is_blocked =
                |name: &str| plan.blocked.iter().any(|by| by.components.iter().any(|known| known == name));
            plan.components.retain(|component| !is_blocked(&component.name));
            plan.bound.components.retain(|name, _| !is_blocked(name));
            let files: BTreeSet<&WorkspacePath> = plan
                .components
                .iter()
                .flat_map(|component| {
                    component.files.iter().map(|file| &file.file).chain(&component.design_file)
                })
                .collect();
            plan.bound.files.retain(|file, _| files.contains(file));
        }
        Ok((current, plan))
    }

    /// What of a plan can't be done for want of a credential.
    pub(crate) async fn blocked(&self, plan: &Plan) -> Result<Vec<Blocked>, EngineError> {
        let writing = plan.components.iter().filter(|component| component.writes());
        let names: BTreeSet<&str> = writing.map(|component| component.name.as_str()).collect();
        self.credentials().preflight(&names).await
    }

    pub(crate) fn plan_of(&self, current: &Current, request: &SyncRequest) -> Result<Plan, EngineError> {
        let default = self.workspace.config.sync.default_direction;
        let mut components = Vec::new();
        let mut bound = Bound::default();
        let texts = DesignTexts::of(&self.workspace);
        let documents = Documents::known(&texts, &current.sides);
        let chosen = request.select(current, default)?;
        self.progress().begin(Stage::Plan, "");
        let of = chosen.len();
        for (done, (index, selection)) in chosen.into_iter().enumerate() {
            self.progress().advance(done, of);
            let Some(compared) = &current.entries[index].compared else { continue };
            let code = &current.sides.components[index];
            let decided = decide(
                &compared.drift.reported,
                &selection,
                &compared.comparison.code,
                &compared.comparison.design,
            );
            let edits = edits_of(&self.workspace, current, index, &decided, &documents)?;
            bound.components.insert(code.name.clone(), seen_hash(current, index)?);
            for change in &edits.files {
                let hash = change.before.as_ref().map(|text| sha256_hex(text.as_bytes()));
                bound.files.insert(change.file.clone(), hash);
            }
            if let Some(design) = &edits.design {
                // Each design file is read once for the whole plan.
                let seen = bound.files.entry(design.file.clone());
                seen.or_insert_with(|| Some(sha256_hex(design.before.as_bytes())));
            }
            components.push(PlannedComponent {
                id: current.entries[index].id,
                name: code.name.clone(),
                selection,
                plan: decided,
                files: edits.files,
                nodes: edits.design.as_ref().map(|design| design.nodes.clone()).unwrap_or_default(),
                design_file: edits.design.map(|design| design.file),
                manual: edits.manual,
                notes: edits.notes,
                scaffold: None,
            });
        }
        self.progress().end();
        Ok(Plan { created_at: self.now(), request: request.clone(), components, blocked: Vec::new(), bound })
    }
}

/// The hash of everything that a plan for a component depends on.
pub(crate) fn seen_hash(current: &Current, index: usize) -> Result<String, EngineError> {
    let entry = &current.entries[index];
    let design = current.design(index).map(|design| &design.component.statement);
    let rules = entry.link.as_ref().map(|link| &link.rules);
    Ok(hash_of(&(&current.sides.components[index].component.statement, design, rules, &entry.baseline))?)
}

/// What is left of a plan to be done, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PlanTotals {
    /// Components with something to write.
    pub components: usize,
    /// Changes that the design will get.
    pub to_design: usize,
    /// Changes that code will get.
    pub to_code: usize,
    /// Changes that were left out by choice or for want of one.
    pub left: usize,
    /// Edits that a person has to do.
    pub manual: usize,
}

impl Plan {
    /// What it comes to.
    pub fn totals(&self) -> PlanTotals {
        let mut totals = PlanTotals::default();
        for component in &self.components {
            totals.components += usize::from(component.writes());
            let by_hand: BTreeSet<_> = component.manual.iter().map(|manual| &manual.path).collect();
            totals.manual += by_hand.len();
            for change in &component.plan.changes {
                let by_hand = component.manual.iter().any(|manual| manual.path == change.change.path);
                match change.decision {
                    _ if by_hand => {}
                    Decision::WriteDesign => totals.to_design += 1,
                    Decision::WriteCode => totals.to_code += 1,
                    Decision::Leave { .. } => totals.left += 1,
                }
            }
        }
        totals
    }
}
