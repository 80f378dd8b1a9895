//! What a reading found goes into the registry: only what is other than before, in one transaction.

use std::collections::{BTreeSet, HashSet};

use lockstep_core::{ids::ComponentId, role::Action, undo::Outcome};
use lockstep_store::{Tx, baselines, components, designs, drift_queue, evaluations, stories};
use serde_json::json;
use uuid::Uuid;

use super::{
    Current, Evaluation, RegistryChanges,
    rows::{Rows, baseline_row, found_component, found_design, found_story},
};
use crate::{context::Engine, error::EngineError};

impl Engine {
    pub(super) async fn record(
        &self,
        current: &mut Current,
        evaluation: Evaluation,
    ) -> Result<(), EngineError> {
        let mut rows = Rows::of(current, &self.workspace.config)?;
        let inputs = std::mem::take(&mut rows.inputs);
        let changed: Vec<ComponentId> = inputs.iter().map(|input| input.id).collect();
        let mut tx = self.store.begin().await?;
        if evaluation == Evaluation::Now {
            // First of all, for the queue is locked before what it tells of.
            let evaluated: HashSet<ComponentId> = current.entries.iter().map(|entry| entry.id).collect();
            drift_queue::supersede(&mut tx, |id| evaluated.contains(&id)).await?;
        } else {
            current.queued = changed.len();
            let entries = changed.into_iter().map(|id| (Uuid::now_v7().into(), id)).collect();
            drift_queue::enqueue(&mut tx, entries, self.now()).await?;
        }
        current.changes = self.write(&mut tx, current, rows, evaluation).await?;
        evaluations::record_inputs(&mut tx, inputs, self.now()).await?;
        if evaluation == Evaluation::Now {
            self.record_agreements(&mut tx, current).await?;
            self.tell_of_drift(&mut tx, current, current.compared_at).await?;
        }
        if !current.changes.is_empty() {
            let detail = json!(current.changes);
            self.audit(&mut tx, Action::Scan.as_str(), Outcome::Done, current.entries.len(), detail).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn write(
        &self,
        tx: &mut Tx,
        current: &Current,
        rows: Rows,
        evaluation: Evaluation,
    ) -> Result<RegistryChanges, EngineError> {
        let now = self.now();
        let sides = &current.sides;
        let component = |place: usize| found_component(&sides.components[place]);
        let unfound_code = unfound(sides.code_is_whole);
        let components = match evaluation {
            Evaluation::Now => {
                components::record_scan(tx, rows.components, component, unfound_code, now).await?
            }
            Evaluation::Queued => {
                components::record_found(tx, rows.components, component, unfound_code, now).await?
            }
        };
        let sources: BTreeSet<String> =
            self.workspace.config.design.iter().map(|file| file.name.clone()).collect();
        let design = |place: usize| found_design(&sides.designs[place], now);
        let unfound_design = unfound(sides.design_is_whole);
        let designs = match evaluation {
            Evaluation::Now => {
                designs::record_scan(tx, &sources, rows.designs, design, unfound_design, now).await?
            }
            Evaluation::Queued => {
                designs::record_found(tx, &sources, rows.designs, design, unfound_design, now).await?
            }
        };
        let story = |place: usize| found_story(&sides.stories[place], rows.owners[place]);
        let stories = stories::record_scan(tx, rows.stories, story, unfound_code, now).await?;
        Ok(RegistryChanges { components, designs, stories })
    }

    /// Makes agreement the baseline, where it isn't yet.
    async fn record_agreements(&self, tx: &mut Tx, current: &mut Current) -> Result<(), EngineError> {
        let now = self.now();
        let mut rows = Vec::new();
        for entry in current.entries.iter_mut().filter(|entry| !entry.settled) {
            let (Some(compared), Some(link)) = (&entry.compared, &entry.link) else { continue };
            if let Some(agreed) = compared.agreement(entry.baseline.is_some()) {
                rows.push(baseline_row(entry.id, &agreed, Some(current.design_ids[link.design]), None, now));
                entry.baseline = Some(agreed);
            }
        }
        baselines::put(tx, rows).await?;
        Ok(())
    }
}

fn unfound(read_wholly: bool) -> components::Unfound {
    if read_wholly { components::Unfound::Gone } else { components::Unfound::Unknown }
}
