//! Paths inside the workspace, which can't leave it by their spelling.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A path relative to the workspace's folder, with `/` between its parts and neither `.` nor `..` among them.
/// The folder itself is the empty path, shown as `.`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = PLAIN))]
pub struct WorkspacePath(String);

/// The paths as they are written here: what others spell otherwise, `./a//b`, is read, too.
const PLAIN: &str = r"^(?![A-Za-z]:)(?!(.*/)?\.{1,2}(/|$))([^/\u0000]+(/[^/\u0000]+)*)?$";

/// Why a text is no path inside the workspace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathProblem {
    /// It climbs out with `..`.
    #[error("`{0}` leaves the workspace")]
    Leaves(String),
    /// It starts at the root of a disk.
    #[error("`{0}` is absolute; paths are relative to the folder of lockstep.toml")]
    Absolute(String),
    /// It holds a NUL byte.
    #[error("a path can't hold a NUL character")]
    Nul,
}

impl WorkspacePath {
    /// The workspace's own folder.
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads a path, resolving `.` and `..` by their spelling.
    ///
    /// # Errors
    /// When it is absolute, climbs out of the workspace, or holds a NUL.
    pub fn new(text: &str) -> Result<Self, PathProblem> {
        Self::root().join(text)
    }

    /// The path of something below (or beside, with `..`) this folder.
    ///
    /// # Errors
    /// As [`WorkspacePath::new`].
    pub fn join(&self, text: &str) -> Result<Self, PathProblem> {
        if text.contains('\0') {
            return Err(PathProblem::Nul);
        }
        if text.starts_with('/') || has_drive(text) {
            return Err(PathProblem::Absolute(text.to_owned()));
        }
        let mut parts: Vec<&str> = self.0.split('/').filter(|part| !part.is_empty()).collect();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or_else(|| PathProblem::Leaves(text.to_owned()))?;
                }
                name => parts.push(name),
            }
        }
        Ok(Self(parts.join("/")))
    }

    /// The path as text; empty for the workspace's own folder.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the workspace's own folder.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The folder that it stands in; nothing above the workspace's own.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        Some(Self(self.0.rfind('/').map_or_else(String::new, |slash| self.0[..slash].to_owned())))
    }

    /// Its last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

fn has_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}

impl std::fmt::Display for WorkspacePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

impl std::str::FromStr for WorkspacePath {
    type Err = PathProblem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for WorkspacePath {
    type Error = PathProblem;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<WorkspacePath> for String {
    fn from(path: WorkspacePath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_by_their_spelling() {
        for (text, expected) in [
            ("", ""),
            (".", ""),
            ("./src//a.tsx", "src/a.tsx"),
            ("src/../lib/", "lib"),
            ("a/b/..", "a"),
            ("日本/é.ts", "日本/é.ts"),
        ] {
            assert_eq!(WorkspacePath::new(text).unwrap().as_str(), expected, "{text}");
        }
        assert_eq!(WorkspacePath::new("a/b").unwrap().join("../c").unwrap().as_str(), "a/c");
        assert_eq!(WorkspacePath::new("a/b").unwrap().parent().unwrap().as_str(), "a");
        assert_eq!(WorkspacePath::new("a").unwrap().parent(), Some(WorkspacePath::root()));
        assert_eq!(WorkspacePath::root().to_string(), ".");
    }

    #[test]
    fn paths_that_leave_are_refused() {
        for text in ["..", "../x", "a/../../x", "./.."] {
            assert_eq!(WorkspacePath::new(text), Err(PathProblem::Leaves(text.into())));
        }
        for text in ["/etc/passwd", "C:/x", "c:\\x"] {
            assert_eq!(WorkspacePath::new(text), Err(PathProblem::Absolute(text.into())));
        }
        assert_eq!(WorkspacePath::new("a\0b"), Err(PathProblem::Nul));
    }
}
