//! What tests a workspace has: test files by what they do, the parameters of stories that decide how these are tested, and
//! what a project tests all its stories by.

mod file;
mod parameters;
mod setup;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::{coverage::TestKind, diagnostic::Diagnostic};

pub(crate) use file::{hooks, is_test_file, lower};
pub(crate) use parameters::{parameters_of, story_parameters};
pub use setup::{Hook, Setup};
pub(crate) use setup::{services, storybook_addons};

/// What runs a test file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Runner {
    /// Vitest.
    Vitest,
    /// Jest.
    Jest,
    /// Playwright, on pages.
    Playwright,
    /// Playwright, on components.
    PlaywrightComponents,
    /// Cypress.
    Cypress,
    /// Something that has the same functions as most.
    Other,
}

/// All that tests the components of a workspace, but for play functions, which stories tell of themselves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Testing {
    /// The test files that test something, by path.
    pub files: Vec<TestFile>,
    /// What the stories of each file say of how they are tested.
    pub stories: BTreeMap<String, StoryParameters>,
    /// What each package tests its stories by, by its folder.
    pub setups: BTreeMap<String, Setup>,
    /// Pictures that later ones are compared with, where these are kept for stories.
    pub pictures: Vec<String>,
    /// What was wrong with files.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a test file does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFile {
    /// The file.
    pub file: String,
    /// What runs it.
    pub runner: Runner,
    /// The tests by which it tests in one of the ways that are counted.
    pub tests: Vec<Test>,
    /// The titles of all its tests and groups of tests.
    pub titles: Vec<String>,
    /// Words of its texts that may be ids of stories, by the line.
    pub story_ids: BTreeMap<String, u32>,
    /// Whether it goes through the index of all stories.
    pub reads_index: bool,
}

/// A test of a kind that is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    /// The kind.
    pub kind: TestKind,
    /// The line of what makes it one of that kind.
    pub line: u32,
    /// What that is: `toHaveScreenshot`.
    pub by: String,
    /// The ids of stories that its own texts have.
    pub story_ids: BTreeSet<String>,
}

/// What the stories of one file say of how they are tested.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoryParameters {
    /// What the meta says for all of them.
    pub meta: Parameters,
    /// What each says for itself, by its export.
    pub stories: BTreeMap<String, Parameters>,
}

/// Parameters that decide how a story is tested.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    /// `a11y`.
    pub accessibility: Option<Accessibility>,
    /// Whether services take no picture of it: `chromatic.disableSnapshot`, `percy.skip`, `loki.skip` and the like.
    pub without_picture: BTreeMap<String, bool>,
}

/// What becomes of what addon-a11y finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Accessibility {
    /// The test fails.
    Error,
    /// It is shown, and nothing fails.
    Todo,
    /// Nothing is looked for.
    Off,
}

impl StoryParameters {
    /// What holds for one of the stories.
    pub fn of(&self, export: &str) -> Parameters {
        let own = self.stories.get(export).cloned().unwrap_or_default();
        own.or(&self.meta)
    }
}

impl Parameters {
    /// These, and where they say nothing, those of what is around.
    #[must_use]
    pub fn or(mut self, around: &Self) -> Self {
        self.accessibility = self.accessibility.or(around.accessibility);
        for (service, skips) in &around.without_picture {
            self.without_picture.entry(service.clone()).or_insert(*skips);
        }
        self
    }
}
