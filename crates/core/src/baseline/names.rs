//! Contracts, identities and paths under other names.

use std::collections::BTreeMap;

use crate::{
    contract::{Contract, ContractPath, OptionName, Property, PropertyName},
    statement::Identities,
};

/// Names and what stands in their place. What is not listed keeps its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// Of properties.
    pub(super) properties: BTreeMap<PropertyName, PropertyName>,
    /// Of options, by the property's name before it is replaced.
    pub(super) options: BTreeMap<PropertyName, BTreeMap<OptionName, OptionName>>,
}

impl Names {
    pub(super) fn property<'a>(&'a self, name: &'a PropertyName) -> &'a PropertyName {
        self.properties.get(name).unwrap_or(name)
    }

    pub(super) fn option<'a>(&'a self, property: &PropertyName, option: &'a OptionName) -> &'a OptionName {
        self.options.get(property).and_then(|options| options.get(option)).unwrap_or(option)
    }

    /// The names that lead back.
    pub(super) fn inverse(&self) -> Self {
        let turn = |(property, options): (&PropertyName, &BTreeMap<OptionName, OptionName>)| {
            let options = options.iter().map(|(from, to)| (to.clone(), from.clone())).collect();
            (self.property(property).clone(), options)
        };
        Self {
            properties: self.properties.iter().map(|(from, to)| (to.clone(), from.clone())).collect(),
            options: self.options.iter().map(turn).collect(),
        }
    }

    /// What both replace alike.
    pub(super) fn shared(a: &Self, b: &Self) -> Self {
        let options = a.options.iter().filter_map(|(property, options)| {
            let others = b.options.get(property)?;
            let both = options.iter().filter(|(from, to)| others.get(*from) == Some(*to));
            Some((property.clone(), both.map(|(from, to)| (from.clone(), to.clone())).collect()))
        });
        let properties = a.properties.iter().filter(|(from, to)| b.properties.get(*from) == Some(*to));
        Self {
            properties: properties.map(|(from, to)| (from.clone(), to.clone())).collect(),
            options: options.collect(),
        }
    }

    pub(super) fn contract(&self, contract: &Contract) -> Contract {
        let renamed = |(name, property): (&PropertyName, &Property)| {
            let property = match property {
                Property::Enum { options, default } if self.options.contains_key(name) => Property::Enum {
                    options: options.iter().map(|option| self.option(name, option).clone()).collect(),
                    default: default.as_ref().map(|option| self.option(name, option).clone()),
                },
                other => other.clone(),
            };
            (self.property(name).clone(), property)
        };
        contract.properties.iter().map(renamed).collect()
    }

    pub(super) fn identities(&self, identities: &Identities) -> Identities {
        let properties = identities.properties.iter();
        let options = identities.options.iter().map(|(name, options)| {
            let options = if self.options.contains_key(name) {
                options
                    .iter()
                    .map(|(option, identity)| (self.option(name, option).clone(), identity.clone()))
                    .collect()
            } else {
                options.clone()
            };
            (self.property(name).clone(), options)
        });
        Identities {
            properties: properties
                .map(|(name, identity)| (self.property(name).clone(), identity.clone()))
                .collect(),
            options: options.collect(),
        }
    }

    pub(super) fn path(&self, path: &ContractPath) -> ContractPath {
        let property = self.property(path.property()).clone();
        match path {
            ContractPath::Property(_) => ContractPath::Property(property),
            ContractPath::Default(_) => ContractPath::Default(property),
            ContractPath::Option(name, option) => {
                ContractPath::Option(property, self.option(name, option).clone())
            }
        }
    }
}
