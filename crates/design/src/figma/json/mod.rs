//! JSON by its spans: what is not edited keeps every byte, blanks and escapes included.

mod cursor;
mod style;
mod tree;

pub(crate) use cursor::Cursor;
pub(crate) use style::{ArrayLayout, Style};
pub(crate) use tree::{List, Member, Object, Opening, Piece, Value, parse_kept, parse_new, text_edits};

/// The text that a JSON string's source stands for; the source itself where it is no valid string.
pub(crate) fn decode(source: &str) -> String {
    serde_json::from_str(source).unwrap_or_else(|_| source.trim_matches('"').to_owned())
}
