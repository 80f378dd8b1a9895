//! How a run ends: exit codes, and the one place where a failure is told.

use lockstep_core::diagnostic::Diagnostic;
use lockstep_engine::{
    StoreError,
    error::{EngineError, ErrorKind},
    workspace::{OpenError, config::MissingVariable, edit::ConfigEditError, files::FileError},
};
use lockstep_server::address::ListenError;
use serde::Serialize;

use crate::output::{Screen, Tone, diagnostics};

/// The exit codes, as `--help` documents them.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  fine
  1  drift was found or coverage is too low, under --check; a story did not pass
  2  the command line was not understood
  3  refused: a stale plan, an open conflict, nothing to undo, a quota that is used up
  4  bad input: a file that can't be used or fetched; under --check, one that could not be read;
     a story that no browser could open
  5  internal error
  6  too late: beyond the 24 hours or 50 operations that can be undone
  130, 143  interrupted: what had begun was finished, the rest left as it was";

/// How a run ended without failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to say against it.
    Fine,
    /// `--check` found drift.
    DriftFound,
    /// `--check` found less coverage than is asked for.
    CoverageLow,
    /// A story that was opened in a browser did not pass.
    StoriesFailed,
    /// Some or all of it was refused, as the output says.
    Refused,
    /// Nothing was found, but not everything could be read or opened, as the output says.
    Incomplete,
}

impl Outcome {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::DriftFound | Self::CoverageLow | Self::StoriesFailed => 1,
            Self::Refused => FailureKind::Refused.code(),
            Self::Incomplete => FailureKind::BadInput.code(),
        }
    }
}

/// The kinds of failure, each with its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The command line was not understood.
    Usage,
    /// What was asked for is not done, on purpose.
    Refused,
    /// A file, an address or a workspace can't be used.
    BadInput,
    /// Something that should not happen.
    Internal,
    /// An undo that came too late.
    TooLate,
}

impl FailureKind {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Refused => 3,
            Self::BadInput => 4,
            Self::Internal => 5,
            Self::TooLate => 6,
        }
    }
}

/// A run that failed: what, and what to do next.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// Its kind, which decides the exit code.
    pub kind: FailureKind,
    /// What it is, as a stable word for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What happened, in one sentence without a full stop.
    pub message: String,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The particulars, each at its place in a file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Diagnostic>,
}

impl Failure {
    fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, code: None, message: message.into(), hint: None, diagnostics: Vec::new() }
    }

    /// The command line was not understood.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    /// What was asked for is not done, on purpose.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Refused, message)
    }

    /// A file, an address or a workspace can't be used.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new(FailureKind::BadInput, message)
    }

    /// Something that should not happen.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Internal, message)
    }

    /// With what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With the particulars.
    #[must_use]
    pub fn diagnostics(mut self, diagnostics: Vec<Diagnostic>) -> Self {
        self.diagnostics = diagnostics;
        self
    }

    /// Tells the failure: on stderr for people, on stdout under `--json`.
    pub fn tell(&self, screen: &Screen) {
        if screen.json() {
            screen.print_json("lockstep.error/1", self);
            return;
        }
        let style = screen.error_style();
        for diagnostic in &self.diagnostics {
            screen.complain(&diagnostics::render(diagnostic, screen));
        }
        let message = style.multiline(&self.message);
        screen.complain(&format!("{} {message}", style.paint(Tone::Bad, "error:")));
        if let Some(hint) = &self.hint {
            screen.complain(&format!("{} {}", style.paint(Tone::Accent, "hint:"), style.multiline(hint)));
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let kind = match error.kind() {
            ErrorKind::Refused if error.code() == "undo-window" => FailureKind::TooLate,
            ErrorKind::Refused => FailureKind::Refused,
            ErrorKind::Usage => FailureKind::Usage,
            ErrorKind::BadInput => FailureKind::BadInput,
            ErrorKind::Internal => FailureKind::Internal,
        };
        let mut failure = Self::new(kind, error.to_string()).diagnostics(error.diagnostics().to_vec());
        failure.code = Some(error.code().to_owned());
        failure.hint = error.hint();
        failure
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        EngineError::from(error).into()
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let failure = Self::bad_input(error.to_string());
        match error {
            OpenError::NotFound(_) => {
                failure.hint("run `lockstep init` in the folder of your library, or name it with --workspace")
            }
            OpenError::Folder { .. } => failure.hint("--workspace takes the folder that holds lockstep.toml"),
            OpenError::File(error) => error.into(),
            OpenError::Config(error) => failure.diagnostics(error.diagnostics),
        }
    }
}

impl From<ListenError> for Failure {
    fn from(error: ListenError) -> Self {
        let failure = match &error {
            ListenError::Unprotected(_) => Self::refused(error.to_string()),
            ListenError::Refused { .. } => Self::bad_input(error.to_string()),
        };
        failure.hint(error.hint())
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let hint = error.hint().map(str::to_owned);
        Self { hint, ..Self::bad_input(error.to_string()) }
    }
}

impl From<MissingVariable> for Failure {
    fn from(error: MissingVariable) -> Self {
        let hint = format!("set {}, or set DATABASE_URL, which goes before the file", error.0);
        Self::bad_input(error.to_string()).hint(hint)
    }
}

impl From<ConfigEditError> for Failure {
    fn from(error: ConfigEditError) -> Self {
        let failure = Self::bad_input(error.to_string());
        match error {
            ConfigEditError::Config(error) => failure.diagnostics(error.diagnostics),
            ConfigEditError::File(error) => error.into(),
            ConfigEditError::WouldBreak(error) => {
                // The places are those of a text that was never written.
                let hint = error.diagnostics.into_iter().find_map(|found| found.hint);
                Self { hint, ..failure }
            }
            ConfigEditError::Missing | ConfigEditError::Unsupported { .. } => failure,
        }
    }
}
