//! A workspace in memory whose writes can be made to fail.

use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{FileAction, FileError, WorkspaceFiles, WorkspacePath};

/// Files held in memory, for tests of what happens when the disk fails.
#[derive(Debug, Default)]
pub struct MemoryFiles {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<WorkspacePath, Vec<u8>>,
    /// How many writes and removals were tried.
    changes: usize,
    faults: BTreeMap<usize, Fault>,
    /// From this change on everything fails, as a full disk does.
    lasting: Option<(usize, Fault)>,
}

/// How a write fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full.
    NoSpace,
    /// The disk is broken.
    Io,
    /// It is not allowed.
    Denied,
}

impl Fault {
    /// The operating system's number for it.
    fn error(self) -> io::Error {
        match self {
            Self::NoSpace => io::Error::new(io::ErrorKind::StorageFull, "no space left on the device"),
            Self::Io => io::Error::other("input/output error"),
            Self::Denied => io::Error::from(io::ErrorKind::PermissionDenied),
        }
    }
}

impl MemoryFiles {
    /// A workspace of these files.
    ///
    /// # Panics
    /// When a path leads out of it.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let path = |text| match WorkspacePath::new(text) {
            Ok(path) => path,
            Err(problem) => panic!("{problem}"),
        };
        let files = files.into_iter().map(|(name, text)| (path(name), text.as_bytes().to_vec())).collect();
        Self { state: Mutex::new(State { files, ..State::default() }) }
    }

    /// Lets one change fail, counted from 1 at the start: writes and removals alike.
    pub fn fail_at(&self, change: usize, fault: Fault) {
        self.lock().faults.insert(change, fault);
    }

    /// Lets every change fail from that one on.
    pub fn fail_from(&self, change: usize, fault: Fault) {
        self.lock().lasting = Some((change, fault));
    }

    /// Lets nothing fail any more.
    pub fn heal(&self) {
        let mut state = self.lock();
        state.faults.clear();
        state.lasting = None;
    }

    /// How many writes and removals were tried so far.
    pub fn changes(&self) -> usize {
        self.lock().changes
    }

    /// Every file with its bytes.
    pub fn contents(&self) -> BTreeMap<WorkspacePath, Vec<u8>> {
        self.lock().files.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole after every statement, so a panic elsewhere leaves it usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a change; the state to make it in, unless it was chosen to fail.
    fn change(&self, path: &WorkspacePath, action: FileAction) -> Result<MutexGuard<'_, State>, FileError> {
        let mut state = self.lock();
        state.changes += 1;
        let now = state.changes;
        let lasting = state.lasting.filter(|(from, _)| *from <= now).map(|(_, fault)| fault);
        match state.faults.get(&now).copied().or(lasting) {
            Some(fault) => Err(FileError::Io { path: path.clone(), action, source: fault.error() }),
            None => Ok(state),
        }
    }
}

impl WorkspaceFiles for MemoryFiles {
    fn read(&self, path: &WorkspacePath) -> Result<Option<Vec<u8>>, FileError> {
        Ok(self.lock().files.get(path).cloned())
    }

    fn write(&self, path: &WorkspacePath, bytes: &[u8]) -> Result<(), FileError> {
        self.change(path, FileAction::Write)?.files.insert(path.clone(), bytes.to_vec());
        Ok(())
    }

    fn remove(&self, path: &WorkspacePath) -> Result<(), FileError> {
        self.change(path, FileAction::Remove)?.files.remove(path);
        Ok(())
    }

    fn remove_leftovers(&self, _: &WorkspacePath) -> Result<usize, FileError> {
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_change_fails_and_leaves_the_file() {
        let files = MemoryFiles::of([("a", "1"), ("b", "2")]);
        let path = |text| WorkspacePath::new(text).unwrap();
        files.fail_at(2, Fault::NoSpace);
        files.write(&path("a"), b"new").unwrap();
        let error = files.write(&path("b"), b"new").unwrap_err();
        assert_eq!(error.to_string(), "can't write b: no space left on the device");
        files.remove(&path("a")).unwrap();
        assert_eq!(files.contents(), BTreeMap::from([(path("b"), b"2".to_vec())]));

        files.fail_from(4, Fault::Io);
        assert!(files.write(&path("c"), b"").is_err() && files.remove(&path("b")).is_err());
        files.heal();
        files.remove(&path("b")).unwrap();
        assert_eq!(files.changes(), 6);
    }
}
