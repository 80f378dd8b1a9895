//! Which components are written together: those that stand apart, each with its edits worked out against what is there
//! now. Applying them at once comes to the same as one after another, in any order, and each can be taken back alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lockstep_core::{contract::ContractPath, edit::apply_text_edits};

use super::run::Run;
use crate::{
    apart::{Apart, Writing},
    documents::{DesignTexts, Documents},
    error::EngineError,
    journal::{FileWrite, NodeIntent},
    plan::{Bound, Edits, PlannedComponent, edits_of},
    scaffold,
    sides::DesignEntry,
    snapshot::{ComponentState, Touched},
    workspace::{Workspace, WorkspacePath, files::WorkspaceFiles as _},
};

/// One component of a group.
pub(super) struct Member<'p> {
    pub(super) planned: &'p PlannedComponent,
    /// Which of the components that were read last.
    pub(super) index: usize,
    pub(super) edits: Edits,
    pub(super) touched: Touched,
    pub(super) before: ComponentState,
}

/// Components that are written together.
pub(super) struct Group<'p> {
    /// The components from the front of what is left, with why one can't be written.
    pub(super) formed: Vec<Result<Member<'p>, EngineError>>,
    /// What is written for all of them.
    pub(super) writes: Vec<FileWrite>,
}

impl<'p> Group<'p> {
    /// Takes components from the front until one does not stand apart from those before it. What someone else changed
    /// since the preview is never overwritten.
    pub(super) fn form(run: &Run<'_>, next: &[&'p PlannedComponent]) -> Result<Self, EngineError> {
        let workspace = &run.engine.workspace;
        let texts = DesignTexts::of(workspace);
        let documents = Documents::known(&texts, &run.current.sides);
        let mut hashes = Hashes::new(workspace);
        let mut apart = Apart::default();
        let mut formed = Vec::new();
        for planned in next {
            match member(run, planned, &documents, &mut hashes) {
                Ok(member) if !apart.takes(&run.current, member.index, member.writing(), &documents)? => {
                    break;
                }
                member => formed.push(member),
            }
        }
        let writes = writes(formed.iter().flatten())?;
        Ok(Self { formed, writes })
    }

    /// Those that are written.
    pub(super) fn members(&self) -> impl Iterator<Item = &Member<'p>> {
        self.formed.iter().flatten()
    }

    /// The first file that changed since the preview.
    pub(super) fn changed_file(
        &self,
        workspace: &Workspace,
        bound: &Bound,
    ) -> Result<Option<WorkspacePath>, EngineError> {
        let mut hashes = Hashes::new(workspace);
        for member in self.members() {
            if let Some(file) = hashes.changed(bound, member.planned, &member.edits)? {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }
}

fn member<'p>(
    run: &Run<'_>,
    planned: &'p PlannedComponent,
    documents: &Documents<'_>,
    hashes: &mut Hashes<'_>,
) -> Result<Member<'p>, EngineError> {
    let (workspace, current) = (&run.engine.workspace, &run.current);
    let index = current.named(&planned.name)?;
    if run.stale.contains(&planned.name) {
        return Err(changed_since_preview(&planned.name));
    }
    let edits = match &planned.scaffold {
        None => edits_of(workspace, current, index, &planned.plan, documents)?,
        Some(scaffold) => scaffold::edits_of(workspace, current, index, scaffold)?,
    };
    if let Some(file) = hashes.changed(&run.bound, planned, &edits)? {
        return Err(changed_since_preview(&file));
    }
    let node = |design: &DesignEntry| design.component.node_id.clone();
    let touched = Touched {
        files: edits.files.iter().map(|change| change.file.clone()).collect(),
        nodes: edits
            .design
            .iter()
            .filter_map(|design| Some((design.file.clone(), node(current.design(index)?))))
            .collect(),
    };
    let before = ComponentState::capture_from(workspace, documents, current, index, &touched)?;
    Ok(Member { planned, index, edits, touched, before })
}

