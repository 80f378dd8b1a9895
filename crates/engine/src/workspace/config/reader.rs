//! Reads a parsed TOML document field by field and collects every finding with its place.

use std::ops::Range;

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::nearest::nearest;

/// A value and the bytes it stands at.
pub(super) type At<T> = (T, Range<usize>);

/// What was found so far.
pub(super) struct Findings<'t> {
    text: &'t str,
    file: &'t str,
    /// Where each line starts: a file with thousands of entries is not counted through for each of them.
    line_starts: Vec<usize>,
    list: Vec<Diagnostic>,
}

/// What is wrong, without where.
pub(super) struct Finding {
    /// The stable code.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl<'t> Findings<'t> {
    pub(super) fn new(text: &'t str, file: &'t str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, file, line_starts: std::iter::once(0).chain(breaks).collect(), list: Vec::new() }
    }

    pub(super) fn place(&self, span: &Range<usize>) -> TextPlace {
        let line = self.line_starts.partition_point(|start| *start <= span.start);
        let line_start = self.line_starts.get(line.wrapping_sub(1)).copied().unwrap_or_default();
        let from_line = &self.text[line_start..];
        let place = TextPlace::of(from_line, span.start - line_start, span.end.saturating_sub(line_start));
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        TextPlace {
            line: count(line),
            column: place.column,
            start: place.start.saturating_add(count(line_start)),
            end: place.end.saturating_add(count(line_start)),
        }
    }

    pub(super) fn error(&mut self, span: &Range<usize>, finding: Finding) {
        self.push(DiagnosticSeverity::Error, span, finding);
    }

    pub(super) fn warning(&mut self, span: &Range<usize>, finding: Finding) {
        self.push(DiagnosticSeverity::Warning, span, finding);
    }

    fn push(&mut self, severity: DiagnosticSeverity, span: &Range<usize>, finding: Finding) {
        let place = Some(self.place(span));
        let Finding { code, message, hint } = finding;
        self.list.push(Diagnostic {
            file: self.file.to_owned(),
            place,
            severity,
            code: code.into(),
            message,
            hint,
        });
    }

    /// The findings in the order of their places.
    pub(super) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|diagnostic| diagnostic.place.map(|place| (place.start, place.end)));
        self.list
    }
}

/// One table of the document with the keys that it may hold.
pub(super) struct Section<'a, 'i> {
    table: &'a DeTable<'i>,
    span: Range<usize>,
    /// How messages call it: `[sync]`.
    name: String,
}

impl<'a, 'i> Section<'a, 'i> {
    /// Opens a table and reports each key that it may not hold.
    pub(super) fn open(
        value: &'a Spanned<DeValue<'i>>,
        name: impl Into<String>,
        known: &[&str],
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let name = name.into();
        let table = expect(value, &name, "a table", DeValue::as_table, findings)?;
        let section = Self { table, span: value.span(), name };
        section.reject_unknown(known, findings);
        Some(section)
    }

