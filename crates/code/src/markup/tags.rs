//! Start tags and their attributes.

use std::ops::Range;

use super::MarkupKind;

/// After so many things that begin and never end, a text is no markup: each costs a look at all the rest.
pub(super) const MAX_MISREAD: usize = 100;

/// A start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag<'t> {
    pub name: &'t str,
    pub attributes: Vec<Attribute<'t>>,
    pub start: usize,
    /// Behind its `>`.
    pub end: usize,
    /// Whether it ends in `/>`.
    pub closes_itself: bool,
}

/// An attribute as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute<'t> {
    pub name: &'t str,
    /// Without its quotes.
    pub value: Option<&'t str>,
    /// Where the value starts, without its quote.
    pub value_start: usize,
}

impl<'t> Tag<'t> {
    /// Whether an attribute is there.
    pub fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// An attribute by its name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute<'t>> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The value of an attribute.
    pub fn value(&self, name: &str) -> Option<&'t str> {
        self.attribute(name)?.value
    }
}

/// The start tags in a range of a text, comments left out.
pub(crate) fn start_tags(kind: MarkupKind, text: &str, range: Range<usize>) -> impl Iterator<Item = Tag<'_>> {
    let mut at = range.start;
    let mut misread = 0;
    std::iter::from_fn(move || {
        while misread < MAX_MISREAD {
            let rest = text.get(at..range.end)?;
            at += rest.find(['<', '{'])?;
            if kind == MarkupKind::Svelte && text[at..].starts_with('{') {
                // Tags stand in blocks too: `{#if a}<b/>{/if}`; what an expression holds is skipped.
                let end = expression_end(text, at);
                misread += usize::from(end.is_none());
                at = end.unwrap_or(at + 1);
                continue;
            }
            if let Some(comment) = text[at..range.end].strip_prefix("<!--") {
                at = comment.find("-->").map_or(range.end, |end| at + 4 + end + 3);
                continue;
            }
            match start_tag(kind, text, at) {
                Some(tag) => {
                    at = tag.end;
                    return Some(tag);
                }
                None => {
                    misread += usize::from(may_be_tag(text, at));
                    at += 1;
                }
            }
        }
        None
    })
}

/// Whether what stands at a byte begins as a tag does.
pub(super) fn may_be_tag(text: &str, at: usize) -> bool {
    text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_alphabetic)
}

/// The start tag that begins at a byte, if one does.
pub(super) fn start_tag(kind: MarkupKind, text: &str, start: usize) -> Option<Tag<'_>> {
    let mut cursor = Cursor { kind, text, at: start };
    cursor.expect('<')?;
    let name = cursor.take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'));
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let mut tag = Tag { name, attributes: Vec::new(), start, end: start, closes_itself: false };
    loop {
        cursor.take_while(char::is_whitespace);
        match cursor.peek()? {
            '>' => {
                tag.end = cursor.at + 1;
                return Some(tag);
            }
            '/' => {
                cursor.expect('/')?;
                tag.closes_itself = cursor.peek()? == '>';
            }
            '{' if kind == MarkupKind::Svelte => {
                let start = cursor.at;
                cursor.at = expression_end(text, start)?;
                let name = text.get(start..cursor.at)?;
                tag.attributes.push(Attribute { name, value: None, value_start: start });
            }
            _ => tag.attributes.push(cursor.attribute()?),
        }
    }
}

struct Cursor<'t> {
    kind: MarkupKind,
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn expect(&mut self, c: char) -> Option<()> {
        (self.peek()? == c).then(|| self.at += c.len_utf8())
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn attribute(&mut self) -> Option<Attribute<'t>> {
        let start = self.at;
        // The first character belongs to the name whatever it is, so that something is always taken.
        self.at += self.peek()?.len_utf8();
        self.take_while(|c| !c.is_whitespace() && !matches!(c, '=' | '>' | '/'));
        let name = self.text.get(start..self.at)?;
        self.take_while(char::is_whitespace);
        if self.expect('=').is_none() {
            return Some(Attribute { name, value: None, value_start: self.at });
        }
        self.take_while(char::is_whitespace);
        let quote = self.peek()?;
        if matches!(quote, '"' | '\'') {
            self.expect(quote)?;
            let value_start = self.at;
            let value = self.take_while(|c| c != quote);
            self.expect(quote)?;
            return Some(Attribute { name, value: Some(value), value_start });
        }
        let value_start = self.at;
        if quote == '{' && self.kind == MarkupKind::Svelte {
            self.at = expression_end(self.text, value_start)?;
        } else {
            self.take_while(|c| !c.is_whitespace() && c != '>');
        }
        Some(Attribute { name, value: self.text.get(value_start..self.at), value_start })
    }
}

/// Where a `{…}` ends: strings, comments and inner braces are looked through; `None` when it does not.
pub(super) fn expression_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'\'' | b'"' | b'`' => {
                at += 1;
                while bytes.get(at)? != byte {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at += 2;
                while !bytes.get(at..)?.starts_with(b"*/") {
                    at += 1;
                }
                at += 1;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                while *bytes.get(at)? != b'\n' {
                    at += 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_as_they_are_written() {
        let text = r#"<slot name="a > b" :size='x' disabled lang=ts/>"#;
        let tag = start_tag(MarkupKind::Vue, text, 0).unwrap();
        let read: Vec<_> = tag.attributes.iter().map(|a| (a.name, a.value)).collect();
        assert_eq!(
            read,
            [("name", Some("a > b")), (":size", Some("x")), ("disabled", None), ("lang", Some("ts/"))]
        );
        assert_eq!(tag.end, text.len());
    }

    #[test]
    fn expressions_of_svelte_hide_what_they_hold() {
        let text = r#"<B {...rest} on={() => "}>"}><slot name="x" /></B>"#;
        let names: Vec<_> = start_tags(MarkupKind::Svelte, text, 0..text.len()).map(|tag| tag.name).collect();
        assert_eq!(names, ["B", "slot"]);
    }

    #[test]
    fn an_apostrophe_in_text_is_no_string() {
        let text = "<p>don't</p>{#if a}<slot name='x'/>{/if}";
        let names: Vec<_> = start_tags(MarkupKind::Svelte, text, 0..text.len()).map(|tag| tag.name).collect();
        assert_eq!(names, ["p", "slot"]);
    }
}
