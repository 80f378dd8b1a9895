//! Edits of a contract as edits of the files that state it: span by span, everything else byte for byte.
//!
//! [`plan`] takes the edits one after another. Each is worked out against the texts as the ones before it left them,
//! and is either made at every place that states it or, as a whole, [`Manual`] with the place that forbids it.

mod add_option;
mod add_property;
mod call_sites;
mod change_kind;
mod class_maps;
mod code_connect;
mod containers;
mod default_place;
mod default_reference;
mod draft;
mod elements;
mod files;
mod function;
mod held;
mod jsdoc;
mod layout;
mod list;
mod markup;
mod members;
mod mentions;
mod names;
mod number;
mod order;
mod outcome;
mod property_type;
mod remove_option;
mod remove_property;
mod rename_option;
mod rename_property;
mod scaffold;
mod session;
mod set_default;
mod spelling;
mod stories;
mod story_file;
mod story_path;
mod story_text;
mod syntax;
#[cfg(test)]
mod tests;
mod uses;
mod variant_map;
mod working_text;

use std::collections::BTreeMap;

use lockstep_core::{
    contract::{OptionName, PropertyName},
    edit::{ContractEdit, TextEdit},
};

pub use files::{MemoryFiles, SourceFiles};
pub use scaffold::plan_stories;

use crate::model::{CodeConnection, Place, ScannedComponent, Story};
use crate::scan::STACK_BYTES;
use draft::{Draft, Refusal};
use session::Session;

/// Whether stories are written for what has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NewStories {
    /// A story for each new option: in the component's story file, or in a new one that is written as another one of the
    /// project is.
    #[default]
    Write,
    /// Only what stands there is kept right.
    Leave,
}

/// What the caller knows or decides beyond the scan.
#[derive(Debug, Clone, Default)]
pub struct EditOptions {
    /// Whether new options get stories.
    pub new_stories: NewStories,
    /// How the design spells an option (by code property and code option), for the maps of Code Connect files.
    pub design_spelling: BTreeMap<(PropertyName, OptionName), String>,
    /// The declarations that other components use, so that a change to a shared one says whom it also changes.
    pub shared: Vec<SharedDeclaration>,
    /// The components that take properties by the same declarations: their code and callers follow too.
    pub heirs: Vec<Heir>,
    /// Story files of the project, the most similar first: one for a component that has none is written like them.
    pub story_models: Vec<StoryModel>,
}

/// A story file that others are written like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryModel {
    /// The file.
    pub file: String,
    /// The file of the component that it shows.
    pub component_file: Option<String>,
}

/// A component that inherits properties of the one that is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heir {
    /// The component.
    pub component: ScannedComponent,
    /// Its stories.
    pub stories: Vec<Story>,
    /// What Code Connect files say of it.
    pub connections: Vec<CodeConnection>,
}

/// A declaration that another component uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedDeclaration {
    /// Where it stands.
    pub place: Place,
    /// The component that uses it.
    pub component: String,
}

/// The edits that a plan makes, and what it leaves to a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeEdits {
    /// The files that change, sorted by path.
    pub files: Vec<FileEdits>,
    /// The edits that are made, as they are made: several edits of a new property are one, and its default is one of
    /// its own. Applied in this order they give the contract that a scan of the edited files must find.
    pub made: Vec<ContractEdit>,
    /// The edits that can't be made safely, each as often as there are places that forbid it; none of their places is
    /// touched.
    pub manual: Vec<Manual>,
    /// What a person should look at although the edit is made.
    pub notes: Vec<Note>,
}

/// The edits of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdits {
    /// The file, relative to the workspace.
    pub file: String,
    /// The SHA-256 of the bytes that the edits are for; none for a new file.
    pub before_sha256: Option<String>,
    /// The edits, in order, without overlaps.
    pub edits: Vec<TextEdit>,
    /// The text afterwards.
    pub after: String,
    /// Whether it gets stories: they are laid out as far as the file shows how.
    pub new_stories: bool,
}

/// An edit that is left to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manual {
    /// The edit.
    pub edit: ContractEdit,
    /// The place that can't be edited.
    pub place: Place,
    /// Why, as a clause without a full stop.
    pub reason: String,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Where, in the text as it was before all edits of the plan where that is known.
    pub place: Place,
    /// What, as a clause without a full stop.
    pub text: String,
}

/// Works out the text edits that make a component's code agree with the contract edits.
pub fn plan(
    component: &ScannedComponent,
    stories: &[&Story],
    connections: &[&CodeConnection],
    edits: &[ContractEdit],
    options: &EditOptions,
    files: &dyn SourceFiles,
) -> CodeEdits {
    on_a_deep_stack(|| plan_here(component, stories, connections, edits, options, files))
}

/// Does the work where the parser has room: it recurses as deeply as code is nested, and the caller's stack may be a small
/// one.
fn on_a_deep_stack<T: Send>(work: impl Fn() -> T + Send + Sync) -> T {
    std::thread::scope(|scope| {
        match std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, &work) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => work(),
        }
    })
}

fn plan_here(
    component: &ScannedComponent,
    stories: &[&Story],
    connections: &[&CodeConnection],
    edits: &[ContractEdit],
    options: &EditOptions,
    files: &dyn SourceFiles,
) -> CodeEdits {
    let mut session = Session::new(component, stories, connections, options, files);
    let mut planned = CodeEdits::default();
    for edit in order::in_order(&component.statement.contract, edits) {
        let drafted = draft_of(&session, &edit).and_then(|draft| session.commit(&edit, draft));
        match drafted {
            Ok(notes) => {
                planned.notes.extend(notes);
                planned.made.push(edit);
            }
            Err(Refusal { places }) => {
                planned.manual.extend(places.into_iter().map(|(place, reason)| Manual {
                    edit: edit.clone(),
                    place,
                    reason,
                }))
            }
        }
    }
    planned.notes.extend(add_property::notes(&session));
    planned.notes.extend(elements::notes(&session, !planned.made.is_empty()));
    planned.files = session.into_files();
    planned
}

fn draft_of(session: &Session<'_>, edit: &ContractEdit) -> Result<Draft, Refusal> {
    elements::fits(session, edit)?;
    session.fits(edit)?;
    markup::fits(session, edit)?;
    if let ContractEdit::AddOption { property, .. }
    | ContractEdit::RemoveOption { property, .. }
    | ContractEdit::RenameOption { property, .. } = edit
    {
        held::unshared(session, property)?;
    }
    let mut draft = match edit {
        ContractEdit::AddProperty { name, property } => add_property::draft(session, name, property),
        ContractEdit::RemoveProperty { name } => remove_property::draft(session, name),
        ContractEdit::RenameProperty { from, to } => rename_property::draft(session, from, to),
        ContractEdit::ChangeKind { name, to } => change_kind::draft(session, name, to),
        ContractEdit::AddOption { property, option } => add_option::draft(session, property, option),
        ContractEdit::RemoveOption { property, option } => remove_option::draft(session, property, option),
        ContractEdit::RenameOption { property, from, to } => {
            rename_option::draft(session, property, from, to)
        }
        ContractEdit::SetDefault { property, to } => set_default::draft(session, property, to.as_deref()),
    }?;
    markup::note_mentions(session, edit, &mut draft);
    Ok(draft)
}
