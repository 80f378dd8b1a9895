//! The edits of one component on both sides, worked out against what is there now.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lockstep_code::edit::{
    self as code_edit, EditOptions, FileEdits, Heir, NewStories, SharedDeclaration, SourceFiles, StoryModel,
};
use lockstep_code::{Rereading, callers::Callers, model::ScannedComponent};
use lockstep_core::{
    contract::{Contract, ContractPath, OptionName, PropertyName},
    edit::{ContractEdit, TextEdit},
    mapping::DesignName,
    plan::{ComponentPlan, PlannedEdit},
};
use lockstep_design::figma;

use super::{FileChange, ManualEdit};
use crate::{
    documents::Documents,
    error::EngineError,
    registry::{Compared, Current},
    sides::places_of,
    workspace::{Workspace, WorkspacePath, files::WorkspaceFiles as _},
};

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
    pub(crate) before: Arc<str>,
    pub(crate) edits: Vec<TextEdit>,
    /// The hash of the component's node once they are made.
    pub(crate) node_after: Option<String>,
}

/// What both compared contracts must be after the edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) code: Contract,
    pub(crate) design: Contract,
    /// Defaults that were set, which must be stated afterwards.
    pub(crate) defaults: Vec<(ContractPath, Option<String>)>,
}

/// Works out the edits of both sides for a decided component. Nothing is written.
pub(crate) fn edits_of(
    workspace: &Workspace,
    current: &Current,
    index: usize,
    plan: &ComponentPlan,
    documents: &Documents<'_>,
) -> Result<Edits, EngineError> {
    let Some(compared) = &current.entries[index].compared else {
        return Err(EngineError::Bug(format!("`{}` is not linked", current.sides.components[index].name)));
    };
    let mut manual = Vec::new();
    let mut notes = Vec::new();
    let code_edits = outstanding(&plan.code_edits, &compared.comparison.code);
    let design_edits = outstanding(&plan.design_edits, &compared.comparison.design);
    let code = code_side(workspace, current, index, &code_edits, &mut manual, &mut notes)?;
    let design = design_side(
        (workspace, documents),
        current,
        index,
        compared,
        &design_edits,
        &mut manual,
        &mut notes,
    )?;
    let left: BTreeSet<&ContractPath> = manual.iter().map(|manual| &manual.path).collect();
    let after = |edits: &[PlannedEdit], contract: &Contract| {
        let mut contract = contract.clone();
        for planned in edits.iter().filter(|planned| !left.contains(&planned.path)) {
            // An edit that no longer applies is one that another, manual edit was needed for.
            _ = planned.edit.apply(&mut contract);
        }
        contract
    };
    let defaults = [&code_edits, &design_edits].into_iter().flat_map(|edits| {
        let made = edits.iter().filter(|planned| !left.contains(&planned.path));
        made.filter_map(|planned| match &planned.edit {
            ContractEdit::SetDefault { property, to } => {
                Some((ContractPath::Default(name_afterwards(edits, property)), to.clone()))
            }
            _ => None,
        })
    });
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

/// What a property is called once the edits are made.
fn name_afterwards(edits: &[PlannedEdit], property: &PropertyName) -> PropertyName {
    let renamed = edits.iter().find_map(|planned| match &planned.edit {
        ContractEdit::RenameProperty { from, to } if from == property => Some(to),
        _ => None,
    });
    renamed.unwrap_or(property).clone()
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
        heirs: heirs(current, index),
        story_models: if stories.is_empty() { story_models(workspace, current, index) } else { Vec::new() },
    };
    let contract_edits: Vec<ContractEdit> = edits.iter().map(|planned| planned.edit.clone()).collect();
    let callers = contract_edits.iter().any(touches_callers).then(|| current.sides.callers(workspace));
    let packages = current.sides.rereadings(workspace)?;
    let sources = Sources { workspace, callers: callers.transpose()?, packages };
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
            file: left.place.file.to_string(),
            line: Some(left.place.line),
            reason: left.reason,
        });
    }
    let files = laid_out(workspace, &sources, planned.files, notes)?;
    Ok(CodeSide { files, made: planned.made })
}

/// The files of an edit before and after, new stories laid out by the project's own formatter.
pub(crate) fn laid_out(
    workspace: &Workspace,
    sources: &Sources<'_>,
    files: Vec<FileEdits>,
    notes: &mut Vec<String>,
) -> Result<Vec<FileChange>, EngineError> {
    files
        .into_iter()
        .map(|file| {
            let path =
                WorkspacePath::new(&file.file).map_err(|problem| EngineError::Bug(problem.to_string()))?;
            let before = sources.text(&path)?;
            let mut after = file.after;
            if file.new_stories && workspace.config.sync.format {
                let formatters = &workspace.formatters;
                match formatters.laid_out(&workspace.folder, &path, before.as_deref(), &after) {
                    Ok(laid_out) => after = laid_out.unwrap_or(after),
                    Err(reason) => notes.push(format!("{path}: its new stories are not formatted: {reason}")),
                }
            }
            Ok(FileChange { file: path, before, after })
        })
        .collect()
}

