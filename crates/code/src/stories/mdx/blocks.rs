//! The parts of an MDX page that matter here: where its modules and its top-level `<Meta>` stand.

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::{SourceType, Span};

/// A part of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// Imports and exports.
    Module(Span),
    /// A `<Meta … />` that stands in nothing else.
    Meta(Span),
    /// A `<Meta` without an end.
    Unclosed(Span),
}

/// After so many marks and imports without an end, the rest is taken for text: each costs a look at the whole page.
const MOST_FAILURES: u32 = 64;

/// Finds the parts of a page.
pub(super) fn blocks(source: &str) -> Vec<Block> {
    let mut scanner = Scanner {
        source,
        at: 0,
        depth: 0,
        in_list: false,
        after_blank: true,
        failures: 0,
        found: Vec::new(),
    };
    while scanner.at < source.len() {
        scanner.line();
    }
    scanner.found
}

struct Scanner<'s> {
    source: &'s str,
    at: usize,
    /// How many elements are open around this place.
    depth: usize,
    in_list: bool,
    after_blank: bool,
    failures: u32,
    found: Vec<Block>,
}

impl<'s> Scanner<'s> {
    fn line(&mut self) {
        let line = self.rest().split_inclusive('\n').next().unwrap_or_default();
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let text = text.trim_end();
        let after_blank = std::mem::replace(&mut self.after_blank, text.is_empty());
        if text.is_empty() {
            self.at += line.len();
        } else if let Some(fence) = fence_of(text) {
            self.skip_code(line.len(), fence);
        } else if indent == 0 && after_blank && is_module(text) {
            self.module();
        } else if text.starts_with('>') {
            self.at += line.len();
        } else {
            if is_list_item(text) {
                self.in_list = true;
            } else if indent == 0 {
                self.in_list = false;
            }
            let is_nested = is_list_item(text) || (self.in_list && indent > 0);
            self.markup(indent, is_nested);
        }
    }

    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    /// Goes behind the end of a fenced block of code.
    fn skip_code(&mut self, first: usize, fence: &str) {
        let mut at = self.at + first;
        for line in self.source[at..].split_inclusive('\n') {
            at += line.len();
            let text = line.trim();
            if text.starts_with(fence) && text.chars().all(|c| fence.starts_with(c)) {
                break;
            }
        }
        self.at = at;
        self.after_blank = true;
    }

    /// Imports and exports end at an empty line, unless code goes on behind it.
    fn module(&mut self) {
        let start = self.at;
        let mut end = start;
        for line in self.source[start..].split_inclusive('\n') {
            if line.trim().is_empty() {
                if self.failures >= MOST_FAILURES || parses(&self.source[start..end]) {
                    break;
                }
                self.failures += 1;
            }
            end += line.len();
        }
        self.at = end;
        self.after_blank = true;
        self.found.push(Block::Module(span(start, end)));
    }

    /// One line of Markdown, or as many as its tags and expressions take.
    fn markup(&mut self, indent: usize, is_nested: bool) {
        let mut at = self.at + indent;
        let mut only_tags = true;
        let first = self.found.len();
        while let Some(c) = self.source[at..].chars().next() {
            match c {
                '\n' => {
                    at += 1;
                    break;
                }
                '`' => {
                    only_tags = false;
                    at = self.tried(at, behind_code);
                }
                '{' => at = self.tried(at, behind_braces),
                '\\' => {
                    let escaped = self.source[at + 1..].chars().next().map_or(0, char::len_utf8);
                    at += 1 + escaped;
                    only_tags = false;
                }
                '<' => match self.tag_at(at) {
                    Some(tag) => {
                        self.tag(&tag, at, is_nested);
                        at = tag.end;
                    }
                    None => {
                        if self.depth == 0 && !is_nested && names_meta(&self.source[at + 1..]) {
                            self.found.push(Block::Unclosed(span(at, at + "<Meta".len())));
                        }
                        at += 1;
                        only_tags = false;
                    }
                },
                c => {
                    only_tags &= c.is_whitespace();
                    at += c.len_utf8();
                }
            }
        }
        // Beside text, a tag is part of a paragraph.
        if !only_tags {
            let mut index = 0;
            self.found.retain(|block| {
                index += 1;
                index <= first || matches!(block, Block::Unclosed(_))
            });
        }
        self.at = at;
    }

    /// Where something ends that begins here; behind its first character where it has no end.
    fn tried(&mut self, at: usize, behind: fn(&str, usize) -> Option<usize>) -> usize {
        let end = (self.failures < MOST_FAILURES).then(|| behind(self.source, at)).flatten();
        self.failures += u32::from(end.is_none());
        end.unwrap_or(at + 1)
    }

