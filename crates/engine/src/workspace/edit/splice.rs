//! Finds where in a TOML text something stands or belongs, so that an edit touches no other byte.

use std::ops::Range;

use lockstep_core::edit::TextEdit;
use toml_edit::{Array, Document, InlineTable, Item, Key, Table, Value};

/// A parsed text.
pub(super) struct Layout<'t> {
    text: &'t str,
    document: Document<&'t str>,
    line_break: &'static str,
}

/// Where a walk along a path of keys ended.
enum Spot<'a> {
    /// At a value that stands there.
    Value(&'a Value),
    /// In a table under a header (or the top of the file), which lacks the rest of the path.
    Header(&'a Table, usize),
    /// In a table made by dotted keys under the last header, which lacks the rest.
    Dotted { table: &'a Table, header_depth: usize, depth: usize },
    /// In an inline table, which lacks the rest.
    Inline(&'a InlineTable, usize),
    /// In a table that no header names and no dotted key makes.
    Unwritten,
}

impl<'t> Layout<'t> {
    /// Parses the text; nothing when it is no TOML.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let document = Document::parse(text).ok()?;
        let line_break = match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        Some(Self { text, document, line_break })
    }

    /// What stands at a path.
    pub(super) fn item(&self, path: &[&str]) -> Option<&Item> {
        path.iter().try_fold(self.document.as_item(), |item, key| item.get(key))
    }

    /// The edit that makes the value stand at the path. A table that is missing is made under a header of the first
    /// `header` keys, after the last table that shares the first key, else at the end.
    pub(super) fn set(&self, path: &[&str], header: usize, value: &Value) -> Option<TextEdit> {
        let written = rendered(value);
        match self.spot(path)? {
            Spot::Value(old) => old.span().map(|span| replace(span, written)),
            Spot::Header(_, depth) if depth < header => self.new_table(path, header, &written),
            Spot::Header(table, depth) => {
                let line = format!("{} = {}", key(path[depth]), nested(&path[depth + 1..], written));
                Some(self.line_after(self.last_entry(table)?, &line))
            }
            Spot::Dotted { table, header_depth, depth } => {
                let prefix: Vec<String> = path[header_depth..=depth].iter().map(|part| key(part)).collect();
                let line = format!("{} = {}", prefix.join("."), nested(&path[depth + 1..], written));
                Some(self.line_after(last_leaf(table)?, &line))
            }
            Spot::Inline(table, depth) => {
                let entry = format!("{} = {}", key(path[depth]), nested(&path[depth + 1..], written));
                into_inline(table, &entry)
            }
            Spot::Unwritten => self.new_table(path, header, &written),
        }
    }

    /// The edit that adds `[[list]]` tables.
    pub(super) fn push(&self, list: &str, entries: &[Vec<(&str, Value)>]) -> Option<TextEdit> {
        if let Some(Item::Value(Value::Array(array))) = self.document.get(list) {
            let inline: Vec<String> = entries.iter().map(|entry| inline_table(entry)).collect();
            return into_array(array, &inline.join(", "));
        }
        let blocks: Vec<String> = entries
            .iter()
            .map(|entry| {
                let lines = entry.iter().map(|(name, value)| format!("{} = {}", key(name), rendered(value)));
                std::iter::once(format!("[[{}]]", key(list)))
                    .chain(lines)
                    .collect::<Vec<_>>()
                    .join(self.line_break)
            })
            .collect();
        let separator = format!("{0}{0}", self.line_break);
        let last = self
            .document
            .get(list)
            .and_then(Item::as_array_of_tables)
            .and_then(|tables| tables.iter().filter_map(|table| self.last_entry(table)).max());
        Some(self.block_after(last, &blocks.join(&separator)))
    }

    /// The edits that remove what stands at a path, and the tables that held nothing else.
    pub(super) fn unset(&self, path: &[&str], keep: usize) -> Option<Vec<TextEdit>> {
        let (last, parents) = path.split_last()?;
        let item = self.item(path)?;
        let holder = self.item(parents)?;
        let siblings = holder.as_table_like()?.len();
        if siblings == 1 && parents.len() > keep {
            return self.unset(parents, keep);
        }
        match (holder, item) {
            (Item::Value(Value::InlineTable(table)), _) => Some(vec![self.out_of_inline(table, last)?]),
            (Item::Table(_), Item::Value(value)) => Some(vec![self.without_lines(value.span()?)]),
            (Item::Table(_), Item::Table(table)) => Some(self.merged(self.without_table(table))),
            _ => None,
        }
    }

    /// The edits that remove the chosen `[[list]]` tables.
    pub(super) fn remove(&self, list: &str, chosen: &[usize]) -> Option<Vec<TextEdit>> {
        match self.document.get(list)? {
            Item::ArrayOfTables(tables) => {
                let edits = chosen
                    .iter()
                    .filter_map(|index| tables.get(*index))
                    .flat_map(|table| self.without_table(table));
                Some(self.merged(edits.collect()))
            }
            Item::Value(Value::Array(array)) if chosen.len() == array.len() => {
                Some(vec![self.without_lines(array.span()?)])
            }
            Item::Value(Value::Array(array)) => {
                let spans: Vec<Range<usize>> = array.iter().filter_map(Value::span).collect();
                let edits = chosen.iter().filter_map(|index| {
                    let span = spans.get(*index)?.clone();
                    // The first one goes with the comma after it, each other one with the comma before it.
                    match index.checked_sub(1).and_then(|before| spans.get(before)) {
                        Some(before) => Some(replace(before.end..span.end, String::new())),
                        None => Some(replace(span.start..spans.get(1)?.start, String::new())),
                    }
                });
                Some(self.merged(edits.collect()))
            }
            _ => None,
        }
    }

    fn spot(&self, path: &[&str]) -> Option<Spot<'_>> {
        let mut table = self.document.as_table();
        let mut header_depth = 0;
        for (depth, part) in path.iter().enumerate() {
            let Some(item) = table.get(part) else {
                return Some(if table.is_dotted() {
                    Spot::Dotted { table, header_depth, depth }
                } else if depth > 0 && table.span().is_none() {
                    Spot::Unwritten
                } else {
                    Spot::Header(table, depth)
                });
            };
            match item {
                Item::Table(inner) => {
                    if !inner.is_dotted() {
                        header_depth = depth + 1;
                    }
                    table = inner;
                }
                Item::Value(Value::InlineTable(inner)) if depth + 1 < path.len() => {
                    return inline_spot(inner, path, depth + 1);
                }
                Item::Value(value) if depth + 1 == path.len() => return Some(Spot::Value(value)),
                _ => return None,
            }
        }
        None
    }

    fn new_table(&self, path: &[&str], header: usize, written: &str) -> Option<TextEdit> {
        let names: Vec<String> = path[..header].iter().map(|part| key(part)).collect();
        let line =
            format!("{} = {}", key(path.get(header)?), nested(&path[header + 1..], written.to_owned()));
        let block = format!("[{}]{}{line}", names.join("."), self.line_break);
        let last =
            self.document.get(path[0]).and_then(Item::as_table).and_then(|table| self.last_below(table));
        Some(self.block_after(last, &block))
    }

    /// The end of the last line of a table and those below it.
    fn last_below(&self, table: &Table) -> Option<usize> {
        let below = table.iter().filter_map(|(_, item)| self.last_below(item.as_table()?)).max();
        let own = table.span().and_then(|_| self.last_entry(table));
        own.max(below)
    }

    /// Where the last entry of a table under a header ends, or the header itself.
    fn last_entry(&self, table: &Table) -> Option<usize> {
        if table.is_dotted() { last_leaf(table) } else { last_leaf(table).or(Some(table.span()?.end)) }
    }

    /// A new line after the one that this byte ends in, indented alike.
    fn line_after(&self, end: usize, line: &str) -> TextEdit {
        if end == 0 && self.document.as_table().is_empty() {
            return self.block_after(None, line);
        }
        let start = self.line_start(end);
        let indent: String = self.text[start..end].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        insert(self.line_end(end), format!("{}{indent}{line}", self.line_break))
    }

    /// A block after the line that this byte ends in, or at the end of the text, with a blank line before it.
    fn block_after(&self, end: Option<usize>, block: &str) -> TextEdit {
        let br = self.line_break;
        match end {
            Some(end) => insert(self.line_end(end), format!("{br}{br}{block}")),
            None if self.text.trim_start_matches('\u{feff}').is_empty() => {
                insert(self.text.len(), format!("{block}{br}"))
            }
            None => {
                let content = self.text.strip_suffix('\n').unwrap_or(self.text);
                let content = content.strip_suffix('\r').unwrap_or(content);
                insert(content.len(), format!("{br}{br}{block}"))
            }
        }
    }

    /// Without the lines of an entry.
    fn without_lines(&self, span: Range<usize>) -> TextEdit {
        let (start, end) = (self.line_start(span.start), self.line_end(span.end));
        match self.break_before(start) {
            Some(before) => replace(before..end, String::new()),
            None => replace(start..self.break_after(end), String::new()),
        }
    }

    /// Without a table: its header and entries, those below it, and the blank line before each.
    fn without_table(&self, table: &Table) -> Vec<TextEdit> {
        let mut edits = Vec::new();
        if table.is_dotted() {
            leaves(table, &mut |span| edits.push(self.without_lines(span)));
        } else if let (Some(header), Some(end)) = (table.span(), self.last_entry(table)) {
            edits.push(self.without_block(header.start..end));
        }
        for (_, item) in table.iter() {
            match item {
                Item::Table(inner) if !inner.is_dotted() => edits.extend(self.without_table(inner)),
                Item::ArrayOfTables(inner) => {
                    edits.extend(inner.iter().flat_map(|table| self.without_table(table)));
                }
                _ => {}
            }
        }
        edits
    }

    fn without_block(&self, span: Range<usize>) -> TextEdit {
        let (start, end) = (self.line_start(span.start), self.line_end(span.end));
        let before = self.break_before(start);
        match before.and_then(|before| self.break_before(before)) {
            Some(blank) => replace(blank..end, String::new()),
            None if before == Some(0) => replace(0..end, String::new()),
            None => {
                let after = self.break_after(end);
                match before {
                    Some(before) if after == end => replace(before..end, String::new()),
                    Some(_) => replace(start..after, String::new()),
                    None => replace(start..self.break_after(after), String::new()),
                }
            }
        }
    }

    fn out_of_inline(&self, table: &InlineTable, name: &str) -> Option<TextEdit> {
        let mut entries: Vec<(Range<usize>, Range<usize>, bool)> = table
            .iter()
            .filter_map(|(entry, value)| {
                let (entry_key, _) = table.get_key_value(entry)?;
                Some((entry_key.span()?, value.span()?, entry == name))
            })
            .collect();
        entries.sort_by_key(|(entry_key, ..)| entry_key.start);
        let index = entries.iter().position(|(.., wanted)| *wanted)?;
        let (own_key, own_value, _) = &entries[index];
        match index.checked_sub(1).map(|before| entries[before].1.end) {
            Some(before) if self.text[before..own_key.start].contains('\n') => {
                // On a line of its own: what stands before it, a comment perhaps, belongs to its neighbour.
                let after = &self.text[own_value.end..];
                let comma = after.len() - after.trim_start_matches([' ', '\t']).len();
                let end = own_value.end + if after[comma..].starts_with(',') { comma + 1 } else { 0 };
                Some(replace(self.break_before(self.line_start(own_key.start))?..end, String::new()))
            }
            Some(before) => Some(replace(before..own_value.end, String::new())),
            None => Some(replace(own_key.start..entries.get(1)?.0.start, String::new())),
        }
    }

    /// Removals that touch or overlap, as one. What starts the file goes with its line break.
    fn merged(&self, mut removals: Vec<TextEdit>) -> Vec<TextEdit> {
        removals.sort_by_key(|edit| edit.start);
        let mut joined: Vec<TextEdit> = Vec::new();
        for edit in removals {
            match joined.last_mut() {
                Some(last) if edit.start <= last.end => last.end = last.end.max(edit.end),
                _ => joined.push(edit),
            }
        }
        if let Some(first) = joined.first_mut()
            && first.start == self.line_start(0)
            && !self.text[first.start..].starts_with(['\n', '\r'])
            && !self.text[..first.end].ends_with('\n')
        {
            first.end = self.break_after(first.end);
        }
        joined
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at]
            .rfind('\n')
            .map_or_else(|| if self.text.starts_with('\u{feff}') { 3 } else { 0 }, |n| n + 1)
    }

    /// The end of the line's content, before its line break.
    fn line_end(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// Where the line break that ends just before this byte starts.
    fn break_before(&self, at: usize) -> Option<usize> {
        let before = self.text[..at].strip_suffix('\n')?;
        Some(before.strip_suffix('\r').unwrap_or(before).len())
    }

    /// One past the line break that starts at this byte, if one does.
    fn break_after(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        let rest_after = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest);
        at + rest.len() - rest_after.len()
    }
}

