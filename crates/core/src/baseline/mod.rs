//! The contract that both sides agreed on.

mod advance;
mod names;
mod step;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    contract::{Contract, ContractPath, OptionName, Property, PropertyName, fingerprint},
    mapping::Comparison,
    merge::Base,
    statement::Identities,
};

/// What both sides agreed on at the last completed sync, in code's spelling.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The contract.
    pub contract: Contract,
    /// Places on which both have never agreed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub undetermined: BTreeSet<ContractPath>,
    /// The identities that code gave its parts then.
    #[serde(default, skip_serializing_if = "Identities::is_empty")]
    pub code_identities: Identities,
    /// The identities that the design gave its parts then, in code's spelling.
    #[serde(default, skip_serializing_if = "Identities::is_empty")]
    pub design_identities: Identities,
}

impl Baseline {
    /// The baseline of a component whose two contracts agree wholly: what [`Baseline::advance`] arrives at then,
    /// whatever was agreed before. Nothing where they differ.
    pub fn of_agreement(both: &Comparison) -> Option<Self> {
        (both.code == both.design).then(|| Self {
            contract: both.code.clone(),
            undetermined: BTreeSet::new(),
            code_identities: both.code_identities.clone(),
            design_identities: both.design_identities.clone(),
        })
    }

    /// The hash of the whole, by which the registry tells that it is still the same one.
    pub fn hash(&self) -> String {
        // It holds strings and booleans only: serialising it can't fail.
        fingerprint(self).unwrap_or_else(|error| unreachable!("a baseline always serialises: {error}"))
    }

    /// What was agreed about a property: its presence and kind.
    pub fn property(&self, name: &PropertyName) -> Base<Option<&Property>> {
        if self.undetermined.contains(&ContractPath::Property(name.clone())) {
            return Base::Unknown;
        }
        Base::Agreed(self.contract.property(name))
    }

    /// What was agreed about an option of an `enum`: whether it exists.
    pub fn option(&self, property: &PropertyName, option: &OptionName) -> Base<bool> {
        if self.undetermined.contains(&ContractPath::Option(property.clone(), option.clone())) {
            return Base::Unknown;
        }
        match self.property(property) {
            Base::Agreed(Some(Property::Enum { options, .. })) => Base::Agreed(options.contains(option)),
            _ => Base::Unknown,
        }
    }

    /// What was agreed about a default.
    pub fn agreed_default(&self, property: &PropertyName) -> Base<Option<String>> {
        if self.undetermined.contains(&ContractPath::Default(property.clone())) {
            return Base::Unknown;
        }
        match self.property(property) {
            Base::Agreed(Some(agreed)) => Base::Agreed(agreed.default_text()),
            _ => Base::Unknown,
        }
    }
}
