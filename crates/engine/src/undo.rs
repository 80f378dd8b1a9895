//! Takes operations back, whole or component by component, and applies them again.

use std::collections::BTreeMap;

use lockstep_core::{
    ids::{OperationId, UndoEventId},
    registry::JournalKind,
    role::Action,
    undo::{Outcome, UNDO_OPERATIONS, UndoAction, UndoState},
};
use lockstep_store::{
    Tx, baselines, components, journal, operations, snapshots,
    undo_entries::{self, Mark, UndoEntry, Undoing},
    undo_events,
};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    apply::short,
    context::Engine,
    design_files::with_nodes_of,
    error::EngineError,
    journal::{FileWrite, Purpose},
    progress::Stage,
    registry::baseline_row,
    snapshot::{ComponentState, NodeRecord},
    workspace::WorkspacePath,
};

/// What to do when something moved since the operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WhenMoved {
    /// Change nothing and say what moved.
    #[default]
    Refuse,
    /// Merge three ways what can be merged.
    Merge,
}

/// What is to be undone or redone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndoRequest {
    /// The operation, by the beginning of its id; the newest that can be without.
    pub operation: Option<String>,
    /// Only these components of it; all without.
    pub components: Vec<String>,
    /// What to do when something moved since.
    pub when_moved: WhenMoved,
}

/// What became of an undo or redo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UndoReport {
    /// The operation.
    pub operation: OperationId,
    /// Undo or redo.
    pub action: UndoAction,
    /// Each component's result, in the order in which they were done.
    pub components: Vec<UndoResult>,
}

/// What became of one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UndoResult {
    /// Its name.
    pub name: String,
    /// Whether it was done.
    pub outcome: Outcome,
    /// Whether later changes were kept by a merge.
    pub merged: bool,
    /// The files that were written.
    pub files: Vec<WorkspacePath>,
    /// What moved since, or why it failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

impl Engine {
    /// Takes an operation back.
    ///
    /// # Errors
    /// When there is nothing to undo, it is beyond its window, the role does not allow it, or the registry fails. A
    /// component that moved since is no error: it is left as it is, and the report says what moved.
    pub async fn undo(&self, request: &UndoRequest) -> Result<UndoReport, EngineError> {
        self.turn(UndoAction::Undo, request).await
    }

    /// Applies an undone operation again.
    ///
    /// # Errors
    /// As [`Engine::undo`].
    pub async fn redo(&self, request: &UndoRequest) -> Result<UndoReport, EngineError> {
        self.turn(UndoAction::Redo, request).await
    }

    async fn turn(&self, action: UndoAction, request: &UndoRequest) -> Result<UndoReport, EngineError> {
        let needs = match action {
            UndoAction::Undo => Action::Undo,
            UndoAction::Redo => Action::Redo,
        };
        self.permit(needs, 0).await?;
        let (operation, entries) = match self.choose(action, request).await {
            Ok(chosen) => chosen,
            Err(error) => {
                let mut tx = self.store.begin().await?;
                self.audit(
                    &mut tx,
                    needs.as_str(),
                    Outcome::Refused,
                    0,
                    json!({ "reason": error.to_string() }),
                )
                .await?;
                tx.commit().await?;
                return Err(error);
            }
        };
        self.progress().begin(Stage::Undo, "");
        let mut results = Vec::new();
        for (done, entry) in entries.iter().enumerate() {
            results.push(self.turn_entry(action, entry, request.when_moved).await?);
            self.progress().advance(done + 1, entries.len());
        }
        self.progress().end();
        self.refresh().await?;
        let done = results.iter().filter(|result| result.outcome == Outcome::Done).count();
        let outcome = if done > 0 { Outcome::Done } else { Outcome::Refused };
        let mut tx = self.store.begin().await?;
        let detail = json!({ "operation": operation, "done": done, "refused": results.len() - done });
        self.audit(&mut tx, needs.as_str(), outcome, results.len(), detail).await?;
        tx.commit().await?;
        Ok(UndoReport { operation, action, components: results })
    }

