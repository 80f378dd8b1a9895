//! The real files of a workspace, opened relative to its folder so that no link leads out of it.

use std::{
    io::{self, Read as _},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use cap_std::{
    ambient_authority,
    fs::{Dir, File, OpenOptions, Permissions},
};
use lockstep_core::contract::sha256_hex;

use super::{FileAction, FileError, Replacement, WorkspaceFiles, WorkspacePath, together};

/// The files below one folder of the disk.
#[derive(Debug)]
pub struct FilesOnDisk {
    folder: Dir,
}

impl FilesOnDisk {
    /// Opens the workspace's folder.
    ///
    /// # Errors
    /// When it is not there, is no folder, or may not be read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self { folder: Dir::open_ambient_dir(folder, ambient_authority())? })
    }

    /// Where the file really is, links inside the workspace followed, with its permissions; nothing where none is.
    fn find(&self, path: &WorkspacePath) -> io::Result<Option<Found>> {
        let metadata = match self.folder.metadata(shown(path)) {
            Ok(metadata) => metadata,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        if !metadata.is_file() {
            return Ok(Some(Found::NotAFile));
        }
        let real = self.folder.canonicalize(shown(path))?;
        let text = real.to_str().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not UTF-8"))?;
        let path =
            WorkspacePath::new(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        Ok(Some(Found::File { path, permissions: metadata.permissions() }))
    }

    /// The file that a change is about, and its permissions where it is there: a link inside the workspace is followed.
    pub(super) fn target(
        &self,
        path: &WorkspacePath,
        action: FileAction,
    ) -> Result<Option<(WorkspacePath, Permissions)>, FileError> {
        match self.find(path).map_err(|error| failure(path, action, error))? {
            None => Ok(None),
            Some(Found::NotAFile) => Err(FileError::NotAFile { path: path.clone() }),
            Some(Found::File { permissions, .. }) if permissions.readonly() => {
                Err(FileError::ReadOnly { path: path.clone(), action })
            }
            Some(Found::File { path, permissions }) => Ok(Some((path, permissions))),
        }
    }

    /// The folder of a file, made with those above it where missing; each new one is made durable.
    pub(super) fn folder_for(&self, path: &WorkspacePath) -> io::Result<Dir> {
        let Some(parent) = path.parent().filter(|parent| !parent.is_root()) else {
            return self.folder.try_clone();
        };
        match self.folder.open_dir(parent.as_str()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let above = self.folder_for(&parent)?;
                match above.create_dir(parent.file_name()) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    _ => sync_folder(&above)?,
                }
                above.open_dir(parent.file_name())
            }
            opened => opened,
        }
    }
}

enum Found {
    File { path: WorkspacePath, permissions: Permissions },
    NotAFile,
}

impl WorkspaceFiles for FilesOnDisk {
    fn read(&self, path: &WorkspacePath) -> Result<Option<Vec<u8>>, FileError> {
        let failed = |error| failure(path, FileAction::Read, error);
        match self.find(path).map_err(failed)? {
            None => Ok(None),
            Some(Found::NotAFile) => Err(FileError::NotAFile { path: path.clone() }),
            Some(Found::File { path: real, .. }) => {
                let mut bytes = Vec::new();
                let mut file = self.folder.open(real.as_str()).map_err(failed)?;
                file.read_to_end(&mut bytes).map_err(failed)?;
                Ok(Some(bytes))
            }
        }
    }

    fn write(&self, path: &WorkspacePath, bytes: &[u8]) -> Result<(), FileError> {
        self.replace_all(&[Replacement { path, bytes: Some(bytes) }])
    }

    fn remove(&self, path: &WorkspacePath) -> Result<(), FileError> {
        self.replace_all(&[Replacement { path, bytes: None }])
    }

