//! Plans: the changes that a sync would make, per component and side, as real edits.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use lockstep_code::edit::{self as code_edit, EditOptions, NewStories, SharedDeclaration, SourceFiles};
use lockstep_core::{
    contract::{Contract, ContractPath, hash_of, sha256_hex},
    edit::{ContractEdit, apply_text_edits},
    ids::ComponentId,
    plan::{ComponentPlan, ComponentSelection, Decision, PlannedEdit, decide},
    role::Action,
};
use lockstep_design::figma;
use serde::{Deserialize, Serialize};

use crate::{
    context::Engine,
    error::EngineError,
    registry::{Compared, Current},
    request::SyncRequest,
    workspace::{Workspace, WorkspacePath, files::WorkspaceFiles as _},
};

/// A preview of a sync, bound to what it saw.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What was asked for.
    pub request: SyncRequest,
    /// What it would do with each component that has drift, in the order in which it would be done.
    pub components: Vec<PlannedComponent>,
    /// What it saw: a sync refuses the plan when any of it moved.
    pub bound: Bound,
}

/// What a plan saw, by hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// By component: the hash of what both sides stated, of the mapping and the baseline.
    pub components: BTreeMap<String, String>,
    /// By file: the SHA-256 of its bytes; `None` for a file that would be new.
    pub files: BTreeMap<WorkspacePath, Option<String>>,
}

/// What a sync would do with one component.
#[derive(Debug, Clone, Serialize)]
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
}

impl PlannedComponent {
    /// Whether anything would be written.
    pub fn writes(&self) -> bool {
        !self.files.is_empty() || !self.nodes.is_empty()
    }
}

/// A file before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileChange {
    /// The file.
    pub file: WorkspacePath,
    /// Its text so far; nothing for a new file.
    pub before: Option<String>,
    /// Its text afterwards.
    pub after: String,
}

/// An edit that is left to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// The edits of one component on both sides, worked out against what is there now.
#[derive(Debug, Clone)]
pub(crate) struct Edits {
    pub(crate) files: Vec<FileChange>,
    pub(crate) design: Option<DesignChange>,
    pub(crate) manual: Vec<ManualEdit>,
    pub(crate) notes: Vec<String>,
    /// What both contracts must be afterwards.
    pub(crate) expected: Expected,
}

/// The change of one design file.
#[derive(Debug, Clone)]
pub(crate) struct DesignChange {
    pub(crate) file: WorkspacePath,
    pub(crate) nodes: Vec<figma::NodeEdit>,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// What both compared contracts must be after the edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) code: Contract,
    pub(crate) design: Contract,
    /// Defaults that were set, which must be stated afterwards.
    pub(crate) defaults: Vec<(ContractPath, Option<String>)>,
}

impl Engine {
    /// Previews a sync.
    ///
    /// # Errors
    /// When a side can't be read, a component or change that was named does not exist, or the role does not allow it.
    pub async fn plan(&self, request: &SyncRequest) -> Result<(Current, Plan), EngineError> {
        self.permit(Action::Plan, 0).await?;
        let current = self.refresh().await?;
        let plan = self.plan_of(&current, request)?;
        Ok((current, plan))
    }

    pub(crate) fn plan_of(&self, current: &Current, request: &SyncRequest) -> Result<Plan, EngineError> {
        let default = self.workspace.config.sync.default_direction;
        let mut components = Vec::new();
        let mut bound = Bound::default();
        for (index, selection) in request.select(current, default)? {
            let Some(compared) = &current.entries[index].compared else { continue };
            let code = &current.sides.components[index];
            let decided = decide(
                &compared.drift.reported,
                &selection,
                &compared.comparison.code,
                &compared.comparison.design,
            );
            let edits = edits_of(&self.workspace, current, index, &decided)?;
            bound.components.insert(code.name.clone(), seen_hash(current, index)?);
            for change in &edits.files {
                let hash = change.before.as_ref().map(|text| sha256_hex(text.as_bytes()));
                bound.files.insert(change.file.clone(), hash);
            }
            if let Some(design) = &edits.design {
                bound.files.insert(design.file.clone(), Some(sha256_hex(design.before.as_bytes())));
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
            });
        }
        Ok(Plan { created_at: self.now(), request: request.clone(), components, bound })
    }
}

