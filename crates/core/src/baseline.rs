//! The contract that both sides agreed on.

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

    /// The baseline after both sides were brought to these contracts: where they agree, that; where they don't, what
    /// was known before.
    pub fn advance(
        before: Option<&Self>,
        code: &Contract,
        design: &Contract,
        code_identities: &Identities,
        design_identities: &Identities,
    ) -> Self {
        let mut after = Self {
            code_identities: code_identities.clone(),
            design_identities: design_identities.clone(),
            ..Self::default()
        };
        let names: BTreeSet<&PropertyName> = code.properties.keys().chain(design.properties.keys()).collect();
        for name in names {
            after.advance_property(before, name, code.property(name), design.property(name));
        }
        after
    }

    fn advance_property(
        &mut self,
        before: Option<&Self>,
        name: &PropertyName,
        code: Option<&Property>,
        design: Option<&Property>,
    ) {
        match (code, design) {
            (Some(code), Some(design)) if code == design => {
                self.contract.properties.insert(name.clone(), code.clone());
            }
            (
                Some(Property::Enum { options: code, default: code_default }),
                Some(Property::Enum { options: design, default: design_default }),
            ) => {
                let mut options: BTreeSet<OptionName> = code.intersection(design).cloned().collect();
                for option in code.symmetric_difference(design) {
                    match before.map_or(Base::Unknown, |before| before.option(name, option)) {
                        Base::Agreed(true) => _ = options.insert(option.clone()),
                        Base::Agreed(false) => {}
                        Base::Unknown => {
                            _ = self.undetermined.insert(ContractPath::Option(name.clone(), option.clone()))
                        }
                    }
                }
                let default = if code_default == design_default {
                    code_default.clone()
                } else {
                    self.known_default(before, name).map(OptionName::from)
                };
                self.contract
                    .properties
                    .insert(name.clone(), Property::Enum { options: options.into(), default });
            }
            (Some(Property::Boolean { .. }), Some(Property::Boolean { .. })) => {
                let default = self.known_default(before, name).and_then(|value| value.parse().ok());
                self.contract.properties.insert(name.clone(), Property::Boolean { default });
            }
            _ => match before.map_or(Base::Unknown, |before| before.property(name)) {
                Base::Agreed(Some(agreed)) => {
                    _ = self.contract.properties.insert(name.clone(), agreed.clone())
                }
                Base::Agreed(None) => {}
                Base::Unknown => _ = self.undetermined.insert(ContractPath::Property(name.clone())),
            },
        }
    }

    fn known_default(&mut self, before: Option<&Self>, name: &PropertyName) -> Option<String> {
        match before.map_or(Base::Unknown, |before| before.agreed_default(name)) {
            Base::Agreed(default) => default,
            Base::Unknown => {
                self.undetermined.insert(ContractPath::Default(name.clone()));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(options: &[&str], default: &str, extra: &[&str]) -> Contract {
        std::iter::once(("size".into(), Property::enumeration(options.iter().copied(), Some(default))))
            .chain(extra.iter().map(|name| ((*name).into(), Property::boolean(None))))
            .collect()
    }

    fn advance(before: Option<&Baseline>, code: &Contract, design: &Contract) -> Baseline {
        Baseline::advance(before, code, design, &Identities::default(), &Identities::default())
    }

    #[test]
    fn agreement_is_recorded_and_disagreement_is_not() {
        let code = contract(&["s", "m"], "s", &["quiet"]);
        let first = advance(None, &code, &contract(&["s", "l"], "l", &[]));
        assert_eq!(first.contract.property(&"size".into()), Some(&Property::enumeration(["s"], None)));
        let undetermined: Vec<String> = first.undetermined.iter().map(ToString::to_string).collect();
        assert_eq!(
            undetermined,
            [
                "properties/quiet",
                "properties/size/default",
                "properties/size/options/l",
                "properties/size/options/m"
            ]
        );

        let agreed = advance(Some(&first), &code, &code);
        assert_eq!(agreed.contract, code);
        assert!(agreed.undetermined.is_empty());

        let moved = advance(
            Some(&agreed),
            &contract(&["s", "m", "xl"], "m", &["quiet"]),
            &contract(&["s"], "s", &[]),
        );
        assert_eq!(moved.contract, code, "what was agreed before stays while they differ");
        assert!(moved.undetermined.is_empty());
    }
}