    /// The operation and its entries, in the order in which they are to be turned.
    async fn choose(
        &self,
        action: UndoAction,
        request: &UndoRequest,
    ) -> Result<(OperationId, Vec<UndoEntry>), EngineError> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let window = undo_entries::window(&mut tx).await?;
        let can = |entry: &UndoEntry| match action {
            UndoAction::Undo => entry.state(now) == UndoState::Created,
            UndoAction::Redo => entry.state(now) == UndoState::Undone,
        };
        let operation = match &request.operation {
            Some(prefix) => operations::by_prefix(&mut tx, prefix).await?.id,
            None => {
                let mut newest = None;
                for id in &window {
                    let entries = undo_entries::of_operation(&mut tx, *id).await?;
                    let when = entries
                        .iter()
                        .filter(|entry| can(entry))
                        .map(|entry| entry.undone_at.unwrap_or(entry.created_at))
                        .max();
                    newest = newest.max(when.map(|when| (when, *id)));
                }
                newest.ok_or_else(|| nothing_to(action))?.1
            }
        };
        let id = short(operation);
        let mut entries = undo_entries::of_operation(&mut tx, operation).await?;
        if !request.components.is_empty() {
            let mut wanted = Vec::new();
            for name in &request.components {
                let component = components::by_name(&mut tx, name).await?.map(|component| component.id);
                let Some(found) = component
                    .filter(|component| entries.iter().any(|entry| entry.component_id == *component))
                else {
                    let message = format!("operation {id} did not change `{name}`");
                    return Err(EngineError::not_found(
                        message,
                        format!("`lockstep history {id}` shows what it did"),
                    ));
                };
                wanted.push(found);
            }
            entries.retain(|entry| wanted.contains(&entry.component_id));
        }
        if entries.is_empty() {
            return Err(EngineError::refused(
                "nothing-to-undo",
                format!("operation {id} changed nothing"),
                "`lockstep history` lists the operations",
            ));
        }
        if !window.contains(&operation) {
            return Err(beyond_window(&format!("operation {id} is not among the {UNDO_OPERATIONS} newest")));
        }
        if entries.iter().all(|entry| entry.state(now) == UndoState::Expired || entry.expiration < now) {
            return Err(beyond_window(&format!("operation {id} is older than 24 hours")));
        }
        entries.retain(|entry| can(entry) && entry.expiration >= now);
        if entries.is_empty() {
            let (done, other) = match action {
                UndoAction::Undo => ("undone already", "redo"),
                UndoAction::Redo => ("not undone", "undo"),
            };
            return Err(EngineError::refused(
                "nothing-to-undo",
                format!("operation {id} is {done}"),
                format!("did you mean `lockstep {other} {id}`?"),
            ));
        }
        if action == UndoAction::Undo {
            entries.reverse();
        }
        Ok((operation, entries))
    }

    async fn turn_entry(
        &self,
        action: UndoAction,
        entry: &UndoEntry,
        when_moved: WhenMoved,
    ) -> Result<UndoResult, EngineError> {
        let mut tx = self.store.read().await?;
        let name = components::get(&mut tx, entry.component_id).await?.name;
        drop(tx);
        let refused = |reasons| UndoResult {
            name: name.clone(),
            outcome: Outcome::Refused,
            merged: false,
            files: Vec::new(),
            reasons,
        };
        let result = match self.turn_component(action, entry, &name, when_moved).await {
            Ok(Turned::Done { merged, files, kept }) => {
                UndoResult { name: name.clone(), outcome: Outcome::Done, merged, files, reasons: kept }
            }
            Ok(Turned::Moved(reasons)) => refused(reasons),
            Err(
                error @ EngineError::Store(
                    lockstep_store::Error::Unreachable { .. } | lockstep_store::Error::Unusable { .. },
                ),
            ) => return Err(error),
            Err(error) => refused(vec![error.to_string()]),
        };
        if result.outcome == Outcome::Refused {
            let mut tx = self.store.begin().await?;
            self.tell(&mut tx, action, entry, &result).await?;
            tx.commit().await?;
        }
        Ok(result)
    }

    async fn turn_component(
        &self,
        action: UndoAction,
        entry: &UndoEntry,
        name: &str,
        when_moved: WhenMoved,
    ) -> Result<Turned, EngineError> {
        let mut tx = self.store.read().await?;
        let (from, to) = match action {
            UndoAction::Undo => (&entry.post_state_hash, &entry.pre_state_hash),
            UndoAction::Redo => (&entry.pre_state_hash, &entry.post_state_hash),
        };
        let (from, to) =
            (ComponentState::load(&mut tx, from).await?, ComponentState::load(&mut tx, to).await?);
        drop(tx);
        let current = self.examine().await?;
        let index = current.named(name)?;
        let now = ComponentState::capture(&self.workspace, &current, index, &from.touched())?;
        let moved = from.moved(&now);
        let merging = !moved.is_empty();
        if merging && when_moved == WhenMoved::Refuse && !self.moved_by_us(entry, &from, &now).await? {
            return Ok(Turned::Moved(moved));
        }
        let Target { writes, kept } = self.target(&from, &to, &now)?;
        if writes.is_empty() && !kept.is_empty() {
            return Ok(Turned::Moved(kept));
        }
        let files = writes.iter().map(|write| write.file.clone()).collect();
        let kind = match action {
            UndoAction::Undo => JournalKind::Undo,
            UndoAction::Redo => JournalKind::Redo,
        };
        let purpose = Purpose { operation: entry.sync_operation_id, component: entry.component_id, kind };
        let written = self.prepare(purpose, &now, writes).await?.write(self).await?;
        let reached = match self.reached(name, &to, merging).await {
            Ok(reached) => reached,
            Err(error) => {
                written.roll_back(self).await?;
                return Err(error);
            }
        };
        let mut tx = self.store.begin().await?;
        let mark = Mark { by: self.actor.id, at: self.now() };
        match action {
            UndoAction::Undo => {
                undo_entries::mark_undone(
                    &mut tx,
                    entry.id,
                    mark,
                    if merging { Undoing::Merged } else { Undoing::Exact },
                )
                .await?
            }
            UndoAction::Redo => undo_entries::mark_redone(&mut tx, entry.id, mark).await?,
        }
        match &to.baseline {
            Some(baseline) => {
                let design = current.entries[index].link.as_ref().map(|link| current.design_ids[link.design]);
                baselines::put(
                    &mut tx,
                    baseline_row(
                        entry.component_id,
                        baseline,
                        design,
                        Some(entry.sync_operation_id),
                        self.now(),
                    ),
                )
                .await?;
            }
            None => _ = baselines::remove(&mut tx, entry.component_id).await?,
        }
        let post = snapshots::put(&mut tx, &reached.content()?, self.now()).await?;
        written.commit(self, &mut tx, &post).await?;
        let done = UndoResult {
            name: name.to_owned(),
            outcome: Outcome::Done,
            merged: merging,
            files: Vec::new(),
            reasons: kept.clone(),
        };
        self.tell(&mut tx, action, entry, &done).await?;
        tx.commit().await?;
        Ok(Turned::Done { merged: merging, files, kept })
    }

    /// What to write so that `to` comes back: exactly where nothing moved, merged where something did.
    fn target(
        &self,
        from: &ComponentState,
        to: &ComponentState,
        now: &ComponentState,
    ) -> Result<Target, EngineError> {
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
                target.writes.push(FileWrite { file: file.clone(), before: now.clone(), after });
            }
        }
        let mut designs: BTreeMap<&WorkspacePath, ComponentState> = BTreeMap::new();
        for (index, record) in from.nodes.iter().enumerate() {
            let hash = |record: &NodeRecord| record.state.hash().ok();
            if now.nodes.get(index).map(hash) != Some(hash(record)) {
                target.kept.push(format!(
                    "the node {} of {} was edited since: it is left as it is",
                    record.node, record.file
                ));
                continue;
            }
            let wanted = designs
                .entry(&record.file)
                .or_insert_with(|| ComponentState { nodes: Vec::new(), ..to.clone() });
            wanted.nodes.extend(to.nodes.get(index).cloned());
        }
        for (file, wanted) in designs {
            let before = self.workspace.design_text(file)?;
            let after = with_nodes_of(&self.workspace, file, &wanted)?;
            if after != before {
                target.writes.push(FileWrite {
                    file: file.clone(),
                    before: Some(before),
                    after: Some(after),
                });
            }
        }
        Ok(target)
    }

    /// Whether whatever moved was moved by Lockstep itself, for another component of the same operation: then a merge
    /// loses nothing that a person did.
    async fn moved_by_us(
        &self,
        entry: &UndoEntry,
        from: &ComponentState,
        now: &ComponentState,
    ) -> Result<bool, EngineError> {
        let hashes = |state: &ComponentState| {
            state.nodes.iter().map(|record| record.state.hash().ok()).collect::<Vec<_>>()
        };
        if hashes(from) != hashes(now)
            || from.address != now.address
            || from.rules != now.rules
            || from.baseline != now.baseline
        {
            return Ok(false);
        }
        let mut tx = self.store.read().await?;
        let mut known: Vec<ComponentState> = Vec::new();
        for written in journal::of_operation(&mut tx, entry.sync_operation_id).await? {
            if let Some(hash) = &written.post_snapshot {
                // Maintenance may have removed a state that no entry needs; it is then not known.
                known.extend(ComponentState::load(&mut tx, hash).await.ok());
            }
        }
        let edited = from.files.iter().filter(|(file, text)| now.files.get(*file) != Some(*text));
        Ok(edited
            .into_iter()
            .all(|(file, _)| known.iter().any(|state| state.files.get(file) == now.files.get(file))))
    }

    /// The state after writing, which must be the wanted one unless later changes were merged in.
    async fn reached(
        &self,
        name: &str,
        to: &ComponentState,
        merging: bool,
    ) -> Result<ComponentState, EngineError> {
        let current = self.examine().await?;
        let index = current.named(name)?;
        let mut reached = ComponentState::capture(&self.workspace, &current, index, &to.touched())?;
        reached.baseline.clone_from(&to.baseline);
        let moved = to.moved(&reached).join(", ");
        if !merging && !moved.is_empty() {
            return Err(EngineError::refused(
                "verify",
                format!("after writing, the state is not the one before: {moved}; nothing was changed"),
                "try again with --merge",
            ));
        }
        Ok(reached)
    }

    async fn tell(
        &self,
        tx: &mut Tx,
        action: UndoAction,
        entry: &UndoEntry,
        result: &UndoResult,
    ) -> Result<(), EngineError> {
        let event = undo_events::UndoEvent {
            id: UndoEventId::from(Uuid::now_v7()),
            sync_operation_id: entry.sync_operation_id,
            component_id: Some(entry.component_id),
            action,
            outcome: result.outcome,
            merged: result.merged,
            actor: Some(self.actor.id),
            at: self.now(),
            reason: (!result.reasons.is_empty()).then(|| result.reasons.join("; ")),
            correlation_id: Some(self.correlation),
        };
        undo_events::append(tx, event).await?;
        Ok(())
    }
}

/// How one component's turn ended.
enum Turned {
    Done { merged: bool, files: Vec<WorkspacePath>, kept: Vec<String> },
    Moved(Vec<String>),
}

#[derive(Default)]
struct Target {
    writes: Vec<FileWrite>,
    kept: Vec<String>,
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

fn nothing_to(action: UndoAction) -> EngineError {
    EngineError::refused(
        "nothing-to-undo",
        format!("there is nothing to {action}"),
        "`lockstep history` lists the operations",
    )
}

fn beyond_window(why: &str) -> EngineError {
    EngineError::refused(
        "undo-window",
        format!("{why}: it can't be undone any more"),
        "sync in the other direction, or use your version control",
    )
}

impl UndoReport {
    /// Whether every component was turned.
    pub fn is_complete(&self) -> bool {
        self.components.iter().all(|component| component.outcome == Outcome::Done)
    }
}