/// The hash of everything that a plan for a component depends on.
fn seen_hash(current: &Current, index: usize) -> Result<String, EngineError> {
    let entry = &current.entries[index];
    let design = current.design(index).map(|design| &design.component.statement);
    let rules = entry.link.as_ref().map(|link| &link.rules);
    Ok(hash_of(&(&current.sides.components[index].component.statement, design, rules, &entry.baseline))?)
}

/// Works out the edits of both sides for a decided component. Nothing is written.
pub(crate) fn edits_of(
    workspace: &Workspace,
    current: &Current,
    index: usize,
    plan: &ComponentPlan,
) -> Result<Edits, EngineError> {
    let Some(compared) = &current.entries[index].compared else {
        return Err(EngineError::Bug(format!("`{}` is not linked", current.sides.components[index].name)));
    };
    let mut manual = Vec::new();
    let mut notes = Vec::new();
    let code_edits = outstanding(&plan.code_edits, &compared.comparison.code);
    let design_edits = outstanding(&plan.design_edits, &compared.comparison.design);
    let code = code_side(workspace, current, index, &code_edits, &mut manual, &mut notes)?;
    let design = design_side(workspace, current, index, compared, &design_edits, &mut manual, &mut notes)?;
    let left: BTreeSet<&ContractPath> = manual.iter().map(|manual| &manual.path).collect();
    let after = |edits: &[PlannedEdit], contract: &Contract| {
        let mut contract = contract.clone();
        for planned in edits.iter().filter(|planned| !left.contains(&planned.path)) {
            // An edit that no longer applies is one that another, manual edit was needed for.
            _ = planned.edit.apply(&mut contract);
        }
        contract
    };
    let defaults =
        code_edits.iter().chain(&design_edits).filter(|planned| !left.contains(&planned.path)).filter_map(
            |planned| match &planned.edit {
                ContractEdit::SetDefault { property, to } => {
                    Some((ContractPath::Default(property.clone()), to.clone()))
                }
                _ => None,
            },
        );
    let mut code_after = compared.comparison.code.clone();
    for edit in &code.made {
        edit.apply(&mut code_after).map_err(|error| EngineError::Bug(error.to_string()))?;
    }
    let expected = Expected {
        code: code_after,
        design: after(&design_edits, &compared.comparison.design),
        defaults: defaults.collect(),
    };
    Ok(Edits { files: code.files, design, manual, notes, expected })
}

/// The edits that are not in effect already: a declaration that two components share is edited once.
fn outstanding(edits: &[PlannedEdit], contract: &Contract) -> Vec<PlannedEdit> {
    let mut contract = contract.clone();
    edits.iter().filter(|planned| planned.edit.apply(&mut contract).is_ok()).cloned().collect()
}

/// What the edits of code come to.
#[derive(Default)]
struct CodeSide {
    files: Vec<FileChange>,
    /// The edits that the files make, as the next reading will state them.
    made: Vec<ContractEdit>,
}