    fn tag_at(&mut self, at: usize) -> Option<Tag<'s>> {
        let tag = (self.failures < MOST_FAILURES).then(|| Tag::at(self.source, at)).flatten();
        self.failures += u32::from(tag.is_none());
        tag
    }

    fn tag(&mut self, tag: &Tag<'_>, at: usize, is_nested: bool) {
        match tag.kind {
            TagKind::Closed if tag.name == "Meta" && self.depth == 0 && !is_nested => {
                self.found.push(Block::Meta(span(at, tag.end)));
            }
            TagKind::Closed => {}
            TagKind::Opening => {
                if tag.name == "Meta" && self.depth == 0 && !is_nested && self.failures < MOST_FAILURES {
                    match self.source[tag.end..].find("</Meta>") {
                        Some(end) => {
                            let end = tag.end + end + "</Meta>".len();
                            self.found.push(Block::Meta(span(at, end)));
                        }
                        None => self.failures += 1,
                    }
                }
                self.depth += 1;
            }
            TagKind::Closing => self.depth = self.depth.saturating_sub(1),
        }
    }
}

fn span(start: usize, end: usize) -> Span {
    let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

fn is_module(text: &str) -> bool {
    ["import", "export"].iter().any(|word| {
        text.strip_prefix(word)
            .and_then(|rest| rest.chars().next())
            .is_some_and(|next| next.is_whitespace() || matches!(next, '{' | '*' | '"' | '\''))
    })
}

fn parses(text: &str) -> bool {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::jsx()).parse();
    !parsed.panicked && parsed.diagnostics.is_empty()
}

fn fence_of(text: &str) -> Option<&str> {
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = text.len() - text.trim_start_matches(mark).len();
    let (fence, info) = text.split_at(length);
    (length >= 3 && (mark == '~' || !info.contains('`'))).then_some(fence)
}

fn is_list_item(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = match text.len() - rest.len() {
        0 => text.strip_prefix(['-', '*', '+']),
        _ => rest.strip_prefix(['.', ')']),
    };
    rest.is_some_and(|rest| rest.starts_with([' ', '\t']))
}

fn names_meta(text: &str) -> bool {
    text.strip_prefix("Meta")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || matches!(c, '/' | '>')))
}

/// Behind a span of code.
fn behind_code(source: &str, at: usize) -> Option<usize> {
    let rest = &source[at..];
    let length = rest.len() - rest.trim_start_matches('`').len();
    let marks = &rest[..length];
    let mut search = length;
    while let Some(found) = rest[search..].find(marks) {
        let start = search + found;
        let run = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        if run == length {
            return Some(at + start + run);
        }
        search = start + run;
    }
    None
}

/// Behind `{ … }`, strings and comments in it passed over.
fn behind_braces(source: &str, at: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut depth = 0_usize;
    let mut index = at;
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            b'"' | b'\'' | b'`' => index = behind_quote(bytes, index)?,
            b'/' if bytes.get(index + 1) == Some(&b'*') => {
                index = index + 2 + source.get(index + 2..)?.find("*/")? + 1;
            }
            _ => {}
        }
        index += 1;
    }
    None
}

/// The place of the mark that ends a string.
fn behind_quote(bytes: &[u8], at: usize) -> Option<usize> {
    let quote = bytes.get(at)?;
    let mut index = at + 1;
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'\\' => index += 1,
            byte if byte == quote => return Some(index),
            _ => {}
        }
        index += 1;
    }
    None
}

#[derive(Clone, Copy)]
enum TagKind {
    Opening,
    Closing,
    Closed,
}

struct Tag<'s> {
    name: &'s str,
    kind: TagKind,
    end: usize,
}

impl<'s> Tag<'s> {
    /// The tag that begins at a `<`.
    fn at(source: &'s str, at: usize) -> Option<Self> {
        let bytes = source.as_bytes();
        let is_closing = bytes.get(at + 1) == Some(&b'/');
        let start = at + 1 + usize::from(is_closing);
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '$');
        let length = source[start..].find(|c| !is_name(c))?;
        let name = &source[start..start + length];
        // A fragment has no name; anything else that isn't one is text.
        if name.is_empty() && bytes.get(start) != Some(&b'>') {
            return None;
        }
        let mut index = start + length;
        loop {
            match bytes.get(index)? {
                b'>' => {
                    let is_closed = bytes.get(index - 1) == Some(&b'/') && index > start + length;
                    let kind = match (is_closing, is_closed) {
                        (true, _) => TagKind::Closing,
                        (false, true) => TagKind::Closed,
                        (false, false) => TagKind::Opening,
                    };
                    return Some(Self { name, kind, end: index + 1 });
                }
                b'{' => index = behind_braces(source, index)?,
                quote @ (b'"' | b'\'') => {
                    index += 2 + bytes.get(index + 1..)?.iter().position(|byte| byte == quote)?;
                }
                _ => index += 1,
            }
        }
    }
}
