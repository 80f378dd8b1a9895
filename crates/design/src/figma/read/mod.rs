//! Reading a whole file in one pass: everything but components, their names and definitions is skipped unread.

mod file;
mod node;
mod raw;
mod shape;

pub(crate) use file::RawFile;
pub(crate) use node::{NodeKind, RawNode};
pub(crate) use raw::{Definition, Items, MapEntry, Record, Scalar};
pub(crate) use shape::looks_like_bytes;

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read};

use serde::de::DeserializeSeed;

use crate::{DesignError, DesignScan, LooksLike};

/// How deep nodes may be nested. Real files stay below a few dozen.
pub const MAX_NODE_DEPTH: usize = 256;

/// Reads a Figma file (an answer of `GET /v1/files/:key`) from memory. `source` is the file's name in what is reported.
///
/// # Errors
/// When the input is no Figma file, or no valid JSON. What is merely odd is reported among the scan's diagnostics.
pub fn read(bytes: &[u8], source: &str) -> Result<DesignScan, DesignError> {
    let text = text_of(bytes, source)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let raw = run(&mut deserializer, source).map_err(|error| in_characters(error, text))?;
    Ok(super::assemble::scan(raw, source))
}

/// Reads a Figma file from a stream, holding only what [`DesignScan`] holds and never the whole text.
///
/// # Errors
/// As [`read`], and when the stream fails.
pub fn read_from(reader: impl Read, source: &str) -> Result<DesignScan, DesignError> {
    let mut reader = BufReader::with_capacity(1 << 16, reader);
    let unreadable = |cause| DesignError::Unreadable { file: source.to_owned(), cause };
    let start = reader.fill_buf().map_err(unreadable)?;
    if let Some(looks_like) = looks_like_bytes(start) {
        return Err(DesignError::NotAFile { file: source.to_owned(), looks_like });
    }
    if start.starts_with(BYTE_ORDER_MARK) {
        reader.consume(BYTE_ORDER_MARK.len());
    }
    let raw = run(&mut serde_json::Deserializer::from_reader(reader), source)?;
    Ok(super::assemble::scan(raw, source))
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The text of an input that may be JSON, without its byte-order mark.
pub(crate) fn text_of<'a>(bytes: &'a [u8], source: &str) -> Result<&'a str, DesignError> {
    if let Some(looks_like) = looks_like_bytes(bytes) {
        return Err(DesignError::NotAFile { file: source.to_owned(), looks_like });
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
        let last_line = valid.rsplit('\n').next().unwrap_or_default();
        DesignError::Syntax {
            file: source.to_owned(),
            line: valid.matches('\n').count() + 1,
            column: last_line.chars().count() + 1,
            cause: "the text is not UTF-8".to_owned(),
        }
    })
}

fn run<'de, R: serde_json::de::Read<'de>>(
    deserializer: &mut serde_json::Deserializer<R>,
    source: &str,
) -> Result<RawFile, DesignError> {
    // serde_json's own limit counts every array and object and would stop at about sixty nodes. Nodes are counted
    // here instead; all other values are skipped by serde_json without recursion.
    deserializer.disable_recursion_limit();
    let too_deep = Cell::new(false);
    let seed = file::FileSeed { too_deep: &too_deep };
    let outcome = seed
        .deserialize(&mut *deserializer)
        .and_then(|outcome| deserializer.end().map(|()| outcome))
        .map_err(|error| syntax_error(&error, source, too_deep.get()))?;
    outcome.map_err(|looks_like| DesignError::NotAFile { file: source.to_owned(), looks_like })
}

/// Turns what serde_json says into our error.
pub(crate) fn syntax_error(error: &serde_json::Error, source: &str, too_deep: bool) -> DesignError {
    use serde_json::error::Category;
    let (file, line, column) = (source.to_owned(), error.line(), error.column());
    if too_deep {
        return DesignError::TooDeep { file, line, column, limit: MAX_NODE_DEPTH };
    }
    match error.classify() {
        Category::Io => DesignError::Unreadable {
            file,
            cause: std::io::Error::new(
                error.io_error_kind().unwrap_or(std::io::ErrorKind::Other),
                error.to_string(),
            ),
        },
        Category::Eof if line <= 1 && column == 0 => {
            DesignError::NotAFile { file, looks_like: LooksLike::Empty }
        }
        Category::Eof => DesignError::Truncated { file, line, column },
        Category::Syntax | Category::Data => {
            let full = error.to_string();
            let cause =
                full.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&full).to_owned();
            DesignError::Syntax { file, line, column, cause }
        }
    }
}

/// serde_json counts columns in bytes, people in characters.
pub(crate) fn in_characters(mut error: DesignError, text: &str) -> DesignError {
    if let DesignError::Syntax { line, column, .. }
    | DesignError::Truncated { line, column, .. }
    | DesignError::TooDeep { line, column, .. } = &mut error
        && let Some(text) = text.split('\n').nth(line.saturating_sub(1))
    {
        let upto = text.floor_char_boundary(column.saturating_sub(1));
        *column = text[..upto].chars().count() + 1;
    }
    error
}
