//! Which components may share declarations with which: those that have some in the same file.

use std::collections::{BTreeSet, HashMap};

use lockstep_code::model::{FilePath, Place, ScannedComponent};

use super::CodeEntry;

/// The components with declarations in each file.
#[derive(Debug, Clone, Default)]
pub(super) struct Declaring {
    by_file: HashMap<FilePath, Vec<usize>>,
}

impl Declaring {
    pub(super) fn new(components: &[CodeEntry]) -> Self {
        let mut by_file: HashMap<FilePath, Vec<usize>> = HashMap::new();
        for (index, entry) in components.iter().enumerate() {
            let mut before: Option<&FilePath> = None;
            for Place { file, .. } in places_of(&entry.component) {
                if before.replace(file) == Some(file) {
                    continue;
                }
                let here = by_file.entry(file.clone()).or_default();
                if here.last() != Some(&index) {
                    here.push(index);
                }
            }
        }
        Self { by_file }
    }

    pub(super) fn neighbours(&self, components: &[CodeEntry], index: usize) -> BTreeSet<usize> {
        let files: BTreeSet<&FilePath> = components
            .get(index)
            .into_iter()
            .flat_map(|entry| places_of(&entry.component))
            .map(|place| &place.file)
            .collect();
        let here = files.into_iter().filter_map(|file| self.by_file.get(file)).flatten().copied();
        here.filter(|other| *other != index).collect()
    }
}

/// Where a component's properties and their options are declared.
pub(crate) fn places_of(component: &ScannedComponent) -> impl Iterator<Item = &Place> {
    component
        .origins
        .values()
        .flat_map(|origin| std::iter::once(&origin.declared).chain(origin.options.values().flatten()))
}
