//! The components of a plan, in order: as many at a time as stand apart are written, read again, verified and recorded
//! together, or brought back as they were. Where that fails for one, it is tried again with fewer, until the one that
//! fails is alone: the others are applied, and each is applied wholly or not at all.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ComponentId, OperationId},
    operation::ComponentState as ItemState,
    registry::JournalKind,
};
use lockstep_store::Error as StoreError;

use super::{
    ComponentResult, OnLock,
    group::{Group, Member, changed_since_preview},
};
use crate::{
    context::Engine,
    error::EngineError,
    failpoint,
    journal::{self, HALF_DONE, Part, Purpose},
    plan::{Bound, PlannedComponent, seen_hash},
    registry::Current,
};

/// So many components are written together at most: what reading a large workspace costs is shared by them, and a kill
/// takes back no more than these.
const MOST: usize = 128;
/// What is said of a component that was left to a person's sync.
const GAVE_WAY: &str = "the next run syncs what is left then";
/// Between two groups others come to the files, who look every few milliseconds.
const REST: Duration = Duration::from_millis(10);

/// One execution: what is there now, and what each component and file must still be.
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) operation: OperationId,
    /// Until when it can be undone, and so each of its components.
    pub(super) reversible_until: DateTime<Utc>,
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

/// Nothing of a group was applied.
struct GaveUp {
    /// How many components it was tried for.
    tried: usize,
    error: EngineError,
}

