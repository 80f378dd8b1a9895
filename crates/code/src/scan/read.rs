//! Reading and parsing one file.

use std::{
    fs::File,
    io::Read as _,
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;
use rayon::prelude::*;

use super::{
    cache::LastScan,
    stamp::{Stamp, content_hash},
};
use crate::{
    facts::{self, FileFacts},
    markup::{Document, MarkupKind},
    resolve::KeptOutline,
    stories::{self, MdxFacts},
};

/// Larger files are not source that a person wrote: they are left out, with a diagnostic.
pub const MAX_FILE_BYTES: u64 = 8 << 20;

/// Code may be nested this deeply: the parser recurses, and its stack is finite.
const MAX_NESTING: usize = 1_000;
/// Files up to this size can't be nested too deeply for the stack.
const ALWAYS_SHALLOW_BYTES: usize = 8 << 10;
/// Less than 256 bytes, so that a byte can count them.
const CHUNK: usize = 128;

/// Reads files of a workspace.
pub(super) struct FileReader<'r> {
    pub root: &'r Path,
}

/// Room for one file after the other: its bytes and its syntax tree.
#[derive(Default)]
pub(super) struct Desk {
    bytes: Vec<u8>,
    tree: Allocator,
}

/// Does work on every item, and gives what it makes of them in their order. Every thread has one desk, and takes the
/// next item as soon as it is through with one.
pub(super) fn at_desks<I: Sync, T: Send>(items: &[I], work: impl Fn(&I, &mut Desk) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let desks = rayon::current_num_threads().min(items.len());
    let mut done: Vec<(usize, T)> = (0..desks)
        .into_par_iter()
        .with_max_len(1)
        .flat_map_iter(|_| {
            let mut desk = Desk::default();
            let mut done = Vec::with_capacity(items.len() / desks);
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(at) else { break done };
                done.push((at, work(item, &mut desk)));
            }
        })
        .collect();
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, made)| made).collect()
}

/// Which state of a file was read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Version {
    /// Its stamp before it was read.
    pub stamp: Option<Stamp>,
    /// The hash of its bytes, where they could be read.
    pub hash: Option<u64>,
    /// Its place in the last scan, if it was the same then.
    pub last: Option<u32>,
}

/// A file that was read, or is known not to have changed since it was.
pub(super) struct ReadFile {
    /// What is known of a file that did not change.
    pub kept: Option<KeptOutline>,
    pub facts: OnceLock<FileFacts>,
    /// What is wrong with it.
    pub problems: Vec<Diagnostic>,
    pub version: Version,
}

