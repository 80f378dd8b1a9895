//! All files of a scan, and what the names in them refer to.

use std::sync::{LazyLock, OnceLock};

use foldhash::{HashSet, HashSetExt};

use super::seen::Seen;
use crate::{
    facts::{Export, FileFacts, Import, Imported, Outline, Range, Text},
    model::{FilePath, Place},
};

/// A file of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(pub u32);

/// One file with its facts and where its module specifiers lead.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Relative to the workspace, with `/`.
    pub path: FilePath,
    /// What was kept of a file that has not changed since: the rest is read when somebody asks for it.
    pub kept: Option<KeptOutline>,
    /// What it says, once it was read.
    pub facts: OnceLock<FileFacts>,
    /// Where each of the specifiers leads.
    pub links: Vec<Link>,
    /// Whether it belongs to the package that is scanned, so that it may be edited.
    pub own: bool,
    /// Whether it belongs to a package in `node_modules`.
    pub installed: bool,
}

/// An outline that is made of its bytes when somebody asks for it.
pub(crate) type KeptOutline = LazyLock<Outline, Box<dyn FnOnce() -> Outline + Send>>;

impl SourceFile {
    /// The modules that it refers to, sorted.
    pub fn specifiers(&self) -> &[Text] {
        match (&self.kept, self.facts.get()) {
            (Some(kept), _) => &kept.specifiers,
            (None, Some(facts)) => &facts.specifiers,
            (None, None) => &[],
        }
    }

    /// What it exports.
    pub fn exports(&self) -> &[Export] {
        match (self.facts.get(), &self.kept) {
            (Some(facts), _) => &facts.exports,
            (None, Some(kept)) => &kept.exports,
            (None, None) => &[],
        }
    }

    fn import_named(&self, local: &str) -> Option<&Import> {
        match (self.facts.get(), &self.kept) {
            (Some(facts), _) => facts.import_named(local),
            (None, Some(kept)) => kept.import_named(local),
            (None, None) => None,
        }
    }

    /// Whether it declares a type or a value of a name.
    fn declares(&self, name: &str) -> bool {
        match (self.facts.get(), &self.kept) {
            (Some(facts), _) => facts.declares(name),
            (None, Some(kept)) => kept.declares(name),
            (None, None) => false,
        }
    }

    /// The specifiers of modules whose names are known here too.
    fn scopes(&self) -> &[Text] {
        // Only what a manifest says has any, and that is never kept.
        self.facts.get().map_or(&[], |facts| &facts.scopes)
    }
}

/// Where a module specifier leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    File(FileId),
    /// A package or file that is not there.
    Missing,
}

/// What a name refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binding<'p> {
    /// A declaration of a file, of a type, a value or both.
    Local { file: FileId, name: &'p str },
    /// All exports of a file.
    Namespace(FileId),
    /// Something of a module that was not read; `None` is the module as a whole.
    External { specifier: &'p str, name: Option<&'p str> },
}

/// The files of a scan.
#[derive(Default)]
pub(crate) struct Project {
    pub files: Vec<SourceFile>,
    /// Reads a file of which only the outline was kept.
    pub read: Option<ReadFile>,
}

/// Reads what a file says.
pub(crate) type ReadFile = Box<dyn Fn(&str) -> FileFacts + Send + Sync>;

impl std::fmt::Debug for Project {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Project").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Project {
    /// The file of an id.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }
}

/// The files of a scan as one thread sees them, which can tell which of them it looked at.
#[derive(Debug)]
pub(crate) struct View<'p> {
    project: &'p Project,
    pub seen: Seen,
}

impl<'p> View<'p> {
    /// A view that takes no note of what is looked at.
    pub fn of(project: &'p Project) -> Self {
        Self { project, seen: Seen::unwatched() }
    }

    /// A view that takes note of it.
    pub fn watched(project: &'p Project) -> Self {
        Self { project, seen: Seen::of(project.files.len()) }
    }

