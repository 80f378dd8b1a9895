//! One row a variant: where it is declared, shown and tested.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{contract::VariantName, word::words};

words! {
    /// Whether a side has a variant.
    Presence ("presence") {
        /// It has.
        Present = "present",
        /// It has not.
        Absent = "absent",
        /// It can't be said: the component stands for no design component, or not all of it could be read.
        Unknown = "unknown",
    }
}

/// How a variant is tested in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tested {
    /// What tests a story that shows the variant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variant: Vec<String>,
    /// What tests the component, without any variant being known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub component: Vec<String>,
}

impl Tested {
    /// Whether nothing tests it.
    pub fn is_missing(&self) -> bool {
        self.variant.is_empty() && self.component.is_empty()
    }
}

/// One variant of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixRow {
    /// The variant.
    pub variant: VariantName,
    /// Whether it counts; one that only the design has does not.
    pub counts: bool,
    /// Whether the design has it.
    pub design: Presence,
    /// Whether code has it.
    pub code: Presence,
    /// The stories that show it.
    pub stories: Vec<String>,
    /// Stories that may show it: what they give is computed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_show: Vec<String>,
    /// Whether its pictures are compared.
    pub visual: Tested,
    /// Whether it is played with.
    pub interaction: Tested,
    /// Whether it is held against rules of accessibility.
    pub accessibility: Tested,
}