    fn replace_all(&self, replacements: &[Replacement<'_>]) -> Result<(), FileError> {
        together::replace(self, replacements)
    }

    fn remove_leftovers(&self, path: &WorkspacePath) -> Result<usize, FileError> {
        let failed = |error| failure(path, FileAction::Remove, error);
        let real = match self.find(path).map_err(failed)? {
            Some(Found::File { path, .. }) => path,
            _ => path.clone(),
        };
        let folder = match self.folder.open_dir(shown(&real.parent().unwrap_or_default())) {
            Err(error) if is_missing(&error) => return Ok(0),
            opened => opened.map_err(failed)?,
        };
        let prefix = temporary_prefix(&real);
        let mut removed = 0;
        for entry in folder.entries().map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            if name.to_str().is_some_and(|name| name.starts_with(&prefix)) {
                folder.remove_file(&name).map_err(failed)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn exists(&self, path: &WorkspacePath) -> Result<bool, FileError> {
        let found = self.find(path).map_err(|error| failure(path, FileAction::Read, error))?;
        Ok(matches!(found, Some(Found::File { .. })))
    }
}

/// How the path is given to the operating system: the folder itself is `.`.
fn shown(path: &WorkspacePath) -> &str {
    if path.is_root() { "." } else { path.as_str() }
}

/// No such file, or a file where a folder of the path should be.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Temporary names start alike for one file, whatever its length, so that leftovers are found again.
fn temporary_prefix(path: &WorkspacePath) -> String {
    format!(".lockstep-{}-", &sha256_hex(path.file_name().as_bytes())[..16])
}

pub(super) fn create_temporary(folder: &Dir, path: &WorkspacePath) -> io::Result<(String, File)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let prefix = temporary_prefix(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    loop {
        let name = format!("{prefix}{}-{}.tmp", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        match folder.open_with(&name, &options) {
            // Left behind by an earlier process that had this number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return Ok((name, opened?)),
        }
    }
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Dir) -> io::Result<()> {
    folder.open(".")?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Dir) -> io::Result<()> {
    Ok(())
}

pub(super) fn failure(path: &WorkspacePath, action: FileAction, source: io::Error) -> FileError {
    let path = path.clone();
    // An error without a number of the operating system's comes from the confinement itself.
    if source.kind() == io::ErrorKind::PermissionDenied && source.raw_os_error().is_none() {
        return FileError::Outside { path, action };
    }
    FileError::Io { path, action, source }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn path(text: &str) -> WorkspacePath {
        WorkspacePath::new(text).unwrap()
    }

    fn workspace() -> (tempfile::TempDir, FilesOnDisk) {
        let folder = tempfile::tempdir().unwrap();
        let files = FilesOnDisk::open(folder.path()).unwrap();
        (folder, files)
    }

    #[test]
    fn files_are_made_replaced_and_removed() {
        let (folder, files) = workspace();
        let file = path("a/b/c.txt");
        assert_eq!(files.read(&file).unwrap(), None);
        files.write(&file, b"one").unwrap();
        files.write(&file, b"two").unwrap();
        assert_eq!(files.read(&file).unwrap().unwrap(), b"two");
        assert_eq!(files.hash(&file).unwrap().unwrap(), sha256_hex(b"two"));
        assert!(files.exists(&file).unwrap());
        assert_eq!(fs::read_dir(folder.path().join("a/b")).unwrap().count(), 1, "nothing is left beside it");
        files.remove(&file).unwrap();
        files.remove(&file).unwrap();
        assert!(!files.exists(&file).unwrap());
        assert!(!files.exists(&path("a")).unwrap(), "a folder is no file");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let (folder, files) = workspace();
        fs::create_dir(folder.path().join("dir")).unwrap();
        fs::write(folder.path().join("file"), "x").unwrap();
        for result in
            [files.write(&path("dir"), b""), files.remove(&path("dir")), files.write(&path(""), b"")]
        {
            assert!(matches!(result, Err(FileError::NotAFile { .. })), "{result:?}");
        }
        assert!(matches!(files.read(&path("dir")), Err(FileError::NotAFile { .. })));
        assert_eq!(files.read(&path("file/below")).unwrap(), None);
        let below_a_file = files.write(&path("file/below"), b"x").unwrap_err();
        assert!(matches!(below_a_file, FileError::Io { .. }), "{below_a_file}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_inside_and_refused_outside() {
        use std::os::unix::fs::symlink;
        let (folder, files) = workspace();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "s").unwrap();
        fs::write(folder.path().join("real"), "r").unwrap();
        symlink("real", folder.path().join("inside")).unwrap();
        symlink(outside.path().join("secret"), folder.path().join("out")).unwrap();
        symlink(outside.path(), folder.path().join("outdir")).unwrap();
        symlink("loop", folder.path().join("loop")).unwrap();

        files.write(&path("inside"), b"new").unwrap();
        assert_eq!(fs::read(folder.path().join("real")).unwrap(), b"new");
        assert!(fs::symlink_metadata(folder.path().join("inside")).unwrap().is_symlink());

        for target in ["out", "outdir/secret", "outdir/other"] {
            let read = files.read(&path(target));
            assert!(matches!(read, Err(FileError::Outside { .. })), "{target}: {read:?}");
            let write = files.write(&path(target), b"x");
            assert!(matches!(write, Err(FileError::Outside { .. })), "{target}: {write:?}");
            assert!(files.remove(&path(target)).is_err());
        }
        assert_eq!(fs::read(outside.path().join("secret")).unwrap(), b"s");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
        assert!(matches!(files.read(&path("loop")), Err(FileError::Io { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept_and_obeyed() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, files) = workspace();
        let script = folder.path().join("script");
        fs::write(&script, "x").unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o750)).unwrap();
        files.write(&path("script"), b"y").unwrap();
        assert_eq!(fs::metadata(&script).unwrap().permissions().mode() & 0o777, 0o750);

        fs::set_permissions(&script, fs::Permissions::from_mode(0o444)).unwrap();
        let refused = files.write(&path("script"), b"z").unwrap_err();
        assert_eq!(refused.to_string(), "can't write script: the file is read-only");
        assert!(files.remove(&path("script")).is_err());
        assert_eq!(fs::read(&script).unwrap(), b"y");
    }

    #[test]
    fn leftovers_of_an_interrupted_write_are_found() {
        let (folder, files) = workspace();
        files.write(&path("a.txt"), b"x").unwrap();
        let prefix = temporary_prefix(&path("a.txt"));
        fs::write(folder.path().join(format!("{prefix}1-1.tmp")), "half").unwrap();
        fs::write(folder.path().join(".lockstep-other"), "not ours").unwrap();
        assert_eq!(files.remove_leftovers(&path("a.txt")).unwrap(), 1);
        assert_eq!(files.remove_leftovers(&path("a.txt")).unwrap(), 0);
        assert_eq!(files.remove_leftovers(&path("no/such/folder.txt")).unwrap(), 0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn long_names_can_be_replaced() {
        let (_folder, files) = workspace();
        let file = path(&"n".repeat(255));
        files.write(&file, b"x").unwrap();
        files.write(&file, b"y").unwrap();
        assert_eq!(files.read(&file).unwrap().unwrap(), b"y");
    }
}
