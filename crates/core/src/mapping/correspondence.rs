//! The way back from code's spelling to the design's.

use std::collections::{BTreeMap, btree_map::Entry};

use super::spelling::Spelling;
use crate::{
    contract::{OptionName, Property, PropertyKind, PropertyName},
    edit::ContractEdit,
    statement::{Identity, Statement},
};

/// Which design property each property of a comparison came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correspondence {
    /// Code's name to the design's property.
    pub properties: BTreeMap<PropertyName, DesignProperty>,
}

/// The design's side of one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesignProperty {
    /// Its name there.
    pub name: PropertyName,
    /// Its kind there, which may differ from the compared one.
    pub kind: PropertyKind,
    /// How its options correspond.
    pub names: DesignName,
}

/// How the options of a design property stand for code's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesignName {
    /// No options, or the very same.
    Plain,
    /// Code's options, each with the design's.
    Options(OptionNames),
    /// A boolean drawn as two variants.
    BooleanWords {
        /// The option for true.
        yes: OptionName,
        /// The option for false.
        no: OptionName,
    },
    /// One option of a state property that is a boolean in code.
    OptionIsTrue {
        /// The option.
        option: OptionName,
    },
}

impl DesignName {
    pub(super) fn plain() -> Self {
        Self::Plain
    }

    pub(super) fn options(to_code: &BTreeMap<OptionName, OptionName>) -> Self {
        let mut pairs: Vec<_> = to_code.iter().map(|(design, code)| (code.clone(), design.clone())).collect();
        pairs.sort_unstable();
        Self::Options(OptionNames(pairs))
    }

    /// The identities of the design's options under code's names.
    pub(super) fn translate_identities(
        &self,
        options: &BTreeMap<OptionName, Identity>,
    ) -> BTreeMap<OptionName, Identity> {
        let Self::Options(names) = self else { return BTreeMap::new() };
        let mut translated: BTreeMap<OptionName, Identity> = BTreeMap::new();
        for (code, design) in names.iter() {
            let Some(identity) = options.get(design) else { continue };
            match translated.entry(code.clone()) {
                Entry::Vacant(free) => _ = free.insert(identity.clone()),
                Entry::Occupied(mut taken) => {
                    let joined = taken.get().joined(identity);
                    taken.insert(joined);
                }
            }
        }
        translated
    }
}

/// Pairs of an option in code's spelling and in the design's, sorted. One of code's may be several of the design's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionNames(Vec<(OptionName, OptionName)>);

impl OptionNames {
    /// All pairs: code's name, the design's name.
    pub fn iter(&self) -> impl Iterator<Item = (&OptionName, &OptionName)> {
        self.0.iter().map(|(code, design)| (code, design))
    }

    /// The design's names for one of code's options.
    pub fn of(&self, code: &OptionName) -> impl Iterator<Item = &OptionName> {
        let from = self.0.partition_point(|(name, _)| name < code);
        self.0[from..].iter().take_while(move |(name, _)| name == code).map(|(_, design)| design)
    }
}

/// An edit that can't be said in the design's terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Untranslatable(pub String);

