//! Takes operations back, whole or component by component, and applies them again.

mod target;
mod together;

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::{
    baseline::Baseline,
    ids::{ComponentId, DesignId, OperationId, UndoEventId},
    registry::JournalKind,
    role::Action,
    undo::{Outcome, UNDO_OPERATIONS, UndoAction},
};
use lockstep_store::{
    Tx, baselines, components, operations,
    undo_entries::{self, Mark, UndoEntry, Undoing},
    undo_events,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    apart::files_about,
    apply::{short, wait_for_lock},
    context::Engine,
    error::EngineError,
    failpoint,
    journal::{self, Prepared, Purpose},
    progress::Stage,
    registry::{Current, baseline_row},
    snapshot::{ComponentState, Kept, keep},
    workspace::WorkspacePath,
};
use target::{Step, Target};
use together::Together;

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UndoReport {
    /// The operation.
    pub operation: OperationId,
    /// Undo or redo.
    pub action: UndoAction,
    /// Each component's result, in the order in which they were done.
    pub components: Vec<UndoResult>,
}

/// What became of one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
        let began = self.now();
        let ids: Vec<_> = entries.iter().map(|entry| entry.component_id).collect();
        let names = components::names(&mut self.store.read().await?, &ids).await?;
        let run = Run { action, when_moved: request.when_moved, names };
        let held = self.hold_for_reading().await?;
        let mut current = self.examine_some(&run.all_names()).await?;
        drop(held);
        let mut results = Vec::new();
        let mut together = Together::default();
        while let left @ [first, ..] = &entries[results.len()..] {
            let turned = self.turn_together(&run, left, &mut current, &mut together).await?;
            if turned.is_empty() {
                results.push(self.turn_entry(&run, first, &mut current).await?);
                together.alone();
            }
            results.extend(turned);
            self.progress().advance(results.len(), entries.len());
        }
        self.record_turned(current, began).await?;
        self.progress().end();
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
        let stands = |entry: &UndoEntry| match action {
            UndoAction::Undo => entry.undone_at.is_none(),
            UndoAction::Redo => entry.undone_at.is_some(),
        };
        let can = |entry: &UndoEntry| stands(entry) && entry.expiration >= now;
        let operation = match &request.operation {
            Some(prefix) => operations::by_prefix(&mut tx, prefix).await?.id,
            None => {
                let (mut newest, mut is_late) = (None, false);
                for id in &window {
                    let entries = undo_entries::of_operation(&mut tx, *id).await?;
                    let when = entries
                        .iter()
                        .filter(|entry| can(entry))
                        .map(|entry| entry.undone_at.unwrap_or(entry.created_at))
                        .max();
                    newest = newest.max(when.map(|when| (when, *id)));
                    is_late |= entries.iter().any(stands);
                }
                let nothing = || match is_late {
                    true => beyond_window(action, "every operation left is older than 24 hours"),
                    false => nothing_to(action),
                };
                newest.ok_or_else(nothing)?.1
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
            let why = format!("operation {id} is not among the {UNDO_OPERATIONS} newest");
            return Err(beyond_window(action, &why));
        }
        if entries.iter().all(|entry| entry.expiration < now) {
            return Err(beyond_window(action, &format!("operation {id} is older than 24 hours")));
        }
        entries.retain(can);
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
        run: &Run,
        entry: &UndoEntry,
        current: &mut Current,
    ) -> Result<UndoResult, EngineError> {
        let name = run.name(entry)?.to_owned();
        let refused = |reasons| UndoResult {
            name: name.clone(),
            outcome: Outcome::Refused,
            merged: false,
            files: Vec::new(),
            reasons,
        };
        if self.progress().wants_stop() {
            return Ok(refused(vec!["interrupted before it began".to_owned()]));
        }
        let result = match self.turn_when_free(run, entry, &name, current).await {
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
            self.tell(&mut tx, run.action, &[(entry, &result)]).await?;
            tx.commit().await?;
        }
        Ok(result)
    }

    /// Tries until the component is free; what other processes wrote since it was read is read again.
    async fn turn_when_free(
        &self,
        run: &Run,
        entry: &UndoEntry,
        name: &str,
        current: &mut Current,
    ) -> Result<Turned, EngineError> {
        loop {
            let held = self.hold_files().await?;
            self.catch_up_with_others(run, current).await?;
            match self.turn_component(run, entry, name, current).await {
                Err(EngineError::Store(lockstep_store::Error::Locked { component, .. })) => {
                    drop(held);
                    wait_for_lock(self, component).await?;
                }
                turned => return turned,
            }
        }
    }

    /// Reads both sides again where other processes wrote since they were read.
    async fn catch_up_with_others(&self, run: &Run, current: &mut Current) -> Result<(), EngineError> {
        let mut tx = self.store.read().await?;
        let written = journal::last_writes(&mut tx, current.compared_at).await?;
        drop(tx);
        if !written.is_empty() {
            *current = self.examine_some(&run.all_names()).await?.with_others();
        }
        Ok(())
    }

    async fn turn_component(
        &self,
        run: &Run,
        entry: &UndoEntry,
        name: &str,
        current: &mut Current,
    ) -> Result<Turned, EngineError> {
        let (action, when_moved) = (run.action, run.when_moved);
        let mut tx = self.store.read().await?;
        let (from, to) = match action {
            UndoAction::Undo => (&entry.post_state_hash, &entry.pre_state_hash),
            UndoAction::Redo => (&entry.pre_state_hash, &entry.post_state_hash),
        };
        let (from, to) =
            (ComponentState::load(&mut tx, from).await?, ComponentState::load(&mut tx, to).await?);
        drop(tx);
        let index = current.named(name)?;
        let now = ComponentState::capture(&self.workspace, current, index, &from.touched())?;
        let moved = from.moved(&now);
        let merging = !moved.is_empty();
        let step = Step { from: &from, to: &to, now: &now };
        let about = files_about(current, index);
        if merging && when_moved == WhenMoved::Refuse && !self.moved_by_us(entry, step, &about).await? {
            return Ok(Turned::Moved(self.with_cause(entry, moved).await?));
        }
        let Target { writes, kept } = self.target(step)?;
        if writes.is_empty() && !kept.is_empty() {
            return Ok(Turned::Moved(kept));
        }
        let files = writes.iter().map(|write| write.file.clone()).collect();
        let kind = match action {
            UndoAction::Undo => JournalKind::Undo,
            UndoAction::Redo => JournalKind::Redo,
        };
        let purpose = Purpose { operation: entry.sync_operation_id, component: entry.component_id, kind };
        let nodes = if merging { Vec::new() } else { to.node_intents() };
        let prepared = self.prepare(purpose, &now, nodes, writes).await?;
        let written = self.write_unmoved(prepared).await?;
        let reached = self.reached(name, step, merging, current);
        let (reached, mut after) = match failpoint::pass("turn.verified").and(reached) {
            Ok(reached) => reached,
            Err(error) => return Err(written.give_up(self, error).await),
        };
        let design = current.entries[index].link.as_ref().map(|link| current.design_ids[link.design]);
        let recorded = async {
            let mut tx = self.store.begin().await?;
            let undoing = if merging { Undoing::Merged } else { Undoing::Exact };
            let turned = [(entry, reached.baseline.as_ref(), design)];
            self.record_turns(&mut tx, action, undoing, &turned).await?;
            let post = [Kept::of(&reached)?];
            keep(&mut tx, &post, self.now()).await?;
            written.commit_together(self, &mut tx, post.iter().map(|post| post.hash.as_str())).await?;
            let done = UndoResult {
                name: name.to_owned(),
                outcome: Outcome::Done,
                merged: merging,
                files: Vec::new(),
                reasons: kept.clone(),
            };
            self.tell(&mut tx, action, &[(entry, &done)]).await?;
            failpoint::pass("turn.recording")?;
            tx.commit().await?;
            failpoint::pass("turn.committed")
        }
        .await;
        written.conclude(self, recorded).await?;
        after.compared_at = self.now();
        *current = after;
        Ok(Turned::Done { merged: merging, files, kept })
    }

    /// Writes what was prepared, unless somebody edited one of the files since it was looked at.
    async fn write_unmoved(&self, prepared: Prepared) -> Result<Prepared, EngineError> {
        let moved = match prepared.moved(self) {
            Ok(None) => return prepared.write(self).await,
            Ok(Some(file)) => EngineError::refused(
                "changed-since",
                format!("{file} was edited at this very moment: nothing was changed"),
                "look at it and try again",
            ),
            Err(error) => error,
        };
        prepared.abandon(self).await?;
        Err(moved)
    }

    /// Marks the entries as turned, and puts the baselines back.
    async fn record_turns(
        &self,
        tx: &mut Tx,
        action: UndoAction,
        undoing: Undoing,
        turned: &[(&UndoEntry, Option<&Baseline>, Option<DesignId>)],
    ) -> Result<(), EngineError> {
        let mark = Mark { by: self.actor.id, at: self.now() };
        let ids: Vec<_> = turned.iter().map(|(entry, ..)| entry.id).collect();
        match action {
            UndoAction::Undo => undo_entries::mark_undone(tx, &ids, mark, undoing).await?,
            UndoAction::Redo => undo_entries::mark_redone(tx, &ids, mark).await?,
        }
        let (mut put, mut removed) = (Vec::new(), Vec::new());
        for (entry, baseline, design) in turned {
            let (component, operation) = (entry.component_id, Some(entry.sync_operation_id));
            match baseline {
                Some(baseline) => put.push(baseline_row(component, baseline, *design, operation, self.now())),
                None => removed.push(component),
            }
        }
        baselines::put(tx, put).await?;
        baselines::remove(tx, &removed).await?;
        Ok(())
    }

    async fn tell(
        &self,
        tx: &mut Tx,
        action: UndoAction,
        results: &[(&UndoEntry, &UndoResult)],
    ) -> Result<(), EngineError> {
        let event = |(entry, result): &(&UndoEntry, &UndoResult)| undo_events::UndoEvent {
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
        undo_events::append(tx, results.iter().map(event).collect()).await?;
        Ok(())
    }
}

