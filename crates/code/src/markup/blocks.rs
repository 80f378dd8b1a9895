//! The blocks at the top level of a file: scripts, styles, templates.

use std::ops::Range;

use super::{
    MarkupKind,
    tags::{MAX_MISREAD, Tag, expression_end, may_be_tag, start_tag},
};

/// A block at the top level.
#[derive(Debug, Clone)]
pub(crate) struct Block<'t> {
    pub tag: Tag<'t>,
    /// What stands between its tags.
    pub content: Range<usize>,
    /// Behind its end tag.
    pub end: usize,
}

/// Finds the blocks of a file: of Vue all, of Svelte the scripts and styles. One that is not closed is none.
pub(super) fn top_level(kind: MarkupKind, text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let (mut at, mut misread) = (0, 0);
    while misread < MAX_MISREAD
        && let Some(found) = text.get(at..).and_then(|rest| rest.find(['<', '{']))
    {
        at += found;
        if text[at..].starts_with('{') {
            at = match kind {
                MarkupKind::Svelte => expression_end(text, at).unwrap_or_else(|| {
                    misread += 1;
                    at + 1
                }),
                MarkupKind::Vue => at + 1,
            };
            continue;
        }
        if let Some(comment) = text[at..].strip_prefix("<!--") {
            at = comment.find("-->").map_or(text.len(), |end| at + 4 + end + 3);
            continue;
        }
        let Some(tag) = start_tag(kind, text, at) else {
            misread += usize::from(may_be_tag(text, at));
            at += 1;
            continue;
        };
        at = tag.end;
        let is_raw = matches!(&*tag.name.to_ascii_lowercase(), "script" | "style");
        // Scripts in the head of a page belong to the page; other elements hold no scripts that Svelte compiles.
        if kind == MarkupKind::Svelte && !is_raw {
            if tag.name == "svelte:head" && !tag.closes_itself {
                at = end_tag(text, at, tag.name).map_or(text.len(), |range| range.end);
            }
            continue;
        }
        if tag.closes_itself {
            blocks.push(Block { content: tag.end..tag.end, end: tag.end, tag });
            continue;
        }
        let nests = tag.name == "template" && tag.value("lang").is_none_or(|lang| lang == "html");
        let end = if nests { template_end(text, at) } else { end_tag(text, at, tag.name) };
        let Some(end) = end else {
            misread += 1;
            continue;
        };
        at = end.end;
        blocks.push(Block { content: tag.end..end.start, end: end.end, tag });
    }
    blocks
}

/// The next end tag of a name.
fn end_tag(text: &str, from: usize, name: &str) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        at += text.get(at..)?.find("</")?;
        let rest = &text[at + 2..];
        let is_it = rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
        if is_it {
            let behind = rest[name.len()..].trim_start();
            if behind.starts_with('>') {
                return Some(at..text.len() - behind.len() + 1);
            }
        }
        at += 2;
    }
}

/// The end tag of a template whose start tag ends at `from`; templates in it have their own.
fn template_end(text: &str, from: usize) -> Option<Range<usize>> {
    let (mut at, mut depth) = (from, 1_usize);
    loop {
        at += text.get(at..)?.find('<')?;
        let rest = &text[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            at += 4 + comment.find("-->")? + 3;
        } else if rest.starts_with("</template") {
            let end = end_tag(text, at, "template")?;
            if end.start == at {
                depth -= 1;
                if depth == 0 {
                    return Some(end);
                }
            }
            at = end.end.max(at + 1);
        } else if let Some(tag) = start_tag(MarkupKind::Vue, text, at) {
            depth += usize::from(tag.name == "template" && !tag.closes_itself);
            at = tag.end;
        } else {
            at += 1;
        }
    }
}