impl Member<'_> {
    /// The files that are written for it.
    pub(super) fn written(&self) -> impl Iterator<Item = &WorkspacePath> {
        let design = self.edits.design.iter().map(|design| &design.file);
        self.edits.files.iter().map(|change| &change.file).chain(design)
    }

    /// Its design node, as it will be.
    pub(super) fn node_intents(&self) -> Vec<NodeIntent> {
        let after = self.edits.design.as_ref().and_then(|design| design.node_after.clone());
        let intent = self.touched.nodes.first().zip(after).map(|((file, node), after)| NodeIntent {
            file: file.clone(),
            node: node.clone(),
            after,
        });
        intent.into_iter().collect()
    }

    fn writing(&self) -> Writing<'_> {
        let design = self.edits.design.as_ref().zip(self.touched.nodes.first());
        Writing {
            code: self.touched.files.iter().collect(),
            design: design
                .map(|(design, (file, node))| (file, node, design.edits.as_slice()))
                .into_iter()
                .collect(),
        }
    }

    /// The changes that it gets.
    pub(super) fn applied(&self) -> Vec<ContractPath> {
        let manual: Vec<&ContractPath> = self.edits.manual.iter().map(|manual| &manual.path).collect();
        let plan = &self.planned.plan;
        let paths = plan.code_edits.iter().chain(&plan.design_edits).map(|edit| edit.path.clone());
        paths.filter(|path| !manual.contains(&path)).collect()
    }
}

/// The hashes of files as they are now, each taken once.
struct Hashes<'w> {
    workspace: &'w Workspace,
    known: BTreeMap<WorkspacePath, Option<String>>,
}

impl<'w> Hashes<'w> {
    fn new(workspace: &'w Workspace) -> Self {
        Self { workspace, known: BTreeMap::new() }
    }

    /// The first file that is not what the preview, or a write since, left it as: of those that are edited, and of those
    /// that were to be, for somebody may have made the edit already.
    fn changed(
        &mut self,
        bound: &Bound,
        planned: &PlannedComponent,
        edits: &Edits,
    ) -> Result<Option<WorkspacePath>, EngineError> {
        let code = planned.files.iter().chain(&edits.files).map(|change| &change.file);
        let design = planned.design_file.iter().chain(edits.design.iter().map(|design| &design.file));
        let files: BTreeSet<&WorkspacePath> = code.chain(design).collect();
        for file in files {
            if !self.known.contains_key(file) {
                self.known.insert(file.clone(), self.workspace.files.hash(file)?);
            }
            // A file that the preview did not name was not there for anybody to agree to.
            if bound.files.get(file) != self.known.get(file) {
                return Ok(Some(file.clone()));
            }
        }
        Ok(None)
    }
}

/// Each file with all its edits. The edits of one design file are made at once.
fn writes<'m>(members: impl Iterator<Item = &'m Member<'m>>) -> Result<Vec<FileWrite>, EngineError> {
    let mut writes = Vec::new();
    let mut designs: BTreeMap<&WorkspacePath, (&Arc<str>, Vec<_>)> = BTreeMap::new();
    for member in members {
        writes.extend(member.edits.files.iter().map(|change| FileWrite {
            file: change.file.clone(),
            before: change.before.as_deref().map(Arc::from),
            after: Some(change.after.as_str().into()),
        }));
        if let Some(design) = &member.edits.design {
            let (_, edits) = designs.entry(&design.file).or_insert_with(|| (&design.before, Vec::new()));
            edits.extend(design.edits.iter().cloned());
        }
    }
    for (file, (before, edits)) in designs {
        let after = apply_text_edits(before, &edits).map_err(|error| EngineError::Bug(error.to_string()))?;
        writes.push(FileWrite {
            file: file.clone(),
            before: Some(Arc::clone(before)),
            after: Some(after.into()),
        });
    }
    Ok(writes)
}

pub(super) fn changed_since_preview(what: &dyn std::fmt::Display) -> EngineError {
    EngineError::refused(
        "changed-since-preview",
        format!("changed since preview: {what}"),
        "look at it and plan again",
    )
}
