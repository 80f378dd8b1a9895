//! Members of a list in a text: union members, array elements, object properties, enum members. One more, one fewer,
//! laid out as the others are.

use lockstep_core::edit::TextEdit;
use oxc_span::Span;

use super::{draft::Refusal, syntax::Source};

/// What stands between two members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// Array elements, object properties, enum members, bindings.
    Comma,
    /// Union members.
    Bar,
}

impl Separator {
    fn sign(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Bar => '|',
        }
    }
}

/// The members of a list, in the order of the text.
pub(super) struct List<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    /// Everything between the brackets, or the whole union.
    pub(super) inside: Span,
    pub(super) members: Vec<Span>,
    pub(super) separator: Separator,
}

impl List<'_, '_> {
    /// Inserts a member behind another.
    pub(super) fn insert_after(&self, index: usize, member: &str) -> Vec<TextEdit> {
        let Some(anchor) = self.members.get(index).copied() else { return self.insert_only(member) };
        let end = anchor.end as usize;
        let comment = self.source.trailing_comment(end, &[',']);
        match (comment, self.separator) {
            (None, _) => vec![insertion(end, self.gap(index) + member)],
            (Some(comment), Separator::Bar) => {
                vec![insertion(comment.end as usize, format!("{}| {member}", self.new_line(anchor)))]
            }
            (Some(comment), Separator::Comma) => {
                let line = self.new_line(anchor);
                let has_comma = !self.source.only(end, comment.start as usize, &[]);
                let closes = if has_comma { "," } else { "" };
                let mut edits = vec![insertion(comment.end as usize, format!("{line}{member}{closes}"))];
                if !has_comma {
                    edits.insert(0, insertion(end, ",".to_owned()));
                }
                edits
            }
        }
    }

    fn insert_only(&self, member: &str) -> Vec<TextEdit> {
        let (start, end) = (self.inside.start as usize, self.inside.end as usize);
        if !self.source.only(start, end, &[]) {
            // A comment alone in the brackets stays in front.
            return vec![insertion(end, format!("{member} "))];
        }
        let insert = if self.is_object() { format!(" {member} ") } else { member.to_owned() };
        vec![TextEdit { start, end, insert }]
    }

    fn is_object(&self) -> bool {
        let before = (self.inside.start as usize).checked_sub(1);
        before.and_then(|at| self.source.text.as_bytes().get(at)) == Some(&b'{')
    }

    /// What stands between the member and the one before it, or would.
    fn gap(&self, index: usize) -> String {
        let sign = self.separator.sign();
        let between = |left: Option<&Span>, right: Option<&Span>| {
            let (from, to) = (left?.end as usize, right?.start as usize);
            self.source.only(from, to, &[sign]).then(|| self.source.text.get(from..to).map(str::to_owned))?
        };
        let before = index.checked_sub(1).and_then(|before| self.members.get(before));
        let known = between(before, self.members.get(index));
        if let Some(gap) = known.or_else(|| between(self.members.get(index), self.members.get(index + 1))) {
            return without_blank_lines(&gap);
        }
        let Some(anchor) = self.members.get(index) else { return String::new() };
        match (self.starts_line(*anchor), self.separator) {
            (true, Separator::Comma) => format!(",{}", self.new_line(*anchor)),
            (true, Separator::Bar) => format!("{}| ", self.new_line(*anchor)),
            (false, Separator::Comma) => ", ".to_owned(),
            (false, Separator::Bar) => " | ".to_owned(),
        }
    }

    fn new_line(&self, beside: Span) -> String {
        format!("{}{}", self.source.eol(), self.source.indent_at(beside.start as usize))
    }

    /// Whether a member is the first thing on its line, but for the bar before it.
    fn starts_line(&self, member: Span) -> bool {
        let start = member.start as usize;
        let allowed: &[char] = if self.separator == Separator::Bar { &['|'] } else { &[] };
        self.source.only(self.source.line_start(start), start, allowed)
    }

