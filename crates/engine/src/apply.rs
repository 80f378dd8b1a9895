//! Executes a plan: each component is edited, read again, verified and recorded, or brought back as it was.

use std::{collections::BTreeMap, time::Instant};

use chrono::{DateTime, Utc};
use lockstep_core::{
    baseline::Baseline,
    contract::{Contract, ContractPath, Property, sha256_hex},
    ids::{ComponentId, OperationId, UndoEntryId},
    mapping::compare,
    operation::{ComponentState as ItemState, OperationStatus},
    plan::{DirectionModes, operation_hash},
    registry::JournalKind,
    role::Action,
    undo::{Outcome, UNDO_WINDOW},
};
use lockstep_store::{Error as StoreError, baselines, components, operations, snapshots, undo_entries};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    context::Engine,
    error::EngineError,
    journal::{FileWrite, Purpose},
    plan::{Edits, Expected, Plan, PlannedComponent, edits_of},
    progress::Stage,
    registry::{Current, baseline_row, compare_policy},
    snapshot::{ComponentState, Touched},
    workspace::{WorkspacePath, files::WorkspaceFiles as _},
};

/// What to do when another process is writing a component.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnLock {
    /// Wait until it has finished, for at most a minute.
    #[default]
    Wait,
    /// Refuse at once.
    Refuse,
}

/// How a sync ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum SyncOutcome {
    /// Nothing was selected that could be written.
    NothingToDo,
    /// The operation was executed.
    Executed(OperationReport),
    /// The same request was executed before; nothing was applied again.
    Repeated(OperationReport),
}

/// An operation and what became of its components.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperationReport {
    /// Its id.
    pub id: OperationId,
    /// Its status.
    pub status: OperationStatus,
    /// Until when it can be undone.
    pub reversible_until: DateTime<Utc>,
    /// Each component's result.
    pub components: Vec<ComponentResult>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
}

/// What became of one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentResult {
    /// Its id.
    pub id: ComponentId,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: ItemState,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The changes that were applied.
    pub applied: Vec<ContractPath>,
}

impl Engine {
    /// Executes a plan.
    ///
    /// # Errors
    /// When the role does not allow it, when the same request was undone in the meantime, or when the registry fails.
    /// A component that fails is no error: it is brought back as it was and said in the report.
    pub async fn sync(
        &self,
        current: Current,
        plan: &Plan,
        on_lock: OnLock,
    ) -> Result<SyncOutcome, EngineError> {
        let writing: Vec<&PlannedComponent> =
            plan.components.iter().filter(|component| component.writes()).collect();
        self.permit(Action::Sync, writing.len()).await?;
        if writing.is_empty() {
            return Ok(SyncOutcome::NothingToDo);
        }
        let modes: DirectionModes =
            writing.iter().map(|component| (component.id.uuid(), component.selection.clone())).collect();
        let started = Instant::now();
        let operation = match self.begin_operation(plan, &writing, &modes).await? {
            operations::Inserted::New(operation) => operation,
            operations::Inserted::Existing(operation) => return self.repeated(operation).await,
        };
        let mut run = Run {
            engine: self,
            operation: operation.id,
            on_lock,
            current,
            expected: plan.bound.files.clone(),
            position: 0,
        };
        let mut results = Vec::new();
        self.progress().begin(Stage::Apply, "");
        for (done, component) in writing.iter().enumerate() {
            results.push(run.component(component).await?);
            self.progress().advance(done + 1, writing.len());
        }
        self.progress().end();
        let report = self.conclude(&operation, results, Some(started)).await?;
        self.refresh().await?;
        Ok(SyncOutcome::Executed(report))
    }