fn code_side(
    workspace: &Workspace,
    current: &Current,
    index: usize,
    edits: &[PlannedEdit],
    manual: &mut Vec<ManualEdit>,
    notes: &mut Vec<String>,
) -> Result<CodeSide, EngineError> {
    if edits.is_empty() {
        return Ok(CodeSide::default());
    }
    let code = &current.sides.components[index];
    let stories: Vec<_> = current.stories(index).collect();
    let connections: Vec<_> = current.connections(index).collect();
    let options = EditOptions {
        new_stories: if workspace.config.sync.stories { NewStories::Write } else { NewStories::Leave },
        design_spelling: design_spelling(current, index),
        shared: shared_declarations(current, index),
    };
    let contract_edits: Vec<ContractEdit> = edits.iter().map(|planned| planned.edit.clone()).collect();
    let sources = Sources { workspace };
    let planned =
        code_edit::plan(&code.component, &stories, &connections, &contract_edits, &options, &sources);
    notes.extend(
        planned.notes.iter().map(|note| format!("{}:{}: {}", note.place.file, note.place.line, note.text)),
    );
    for left in planned.manual {
        let path = path_of(edits, &left.edit);
        manual.push(ManualEdit {
            path,
            edit: left.edit,
            file: left.place.file,
            line: Some(left.place.line),
            reason: left.reason,
        });
    }
    let files = planned
        .files
        .into_iter()
        .map(|file| {
            let path =
                WorkspacePath::new(&file.file).map_err(|problem| EngineError::Bug(problem.to_string()))?;
            let before = sources.text(&path)?;
            Ok(FileChange { file: path, before, after: file.after })
        })
        .collect::<Result<_, EngineError>>()?;
    Ok(CodeSide { files, made: planned.made })
}

/// How the design spells options that code is about to get, for the maps of Code Connect files.
fn design_spelling(
    current: &Current,
    index: usize,
) -> BTreeMap<(lockstep_core::contract::PropertyName, lockstep_core::contract::OptionName), String> {
    let Some(compared) = &current.entries[index].compared else { return BTreeMap::new() };
    let mut spelling = BTreeMap::new();
    for (code, design) in &compared.comparison.correspondence.properties {
        if let lockstep_core::mapping::DesignName::Options(options) = &design.names {
            for (option, drawn) in options {
                if let Some(drawn) = drawn.first() {
                    spelling.insert((code.clone(), option.clone()), drawn.to_string());
                }
            }
        }
    }
    spelling
}

/// The declarations that other components state their properties by.
fn shared_declarations(current: &Current, index: usize) -> Vec<SharedDeclaration> {
    let places = |index: usize| {
        let origins = current.sides.components[index].component.origins.values();
        origins.flat_map(|origin| std::iter::once(&origin.declared).chain(origin.options.values().flatten()))
    };
    let mine: BTreeSet<_> = places(index).collect();
    let others = (0..current.sides.components.len()).filter(|other| *other != index);
    others
        .flat_map(|other| places(other).map(move |place| (other, place)))
        .filter(|(_, place)| mine.contains(place))
        .map(|(other, place)| SharedDeclaration {
            place: place.clone(),
            component: current.sides.components[other].name.clone(),
        })
        .collect()
}

fn path_of(edits: &[PlannedEdit], edit: &ContractEdit) -> ContractPath {
    match (edits.iter().find(|planned| planned.edit == *edit), edit) {
        (Some(planned), _) => planned.path.clone(),
        // The default of a new property is an edit of its own, which may be left while the property is made.
        (None, ContractEdit::SetDefault { property, .. }) => ContractPath::Default(property.clone()),
        (None, _) => ContractPath::Property(edit.property().clone()),
    }
}

fn design_side(
    workspace: &Workspace,
    current: &Current,
    index: usize,
    compared: &Compared,
    edits: &[PlannedEdit],
    manual: &mut Vec<ManualEdit>,
    notes: &mut Vec<String>,
) -> Result<Option<DesignChange>, EngineError> {
    let (Some(design), false) = (current.design(index), edits.is_empty()) else { return Ok(None) };
    let file = workspace.design_path(&design.source)?;
    let mut translated = Vec::new();
    for planned in edits {
        match compared.comparison.correspondence.to_design(&planned.edit, &design.component.statement) {
            Ok(edits) => translated
                .extend(edits.into_iter().map(|edit| PlannedEdit { path: planned.path.clone(), edit })),
            Err(reason) => manual.push(ManualEdit {
                path: planned.path.clone(),
                edit: planned.edit.clone(),
                file: file.to_string(),
                line: None,
                reason: reason.to_string(),
            }),
        }
    }
    if translated.is_empty() {
        return Ok(None);
    }
    let before = workspace.design_text(&file)?;
    let document = figma::Document::parse(before.as_bytes(), file.as_str())
        .map_err(|error| EngineError::design(error, before.as_bytes()))?;
    let contract_edits: Vec<ContractEdit> = translated.iter().map(|planned| planned.edit.clone()).collect();
    let planned = figma::plan_edits(&document, &design.component.node_id, &contract_edits)
        .map_err(|error| EngineError::design(error, before.as_bytes()))?;
    notes.extend(planned.notes);
    for left in planned.manual {
        let path = path_of(&translated, &left.edit);
        manual.push(ManualEdit {
            path,
            edit: left.edit,
            file: file.to_string(),
            line: None,
            reason: left.reason,
        });
    }
    if planned.text_edits.is_empty() {
        return Ok(None);
    }
    let after = apply_text_edits(&before, &planned.text_edits)
        .map_err(|error| EngineError::Bug(error.to_string()))?;
    Ok(Some(DesignChange { file, nodes: planned.node_edits, before, after }))
}

