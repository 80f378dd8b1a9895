//! A component's public contract in its canonical form: properties, options, defaults, and their hash.

mod canonical;
mod name;
mod path;
mod property;
mod variant;

pub use canonical::{CanonicalError, canonical_json, hash_of, sha256_hex};
pub use name::{NormalisedName, OptionName, PropertyName, normalise, without_property_id};
pub use path::{ContractPath, PathError};
pub use property::{Property, PropertyKind};
pub use variant::{VariantName, VariantNameError};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// All properties of one component, as one side states them.
///
/// Its JSON form is `{"properties": {"size": {"kind": "enum", "options": ["large", "small"], "default": "small"}}}`.
/// Properties and options are held sorted, so two equal contracts serialise to equal bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// The properties by name.
    pub properties: BTreeMap<PropertyName, Property>,
}

impl Contract {
    /// The lower-case hex SHA-256 of the contract's RFC 8785 form.
    pub fn hash(&self) -> ContractHash {
        // A contract holds strings, booleans, arrays and objects only: serialising it can't fail.
        ContractHash(
            hash_of(self).unwrap_or_else(|error| unreachable!("a contract always serialises: {error}")),
        )
    }

    /// The property of that exact name.
    pub fn property(&self, name: &PropertyName) -> Option<&Property> {
        self.properties.get(name)
    }
}

impl FromIterator<(PropertyName, Property)> for Contract {
    fn from_iter<I: IntoIterator<Item = (PropertyName, Property)>>(iter: I) -> Self {
        Self { properties: iter.into_iter().collect() }
    }
}

/// The hash of a contract: 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContractHash(String);

impl ContractHash {
    /// Takes back a hash that [`Contract::hash`] made and a store kept.
    pub fn from_stored(hex: impl Into<String>) -> Self {
        Self(hex.into())
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ContractHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(options: &[&str]) -> Contract {
        [("size".into(), Property::enumeration(options.iter().copied(), Some("small")))].into_iter().collect()
    }

    #[test]
    fn the_hash_is_pinned() {
        assert_eq!(
            canonical_json(&size(&["small", "large"])).unwrap(),
            r#"{"properties":{"size":{"default":"small","kind":"enum","options":["large","small"]}}}"#
        );
        assert_eq!(
            size(&["small", "large"]).hash().as_str(),
            sha256_hex(
                br#"{"properties":{"size":{"default":"small","kind":"enum","options":["large","small"]}}}"#
            )
        );
        assert_eq!(
            Contract::default().hash().as_str(),
            "de1876e8a7424574cd817bc9046a4d22449e85c5d2ff7ec27d92d5a059a9ab5f",
        );
    }

    #[test]
    fn option_order_never_changes_the_hash() {
        assert_eq!(size(&["small", "large"]).hash(), size(&["large", "small"]).hash());
        assert_ne!(size(&["small", "large"]).hash(), size(&["small", "xl"]).hash());
    }
}
