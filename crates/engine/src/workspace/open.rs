//! Finds a workspace and reads its configuration.

use std::path::{Path, PathBuf};

use lockstep_core::{
    contract::sha256_hex,
    diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace},
};

use crate::formatter::Formatters;

use super::{
    WorkspacePath,
    config::{CONFIG_FILE, Config, ConfigError},
    files::{FileError, FilesOnDisk, WorkspaceFiles},
};

/// An open workspace: its folder, its configuration and its files.
#[derive(Debug)]
pub struct Workspace {
    /// The folder that holds `lockstep.toml`.
    pub folder: PathBuf,
    /// What `lockstep.toml` says.
    pub config: Config,
    /// The SHA-256 of its text.
    pub(crate) config_hash: String,
    /// What is odd about `lockstep.toml`, though it can be used.
    pub warnings: Vec<Diagnostic>,
    /// The workspace's files.
    pub files: FilesOnDisk,
    /// What lays out what is written anew.
    pub(crate) formatters: Formatters,
}

/// A workspace that can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No `lockstep.toml` here or above.
    #[error("there is no {CONFIG_FILE} in {} or a folder above it", .0.display())]
    NotFound(PathBuf),
    /// The folder can't be read.
    #[error("can't open the folder {}: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// The file can't be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl Workspace {
    /// A finding with the column of its place: a scan knows bytes and lines only.
    pub(crate) fn at_column(&self, mut finding: Diagnostic) -> Diagnostic {
        let text =
            WorkspacePath::new(&finding.file).ok().and_then(|path| self.files.read(&path).ok()).flatten();
        if let (Some(place), Some(text)) =
            (&mut finding.place, text.and_then(|bytes| String::from_utf8(bytes).ok()))
        {
            *place = TextPlace::of(&text, place.start as usize, place.end as usize);
        }
        finding
    }

    /// Opens the workspace of a folder: the nearest one with a `lockstep.toml`, from the folder upwards.
    ///
    /// # Errors
    /// When there is none, or its configuration can't be used.
    pub fn discover(start: &Path) -> Result<Self, OpenError> {
        let start = absolute(start)?;
        match start.ancestors().find(|folder| folder.join(CONFIG_FILE).is_file()) {
            Some(folder) => Self::open(folder),
            None => Err(OpenError::NotFound(start)),
        }
    }

    /// Opens the workspace whose `lockstep.toml` stands in this very folder.
    ///
    /// # Errors
    /// As [`Workspace::discover`].
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let folder = absolute(folder)?;
        let files = FilesOnDisk::open(&folder)
            .map_err(|source| OpenError::Folder { folder: folder.clone(), source })?;
        let name = folder.file_name().map_or("workspace".into(), |name| name.to_string_lossy().into_owned());
        let bytes = files.read(&config_path())?.ok_or_else(|| OpenError::NotFound(folder.clone()))?;
        let config_hash = sha256_hex(&bytes);
        let (config, warnings) = Config::parse(&as_text(bytes)?, &name)?;
        Ok(Self { folder, config, config_hash, warnings, files, formatters: Formatters::default() })
    }
}

/// Where the configuration stands.
pub(super) fn config_path() -> WorkspacePath {
    // A name without separators is a path inside every workspace.
    WorkspacePath::new(CONFIG_FILE).unwrap_or_default()
}

/// The file's text, or a finding at the first byte that is none.
pub(super) fn as_text(bytes: Vec<u8>) -> Result<String, ConfigError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..valid]);
        let found = Diagnostic {
            file: CONFIG_FILE.into(),
            place: Some(TextPlace::of(&text, valid, valid)),
            severity: DiagnosticSeverity::Error,
            code: "not-utf-8".into(),
            message: "the file is not UTF-8 from here on".into(),
            hint: Some("save it as UTF-8".into()),
        };
        ConfigError { file: CONFIG_FILE.into(), diagnostics: vec![found] }
    })
}

fn absolute(folder: &Path) -> Result<PathBuf, OpenError> {
    folder.canonicalize().map_err(|source| OpenError::Folder { folder: folder.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_nearest_folder_above_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        assert!(matches!(Workspace::discover(&inner), Err(OpenError::NotFound(_))));
        fs::write(folder.path().join(CONFIG_FILE), "").unwrap();
        let found = Workspace::discover(&inner).unwrap();
        assert_eq!(found.folder, folder.path().canonicalize().unwrap());
        assert_eq!(Some(found.config.name.as_str()), found.folder.file_name().unwrap().to_str());
        fs::write(folder.path().join("a").join(CONFIG_FILE), "").unwrap();
        assert!(Workspace::discover(&inner).unwrap().folder.ends_with("a"));
        assert!(matches!(Workspace::discover(&folder.path().join("none")), Err(OpenError::Folder { .. })));
    }

    #[test]
    fn a_file_that_is_not_text_has_a_place() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(CONFIG_FILE), b"[sync]\n\xff").unwrap();
        let Err(OpenError::Config(error)) = Workspace::open(folder.path()) else { panic!("it was read") };
        let place = error.diagnostics[0].place.unwrap();
        assert_eq!((place.line, place.column), (2, 1));
    }
}
