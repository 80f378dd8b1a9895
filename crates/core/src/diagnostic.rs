//! What is wrong with an input, as data: the human form, JSON and pages all render this one value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One finding about an input file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostic {
    /// The file, relative to the workspace, with `/` between its parts.
    pub file: String,
    /// Where in the file, when it is about a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<TextPlace>,
    /// Whether the input could be used in spite of it.
    pub severity: DiagnosticSeverity,
    /// A stable code in kebab case, such as `duplicate-component`.
    pub code: String,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A place in a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct TextPlace {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The first byte, from 0.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl TextPlace {
    /// The place of a byte range in a text. Offsets beyond the text or inside a character move back to the nearest
    /// character boundary.
    pub fn of(text: &str, start: usize, end: usize) -> Self {
        let start = text.floor_char_boundary(start);
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            line: count(before.bytes().filter(|byte| *byte == b'\n').count() + 1),
            column: count(before[line_start..].chars().count() + 1),
            start: count(start),
            end: count(end.max(start)),
        }
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DiagnosticSeverity {
    /// The input, or this part of it, was left out.
    Error,
    /// It was used, and something about it deserves a look.
    Warning,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "a\nbé=c\n";
        let place = |start, end| {
            let place = TextPlace::of(text, start, end);
            (place.line, place.column)
        };
        assert_eq!(place(0, 1), (1, 1));
        assert_eq!(place(2, 3), (2, 1));
        assert_eq!(place(5, 6), (2, 3));
        assert_eq!(place(4, 4), (2, 2), "inside a character");
        assert_eq!(place(99, 99), (3, 1));
    }
}
