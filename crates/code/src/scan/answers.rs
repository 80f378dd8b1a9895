//! What stories and Code Connect files asked of the other files: what was made of them holds as long as each question has
//! the same answer.

use std::cell::RefCell;

use lockstep_core::diagnostic::Diagnostic;

use crate::imports::Imports;

/// What was asked while the files beside the components were read, and what else was found then.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Answers {
    /// Tells which files were there, and what else decides how they are read.
    pub key: u64,
    /// How many files were read.
    pub files: usize,
    pub diagnostics: Vec<Diagnostic>,
    pub all: Vec<Answer>,
}

/// One question with its answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub kind: Question,
    pub from: String,
    pub specifier: String,
    /// An exported name, and members of it.
    pub path: Vec<String>,
    /// A file, or a value as JSON.
    pub answer: Option<String>,
}

/// What may be asked, as in [`Imports`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    File,
    Declaration,
    Constant,
}

impl Answers {
    /// Whether everything would be answered in the same way.
    pub fn hold(&self, imports: &dyn Imports) -> bool {
        self.all.iter().all(|known| {
            let Answer { kind, from, specifier, path, answer } = known;
            let now = match (kind, path.first()) {
                (Question::File, _) => imports.file(from, specifier),
                (Question::Declaration, Some(name)) => imports.declaration(from, specifier, name),
                (Question::Declaration, None) => None,
                (Question::Constant, _) => {
                    imports.constant(from, specifier, path).map(|value| value.to_string())
                }
            };
            now == *answer
        })
    }
}

/// Imports of which it is noted what was asked.
pub(super) struct Noted<'i, I> {
    imports: &'i I,
    answers: RefCell<Vec<Answer>>,
}

impl<'i, I: Imports> Noted<'i, I> {
    /// Nothing asked yet.
    pub fn of(imports: &'i I) -> Self {
        Self { imports, answers: RefCell::default() }
    }

    /// All that was asked.
    pub fn into_answers(self) -> Vec<Answer> {
        self.answers.into_inner()
    }

    fn note(&self, kind: Question, from: &str, specifier: &str, path: &[String], answer: Option<String>) {
        self.answers.borrow_mut().push(Answer {
            kind,
            from: from.to_owned(),
            specifier: specifier.to_owned(),
            path: path.to_vec(),
            answer,
        });
    }
}

impl<I: Imports> Imports for Noted<'_, I> {
    fn file(&self, from: &str, specifier: &str) -> Option<String> {
        let file = self.imports.file(from, specifier);
        self.note(Question::File, from, specifier, &[], file.clone());
        file
    }

    fn declaration(&self, from: &str, specifier: &str, name: &str) -> Option<String> {
        let file = self.imports.declaration(from, specifier, name);
        self.note(Question::Declaration, from, specifier, &[name.to_owned()], file.clone());
        file
    }

    fn constant(&self, from: &str, specifier: &str, path: &[String]) -> Option<serde_json::Value> {
        let value = self.imports.constant(from, specifier, path);
        self.note(Question::Constant, from, specifier, path, value.as_ref().map(ToString::to_string));
        value
    }
}
