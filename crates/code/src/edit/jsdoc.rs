//! The `@default` of a property's JSDoc, kept in step with the default itself.

use lockstep_core::edit::TextEdit;
use oxc_span::Span;

use super::{draft::Draft, list::deletion, syntax::Source};

/// Makes the `@default` of the doc comment before a declaration say `to`.
pub(super) fn set_default(
    source: &Source<'_>,
    declared: Span,
    from: Option<&str>,
    to: Option<&str>,
    draft: &mut Draft,
) {
    let Some(doc) = source.doc_before(declared.start as usize) else { return };
    let Some(tag) = default_tag(source, doc) else { return };
    let said = source.slice(tag.value);
    let bare = unwrapped(said);
    let is_it = from == Some(bare);
    match to {
        Some(to) if is_it => {
            let start = tag.value.start + u32::try_from(said.find(bare).unwrap_or(0)).unwrap_or(0);
            draft.replace(&source.file, Span::new(start, start + (bare.len() as u32)), to);
        }
        Some(to) if to == bare => {}
        // What describes the default in words, or names another one, was not written for this one.
        None if from.is_some_and(|from| names(bare, from)) => {
            draft.extend(&source.file, [without(source, doc, &tag)]);
        }
        _ => {
            draft.note(source.place(tag.value), format!("the comment still says that the default is {said}"))
        }
    }
}

/// Whether a text is an option, or the constant that stands for it: `Size.ExtraLarge` for `extra-large`.
fn names(text: &str, option: &str) -> bool {
    let folded = |text: &str| text.replace(|c: char| !c.is_alphanumeric(), "").to_lowercase();
    let is_name = !text.contains(char::is_whitespace);
    text == option || is_name && text.rsplit('.').next().is_some_and(|last| folded(last) == folded(option))
}

/// Takes the tag out, with its line or with the whole comment where nothing else stands there.
fn without(source: &Source<'_>, doc: Span, tag: &Tag) -> TextEdit {
    let (start, end) = (doc.start as usize, doc.end as usize);
    let (first, last) = (source.line_start(tag.at), source.line_end(tag.at));
    if start < first && last < end && source.only(first, tag.at, &['*']) {
        return deletion(first, source.next_line(tag.at));
    }
    let value_end = tag.value.end as usize;
    let only_tag = source.only(start, tag.at, &['/', '*']) && source.only(value_end, end, &['/', '*']);
    let own_lines =
        source.only(source.line_start(start), start, &[]) && source.only(end, source.line_end(end), &[]);
    match (only_tag, own_lines) {
        (true, true) => deletion(source.line_start(start), source.next_line(end)),
        (true, false) => deletion(start, end),
        _ => {
            let before = source.text.get(..tag.at).map_or(tag.at, |text| text.trim_end().len());
            deletion(before, value_end)
        }
    }
}

struct Tag {
    /// Where the `@` stands.
    at: usize,
    value: Span,
}

fn default_tag(source: &Source<'_>, doc: Span) -> Option<Tag> {
    let text = source.slice(doc);
    let (offset, name) = ["@defaultValue", "@default"].iter().find_map(|name| {
        let mut found = text.match_indices(name);
        let ends = |at: usize| text.get(at + name.len()..).is_some_and(|rest| rest.starts_with([' ', '\t']));
        found.find(|(at, _)| ends(*at)).map(|(at, _)| (at, *name))
    })?;
    let at = doc.start as usize + offset;
    let from = at + name.len();
    let line = source.text.get(from..source.line_end(from).min(doc.end as usize))?;
    let line = line.strip_suffix("*/").unwrap_or(line);
    let value = line.trim();
    let start = from + line.find(value)?;
    (!value.is_empty()).then(|| Tag { at, value: Span::new(start as u32, (start + value.len()) as u32) })
}

/// A value without the quotes and backticks around it.
fn unwrapped(value: &str) -> &str {
    let mut bare = value.trim_end_matches('.');
    for quote in ['`', '\'', '"'] {
        bare = bare.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).unwrap_or(bare);
    }
    bare
}