impl Run<'_> {
    /// Applies the components; a failure is one component's result, never the operation's.
    pub(super) async fn all(
        &mut self,
        planned: &[&PlannedComponent],
    ) -> Result<Vec<ComponentResult>, EngineError> {
        let mut results = Vec::with_capacity(planned.len());
        let mut most = MOST;
        while let [first, ..] = &planned[results.len()..] {
            let next: Vec<_> = planned[results.len()..].iter().copied().take(most).collect();
            if self.engine.progress().wants_stop() {
                results.push(failed(first, &interrupted()));
                continue;
            }
            if let Some(reason) = self.has_to_give_way().await? {
                results.push(failed(first, &gave_way(&reason)));
                continue;
            }
            match self.together(&next).await {
                Ok(done) => {
                    results.extend(done);
                    most = (most * 2).min(MOST);
                    if results.len() < planned.len() {
                        tokio::time::sleep(REST).await;
                    }
                }
                // A database that is gone can't record the results of the others either.
                Err(GaveUp { error, .. }) if is_gone(&error) => return Err(error),
                Err(GaveUp { tried, .. }) if tried > 1 => most = tried / 2,
                Err(GaveUp { error: EngineError::Store(StoreError::Locked { .. }), .. })
                    if self.on_lock == OnLock::Wait =>
                {
                    match wait_for_lock(self.engine, first.id).await {
                        Err(error) if is_gone(&error) => return Err(error),
                        Err(error) => results.push(failed(first, &error)),
                        Ok(()) => {}
                    }
                }
                Err(GaveUp { error, .. }) => results.push(failed(first, &error)),
            }
            self.engine.progress().advance(results.len(), planned.len());
        }
        Ok(results)
    }

    /// Applies as many components as stand apart, from the front, and gives their results.
    async fn together(&mut self, next: &[&PlannedComponent]) -> Result<Vec<ComponentResult>, GaveUp> {
        let gave_up = |tried| move |error| GaveUp { tried, error };
        let _held = self.engine.hold_files().await.map_err(gave_up(next.len()))?;
        self.catch_up().await.map_err(gave_up(next.len()))?;
        let group = Group::form(self, next).map_err(gave_up(next.len()))?;
        let tried = group.formed.len();
        let applied = match self.apply(&group).await {
            // What could not even be brought back is not tried again.
            Err(error) if error.code() == HALF_DONE => {
                return Ok(next.iter().take(tried).map(|planned| failed(planned, &error)).collect());
            }
            applied => applied.map_err(gave_up(tried))?,
        };
        let mut applied = applied.into_iter();
        let result = |(planned, formed): (&&PlannedComponent, &Result<Member<'_>, EngineError>)| match formed
        {
            Err(error) => failed(planned, error),
            Ok(_) => ComponentResult {
                id: planned.id,
                name: planned.name.clone(),
                state: ItemState::Applied,
                reason: None,
                hint: None,
                applied: applied.next().unwrap_or_default(),
            },
        };
        Ok(next.iter().zip(&group.formed).map(result).collect())
    }

    /// Writes, verifies and records a group; what each of its members got.
    async fn apply(
        &mut self,
        group: &Group<'_>,
    ) -> Result<Vec<Vec<lockstep_core::contract::ContractPath>>, EngineError> {
        let engine = self.engine;
        let members: Vec<&Member<'_>> = group.members().collect();
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let (operation, kind) = (self.operation, JournalKind::Sync);
        let parts = members.iter().map(|member| Part {
            purpose: Purpose { operation, component: member.planned.id, kind },
            before: &member.before,
            files: member.written().cloned().collect(),
            nodes: member.node_intents(),
        });
        let parts = parts.collect();
        let prepared = engine.prepare_together(parts, group.writes.clone()).await?;
        let refusal = match group.changed_file(&engine.workspace, &self.bound) {
            Ok(None) => match self.has_to_give_way().await {
                Ok(reason) => reason.map(|reason| gave_way(&reason)),
                Err(error) => Some(error),
            },
            Ok(Some(file)) => Some(changed_since_preview(&file)),
            Err(error) => Some(error),
        };
        if let Some(error) = refusal {
            prepared.abandon(engine).await?;
            return Err(error);
        }
        let written = prepared.write(engine).await?;
        let verified = self.verify(&members);
        let (after, recorded) = match failpoint::pass("component.verified").and(verified) {
            Ok(verified) => verified,
            Err(error) => return Err(written.give_up(engine, error).await),
        };
        let recorded = self.record(&members, &written, after, recorded, &group.writes).await;
        written.conclude(engine, recorded).await?;
        Ok(members.iter().map(|member| member.applied()).collect())
    }

    async fn has_to_give_way(&self) -> Result<Option<String>, EngineError> {
        match self.on_lock {
            OnLock::GiveWay => self.engine.has_to_give_way(Some(self.operation)).await,
            OnLock::Wait | OnLock::Refuse => Ok(None),
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
        self.bound.files.extend(written);
        // Both need not be in memory. Where it can't be read now, it is before anything else is tried.
        self.caught_up = false;
        self.current = Current::unread(self.current.compared_at);
        self.current = self.engine.examine().await?;
        self.caught_up = true;
        for (name, seen) in &self.bound.components {
            let now = self.current.named(name).and_then(|index| seen_hash(&self.current, index));
            // What this run did to a component that it is done with does not make it stale.
            if !self.done.contains(name) && now.ok().as_ref() != Some(seen) {
                self.stale.insert(name.clone());
            }
        }
        Ok(())
    }
}

impl ComponentResult {
    /// Whether it was left because a person wanted to sync.
    pub(crate) fn gave_way(&self) -> bool {
        self.hint.as_deref() == Some(GAVE_WAY)
    }
}

fn failed(planned: &PlannedComponent, error: &EngineError) -> ComponentResult {
    ComponentResult {
        id: planned.id,
        name: planned.name.clone(),
        state: ItemState::Failed,
        reason: Some(error.to_string()),
        hint: error.hint(),
        applied: Vec::new(),
    }
}

fn is_gone(error: &EngineError) -> bool {
    matches!(error, EngineError::Store(StoreError::Unreachable { .. } | StoreError::Unusable { .. }))
}

fn gave_way(reason: &str) -> EngineError {
    EngineError::refused("gave-way", reason, GAVE_WAY)
}

fn interrupted() -> EngineError {
    EngineError::refused("interrupted", "interrupted before it began", "sync it again")
}

/// Waits until nobody writes a component, for at most a minute. What a process left that died is brought back.
pub(crate) async fn wait_for_lock(engine: &Engine, component: ComponentId) -> Result<(), EngineError> {
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if engine.progress().wants_stop() {
            return Err(interrupted());
        }
        let mut tx = engine.store.read().await?;
        match lockstep_store::journal::holder(&mut tx, component).await? {
            None => return Ok(()),
            Some(holder) if journal::is_abandoned(&holder) => {
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