    fn reject_unknown(&self, known: &[&str], findings: &mut Findings<'_>) {
        for key in self.table.keys() {
            let spelt: &str = key.get_ref();
            if known.contains(&spelt) {
                continue;
            }
            let hint = match nearest(spelt, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            let message = format!("unknown key `{spelt}` in {}", self.name);
            findings.error(&key.span(), Finding::new("unknown-key", message).hint(hint));
        }
    }

    /// Where the section as a whole stands.
    pub(super) fn span(&self) -> &Range<usize> {
        &self.span
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.table.get(key)
    }

    pub(super) fn text(&self, key: &str, findings: &mut Findings<'_>) -> Option<At<String>> {
        let value = self.get(key)?;
        expect(value, &self.key(key), "a string", DeValue::as_str, findings)
            .map(|text| (text.to_owned(), value.span()))
    }

    /// A text that must be there and not blank.
    pub(super) fn required(&self, key: &str, hint: &str, findings: &mut Findings<'_>) -> Option<At<String>> {
        if self.get(key).is_none() {
            let message = format!("{} lacks `{key}`", self.name);
            findings.error(&self.span, Finding::new("missing-key", message).hint(hint));
            return None;
        }
        let (text, span) = self.text(key, findings)?;
        if text.trim().is_empty() {
            let message = format!("{} is empty", self.key(key));
            findings.error(&span, Finding::new("bad-value", message).hint(hint));
            return None;
        }
        Some((text, span))
    }

    pub(super) fn boolean(&self, key: &str, findings: &mut Findings<'_>) -> Option<bool> {
        expect(self.get(key)?, &self.key(key), "true or false", DeValue::as_bool, findings)
    }

    pub(super) fn integer(&self, key: &str, findings: &mut Findings<'_>) -> Option<At<i64>> {
        let value = self.get(key)?;
        let read = |value: &DeValue<'i>| {
            value.as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok())
        };
        match value.get_ref().as_integer().map(|_| read(value.get_ref())) {
            Some(Some(number)) => Some((number, value.span())),
            Some(None) => {
                let message = format!("{} is out of range", self.key(key));
                findings.error(&value.span(), Finding::new("bad-value", message));
                None
            }
            None => {
                mismatch(value, &self.key(key), "a whole number", findings);
                None
            }
        }
    }

    pub(super) fn texts(&self, key: &str, findings: &mut Findings<'_>) -> Option<Vec<At<String>>> {
        let value = self.get(key)?;
        let items = expect(value, &self.key(key), "a list of strings", DeValue::as_array, findings)?;
        Some(
            items
                .iter()
                .filter_map(|item| {
                    let name = format!("an item of {}", self.key(key));
                    let text = expect(item, &name, "a string", DeValue::as_str, findings)?;
                    Some((text.to_owned(), item.span()))
                })
                .collect(),
        )
    }

    /// The entries of a table whose keys are names that people choose.
    pub(super) fn entries(
        &self,
        key: &str,
        findings: &mut Findings<'_>,
    ) -> Vec<(At<String>, &'a Spanned<DeValue<'i>>)> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let name = self.key(key);
        expect(value, &name, "a table", DeValue::as_table, findings).map(entries_of).unwrap_or_default()
    }

    /// The tables of a `[[key]]` list.
    pub(super) fn list(&self, key: &str, findings: &mut Findings<'_>) -> Vec<&'a Spanned<DeValue<'i>>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            DeValue::Table(_) => {
                let message = format!("`{key}` is a list: each entry is written under `[[{key}]]`");
                let finding = Finding::new("wrong-type", message)
                    .hint(format!("write `[[{key}]]` with two brackets on each side"));
                findings.error(&value.span(), finding);
                Vec::new()
            }
            _ => {
                mismatch(value, &format!("`{key}`"), "a list of tables", findings);
                Vec::new()
            }
        }
    }

    /// How messages call one of its keys.
    pub(super) fn key(&self, key: &str) -> String {
        if self.name.is_empty() { format!("`{key}`") } else { format!("`{key}` in {}", self.name) }
    }
}

/// The entries of a table in the order in which they stand in the file.
pub(super) fn entries_of<'a, 'i>(table: &'a DeTable<'i>) -> Vec<(At<String>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> =
        table.iter().map(|(key, value)| ((key.get_ref().to_string(), key.span()), value)).collect();
    entries.sort_by_key(|((_, span), _)| span.start);
    entries
}

/// The value as a type, or a finding that says what stands there instead.
pub(super) fn expect<'a, 'i, T>(
    value: &'a Spanned<DeValue<'i>>,
    name: &str,
    expected: &str,
    read: impl FnOnce(&'a DeValue<'i>) -> Option<T>,
    findings: &mut Findings<'_>,
) -> Option<T> {
    let found = read(value.get_ref());
    if found.is_none() {
        mismatch(value, name, expected, findings);
    }
    found
}

pub(super) fn mismatch(
    value: &Spanned<DeValue<'_>>,
    name: &str,
    expected: &str,
    findings: &mut Findings<'_>,
) {
    let message = format!("{name} must be {expected}, not {}", kind(value.get_ref()));
    findings.error(&value.span(), Finding::new("wrong-type", message));
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
