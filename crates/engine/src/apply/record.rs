//! What was written, read again: it must state what was planned, and is recorded then.

use lockstep_core::{
    baseline::Baseline,
    contract::{Contract, Property, sha256_hex},
    ids::UndoEntryId,
    mapping::compare,
};
use lockstep_store::{baselines, components, undo_entries};
use rayon::prelude::*;
use uuid::Uuid;

use super::{group::Member, run::Run};
use crate::{
    documents::{DesignTexts, Documents},
    error::EngineError,
    failpoint,
    journal::{FileWrite, Prepared},
    plan::Expected,
    registry::{Current, baseline_row, compare_policy},
    snapshot::{ComponentState, Kept, Touched, keep},
    workspace::WorkspacePath,
};

/// What one component came to.
pub(super) struct Reached {
    /// Which of the components that were read after writing.
    index: usize,
    baseline: Option<Baseline>,
    state: ComponentState,
}

impl Run<'_> {
    /// Reads both sides again; they must state what was planned, no more and no less.
    pub(super) fn verify(&self, members: &[&Member<'_>]) -> Result<(Current, Vec<Reached>), EngineError> {
        let workspace = &self.engine.workspace;
        let mut written = Touched::default();
        for member in members {
            written.files.extend(member.touched.files.iter().cloned());
            written.nodes.extend(member.touched.nodes.iter().cloned());
        }
        let texts = DesignTexts::of(workspace);
        let documents = Documents::of(&texts);
        let mut after = self.engine.examine_from(&self.current, &written, &documents)?;
        let policy = compare_policy(&workspace.config);
        let mut reached = Vec::with_capacity(members.len());
        for member in members {
            let index = after.named(&member.planned.name)?;
            let seen = &self.current.entries[member.index];
            let code = &after.sides.components[index];
            match after.design(index) {
                Some(design) => {
                    let link = after.entries[index].link.as_ref();
                    let rules = link.map(|link| link.rules.clone()).unwrap_or_default();
                    let stated = &design.component.statement;
                    let both = compare(&code.component.statement, stated, &rules, &policy);
                    agrees(&member.edits.expected, &both.code, &both.design)?;
                }
                // A scaffold is for components as well that stand for nothing in the design.
                None if seen.link.is_none() => {}
                None => return Err(mismatch("it is no longer linked")),
            }
            let agreed = after.entries[index].compared.as_ref().map(|after| {
                let after = &after.comparison;
                let before = seen.compared.as_ref().map_or(after, |seen| &seen.comparison);
                Baseline::advance(seen.baseline.as_ref(), before, after)
            });
            // What is written beside both contracts is nothing to agree on.
            let baseline = if member.planned.scaffold.is_some() { seen.baseline.clone() } else { agreed };
            after.entries[index].baseline.clone_from(&baseline);
            let touched = &member.touched;
            let state = ComponentState::capture_from(workspace, &documents, &after, index, touched)?;
            reached.push(Reached { index, baseline, state });
        }
        Ok((after, reached))
    }

    /// Records what was written, in one transaction; from then on it stands.
    pub(super) async fn record(
        &mut self,
        members: &[&Member<'_>],
        written: &Prepared,
        mut after: Current,
        reached: Vec<Reached>,
        writes: &[FileWrite],
    ) -> Result<(), EngineError> {
        let engine = self.engine;
        let now = engine.now();
        let kept = |reached: &Reached| Kept::of(&reached.state);
        let kept = reached.par_iter().map(kept).collect::<Result<Vec<_>, _>>()?;
        let before = members.par_iter().map(|member| Kept::of(&member.before));
        let before = before.collect::<Result<Vec<_>, _>>()?;
        let mut tx = engine.store.begin().await?;
        keep(&mut tx, &kept, now).await?;
        let (mut post_states, mut rows) = (Vec::new(), Vec::new());
        let all = members.iter().zip(&before).zip(reached.into_iter().zip(kept));
        for (
            place,
            ((member, before), (Reached { index, baseline, .. }, Kept { hash: post_state_hash, .. })),
        ) in (0..).zip(all)
        {
            let entry = undo_entries::UndoEntry {
                id: UndoEntryId::from(Uuid::now_v7()),
                sync_operation_id: self.operation,
                pre_state_hash: before.hash.clone(),
                post_state_hash: post_state_hash.clone(),
                expiration: self.reversible_until,
                created_at: now,
                undone_at: None,
                component_id: member.planned.id,
                position: self.position + place,
                undone_by: None,
                undone_merged: false,
                redone_at: None,
                redone_by: None,
            };
            undo_entries::insert(&mut tx, entry).await?;
            post_states.push(post_state_hash);
            if member.planned.scaffold.is_some() {
                components::record_story_update(&mut tx, member.planned.id, now).await?;
            } else if let Some(agreed) = &baseline {
                let link = after.entries[index].link.as_ref();
                let design = link.and_then(|link| after.design_ids.get(link.design).copied());
                rows.push(baseline_row(member.planned.id, agreed, design, Some(self.operation), now));
            }
        }
        baselines::put(&mut tx, rows).await?;
        let synced = members.iter().filter(|member| member.planned.scaffold.is_none());
        let ids: Vec<_> = synced.map(|member| member.planned.id).collect();
        components::record_synced(&mut tx, &ids, now).await?;
        written.commit_together(engine, &mut tx, post_states.iter().map(String::as_str)).await?;
        failpoint::pass("component.recording")?;
        tx.commit().await?;
        failpoint::pass("component.committed")?;
        self.position += i64::try_from(members.len()).unwrap_or(i64::MAX);
        self.done.extend(members.iter().map(|member| member.planned.name.clone()));
        for write in writes {
            let hash = write.after.as_ref().map(|text| sha256_hex(text.as_bytes()));
            self.bound.files.insert(write.file.clone(), hash);
        }
        after.compared_at = engine.now();
        let is_design =
            |file: &WorkspacePath| engine.workspace.config.design.iter().any(|design| design.file == *file);
        // A new file may be one that others import.
        let texts = writes
            .iter()
            .filter(|write| !is_design(&write.file))
            .map(|write| (write.file.as_str(), write.before.as_ref().and(write.after.as_deref())));
        after.sides.follow(&mut self.current.sides, &texts.collect());
        self.current = after;
        Ok(())
    }
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
