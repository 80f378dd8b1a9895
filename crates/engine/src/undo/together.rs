//! Components that are turned together: those from the front of what is left that stand apart and of which nothing moved.
//! What is not so simple, or fails, is turned by itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lockstep_core::{
    edit::{TextEdit, apply_text_edits},
    ids::{DesignId, OperationId},
    registry::JournalKind,
    undo::{Outcome, UndoAction},
};
use lockstep_design::figma;
use lockstep_store::undo_entries::{UndoEntry, Undoing};
use rayon::prelude::*;

use super::{Run, UndoResult};
use crate::{
    apart::{Apart, Writing},
    context::Engine,
    documents::{DesignTexts, Documents},
    error::EngineError,
    failpoint,
    journal::{FileWrite, HALF_DONE, Part, Prepared, Purpose},
    registry::Current,
    snapshot::{ComponentState, Kept, Touched, keep},
    workspace::WorkspacePath,
};

/// So many at most: what reading and writing costs is shared by them.
const MOST: usize = 256;

/// How many components are tried together: fewer after some that could not be, then more again.
pub(super) struct Together(usize);

impl Default for Together {
    fn default() -> Self {
        Self(MOST)
    }
}

impl Together {
    fn failed(&mut self, tried: usize) {
        self.0 = (tried / 4).max(1);
    }

    /// One was turned by itself.
    pub(super) fn alone(&mut self) {
        self.0 = (self.0 * 2).min(MOST);
    }
}

/// One component, with the state that it is to have and the one that it has.
struct Turning<'e> {
    entry: &'e UndoEntry,
    name: String,
    to: ComponentState,
    now: ComponentState,
    /// The files that are written for it.
    files: BTreeSet<WorkspacePath>,
    /// The design component that it stands for.
    design: Option<DesignId>,
}

/// Those that are turned together, and what is written for them.
struct Group<'e> {
    members: Vec<Turning<'e>>,
    writes: Vec<FileWrite>,
}

impl Engine {
    /// Turns as many entries from the front as can be turned together; none where the first has to be turned by itself.
    pub(super) async fn turn_together(
        &self,
        run: &Run,
        entries: &[UndoEntry],
        current: &mut Current,
        together: &mut Together,
    ) -> Result<Vec<UndoResult>, EngineError> {
        let entries = &entries[..entries.len().min(together.0)];
        if entries.len() < 2 || self.progress().wants_stop() {
            return Ok(Vec::new());
        }
        match self.try_together(run, entries, current).await {
            Ok(done) if !done.is_empty() => Ok(done),
            Err(error) if error.code() == HALF_DONE => Err(error),
            // Each by itself then, which says what is wrong with which.
            _ => {
                together.failed(entries.len());
                Ok(Vec::new())
            }
        }
    }

    async fn try_together(
        &self,
        run: &Run,
        entries: &[UndoEntry],
        current: &mut Current,
    ) -> Result<Vec<UndoResult>, EngineError> {
        let _held = self.hold_files().await?;
        self.catch_up_with_others(run, current).await?;
        let hashes = entries.iter().map(|entry| match run.action {
            UndoAction::Undo => (entry.post_state_hash.as_str(), entry.pre_state_hash.as_str()),
            UndoAction::Redo => (entry.pre_state_hash.as_str(), entry.post_state_hash.as_str()),
        });
        let (from, to): (Vec<&str>, Vec<&str>) = hashes.unzip();
        let mut tx = self.store.read().await?;
        let from = ComponentState::load_all(&mut tx, &from).await?;
        let to = ComponentState::load_all(&mut tx, &to).await?;
        drop(tx);
        let mut loaded = Vec::with_capacity(entries.len());
        for (entry, (from, to)) in entries.iter().zip(from.into_iter().zip(to)) {
            loaded.push((entry, run.name(entry)?.to_owned(), from, to));
        }
        let group = self.group(current, loaded)?;
        if group.members.len() < 2 {
            return Ok(Vec::new());
        }
        self.turn_group(run.action, &group, current).await?;
        Ok(group.members.iter().map(Turning::done).collect())
    }

