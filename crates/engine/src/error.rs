//! Why a use case did not do what it was asked, with what to do next.

use lockstep_code::ScanError;
use lockstep_core::{contract::CanonicalError, diagnostic::Diagnostic, step::IllegalStep};
use lockstep_design::DesignError;
use lockstep_store::Error as StoreError;

use crate::workspace::{config::ConfigError, edit::ConfigEditError, files::FileError};

/// What went wrong, by what a caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// The request names something that does not exist, or contradicts itself.
    Usage,
    /// The request is fine and can't be granted as things stand: a stale plan, a conflict, nothing to undo.
    Refused,
    /// An input file is wrong.
    BadInput,
    /// The machine or Lockstep itself failed.
    Internal,
}

/// Why a use case failed. Nothing was changed unless the message says so.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// `lockstep.toml` is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `lockstep.toml` can't be edited.
    #[error(transparent)]
    ConfigEdit(#[from] ConfigEditError),
    /// A file of the workspace is wrong.
    #[error("{0}")]
    Input(String, Vec<Diagnostic>),
    /// The code could not be scanned.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The registry failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something that was named is not there.
    #[error("{message}")]
    NotFound {
        /// What is not there.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The request can't be granted as things stand.
    #[error("{message}")]
    Refused {
        /// A stable code: `stale-plan`.
        code: &'static str,
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Lockstep contradicts itself.
    #[error("internal error: {0}")]
    Bug(String),
}

impl EngineError {
    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound { .. } => ErrorKind::Usage,
            Self::Refused { .. } => ErrorKind::Refused,
            Self::Config(_) | Self::ConfigEdit(_) | Self::Input(..) | Self::Scan(_) => ErrorKind::BadInput,
            Self::Store(error) => store_kind(error),
            Self::File(error) => file_kind(error),
            Self::Bug(_) => ErrorKind::Internal,
        }
    }

    /// A stable code in kebab case.
    pub fn code(&self) -> &str {
        match self {
            Self::Config(_) | Self::ConfigEdit(_) => "bad-config",
            Self::Input(_, diagnostics) => {
                diagnostics.first().map_or("bad-input", |first| first.code.as_str())
            }
            Self::Scan(_) => "unreadable-code",
            Self::Store(_) => "store",
            Self::File(_) => "file",
            Self::NotFound { .. } => "not-found",
            Self::Refused { code, .. } => code,
            Self::Bug(_) => "internal",
        }
    }

    /// What to do next, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { hint, .. } | Self::Refused { hint, .. } => Some(hint.clone()),
            Self::Bug(_) => {
                Some("this should not happen: please report it with the command that you ran".to_owned())
            }
            Self::File(error) if is_full(error) => Some("free some space, then try again".to_owned()),
            Self::File(FileError::ReadOnly { .. })
            | Self::ConfigEdit(ConfigEditError::File(FileError::ReadOnly { .. })) => {
                Some("make the file writable, then try again".to_owned())
            }
            // The places are those of a text that was never written; what to do about them still holds.
            Self::ConfigEdit(ConfigEditError::WouldBreak(error)) => {
                error.diagnostics.iter().find_map(|found| found.hint.clone())
            }
            Self::Config(_)
            | Self::ConfigEdit(_)
            | Self::Input(..)
            | Self::Scan(_)
            | Self::Store(_)
            | Self::File(_) => None,
        }
    }

    /// Findings that point into files.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::Config(error) | Self::ConfigEdit(ConfigEditError::Config(error)) => &error.diagnostics,
            Self::Input(_, diagnostics) => diagnostics,
            _ => &[],
        }
    }

    pub(crate) fn design(error: DesignError, bytes: &[u8]) -> Self {
        let diagnostic = error.diagnostic(std::str::from_utf8(bytes).ok());
        Self::Input(format!("the design file `{}` can't be used", error.file()), vec![diagnostic])
    }

    pub(crate) fn refused(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into(), hint: hint.into() }
    }

    pub(crate) fn not_found(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::NotFound { message: message.into(), hint: hint.into() }
    }
}

/// What a registry's failure means for the caller.
fn store_kind(error: &StoreError) -> ErrorKind {
    match error {
        StoreError::NotFound { .. } | StoreError::Ambiguous { .. } => ErrorKind::Usage,
        StoreError::Locked { .. } | StoreError::Lost { .. } | StoreError::Busy { .. } => ErrorKind::Refused,
        StoreError::BadUrl { .. }
        | StoreError::Unreachable { .. }
        | StoreError::NewerSchema { .. }
        | StoreError::NotMigrated { .. }
        | StoreError::ChangedMigration { .. }
        | StoreError::Unusable { .. } => ErrorKind::BadInput,
        _ => ErrorKind::Internal,
    }
}

/// A file that the machine refuses is the caller's to mend; anything else is not.
fn file_kind(error: &FileError) -> ErrorKind {
    match error {
        FileError::Outside { .. } | FileError::NotAFile { .. } | FileError::ReadOnly { .. } => {
            ErrorKind::BadInput
        }
        FileError::Io { source, .. }
            if is_full(error) || source.kind() == std::io::ErrorKind::PermissionDenied =>
        {
            ErrorKind::BadInput
        }
        FileError::Io { .. } => ErrorKind::Internal,
    }
}

fn is_full(error: &FileError) -> bool {
    matches!(error, FileError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull)
}

impl From<CanonicalError> for EngineError {
    fn from(error: CanonicalError) -> Self {
        Self::Bug(error.to_string())
    }
}

impl From<IllegalStep> for EngineError {
    fn from(error: IllegalStep) -> Self {
        Self::Bug(error.to_string())
    }
}

impl From<serde_json::Error> for EngineError {
    fn from(error: serde_json::Error) -> Self {
        Self::Bug(format!("a value of the registry is not what was stored: {error}"))
    }
}