/// The workspace's source files, for the edits of code.
struct Sources<'a> {
    workspace: &'a Workspace,
}

impl Sources<'_> {
    fn text(&self, path: &WorkspacePath) -> Result<Option<String>, EngineError> {
        match self.workspace.files.read(path)? {
            None => Ok(None),
            Some(bytes) => String::from_utf8(bytes)
                .map(Some)
                .map_err(|_| EngineError::Bug(format!("{path} is not UTF-8"))),
        }
    }
}

impl SourceFiles for Sources<'_> {
    fn read(&self, file: &str) -> std::io::Result<String> {
        let path = WorkspacePath::new(file).map_err(std::io::Error::other)?;
        let text = self.text(&path).map_err(std::io::Error::other)?;
        text.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))
    }
}

/// A plan as it is kept in a file: what was asked for, and what it saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The form of the file: `lockstep.saved-plan/1`.
    pub schema: SavedPlanSchema,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What was asked for.
    pub request: SyncRequest,
    /// What it saw.
    pub bound: Bound,
}

/// The form of a saved plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedPlanSchema {
    /// The one that this version writes.
    #[default]
    #[serde(rename = "lockstep.saved-plan/1")]
    V1,
}

impl SavedPlan {
    /// What is kept of a plan.
    pub fn of(plan: &Plan) -> Self {
        Self {
            schema: SavedPlanSchema::V1,
            created_at: plan.created_at,
            request: plan.request.clone(),
            bound: plan.bound.clone(),
        }
    }
}

impl Engine {
    /// Makes a saved plan anew, to be executed.
    ///
    /// # Errors
    /// When anything that it saw has moved since: it is stale, and never silently made anew.
    pub async fn saved_plan(&self, saved: &SavedPlan) -> Result<(Current, Plan), EngineError> {
        let stale = |what: &str| {
            EngineError::refused(
                "stale-plan",
                format!("the plan is stale: {what} since it was made"),
                "make a new one with `lockstep plan --save FILE`",
            )
        };
        let (current, plan) = match self.plan(&saved.request).await {
            // What the request names is no longer a change: somebody has moved it.
            Err(EngineError::NotFound { message, .. }) => return Err(stale(&message)),
            planned => planned?,
        };
        if plan.bound == saved.bound {
            return Ok((current, plan));
        }
        let components = saved
            .bound
            .components
            .iter()
            .filter(|(name, hash)| plan.bound.components.get(*name) != Some(*hash))
            .map(|(name, _)| name.clone());
        let files = saved
            .bound
            .files
            .iter()
            .filter(|(file, hash)| plan.bound.files.get(*file) != Some(*hash))
            .map(|(file, _)| file.to_string());
        let new =
            plan.bound.components.keys().filter(|name| !saved.bound.components.contains_key(*name)).cloned();
        let moved: Vec<String> = components.chain(files).chain(new).collect();
        Err(stale(&format!("{} moved", moved.join(", "))))
    }
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
            totals.manual += component.manual.len();
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
