//! Scaffolds: stories for what has none, planned and applied as a sync is, and taken back as one.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_code::edit::{self as code_edit, EditOptions};
use lockstep_core::{
    contract::{OptionName, PropertyName, sha256_hex},
    coverage::{Drawn, Strategy, Subject, TestedStory, declared, evaluate, points_shown},
    direction::Direction,
    operation::ComponentState,
    plan::{ComponentPlan, ComponentSelection},
    role::Action,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    apply::{OnLock, OperationReport, SyncOutcome},
    context::Engine,
    coverage::tested_stories,
    error::EngineError,
    plan::{Bound, Edits, Expected, Plan, PlannedComponent, Sources, laid_out, seen_hash, story_models},
    progress::Stage,
    registry::Current,
    request::SyncRequest,
    workspace::Workspace,
};

/// What is written for a component beside what both sides state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Scaffold {
    /// The options that get a story each.
    pub stories: Vec<(PropertyName, OptionName)>,
}

/// A component that gets nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotScaffolded {
    /// The component.
    pub component: String,
    /// Why.
    pub reason: String,
}

impl Engine {
    /// Previews stories for the options of components that no story shows. Nothing is written.
    ///
    /// # Errors
    /// When a name is of no component, a side can't be read, or the role does not allow it.
    pub async fn plan_stories(
        &self,
        names: &[String],
    ) -> Result<(Current, Plan, Vec<NotScaffolded>), EngineError> {
        self.permit(Action::Plan, 0).await?;
        let current = self.refresh().await?;
        let rules = &self.workspace.config.coverage;
        let mut chosen = current.matching(names)?;
        // Whoever names a component wants it, whatever is left out otherwise.
        chosen.retain(|index| !names.is_empty() || !rules.excludes(&current.sides.components[*index].name));
        let (plan, left) = self.scaffold_plan(&current, &chosen)?;
        Ok((current, plan, left))
    }

    /// Writes the stories that the components of a sync lack, once it is done. What comes of it is in the report, and the
    /// sync stands either way.
    pub(crate) async fn scaffold_after(
        &self,
        current: Current,
        report: &mut OperationReport,
        on_lock: OnLock,
    ) {
        let applied = report.components.iter().filter(|result| result.state == ComponentState::Applied);
        let chosen: Vec<usize> = applied.filter_map(|result| current.named(&result.name).ok()).collect();
        let written = async {
            let (plan, _) = self.scaffold_plan(&current, &chosen)?;
            Box::pin(self.sync(current, &plan, on_lock)).await
        };
        match written.await {
            Ok(SyncOutcome::Executed(done)) => report.scaffold = Some(Box::new(done)),
            Ok(SyncOutcome::NothingToDo | SyncOutcome::Repeated(_)) => {}
            Err(error) => report.scaffold_refused = Some(error.to_string()),
        }
    }

    fn scaffold_plan(
        &self,
        current: &Current,
        chosen: &[usize],
    ) -> Result<(Plan, Vec<NotScaffolded>), EngineError> {
        let rules = &self.workspace.config.coverage;
        let (mut components, mut left, mut bound) = (Vec::new(), Vec::new(), Bound::default());
        self.progress().begin(Stage::Plan, "");
        for index in chosen.iter().copied() {
            let name = &current.sides.components[index].name;
            let leave = |reason: String| NotScaffolded { component: name.clone(), reason };
            if let Some(pattern) = rules.paused(name) {
                left.push(leave(format!("paused by `{}`: `lockstep pause --end` goes on", pattern.as_str())));
                continue;
            }
            let Some(scaffold) = Scaffold::of(current, index) else { continue };
            let edits = edits_of(&self.workspace, current, index, &scaffold)?;
            left.extend(edits.notes.iter().map(|note| leave(note.clone())));
            if edits.files.is_empty() {
                continue;
            }
            bound.components.insert(name.clone(), seen_hash(current, index)?);
            let mut content = String::new();
            for change in &edits.files {
                let hash = change.before.as_ref().map(|text| sha256_hex(text.as_bytes()));
                bound.files.insert(change.file.clone(), hash);
                content.push_str(&change.after);
            }
            let mut selection = ComponentSelection::all(Direction::DesignToCode);
            selection.scaffold = Some(sha256_hex(content.as_bytes()));
            components.push(PlannedComponent {
                id: current.entries[index].id,
                name: name.clone(),
                selection,
                plan: ComponentPlan::default(),
                files: edits.files,
                nodes: Vec::new(),
                design_file: None,
                manual: Vec::new(),
                notes: Vec::new(),
                scaffold: Some(scaffold),
            });
        }
        self.progress().end();
        let names = components.iter().map(|planned| planned.name.clone()).collect();
        let request = SyncRequest { components: names, ..SyncRequest::default() };
        Ok((Plan { created_at: self.now(), request, components, blocked: Vec::new(), bound }, left))
    }
}

impl Scaffold {
    /// What a component lacks; nothing where it lacks nothing.
    fn of(current: &Current, index: usize) -> Option<Self> {
        let code = &current.sides.components[index].component.statement;
        let (nothing, wanted) = (BTreeMap::new(), BTreeSet::new());
        let mut stories = tested_stories(current, index);
        let has_none = stories.is_empty();
        if has_none {
            // The first one is the component as it is by itself.
            stories.push(TestedStory { shows: points_shown(&code.contract, []), ..TestedStory::default() });
        }
        let found = evaluate(&Subject {
            strategy: Strategy::EachOption,
            code,
            design: None::<Drawn<'_>>,
            stories: &stories,
            tests: &nothing,
            wanted: &wanted,
        });
        let mut declared = declared(Strategy::EachOption, code, None).variants;
        let lacking =
            found.matrix.into_iter().filter(|row| row.stories.is_empty() && row.may_show.is_empty());
        let stories: Vec<_> = lacking.filter_map(|row| declared.remove(&row.variant)).flatten().collect();
        (has_none || !stories.is_empty()).then_some(Self { stories })
    }
}

/// The edits of a scaffold, worked out against what is there now.
pub(crate) fn edits_of(
    workspace: &Workspace,
    current: &Current,
    index: usize,
    scaffold: &Scaffold,
) -> Result<Edits, EngineError> {
    let code = &current.sides.components[index];
    let stories: Vec<_> = current.stories(index).collect();
    let models = if stories.is_empty() { story_models(workspace, current, index) } else { Vec::new() };
    let options = EditOptions { story_models: models, ..EditOptions::default() };
    let sources = Sources { workspace, callers: None, packages: &[] };
    let planned = code_edit::plan_stories(&code.component, &stories, &scaffold.stories, &options, &sources);
    let mut notes: Vec<String> = planned
        .notes
        .iter()
        .map(|note| format!("{}:{}: {}", note.place.file, note.place.line, note.text))
        .collect();
    let files = laid_out(workspace, &sources, planned.files, &mut notes)?;
    let compared = current.entries[index].compared.as_ref();
    let (code, design) = compared
        .map(|compared| (compared.comparison.code.clone(), compared.comparison.design.clone()))
        .unwrap_or_default();
    let expected = Expected { code, design, defaults: Vec::new() };
    Ok(Edits { files, design: None, manual: Vec::new(), notes, expected })
}