fn inline_spot<'a>(table: &'a InlineTable, path: &[&str], depth: usize) -> Option<Spot<'a>> {
    let mut table = table;
    for (depth, part) in path.iter().enumerate().skip(depth) {
        match table.get(part) {
            None => return Some(Spot::Inline(table, depth)),
            Some(Value::InlineTable(inner)) if depth + 1 < path.len() => table = inner,
            Some(value) if depth + 1 == path.len() => return Some(Spot::Value(value)),
            Some(_) => return None,
        }
    }
    None
}

/// The end of the last value that stands in a table itself or under its dotted keys.
fn last_leaf(table: &Table) -> Option<usize> {
    let mut last = None;
    leaves(table, &mut |span| last = last.max(Some(span.end)));
    last
}

fn leaves(table: &Table, found: &mut impl FnMut(Range<usize>)) {
    for (_, item) in table.iter() {
        match item {
            Item::Value(value) => {
                if let Some(span) = value.span() {
                    found(span);
                }
            }
            Item::Table(inner) if inner.is_dotted() => leaves(inner, found),
            _ => {}
        }
    }
}

fn into_inline(table: &InlineTable, entry: &str) -> Option<TextEdit> {
    match table.iter().filter_map(|(_, value)| value.span()).map(|span| span.end).max() {
        Some(last) => Some(insert(last, format!(", {entry}"))),
        None => Some(replace(table.span()?, format!("{{ {entry} }}"))),
    }
}

fn into_array(array: &Array, entries: &str) -> Option<TextEdit> {
    match array.iter().filter_map(Value::span).map(|span| span.end).max() {
        Some(last) => Some(insert(last, format!(", {entries}"))),
        None => Some(replace(array.span()?, format!("[{entries}]"))),
    }
}

fn inline_table(entry: &[(&str, Value)]) -> String {
    let entries: Vec<String> =
        entry.iter().map(|(name, value)| format!("{} = {}", key(name), rendered(value))).collect();
    format!("{{ {} }}", entries.join(", "))
}

/// The value inside inline tables of these keys.
fn nested(path: &[&str], written: String) -> String {
    path.iter().rev().fold(written, |inner, part| format!("{{ {} = {inner} }}", key(part)))
}

fn key(name: &str) -> String {
    Key::new(name).display_repr().into_owned()
}

fn rendered(value: &Value) -> String {
    value.to_string().trim().to_owned()
}

fn insert(at: usize, text: String) -> TextEdit {
    TextEdit { start: at, end: at, insert: text }
}

fn replace(span: Range<usize>, text: String) -> TextEdit {
    TextEdit { start: span.start, end: span.end, insert: text }
}
