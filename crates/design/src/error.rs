//! Why a design file can't be used: what, where, and what to do next.

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};

/// Why a design file could not be read or edited. Nothing of it was used.
#[derive(Debug, thiserror::Error)]
pub enum DesignError {
    /// The input could not be read at all.
    #[error("`{file}` can't be read: {cause}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The input is something else than a design file.
    #[error("`{file}` is not a Figma file: it looks like {looks_like}")]
    NotAFile {
        /// The file.
        file: String,
        /// What it seems to be.
        looks_like: LooksLike,
    },
    /// The JSON is broken.
    #[error("`{file}` is not valid JSON at line {line}, column {column}: {cause}")]
    Syntax {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        cause: String,
    },
    /// The JSON ends in the middle.
    #[error("`{file}` ends too early, at line {line}, column {column}")]
    Truncated {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Nodes are nested deeper than any real file has them.
    #[error("`{file}` nests nodes more than {limit} deep, at line {line}, column {column}")]
    TooDeep {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// How deep nodes may be nested.
        limit: usize,
    },
    /// The file holds no such component.
    #[error("`{file}` holds no component {node_id}")]
    NoSuchNode {
        /// The file.
        file: String,
        /// The node asked for.
        node_id: crate::NodeId,
    },
}

impl DesignError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Unreadable { .. } => "check that the file exists and may be read".to_owned(),
            Self::NotAFile { looks_like, .. } => looks_like.hint().to_owned(),
            Self::Syntax { .. } => "fetch the file again, or undo what was edited by hand".to_owned(),
            Self::Truncated { .. } => "the download was probably cut off: fetch the file again".to_owned(),
            Self::TooDeep { .. } => "no design tool makes such a file: fetch it again".to_owned(),
            Self::NoSuchNode { .. } => "it was removed since the last scan: scan again".to_owned(),
        }
    }

    /// The file that it is about.
    pub fn file(&self) -> &str {
        match self {
            Self::Unreadable { file, .. }
            | Self::NotAFile { file, .. }
            | Self::Syntax { file, .. }
            | Self::Truncated { file, .. }
            | Self::TooDeep { file, .. }
            | Self::NoSuchNode { file, .. } => file,
        }
    }

    /// A stable code in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable-file",
            Self::NotAFile { .. } => "not-a-figma-file",
            Self::Syntax { .. } => "invalid-json",
            Self::Truncated { .. } => "truncated-json",
            Self::TooDeep { .. } => "nested-too-deep",
            Self::NoSuchNode { .. } => "no-such-node",
        }
    }

    /// The line and column it is about, from 1, the column in bytes.
    pub fn line_and_column(&self) -> Option<(usize, usize)> {
        match self {
            Self::Syntax { line, column, .. }
            | Self::Truncated { line, column, .. }
            | Self::TooDeep { line, column, .. } => Some((*line, *column)),
            Self::Unreadable { .. } | Self::NotAFile { .. } | Self::NoSuchNode { .. } => None,
        }
    }

    /// The error as a finding; with the file's text at hand it points into the file.
    pub fn diagnostic(&self, text: Option<&str>) -> Diagnostic {
        let place = text.zip(self.line_and_column()).map(|(text, (line, column))| {
            let line_start = if line < 2 {
                0
            } else {
                text.match_indices('\n').nth(line - 2).map_or(text.len(), |(newline, _)| newline + 1)
            };
            let at = line_start.saturating_add(column.saturating_sub(1)).min(text.len());
            TextPlace::of(text, at, (at + 1).min(text.len()))
        });
        Diagnostic {
            file: self.file().to_owned(),
            place,
            severity: DiagnosticSeverity::Error,
            code: self.code().to_owned(),
            message: self.to_string(),
            hint: Some(self.hint()),
        }
    }
}

/// What an input seems to be that is no Figma file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LooksLike {
    /// No bytes, or only blanks.
    Empty,
    /// An error answer of Figma's API.
    ErrorAnswer {
        /// The HTTP status it names.
        status: Option<i64>,
        /// The reason it gives.
        reason: String,
    },
    /// `GET /v1/files/:key/component_sets` or `…/components`.
    ListAnswer {
        /// `component_sets`, `components` or `styles`.
        of: &'static str,
    },
    /// `GET /v1/files/:key/nodes`.
    NodesAnswer,
    /// `GET /v1/files/:key/variables/local`.
    VariablesAnswer,
    /// A zip archive, as Penpot exports it.
    ZipArchive,
    /// A `.fig` file: Figma's own binary format.
    FigBinary,
    /// A web page.
    WebPage,
    /// Compressed by gzip.
    Gzip,
    /// UTF-16 text.
    Utf16,
    /// JSON of another shape; what stands at its top.
    OtherJson {
        /// `an array`, or the first keys of the object.
        top: String,
    },
}

impl LooksLike {
    /// What to do with such an input.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "fetch the file again",
            Self::ErrorAnswer { .. } => {
                "the download failed: mend what the answer says and fetch the file again"
            }
            Self::ListAnswer { .. } => {
                "fetch GET /v1/files/:key, or give both list answers (component_sets and components) together"
            }
            Self::NodesAnswer => "fetch the whole file by GET /v1/files/:key",
            Self::VariablesAnswer => "variables hold no components: fetch GET /v1/files/:key",
            Self::ZipArchive => {
                "if it is a Penpot archive, declare it as a Penpot source; otherwise unpack it first"
            }
            Self::FigBinary => ".fig is Figma's private format: fetch the file by GET /v1/files/:key instead",
            Self::WebPage => {
                "that is the page's address: fetch https://api.figma.com/v1/files/:key with a token"
            }
            Self::Gzip => "unpack it first",
            Self::Utf16 => "save it as UTF-8",
            Self::OtherJson { .. } => {
                "a Figma file is an object with `document`, as GET /v1/files/:key answers"
            }
        }
    }
}

impl std::fmt::Display for LooksLike {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("an empty file"),
            Self::ErrorAnswer { status: Some(status), reason } => {
                write!(f, "an error answer of Figma's API ({status}: {reason})")
            }
            Self::ErrorAnswer { status: None, reason } => {
                write!(f, "an error answer of Figma's API ({reason})")
            }
            Self::ListAnswer { of } => write!(f, "the list of a file's {of}"),
            Self::NodesAnswer => f.write_str("an answer that holds single nodes (GET /v1/files/:key/nodes)"),
            Self::VariablesAnswer => f.write_str("a file's variables (GET /v1/files/:key/variables/local)"),
            Self::ZipArchive => f.write_str("a zip archive, such as Penpot exports"),
            Self::FigBinary => f.write_str("a .fig file saved by the Figma app"),
            Self::WebPage => f.write_str("a web page"),
            Self::Gzip => f.write_str("gzip-compressed data"),
            Self::Utf16 => f.write_str("UTF-16 text"),
            Self::OtherJson { top } => write!(f, "other JSON ({top})"),
        }
    }
}
