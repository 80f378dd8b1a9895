//! What a reading found goes into the registry: only what is other than before, in one transaction.

use std::collections::BTreeSet;

use lockstep_core::{baseline::Baseline, mapping::Comparison, role::Action, undo::Outcome};
use lockstep_store::{Tx, baselines, components, designs, stories};
use serde_json::json;

use super::{
    Current, RegistryChanges,
    rows::{Rows, baseline_row, found_component, found_design, found_story},
};
use crate::{context::Engine, error::EngineError};

impl Engine {
    pub(super) async fn record(&self, current: &mut Current) -> Result<(), EngineError> {
        let rows = Rows::of(current)?;
        let mut tx = self.store.begin().await?;
        current.changes = self.write(&mut tx, current, rows).await?;
        self.tell_of_drift(&mut tx, current, current.compared_at).await?;
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
        current: &mut Current,
        rows: Rows,
    ) -> Result<RegistryChanges, EngineError> {
        let now = self.now();
        let sides = &current.sides;
        let component = |place: usize| found_component(&sides.components[place]);
        let components = components::record_scan(
            tx,
            rows.components,
            component,
            unfound(current.sides.code_is_whole),
            now,
        )
        .await?;
        let sources: BTreeSet<String> =
            self.workspace.config.design.iter().map(|file| file.name.clone()).collect();
        let design = |place: usize| found_design(&sides.designs[place], now);
        let designs = designs::record_scan(
            tx,
            &sources,
            rows.designs,
            design,
            unfound(current.sides.design_is_whole),
            now,
        )
        .await?;
        let story = |place: usize| found_story(&sides.stories[place], rows.owners[place]);
        let stories =
            stories::record_scan(tx, rows.stories, story, unfound(current.sides.code_is_whole), now).await?;
        self.record_agreements(tx, current).await?;
        Ok(RegistryChanges { components, designs, stories })
    }

    /// Makes whole agreement the baseline, where it isn't yet. A component whose every difference people accepted or
    /// ignored gets its first one too, so that from then on it can be said who moved.
    async fn record_agreements(&self, tx: &mut Tx, current: &mut Current) -> Result<(), EngineError> {
        let now = self.now();
        let mut rows = Vec::new();
        for entry in current.entries.iter_mut().filter(|entry| !entry.settled) {
            let (Some(compared), Some(link)) = (&entry.compared, &entry.link) else { continue };
            let agreed = Baseline::of_agreement(&compared.comparison).or_else(|| {
                let Comparison { code, design, code_identities, design_identities, .. } =
                    &compared.comparison;
                let adopted = entry.baseline.is_none() && compared.drift.reported.is_empty();
                adopted.then(|| Baseline::advance(None, code, design, code_identities, design_identities))
            });
            if let Some(agreed) = agreed {
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
