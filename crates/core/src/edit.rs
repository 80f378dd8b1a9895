//! Edits: of a contract, as values, and of the files that state it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::contract::{Contract, ContractPath, OptionName, Property, PropertyKind, PropertyName};

/// One step that makes a contract agree with another. Names are in the spelling of the side that is edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum ContractEdit {
    /// A new property.
    AddProperty {
        /// Its name.
        name: PropertyName,
        /// Its kind, options and default.
        property: Property,
    },
    /// A property goes.
    RemoveProperty {
        /// Its name.
        name: PropertyName,
    },
    /// A property gets another name and stays the same property.
    RenameProperty {
        /// The name so far.
        from: PropertyName,
        /// The name from now on.
        to: PropertyName,
    },
    /// A property becomes another kind.
    ChangeKind {
        /// Its name.
        name: PropertyName,
        /// What it becomes.
        to: Property,
    },
    /// A new option of an `enum`.
    AddOption {
        /// The property.
        property: PropertyName,
        /// The option.
        option: OptionName,
    },
    /// An option goes.
    RemoveOption {
        /// The property.
        property: PropertyName,
        /// The option.
        option: OptionName,
    },
    /// An option gets another name and stays the same option.
    RenameOption {
        /// The property.
        property: PropertyName,
        /// The name so far.
        from: OptionName,
        /// The name from now on.
        to: OptionName,
    },
    /// Another default (an option's name, `true` or `false`), or none.
    SetDefault {
        /// The property.
        property: PropertyName,
        /// The new default.
        to: Option<String>,
    },
}

/// An edit that does not fit the contract it is applied to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no such property or option.
    #[error("there is no `{0}`")]
    Missing(ContractPath),
    /// There is one already.
    #[error("`{0}` exists already")]
    Exists(ContractPath),
    /// The property is of a kind that the edit is not for.
    #[error("`{property}` is a {kind} property")]
    WrongKind {
        /// The property.
        property: PropertyName,
        /// Its kind.
        kind: PropertyKind,
    },
    /// A default that is no option or no boolean.
    #[error("`{default}` can't be the default of `{property}`")]
    BadDefault {
        /// The property.
        property: PropertyName,
        /// The default asked for.
        default: String,
    },
}

impl ContractEdit {
    /// The property that the edit is about, under the name it has before the edit.
    pub fn property(&self) -> &PropertyName {
        match self {
            Self::AddProperty { name, .. }
            | Self::RemoveProperty { name }
            | Self::ChangeKind { name, .. } => name,
            Self::RenameProperty { from, .. } => from,
            Self::AddOption { property, .. }
            | Self::RemoveOption { property, .. }
            | Self::RenameOption { property, .. }
            | Self::SetDefault { property, .. } => property,
        }
    }

    /// Applies the edit to a contract.
    ///
    /// # Errors
    /// When the contract lacks what the edit needs, or has already what it adds.
    pub fn apply(&self, contract: &mut Contract) -> Result<(), EditError> {
        match self {
            Self::AddProperty { name, property } => {
                if contract.properties.contains_key(name) {
                    return Err(EditError::Exists(ContractPath::Property(name.clone())));
                }
                contract.properties.insert(name.clone(), property.clone());
            }
            Self::RemoveProperty { name } => {
                contract.properties.remove(name).ok_or_else(|| missing(name))?;
            }
            Self::RenameProperty { from, to } => {
                if contract.properties.contains_key(to) {
                    return Err(EditError::Exists(ContractPath::Property(to.clone())));
                }
                let property = contract.properties.remove(from).ok_or_else(|| missing(from))?;
                contract.properties.insert(to.clone(), property);
            }
            Self::ChangeKind { name, to } => {
                *contract.properties.get_mut(name).ok_or_else(|| missing(name))? = to.clone();
            }
            Self::AddOption { property, option } => {
                let (options, _) = enumeration(contract, property)?;
                if !options.insert(option.clone()) {
                    return Err(EditError::Exists(ContractPath::Option(property.clone(), option.clone())));
                }
            }
            Self::RemoveOption { property, option } => {
                let (options, default) = enumeration(contract, property)?;
                if !options.remove(option) {
                    return Err(EditError::Missing(ContractPath::Option(property.clone(), option.clone())));
                }
                if default.as_ref() == Some(option) {
                    *default = None;
                }
            }
            Self::RenameOption { property, from, to } => {
                let (options, default) = enumeration(contract, property)?;
                if options.contains(to) {
                    return Err(EditError::Exists(ContractPath::Option(property.clone(), to.clone())));
                }
                if !options.remove(from) {
                    return Err(EditError::Missing(ContractPath::Option(property.clone(), from.clone())));
                }
                options.insert(to.clone());
                if default.as_ref() == Some(from) {
                    *default = Some(to.clone());
                }
            }
            Self::SetDefault { property, to } => set_default(contract, property, to.as_deref())?,
        }
        Ok(())
    }
}

fn missing(name: &PropertyName) -> EditError {
    EditError::Missing(ContractPath::Property(name.clone()))
}

fn enumeration<'a>(
    contract: &'a mut Contract,
    name: &PropertyName,
) -> Result<(&'a mut std::collections::BTreeSet<OptionName>, &'a mut Option<OptionName>), EditError> {
    match contract.properties.get_mut(name).ok_or_else(|| missing(name))? {
        Property::Enum { options, default } => Ok((options, default)),
        other => Err(EditError::WrongKind { property: name.clone(), kind: other.kind() }),
    }
}

