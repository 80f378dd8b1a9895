//! How the outline of a file is kept: by itself, so that what did not change is copied from one cache to the next.

use lockstep_core::diagnostic::Diagnostic;

use super::{
    bytes::{Kept, Reader, Tables, Writer},
    forms,
};
use crate::facts::{Export, FileFacts, Import, Imported, Outline, Text};

/// The outline of a file as bytes.
pub(in crate::scan) fn keep(facts: &FileFacts) -> Vec<u8> {
    let mut to = Writer::default();
    to.raw(&if facts.diagnostics.is_empty() {
        Vec::new()
    } else {
        let mut problems = Writer::default();
        facts.diagnostics.keep(&mut problems);
        problems.finish()
    });
    each(&mut to, &facts.specifiers, |to, specifier| text(to, specifier));
    each(&mut to, &facts.imports, |to, import| {
        text(to, &import.local);
        text(to, &import.specifier);
        imported(to, &import.imported);
    });
    each(&mut to, &facts.exports, |to, export| match export {
        Export::Local { name, local } if name == local => {
            to.number(0);
            text(to, name);
        }
        Export::Local { name, local } => {
            to.number(1);
            text(to, name);
            text(to, local);
        }
        Export::From { name, specifier, imported: what } => {
            to.number(2);
            text(to, name);
            text(to, specifier);
            imported(to, what);
        }
        Export::All { specifier } => {
            to.number(3);
            text(to, specifier);
        }
    });
    let types = facts.types.iter().map(|declaration| &*declaration.name);
    let mut declared: Vec<&str> =
        types.chain(facts.values.iter().map(|declaration| &*declaration.name)).collect();
    declared.sort_unstable();
    declared.dedup();
    each(&mut to, &declared, |to, name| text(to, name));
    to.into_bytes()
}

/// What is wrong with the file.
pub(super) fn problems(bytes: &[u8]) -> Option<Vec<Diagnostic>> {
    match Reader::of(bytes, &Tables::default()).raw()? {
        [] => Some(Vec::new()),
        problems => forms::read(problems, Vec::take),
    }
}

/// The modules that it refers to.
pub(super) fn specifiers(bytes: &[u8]) -> Option<Vec<Text>> {
    let none = Tables::default();
    let mut from = Reader::of(bytes, &none);
    from.raw()?;
    all(&mut from, take_text)
}

/// Reads an outline back.
pub(super) fn take(bytes: &[u8]) -> Option<Outline> {
    let none = Tables::default();
    let from = &mut Reader::of(bytes, &none);
    from.raw()?;
    Some(Outline {
        specifiers: all(from, take_text)?,
        imports: all(from, |from| {
            Some(Import {
                local: take_text(from)?,
                specifier: take_text(from)?,
                imported: take_imported(from)?,
            })
        })?,
        exports: all(from, |from| {
            Some(match from.number()? {
                0 => {
                    let name = take_text(from)?;
                    Export::Local { local: name.clone(), name }
                }
                1 => Export::Local { name: take_text(from)?, local: take_text(from)? },
                2 => Export::From {
                    name: take_text(from)?,
                    specifier: take_text(from)?,
                    imported: take_imported(from)?,
                },
                3 => Export::All { specifier: take_text(from)? },
                _ => return None,
            })
        })?,
        declared: all(from, take_text)?,
    })
}

fn each<'v, T>(to: &mut Writer<'v>, all: &'v [T], mut keep: impl FnMut(&mut Writer<'v>, &'v T)) {
    to.number(all.len() as u64);
    all.iter().for_each(|one| keep(to, one));
}

fn all<'b, 't, T>(
    from: &mut Reader<'b, 't>,
    take: impl Fn(&mut Reader<'b, 't>) -> Option<T>,
) -> Option<Vec<T>> {
    let count = from.count()?;
    (0..count).map(|_| take(from)).collect()
}

fn text(to: &mut Writer<'_>, text: &str) {
    to.raw(text.as_bytes());
}

fn take_text(from: &mut Reader<'_, '_>) -> Option<Text> {
    std::str::from_utf8(from.raw()?).ok().map(Text::from)
}

fn imported(to: &mut Writer<'_>, what: &Imported) {
    match what {
        Imported::Name(name) => {
            to.number(0);
            text(to, name);
        }
        Imported::Namespace => to.number(1),
    }
}

fn take_imported(from: &mut Reader<'_, '_>) -> Option<Imported> {
    match from.number()? {
        0 => take_text(from).map(Imported::Name),
        1 => Some(Imported::Namespace),
        _ => None,
    }
}
