//! Reading files and those that they lead to.

use std::{path::Path, sync::Arc};

use foldhash::HashMap;
use lockstep_core::diagnostic::Diagnostic;

use super::{
    cache::LastScan,
    installed,
    links::Linker,
    read::{self, Desk, FileReader, ReadFile, Version},
};
use crate::resolve::{Link, Project, SourceFile};

/// Which modules are read because of a file that refers to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those that its contracts depend on, in installed packages too.
    Contracts,
    /// Those of the workspace that it imports at all.
    Users,
}

/// How files are read that lead to each other.
pub(super) struct Files<'f> {
    pub reader: &'f FileReader<'f>,
    /// The package's folder.
    pub own: &'f str,
    pub reach: Reach,
    /// Whether what is read will be kept, with the versions of the files.
    pub keeps: bool,
    pub last: Option<&'f LastScan<'f>>,
}

/// Files that lead to each other.
pub(super) struct Linked {
    pub project: Project,
    /// Which state of each of them was read.
    pub versions: Vec<Version>,
    /// What was wrong with them.
    pub diagnostics: Vec<Diagnostic>,
}

impl Files<'_> {
    /// Reads files and, in turn, those that they lead to.
    pub fn linked(&self, linker: &mut Linker, mut batch: Vec<Arc<str>>) -> Linked {
        let Linked { mut project, mut versions, mut diagnostics } = self.nothing();
        while !batch.is_empty() {
            let read = read::at_desks(&batch, |path, desk| self.file(path, desk));
            let mut files = Vec::with_capacity(read.len());
            for (mut file, version, mut problems) in read {
                diagnostics.append(&mut problems);
                file.links = vec![Link::Missing; file.specifiers().len()];
                files.push(file);
                versions.push(version);
            }
            linker.register(&files);
            batch = linker.link(&files);
            batch.retain(|path| self.reach == Reach::Contracts || !installed::is_installed(path, self.own));
            project.files.append(&mut files);
        }
        linker.settle(&mut project);
        Linked { project, versions, diagnostics }
    }

    /// The files of the last scan, where nothing else changed than what some of them say, and what that refers to is the
    /// same: then each leads to the same ones as before. `beside` says which files concern none of them.
    pub fn as_before(&self, beside: impl Fn(&str) -> bool) -> Option<Linked> {
        let last = self.last?;
        let concerns = |path: &&str| !beside(path) || last.place(path).is_some();
        let changed: Vec<&str> = last.uncertain().filter(concerns).collect();
        let places: Vec<usize> = changed.iter().map(|path| last.place(path)).collect::<Option<_>>()?;
        let read = read::at_desks(&changed, |path, desk| self.file(&Arc::from(*path), desk));
        let mut changed: HashMap<usize, _> = places.into_iter().zip(read).collect();
        for (place, (file, version, _)) in &mut changed {
            let (specifiers, links) = last.references(*place)?;
            if version.stamp.is_none() || specifiers != file.specifiers() {
                return None;
            }
            file.links = links;
        }
        let paths: Vec<&str> = last.paths().collect();
        let unchanged = read::at_desks(&paths, |path, desk| {
            let place = last.place(path).filter(|place| !changed.contains_key(place))?;
            let (mut file, version, problems) = self.file(&Arc::from(*path), desk);
            file.links = last.links(place)?;
            Some((file, version, problems))
        });
        let mut linked = self.nothing();
        for (place, file) in unchanged.into_iter().enumerate() {
            let (file, version, mut problems) = file.or_else(|| changed.remove(&place))?;
            linked.diagnostics.append(&mut problems);
            linked.project.files.push(file);
            linked.versions.push(version);
        }
        Some(linked)
    }

    fn nothing(&self) -> Linked {
        let root = self.reader.root.to_owned();
        let read = move |path: &str| FileReader { root: &root }.facts(path, &mut Desk::default());
        let project = Project { files: Vec::new(), read: Some(Box::new(read)) };
        Linked { project, versions: Vec::new(), diagnostics: Vec::new() }
    }

    /// A file with its version, and what is wrong with it.
    fn file(&self, path: &Arc<str>, desk: &mut Desk) -> (SourceFile, Version, Vec<Diagnostic>) {
        let ReadFile { kept, mut facts, mut problems, version } = if self.keeps {
            self.reader.file(path, desk, self.last)
        } else {
            let mut facts = self.reader.facts(path, desk);
            let problems = std::mem::take(&mut facts.diagnostics);
            ReadFile { kept: None, facts: facts.into(), problems, version: Version::default() }
        };
        if self.reach == Reach::Users
            && let Some(facts) = facts.get_mut()
        {
            facts.specifiers.extend(facts.imports.iter().map(|import| import.specifier.clone()));
            facts.specifiers.sort_unstable();
            facts.specifiers.dedup();
        }
        let installed = installed::is_installed(path, self.own);
        if installed {
            // What is wrong with somebody else's declarations is nothing to mend here.
            problems.clear();
        }
        let file = SourceFile {
            kept,
            facts,
            links: Vec::new(),
            own: Path::new(&**path).starts_with(self.own) && !installed,
            installed,
            path: path.clone().into(),
        };
        (file, version, problems)
    }
}
