//! Stories for options that no story shows yet.

use std::collections::BTreeMap;

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_allocator::Allocator;

use super::{
    CodeEdits, EditOptions, Note, SourceFiles,
    draft::{Draft, Refusal},
    on_a_deep_stack,
    session::Session,
    story_file, story_text,
};
use crate::model::{ScannedComponent, Story};

/// Works out stories for options that a component has and none of its stories shows: in the file that its stories stand in,
/// or in a new one. What is there stays byte for byte. What can't be written is noted, with why.
pub fn plan_stories(
    component: &ScannedComponent,
    stories: &[&Story],
    missing: &[(PropertyName, OptionName)],
    options: &EditOptions,
    files: &dyn SourceFiles,
) -> CodeEdits {
    on_a_deep_stack(|| plan_here(component, stories, missing, options, files))
}

fn plan_here(
    component: &ScannedComponent,
    stories: &[&Story],
    missing: &[(PropertyName, OptionName)],
    options: &EditOptions,
    files: &dyn SourceFiles,
) -> CodeEdits {
    let mut session = Session::new(component, stories, &[], options, files);
    let mut planned = CodeEdits::default();
    let mut by_property: BTreeMap<&PropertyName, Vec<&OptionName>> = BTreeMap::new();
    for (property, option) in missing {
        by_property.entry(property).or_default().push(option);
    }
    let nothing = PropertyName::from("");
    if stories.is_empty() && by_property.is_empty() {
        // The component as it is by itself.
        by_property.insert(&nothing, Vec::new());
    }
    for (property, options) in by_property {
        match draft_of(&session, property, &options).and_then(|draft| session.commit_stories(draft)) {
            Ok(notes) => planned.notes.extend(notes),
            Err(Refusal { places }) => {
                planned.notes.extend(places.into_iter().map(|(place, text)| Note { place, text }));
            }
        }
    }
    planned.files = session.into_files();
    planned
}

fn draft_of(
    session: &Session<'_>,
    property: &PropertyName,
    options: &[&OptionName],
) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    match session.stories.first() {
        None => story_file::add(session, property, options, &mut draft),
        Some(story) => {
            let allocator = Allocator::default();
            let source = session.source(&allocator, &story.declared)?;
            story_text::add(session, &source, property, options, &mut draft);
        }
    }
    Ok(draft)
}
