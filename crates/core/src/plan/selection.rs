//! What a person chose: directions, exclusions and sides of conflicts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    contract::{CanonicalError, ContractPath, hash_of},
    direction::Direction,
};

/// The side that a person declared right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Code is right: the design is edited.
    Code,
    /// The design is right: code is edited.
    Design,
}

/// The choices for one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentSelection {
    /// The direction.
    pub direction: Direction,
    /// Changes that are left as they are; a property's path covers all that stands inside it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub exclude: BTreeSet<ContractPath>,
    /// When not empty, only these changes are made.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub only: BTreeSet<ContractPath>,
    /// The side that is right, change by change; needed for conflicts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<ContractPath, Choice>,
    /// The SHA-256 of what is written beside the contract: stories that were asked for by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaffold: Option<String>,
}

impl ComponentSelection {
    /// Everything, in one direction.
    pub fn all(direction: Direction) -> Self {
        Self {
            direction,
            exclude: BTreeSet::new(),
            only: BTreeSet::new(),
            choices: BTreeMap::new(),
            scaffold: None,
        }
    }

    /// Whether a change was selected.
    pub fn selects(&self, path: &ContractPath) -> bool {
        let covered = |paths: &BTreeSet<ContractPath>| paths.iter().any(|wider| path.is_within(wider));
        !covered(&self.exclude) && (self.only.is_empty() || covered(&self.only))
    }

    /// The side chosen for a change, by its own path or its property's.
    pub fn choice(&self, path: &ContractPath) -> Option<Choice> {
        let property = ContractPath::Property(path.property().clone());
        self.choices.get(path).or_else(|| self.choices.get(&property)).copied()
    }
}

/// The choices for each component of an operation, by component id. Two different selections never share an
/// operation hash.
pub type DirectionModes = BTreeMap<uuid::Uuid, ComponentSelection>;

/// The key under which a repeated request is recognised: SHA-256 of the canonical JSON of
/// `[sorted component ids, timestamp bucket, direction_modes]`, where the bucket is the whole number of
/// `bucket_seconds` since 1970.
///
/// # Errors
/// A time bucket beyond 2^53, which no clock of ours reaches.
pub fn operation_hash(
    modes: &DirectionModes,
    at: DateTime<Utc>,
    bucket_seconds: u32,
) -> Result<String, CanonicalError> {
    let ids: Vec<&uuid::Uuid> = modes.keys().collect();
    let bucket = at.timestamp().div_euclid(i64::from(bucket_seconds.max(1)));
    hash_of(&(ids, bucket, modes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modes(selection: ComponentSelection) -> DirectionModes {
        BTreeMap::from([(uuid::Uuid::from_u128(1), selection)])
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn the_operation_hash_is_pinned() {
        let all = modes(ComponentSelection::all(Direction::CodeToDesign));
        let canonical = r#"[["00000000-0000-0000-0000-000000000001"],2,{"00000000-0000-0000-0000-000000000001":{"direction":"code_to_design"}}]"#;
        assert_eq!(
            operation_hash(&all, at(120), 60).unwrap(),
            crate::contract::sha256_hex(canonical.as_bytes())
        );
    }

    #[test]
    fn requests_share_a_hash_only_when_they_ask_the_same_in_one_bucket() {
        let all = ComponentSelection::all(Direction::Bidirectional);
        let mut excluded = all.clone();
        excluded.exclude.insert(ContractPath::Property("size".into()));
        let mut chosen = all.clone();
        chosen.choices.insert(ContractPath::Property("size".into()), Choice::Code);
        let hash = |selection: &ComponentSelection, seconds| {
            operation_hash(&modes(selection.clone()), at(seconds), 60).unwrap()
        };
        assert_eq!(hash(&all, 0), hash(&all, 59));
        let all_hashes: BTreeSet<String> =
            [hash(&all, 0), hash(&all, 60), hash(&excluded, 0), hash(&chosen, 0)].into();
        assert_eq!(all_hashes.len(), 4);
    }

    #[test]
    fn a_property_covers_what_stands_inside_it() {
        let mut selection = ComponentSelection::all(Direction::CodeToDesign);
        let large = ContractPath::Option("size".into(), "large".into());
        assert!(selection.selects(&large));
        selection.only.insert(ContractPath::Property("size".into()));
        assert!(selection.selects(&large));
        assert!(!selection.selects(&ContractPath::Property("tone".into())));
        selection.exclude.insert(large.clone());
        assert!(!selection.selects(&large));
        assert!(selection.selects(&ContractPath::Default("size".into())));
    }
}