    async fn begin_operation(
        &self,
        plan: &Plan,
        writing: &[&PlannedComponent],
        modes: &DirectionModes,
    ) -> Result<operations::Inserted, EngineError> {
        let now = self.now();
        let operation = operations::Operation {
            id: OperationId::from(Uuid::new_v4()),
            initiated_by: self.actor.id,
            timestamp: now,
            components_affected: json!(modes.keys().collect::<Vec<_>>()),
            direction_modes: json!(modes),
            diff_summary: summary(plan, writing),
            reversible_until: now + UNDO_WINDOW,
            operation_hash: operation_hash(modes, now, self.workspace.config.sync.bucket_seconds)?,
            status: OperationStatus::Pending,
            duration_ms: None,
            reason: json!({}),
            correlation_id: Some(self.correlation),
        };
        let mut tx = self.store.begin().await?;
        let inserted = operations::insert_or_get(&mut tx, operation).await?;
        if let operations::Inserted::New(operation) = &inserted {
            operations::transition(&mut tx, operation.id, OperationStatus::Pending, OperationStatus::Running)
                .await?;
        }
        tx.commit().await?;
        Ok(inserted)
    }

    /// The same request again: the existing operation is the answer, unless it was undone.
    async fn repeated(&self, operation: operations::Operation) -> Result<SyncOutcome, EngineError> {
        let mut tx = self.store.read().await?;
        let entries = undo_entries::of_operation(&mut tx, operation.id).await?;
        drop(tx);
        if !entries.is_empty() && entries.iter().all(|entry| entry.undone_at.is_some()) {
            let id = short(operation.id);
            let mut tx = self.store.begin().await?;
            let detail = json!({ "operation": operation.id, "reason": "undone" });
            self.audit(&mut tx, Action::Sync.as_str(), Outcome::Refused, entries.len(), detail).await?;
            tx.commit().await?;
            return Err(EngineError::refused(
                "undone",
                format!("this very sync was made a moment ago as {id} and has been undone"),
                format!("apply it again with `lockstep redo {id}`, or wait a minute to sync anew"),
            ));
        }
        Ok(SyncOutcome::Repeated(report_of(&operation)?))
    }

    /// Records what the components' results add up to.
    pub(crate) async fn conclude(
        &self,
        operation: &operations::Operation,
        results: Vec<ComponentResult>,
        started: Option<Instant>,
    ) -> Result<OperationReport, EngineError> {
        let applied = results.iter().filter(|result| result.state == ItemState::Applied).count();
        let failed = results.iter().filter(|result| result.state == ItemState::Failed).count();
        let duration =
            started.map(|started| i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX));
        let mut status = OperationStatus::Running;
        let mut tx = self.store.begin().await?;
        for next in OperationStatus::conclude(applied, failed) {
            operations::transition(&mut tx, operation.id, status, *next).await?;
            status = *next;
        }
        operations::set_result(
            &mut tx,
            operation.id,
            operation.diff_summary.clone(),
            json!(results),
            duration,
        )
        .await?;
        let outcome = if applied == 0 && failed > 0 { Outcome::Failed } else { Outcome::Done };
        let detail =
            json!({ "operation": operation.id, "status": status, "applied": applied, "failed": failed });
        self.tell_of_sync(&mut tx, operation.id, status, &results).await?;
        self.audit(&mut tx, Action::Sync.as_str(), outcome, results.len(), detail).await?;
        tx.commit().await?;
        Ok(OperationReport {
            id: operation.id,
            status,
            reversible_until: operation.reversible_until,
            components: results,
            duration_ms: duration,
        })
    }

    /// Concludes operations whose process died: what has an undo entry was applied, the rest was not.
    pub(crate) async fn conclude_abandoned(&self) -> Result<(), EngineError> {
        let mut tx = self.store.read().await?;
        let unfinished = operations::unfinished(&mut tx).await?;
        let mut held = Vec::new();
        for entry in lockstep_store::journal::unfinished(&mut tx).await? {
            held.extend(entry.sync_operation_id);
        }
        drop(tx);
        for operation in unfinished {
            // A living process between two components holds none; give it the time that a component may take.
            let fresh = self.now() - operation.timestamp < chrono::TimeDelta::minutes(10);
            if held.contains(&operation.id) || (fresh && !self.is_abandoned(&operation).await?) {
                continue;
            }
            let results = self.results_after_crash(&operation).await?;
            if operation.status == OperationStatus::Pending {
                let mut tx = self.store.begin().await?;
                operations::transition(
                    &mut tx,
                    operation.id,
                    OperationStatus::Pending,
                    OperationStatus::Running,
                )
                .await?;
                tx.commit().await?;
            }
            self.conclude(&operation, results, None).await?;
        }
        Ok(())
    }

    /// Whether the operation's last journal entry was of a process that died.
    async fn is_abandoned(&self, operation: &operations::Operation) -> Result<bool, EngineError> {
        let mut tx = self.store.read().await?;
        let entries = lockstep_store::journal::of_operation(&mut tx, operation.id).await?;
        Ok(entries.last().is_some_and(|entry| {
            entry.process == crate::process::token() || !crate::process::is_alive(&entry.process)
        }))
    }

    async fn results_after_crash(
        &self,
        operation: &operations::Operation,
    ) -> Result<Vec<ComponentResult>, EngineError> {
        let ids: Vec<ComponentId> = serde_json::from_value(operation.components_affected.clone())?;
        let mut tx = self.store.read().await?;
        let applied: Vec<ComponentId> = undo_entries::of_operation(&mut tx, operation.id)
            .await?
            .iter()
            .map(|entry| entry.component_id)
            .collect();
        let mut results = Vec::new();
        for id in ids {
            let name = components::get(&mut tx, id).await?.name;
            let (state, reason) = match applied.contains(&id) {
                true => (ItemState::Applied, None),
                false => (ItemState::Failed, Some("interrupted: brought back as it was".to_owned())),
            };
            results.push(ComponentResult { id, name, state, reason, applied: Vec::new() });
        }
        Ok(results)
    }
}