/// One undo or redo of some components.
struct Run {
    action: UndoAction,
    when_moved: WhenMoved,
    names: BTreeMap<ComponentId, String>,
}

impl Run {
    fn name(&self, entry: &UndoEntry) -> Result<&str, EngineError> {
        let name = self.names.get(&entry.component_id).map(String::as_str);
        name.ok_or_else(|| EngineError::Bug(format!("there is no component {}", entry.component_id)))
    }

    fn all_names(&self) -> BTreeSet<String> {
        self.names.values().cloned().collect()
    }
}

/// How one component's turn ended.
enum Turned {
    Done { merged: bool, files: Vec<WorkspacePath>, kept: Vec<String> },
    Moved(Vec<String>),
}

fn nothing_to(action: UndoAction) -> EngineError {
    EngineError::refused(
        "nothing-to-undo",
        format!("there is nothing to {action}"),
        "`lockstep history` lists the operations",
    )
}

fn beyond_window(action: UndoAction, why: &str) -> EngineError {
    let done = match action {
        UndoAction::Undo => "undone",
        UndoAction::Redo => "redone",
    };
    EngineError::refused(
        "undo-window",
        format!("{why}: it can't be {done} any more"),
        "sync in the other direction, or use your version control",
    )
}

impl UndoReport {
    /// Whether every component was turned.
    pub fn is_complete(&self) -> bool {
        self.components.iter().all(|component| component.outcome == Outcome::Done)
    }
}
