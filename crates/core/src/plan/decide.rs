//! What becomes of each change: the default stands beside the decision, and what is left has a reason.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Choice, ComponentSelection};
use crate::{
    contract::{Contract, ContractPath, PropertyName},
    direction::Direction,
    drift::{Change, ChangeKind},
    edit::ContractEdit,
    merge::Moved,
};

/// A change and what is to be done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedChange {
    /// The change.
    pub change: Change,
    /// What Lockstep proposes for the direction, before any choice of a person.
    pub proposal: Decision,
    /// What will be done.
    pub decision: Decision,
}

/// What is done with a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Decision {
    /// The design is edited.
    WriteDesign,
    /// Code is edited.
    WriteCode,
    /// Nothing, for a reason.
    Leave {
        /// The reason.
        reason: String,
    },
}

impl Decision {
    fn leave(reason: impl Into<String>) -> Self {
        Self::Leave { reason: reason.into() }
    }
}

/// What a sync would do with one component.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentPlan {
    /// Every change, decided.
    pub changes: Vec<PlannedChange>,
    /// The edits of code, in the order in which they apply.
    pub code_edits: Vec<PlannedEdit>,
    /// The edits of the design, in code's spelling, in the order in which they apply.
    pub design_edits: Vec<PlannedEdit>,
}

/// An edit and the change that it serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedEdit {
    /// The path of the change.
    pub path: ContractPath,
    /// The edit.
    pub edit: ContractEdit,
}

/// Decides each change and orders the edits. `code` and `design` are the compared contracts, on which the edits are
/// tried: an edit that does not apply without one that was excluded is left, with that reason.
pub fn decide(
    changes: &[Change],
    selection: &ComponentSelection,
    code: &Contract,
    design: &Contract,
) -> ComponentPlan {
    let mut planned: Vec<PlannedChange> = changes
        .iter()
        .map(|change| {
            let proposal = propose(change, selection.direction);
            let decision = choose(change, &proposal, selection);
            PlannedChange { change: change.clone(), proposal, decision }
        })
        .collect();
    loop {
        let code_edits = ordered(&planned, &Decision::WriteCode);
        let design_edits = ordered(&planned, &Decision::WriteDesign);
        // Both sides are tried before either decides, so that neither has the first word.
        let refused = [refused(&code_edits, &planned, code), refused(&design_edits, &planned, design)];
        if refused.iter().all(BTreeMap::is_empty) {
            return ComponentPlan { changes: planned, code_edits, design_edits };
        }
        for planned in &mut planned {
            let why = match planned.decision {
                Decision::WriteCode => refused[0].get(&planned.change.path),
                Decision::WriteDesign => refused[1].get(&planned.change.path),
                Decision::Leave { .. } => None,
            };
            if let Some(why) = why {
                planned.decision =
                    Decision::leave(format!("it needs another change that was left out: {why}"));
            }
        }
    }
}

fn propose(change: &Change, direction: Direction) -> Decision {
    match (direction, change.moved) {
        (Direction::CodeToDesign, _) | (Direction::Bidirectional, Moved::CodeAhead) => Decision::WriteDesign,
        (Direction::DesignToCode, _) | (Direction::Bidirectional, Moved::DesignAhead) => Decision::WriteCode,
        (Direction::Bidirectional, Moved::Conflict) => {
            Decision::leave("both sides moved, differently: choose a side")
        }
        // Without a baseline only what one side lacks is added, and nothing removed.
        (Direction::Bidirectional, Moved::Undetermined) => match change.kind {
            ChangeKind::Added if change.design.is_null() => Decision::WriteDesign,
            ChangeKind::Added if change.code.is_null() => Decision::WriteCode,
            _ => Decision::leave("no baseline tells who moved: choose a side"),
        },
    }
}

fn choose(change: &Change, proposal: &Decision, selection: &ComponentSelection) -> Decision {
    if !selection.selects(&change.path) {
        return Decision::leave("excluded");
    }
    match selection.choice(&change.path) {
        Some(Choice::Code) => Decision::WriteDesign,
        Some(Choice::Design) => Decision::WriteCode,
        None => proposal.clone(),
    }
}

/// The edits of one side, in the order in which they apply.
fn ordered(planned: &[PlannedChange], decision: &Decision) -> Vec<PlannedEdit> {
    let mut edits: Vec<PlannedEdit> = planned
        .iter()
        .filter(|planned| planned.decision == *decision)
        .flat_map(|planned| {
            let side = if *decision == Decision::WriteCode {
                &planned.change.to_code
            } else {
                &planned.change.to_design
            };
            side.iter().map(|edit| PlannedEdit { path: planned.change.path.clone(), edit: edit.clone() })
        })
        .collect();
    let with_default: BTreeSet<PropertyName> =
        edits.iter().filter_map(|planned| default_of(&planned.edit)).cloned().collect();
    let place = |planned: &PlannedEdit| order(&planned.edit, with_default.contains(planned.edit.property()));
    edits.sort_by(|a, b| (place(a), &a.path).cmp(&(place(b), &b.path)));
    edits
}

/// The changes whose edits do not apply on one side's contract, and why.
fn refused(
    edits: &[PlannedEdit],
    planned: &[PlannedChange],
    contract: &Contract,
) -> BTreeMap<ContractPath, String> {
    let mut after = contract.clone();
    let mut refused = BTreeMap::new();
    for edit in edits {
        let why = edit.edit.apply(&mut after).err().map(|error| error.to_string());
        let why = why.or_else(|| takes_open_default(edit, planned, contract));
        refused.extend(why.map(|why| (edit.path.clone(), why)));
    }
    refused
}

/// Why an option has to stay: it is the default, and another default was not decided on.
fn takes_open_default(edit: &PlannedEdit, planned: &[PlannedChange], contract: &Contract) -> Option<String> {
    let ContractEdit::RemoveOption { property, option } = &edit.edit else { return None };
    let default = contract.property(property)?.default_text()?;
    let of_default = ContractPath::Default(edit.path.property().clone());
    let is_open = planned.iter().any(|planned| {
        planned.change.path == of_default && matches!(planned.decision, Decision::Leave { .. })
    });
    (is_open && default == option.as_str()).then(|| format!("`{option}` is the default of `{property}`"))
}

fn default_of(edit: &ContractEdit) -> Option<&PropertyName> {
    match edit {
        ContractEdit::SetDefault { property, .. } => Some(property),
        _ => None,
    }
}

/// What is needed comes before what needs it: options before the default that names them, a property's options under
/// its old name before its new name. An option goes before others come, so that nothing is drawn for it, but not before
/// the default has left it.
fn order(edit: &ContractEdit, default_moves: bool) -> u8 {
    match edit {
        ContractEdit::RemoveProperty { .. } => 0,
        ContractEdit::ChangeKind { .. } => 1,
        ContractEdit::RemoveOption { .. } if !default_moves => 2,
        ContractEdit::RenameOption { .. } => 3,
        ContractEdit::AddOption { .. } => 4,
        ContractEdit::SetDefault { .. } => 5,
        ContractEdit::RemoveOption { .. } => 6,
        ContractEdit::RenameProperty { .. } => 7,
        ContractEdit::AddProperty { .. } => 8,
    }
}
