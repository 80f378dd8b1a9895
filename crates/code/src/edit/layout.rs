//! How a file is written: line endings, indentation, quotes, semicolons, and what stands on a line.

use oxc_ast::AstKind;
use oxc_span::{GetSpan, Span};

use super::syntax::Source;

impl Source<'_> {
    /// The line ending of the file.
    pub(super) fn eol(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if at > 0 && self.text.as_bytes().get(at - 1) == Some(&b'\r') => "\r\n",
            _ => "\n",
        }
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text
            .get(..at)
            .and_then(|before| before.rfind('\n'))
            .map_or(self.after_mark(), |newline| newline + 1)
    }

    /// Where a byte-order mark ends.
    fn after_mark(&self) -> usize {
        if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
    }

    /// The end of the line, before its line ending.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// The end of the line with its line ending.
    pub(super) fn next_line(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        rest.find('\n').map_or(self.text.len(), |newline| at + newline + 1)
    }

    /// The white space that the line starts with.
    pub(super) fn indent_at(&self, at: usize) -> &str {
        let line = self.text.get(self.line_start(at)..).unwrap_or_default();
        let code = line.trim_start_matches([' ', '\t']);
        line.get(..line.len() - code.len()).unwrap_or_default()
    }

    /// One step of indentation.
    pub(super) fn indent_unit(&self) -> String {
        let mut narrowest = usize::MAX;
        for line in self.text.lines() {
            let code = line.trim_start_matches([' ', '\t']);
            if line.starts_with('\t') && !code.is_empty() {
                return "\t".to_owned();
            }
            let width = line.len() - code.len();
            if width >= 2 && !code.is_empty() && !code.starts_with('*') {
                narrowest = narrowest.min(width);
            }
        }
        " ".repeat(if narrowest == usize::MAX { 2 } else { narrowest.min(8) })
    }

    /// The quote that most strings of the file are written with.
    pub(super) fn quote(&self) -> char {
        let (mut single, mut double) = (0, 0);
        for literal in self.nodes.iter().filter_map(|node| node.as_string_literal()) {
            match self.slice(literal.span).chars().next() {
                Some('\'') => single += 1,
                Some('"') => double += 1,
                _ => {}
            }
        }
        // JSX attributes are written with double quotes whatever the rest of the file is written with.
        let jsx = self.nodes.iter().filter_map(|node| node.as_jsx_attribute());
        let attributes = jsx.filter(|attribute| {
            attribute.value.as_ref().is_some_and(|value| self.slice(value.span()).starts_with('"'))
        });
        if double - attributes.count().min(double) > single { '"' } else { '\'' }
    }

    /// Whether statements end with semicolons.
    pub(super) fn has_semicolons(&self) -> bool {
        let could = self.nodes.iter().filter(|node| {
            matches!(
                node,
                AstKind::ImportDeclaration(_)
                    | AstKind::VariableDeclaration(_)
                    | AstKind::ReturnStatement(_)
                    | AstKind::TSTypeAliasDeclaration(_)
            )
        });
        let total = could.clone().count();
        let with = could.filter(|node| self.slice(node.span()).ends_with(';')).count();
        match total {
            0 => true,
            _ => with * 2 >= total,
        }
    }

    /// Whether a range holds nothing but white space and the characters given.
    pub(super) fn only(&self, from: usize, to: usize, allowed: &[char]) -> bool {
        let text = self.text.get(from..to);
        text.is_some_and(|text| text.chars().all(|c| c.is_whitespace() || allowed.contains(&c)))
    }

    /// The comment that follows `at` on the same line, with at most a separator before it and nothing behind it.
    pub(super) fn trailing_comment(&self, at: usize, separators: &[char]) -> Option<Span> {
        let line_end = self.line_end(at);
        let comment = self.program.comments.iter().find(|comment| {
            let (start, end) = (comment.span.start as usize, comment.span.end as usize);
            at <= start && end <= line_end && self.only(at, start, separators)
        })?;
        self.only(comment.span.end as usize, line_end, &[]).then_some(comment.span)
    }

    /// The JSDoc comment right before a declaration.
    pub(super) fn doc_before(&self, at: usize) -> Option<Span> {
        let before = self.program.comments.iter().rev().find(|comment| comment.span.end as usize <= at)?;
        let doc = self.slice(before.span).starts_with("/**");
        (doc && self.only(before.span.end as usize, at, &[])).then_some(before.span)
    }
}

#[cfg(test)]
mod tests {
    use oxc_allocator::Allocator;

    use super::super::syntax::parse;

    #[test]
    fn the_habits_of_a_file_are_read_from_it() {
        for (text, eol, unit, quote, semicolons) in [
            ("const a = 'x';\nfunction f() {\n    return \"y\" + 'z';\n}\n", "\n", "    ", '\'', true),
            ("const a = \"x\"\r\nfunction f() {\r\n\treturn 1\r\n}", "\r\n", "\t", '"', false),
            ("const a = <b c=\"1\" d=\"2\" e={'f'} />\n", "\n", "  ", '\'', false),
            ("", "\n", "  ", '\'', true),
        ] {
            let allocator = Allocator::default();
            let source = parse(&allocator, "a.tsx", text).unwrap();
            assert_eq!(
                (source.eol(), source.indent_unit().as_str(), source.quote(), source.has_semicolons()),
                (eol, unit, quote, semicolons),
                "{text}"
            );
        }
    }
}