/// One execution: what is there now, and what each file must still be.
struct Run<'a> {
    engine: &'a Engine,
    operation: OperationId,
    on_lock: OnLock,
    current: Current,
    expected: BTreeMap<WorkspacePath, Option<String>>,
    position: i64,
}

impl Run<'_> {
    /// Applies one component; a failure is its result, never the operation's.
    async fn component(&mut self, planned: &PlannedComponent) -> Result<ComponentResult, EngineError> {
        let result = |state, reason, applied| ComponentResult {
            id: planned.id,
            name: planned.name.clone(),
            state,
            reason,
            applied,
        };
        match self.apply(planned).await {
            Ok(applied) => Ok(result(ItemState::Applied, None, applied)),
            // A database that is gone can't record the results of the others either.
            Err(error @ EngineError::Store(StoreError::Unreachable { .. } | StoreError::Unusable { .. })) => {
                Err(error)
            }
            Err(error) => Ok(result(ItemState::Failed, Some(error.to_string()), Vec::new())),
        }
    }

    async fn apply(&mut self, planned: &PlannedComponent) -> Result<Vec<ContractPath>, EngineError> {
        let engine = self.engine;
        let index = self.current.named(&planned.name)?;
        let edits = edits_of(&engine.workspace, &self.current, index, &planned.plan)?;
        self.unchanged_since_preview(&edits)?;
        let touched = self.touched(index, &edits);
        let before = ComponentState::capture(&engine.workspace, &self.current, index, &touched)?;
        let writes = writes(&edits);
        let purpose =
            || Purpose { operation: self.operation, component: planned.id, kind: JournalKind::Sync };
        let prepared = loop {
            match engine.prepare(purpose(), &before, writes.clone()).await {
                Err(EngineError::Store(StoreError::Locked { .. })) if self.on_lock == OnLock::Wait => {
                    wait_for_lock(engine, planned.id).await?
                }
                other => break other?,
            }
        };
        if let Err(error) = self.unchanged_since_preview(&edits) {
            prepared.abandon(engine).await?;
            return Err(error);
        }
        let written = prepared.write(engine).await?;
        let after = match self.verify(planned, &edits).await {
            Ok(after) => after,
            Err(error) => {
                written.roll_back(engine).await?;
                return Err(error);
            }
        };
        self.record(planned, index, written, before, after, &touched, &edits).await
    }

    /// A file that someone else edited since the preview is never overwritten.
    fn unchanged_since_preview(&self, edits: &Edits) -> Result<(), EngineError> {
        let files = edits
            .files
            .iter()
            .map(|change| &change.file)
            .chain(edits.design.iter().map(|design| &design.file));
        for file in files {
            let now = self.engine.workspace.files.hash(file)?;
            if self.expected.get(file).is_some_and(|seen| *seen != now) {
                return Err(EngineError::refused(
                    "changed-since-preview",
                    format!("changed since preview: {file}"),
                    "look at it and plan again",
                ));
            }
        }
        Ok(())
    }

    fn touched(&self, index: usize, edits: &Edits) -> Touched {
        let node = |design: &crate::sides::DesignEntry| design.component.node_id.clone();
        Touched {
            files: edits.files.iter().map(|change| change.file.clone()).collect(),
            nodes: edits
                .design
                .iter()
                .filter_map(|design| Some((design.file.clone(), node(self.current.design(index)?))))
                .collect(),
        }
    }

    /// Reads both sides again; they must state what was planned, no more and no less.
    async fn verify(&self, planned: &PlannedComponent, edits: &Edits) -> Result<Current, EngineError> {
        let after = self.engine.examine().await?;
        let index = after.named(&planned.name)?;
        let (code, Some(design)) = (&after.sides.components[index], after.design(index)) else {
            return Err(mismatch("it is no longer linked"));
        };
        let rules = after.entries[index].link.as_ref().map(|link| link.rules.clone()).unwrap_or_default();
        let policy = compare_policy(&self.engine.workspace.config);
        let comparison = compare(&code.component.statement, &design.component.statement, &rules, &policy);
        agrees(&edits.expected, &comparison.code, &comparison.design)?;
        Ok(after)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one record of everything that one component's apply produced"
    )]
    async fn record(
        &mut self,
        planned: &PlannedComponent,
        before_index: usize,
        written: crate::journal::Prepared,
        before: ComponentState,
        mut after: Current,
        touched: &Touched,
        edits: &Edits,
    ) -> Result<Vec<ContractPath>, EngineError> {
        let engine = self.engine;
        let index = after.named(&planned.name)?;
        let old = self.current.entries[before_index].baseline.clone();
        let comparison = after.entries[index].compared.as_ref().map(|compared| &compared.comparison);
        let agreed = comparison.map(|both| {
            Baseline::advance(
                old.as_ref(),
                &both.code,
                &both.design,
                &both.code_identities,
                &both.design_identities,
            )
        });
        after.entries[index].baseline.clone_from(&agreed);
        let state = ComponentState::capture(&engine.workspace, &after, index, touched)?;
        let now = engine.now();
        let mut tx = engine.store.begin().await?;
        let post_state_hash = snapshots::put(&mut tx, &state.content()?, now).await?;
        let entry = undo_entries::UndoEntry {
            id: UndoEntryId::from(Uuid::now_v7()),
            sync_operation_id: self.operation,
            pre_state_hash: before.hash()?,
            post_state_hash: post_state_hash.clone(),
            expiration: now + UNDO_WINDOW,
            created_at: now,
            undone_at: None,
            component_id: planned.id,
            position: self.position,
            undone_by: None,
            undone_merged: false,
            redone_at: None,
            redone_by: None,
        };
        undo_entries::insert(&mut tx, entry).await?;
        if let Some(agreed) = &agreed {
            let design = after.entries[index]
                .link
                .as_ref()
                .and_then(|link| after.design_ids.get(link.design).copied());
            baselines::put(&mut tx, baseline_row(planned.id, agreed, design, Some(self.operation), now))
                .await?;
        }
        components::record_synced(&mut tx, &[planned.id], now).await?;
        written.commit(engine, &mut tx, &post_state_hash).await?;
        tx.commit().await?;
        self.position += 1;
        for change in writes(edits) {
            self.expected.insert(change.file, change.after.map(|text| sha256_hex(text.as_bytes())));
        }
        self.current = after;
        let manual: Vec<&ContractPath> = edits.manual.iter().map(|manual| &manual.path).collect();
        let applied =
            planned.plan.code_edits.iter().chain(&planned.plan.design_edits).map(|edit| edit.path.clone());
        Ok(applied.filter(|path| !manual.contains(&path)).collect())
    }
}