    /// The file of an id.
    pub fn file(&self, id: FileId) -> &'p SourceFile {
        self.seen.note(id);
        self.project.file(id)
    }

    /// What a file says.
    pub fn facts(&self, id: FileId) -> &'p FileFacts {
        let file = self.file(id);
        file.facts.get_or_init(|| {
            self.project.read.as_ref().map_or_else(FileFacts::default, |read| read(&file.path))
        })
    }

    /// A place in a file.
    pub fn place(&self, id: FileId, range: Range) -> Place {
        Place {
            file: self.file(id).path.clone(),
            start: range.start,
            end: range.end,
            line: self.facts(id).line(range.start),
        }
    }

    /// Where a specifier in a file leads.
    pub fn link(&self, file: FileId, specifier: &str) -> Link {
        let file = self.file(file);
        let at = file.specifiers().binary_search_by(|known| (**known).cmp(specifier)).ok();
        at.and_then(|at| file.links.get(at)).copied().unwrap_or(Link::Missing)
    }

    /// What a name means at the top level of a file, for a name that need not live as long as the project.
    pub fn declared_in(&self, file: FileId, name: &str) -> Option<Binding<'p>> {
        let facts = self.facts(file);
        let known = facts.value_named(name).map(|value| &*value.name);
        let imported = facts.import_named(name).map(|import| &*import.local);
        self.lookup(file, known.or(imported)?)
    }

    /// What a name means at the top level of a file.
    pub fn lookup(&self, file: FileId, name: &'p str) -> Option<Binding<'p>> {
        self.lookup_once(file, name, &mut HashSet::new())
    }

    fn lookup_once(
        &self,
        file: FileId,
        name: &'p str,
        seen: &mut HashSet<(FileId, &'p str)>,
    ) -> Option<Binding<'p>> {
        let source = self.file(file);
        if source.declares(name) {
            return Some(Binding::Local { file, name });
        }
        let Some(import) = source.import_named(name) else {
            return source.scopes().iter().find_map(|scope| match self.link(file, scope) {
                Link::File(scope) if scope != file => self.lookup_once(scope, name, seen),
                _ => None,
            });
        };
        Some(self.imported(file, &import.specifier, &import.imported, seen))
    }

    /// What `imported` of the module that `specifier` names is.
    fn imported(
        &self,
        file: FileId,
        specifier: &'p str,
        imported: &'p Imported,
        seen: &mut HashSet<(FileId, &'p str)>,
    ) -> Binding<'p> {
        match (self.link(file, specifier), imported) {
            (Link::File(target), Imported::Namespace) => Binding::Namespace(target),
            (Link::File(target), Imported::Name(name)) => self
                .export_once(target, name, seen)
                .unwrap_or(Binding::External { specifier, name: Some(name) }),
            (Link::Missing, Imported::Namespace) => Binding::External { specifier, name: None },
            (Link::Missing, Imported::Name(name)) => Binding::External { specifier, name: Some(name) },
        }
    }

    /// What a file exports under a name.
    pub fn export(&self, file: FileId, name: &'p str) -> Option<Binding<'p>> {
        self.export_once(file, name, &mut HashSet::new())
    }

    fn export_once(
        &self,
        file: FileId,
        name: &'p str,
        seen: &mut HashSet<(FileId, &'p str)>,
    ) -> Option<Binding<'p>> {
        if !seen.insert((file, name)) {
            return None;
        }
        let exports = self.file(file).exports();
        for export in exports {
            match export {
                Export::Local { name: exported, local } if &**exported == name => {
                    return Some(
                        self.lookup_once(file, local, seen).unwrap_or(Binding::Local { file, name: local }),
                    );
                }
                Export::From { name: exported, specifier, imported } if &**exported == name => {
                    return Some(self.imported(file, specifier, imported, seen));
                }
                _ => {}
            }
        }
        if name == "default" {
            return None;
        }
        exports.iter().find_map(|export| match export {
            Export::All { specifier } => match self.link(file, specifier) {
                Link::File(target) => self.export_once(target, name, seen),
                Link::Missing => None,
            },
            _ => None,
        })
    }

    /// The names that a file exports, without `default`, each with what it refers to; names of modules that were
    /// not read are unknown.
    pub fn exports(&self, file: FileId) -> Vec<(&'p str, Binding<'p>)> {
        let mut found = Vec::new();
        let mut names = HashSet::new();
        self.collect_exports(file, &mut HashSet::new(), &mut |owner, export| {
            let (Export::Local { name, .. } | Export::From { name, .. }) = export else { return };
            if &**name != "default"
                && names.insert(&**name)
                && let Some(binding) = self.export(owner, name)
            {
                found.push((&**name, binding));
            }
        });
        found
    }

    /// Every export of a file and of what it re-exports as a whole: more than one may have the same name.
    pub fn collect_exports(
        &self,
        file: FileId,
        seen: &mut HashSet<FileId>,
        each: &mut impl FnMut(FileId, &'p Export),
    ) {
        let mut pending = vec![file];
        while let Some(file) = pending.pop() {
            if !seen.insert(file) {
                continue;
            }
            for export in self.file(file).exports() {
                match export {
                    Export::All { specifier } => {
                        if let Link::File(target) = self.link(file, specifier) {
                            pending.push(target);
                        }
                    }
                    other => each(file, other),
                }
            }
        }
    }
}
