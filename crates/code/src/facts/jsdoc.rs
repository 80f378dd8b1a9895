//! JSDoc comments: the text before the first tag, `@deprecated`, and `@default` or `@defaultValue`.

use super::{Doc, Text};

/// Reads the inside of a `/** … */` comment; `None` when it says nothing of use.
pub(super) fn parse(comment: &str) -> Option<Doc> {
    let mut doc = Doc::default();
    let mut description = String::new();
    let mut tag: Option<(String, String)> = None;
    let mut fenced = false;
    for line in comment.lines() {
        let line = line.trim();
        let line = line.strip_prefix('*').map_or(line, str::trim);
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if !fenced && let Some(rest) = line.strip_prefix('@').filter(|rest| starts_with_letter(rest)) {
            finish(&mut doc, tag.take());
            let (name, text) = rest.split_once(|c: char| c.is_whitespace()).unwrap_or((rest, ""));
            tag = Some((name.to_owned(), text.trim().to_owned()));
            continue;
        }
        let target = tag.as_mut().map_or(&mut description, |(_, text)| text);
        if line.is_empty() {
            if !target.is_empty() && !target.ends_with("\n\n") {
                target.push_str("\n\n");
            }
            continue;
        }
        if !target.is_empty() && !target.ends_with('\n') {
            target.push(' ');
        }
        target.push_str(line);
    }
    finish(&mut doc, tag);
    let description = description.trim();
    doc.text = (!description.is_empty()).then(|| Text::from(description));
    (doc != Doc::default()).then_some(doc)
}

fn starts_with_letter(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
}

fn finish(doc: &mut Doc, tag: Option<(String, String)>) {
    let Some((name, text)) = tag else { return };
    let text = text.trim();
    match name.as_str() {
        "deprecated" => doc.deprecated = Some(Text::from(text)),
        "default" | "defaultValue" if !text.is_empty() => doc.default = Some(Text::from(text)),
        _ => {}
    }
}

/// The value that a `@default` tag names, without quotes or backticks around it.
pub(crate) fn unquoted(default: &str) -> &str {
    // A quote may be missing at one end: nobody checks comments.
    default.trim_matches(|c: char| c.is_whitespace() || matches!(c, '`' | '\'' | '"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_gives_its_text_and_the_tags_of_use() {
        let doc = parse("*\n * How large it is.\n * In steps.\n *\n * @default 'm'\n * @deprecated use `scale`\n * instead\n ")
            .unwrap();
        assert_eq!(doc.text.as_deref(), Some("How large it is. In steps."));
        assert_eq!(doc.default.as_deref(), Some("'m'"));
        assert_eq!(doc.deprecated.as_deref(), Some("use `scale` instead"));
    }

    #[test]
    fn tags_in_fenced_code_are_text() {
        let doc = parse("*\n * Like this:\n * ```\n * @default nonsense\n * ```\n ").unwrap();
        assert_eq!(doc.default, None);
    }

    #[test]
    fn a_comment_that_says_nothing_is_none() {
        assert_eq!(parse("* "), None);
        assert_eq!(parse("* @internal "), None);
    }

    #[test]
    fn defaults_lose_their_quotes() {
        for (written, meant) in
            [("'m'", "m"), ("\"m\"", "m"), ("`m`", "m"), ("`'m'`", "m"), ("m", "m"), ("'m", "m")]
        {
            assert_eq!(unquoted(written), meant);
        }
    }
}
