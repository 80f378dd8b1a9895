//! How what a scan finds is kept.

use std::collections::BTreeMap;

use lockstep_core::{
    contract::{Contract, Property},
    diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace},
    statement::{Identities, Identity, NotCompared, Statement, UnionMember, WhyNotCompared},
};
use rayon::prelude::*;

use super::{
    Summary,
    bytes::{Kept, Reader, Tables, Writer},
};
use crate::{
    Framework,
    model::{
        ArgValue, CodeConnectFormat, CodeConnection, CodeScan, ConnectedKey, ConnectedKind,
        ConnectedProperty, DeclarationForm, DocsKind, DocsPage, Place, PropertyOrigin, ReadFrom,
        ScannedComponent, Story, StoryTest,
    },
    scan::{
        answers::{Answer, Answers, Question},
        walk::Found,
    },
};

/// Structs are kept field by field. A new field does not compile until it stands here.
macro_rules! structs {
    ($($type:ident { $($field:ident),* })*) => {
        $(impl Kept for $type {
            fn keep<'v>(&'v self, to: &mut Writer<'v>) {
                let Self { $($field),* } = self;
                $($field.keep(to);)*
            }

            fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
                Some(Self { $($field: Kept::take(from)?),* })
            }
        })*
    };
}

/// Enums without fields are kept as the position of the variant.
macro_rules! enums {
    ($($type:ident { $($variant:ident = $number:literal),* })*) => {
        $(impl Kept for $type {
            fn keep<'v>(&'v self, to: &mut Writer<'v>) {
                to.number(match self {
                    $(Self::$variant => $number,)*
                });
            }

            fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
                match from.number()? {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }
        })*
    };
}

structs! {
    ScannedComponent { name, framework, package, declared, statement, origins, props_type, description, deprecated }
    Statement {
        contract, identities, not_compared, open, open_options, required, unions, descriptions, deprecated
    }
    UnionMember { options }
    NotCompared { property, why, detail }
    Place { file, start, end, line }
    PropertyOrigin { declared, form, options, default }
    Story {
        id, title, name, export_name, declared, component, component_file, args, tags, has_play, design_url,
        tests, open_args
    }
    StoryTest { id, name, tags, place }
    DocsPage { id, title, name, file, kind, tags, stories }
    CodeConnection { declared, format, url, component, component_file, properties, variant }
    ConnectedProperty { design, code, reads, from, options, keys, keys_are_complete, place }
    ConnectedKey { name, place }
    Diagnostic { file, place, severity, code, message, hint }
    Summary { package, exported, diagnostics, files }
    Found { sources, folders, stories, pages, connections, others, unread, diagnostics }
    Answers { key, files, diagnostics, all }
    Answer { kind, from, specifier, path, answer }
    TextPlace { line, column, start, end }
}

enums! {
    Framework { React = 0, Vue = 1, Svelte = 2, CustomElements = 3 }
    WhyNotCompared { Unresolved = 0, NoCounterpart = 1, HtmlAttribute = 2, Framework = 3, Unread = 4 }
    DeclarationForm {
        TypeUnion = 0, ConstArray = 1, ConstObject = 2, EnumDeclaration = 3, VariantMap = 4, PropTypes = 5,
        Plain = 6, Computed = 7
    }
    DocsKind { Stories = 0, Attached = 1, Unattached = 2 }
    CodeConnectFormat { Template = 0, Connect = 1 }
    ReadFrom { Property = 0, AnyProperty = 1, Layer = 2 }
    ConnectedKind { Enum = 0, Boolean = 1, Text = 2, Instance = 3, Other = 4 }
    DiagnosticSeverity { Error = 0, Warning = 1 }
    Question { File = 0, Declaration = 1, Constant = 2 }
}