impl FileReader<'_> {
    /// A file with its version, without reading what is known of the last scan.
    pub fn file(&self, path: &str, desk: &mut Desk, last: Option<&LastScan<'_>>) -> ReadFile {
        if let Some(known) = last.and_then(|last| last.unchanged(path)) {
            return known;
        }
        let mut version = Version { stamp: Stamp::of(&self.root.join(path)), ..Version::default() };
        let facts = match self.text(path, &mut desk.bytes) {
            Ok(text) => {
                let hash = content_hash(text.as_bytes());
                version.hash = Some(hash);
                if let Some(known) = last.and_then(|last| last.of_same_bytes(path, hash, version.stamp)) {
                    return known;
                }
                facts_in(path, text, &mut desk.tree)
            }
            Err(problem) => FileFacts { diagnostics: vec![*problem], ..FileFacts::default() },
        };
        ReadFile { kept: None, problems: facts.diagnostics.clone(), facts: facts.into(), version }
    }

    /// What a file says. What is wrong with it stands among the facts.
    pub fn facts(&self, path: &str, desk: &mut Desk) -> FileFacts {
        match self.text(path, &mut desk.bytes) {
            Ok(text) => facts_in(path, text, &mut desk.tree),
            Err(problem) => FileFacts { diagnostics: vec![*problem], ..FileFacts::default() },
        }
    }

    /// What a function makes of a file's syntax tree, and what is wrong with the file. Nothing is made of one that
    /// does not parse at all.
    pub fn lowered<T>(
        &self,
        path: &str,
        desk: &mut Desk,
        lower: impl FnOnce(&Program<'_>, &str) -> T,
    ) -> (Option<T>, Vec<Diagnostic>) {
        match self.text(path, &mut desk.bytes) {
            Ok(text) => {
                desk.tree.reset();
                parsed(path, source_type(path), text, &desk.tree, lower)
            }
            Err(diagnostic) => (None, vec![*diagnostic]),
        }
    }

    /// What a page of documentation says.
    pub fn page(&self, path: &str, desk: &mut Desk) -> Result<MdxFacts, Box<Diagnostic>> {
        self.text(path, &mut desk.bytes).map(|text| stories::lower_mdx(text, path))
    }

    /// The text of a file, with room for its bytes.
    pub fn text<'b>(&self, path: &str, bytes: &'b mut Vec<u8>) -> Result<&'b str, Box<Diagnostic>> {
        let unreadable = |error: std::io::Error| {
            let message = format!("the file can't be read: {error}");
            problem(
                path,
                "unreadable-file",
                message,
                "check its permissions, or exclude it in the configuration",
            )
        };
        bytes.clear();
        let file = File::open(self.root.join(path)).map_err(unreadable)?;
        // One byte more than is allowed tells that there are too many, without asking for the size of every file.
        (&file).take(MAX_FILE_BYTES + 1).read_to_end(bytes).map_err(unreadable)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            let size = file.metadata().map_err(unreadable)?.len();
            let message = format!(
                "the file was left out: it has {} MB, and a source file may have {}",
                size.div_ceil(1 << 20),
                MAX_FILE_BYTES >> 20
            );
            return Err(problem(path, "file-too-large", message, "exclude it in the configuration"));
        }
        std::str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to();
            let message = "the file was left out: it is not UTF-8 from here on".to_owned();
            let before = String::from_utf8_lossy(&bytes[..at]);
            let place = Some(TextPlace::of(&before, at, at));
            Box::new(Diagnostic { place, ..*problem(path, "not-utf-8", message, "save it as UTF-8") })
        })
    }
}

/// What a file says that has this text.
pub(super) fn facts_of(path: &str, text: &str) -> FileFacts {
    facts_in(path, text, &mut Allocator::default())
}

/// The same, with room for its syntax tree.
fn facts_in(path: &str, text: &str, tree: &mut Allocator) -> FileFacts {
    tree.reset();
    let (facts, diagnostics) = match MarkupKind::of(path) {
        None => parsed(path, source_type(path), text, tree, facts::lower),
        Some(_) => match Document::of(path, text) {
            None => (None, Vec::new()),
            Some(document) => {
                let scripts = document.script_text();
                parsed(path, document.source_type(), &scripts, tree, |program, source| {
                    facts::lower_document(program, source, &document)
                })
            }
        },
    };
    let mut facts = facts.unwrap_or_default();
    facts.diagnostics.extend(diagnostics);
    facts
}

/// A finding about a file or folder that was left out.
pub(super) fn problem(path: &str, code: &str, message: String, hint: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic {
        file: path.to_owned(),
        place: None,
        severity: DiagnosticSeverity::Error,
        code: code.to_owned(),
        message,
        hint: Some(hint.to_owned()),
    })
}

