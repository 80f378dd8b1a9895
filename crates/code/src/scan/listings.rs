//! What is in the folders that module specifiers lead to: one look at a folder answers for every name in it.

use std::path::{Path, PathBuf};

use foldhash::{HashMap, HashMapExt, HashSet};

/// Folders of a workspace that were looked into.
pub(super) struct Listings {
    root: PathBuf,
    /// The names in each; none in what is no folder, or can't be read.
    folders: HashMap<Box<str>, HashSet<Box<str>>>,
    /// Whether a listed path is a file inside the workspace.
    files: HashMap<Box<str>, bool>,
}

impl Listings {
    /// Nothing looked into yet.
    pub fn of(root: &Path) -> Self {
        Self { root: root.to_owned(), folders: HashMap::new(), files: HashMap::new() }
    }

    /// Whether a path inside the workspace is a file inside it.
    pub fn is_file(&mut self, path: &str) -> bool {
        if let Some(known) = self.files.get(path) {
            return *known;
        }
        if !self.lists(path) {
            return false;
        }
        let full = self.root.join(path);
        // A link may lead out of the workspace, which is never followed.
        let is_file =
            full.is_file() && std::fs::canonicalize(&full).is_ok_and(|real| real.starts_with(&self.root));
        self.files.insert(path.into(), is_file);
        is_file
    }

    /// The folders and files that answers depend on.
    pub fn consulted(&self) -> Vec<String> {
        self.folders.keys().chain(self.files.keys()).map(|path| path.to_string()).collect()
    }

    /// Whether every part of a path is in the folder that the parts before it name.
    fn lists(&mut self, path: &str) -> bool {
        let mut start = 0;
        loop {
            let end = path[start..].find('/').map_or(path.len(), |length| start + length);
            let folder = path[..start].trim_end_matches('/');
            if !self.folders.contains_key(folder) {
                let names = std::fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
                let names = names.filter_map(|entry| Some(entry.file_name().into_string().ok()?.into()));
                self.folders.insert(folder.into(), names.collect());
            }
            if !self.folders[folder].contains(&path[start..end]) {
                return false;
            }
            if end == path.len() {
                return true;
            }
            start = end + 1;
        }
    }
}
