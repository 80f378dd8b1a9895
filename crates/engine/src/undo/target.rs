//! What to write so that a state comes back, also where something moved since.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lockstep_core::{baseline::Baseline, contract::sha256_hex, registry::JournalPhase};
use lockstep_store::{ReadTx, journal, undo_entries, undo_entries::UndoEntry};

use crate::{
    apply::short,
    context::Engine,
    design_files::{merged_node, with_node_of},
    error::EngineError,
    journal::{FileIntent, FileWrite, intents},
    registry::Current,
    snapshot::{ComponentState, NodeRecord},
    workspace::{WorkspacePath, files::WorkspaceFiles as _},
};

/// The writes that bring a state back, and what is left as it is because it moved.
#[derive(Default)]
pub(super) struct Target {
    pub(super) writes: Vec<FileWrite>,
    pub(super) kept: Vec<String>,
}

/// A step between two recorded states, and the state that it is taken from.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) from: &'a ComponentState,
    pub(super) to: &'a ComponentState,
    pub(super) now: &'a ComponentState,
}

impl Engine {
    /// What to write so that `to` comes back: exactly where nothing moved, merged where something did.
    pub(super) fn target(&self, Step { from, to, now }: Step<'_>) -> Result<Target, EngineError> {
        let mut target = Target::default();
        for (file, then) in &from.files {
            let (now, wanted) = (&now.files[file], to.files.get(file).cloned().flatten());
            let after = match merge(then.as_deref(), now.as_deref(), wanted.as_deref()) {
                Some(after) => after,
                None => {
                    target.kept.push(format!("{file} was edited in the same place: it is left as it is"));
                    continue;
                }
            };
            if after != *now {
                target.writes.push(FileWrite {
                    file: file.clone(),
                    before: now.as_deref().map(Arc::from),
                    after: after.map(Arc::from),
                });
            }
        }
        let mut designs: BTreeMap<&WorkspacePath, String> = BTreeMap::new();
        for (index, record) in from.nodes.iter().enumerate() {
            let (Some(wanted), Some(now)) = (to.nodes.get(index), now.nodes.get(index)) else { continue };
            if now.state.is_like(&wanted.state) {
                continue;
            }
            let text = match designs.get(&record.file) {
                Some(text) => text.clone(),
                None => self.workspace.design_text(&record.file)?,
            };
            let text = if now.state.is_like(&record.state) {
                with_node_of(text, wanted)?
            } else {
                let (merged, kept) = merged_node(text, record, wanted)?;
                target.kept.extend(kept);
                merged
            };
            designs.insert(&record.file, text);
        }
        for (file, after) in designs {
            let before = self.workspace.design_text(file)?;
            if after != before {
                target.writes.push(FileWrite {
                    file: file.clone(),
                    before: Some(before.into()),
                    after: Some(after.into()),
                });
            }
        }
        Ok(target)
    }

    /// What moved; before it, the operation that changed the component afterwards and is to be undone first.
    pub(super) async fn with_cause(
        &self,
        entry: &UndoEntry,
        moved: Vec<String>,
    ) -> Result<Vec<String>, EngineError> {
        let mut tx = self.store.read().await?;
        let above = undo_entries::standing_above(&mut tx, entry).await?;
        let cause = above.first().map(|operation| {
            format!("operation {} changed it afterwards: undo that first", short(*operation))
        });
        Ok(cause.into_iter().chain(moved).collect())
    }

    /// Whether whatever moved was moved by Lockstep itself, for another component of the same operation or as a baseline that
    /// a reading found: then a merge loses nothing that a person did.
    pub(super) async fn moved_by_us(
        &self,
        entry: &UndoEntry,
        Step { from, now, .. }: Step<'_>,
        about: &BTreeSet<String>,
    ) -> Result<bool, EngineError> {
        let is_like = |(then, now): (&NodeRecord, &NodeRecord)| then.state.is_like(&now.state);
        if from.nodes.len() != now.nodes.len()
            || !from.nodes.iter().zip(&now.nodes).all(is_like)
            || from.address != now.address
            || from.design != now.design
        {
            return Ok(false);
        }
        let mut tx = self.store.read().await?;
        if !undo_entries::standing_above(&mut tx, entry).await?.is_empty() {
            // That one is to be undone first: afterwards it could not be, also where it wrote the very same.
            return Ok(false);
        }
        let is_stated_alike = from.code == now.code && from.rules == now.rules;
        if from.baseline != now.baseline {
            // It moves on by a sync, and none stands above, or by a reading that found both sides to agree.
            return Ok(from.files == now.files && is_stated_alike);
        }
        let mut writes = Vec::new();
        for written in journal::of_operation(&mut tx, entry.sync_operation_id).await? {
            if written.phase == JournalPhase::Committed {
                writes.extend(intents(&written)?);
            }
        }
        let hash = |text: &Option<String>| text.as_ref().map(|text| sha256_hex(text.as_bytes()));
        let by_us = |file: &WorkspacePath, then: &Option<String>| {
            now.files.get(file).is_some_and(|now| leads_to(&writes, file, hash(then), &hash(now)))
        };
        if !is_stated_alike && from.files == now.files {
            return self.changed_by_us_elsewhere(&mut tx, entry, writes, about).await;
        }
        Ok(from.rules == now.rules && from.files.iter().all(|(file, then)| by_us(file, then)))
    }

