//! Who uses what: the names by which each file of a workspace knows the components and types of others.

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use super::{
    STACK_BYTES, ScanError, ScanOptions, file_id,
    files::{Files, Linked, Reach},
    folders,
    links::Linker,
    read::FileReader,
    walk::{relative, walk_all},
};
use crate::{
    callers::Callers,
    facts::{Export, FileFacts, Imported},
    react,
    resolve::{Binding, Evaluator, FileId, Link, View},
};

/// Finds the users of the components of some packages: in the packages themselves, with their stories, tests and Code
/// Connect files, and in the rest of the workspace.
///
/// # Errors
/// As [`super::scan`].
pub fn callers(packages: &[ScanOptions]) -> Result<Callers, ScanError> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
    pool.install(|| {
        let mut callers = Callers::default();
        let mut read = BTreeSet::new();
        for options in packages {
            collect(options, &mut read, &mut callers)?;
        }
        if let Some(first) = packages.first() {
            // What no package of the configuration holds: an application beside the library.
            collect(&ScanOptions::new(&first.root, ""), &mut read, &mut callers)?;
        }
        Ok(callers)
    })
}

/// Adds the users among the files of a package that were not read yet.
fn collect(
    options: &ScanOptions,
    read: &mut BTreeSet<String>,
    callers: &mut Callers,
) -> Result<(), ScanError> {
    let (root, package) = folders(options)?;
    let mut files = walk_all(&root, &package, options)?;
    files.retain(|file| read.insert(file.clone()));
    files.sort_unstable();
    if files.is_empty() {
        return Ok(());
    }
    let own = relative(&root, &package).unwrap_or_default();
    let walked = files.len();
    let mut linker = Linker::new(&root, &package, &files);
    let reader = FileReader { root: &root };
    let reading = Files { reader: &reader, own: &own, reach: Reach::Users, keeps: false, last: None };
    let Linked { project, .. } = reading.linked(&mut linker, files.into_iter().map(Into::into).collect());
    let users: Vec<Callers> = (0..walked)
        .collect::<Vec<_>>()
        .par_chunks(64)
        .map(|indices| {
            let texts = oxc_allocator::Allocator::new();
            let evaluator = Evaluator::new(View::of(&project), &texts);
            let mut users =
                Users { project: &evaluator.project, evaluator: &evaluator, known: HashMap::new() };
            let mut found = Callers::default();
            for index in indices {
                users.of_file(file_id(*index), &mut found);
            }
            found
        })
        .collect();
    for found in users {
        callers.merge(found);
    }
    Ok(())
}

/// What a declaration gives to those who know it: its own component and the parts of it, each with the path to it
/// (`""`, `.Header`), the file and the first byte of its declaration.
type Denoted = Vec<(String, FileId, u32)>;

struct Users<'e, 'p> {
    project: &'e View<'p>,
    evaluator: &'e Evaluator<'p>,
    known: HashMap<(FileId, &'p str), Denoted>,
}

impl<'p> Users<'_, 'p> {
    fn of_file(&mut self, file: FileId, found: &mut Callers) {
        let source = self.project.file(file);
        let path = source.path.as_str();
        for link in &source.links {
            if let Link::File(target) = link {
                found.imports(self.project.file(*target).path.as_str(), path);
            }
        }
        for local in locals(self.project.facts(file)) {
            match self.project.lookup(file, local) {
                Some(Binding::Local { file: target, name }) => self.add(path, local, target, name, found),
                Some(Binding::Namespace(target)) => {
                    for (part, binding) in self.project.exports(target) {
                        if let Binding::Local { file: target, name } = binding {
                            self.add(path, &format!("{local}.{part}"), target, name, found);
                        }
                    }
                }
                Some(Binding::External { .. }) | None => {}
            }
        }
    }

    fn add(&mut self, path: &str, local: &str, file: FileId, name: &'p str, found: &mut Callers) {
        let (target, facts) = (self.project.file(file), self.project.facts(file));
        if !facts.types_named(name).is_empty() {
            found.type_known(target.path.as_str(), name, path, local);
        }
        if facts.value_named(name).is_none() {
            return;
        }
        let (project, evaluator) = (self.project, self.evaluator);
        let denoted = self.known.entry((file, name)).or_insert_with(|| {
            let components = react::denoted(evaluator, file, name).into_iter();
            components.map(|(path, file, declared)| (path, file, declared.start)).collect()
        });
        for (part, declaring, start) in denoted {
            let declaring = project.file(*declaring).path.as_str();
            found.component_known(declaring, *start, path, &format!("{local}{part}"));
        }
    }
}

/// The names of a file that may stand for a component, a namespace of some, or a type.
fn locals(facts: &FileFacts) -> BTreeSet<&str> {
    let imports = facts
        .imports
        .iter()
        .filter(|import| matches!(import.imported, Imported::Namespace) || starts_upper(&import.local));
    let mut names: BTreeSet<&str> = imports.map(|import| &*import.local).collect();
    names.extend(facts.values.iter().map(|value| &*value.name).filter(|name| starts_upper(name)));
    names.extend(facts.types.iter().map(|declared| &*declared.name));
    names.extend(facts.exports.iter().filter_map(|export| match export {
        Export::Local { local, .. } if starts_upper(local) => Some(&**local),
        _ => None,
    }));
    names
}

fn starts_upper(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}
