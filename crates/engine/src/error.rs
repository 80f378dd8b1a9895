//! Why a use case did not do what it was asked, with what to do next.

use lockstep_code::ScanError;
use lockstep_core::{
    contract::CanonicalError,
    diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace},
    step::IllegalStep,
};
use lockstep_design::DesignError;
use lockstep_store::Error as StoreError;

use crate::workspace::{
    config::{CONFIG_FILE, ConfigError},
    edit::ConfigEditError,
    files::FileError,
};

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
            Self::Config(_) | Self::ConfigEdit(_) | Self::Input(..) | Self::Scan(_) | Self::File(_) => {
                ErrorKind::BadInput
            }
            Self::Store(error) => store_kind(error),
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
            Self::Store(StoreError::NulCharacter(_)) => "nul-character",
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
            Self::File(error) | Self::ConfigEdit(ConfigEditError::File(error)) => {
                error.hint().map(str::to_owned)
            }
            Self::Store(error) => error.hint().map(std::borrow::Cow::into_owned),
            // The places are those of a text that was never written; what to do about them still holds.
            Self::ConfigEdit(ConfigEditError::WouldBreak(error)) => {
                error.diagnostics.iter().find_map(|found| found.hint.clone())
            }
            Self::Config(_) | Self::ConfigEdit(_) | Self::Input(..) | Self::Scan(_) => None,
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

    /// An entry of `lockstep.toml` that names something which can't be used.
    pub(crate) fn entry(place: Option<TextPlace>, code: &str, message: String, hint: Option<&str>) -> Self {
        let diagnostic = Diagnostic {
            file: CONFIG_FILE.to_owned(),
            place,
            severity: DiagnosticSeverity::Error,
            code: code.to_owned(),
            message,
            hint: hint.map(str::to_owned),
        };
        Self::Input(format!("an entry of {CONFIG_FILE} names what can't be used"), vec![diagnostic])
    }

    pub(crate) fn refused(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into(), hint: hint.into() }
    }

    /// A record that another version of Lockstep made, or somebody's hand.
    pub(crate) fn unreadable(what: &str, error: &serde_json::Error, hint: &str) -> Self {
        let message = format!("what the registry holds as {what} can't be read: {error}");
        Self::refused("unreadable-record", message, hint)
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
        | StoreError::Forbidden { .. }
        | StoreError::NulCharacter(_)
        | StoreError::Unusable { .. } => ErrorKind::BadInput,
        _ => ErrorKind::Internal,
    }
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
