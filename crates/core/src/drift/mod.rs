//! Drift: the differences between the code contract and the design contract after mapping, judged against the
//! baseline.

mod accept;
mod defaults;
mod detect;
mod options;
mod properties;
mod renames;

pub use accept::{Acceptance, Accepted};
pub use detect::detect;
pub(crate) use renames::{Renames, renames_of_both};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{contract::ContractPath, edit::ContractEdit, merge::Moved};

/// One unit of drift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Where in the contract, in code's spelling where code has it.
    pub path: ContractPath,
    /// What happened, seen from the side that moved; from the side that has it when nobody is known to have moved.
    pub kind: ChangeKind,
    /// Who moved.
    pub moved: Moved,
    /// How much it matters.
    pub severity: Severity,
    /// What code says: `null` when it has nothing there.
    pub code: Value,
    /// What the design says, in code's spelling.
    pub design: Value,
    /// What both agreed on; absent when that is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "agreed")]
    pub baseline: Option<Value>,
    /// Why this is drift, in one sentence.
    pub reason: String,
    /// The edits, in code's spelling, that make the design agree with code.
    pub to_design: Vec<ContractEdit>,
    /// The edits that make code agree with the design.
    pub to_code: Vec<ContractEdit>,
}

/// Both may have agreed on nothing being there, which is not the same as not being known.
fn agreed<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

/// What happened to a part of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new on one side.
    Added,
    /// It is gone on one side.
    Removed,
    /// It is on both sides, and differs: another kind, default or name.
    Modified,
}

impl std::fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Modified => "modified",
        })
    }
}

/// How much a change matters to the people who use the component.
///
/// High: something that is used may break (a removal, another kind, a conflict). Medium: something is missing on the
/// other side or behaves differently. Low: text, numbers and slots that only one side states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Worth fixing soon.
    Medium,
    /// Worth fixing now.
    High,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
}
