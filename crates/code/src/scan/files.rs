//! Reading files and those that they lead to.

use std::{path::Path, sync::Arc};

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

impl Files<'_> {
    /// Reads files and, in turn, those that they lead to; with the version of each, and what was wrong with them.
    pub fn linked(
        &self,
        linker: &mut Linker,
        mut batch: Vec<Arc<str>>,
    ) -> (Project, Vec<Version>, Vec<Diagnostic>) {
        let (mut versions, mut diagnostics) = (Vec::new(), Vec::new());
        let root = self.reader.root.to_owned();
        let read = move |path: &str| FileReader { root: &root }.facts(path, &mut Desk::default());
        let mut project = Project { files: Vec::new(), read: Some(Box::new(read)) };
        while !batch.is_empty() {
            let read = read::at_desks(&batch, |path, desk| self.file(path, desk));
            let mut files = Vec::with_capacity(read.len());
            for (mut file, version) in read {
                // What is wrong with somebody else's declarations is nothing to mend here.
                if !file.installed {
                    diagnostics.extend(file.diagnostics().iter().cloned());
                }
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
        (project, versions, diagnostics)
    }

    fn file(&self, path: &Arc<str>, desk: &mut Desk) -> (SourceFile, Version) {
        let ReadFile { kept, mut facts, version } = if self.keeps {
            self.reader.file(path, desk, self.last)
        } else {
            let facts = self.reader.facts(path, desk).into();
            ReadFile { kept: None, facts, version: Version::default() }
        };
        if self.reach == Reach::Users
            && let Some(facts) = facts.get_mut()
        {
            facts.specifiers.extend(facts.imports.iter().map(|import| import.specifier.clone()));
            facts.specifiers.sort_unstable();
            facts.specifiers.dedup();
        }
        let installed = installed::is_installed(path, self.own);
        let file = SourceFile {
            kept,
            facts,
            links: Vec::new(),
            own: Path::new(&**path).starts_with(self.own) && !installed,
            installed,
            path: path.clone().into(),
        };
        (file, version)
    }
}
