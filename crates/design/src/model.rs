//! What a reading of a design file finds.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{
    contract::{OptionName, PropertyName},
    diagnostic::Diagnostic,
    statement::Statement,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Everything that a reading of one design file finds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesignScan {
    /// The file's own title.
    pub name: String,
    /// The version that the design tool gave it.
    pub version: Option<String>,
    /// When the design tool last saw it change.
    pub last_modified: Option<DateTime<Utc>>,
    /// The design components, in the file's order.
    pub components: Vec<DesignComponent>,
    /// What was wrong or deserves a look; the rest was read all the same.
    pub diagnostics: Vec<Diagnostic>,
}

impl DesignScan {
    /// The design component of that node.
    pub fn component(&self, node_id: &NodeId) -> Option<&DesignComponent> {
        self.components.iter().find(|component| component.node_id == *node_id)
    }
}

/// A component or component set of a design tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesignComponent {
    /// The id of its node within the file.
    pub node_id: NodeId,
    /// The key under which a library publishes it.
    pub key: Option<String>,
    /// The name as the designer wrote it.
    pub name: String,
    /// The page it is on, where its node is in the file.
    pub page: Option<String>,
    /// The sections and frames around it, outermost first.
    pub path: Vec<String>,
    /// Whether it has variants.
    pub kind: ComponentKind,
    /// Where its contract was read from.
    pub source: ContractSource,
    /// The contract in the design's spelling, and what stands beside it.
    pub statement: Statement,
    /// The variants that are drawn, in the file's order.
    pub variants: Vec<Variant>,
    /// The description that designers wrote.
    pub description: Option<String>,
    /// The documentation links that designers set.
    pub documentation: Vec<String>,
    /// What a reader of a report should know about how this component was read.
    pub notes: Vec<String>,
    /// When it last changed, as exactly as the source tells: the component's own date in list answers, else the file's.
    pub last_changed: Option<DateTime<Utc>>,
}

/// The kinds of design component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// A set of variants.
    Set,
    /// A component without variants.
    Single,
}

/// What a contract was read from, from the most to the least that can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractSource {
    /// The node's own property definitions.
    Definitions,
    /// The names of the set's variants, for there are no definitions.
    VariantNames,
    /// A list of components; the node itself is not in the input.
    Listed,
}

/// One drawn variant of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// The id of its node.
    pub node_id: NodeId,
    /// Its name, as the file has it: `Size=Small, State=Default`.
    pub name: String,
    /// The option it shows of each property; only those that the name states.
    pub points: Points,
}

/// The option that a variant shows of each property: a list in the order of the properties, for a library draws
/// many more variants than it has components.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Points(Box<[(PropertyName, OptionName)]>);

impl Points {
    /// The option shown of a property.
    pub fn get(&self, property: &PropertyName) -> Option<&OptionName> {
        let at = self.0.binary_search_by(|(name, _)| name.cmp(property)).ok()?;
        self.0.get(at).map(|(_, option)| option)
    }

    /// Each property with the option shown of it.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&PropertyName, &OptionName)> {
        self.0.iter().map(|(property, option)| (property, option))
    }

    /// How many properties it shows an option of.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it shows none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(PropertyName, OptionName)> for Points {
    fn from_iter<I: IntoIterator<Item = (PropertyName, OptionName)>>(points: I) -> Self {
        Self(BTreeMap::from_iter(points).into_iter().collect())
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(BTreeMap::deserialize(deserializer)?.into_iter().collect())
    }
}

/// The id of a node within its design file, such as `12:34`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct NodeId(String);

impl NodeId {
    /// The id as the file has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Into<String>> From<S> for NodeId {
    fn from(id: S) -> Self {
        Self(id.into())
    }
}

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
