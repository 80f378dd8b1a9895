//! Editing a component: contract edits become node edits, and those become text edits of the file.

mod clone;
mod draft;
mod grid;
mod node_edit;
mod options;
mod properties;

pub use node_edit::NodeEdit;

use lockstep_core::contract::{Contract, Property};
use lockstep_core::edit::{ContractEdit, TextEdit};
use serde::{Deserialize, Serialize};

use self::draft::Draft;
use super::Document;
use crate::{ComponentKind, ContractSource, DesignError, NodeId};

/// What edits of one component come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesignEdits {
    /// The component that is edited.
    pub node_id: NodeId,
    /// What happens to its nodes, in order.
    pub node_edits: Vec<NodeEdit>,
    /// The same as replacements of bytes of the file.
    pub text_edits: Vec<TextEdit>,
    /// What a person has to do in Figma, and why.
    pub manual: Vec<ManualEdit>,
    /// What else a person should know before agreeing.
    pub notes: Vec<String>,
    /// The contract that reading the edited file gives.
    pub expected: Contract,
    /// The hash of the component's state in the edited file, where its node is in it.
    pub state_hash: Option<String>,
}

/// An edit that is not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualEdit {
    /// The edit.
    pub edit: ContractEdit,
    /// Why it is left to a person.
    pub reason: String,
}

/// Plans edits of one component, in the design's spelling and in this order. The same edits of the same file always
/// give the same result, new ids included. Edits of another component of the file are planned on the edited file.
///
/// # Errors
/// When the file has no such component.
pub fn plan_edits(
    document: &Document<'_>,
    node_id: &NodeId,
    edits: &[ContractEdit],
) -> Result<DesignEdits, DesignError> {
    let no_such_node =
        || DesignError::NoSuchNode { file: document.source().to_owned(), node_id: node_id.clone() };
    let component = document.component(node_id).ok_or_else(no_such_node)?;
    let mut expected = component.statement.contract.clone();
    let mut manual = Vec::new();
    let Some(mut draft) = Draft::of(document, component) else {
        if component.source != ContractSource::Listed {
            return Err(no_such_node());
        }
        let reason = "its node is not in this file: edit the file that holds it".to_owned();
        manual.extend(edits.iter().map(|edit| ManualEdit { edit: edit.clone(), reason: reason.clone() }));
        return Ok(DesignEdits {
            node_id: node_id.clone(),
            node_edits: Vec::new(),
            text_edits: Vec::new(),
            manual,
            notes: Vec::new(),
            expected,
            state_hash: None,
        });
    };
    for (index, edit) in edits.iter().enumerate() {
        let rest = edits.get(index + 1..).unwrap_or_default();
        let notes = draft.notes.len();
        if let Err(reason) = step(&mut draft, &mut expected, edit, rest) {
            draft.notes.truncate(notes);
            manual.push(ManualEdit { edit: edit.clone(), reason });
        }
    }
    let (text_edits, state_hash) = (draft.text_edits(), draft.state_hash());
    let (node_edits, notes) = (draft.node_edits, draft.notes);
    Ok(DesignEdits { node_id: node_id.clone(), node_edits, text_edits, manual, notes, expected, state_hash })
}

/// Makes one edit: in the draft and in the expected contract, or in neither.
fn step(
    draft: &mut Draft<'_>,
    expected: &mut Contract,
    edit: &ContractEdit,
    rest: &[ContractEdit],
) -> Result<(), String> {
    draft.refuse_unsafe()?;
    let edit = as_figma_can(edit, draft)?;
    let mut after = expected.clone();
    edit.apply(&mut after).map_err(|error| error.to_string())?;
    match &edit {
        ContractEdit::AddOption { property, option } => draft.add_option(property, option, expected)?,
        ContractEdit::RemoveOption { property, option } => {
            if let Some(default) = draft.remove_option(property, option, expected, rest)? {
                let to = Some(default);
                let moved = ContractEdit::SetDefault { property: property.clone(), to };
                moved.apply(&mut after).map_err(|error| error.to_string())?;
            }
        }
        ContractEdit::RenameOption { property, from, to } => draft.rename_option(property, from, to)?,
        ContractEdit::AddProperty { name, property } => draft.add_property(name, property, expected)?,
        ContractEdit::RemoveProperty { name } => draft.remove_property(name, expected)?,
        ContractEdit::RenameProperty { from, to } => draft.rename_property(from, to)?,
        ContractEdit::SetDefault { property, to } => draft.set_default(property, to.as_deref())?,
        ContractEdit::ChangeKind { .. } => {
            return Err("Figma can't turn a property into another kind: add the new one, move its uses, remove the old one"
                .to_owned());
        }
    }
    *expected = after;
    Ok(())
}

/// The edit with what Figma always needs: each variant and boolean property has a default there.
fn as_figma_can(edit: &ContractEdit, draft: &mut Draft<'_>) -> Result<ContractEdit, String> {
    let ContractEdit::AddProperty { name, property } = edit else { return Ok(edit.clone()) };
    let property = match property {
        Property::Enum { options, default: None } => {
            let first = options.first().ok_or("an enum without options can't be drawn")?;
            draft.notes.push(format!("Figma needs a default: `{name}` gets `{first}`"));
            Property::Enum { options: options.clone(), default: Some(first.clone()) }
        }
        Property::Boolean { default: None } => {
            draft.notes.push(format!("Figma needs a default: `{name}` gets `false`"));
            Property::boolean(Some(false))
        }
        Property::Number => return Err("Figma has no number properties".to_owned()),
        other => other.clone(),
    };
    if matches!(property, Property::Enum { .. }) && draft.kind == ComponentKind::Single {
        return Err("a single component has no variants: make it a component set in Figma first".to_owned());
    }
    Ok(ContractEdit::AddProperty { name: name.clone(), property })
}
