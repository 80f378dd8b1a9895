//! Files that are replaced together: all of them are written beside their targets and synced before the first is renamed into
//! place, and each folder is synced once. What the disk charges for being asked is shared by many.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
};

use cap_std::fs::{Dir, File, Permissions};

use super::{
    FileAction, FileError, FilesOnDisk, Replacement, WorkspacePath,
    on_disk::{create_temporary, failure, sync_folder},
};
use crate::failpoint;

/// So many files are open at once.
const OPEN: usize = 64;
/// So many are synced at once: a disk does several in the time of one.
const SYNCING: usize = 8;

/// The folders in which something changes.
type Folders = BTreeMap<WorkspacePath, Dir>;

/// A file that is about to change.
struct Staged<'r> {
    replacement: &'r Replacement<'r>,
    /// The file itself, where the path is a link.
    target: WorkspacePath,
    folder: WorkspacePath,
    /// What is to be there, beside it so far; none where it is removed.
    new: Option<(String, File)>,
}

/// Replaces the files in their order.
pub(super) fn replace(files: &FilesOnDisk, replacements: &[Replacement<'_>]) -> Result<(), FileError> {
    let mut folders = Folders::new();
    for some in replacements.chunks(OPEN) {
        let mut staged = Vec::with_capacity(some.len());
        if let Err(error) = stage(files, some, &mut folders, &mut staged) {
            discard(&staged, &folders);
            return Err(error);
        }
        for (place, one) in staged.iter().enumerate() {
            if let Err(error) = one.put_in_place(&folders) {
                discard(&staged[place..], &folders);
                return Err(one.failed(error));
            }
        }
    }
    at_once(&folders, |(_, folder)| sync_folder(folder))
        .map_err(|((path, _), error)| failure(path, FileAction::Write, error))
}

/// Writes the new files beside their targets, durably.
fn stage<'r>(
    files: &FilesOnDisk,
    replacements: &'r [Replacement<'r>],
    folders: &mut Folders,
    staged: &mut Vec<Staged<'r>>,
) -> Result<(), FileError> {
    for replacement in replacements {
        let found = files.target(replacement.path, replacement.action())?;
        let (target, permissions) = match (found, replacement.bytes) {
            (None, None) => continue,
            (None, Some(_)) => (replacement.path.clone(), None),
            (Some((target, permissions)), _) => (target, Some(permissions)),
        };
        let folder = target.parent().unwrap_or_default();
        let one = Staged { replacement, target, folder, new: None };
        if !folders.contains_key(&one.folder) {
            let opened = files.folder_for(&one.target).map_err(|error| one.failed(error))?;
            folders.insert(one.folder.clone(), opened);
        }
        staged.push(one);
        if let Some(one) = staged.last_mut() {
            one.write(folders, permissions).map_err(|error| one.failed(error))?;
        }
    }
    let new = staged.iter().filter_map(|one| Some((one, &one.new.as_ref()?.1)));
    at_once(new, |(_, file)| file.sync_all()).map_err(|((one, _), error)| one.failed(error))?;
    staged
        .iter()
        .filter(|one| one.new.is_some())
        .try_for_each(|one| failpoint::reach("file.written").map_err(|error| one.failed(error)))
}

impl Staged<'_> {
    /// Writes what is to be there into a file beside it.
    fn write(&mut self, folders: &Folders, permissions: Option<Permissions>) -> io::Result<()> {
        let (Some(bytes), Some(folder)) = (self.replacement.bytes, folders.get(&self.folder)) else {
            return Ok(());
        };
        let (_, file) = self.new.insert(create_temporary(folder, &self.target)?);
        failpoint::reach("file.created")?;
        file.write_all(bytes)?;
        permissions.map_or(Ok(()), |permissions| file.set_permissions(permissions))
    }

    fn put_in_place(&self, folders: &Folders) -> io::Result<()> {
        let Some(folder) = folders.get(&self.folder) else { return Ok(()) };
        let Some((name, _)) = &self.new else { return folder.remove_file(self.target.file_name()) };
        folder.rename(name, folder, self.target.file_name())?;
        failpoint::reach("file.renamed")
    }

    fn failed(&self, error: io::Error) -> FileError {
        failure(self.replacement.path, self.replacement.action(), error)
    }
}

impl Replacement<'_> {
    fn action(&self) -> FileAction {
        if self.bytes.is_some() { FileAction::Write } else { FileAction::Remove }
    }
}

/// Removes what was written beside targets. The first failure is what counts; a leftover is found again by its name.
fn discard(staged: &[Staged<'_>], folders: &Folders) {
    for one in staged {
        if let (Some((name, _)), Some(folder)) = (&one.new, folders.get(&one.folder)) {
            let _ = folder.remove_file(name);
        }
    }
}

/// Does the same with each of several things, some at a time; gives the first that failed.
fn at_once<T: Copy + Send + Sync>(
    things: impl IntoIterator<Item = T>,
    act: impl Fn(T) -> io::Result<()> + Sync,
) -> Result<(), (T, io::Error)> {
    let things: Vec<T> = things.into_iter().collect();
    let each = |some: &[T]| some.iter().try_for_each(|thing| act(*thing).map_err(|error| (*thing, error)));
    let share = things.len().div_ceil(SYNCING);
    if things.len() <= 1 {
        return each(&things);
    }
    std::thread::scope(|scope| {
        let threads: Vec<_> = things.chunks(share).map(|some| scope.spawn(|| each(some))).collect();
        let ended = threads.into_iter().map(|thread| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect::<Vec<_>>().into_iter().collect()
    })
}
