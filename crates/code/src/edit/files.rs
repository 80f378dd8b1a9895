//! Where source texts come from.

use std::{collections::BTreeMap, io};

use crate::{Rereading, callers::Callers};

/// The source files of a workspace, by path relative to it.
pub trait SourceFiles: Sync {
    /// The text of a file.
    ///
    /// # Errors
    /// When it is missing, unreadable or not UTF-8.
    fn read(&self, file: &str) -> io::Result<String>;

    /// Who uses what in the workspace. Without it, only a component's own file, stories and connections follow it.
    fn callers(&self) -> Option<&Callers> {
        None
    }

    /// The packages that components belong to, as they were read. Without them, what an edit comes to is not known
    /// before it is made.
    fn packages(&self) -> &[Rereading] {
        &[]
    }
}

/// Source files held in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryFiles(pub BTreeMap<String, String>);

impl<F: Into<String>, T: Into<String>> FromIterator<(F, T)> for MemoryFiles {
    fn from_iter<I: IntoIterator<Item = (F, T)>>(files: I) -> Self {
        Self(files.into_iter().map(|(file, text)| (file.into(), text.into())).collect())
    }
}

impl SourceFiles for MemoryFiles {
    fn read(&self, file: &str) -> io::Result<String> {
        self.0.get(file).cloned().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, file.to_owned()))
    }
}
