//! One component: edited, read again, verified and recorded, or brought back as it was.

use std::collections::BTreeSet;

use lockstep_core::{
    baseline::Baseline,
    contract::{Contract, ContractPath, Property, sha256_hex},
    ids::{ComponentId, OperationId, UndoEntryId},
    mapping::compare,
    operation::ComponentState as ItemState,
    registry::JournalKind,
    undo::UNDO_WINDOW,
};
use lockstep_store::{Error as StoreError, baselines, components, snapshots, undo_entries};
use uuid::Uuid;

use super::{ComponentResult, OnLock};
use crate::{
    context::Engine,
    error::EngineError,
    failpoint,
    journal::{self, FileWrite, Purpose},
    plan::{Bound, DesignTexts, Documents, Edits, Expected, PlannedComponent, edits_of, seen_hash},
    registry::{Current, baseline_row, compare_policy},
    snapshot::{ComponentState, Touched},
    workspace::{WorkspacePath, files::WorkspaceFiles as _},
};

/// One execution: what is there now, and what each component and file must still be.
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) operation: OperationId,
    pub(super) on_lock: OnLock,
    pub(super) current: Current,
    pub(super) bound: Bound,
    pub(super) position: i64,
    /// Whether both sides were read since the preview.
    pub(super) caught_up: bool,
    /// Components that are not what the preview saw.
    pub(super) stale: BTreeSet<String>,
    /// Components that this run has applied.
    pub(super) done: BTreeSet<String>,
}

