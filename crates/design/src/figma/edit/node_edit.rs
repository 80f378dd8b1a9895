//! Edits of nodes, as people read and stores keep them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::NodeId;

/// One thing that happens to the nodes of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "node_edit", rename_all = "snake_case")]
pub enum NodeEdit {
    /// A variant is drawn by copying another.
    AddVariant {
        /// The variant that is copied.
        clone_of: NodeId,
        /// The new variant.
        id: NodeId,
        /// Its name.
        name: String,
    },
    /// A variant goes.
    RemoveVariant {
        /// The variant.
        id: NodeId,
        /// Its name.
        name: String,
    },
    /// A variant gets another name.
    RenameVariant {
        /// The variant.
        id: NodeId,
        /// The name so far.
        from: String,
        /// The name from now on.
        to: String,
    },
    /// A property is defined.
    AddDefinition {
        /// Its key, with the `#id` that Figma gives to all but variant properties.
        key: String,
        /// Figma's type: `BOOLEAN`, `TEXT`, `INSTANCE_SWAP` or `VARIANT`.
        kind: String,
        /// Its default, as JSON.
        default: String,
    },
    /// A property's definition goes.
    RemoveDefinition {
        /// Its key.
        key: String,
    },
    /// A property's definition gets another key; its `#id` stays.
    RenameDefinition {
        /// The key so far.
        from: String,
        /// The key from now on.
        to: String,
    },
    /// A property gets another default.
    SetDefault {
        /// Its key.
        key: String,
        /// The default so far, as JSON.
        from: String,
        /// The default from now on, as JSON.
        to: String,
    },
    /// A variant property gets an option.
    AddOption {
        /// Its key.
        key: String,
        /// The option.
        option: String,
    },
    /// A variant property loses an option.
    RemoveOption {
        /// Its key.
        key: String,
        /// The option.
        option: String,
    },
    /// An option of a variant property gets another name.
    RenameOption {
        /// Its key.
        key: String,
        /// The name so far.
        from: String,
        /// The name from now on.
        to: String,
    },
    /// An instance elsewhere in the file follows a rename or a removal.
    UpdateInstance {
        /// The instance.
        id: NodeId,
    },
}

impl std::fmt::Display for NodeEdit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AddVariant { clone_of, id, name } => {
                write!(f, "+ variant {name} ({id}), a copy of {clone_of}")
            }
            Self::RemoveVariant { id, name } => write!(f, "- variant {name} ({id})"),
            Self::RenameVariant { id, from, to } => write!(f, "~ variant {from} -> {to} ({id})"),
            Self::AddDefinition { key, kind, default } => {
                write!(f, "+ property {key}: {kind}, default {default}")
            }
            Self::RemoveDefinition { key } => write!(f, "- property {key}"),
            Self::RenameDefinition { from, to } => write!(f, "~ property {from} -> {to}"),
            Self::SetDefault { key, from, to } => write!(f, "~ default of {key}: {from} -> {to}"),
            Self::AddOption { key, option } => write!(f, "+ option {key}={option}"),
            Self::RemoveOption { key, option } => write!(f, "- option {key}={option}"),
            Self::RenameOption { key, from, to } => write!(f, "~ option {key}={from} -> {to}"),
            Self::UpdateInstance { id } => write!(f, "~ instance {id}"),
        }
    }
}
