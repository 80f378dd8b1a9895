//! A text that is edited several times over and still knows which of its bytes are the original ones.

use lockstep_core::edit::{TextEdit, TextEditError, apply_text_edits};

use crate::model::Place;

/// A file's text before and after the edits made so far.
#[derive(Debug, Clone)]
pub(super) struct WorkingText {
    before: String,
    current: String,
    pieces: Vec<Piece>,
}

/// A stretch of the current text.
#[derive(Debug, Clone)]
enum Piece {
    /// Bytes of the original text.
    Kept { start: usize, end: usize },
    /// Text that an edit brought in.
    New(String),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Kept { start, end } => end - start,
            Self::New(text) => text.len(),
        }
    }

    fn slice(&self, from: usize, to: usize) -> Self {
        match self {
            Self::Kept { start, .. } => Self::Kept { start: start + from, end: start + to },
            Self::New(text) => Self::New(text.get(from..to).unwrap_or_default().to_owned()),
        }
    }
}

impl WorkingText {
    pub(super) fn new(before: String) -> Self {
        let pieces = vec![Piece::Kept { start: 0, end: before.len() }];
        Self { current: before.clone(), before, pieces }
    }

    pub(super) fn before(&self) -> &str {
        &self.before
    }

    pub(super) fn current(&self) -> &str {
        &self.current
    }

    /// The text after edits of the current one, sorted and checked.
    pub(super) fn edited(&self, edits: &[TextEdit]) -> Result<String, TextEditError> {
        apply_text_edits(&self.current, edits)
    }

    /// Takes over `after`, which [`Self::edited`] made from the same edits.
    pub(super) fn commit(&mut self, edits: &[TextEdit], after: String) {
        let mut sorted: Vec<&TextEdit> = edits.iter().collect();
        sorted.sort_by_key(|edit| (edit.start, edit.end));
        let mut pieces = Vec::new();
        let mut done = 0;
        for edit in sorted {
            self.copy(done, edit.start, &mut pieces);
            pieces.push(Piece::New(edit.insert.clone()));
            done = edit.end;
        }
        self.copy(done, self.current.len(), &mut pieces);
        self.pieces = pieces;
        self.current = after;
    }

    fn copy(&self, from: usize, to: usize, into: &mut Vec<Piece>) {
        let mut at = 0;
        for piece in &self.pieces {
            let end = at + piece.len();
            let (low, high) = (from.max(at), to.min(end));
            if low < high {
                into.push(piece.slice(low - at, high - at));
            }
            at = end;
        }
    }

    /// All edits so far, as edits of the original text.
    pub(super) fn edits(&self) -> Vec<TextEdit> {
        let mut edits = Vec::new();
        let (mut at, mut pending) = (0, String::new());
        let end = Piece::Kept { start: self.before.len(), end: self.before.len() };
        for piece in self.pieces.iter().chain([&end]) {
            match piece {
                Piece::New(text) => pending.push_str(text),
                Piece::Kept { start, end } => {
                    let replaced = self.before.get(at..*start).unwrap_or_default();
                    if replaced != pending {
                        edits.push(TextEdit { start: at, end: *start, insert: std::mem::take(&mut pending) });
                    }
                    pending.clear();
                    at = *end;
                }
            }
        }
        edits
    }
}

/// Moves a place of the text that the edits were made in to where it stands in the text after them. What is inserted
/// at either end of a place stays outside of it; what replaces it is inside.
pub(super) fn shift(place: &mut Place, edits: &[TextEdit], after: &str) {
    let (start, end) = (place.start as usize, place.end as usize);
    let moved_start = moved(start, edits, |edit| edit.end <= start, |edit| (edit.start, 0));
    let moved_end = moved(
        end,
        edits,
        |edit| edit.end <= end && !(edit.start == edit.end && edit.end == end && start < end),
        |edit| (edit.start, edit.insert.len()),
    );
    let place_of = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    place.start = place_of(moved_start);
    place.end = place_of(moved_end.max(moved_start));
    let before = after.get(..moved_start).unwrap_or(after);
    place.line = place_of(before.bytes().filter(|byte| *byte == b'\n').count() + 1);
}

fn moved(
    position: usize,
    edits: &[TextEdit],
    stands_before: impl Fn(&TextEdit) -> bool,
    inside: impl Fn(&TextEdit) -> (usize, usize),
) -> usize {
    let (mut base, mut grown, mut shrunk) = (position, 0, 0);
    for edit in edits {
        if stands_before(edit) {
            grown += edit.insert.len();
            shrunk += edit.end - edit.start;
        } else if edit.start < position && position < edit.end {
            let (start, extra) = inside(edit);
            base = start;
            grown += extra;
        }
    }
    (base + grown).saturating_sub(shrunk)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: usize, end: usize, insert: &str) -> TextEdit {
        TextEdit { start, end, insert: insert.into() }
    }

    fn commit(text: &mut WorkingText, edits: &[TextEdit]) {
        let after = text.edited(edits).unwrap();
        text.commit(edits, after);
    }

    #[test]
    fn rounds_of_edits_add_up_to_edits_of_the_original() {
        let mut text = WorkingText::new("one two three".into());
        commit(&mut text, &[edit(4, 7, "2"), edit(13, 13, "!")]);
        commit(&mut text, &[edit(4, 5, "zwei"), edit(0, 0, ">")]);
        assert_eq!(text.current(), ">one zwei three!");
        assert_eq!(text.edits(), [edit(0, 0, ">"), edit(4, 7, "zwei"), edit(13, 13, "!")]);
        assert_eq!(apply_text_edits(text.before(), &text.edits()).unwrap(), text.current());
    }

    #[test]
    fn an_edit_taken_back_is_no_edit() {
        let mut text = WorkingText::new("ab".into());
        commit(&mut text, &[edit(0, 1, "xx")]);
        commit(&mut text, &[edit(0, 2, "a")]);
        assert_eq!(text.edits(), []);
    }

    #[test]
    fn places_move_with_the_text() {
        let place = |start, end| Place { file: "f".into(), start, end, line: 1 };
        for (edits, expected) in [
            (vec![edit(0, 0, "12")], (6, 9)),
            (vec![edit(4, 4, "12")], (6, 9)),
            (vec![edit(7, 7, "12")], (4, 7)),
            (vec![edit(4, 7, "12")], (4, 6)),
            (vec![edit(5, 6, "")], (4, 6)),
            (vec![edit(0, 3, "")], (1, 4)),
        ] {
            let mut moved = place(4, 7);
            shift(&mut moved, &edits, "one two three and more");
            assert_eq!((moved.start, moved.end), expected, "{edits:?}");
        }
    }
}