impl Correspondence {
    /// A variant that the design draws, in code's spelling: without the properties that are not compared.
    /// `drawn` tells the option that it shows of a property.
    pub fn to_code<'d>(
        &self,
        drawn: impl Fn(&PropertyName) -> Option<&'d OptionName>,
    ) -> BTreeMap<PropertyName, OptionName> {
        let option = |property: &DesignProperty| {
            let drawn = drawn(&property.name)?;
            match &property.names {
                DesignName::Plain => Some(drawn.clone()),
                DesignName::Options(names) => {
                    names.iter().find(|(_, design)| *design == drawn).map(|(code, _)| code.clone())
                }
                DesignName::BooleanWords { yes, no } => {
                    let value = [(yes, "true"), (no, "false")].into_iter().find(|(word, _)| *word == drawn);
                    value.map(|(_, value)| value.into())
                }
                DesignName::OptionIsTrue { option } => Some((option == drawn).to_string().into()),
            }
        };
        let points =
            self.properties.iter().filter_map(|(name, property)| Some((name.clone(), option(property)?)));
        points.collect()
    }

    /// An edit in code's spelling as edits of the design's own statement, new names in the design's spelling.
    ///
    /// # Errors
    /// Where the design draws the property in a way that has no such edit.
    pub fn to_design(
        &self,
        edit: &ContractEdit,
        design: &Statement,
    ) -> Result<Vec<ContractEdit>, Untranslatable> {
        match edit {
            ContractEdit::AddProperty { name, property } => Ok(vec![add_property(name, property, design)]),
            ContractEdit::RemoveProperty { name } => {
                let known = self.known(name)?;
                Ok(vec![match &known.names {
                    DesignName::OptionIsTrue { option } => {
                        ContractEdit::RemoveOption { property: known.name.clone(), option: option.clone() }
                    }
                    _ => ContractEdit::RemoveProperty { name: known.name.clone() },
                }])
            }
            ContractEdit::RenameProperty { from, to } => {
                let known = self.known(from)?;
                if matches!(known.names, DesignName::OptionIsTrue { .. }) {
                    return Err(drawn_as_state(known, "renamed"));
                }
                Ok(vec![ContractEdit::RenameProperty {
                    from: known.name.clone(),
                    to: property_spelling(design).write(to.as_str()).into(),
                }])
            }
            ContractEdit::ChangeKind { name, to } => {
                let known = self.known(name)?;
                Ok(vec![ContractEdit::ChangeKind { name: known.name.clone(), to: to.clone() }])
            }
            ContractEdit::AddOption { property, option } => {
                let known = self.known(property)?;
                let spelling = option_spelling(design, &known.name);
                Ok(vec![ContractEdit::AddOption {
                    property: known.name.clone(),
                    option: spelling.write(option.as_str()).into(),
                }])
            }
            ContractEdit::RemoveOption { property, option } => {
                let known = self.known(property)?;
                let remove = |option: &OptionName| ContractEdit::RemoveOption {
                    property: known.name.clone(),
                    option: option.clone(),
                };
                Ok(known.options(option)?.into_iter().map(remove).collect())
            }
            ContractEdit::RenameOption { property, from, to } => {
                let known = self.known(property)?;
                let [from] = known.options(from)?[..] else {
                    return Err(Untranslatable(format!(
                        "the design has several options for `{from}` of `{property}`; rename them there"
                    )));
                };
                let to = option_spelling(design, &known.name).write(to.as_str()).into();
                Ok(vec![ContractEdit::RenameOption { property: known.name.clone(), from: from.clone(), to }])
            }
            ContractEdit::SetDefault { property, to } => self.set_default(property, to.as_deref(), design),
        }
    }

    fn set_default(
        &self,
        property: &PropertyName,
        to: Option<&str>,
        design: &Statement,
    ) -> Result<Vec<ContractEdit>, Untranslatable> {
        let known = self.known(property)?;
        let to = match (&known.names, to) {
            (_, None) => {
                return Err(Untranslatable(format!(
                    "a design property always has a default; `{property}` can't lose its own"
                )));
            }
            (DesignName::BooleanWords { yes, no }, Some(value)) => {
                if value == "true" { yes } else { no }.to_string()
            }
            (DesignName::Options(names), Some(option)) => match names.of(&OptionName::from(option)).next() {
                Some(drawn) => drawn.to_string(),
                None => option_spelling(design, &known.name).write(option),
            },
            (DesignName::OptionIsTrue { .. }, Some(_)) => {
                return Err(drawn_as_state(known, "given another default"));
            }
            (DesignName::Plain, Some(value)) => value.to_owned(),
        };
        Ok(vec![ContractEdit::SetDefault { property: known.name.clone(), to: Some(to) }])
    }

    fn known(&self, name: &PropertyName) -> Result<&DesignProperty, Untranslatable> {
        self.properties
            .get(name)
            .ok_or_else(|| Untranslatable(format!("the design has no property for `{name}`")))
    }
}

impl DesignProperty {
    fn options(&self, option: &OptionName) -> Result<Vec<&OptionName>, Untranslatable> {
        let found: Vec<&OptionName> = match &self.names {
            DesignName::Options(names) => names.of(option).collect(),
            DesignName::Plain | DesignName::BooleanWords { .. } | DesignName::OptionIsTrue { .. } => {
                Vec::new()
            }
        };
        if found.is_empty() {
            let problem = format!("the design's `{}` has no option for `{option}`", self.name);
            return Err(Untranslatable(problem));
        }
        Ok(found)
    }
}

fn drawn_as_state(known: &DesignProperty, what: &str) -> Untranslatable {
    Untranslatable(format!("it is drawn as an option of `{}` and can't be {what} there", known.name))
}

fn add_property(name: &PropertyName, property: &Property, design: &Statement) -> ContractEdit {
    let property = match property {
        Property::Enum { options, default } => {
            let spelling = all_options_spelling(design);
            let write = |option: &OptionName| OptionName::from(spelling.write(option.as_str()));
            // A design property always has a default; the first option stands in where code states none.
            let default = default.as_ref().or_else(|| options.first()).map(write);
            Property::Enum { options: options.iter().map(write).collect(), default }
        }
        Property::Boolean { default } => Property::boolean(Some(default.unwrap_or(false))),
        Property::Number => Property::Text,
        other => other.clone(),
    };
    ContractEdit::AddProperty { name: property_spelling(design).write(name.as_str()).into(), property }
}

fn property_spelling(design: &Statement) -> Spelling {
    Spelling::of(design.contract.properties.keys().map(PropertyName::as_str), Spelling::Title)
}

fn option_spelling(design: &Statement, property: &PropertyName) -> Spelling {
    let options = design.contract.property(property).into_iter().flat_map(Property::options);
    Spelling::of(options.map(OptionName::as_str), all_options_spelling(design))
}

fn all_options_spelling(design: &Statement) -> Spelling {
    let options = design.contract.properties.values().flat_map(Property::options);
    Spelling::of(options.map(OptionName::as_str), Spelling::Title)
}