fn writes(edits: &Edits) -> Vec<FileWrite> {
    let code = edits.files.iter().map(|change| FileWrite {
        file: change.file.clone(),
        before: change.before.clone(),
        after: Some(change.after.clone()),
    });
    let design = edits.design.iter().map(|design| FileWrite {
        file: design.file.clone(),
        before: Some(design.before.clone()),
        after: Some(design.after.clone()),
    });
    code.chain(design).collect()
}

/// Whether both sides state what was expected. A default that one side can't state is compared on neither.
fn agrees(expected: &Expected, code: &Contract, design: &Contract) -> Result<(), EngineError> {
    for (side, expected, found) in [("code", &expected.code, code), ("the design", &expected.design, design)]
    {
        let names = expected.properties.keys().chain(found.properties.keys());
        for name in names {
            let stated =
                |contract: &Contract| contract.property(name).and_then(Property::default_text).is_some();
            let both_state = stated(code) && stated(design);
            let comparable = |property: &Property| {
                if both_state { property.clone() } else { property.clone().without_default() }
            };
            if expected.property(name).map(comparable) != found.property(name).map(comparable) {
                return Err(mismatch(&format!("{side} states something else of `{name}` than planned")));
            }
        }
    }
    for (path, default) in &expected.defaults {
        let property = path.property();
        let stated = |contract: &Contract| contract.property(property).and_then(Property::default_text);
        if stated(code) != *default && stated(design) != *default {
            return Err(mismatch(&format!("the default of `{property}` is not what was planned")));
        }
    }
    Ok(())
}

