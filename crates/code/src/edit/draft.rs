//! What one contract edit would change, before any of it is made.

use std::collections::BTreeMap;

use lockstep_core::edit::TextEdit;
use oxc_span::Span;

use super::Note;
use crate::model::Place;

/// Why an edit can't be made, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) place: Place,
    pub(super) reason: String,
}

impl Refusal {
    pub(super) fn new(place: &Place, reason: impl Into<String>) -> Self {
        Self { place: place.clone(), reason: reason.into() }
    }
}

/// The text edits of one contract edit, by file, as edits of the current texts.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) changes: BTreeMap<String, Vec<TextEdit>>,
    pub(super) notes: Vec<Note>,
}

impl Draft {
    pub(super) fn replace(&mut self, file: &str, span: Span, insert: impl Into<String>) {
        self.push(
            file,
            TextEdit { start: span.start as usize, end: span.end as usize, insert: insert.into() },
        );
    }

    pub(super) fn extend(&mut self, file: &str, edits: impl IntoIterator<Item = TextEdit>) {
        for edit in edits {
            self.push(file, edit);
        }
    }

    /// One place may be reached on several ways: the same edit twice is one edit.
    fn push(&mut self, file: &str, edit: TextEdit) {
        let edits = self.changes.entry(file.to_owned()).or_default();
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }

    pub(super) fn note(&mut self, place: Place, text: impl Into<String>) {
        let note = Note { place, text: text.into() };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
