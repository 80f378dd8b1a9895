//! Executes a plan: each component is edited, read again, verified and recorded, or brought back as it was.

mod group;
mod record;
mod run;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use chrono::{DateTime, Utc};
use lockstep_core::{
    contract::ContractPath,
    ids::{ComponentId, OperationId},
    operation::{ComponentState as ItemState, OperationStatus},
    plan::{DirectionModes, operation_hash},
    role::Action,
    undo::{Outcome, UNDO_WINDOW},
};
use lockstep_store::{components, operations, undo_entries};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    context::Engine,
    credentials::Blocked,
    error::EngineError,
    failpoint,
    plan::{Plan, PlannedComponent},
    process::{self, Claim},
    progress::Stage,
    registry::Current,
};
use run::Run;
pub(crate) use run::wait_for_lock;

/// What to do when another process is writing a component.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnLock {
    /// Wait until it has finished, for at most a minute.
    #[default]
    Wait,
    /// Refuse at once.
    Refuse,
    /// Refuse at once, and begin no component while somebody wants to sync who asks for it in person.
    GiveWay,
}

/// How a sync ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
    /// The stories that were written after it, as an operation of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaffold: Option<Box<OperationReport>>,
    /// Why these were not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaffold_refused: Option<String>,
}

/// What became of one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// What to do about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The changes that were applied.
    pub applied: Vec<ContractPath>,
}

/// Refuses what can't be done for want of a credential, with the list of what to do.
fn refuse_blocked(blocked: &[Blocked]) -> Result<(), EngineError> {
    let Some(first) = blocked.first() else { return Ok(()) };
    let reasons = blocked.iter().map(|by| {
        let count = by.components.len();
        format!("{}: {} of `{}` can't be synced", by.reason, some(count), by.design_file)
    });
    let mut steps: Vec<&str> = blocked.iter().map(|by| by.next_step.as_str()).collect();
    steps.sort_unstable();
    steps.dedup();
    let hint = format!("{}; or sync the others alone with --partial", steps.join("; "));
    let code = if first.reason.contains("expired") { "credential-expired" } else { "credential-revoked" };
    Err(EngineError::refused(code, reasons.collect::<Vec<_>>().join("; "), hint))
}

