//! What the registry knows that a reading can't tell, loaded only as far as hashes leave it open.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use lockstep_core::{
    baseline::Baseline,
    ids::{ComponentId, DesignId},
};
use lockstep_store::{baselines, components, designs};
use rayon::prelude::*;

use super::{Current, Paired, SeenChange, baseline_of};
use crate::{context::Engine, error::EngineError};

/// Ids, baselines and dates.
pub(super) struct Known {
    pub(super) components: BTreeMap<String, KnownComponent>,
    pub(super) designs: BTreeMap<(String, String), DesignId>,
    pub(super) baselines: BTreeMap<ComponentId, KnownBaseline>,
}

pub(super) struct KnownComponent {
    pub(super) id: ComponentId,
    pub(super) seen: Vec<SeenChange>,
    pub(super) last_synced_at: Option<DateTime<Utc>>,
    /// The hash of what it was compared from; none of one that is gone: it is new when it is back.
    pub(super) input_hash: Option<String>,
}

pub(super) struct KnownBaseline {
    pub(super) baseline: Baseline,
    /// Whether both sides agree on this very baseline now.
    pub(super) settled: bool,
}

impl Engine {
    /// What the registry knows. Where the hash of a baseline is that of what both sides agree on now, that is the
    /// baseline, and it is not loaded.
    pub(super) async fn known(&self, paired: &Paired) -> Result<Known, EngineError> {
        let mut tx = self.store.read().await?;
        let components: BTreeMap<String, KnownComponent> = components::outlines(&mut tx)
            .await?
            .into_iter()
            .map(|row| (row.name.clone(), KnownComponent::of(row)))
            .collect();
        let designs = designs::outlines(&mut tx).await?;
        let hashes = baselines::hashes(&mut tx).await?;
        // Of a part, no other baselines are of use.
        let is_asked_for =
            |code: &crate::sides::CodeEntry| paired.part.as_ref().is_none_or(|part| part.holds(&code.name));
        let settled = |(code, comparison): (&crate::sides::CodeEntry, &Option<Arc<_>>)| {
            let id = components.get(&code.name).filter(|_| is_asked_for(code))?.id;
            let hash = hashes.get(&id)?.as_ref();
            let agreed = comparison.as_deref().and_then(Baseline::of_agreement);
            Some((id, agreed.filter(|agreed| hash.is_some_and(|hash| agreed.hash() == *hash))))
        };
        let found: Vec<(ComponentId, Option<Baseline>)> =
            paired.sides.components.par_iter().zip(&paired.comparisons).filter_map(settled).collect();
        let mut baselines = BTreeMap::new();
        let mut open = Vec::new();
        for (id, agreed) in found {
            match agreed {
                Some(baseline) => _ = baselines.insert(id, KnownBaseline { baseline, settled: true }),
                None => open.push(id),
            }
        }
        for row in baselines::of_components(&mut tx, &open).await? {
            let id = row.component_id;
            baselines.insert(id, KnownBaseline { baseline: baseline_of(row)?, settled: false });
        }
        Ok(Known {
            components,
            designs: designs.into_iter().map(|row| ((row.source, row.node_id), row.id)).collect(),
            baselines,
        })
    }
}

impl KnownComponent {
    fn of(row: components::Outline) -> Self {
        // What an older version wrote in another form was first seen now.
        let seen = row.drift.and_then(|drift| serde_json::from_value(drift).ok()).unwrap_or_default();
        let input_hash = row.input_hash.filter(|_| row.gone_at.is_none());
        Self { id: row.id, seen, last_synced_at: row.last_synced_at, input_hash }
    }
}

impl Known {
    /// As it stands after a reading was recorded.
    pub(super) fn of(current: &Current) -> Self {
        let named = || current.sides.components.iter().zip(&current.entries);
        Self {
            components: named()
                .map(|(code, entry)| {
                    let known = KnownComponent {
                        id: entry.id,
                        seen: entry.seen(),
                        last_synced_at: entry.last_synced_at,
                        input_hash: entry.known_input.clone(),
                    };
                    (code.name.clone(), known)
                })
                .collect(),
            designs: current
                .sides
                .designs
                .iter()
                .zip(&current.design_ids)
                .map(|(design, id)| ((design.source.clone(), design.component.node_id.to_string()), *id))
                .collect(),
            baselines: named()
                .filter_map(|(_, entry)| {
                    let baseline = entry.baseline.clone()?;
                    Some((entry.id, KnownBaseline { baseline, settled: false }))
                })
                .collect(),
        }
    }
}
