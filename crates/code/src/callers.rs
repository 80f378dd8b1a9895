//! Which files use a component or a type of the library, and by what names.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Place;

/// The files that know something, each with the names that it knows it by: `Button`, `Card.Header`, `UI.Button`.
pub type Users = BTreeMap<String, BTreeSet<String>>;

/// Who uses what in a workspace, as far as imports and re-exports can be followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Callers {
    components: BTreeMap<(String, u32), Users>,
    types: BTreeMap<(String, String), Users>,
    importers: BTreeMap<String, BTreeSet<String>>,
}

impl Callers {
    /// The files that can use a component, given the place of its declaration.
    pub fn of_component(&self, declared: &Place) -> Users {
        let key = (declared.file.to_string(), declared.start);
        self.components.get(&key).cloned().unwrap_or_default()
    }

    /// The files that know a type which a file declares.
    pub fn of_type(&self, file: &str, name: &str) -> Users {
        self.types.get(&(file.to_owned(), name.to_owned())).cloned().unwrap_or_default()
    }

    /// The files that import a file.
    pub fn importers(&self, file: &str) -> impl Iterator<Item = &str> {
        self.importers.get(file).into_iter().flatten().map(String::as_str)
    }

    /// The files that import a file, directly or through files that import it.
    pub fn reached_from(&self, file: &str) -> BTreeSet<String> {
        let (mut reached, mut pending) = (BTreeSet::new(), vec![file]);
        while let Some(file) = pending.pop() {
            for importer in self.importers(file) {
                if reached.insert(importer.to_owned()) {
                    pending.push(importer);
                }
            }
        }
        reached
    }

    /// Takes over that declarations stand elsewhere in their files than they did.
    pub fn moved<'p>(&mut self, places: impl IntoIterator<Item = (&'p Place, &'p Place)>) {
        let moved: Vec<_> = places
            .into_iter()
            .filter_map(|(from, to)| {
                let users = self.components.remove(&(from.file.to_string(), from.start))?;
                Some(((to.file.to_string(), to.start), users))
            })
            .collect();
        self.components.extend(moved);
    }

    pub(crate) fn component_known(&mut self, declaring: &str, start: u32, file: &str, name: &str) {
        let users = self.components.entry((declaring.to_owned(), start)).or_default();
        users.entry(file.to_owned()).or_default().insert(name.to_owned());
    }

    pub(crate) fn type_known(&mut self, declaring: &str, declared: &str, file: &str, name: &str) {
        let users = self.types.entry((declaring.to_owned(), declared.to_owned())).or_default();
        users.entry(file.to_owned()).or_default().insert(name.to_owned());
    }

    pub(crate) fn imports(&mut self, file: &str, importer: &str) {
        self.importers.entry(file.to_owned()).or_default().insert(importer.to_owned());
    }

    pub(crate) fn merge(&mut self, other: Self) {
        fn into(users: &mut Users, more: Users) {
            for (file, names) in more {
                users.entry(file).or_default().extend(names);
            }
        }
        for (component, users) in other.components {
            into(self.components.entry(component).or_default(), users);
        }
        for (declared, users) in other.types {
            into(self.types.entry(declared).or_default(), users);
        }
        for (file, importers) in other.importers {
            self.importers.entry(file).or_default().extend(importers);
        }
    }
}