fn some(components: usize) -> String {
    if components == 1 { "one component".to_owned() } else { format!("{components} components") }
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
        refuse_blocked(&self.blocked(plan).await?)?;
        let modes: DirectionModes =
            writing.iter().map(|component| (component.id.uuid(), component.selection.clone())).collect();
        let started = Instant::now();
        let operation = match self.begin_operation(plan, &writing, &modes, on_lock).await? {
            operations::Inserted::New(operation) => operation,
            operations::Inserted::Existing(operation) => return self.repeated(operation, on_lock).await,
        };
        let mut claim = Claim::of(operation.id.uuid());
        self.progress().began(operation.id);
        failpoint::pass("operation.begun")?;
        let mut run = Run {
            engine: self,
            operation: operation.id,
            reversible_until: operation.reversible_until,
            on_lock,
            current,
            bound: plan.bound.clone(),
            position: 0,
            caught_up: false,
            stale: BTreeSet::new(),
            done: BTreeSet::new(),
        };
        self.progress().begin(Stage::Apply, "");
        let results = run.all(&writing).await?;
        self.progress().end();
        let mut report = self.conclude(&operation, results, Some(started)).await?;
        claim.end();
        self.progress().synced(&report);
        failpoint::pass("operation.concluded")?;
        drop(run);
        let current = self.refresh().await?;
        if self.workspace.config.coverage.scaffold && writing.iter().all(|planned| planned.scaffold.is_none())
        {
            self.scaffold_after(current, &mut report, on_lock).await;
        }
        Ok(SyncOutcome::Executed(report))
    }

    async fn begin_operation(
        &self,
        plan: &Plan,
        writing: &[&PlannedComponent],
        modes: &DirectionModes,
        on_lock: OnLock,
    ) -> Result<operations::Inserted, EngineError> {
        let now = self.now();
        let bucket = self.workspace.config.sync.bucket_seconds;
        let mut operation = operations::Operation {
            id: OperationId::from(Uuid::new_v4()),
            initiated_by: self.actor.id,
            timestamp: now,
            components_affected: json!(modes.keys().collect::<Vec<_>>()),
            direction_modes: json!(modes),
            diff_summary: summary(plan, writing),
            reversible_until: now + UNDO_WINDOW,
            operation_hash: operation_hash(modes, now, bucket)?,
            status: OperationStatus::Pending,
            duration_ms: None,
            reason: json!({ "process": process::token(), "scheduled": on_lock == OnLock::GiveWay }),
            correlation_id: Some(self.correlation),
        };
        let mut tx = self.store.begin().await?;
        let mut inserted = operations::insert_or_get(&mut tx, operation.clone()).await?;
        // A request that failed as a whole applied nothing that could be repeated: another try takes the next free bucket.
        let mut later = now;
        while let operations::Inserted::Existing(operations::Operation {
            status: OperationStatus::Failed,
            ..
        }) = &inserted
        {
            later += chrono::TimeDelta::seconds(i64::from(bucket));
            operation.operation_hash = operation_hash(modes, later, bucket)?;
            inserted = operations::insert_or_get(&mut tx, operation.clone()).await?;
        }
        if let operations::Inserted::New(operation) = &inserted {
            operations::transition(&mut tx, operation.id, OperationStatus::Pending, OperationStatus::Running)
                .await?;
        }
        tx.commit().await?;
        Ok(inserted)
    }

    /// The same request again: the existing operation is the answer, once it has ended, unless it was undone.
    async fn repeated(
        &self,
        operation: operations::Operation,
        on_lock: OnLock,
    ) -> Result<SyncOutcome, EngineError> {
        let operation = match on_lock {
            OnLock::Wait => self.ended(operation).await?,
            OnLock::Refuse | OnLock::GiveWay => operation,
        };
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

    /// The operation when it has ended; one whose process died is brought to its end here.
    async fn ended(
        &self,
        mut operation: operations::Operation,
    ) -> Result<operations::Operation, EngineError> {
        while !operation.status.is_finished() {
            if self.progress().wants_stop() {
                return Err(EngineError::refused(
                    "interrupted",
                    format!("interrupted while operation {}, the same request, goes on", short(operation.id)),
                    "`lockstep history` says how it ends",
                ));
            }
            if self.is_abandoned(&operation) {
                self.recover().await?;
            } else {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            let mut tx = self.store.read().await?;
            operation = operations::get(&mut tx, operation.id).await?;
        }
        Ok(operation)
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
        failpoint::pass("operation.concluding")?;
        self.tell_of_sync(&mut tx, operation.id, status, &results).await?;
        self.audit(&mut tx, Action::Sync.as_str(), outcome, results.len(), detail).await?;
        tx.commit().await?;
        Ok(OperationReport {
            id: operation.id,
            status,
            reversible_until: operation.reversible_until,
            components: results,
            duration_ms: duration,
            scaffold: None,
            scaffold_refused: None,
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
            if held.contains(&operation.id) || !self.is_abandoned(&operation) {
                continue;
            }
            match self.conclude_one(&operation).await {
                // Another process was faster.
                Err(EngineError::Store(lockstep_store::Error::Lost { .. })) => {}
                done => done?,
            }
        }
        Ok(())
    }

    async fn conclude_one(&self, operation: &operations::Operation) -> Result<(), EngineError> {
        let results = self.results_after_crash(operation).await?;
        if operation.status == OperationStatus::Pending {
            let (from, to) = (OperationStatus::Pending, OperationStatus::Running);
            let mut tx = self.store.begin().await?;
            operations::transition(&mut tx, operation.id, from, to).await?;
            tx.commit().await?;
        }
        self.conclude(operation, results, None).await?;
        Ok(())
    }

    /// Whether the process that executes an operation has died.
    fn is_abandoned(&self, operation: &operations::Operation) -> bool {
        let by = operation.reason["process"].as_str();
        by.is_none_or(|by| process::is_abandoned(operation.id.uuid(), by))
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
            results.push(ComponentResult { id, name, state, reason, hint: None, applied: Vec::new() });
        }
        Ok(results)
    }
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
        scaffold: None,
        scaffold_refused: None,
    })
}
