//! What one side says of one component: its contract, and what stands beside it and is never hashed.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    contract::{Contract, OptionName, PropertyName},
    shared::Shared,
};

/// One side's word on one component. Only [`Statement::contract`] is compared and hashed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// The contract, in this side's own spelling.
    pub contract: Contract,
    /// What tells a property or option apart from its name, so that a rename is seen as one.
    #[serde(default, skip_serializing_if = "Identities::is_empty")]
    pub identities: Identities,
    /// Properties that exist on this side and were not put into the contract, each with why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_compared: Vec<NotCompared>,
    /// Why the contract may lack properties that exist (an unresolved base type, an unread node).
    /// While this is not empty, nothing may be reported as missing on this side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
    /// `enum` properties whose options are suggestions: the side takes others too, for the reason given. No option is
    /// ever missing on this side.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open_options: BTreeMap<PropertyName, String>,
    /// Properties that have to be given, those that are not compared among them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub required: BTreeSet<PropertyName>,
    /// The unions of object types among the props, each by its members: the contract has the options of all of them,
    /// of which not every combination can be given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unions: Vec<Vec<UnionMember>>,
    /// What people wrote about properties (JSDoc, design descriptions); never compared.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub descriptions: BTreeMap<PropertyName, String>,
    /// Properties that the side marks as deprecated, with the text given (which may be empty).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub deprecated: BTreeMap<PropertyName, String>,
}

/// One member of a union of object types: the options that it allows, of each property in which the members differ.
/// A property that can't be given with this member has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct UnionMember {
    /// By property.
    pub options: BTreeMap<PropertyName, BTreeSet<OptionName>>,
}

/// A property that a side has but that is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotCompared {
    /// The property, in this side's spelling.
    pub property: PropertyName,
    /// Why it is set aside, as a class.
    pub why: WhyNotCompared,
    /// The particulars: a type's text, a place in a file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// The classes of reasons for leaving something out of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotCompared {
    /// Its type could not be resolved to something comparable.
    Unresolved,
    /// A function, an object or another type that a design tool has nothing for.
    NoCounterpart,
    /// An HTML or ARIA attribute that every element has.
    HtmlAttribute,
    /// The framework's own (`key`, `ref`) or styling escape hatches (`className`, `style`).
    Framework,
    /// The design node could not be read.
    Unread,
}

/// The identities of a statement's properties and options.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identities {
    /// Of properties.
    #[serde(default, skip_serializing_if = "is_without")]
    pub properties: Shared<BTreeMap<PropertyName, Identity>>,
    /// Of options, by property.
    #[serde(default, skip_serializing_if = "is_without")]
    pub options: Shared<BTreeMap<PropertyName, Shared<BTreeMap<OptionName, Identity>>>>,
}

fn is_without<T>(known: &Shared<BTreeMap<PropertyName, T>>) -> bool {
    known.is_empty()
}

impl Identities {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.properties.is_empty() && self.options.is_empty()
    }
}

/// Tokens that outlive a rename: a Figma property id (`#12:3`), the ids of the variant nodes that show an option,
/// a place in a code declaration (`pos:1/3`: second of three), the hash of what an option stands for.
///
/// Two things of the same scope are one when they share a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity(
    /// In order, each once: of what a large library holds most, a list takes a fraction of what a tree does.
    Arc<[Token]>,
);

/// One token of an [`Identity`].
pub type Token = compact_str::CompactString;

impl Identity {
    /// An identity of one token.
    pub fn token(token: impl AsRef<str>) -> Self {
        std::iter::once(token).collect()
    }

    /// The tokens, in order.
    pub fn tokens(&self) -> &[Token] {
        &self.0
    }

    /// How many tokens both share.
    pub fn shared(&self, other: &Self) -> usize {
        self.0.iter().filter(|token| other.0.binary_search(token).is_ok()).count()
    }

    /// The tokens of both.
    pub fn joined(&self, other: &Self) -> Self {
        self.0.iter().chain(&*other.0).collect()
    }
}

impl<T: AsRef<str>> FromIterator<T> for Identity {
    fn from_iter<I: IntoIterator<Item = T>>(tokens: I) -> Self {
        let mut tokens: Vec<Token> = tokens.into_iter().map(Token::new).collect();
        tokens.sort_unstable();
        tokens.dedup();
        Self(tokens.into())
    }
}

impl Serialize for Identity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&*self.0)
    }
}

impl JsonSchema for Identity {
    fn schema_name() -> Cow<'static, str> {
        "Identity".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<String>::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for Identity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Token>::deserialize(deserializer).map(|tokens| tokens.into_iter().collect())
    }
}