    /// Takes entries from the front while nothing of them moved and they stand apart.
    fn group<'e>(
        &self,
        current: &Current,
        loaded: Vec<(&'e UndoEntry, String, ComponentState, ComponentState)>,
    ) -> Result<Group<'e>, EngineError> {
        let texts = DesignTexts::of(&self.workspace);
        let documents = Documents::known(&texts, &current.sides);
        let mut apart = Apart::default();
        let mut group = Group { members: Vec::new(), writes: Vec::new() };
        let mut designs: BTreeMap<WorkspacePath, Vec<TextEdit>> = BTreeMap::new();
        for (entry, name, from, to) in loaded {
            let Ok(index) = current.named(&name) else { break };
            let touched = from.touched();
            let now = ComponentState::capture_from(&self.workspace, &documents, current, index, &touched);
            let Ok(now) = now else { break };
            if !from.moved(&now).is_empty() {
                break;
            }
            let mut edits = Vec::new();
            for record in &to.nodes {
                let (text, document) = documents.open(&record.file)?;
                let restored = figma::restore_edits(document, &record.state)
                    .map_err(|error| EngineError::design(error, text.as_bytes()))?;
                edits.push((&record.file, &record.node, restored));
            }
            let writing = Writing {
                code: from.files.keys().collect(),
                design: edits.iter().map(|(file, node, edits)| (*file, *node, edits.as_slice())).collect(),
            };
            if !apart.takes(current, index, writing, &documents)? {
                break;
            }
            let code: Vec<FileWrite> = code_writes(&now, &to).collect();
            let mut files: BTreeSet<_> = code.iter().map(|write| write.file.clone()).collect();
            for (file, _, edits) in edits.into_iter().filter(|(_, _, edits)| !edits.is_empty()) {
                files.insert(file.clone());
                designs.entry(file.clone()).or_default().extend(edits);
            }
            group.writes.extend(code);
            let link = current.entries[index].link.as_ref();
            let design = link.map(|link| current.design_ids[link.design]);
            group.members.push(Turning { entry, name, to, now, files, design });
        }
        for (file, edits) in designs {
            let before = documents.open(&file)?.0;
            let after =
                apply_text_edits(before, &edits).map_err(|error| EngineError::Bug(error.to_string()))?;
            group.writes.push(FileWrite {
                file,
                before: Some(Arc::clone(before)),
                after: Some(after.into()),
            });
        }
        Ok(group)
    }

    async fn turn_group(
        &self,
        action: UndoAction,
        group: &Group<'_>,
        current: &mut Current,
    ) -> Result<(), EngineError> {
        let kind = match action {
            UndoAction::Undo => JournalKind::Undo,
            UndoAction::Redo => JournalKind::Redo,
        };
        let parts = group.members.iter().map(|member| Part {
            purpose: Purpose { operation: member.operation(), component: member.entry.component_id, kind },
            before: &member.now,
            files: member.files.clone(),
            nodes: member.to.node_intents(),
        });
        let prepared = self.prepare_together(parts.collect(), group.writes.clone()).await?;
        let written = self.write_unmoved(prepared).await?;
        let reached = self.reached_together(&group.members, current);
        let (mut after, reached) = match failpoint::pass("turn.verified").and(reached) {
            Ok(reached) => reached,
            Err(error) => return Err(written.give_up(self, error).await),
        };
        let recorded = self.record_together(action, &group.members, &reached, &written).await;
        written.conclude(self, recorded).await?;
        after.compared_at = self.now();
        *current = after;
        Ok(())
    }

    /// The states after writing, which must be the wanted ones.
    fn reached_together(
        &self,
        members: &[Turning<'_>],
        before: &Current,
    ) -> Result<(Current, Vec<ComponentState>), EngineError> {
        let mut touched = Touched::default();
        for member in members {
            let one = member.to.touched();
            touched.files.extend(one.files);
            touched.nodes.extend(one.nodes);
        }
        let texts = DesignTexts::of(&self.workspace);
        let documents = Documents::of(&texts);
        let mut current = self.examine_from(before, &touched, &documents)?;
        let mut states = Vec::with_capacity(members.len());
        for Turning { name, to, .. } in members {
            let index = current.named(name)?;
            current.entries[index].baseline.clone_from(&to.baseline);
            let touched = to.touched();
            let state = ComponentState::capture_from(&self.workspace, &documents, &current, index, &touched)?;
            let moved = to.moved(&state).join(", ");
            if !moved.is_empty() {
                return Err(EngineError::refused(
                    "verify",
                    format!("after writing, the state of {name} is not the one before: {moved}"),
                    "turn it by itself",
                ));
            }
            states.push(state);
        }
        Ok((current, states))
    }

    async fn record_together(
        &self,
        action: UndoAction,
        members: &[Turning<'_>],
        reached: &[ComponentState],
        written: &Prepared,
    ) -> Result<(), EngineError> {
        let posts = reached.par_iter().map(Kept::of).collect::<Result<Vec<_>, _>>()?;
        let turned: Vec<_> = members
            .iter()
            .zip(reached)
            .map(|(member, state)| (member.entry, state.baseline.as_ref(), member.design))
            .collect();
        let done: Vec<UndoResult> = members.iter().map(Turning::done).collect();
        let told: Vec<_> = members.iter().map(|member| member.entry).zip(&done).collect();
        let mut tx = self.store.begin().await?;
        self.record_turns(&mut tx, action, Undoing::Exact, &turned).await?;
        keep(&mut tx, &posts, self.now()).await?;
        written.commit_together(self, &mut tx, posts.iter().map(|post| post.hash.as_str())).await?;
        self.tell(&mut tx, action, &told).await?;
        failpoint::pass("turn.recording")?;
        tx.commit().await?;
        failpoint::pass("turn.committed")
    }
}

impl Turning<'_> {
    fn operation(&self) -> OperationId {
        self.entry.sync_operation_id
    }

    fn done(&self) -> UndoResult {
        UndoResult {
            name: self.name.clone(),
            outcome: Outcome::Done,
            merged: false,
            files: self.files.iter().cloned().collect(),
            reasons: Vec::new(),
        }
    }
}

/// The files of code that are other in the wanted state.
fn code_writes<'s>(
    now: &'s ComponentState,
    to: &'s ComponentState,
) -> impl Iterator<Item = FileWrite> + use<'s> {
    now.files.iter().filter_map(|(file, before)| {
        let after = to.files.get(file).cloned().flatten();
        let text = |text: Option<&str>| text.map(Arc::from);
        (after != *before).then(|| FileWrite {
            file: file.clone(),
            before: text(before.as_deref()),
            after: text(after.as_deref()),
        })
    })
}
