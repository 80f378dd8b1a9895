//! The way back from code's spelling to the design's.

use std::collections::BTreeMap;

use super::spelling::Spelling;
use crate::{
    contract::{OptionName, Property, PropertyKind, PropertyName},
    edit::ContractEdit,
    statement::Statement,
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
    /// Code's option to the design's options.
    Options(BTreeMap<OptionName, Vec<OptionName>>),
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
        let mut names: BTreeMap<OptionName, Vec<OptionName>> = BTreeMap::new();
        for (design, code) in to_code {
            names.entry(code.clone()).or_default().push(design.clone());
        }
        Self::Options(names)
    }
}

/// An edit that can't be said in the design's terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Untranslatable(pub String);

impl Correspondence {
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
                Ok(known.options(option)?.iter().map(remove).collect())
            }
            ContractEdit::RenameOption { property, from, to } => {
                let known = self.known(property)?;
                let [from] = known.options(from)? else {
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
            (DesignName::Options(names), Some(option)) => {
                match names.get(&OptionName::from(option)).and_then(|all| all.first()) {
                    Some(drawn) => drawn.to_string(),
                    None => option_spelling(design, &known.name).write(option),
                }
            }
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
    fn options(&self, option: &OptionName) -> Result<&[OptionName], Untranslatable> {
        match &self.names {
            DesignName::Options(names) => names.get(option).map(Vec::as_slice),
            DesignName::Plain => None,
            DesignName::BooleanWords { .. } | DesignName::OptionIsTrue { .. } => None,
        }
        .ok_or_else(|| Untranslatable(format!("the design's `{}` has no option for `{option}`", self.name)))
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
