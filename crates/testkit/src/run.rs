//! What one run of the binary left behind.

use std::{fmt, path::PathBuf, process::Output};

use serde_json::Value;

use crate::redact::redact;

/// Exit code and output of one run.
pub struct Run {
    command: String,
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// What was written to standard output.
    pub stdout: String,
    /// What was written to standard error.
    pub stderr: String,
    root: PathBuf,
    home: PathBuf,
}

impl Run {
    /// What a process left that was started by hand.
    ///
    /// # Panics
    /// When the output is not UTF-8.
    pub fn new(command: String, output: Output, root: PathBuf, home: PathBuf) -> Self {
        let text = |bytes: Vec<u8>| match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => panic!("{command}: the output is not UTF-8: {error}"),
        };
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            command,
            root,
            home,
        }
    }

    /// Fails the test with the whole output unless the exit code is this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "the exit code of\n{self:?}");
        self
    }

    /// The same for exit code 0.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.exits(0)
    }

    /// Standard output as the one JSON value it must be.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON: {error}\n{self:?}"))
    }

    /// Standard output without what varies from run to run.
    pub fn redacted(&self) -> String {
        self.redact(&self.stdout)
    }

    /// Standard error without what varies from run to run.
    pub fn redacted_errors(&self) -> String {
        self.redact(&self.stderr)
    }

    fn redact(&self, text: &str) -> String {
        redact(text, &self.root, &self.home)
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, code, stdout, stderr, .. } = self;
        write!(f, "$ {command}\nexit code {code}\n-- stdout --\n{stdout}\n-- stderr --\n{stderr}")
    }
}
