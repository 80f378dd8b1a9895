//! What one contract edit would change, before any of it is made.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::edit::TextEdit;
use oxc_span::Span;

use super::Note;
use crate::model::Place;

/// Why an edit can't be made: at least one place, each with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) places: Vec<(Place, String)>,
}

impl Refusal {
    pub(super) fn new(place: &Place, reason: impl Into<String>) -> Self {
        Self { places: vec![(place.clone(), reason.into())] }
    }
}

/// All places that forbid an edit, of several that were looked at.
///
/// # Errors
/// When any of them forbids it.
pub(super) fn all_of(results: impl IntoIterator<Item = Result<(), Refusal>>) -> Result<(), Refusal> {
    let mut places = Vec::new();
    for result in results {
        if let Err(refusal) = result {
            places.extend(refusal.places);
        }
    }
    forbidden_by(places)
}

/// Nothing, when no place forbids an edit.
///
/// # Errors
/// The places that do.
pub(super) fn forbidden_by(places: Vec<(Place, String)>) -> Result<(), Refusal> {
    if places.is_empty() { Ok(()) } else { Err(Refusal { places }) }
}

/// The text edits of one contract edit, by file, as edits of the current texts.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) changes: BTreeMap<String, Vec<TextEdit>>,
    pub(super) notes: Vec<Note>,
    /// The files that get stories.
    pub(super) new_stories: BTreeSet<String>,
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

    /// Whether an edit takes a place out or puts something else there.
    pub(super) fn replaces(&self, file: &str, span: Span) -> bool {
        let (start, end) = (span.start as usize, span.end as usize);
        let edits = self.changes.get(file).into_iter().flatten();
        edits.into_iter().any(|edit| edit.start <= start && end <= edit.end)
    }
}
