//! A component's public contract in its canonical form: properties, options, defaults, and their hash.

mod canonical;
mod name;
mod path;
mod property;
mod variant;

pub use canonical::{CanonicalError, canonical_json, fingerprint, hash_of, sha256_hex};
pub use name::{NormalisedName, OptionName, PropertyName, normalise, without_property_id};
pub use path::{ContractPath, PathError};
pub use property::{Property, PropertyKind};
pub use variant::{VariantName, VariantNameError};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap as _};

use crate::shared::Shared;

/// All properties of one component, as one side states them.
///
/// Its JSON form is `{"properties": {"size": {"kind": "enum", "options": ["large", "small"], "default": "small"}}}`.
/// Properties and options are held sorted, so two equal contracts serialise to equal bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// The properties by name.
    pub properties: Shared<BTreeMap<PropertyName, Property>>,
}

impl Contract {
    /// The lower-case hex SHA-256 of the contract's RFC 8785 form.
    pub fn hash(&self) -> ContractHash {
        // A contract holds strings, booleans, arrays and objects only: serialising it can't fail.
        let hash = if self.serialises_canonically() { fingerprint(&Canonical(self)) } else { hash_of(self) };
        ContractHash(hash.unwrap_or_else(|error| unreachable!("a contract always serialises: {error}")))
    }

    /// Whether names sort by UTF-16 code units, as RFC 8785 has it, in the order in which they are held: always, but for
    /// letters from U+E000 on, which begin with 0xEE or more in UTF-8.
    fn serialises_canonically(&self) -> bool {
        self.properties.keys().all(|name| name.as_str().bytes().all(|byte| byte < 0xEE))
    }

    /// The property of that exact name.
    pub fn property(&self, name: &PropertyName) -> Option<&Property> {
        self.properties.get(name)
    }
}

/// A contract that serialises in its canonical form: no white space, members sorted.
struct Canonical<T>(T);

impl Serialize for Canonical<&Contract> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Properties<'a>(&'a BTreeMap<PropertyName, Property>);
        impl Serialize for Properties<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().map(|(name, property)| (name, Canonical(property))))
            }
        }
        serializer.collect_map([("properties", Properties(&self.0.properties))])
    }
}

impl Serialize for Canonical<&Property> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        match self.0 {
            Property::Enum { default: Some(default), .. } => members.serialize_entry("default", default)?,
            Property::Boolean { default: Some(default) } => members.serialize_entry("default", default)?,
            _ => {}
        }
        members.serialize_entry("kind", &self.0.kind())?;
        if let Property::Enum { options, .. } = self.0 {
            members.serialize_entry("options", options)?;
        }
        members.end()
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn the_short_way_gives_the_hash_of_the_canonical_form(
            names in proptest::collection::vec(("\\PC{0,3}|[\u{0}-\u{7f}]{1,2}|[\u{e000}\u{1f600}a]{1,2}", 0..6_u8), 0..6)
        ) {
            let property = |kind: u8, name: &str| match kind {
                0 => Property::enumeration([name, "b", "\u{1f600}\"\\"], Some(name)),
                1 => Property::enumeration([name, "\u{e000}"], None),
                2 => Property::boolean(Some(true)),
                3 => Property::boolean(None),
                4 => Property::Text,
                _ => Property::Slot,
            };
            let contract: Contract =
                names.iter().map(|(name, kind)| (name.into(), property(*kind, name))).collect();
            let hash = contract.hash();
            prop_assert_eq!(hash.as_str(), hash_of(&contract).unwrap());
        }
    }

    #[test]
    fn option_order_never_changes_the_hash() {
        assert_eq!(size(&["small", "large"]).hash(), size(&["large", "small"]).hash());
        assert_ne!(size(&["small", "large"]).hash(), size(&["small", "xl"]).hash());
    }
}
