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
        let chosen = current.chosen();
        let is_part = chosen.is_some();
        let (some, designs) = chosen.unwrap_or_else(|| {
            ((0..current.entries.len()).collect(), (0..current.design_ids.len()).collect())
        });
        let mut rows = Rows::of(current, &some, &designs, &self.workspace.config)?;
        let inputs = std::mem::take(&mut rows.inputs);
        let changed: Vec<ComponentId> = inputs.iter().map(|input| input.id).collect();
        let mut tx = self.store.begin().await?;
        if evaluation == Evaluation::Now {
            // First of all, for the queue is locked before what it tells of.
            let evaluated: HashSet<ComponentId> =
                some.iter().map(|index| current.entries[*index].id).collect();
            drift_queue::supersede(&mut tx, |id| evaluated.contains(&id)).await?;
        } else {
            current.queued = changed.len();
            let entries = changed.into_iter().map(|id| (Uuid::now_v7().into(), id)).collect();
            drift_queue::enqueue(&mut tx, entries, self.now()).await?;
        }
        let places = Places { components: &some, designs: &designs, is_part };
        current.changes = self.write(&mut tx, current, rows, &places, evaluation).await?;
        evaluations::record_inputs(&mut tx, inputs, self.now()).await?;
        if evaluation == Evaluation::Now {
            self.record_agreements(&mut tx, current, is_part).await?;
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
        places: &Places<'_>,
        evaluation: Evaluation,
    ) -> Result<RegistryChanges, EngineError> {
        let now = self.now();
        let sides = &current.sides;
        let component = |place: usize| found_component(&sides.components[places.components[place]]);
        let unfound_code = unfound(sides.code_is_whole && !places.is_part);
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
        let design = |place: usize| found_design(&sides.designs[places.designs[place]], now);
        let unfound_design = unfound(sides.design_is_whole && !places.is_part);
        let designs = match evaluation {
            Evaluation::Now => {
                designs::record_scan(tx, &sources, rows.designs, design, unfound_design, now).await?
            }
            Evaluation::Queued => {
                designs::record_found(tx, &sources, rows.designs, design, unfound_design, now).await?
            }
        };
        let story = |place: usize| found_story(&sides.stories[place], rows.owners[place]);
        // Stories are all there, whatever the reading is about.
        let unfound_stories = unfound(sides.code_is_whole);
        let stories = stories::record_scan(tx, rows.stories, story, unfound_stories, now).await?;
        Ok(RegistryChanges { components, designs, stories })
    }

    /// Makes agreement the baseline, where it isn't yet. Of a part of a reading it was not asked which are settled.
    async fn record_agreements(
        &self,
        tx: &mut Tx,
        current: &mut Current,
        is_part: bool,
    ) -> Result<(), EngineError> {
        let now = self.now();
        let mut rows = Vec::new();
        for entry in current.entries.iter_mut().filter(|entry| !entry.settled) {
            let (Some(compared), Some(link)) = (&entry.compared, &entry.link) else { continue };
            let agreed = compared.agreement(entry.baseline.is_some());
            if let Some(agreed) = agreed.filter(|agreed| !is_part || entry.baseline.as_ref() != Some(agreed))
            {
                rows.push(baseline_row(entry.id, &agreed, Some(current.design_ids[link.design]), None, now));
                entry.baseline = Some(agreed);
            }
        }
        baselines::put(tx, rows).await?;
        Ok(())
    }
}

/// What is recorded, as indexes into both sides.
struct Places<'p> {
    components: &'p [usize],
    designs: &'p [usize],
    /// Whether there is more than that.
    is_part: bool,
}

fn unfound(read_wholly: bool) -> components::Unfound {
    if read_wholly { components::Unfound::Gone } else { components::Unfound::Unknown }
}
