//! The workspace's files, behind a trait so that tests can let any step fail.

mod memory;
mod on_disk;
mod together;

use lockstep_core::contract::sha256_hex;

use super::WorkspacePath;

pub use memory::{Fault, MemoryFiles};
pub use on_disk::FilesOnDisk;

/// Reads and replaces whole files of one workspace. No path leads out of it.
pub trait WorkspaceFiles: Send + Sync {
    /// The file's bytes; nothing where no such file is.
    ///
    /// # Errors
    /// When something is there that is no readable file of the workspace.
    fn read(&self, path: &WorkspacePath) -> Result<Option<Vec<u8>>, FileError>;

    /// Replaces the file, or makes it with the folders it needs. The file has either its old or its new bytes at every
    /// instant, and the new ones are durable when this returns.
    ///
    /// # Errors
    /// When it could not be written; it is then as it was.
    fn write(&self, path: &WorkspacePath, bytes: &[u8]) -> Result<(), FileError>;

    /// Removes the file, durably. One that is not there is no error.
    ///
    /// # Errors
    /// When it could not be removed.
    fn remove(&self, path: &WorkspacePath) -> Result<(), FileError>;

    /// Writes and removes several files, in their order. Each of them has either its old or its new bytes at every instant,
    /// and all new ones are durable when this returns.
    ///
    /// # Errors
    /// When one could not be written or removed. Any of the others may have been.
    fn replace_all(&self, replacements: &[Replacement<'_>]) -> Result<(), FileError> {
        replacements.iter().try_for_each(|Replacement { path, bytes }| match bytes {
            Some(bytes) => self.write(path, bytes),
            None => self.remove(path),
        })
    }

    /// Removes what an interrupted write left beside the file; says how many leftovers there were.
    ///
    /// # Errors
    /// When the folder can't be read or a leftover can't be removed.
    fn remove_leftovers(&self, path: &WorkspacePath) -> Result<usize, FileError>;

    /// The lower-case hex SHA-256 of the file; nothing where no such file is.
    ///
    /// # Errors
    /// As [`WorkspaceFiles::read`].
    fn hash(&self, path: &WorkspacePath) -> Result<Option<String>, FileError> {
        Ok(self.read(path)?.map(|bytes| sha256_hex(&bytes)))
    }

    /// Whether there is such a file.
    ///
    /// # Errors
    /// As [`WorkspaceFiles::read`].
    fn exists(&self, path: &WorkspacePath) -> Result<bool, FileError> {
        Ok(self.read(path)?.is_some())
    }
}

/// One file as it is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replacement<'r> {
    /// The file.
    pub path: &'r WorkspacePath,
    /// Its bytes; none where it is to be removed.
    pub bytes: Option<&'r [u8]>,
}

/// What was done to a file when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileAction {
    /// Reading it.
    Read,
    /// Writing it.
    Write,
    /// Removing it.
    Remove,
}

impl std::fmt::Display for FileAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Remove => "remove",
        })
    }
}

/// A file of the workspace that can't be read, written or removed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A link on its way leads out of the workspace.
    #[error("can't {action} {path}: it leads out of the workspace through a symbolic link")]
    Outside {
        /// The file.
        path: WorkspacePath,
        /// What was tried.
        action: FileAction,
    },
    /// Something else is there: a folder, a pipe, a device.
    #[error("{path} is no regular file")]
    NotAFile {
        /// The path.
        path: WorkspacePath,
    },
    /// Its permissions forbid writing.
    #[error("can't {action} {path}: the file is read-only")]
    ReadOnly {
        /// The file.
        path: WorkspacePath,
        /// What was tried.
        action: FileAction,
    },
    /// The operating system refused.
    #[error("can't {action} {path}: {source}")]
    Io {
        /// The file.
        path: WorkspacePath,
        /// What was tried.
        action: FileAction,
        /// Its answer.
        source: std::io::Error,
    },
}

impl FileError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        use std::io::ErrorKind;
        match self {
            Self::Outside { .. } => {
                Some("put the file itself into the workspace: nothing outside is read or written")
            }
            Self::NotAFile { .. } => Some("name a file: a folder, a pipe or a device can't be used"),
            Self::ReadOnly { .. } => Some("make the file writable, then try again"),
            Self::Io { source, action, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some("free some space, then try again"),
                ErrorKind::PermissionDenied if *action == FileAction::Read => {
                    Some("make the file readable, then try again")
                }
                ErrorKind::PermissionDenied => Some("make its folder writable, then try again"),
                ErrorKind::ReadOnlyFilesystem => {
                    Some("the disk is read-only: work on a copy that can be written")
                }
                // A loop of links has no kind of its own yet.
                _ if source.to_string().contains("symbolic links") => {
                    Some("the links lead in a circle: mend them")
                }
                _ => None,
            },
        }
    }

    /// The file that it is about.
    pub fn path(&self) -> &WorkspacePath {
        match self {
            Self::Outside { path, .. }
            | Self::NotAFile { path }
            | Self::ReadOnly { path, .. }
            | Self::Io { path, .. } => path,
        }
    }
}
