//! The `@default` of a property's JSDoc, kept in step with the default itself.

use oxc_span::Span;

use super::{draft::Draft, syntax::Source};

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
    if from.is_none_or(|from| from != bare) {
        if to != Some(bare) {
            draft.note(source.place(tag.value), format!("the comment still says that the default is {said}"));
        }
        return;
    }
    let start = tag.value.start + u32::try_from(said.find(bare).unwrap_or(0)).unwrap_or(0);
    let span = Span::new(start, start + (bare.len() as u32));
    match to {
        Some(to) => draft.replace(&source.file, span, to),
        None => {
            let (first, last) = (source.line_start(tag.at), source.line_end(tag.at));
            let own_line =
                source.only(first, tag.at, &['*']) && (doc.start as usize) < first && last < doc.end as usize;
            if own_line {
                let line = Span::new(first as u32, source.next_line(tag.at) as u32);
                draft.replace(&source.file, line, "");
            } else {
                draft.note(
                    source.place(tag.value),
                    format!("the comment still says that the default is {said}"),
                );
            }
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