    /// Takes a member out, with its separator, its own line and the comments that belong to it.
    ///
    /// # Errors
    /// When it is the only member, or a comment stands where it would be torn from what it is about.
    pub(super) fn remove(&self, index: usize) -> Result<Vec<TextEdit>, Refusal> {
        let Some(member) = self.members.get(index).copied() else { return Ok(Vec::new()) };
        if self.members.len() == 1 {
            return Err(self.source.refuse(member, "it is the only one left in its list"));
        }
        if let Some(edits) = self.remove_lines(index, member) {
            return Ok(edits);
        }
        let sign = [self.separator.sign()];
        let (start, end) = (member.start as usize, member.end as usize);
        let before = index.checked_sub(1).and_then(|before| self.members.get(before));
        if let Some(before) = before.filter(|before| self.source.only(before.end as usize, start, &sign)) {
            return Ok(vec![deletion(before.end as usize, end)]);
        }
        if let Some(after) =
            self.members.get(index + 1).filter(|after| self.source.only(end, after.start as usize, &sign))
        {
            return Ok(vec![deletion(start, after.start as usize)]);
        }
        Err(self.source.refuse(member, "a comment stands between it and its neighbours"))
    }

    /// Takes several members out; neighbours among them go in one piece.
    ///
    /// # Errors
    /// As [`Self::remove`], and when none would be left.
    pub(super) fn remove_all(&self, gone: &[usize]) -> Result<Vec<TextEdit>, Refusal> {
        let mut members: Vec<(Span, bool)> = Vec::new();
        for (index, member) in self.members.iter().enumerate() {
            let goes = gone.contains(&index);
            match members.last_mut() {
                Some((run, true)) if goes => *run = Span::new(run.start, member.end),
                _ => members.push((*member, goes)),
            }
        }
        let merged = List {
            source: self.source,
            inside: self.inside,
            members: members.iter().map(|(span, _)| *span).collect(),
            separator: self.separator,
        };
        let mut edits = Vec::new();
        for (index, _) in members.iter().enumerate().filter(|(_, (_, goes))| *goes) {
            edits.extend(merged.remove(index)?);
        }
        Ok(edits)
    }

    /// Takes out the lines of a member that shares them with nothing else.
    fn remove_lines(&self, index: usize, member: Span) -> Option<Vec<TextEdit>> {
        let source = self.source;
        let (start, end) = (member.start as usize, member.end as usize);
        let line_start = source.line_start(start);
        let begins_with_bar = source.text.get(line_start..start).is_some_and(|text| text.contains('|'));
        if !self.starts_line(member) || (self.separator == Separator::Bar && !begins_with_bar) {
            return None;
        }
        let line_end = source.line_end(end);
        let separators: &[char] = if self.separator == Separator::Comma { &[','] } else { &[] };
        let alone =
            source.only(end, line_end, separators) || source.trailing_comment(end, separators).is_some();
        let next_line = source.next_line(end);
        if !alone || next_line > self.inside.end as usize && self.separator == Separator::Comma {
            return None;
        }
        let first = source.doc_before(start).map_or(start, |doc| doc.start as usize);
        let first_line = source.line_start(first);
        if !source.only(first_line, first, &['|']) {
            return None;
        }
        let mut edits = Vec::new();
        let is_last = index + 1 == self.members.len();
        let has_comma = source.text.get(end..line_end).is_some_and(|rest| rest.trim_start().starts_with(','));
        if self.separator == Separator::Comma && is_last && !has_comma && index > 0 {
            let before = self.members.get(index - 1)?.end as usize;
            let comma = source.text.get(before..start)?.find(',')?;
            edits.push(deletion(before + comma, before + comma + 1));
        }
        if next_line == source.text.len() && self.separator == Separator::Bar {
            // The last line of the text may lack its line ending: the one before it goes instead.
            let above = source.text.get(..first_line)?;
            let above = above.strip_suffix('\n').unwrap_or(above);
            edits.push(deletion(above.strip_suffix('\r').unwrap_or(above).len(), line_end));
        } else {
            edits.push(deletion(first_line, next_line));
        }
        Some(edits)
    }
}

/// What parts two groups of members is no way to part a member from its neighbour.
fn without_blank_lines(gap: &str) -> String {
    match (gap.find('\n'), gap.rfind('\n')) {
        (Some(first), Some(last)) if first < last => format!("{}{}", &gap[..=first], &gap[last + 1..]),
        _ => gap.to_owned(),
    }
}

pub(super) fn insertion(at: usize, insert: String) -> TextEdit {
    TextEdit { start: at, end: at, insert }
}

pub(super) fn deletion(start: usize, end: usize) -> TextEdit {
    TextEdit { start, end, insert: String::new() }
}