fn mismatch(what: &str) -> EngineError {
    EngineError::refused(
        "verify",
        format!("after writing, {what}; it was brought back as it was"),
        "this is a defect of Lockstep: please report it with the component's source",
    )
}

async fn wait_for_lock(engine: &Engine, component: ComponentId) -> Result<(), EngineError> {
    for _ in 0..600 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let mut tx = engine.store.read().await?;
        match lockstep_store::journal::holder(&mut tx, component).await? {
            None => return Ok(()),
            Some(holder) if !crate::process::is_alive(&holder.process) => {
                drop(tx);
                engine.recover().await?;
            }
            Some(_) => {}
        }
    }
    Err(EngineError::refused(
        "locked",
        "another process has been writing the component for a minute",
        "wait for it, or look at `lockstep history`",
    ))
}

/// Counts and details of what an operation does, as it was planned.
fn summary(plan: &Plan, writing: &[&PlannedComponent]) -> serde_json::Value {
    let changes: BTreeMap<&str, Vec<serde_json::Value>> = writing
        .iter()
        .map(|component| {
            let changes = component.plan.changes.iter().map(|planned| {
                json!({ "path": planned.change.path, "kind": planned.change.kind, "moved": planned.change.moved, "decision": planned.decision })
            });
            (component.name.as_str(), changes.collect())
        })
        .collect();
    json!({ "counts": plan.totals(), "changes": changes })
}

/// The first letters of an operation's id, as people write it.
pub fn short(id: OperationId) -> String {
    id.to_string().chars().take(8).collect()
}

pub(crate) fn report_of(operation: &operations::Operation) -> Result<OperationReport, EngineError> {
    let components = match &operation.reason {
        serde_json::Value::Array(_) => serde_json::from_value(operation.reason.clone())?,
        _ => Vec::new(),
    };
    Ok(OperationReport {
        id: operation.id,
        status: operation.status,
        reversible_until: operation.reversible_until,
        components,
        duration_ms: operation.duration_ms,
    })
}
