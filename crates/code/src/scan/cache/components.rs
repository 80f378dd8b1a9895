//! How components are kept: each by itself, with tables that they share, so that what did not change is copied from one
//! cache to the next.

use std::borrow::Cow;

use rayon::prelude::*;

use super::bytes::{Kept as _, Reader, Tables, Writer};
use crate::model::ScannedComponent;

/// Of so many components, one may refer to nothing but what another one wrote before it was changed.
const MOST_ADDED: usize = 4;

/// Components that were kept.
pub(super) struct KeptComponents<'b> {
    tables: Tables<'b>,
    all: Vec<&'b [u8]>,
    /// How many were added to the tables since these were written as a whole.
    added: usize,
}

impl<'b> KeptComponents<'b> {
    /// Those that bytes hold.
    pub fn of(bytes: &'b [u8]) -> Option<Self> {
        let (tables, start) = Tables::read(bytes)?;
        let none = Tables::default();
        let mut from = Reader::of(bytes.get(start..)?, &none);
        let added = from.count()?;
        let count = from.count()?;
        let all = (0..count).map(|_| from.raw()).collect::<Option<_>>()?;
        Some(Self { tables, all, added })
    }

    /// Reads the first of them back, on every thread.
    pub fn first(&self, count: usize) -> Option<Vec<ScannedComponent>> {
        const CHUNK: usize = 32;
        let take = |bytes: &&[u8]| ScannedComponent::take(&mut Reader::of(bytes, &self.tables));
        let chunks = self.all.get(..count)?.par_chunks(CHUNK);
        let read: Vec<Option<Vec<ScannedComponent>>> =
            chunks.map(|chunk| chunk.iter().map(take).collect()).collect();
        let mut all = Vec::with_capacity(count);
        for chunk in read {
            all.append(&mut chunk?);
        }
        Some(all)
    }

    /// Reads all of them back.
    pub fn all(&self) -> Option<Vec<ScannedComponent>> {
        self.first(self.all.len())
    }
}

/// Components as bytes; each comes with its place among those that were kept before, where it is the same.
pub(super) fn keep<'v>(
    components: impl Iterator<Item = (&'v ScannedComponent, Option<usize>)> + Clone,
    before: Option<&'v KeptComponents<'_>>,
) -> Vec<u8> {
    let same = |place: Option<usize>| before.and_then(|before| before.all.get(place?).copied());
    let fresh = components.clone().filter(|(_, place)| same(*place).is_none()).count();
    let added = before.map_or(0, |before| before.added) + fresh;
    // What nothing refers to any more is let go now and then.
    let before = before.filter(|before| added <= before.all.len() / MOST_ADDED);
    let same = |place: Option<usize>| before.and_then(|before| before.all.get(place?).copied());
    let mut to = before.map_or_else(Writer::default, |before| Writer::continuing(&before.tables));
    let all: Vec<Cow<'_, [u8]>> = components
        .map(|(component, place)| match same(place) {
            Some(bytes) => Cow::Borrowed(bytes),
            None => Cow::Owned(to.apart(component)),
        })
        .collect();
    to.number(before.map_or(0, |_| added) as u64);
    to.number(all.len() as u64);
    all.iter().for_each(|bytes| to.raw(bytes));
    to.finish()
}