    /// Whether what code states of a component, its Code Connect rules included, moved through files that were not written
    /// for it, and that Lockstep alone wrote: each stands as it was left, and was found as it had been left before.
    async fn changed_by_us_elsewhere(
        &self,
        tx: &mut ReadTx,
        entry: &UndoEntry,
        of_operation: Vec<FileIntent>,
        about: &BTreeSet<String>,
    ) -> Result<bool, EngineError> {
        let mut written: BTreeMap<WorkspacePath, Vec<FileIntent>> = BTreeMap::new();
        for later in journal::committed_since(tx, entry.created_at).await? {
            for write in intents(&later)?.into_iter().filter(|write| about.contains(write.file.as_str())) {
                written.entry(write.file.clone()).or_default().push(write);
            }
        }
        let stands = |file: &WorkspacePath, writes: &[FileIntent]| {
            let is_one_upon_another = writes.windows(2).all(|pair| pair[0].after == pair[1].before);
            let now = self.workspace.files.hash(file);
            is_one_upon_another && writes.last().is_some_and(|last| now.is_ok_and(|now| now == last.after))
        };
        if !written.is_empty() {
            return Ok(written.iter().all(|(file, writes)| stands(file, writes)));
        }
        let is_ours = |write: &FileIntent| {
            let stands = self.workspace.files.hash(&write.file);
            about.contains(write.file.as_str())
                && stands.is_ok_and(|stands| stands == write.before || stands == write.after)
        };
        Ok(of_operation.iter().any(is_ours))
    }

    /// The state after writing, which must be the wanted one unless later changes were merged in.
    pub(super) fn reached(
        &self,
        name: &str,
        Step { from, to, now }: Step<'_>,
        merging: bool,
        before: &Current,
    ) -> Result<(ComponentState, Current), EngineError> {
        let mut current = self.examine_again(before, &to.touched())?;
        let index = current.named(name)?;
        let entry = &mut current.entries[index];
        entry.baseline = match &now.baseline {
            Some(moved_on) if now.baseline != from.baseline => {
                let stepped = Baseline::stepped(moved_on, from.baseline.as_ref(), to.baseline.as_ref());
                let both = entry.compared.as_ref().map(|compared| &compared.comparison);
                Some(match both {
                    Some(both) => Baseline::advance(Some(&stepped), both, both),
                    None => stepped,
                })
            }
            _ => to.baseline.clone(),
        };
        let reached = ComponentState::capture(&self.workspace, &current, index, &to.touched())?;
        let moved = to.moved(&reached).join(", ");
        if !merging && !moved.is_empty() {
            return Err(EngineError::refused(
                "verify",
                format!("after writing, the state is not the one before: {moved}; nothing was changed"),
                "try again with --merge",
            ));
        }
        Ok((reached, current))
    }
}

/// Whether writes of ours alone, one upon the other, lead from one text of a file to another.
fn leads_to(writes: &[FileIntent], file: &WorkspacePath, from: Option<String>, to: &Option<String>) -> bool {
    let mut reached = BTreeSet::from([from]);
    loop {
        let next = writes
            .iter()
            .filter(|write| write.file == *file && reached.contains(&write.before))
            .map(|write| write.after.clone());
        let before = reached.len();
        let next: Vec<Option<String>> = next.collect();
        reached.extend(next);
        if reached.contains(to) || reached.len() == before {
            return reached.contains(to);
        }
    }
}

/// The text after taking back the step from `then` to `wanted` in a file that is `now` something else; `None` for a
/// conflict. `Some(None)` is no file.
#[expect(clippy::option_option, reason = "no file is a fine result of a merge, and a conflict is none")]
fn merge(then: Option<&str>, now: Option<&str>, wanted: Option<&str>) -> Option<Option<String>> {
    if now == then {
        return Some(wanted.map(str::to_owned));
    }
    if now == wanted || then == wanted {
        return Some(now.map(str::to_owned));
    }
    let (Some(then), Some(now), Some(wanted)) = (then, now, wanted) else { return None };
    diffy::merge(then, now, wanted).ok().map(Some)
}
