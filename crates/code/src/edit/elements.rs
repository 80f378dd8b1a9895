//! Custom elements: their manifest is made from their source, so that only the source is edited.

use lockstep_core::edit::ContractEdit;

use super::{Note, draft::Refusal, session::Session};
use crate::Framework;

/// Whether an edit can be made in an element's source.
///
/// # Errors
/// The place in the manifest, or in the source, and what a person has to do there.
pub(super) fn fits(session: &Session<'_>, edit: &ContractEdit) -> Result<(), Refusal> {
    let component = &session.component;
    if component.framework != Framework::CustomElements {
        return Ok(());
    }
    let origin = component.origins.get(edit.property());
    let place = origin.map_or(&component.declared, |origin| &origin.declared);
    if place.file.ends_with(".json") {
        let reason = "the manifest is made from the element's source: change it there, and generate it again";
        return Err(Refusal::new(place, reason));
    }
    match edit {
        ContractEdit::AddOption { .. }
        | ContractEdit::RemoveOption { .. }
        | ContractEdit::RenameOption { .. }
        | ContractEdit::SetDefault { .. } => Ok(()),
        ContractEdit::AddProperty { .. } => {
            Err(Refusal::new(place, "a new attribute of an element is declared by hand in its class"))
        }
        ContractEdit::RemoveProperty { name }
        | ContractEdit::RenameProperty { from: name, .. }
        | ContractEdit::ChangeKind { name, .. } => {
            Err(Refusal::new(place, format!("where the element uses `{name}` itself can't be told")))
        }
    }
}

/// What is left to do once an element's source has changed.
pub(super) fn notes(session: &Session<'_>, has_changed: bool) -> Option<Note> {
    let component = &session.component;
    (has_changed && component.framework == Framework::CustomElements).then(|| Note {
        place: component.declared.clone(),
        text: "the manifest of the package's elements is to be generated again".to_owned(),
    })
}
