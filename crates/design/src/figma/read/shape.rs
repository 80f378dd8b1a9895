//! What an input looks like that is no Figma file.

use serde::de::IgnoredAny;

use super::raw::Scalar;
use crate::LooksLike;

/// Judges an input by its first bytes; `None` when it may be JSON.
pub(crate) fn looks_like_bytes(start: &[u8]) -> Option<LooksLike> {
    for (signature, looks_like) in [
        (&b"PK\x03\x04"[..], LooksLike::ZipArchive),
        (b"fig-kiwi", LooksLike::FigBinary),
        (b"fig-jam.", LooksLike::FigBinary),
        (b"\x1f\x8b", LooksLike::Gzip),
        (b"\xff\xfe", LooksLike::Utf16),
        (b"\xfe\xff", LooksLike::Utf16),
    ] {
        if start.starts_with(signature) {
            return Some(looks_like);
        }
    }
    match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => Some(LooksLike::Empty),
        Some(b'<') => Some(LooksLike::WebPage),
        Some(_) => None,
    }
}

/// What was seen at the top of an object without `document`.
#[derive(Default)]
pub(crate) struct TopLevel {
    pub has_document: bool,
    pub status: Option<Scalar>,
    pub reason: Option<String>,
    pub meta: Option<Vec<(String, IgnoredAny)>>,
    keys: Vec<String>,
}

impl TopLevel {
    /// Remembers the first few keys.
    pub fn saw(&mut self, key: String) {
        const ENOUGH: usize = 6;
        if self.keys.len() < ENOUGH {
            self.keys.push(key);
        }
    }

    pub fn looks_like(self) -> LooksLike {
        let in_meta = |key: &str| self.meta.iter().flatten().any(|(name, _)| name == key);
        for of in ["component_sets", "components", "styles"] {
            if in_meta(of) {
                return LooksLike::ListAnswer { of };
            }
        }
        if in_meta("variables") || in_meta("variableCollections") {
            return LooksLike::VariablesAnswer;
        }
        if self.keys.iter().any(|key| key == "nodes") {
            return LooksLike::NodesAnswer;
        }
        let status = match self.status {
            Some(Scalar::Integer(status)) => Some(status),
            _ => None,
        };
        match self.reason {
            Some(reason) => LooksLike::ErrorAnswer { status, reason: reason.chars().take(200).collect() },
            None if self.keys.is_empty() => LooksLike::OtherJson { top: "an empty object".to_owned() },
            None => LooksLike::OtherJson { top: format!("an object with {}", self.keys.join(", ")) },
        }
    }
}
