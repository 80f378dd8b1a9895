//! What one story file says, before other files are known. Owned and serialisable, so that it can be cached by file.

use lockstep_core::diagnostic::Diagnostic;
use serde::{Deserialize, Serialize};

use crate::{
    imports::{ComponentName, Reference},
    model::Place,
    stories::Since,
};

/// What one story file says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoryFacts {
    /// The file's meta: its default export, or the call of a preview's `meta`.
    pub meta: MetaFacts,
    /// The stories in the order of their exports, those that filters leave out not among them.
    pub stories: Vec<StoryExport>,
    /// What is wrong with the file.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether there is nothing in the file at all.
    pub is_empty: bool,
}

/// What the meta of a story file says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetaFacts {
    /// `title`.
    pub title: Title,
    /// `id`.
    pub id: Option<String>,
    /// `component`.
    pub component: Option<ComponentName>,
    /// `args`, in the order of writing.
    pub args: Vec<ArgPart>,
    /// `tags`.
    pub tags: Vec<String>,
    /// Whether it has a `play` function, which stories inherit.
    pub has_play: bool,
    /// Whether Storybook's indexer sees that.
    pub listed_play: Option<Since>,
    /// `parameters.design.url`.
    pub design_url: Option<String>,
    /// Where the meta stands.
    pub place: Place,
}

/// The title of a meta.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Title {
    /// Written out.
    Written(String),
    /// Left out: Storybook derives one from the file's path.
    Inferred,
    /// An expression that is not known without running it.
    Computed(String),
}

/// One story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoryExport {
    /// The name it is exported under.
    pub export_name: String,
    /// How Storybook lists it.
    pub listed: Listing,
    /// Its own args, in the order of writing.
    pub args: Vec<ArgPart>,
    /// Whether it has a play function of its own, or tests.
    pub has_play: bool,
    /// The tests that are added to it.
    pub tests: Vec<TestExport>,
    /// Its own `parameters.design.url`.
    pub design_url: Option<String>,
    /// Where it is declared.
    pub place: Place,
}

/// What Storybook's indexer says of one story. It reads literals only: what a story gets by being spread or extended is
/// not in the index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// The first version that lists it.
    pub since: Since,
    /// The first version that sees the name, the tags and the play function.
    pub annotated: Since,
    /// The display name that its export gives it.
    pub plain_name: String,
    /// The display name it states for itself.
    pub name: Option<String>,
    /// The id that `parameters.__id` sets.
    pub id: Option<String>,
    /// Its own tags.
    pub tags: Vec<String>,
    /// The first version that sees its play function.
    pub play: Option<Since>,
}

/// One test of a story: `Story.test('…', …)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestExport {
    /// Its name.
    pub name: String,
    /// The tags among its options.
    pub tags: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// One part of an args object; later parts win.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArgPart {
    /// `name: value`.
    Set(String, ArgFact),
    /// `...imported`, to be looked up in the other file.
    SpreadImport(Reference),
    /// `...something` that is not known without running it: any arg before it may have been replaced.
    SpreadUnknown(String),
}

/// The value of one arg, before imports are followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArgFact {
    /// A JSON-like literal.
    Literal(serde_json::Value),
    /// `undefined`: as if the arg were not given.
    Undefined,
    /// An imported constant, or a member of one.
    Import(Reference),
    /// Anything else, by its source text.
    Computed(String),
}
