//! Values of expressions as far as they are known without running them.
//!
//! Literals, references to constants of the same file and to members of constant objects are followed; a reference
//! into another module is kept as such; all else is opaque and known by its source text only. Every evaluation has
//! a depth limit, and a file a budget of steps, so that hostile input costs a bounded amount of work.

mod evaluate;
mod scope;

pub(crate) use evaluate::descend;
pub(crate) use scope::{Binding, Scope, path_of};

use oxc_span::Span;
use serde_json::Value as Json;

use crate::{imports::Reference, model::Place};

/// How many characters of an opaque expression are kept.
const TEXT_LIMIT: usize = 80;

/// A value as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// `null`, a boolean, a number or a string.
    Scalar(Json),
    /// `undefined`.
    Undefined,
    /// An array whose length is known.
    Array(Vec<Value>),
    /// An object, its parts in the order of writing.
    Object(Vec<Part>),
    /// Something that another module exports.
    Imported(Reference),
    /// Something else, by its source text.
    Opaque(String),
}

/// One part of an object literal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// `key: value`, and where the value stands.
    Member(String, Value, Span),
    /// `...value`, where it is not known what that spreads.
    Spread(Value),
}

impl Value {
    /// The value as JSON, when all of it is literal. `undefined` is not.
    pub(crate) fn to_json(&self) -> Option<Json> {
        match self {
            Self::Scalar(json) => Some(json.clone()),
            Self::Array(items) => items.iter().map(Self::to_json).collect::<Option<_>>().map(Json::Array),
            Self::Object(parts) => {
                let mut members = serde_json::Map::new();
                for part in parts {
                    match part {
                        Part::Member(key, Self::Undefined, _) => {
                            members.remove(key);
                        }
                        Part::Member(key, value, _) => {
                            members.insert(key.clone(), value.to_json()?);
                        }
                        Part::Spread(_) => return None,
                    }
                }
                Some(Json::Object(members))
            }
            Self::Undefined | Self::Imported(_) | Self::Opaque(_) => None,
        }
    }

    /// The text of a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Scalar(Json::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The parts of an object; nothing for other values.
    pub(crate) fn parts(&self) -> &[Part] {
        match self {
            Self::Object(parts) => parts,
            _ => &[],
        }
    }

    /// The member of an object that holds in the end: the last of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        member(self.parts(), name)
    }
}

/// The last member of that name.
pub(crate) fn member<'v>(parts: &'v [Part], name: &str) -> Option<&'v Value> {
    parts.iter().rev().find_map(|part| match part {
        Part::Member(key, value, _) if key == name => Some(value),
        _ => None,
    })
}

/// The source text of a span, cut to 80 characters, its white space folded.
pub(crate) fn cut_text(source: &str, span: Span) -> String {
    let text = source.get(span.start as usize..span.end as usize).unwrap_or_default();
    let mut cut = String::new();
    let mut length = 0;
    // The text itself may be megabytes long: it is read only as far as it is kept.
    for c in text.trim().chars() {
        let blank = c.is_whitespace();
        if blank && cut.ends_with(' ') {
            continue;
        }
        cut.push(if blank { ' ' } else { c });
        length += 1;
        if length == TEXT_LIMIT {
            break;
        }
    }
    cut
}

/// The place of a span in a file.
pub(crate) fn place(file: &str, source: &str, span: Span) -> Place {
    let text = lockstep_core::diagnostic::TextPlace::of(source, span.start as usize, span.end as usize);
    Place { file: file.into(), start: span.start, end: span.end, line: text.line }
}