/// Whether code that uses the component may have to follow an edit.
fn touches_callers(edit: &ContractEdit) -> bool {
    match edit {
        ContractEdit::AddProperty { .. } | ContractEdit::SetDefault { .. } => false,
        ContractEdit::RemoveProperty { .. }
        | ContractEdit::RenameProperty { .. }
        | ContractEdit::ChangeKind { .. }
        | ContractEdit::AddOption { .. }
        | ContractEdit::RemoveOption { .. }
        | ContractEdit::RenameOption { .. } => true,
    }
}

/// The components that take a property by the same declaration.
fn heirs(current: &Current, index: usize) -> Vec<Heir> {
    let declared = |index: usize| {
        let origins = current.sides.components[index].component.origins.values();
        origins.map(|origin| &origin.declared)
    };
    let mine: BTreeSet<_> = declared(index).collect();
    let others = current.sides.neighbours_of(index).into_iter();
    others
        .filter(|other| declared(*other).any(|place| mine.contains(place)))
        .map(|other| Heir {
            component: ScannedComponent::clone(&current.sides.components[other].component),
            stories: current.stories(other).cloned().collect(),
            connections: current.connections(other).cloned().collect(),
        })
        .collect()
}

/// So many story files are looked at for how the project writes them.
const MODELS: usize = 8;

/// The story files of a component's package: those that stand nearest to it first, and of these those whose titles stand
/// where most do.
pub(crate) fn story_models(workspace: &Workspace, current: &Current, index: usize) -> Vec<StoryModel> {
    let own: &str = &current.sides.components[index].component.declared.file;
    let roots = workspace.config.code.iter().map(|package| package.root.as_str());
    let root = roots.filter(|root| is_below(own, root)).max_by_key(|root| root.len()).unwrap_or_default();
    let shared =
        |file: &str| own.split('/').zip(file.split('/')).take_while(|(one, other)| one == other).count();
    let stories = current.sides.stories.iter().filter(|story| is_below(&story.declared.file, root));
    let mut files: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for story in stories {
        if let Some(component) = &story.component_file {
            let above = story.title.rsplit_once('/').map_or("", |(above, _)| above);
            files.entry(&story.declared.file).or_insert((component, above));
        }
    }
    let titled = |above: &str| files.values().filter(|(_, other)| *other == above).count();
    let mut models: Vec<_> = files
        .iter()
        .map(|(file, (component, above))| (Reverse((shared(file), titled(above))), *file, *component))
        .collect();
    models.sort_unstable();
    let models = models.into_iter().take(MODELS);
    models
        .map(|(_, file, component)| StoryModel {
            file: file.to_owned(),
            component_file: Some(component.to_owned()),
        })
        .collect()
}

fn is_below(file: &str, folder: &str) -> bool {
    folder.is_empty() || folder == "." || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// How the design spells options that code is about to get, for the maps of Code Connect files.
fn design_spelling(current: &Current, index: usize) -> BTreeMap<(PropertyName, OptionName), String> {
    let Some(compared) = &current.entries[index].compared else { return BTreeMap::new() };
    let mut spelling = BTreeMap::new();
    for (code, design) in &compared.comparison.correspondence.properties {
        if let DesignName::Options(options) = &design.names {
            for (option, drawn) in options.iter() {
                spelling.entry((code.clone(), option.clone())).or_insert_with(|| drawn.to_string());
            }
        }
    }
    spelling
}

/// The declarations that other components state their properties by.
fn shared_declarations(current: &Current, index: usize) -> Vec<SharedDeclaration> {
    let places = |index: usize| places_of(&current.sides.components[index].component);
    let mine: BTreeSet<_> = places(index).collect();
    let others = current.sides.neighbours_of(index).into_iter();
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

/// Why a live file is not edited here.
const LIVE: &str = "the file is live in Figma: change it there, then run `lockstep fetch`";

fn design_side(
    (workspace, documents): (&Workspace, &Documents<'_>),
    current: &Current,
    index: usize,
    compared: &Compared,
    edits: &[PlannedEdit],
    manual: &mut Vec<ManualEdit>,
    notes: &mut Vec<String>,
) -> Result<Option<DesignChange>, EngineError> {
    let (Some(design), false) = (current.design(index), edits.is_empty()) else { return Ok(None) };
    let file = workspace.design_path(&design.source)?;
    if workspace.config.design_file(&design.source).is_some_and(|file| file.live.is_some()) {
        // The next fetch would take back what is written into the copy.
        manual.extend(edits.iter().map(|planned| ManualEdit {
            path: planned.path.clone(),
            edit: planned.edit.clone(),
            file: file.to_string(),
            line: None,
            reason: LIVE.to_owned(),
        }));
        return Ok(None);
    }
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
    let (before, document) = documents.open(&file)?;
    let contract_edits: Vec<ContractEdit> = translated.iter().map(|planned| planned.edit.clone()).collect();
    let planned = figma::plan_edits(document, &design.component.node_id, &contract_edits)
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
    let (nodes, before) = (planned.node_edits, before.clone());
    let (edits, node_after) = (planned.text_edits, planned.state_hash);
    Ok(Some(DesignChange { file, nodes, before, edits, node_after }))
}

/// The workspace's source files, for the edits of code.
pub(crate) struct Sources<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) callers: Option<&'a Callers>,
    pub(crate) packages: &'a [Rereading],
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

    fn callers(&self) -> Option<&Callers> {
        self.callers
    }

    fn packages(&self) -> &[Rereading] {
        self.packages
    }
}