fn set_default(contract: &mut Contract, name: &PropertyName, to: Option<&str>) -> Result<(), EditError> {
    let bad = || EditError::BadDefault { property: name.clone(), default: to.unwrap_or_default().to_owned() };
    match contract.properties.get_mut(name).ok_or_else(|| missing(name))? {
        Property::Enum { options, default } => {
            let to = to.map(OptionName::from);
            if to.as_ref().is_some_and(|option| !options.contains(option)) {
                return Err(bad());
            }
            *default = to;
        }
        Property::Boolean { default } => {
            *default = to.map(|value| value.parse().map_err(|_| bad())).transpose()?;
        }
        other => return Err(EditError::WrongKind { property: name.clone(), kind: other.kind() }),
    }
    Ok(())
}

/// A replacement of some bytes of a text. Offsets are bytes from the start of the unedited text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextEdit {
    /// The first byte replaced.
    pub start: usize,
    /// One past the last byte replaced; equal to `start` for an insertion.
    pub end: usize,
    /// What stands there afterwards.
    pub insert: String,
}

/// Text edits that overlap, or lie outside the text or inside a character.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text edit at bytes {start}..{end} overlaps another or lies outside the text")]
pub struct TextEditError {
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// Applies non-overlapping edits, given in any order; insertions at one place keep their order.
///
/// # Errors
/// When two edits overlap, or one lies outside the text or inside a character.
pub fn apply_text_edits(text: &str, edits: &[TextEdit]) -> Result<String, TextEditError> {
    let mut sorted: Vec<&TextEdit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.start, edit.end));
    let mut edited =
        String::with_capacity(text.len() + sorted.iter().map(|edit| edit.insert.len()).sum::<usize>());
    let mut done = 0;
    for edit in sorted {
        let error = || TextEditError { start: edit.start, end: edit.end };
        if edit.start < done || edit.end < edit.start {
            return Err(error());
        }
        edited.push_str(text.get(done..edit.start).ok_or_else(error)?);
        text.get(edit.start..edit.end).ok_or_else(error)?;
        edited.push_str(&edit.insert);
        done = edit.end;
    }
    edited.push_str(text.get(done..).ok_or(TextEditError { start: done, end: done })?);
    Ok(edited)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract() -> Contract {
        [
            ("size".into(), Property::enumeration(["small", "large"], Some("small"))),
            ("disabled".into(), Property::boolean(None)),
            ("label".into(), Property::Text),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn each_edit_does_what_it_says() {
        let rename =
            ContractEdit::RenameOption { property: "size".into(), from: "small".into(), to: "s".into() };
        let mut edited = contract();
        rename.apply(&mut edited).unwrap();
        assert_eq!(edited.property(&"size".into()), Some(&Property::enumeration(["s", "large"], Some("s"))));

        let default = ContractEdit::SetDefault { property: "disabled".into(), to: Some("true".into()) };
        default.apply(&mut edited).unwrap();
        assert_eq!(edited.property(&"disabled".into()), Some(&Property::boolean(Some(true))));

        let remove = ContractEdit::RemoveOption { property: "size".into(), option: "s".into() };
        remove.apply(&mut edited).unwrap();
        assert_eq!(edited.property(&"size".into()), Some(&Property::enumeration(["large"], None)));
    }

    #[test]
    fn an_edit_that_does_not_fit_is_an_error() {
        let size = || PropertyName::from("size");
        for edit in [
            ContractEdit::AddProperty { name: size(), property: Property::Text },
            ContractEdit::RemoveProperty { name: "tone".into() },
            ContractEdit::RenameProperty { from: "label".into(), to: size() },
            ContractEdit::AddOption { property: size(), option: "large".into() },
            ContractEdit::AddOption { property: "label".into(), option: "x".into() },
            ContractEdit::RemoveOption { property: size(), option: "xl".into() },
            ContractEdit::RenameOption { property: size(), from: "small".into(), to: "large".into() },
            ContractEdit::SetDefault { property: size(), to: Some("xl".into()) },
            ContractEdit::SetDefault { property: "disabled".into(), to: Some("yes".into()) },
            ContractEdit::SetDefault { property: "label".into(), to: None },
        ] {
            let mut edited = contract();
            assert!(edit.apply(&mut edited).is_err(), "{edit:?}");
            assert_eq!(edited, contract(), "a refused edit changes nothing: {edit:?}");
        }
    }

    #[test]
    fn text_edits_apply_in_order_and_never_overlap() {
        let edit = |start, end, insert: &str| TextEdit { start, end, insert: insert.into() };
        assert_eq!(
            apply_text_edits("abcdef", &[edit(4, 5, "E"), edit(1, 1, "x"), edit(1, 2, "B")]).unwrap(),
            "axBcdEf"
        );
        assert_eq!(apply_text_edits("", &[edit(0, 0, "x"), edit(0, 0, "y")]).unwrap(), "xy");
        for bad in [vec![edit(0, 2, ""), edit(1, 3, "")], vec![edit(5, 9, "")], vec![edit(2, 1, "")]] {
            assert!(apply_text_edits("abcdef", &bad).is_err());
        }
        assert!(apply_text_edits("é", &[edit(1, 2, "")]).is_err());
    }
}