impl Run<'_> {
    /// Applies one component; a failure is its result, never the operation's.
    pub(super) async fn component(
        &mut self,
        planned: &PlannedComponent,
    ) -> Result<ComponentResult, EngineError> {
        let result = |state, error: Option<&EngineError>, applied| ComponentResult {
            id: planned.id,
            name: planned.name.clone(),
            state,
            reason: error.map(ToString::to_string),
            hint: error.and_then(EngineError::hint),
            applied,
        };
        if self.engine.progress().wants_stop() {
            return Ok(result(ItemState::Failed, Some(&interrupted()), Vec::new()));
        }
        match self.apply(planned).await {
            Ok(applied) => Ok(result(ItemState::Applied, None, applied)),
            // A database that is gone can't record the results of the others either.
            Err(error @ EngineError::Store(StoreError::Unreachable { .. } | StoreError::Unusable { .. })) => {
                Err(error)
            }
            Err(error) => Ok(result(ItemState::Failed, Some(&error), Vec::new())),
        }
    }

    /// Tries until the component is free; what waiting lets others write is read again before the next try.
    async fn apply(&mut self, planned: &PlannedComponent) -> Result<Vec<ContractPath>, EngineError> {
        loop {
            let held = self.engine.hold_files().await?;
            match self.apply_held(planned).await {
                Err(EngineError::Store(StoreError::Locked { .. })) if self.on_lock == OnLock::Wait => {
                    drop(held);
                    wait_for_lock(self.engine, planned.id).await?;
                }
                done => return done,
            }
        }
    }

    async fn apply_held(&mut self, planned: &PlannedComponent) -> Result<Vec<ContractPath>, EngineError> {
        let engine = self.engine;
        let (index, edits) = self.edits(planned).await?;
        let touched = self.touched(index, &edits);
        let before = ComponentState::capture(&engine.workspace, &self.current, index, &touched)?;
        let purpose = Purpose { operation: self.operation, component: planned.id, kind: JournalKind::Sync };
        let prepared = engine.prepare(purpose, &before, writes(&edits)).await?;
        if let Some(file) = self.changed_file(planned, &edits)? {
            prepared.abandon(engine).await?;
            return Err(changed_since_preview(&file));
        }
        let written = prepared.write(engine).await?;
        let verified = self.verify(planned, &edits, &touched);
        let after = match failpoint::pass("component.verified").and(verified) {
            Ok(after) => after,
            Err(error) => return Err(written.give_up(engine, error).await),
        };
        let recorded = self.record(planned, index, &written, before, after, &touched, &edits).await;
        written.conclude(engine, recorded).await
    }

    /// The edits against what is there now. What someone else changed since the preview is never overwritten; what
    /// another sync wrote for other components is read again.
    async fn edits(&mut self, planned: &PlannedComponent) -> Result<(usize, Edits), EngineError> {
        self.catch_up().await?;
        let index = self.current.named(&planned.name)?;
        if self.stale.contains(&planned.name) {
            return Err(changed_since_preview(&planned.name));
        }
        let texts = DesignTexts::of(&self.engine.workspace);
        let documents = Documents::of(&texts);
        let edits = edits_of(&self.engine.workspace, &self.current, index, &planned.plan, &documents)?;
        match self.changed_file(planned, &edits)? {
            None => Ok((index, edits)),
            Some(file) => Err(changed_since_preview(&file)),
        }
    }

    /// Reads both sides again when that was not done since the preview, or when another process wrote meanwhile.
    async fn catch_up(&mut self) -> Result<(), EngineError> {
        let mut tx = self.engine.store.read().await?;
        let written = journal::last_writes(&mut tx, self.current.compared_at).await?;
        drop(tx);
        if self.caught_up && written.is_empty() {
            return Ok(());
        }
        self.caught_up = true;
        self.bound.files.extend(written);
        self.current = self.engine.examine().await?;
        for (name, seen) in &self.bound.components {
            let now = self.current.named(name).and_then(|index| seen_hash(&self.current, index));
            // What this run did to a component that it is done with does not make it stale.
            if !self.done.contains(name) && now.ok().as_ref() != Some(seen) {
                self.stale.insert(name.clone());
            }
        }
        Ok(())
    }

    /// The first file that is not what the preview, or a write since, left it as: of those that are edited, and of those that
    /// were to be, for somebody may have made the edit already.
    fn changed_file(
        &self,
        planned: &PlannedComponent,
        edits: &Edits,
    ) -> Result<Option<WorkspacePath>, EngineError> {
        let code = planned.files.iter().chain(&edits.files).map(|change| &change.file);
        let design = planned.design_file.iter().chain(edits.design.iter().map(|design| &design.file));
        let files: BTreeSet<&WorkspacePath> = code.chain(design).collect();
        for file in files {
            let now = self.engine.workspace.files.hash(file)?;
            // A file that the preview did not name was not there for anybody to agree to.
            if self.bound.files.get(file) != Some(&now) {
                return Ok(Some(file.clone()));
            }
        }
        Ok(None)
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
    fn verify(
        &self,
        planned: &PlannedComponent,
        edits: &Edits,
        touched: &Touched,
    ) -> Result<Current, EngineError> {
        let after = self.engine.examine_again(&self.current, touched)?;
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
        written: &crate::journal::Prepared,
        before: ComponentState,
        mut after: Current,
        touched: &Touched,
        edits: &Edits,
    ) -> Result<Vec<ContractPath>, EngineError> {
        let engine = self.engine;
        let index = after.named(&planned.name)?;
        let seen = &self.current.entries[before_index];
        let agreed = after.entries[index].compared.as_ref().map(|after| {
            let after = &after.comparison;
            let before = seen.compared.as_ref().map_or(after, |seen| &seen.comparison);
            Baseline::advance(seen.baseline.as_ref(), before, after)
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
            let row = baseline_row(planned.id, agreed, design, Some(self.operation), now);
            baselines::put(&mut tx, vec![row]).await?;
        }
        components::record_synced(&mut tx, &[planned.id], now).await?;
        written.commit(engine, &mut tx, &post_state_hash).await?;
        failpoint::pass("component.recording")?;
        tx.commit().await?;
        failpoint::pass("component.committed")?;
        self.position += 1;
        self.done.insert(planned.name.clone());
        for change in writes(edits) {
            self.bound.files.insert(change.file, change.after.map(|text| sha256_hex(text.as_bytes())));
        }
        after.compared_at = engine.now();
        self.current = after;
        let manual: Vec<&ContractPath> = edits.manual.iter().map(|manual| &manual.path).collect();
        let applied =
            planned.plan.code_edits.iter().chain(&planned.plan.design_edits).map(|edit| edit.path.clone());
        Ok(applied.filter(|path| !manual.contains(&path)).collect())
    }
}

fn changed_since_preview(what: &dyn std::fmt::Display) -> EngineError {
    EngineError::refused(
        "changed-since-preview",
        format!("changed since preview: {what}"),
        "look at it and plan again",
    )
}

fn writes(edits: &Edits) -> Vec<FileWrite> {
    let code = edits.files.iter().map(|change| FileWrite {
        file: change.file.clone(),
        before: change.before.clone(),
        after: Some(change.after.clone()),
    });
    let design = edits.design.iter().map(|design| FileWrite {
        file: design.file.clone(),
        before: Some(design.before.to_string()),
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

fn interrupted() -> EngineError {
    EngineError::refused("interrupted", "interrupted before it began", "sync it again")
}

fn mismatch(what: &str) -> EngineError {
    EngineError::refused(
        "verify",
        format!("after writing, {what}; it was brought back as it was"),
        "this is a defect of Lockstep: please report it with the component's source",
    )
}

/// Waits until nobody writes a component, for at most a minute. What a process left that died is brought back.
pub(crate) async fn wait_for_lock(engine: &Engine, component: ComponentId) -> Result<(), EngineError> {
    for _ in 0..600 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        if engine.progress().wants_stop() {
            return Err(interrupted());
        }
        let mut tx = engine.store.read().await?;
        match lockstep_store::journal::holder(&mut tx, component).await? {
            None => return Ok(()),
            Some(holder) if crate::process::is_abandoned(holder.id.uuid(), &holder.process) => {
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
