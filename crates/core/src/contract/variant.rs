//! Canonical names of variants.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{OptionName, PropertyName};

/// The canonical name of a variant: `size=small` or `size=small,variant=primary`, properties sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct VariantName(String);

/// A text that is no variant name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariantNameError {
    /// A part without `=`.
    #[error("`{0}` is not of the form property=option")]
    NoOption(String),
    /// One property twice.
    #[error("the property `{0}` is named twice")]
    Twice(String),
}

impl VariantName {
    /// The name of the point where each property has the option given; `default` where none has one, as a component
    /// without options is called.
    pub fn of<'a>(options: impl IntoIterator<Item = (&'a PropertyName, &'a OptionName)>) -> Self {
        let sorted: BTreeMap<_, _> = options.into_iter().collect();
        if sorted.is_empty() {
            return Self("default".to_owned());
        }
        Self(
            sorted
                .iter()
                .map(|(property, option)| format!("{property}={option}"))
                .collect::<Vec<_>>()
                .join(","),
        )
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a variant's name as a design tool or a person writes it: any order, blanks around the commas.
    ///
    /// # Errors
    /// A part without `=`, or a property named twice.
    pub fn parse_points(text: &str) -> Result<BTreeMap<PropertyName, OptionName>, VariantNameError> {
        let mut points = BTreeMap::new();
        for part in text.split(',') {
            let (property, option) =
                part.split_once('=').ok_or_else(|| VariantNameError::NoOption(part.trim().to_owned()))?;
            let property = property.trim();
            if points.insert(property.into(), option.trim().into()).is_some() {
                return Err(VariantNameError::Twice(property.to_owned()));
            }
        }
        Ok(points)
    }
}

impl std::fmt::Display for VariantName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variant_names_are_canonical() {
        let points = VariantName::parse_points("State=Default,  Size=Small").unwrap();
        assert_eq!(VariantName::of(&points).as_str(), "Size=Small,State=Default");
    }

    #[test]
    fn malformed_names_say_what_is_wrong() {
        assert_eq!(VariantName::parse_points("Default"), Err(VariantNameError::NoOption("Default".into())));
        assert_eq!(VariantName::parse_points("A=1,A=2"), Err(VariantNameError::Twice("A".into())));
    }
}
