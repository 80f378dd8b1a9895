//! Readings for some components only, as an undo needs them: everything is read and linked, but only these are compared, and
//! recorded afterwards, where nothing else changed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Current, Evaluation};
use crate::{context::Engine, error::EngineError, journal, link::Links, sides::Sides};

/// What a reading is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The components that are compared, by name.
    components: BTreeSet<String>,
    /// Whether nothing else changed since the first reading.
    is_all: bool,
}

impl Part {
    pub(super) fn of(components: BTreeSet<String>) -> Self {
        Self { components, is_all: true }
    }

    pub(super) fn holds(&self, name: &str) -> bool {
        self.components.contains(name)
    }
}

impl Current {
    /// What a reading after this one is about: the same components, and whether no other one is other than in this one.
    pub(super) fn part_after(&self, sides: &Sides, links: &Links) -> Option<Part> {
        let mut part = self.part.clone()?;
        let (code, designs) = (&self.sides.components, &self.sides.designs);
        let are_named_alike = code.len() == sides.components.len()
            && code.iter().zip(&sides.components).all(|(one, other)| one.name == other.name)
            && designs.len() == sides.designs.len()
            && designs.iter().zip(&sides.designs).all(|(one, other)| one.is_row_of(other));
        if !are_named_alike {
            part.is_all = false;
            return Some(part);
        }
        let mut changed: BTreeSet<usize> =
            (0..designs.len()).filter(|at| designs[*at].component != sides.designs[*at].component).collect();
        for (index, now) in sides.components.iter().enumerate() {
            let link = links.links.get(&index);
            if !part.holds(&now.name) {
                let is_same = code[index].component == now.component;
                part.is_all &= is_same && self.entries[index].link.as_ref() == link;
            } else if let Some(link) = link {
                changed.remove(&link.design);
            }
        }
        part.is_all &= changed.is_empty();
        Some(part)
    }

    /// The same reading, after others changed what it may not be about.
    pub(crate) fn with_others(mut self) -> Self {
        if let Some(part) = &mut self.part {
            part.is_all = false;
        }
        self
    }

    /// The components and design components that a part is about, as far as that is all that changed.
    pub(super) fn chosen(&self) -> Option<(Vec<usize>, Vec<usize>)> {
        let part = self.part.as_ref().filter(|part| part.is_all)?;
        let named = |index: &usize| part.holds(&self.sides.components[*index].name);
        let (some, others): (Vec<usize>, Vec<usize>) = (0..self.entries.len()).partition(named);
        let designs_of = |indices: &[usize]| -> BTreeSet<usize> {
            indices.iter().filter_map(|index| Some(self.entries[*index].link.as_ref()?.design)).collect()
        };
        let designs = designs_of(&some);
        // Of several components that stand for one design component, the last counts: all of them have to be known.
        designs.is_disjoint(&designs_of(&others)).then(|| (some, designs.into_iter().collect()))
    }
}

impl Engine {
    /// Records what a run of undos came to, by the reading that it ended with; where that does not tell all, both sides are
    /// read again. `began` is when the run did.
    pub(crate) async fn record_turned(
        &self,
        mut current: Current,
        began: DateTime<Utc>,
    ) -> Result<(), EngineError> {
        let held = self.hold_for_reading().await?;
        let mut tx = self.store.read().await?;
        let written = journal::last_writes(&mut tx, current.compared_at).await?;
        drop(tx);
        if written.is_empty() && current.chosen().is_some() {
            // What it found of drift was first seen by this run.
            current.compared_at = began;
            return self.record(&mut current, Evaluation::Now).await;
        }
        drop(held);
        self.refresh().await.map(drop)
    }
}