/// Each map that only its owner holds is kept as one.
macro_rules! of_maps {
    ($($type:ident { $($field:ident),* })*) => {
        $(impl Kept for $type {
            fn keep<'v>(&'v self, to: &mut Writer<'v>) {
                let Self { $($field),* } = self;
                $((**$field).keep(to);)*
            }

            fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
                Some(Self { $($field: BTreeMap::take(from)?.into()),* })
            }
        })*
    };
}

of_maps! {
    Contract { properties }
    Identities { properties, options }
}

impl Kept for Identity {
    fn keep<'v>(&'v self, to: &mut Writer<'v>) {
        to.number(self.tokens().len() as u64);
        self.tokens().iter().for_each(|token| to.text(token));
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        let count = from.count()?;
        (0..count).map(|_| from.text()).collect()
    }
}

impl Kept for Property {
    fn keep<'v>(&'v self, to: &mut Writer<'v>) {
        match self {
            Self::Enum { options, default } => {
                to.number(0);
                options.keep(to);
                default.keep(to);
            }
            Self::Boolean { default } => {
                to.number(1);
                default.keep(to);
            }
            Self::Text => to.number(2),
            Self::Number => to.number(3),
            Self::Slot => to.number(4),
        }
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        Some(match from.number()? {
            0 => Self::Enum { options: Kept::take(from)?, default: Kept::take(from)? },
            1 => Self::Boolean { default: Kept::take(from)? },
            2 => Self::Text,
            3 => Self::Number,
            4 => Self::Slot,
            _ => return None,
        })
    }
}

impl Kept for ArgValue {
    fn keep<'v>(&'v self, to: &mut Writer<'v>) {
        match self {
            Self::Literal(value) => {
                to.number(0);
                value.keep(to);
            }
            Self::Computed(text) => {
                to.number(1);
                text.keep(to);
            }
        }
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        match from.number()? {
            0 => Kept::take(from).map(Self::Literal),
            1 => Kept::take(from).map(Self::Computed),
            _ => None,
        }
    }
}

/// Args are literals of every shape; they are kept as the JSON that they are.
impl Kept for serde_json::Value {
    fn keep<'v>(&'v self, to: &mut Writer<'v>) {
        if let Self::String(text) = self {
            to.number(0);
            return text.keep(to);
        }
        to.number(1);
        to.raw(self.to_string().as_bytes());
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        match from.number()? {
            0 => Kept::take(from).map(Self::String),
            1 => serde_json::from_slice(from.raw()?).ok(),
            _ => None,
        }
    }
}

/// Bytes that hold something, with all that it refers to.
pub(super) fn written<'v>(keep: impl FnOnce(&mut Writer<'v>)) -> Vec<u8> {
    let mut to = Writer::default();
    keep(&mut to);
    to.finish()
}

/// Reads such bytes.
pub(super) fn read<T>(bytes: &[u8], take: impl FnOnce(&mut Reader<'_, '_>) -> Option<T>) -> Option<T> {
    let (tables, start) = Tables::read(bytes)?;
    take(&mut Reader::of(bytes.get(start..)?, &tables))
}

/// Writes what stands beside the components.
pub(super) fn keep_beside<'v>(scan: &'v CodeScan, to: &mut Writer<'v>) {
    to.chunks(&scan.stories);
    scan.docs.keep(to);
    scan.connections.keep(to);
}

/// Reads it back into a scan, on every thread.
pub(super) fn take_beside(from: &mut Reader<'_, '_>) -> Option<CodeScan> {
    Some(CodeScan {
        stories: chunks(from)?,
        docs: Kept::take(from)?,
        connections: Kept::take(from)?,
        ..CodeScan::default()
    })
}

fn chunks<T: Kept + Send>(from: &mut Reader<'_, '_>) -> Option<Vec<T>> {
    let chunks = from.chunks()?;
    let read: Vec<Option<Vec<T>>> = chunks.into_par_iter().map(|mut chunk| Kept::take(&mut chunk)).collect();
    let mut all = Vec::new();
    for chunk in read {
        all.append(&mut chunk?);
    }
    Some(all)
}