fn parsed<T>(
    path: &str,
    source_type: SourceType,
    text: &str,
    allocator: &Allocator,
    lower: impl FnOnce(&Program<'_>, &str) -> T,
) -> (Option<T>, Vec<Diagnostic>) {
    if let Some(at) = nested_too_deeply(text) {
        let mut diagnostic =
            problem(path, "nested-too-deeply", "it is nested too deeply to be read".to_owned(), "exclude it");
        diagnostic.place = Some(TextPlace::of(text, at, at));
        return (None, vec![*diagnostic]);
    }
    let options = ParseOptions { preserve_parens: false, ..ParseOptions::default() };
    let parsed = Parser::new(allocator, text, source_type).with_options(options).parse();
    let lowered = (!parsed.panicked).then(|| lower(&parsed.program, text));
    let errors = parsed.diagnostics.errors().take(5).map(|error| {
        let span = error.labels.first().map(|label| label.offset()..label.offset() + label.len());
        Diagnostic {
            file: path.to_owned(),
            place: span.map(|span| TextPlace::of(text, span.start as usize, span.end as usize)),
            severity: if parsed.panicked { DiagnosticSeverity::Error } else { DiagnosticSeverity::Warning },
            code: "syntax-error".to_owned(),
            message: error.message.trim_end_matches('.').to_owned(),
            hint: Some(if parsed.panicked {
                "nothing of the file could be read; the other files were".to_owned()
            } else {
                "what could be read of the file was".to_owned()
            }),
        }
    });
    (lowered, errors.collect())
}

/// Plain `.js` may hold JSX; `.ts` may not.
fn source_type(path: &str) -> SourceType {
    let extension = path.rsplit('.').next().unwrap_or_default();
    match extension {
        "ts" | "mts" | "cts" if path.ends_with(".d.ts") => SourceType::d_ts(),
        "ts" | "mts" | "cts" => SourceType::ts(),
        "tsx" => SourceType::tsx(),
        _ => SourceType::jsx(),
    }
}

/// Where a text gets too deep for a recursive parser, if it does. Brackets, opened JSX elements and operators that
/// nest without brackets are counted, in strings too: what is nested a thousandfold there is no source either.
pub(crate) fn nested_too_deeply(text: &str) -> Option<usize> {
    if text.len() <= ALWAYS_SHALLOW_BYTES {
        return None;
    }
    let bytes = text.as_bytes();
    let (mut brackets, mut elements, mut chain) = (0_usize, 0_usize, 0_usize);
    // No more elements are open than there are angle brackets, of which most files have few.
    let may_nest_elements = memchr::memchr_iter(b'<', bytes).count() > 2 * MAX_NESTING;
    // Whole chunks are counted at once, which compilers do with vectors: what may be too deep within one chunk is.
    for start in (0..bytes.len()).step_by(CHUNK) {
        let chunk = &bytes[start..bytes.len().min(start + CHUNK)];
        let (mut opened, mut closed, mut operators, mut ends) = (0_u8, 0_u8, 0_u8, 0_u8);
        for byte in chunk {
            opened += u8::from(matches!(byte, b'(' | b'[' | b'{'));
            closed += u8::from(matches!(byte, b')' | b']' | b'}'));
            operators += u8::from(matches!(byte, b'!' | b'~' | b'?' | b'-' | b'+' | b'='));
            ends += u8::from(matches!(byte, b';' | b',' | b'\n'));
        }
        let (mut begun, mut ended) = (0_u8, 0_u8);
        let around = if may_nest_elements {
            &bytes[start.saturating_sub(1)..bytes.len().min(start + CHUNK + 1)]
        } else {
            &[]
        };
        for three in around.windows(3) {
            let begins = three[1] == b'<'
                && !is_name_byte(three[0])
                && (three[2].is_ascii_alphabetic() || three[2] == b'>');
            begun += u8::from(begins);
            ended += u8::from(three[1] == b'<' && three[2] == b'/' || three[1] == b'/' && three[2] == b'>');
        }
        if brackets + usize::from(opened) > MAX_NESTING
            || elements + usize::from(begun) > 2 * MAX_NESTING
            || chain + usize::from(operators) > 4 * MAX_NESTING
        {
            return Some(start);
        }
        brackets = (brackets + usize::from(opened)).saturating_sub(usize::from(closed));
        elements = (elements + usize::from(begun)).saturating_sub(usize::from(ended));
        chain = if ends > 0 || closed > 0 { 0 } else { chain + usize::from(operators) };
    }
    None
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b')' | b'"' | b'\'')
}
