//! One axis of a component's contract.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OptionName;
use crate::shared::Shared;

/// A property of a contract. Defaults stand only where both sides can state one; the text a designer typed
/// into a sample is no default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Property {
    /// One of a closed list of options.
    Enum {
        /// The options; never empty when read from a side.
        options: Shared<BTreeSet<OptionName>>,
        /// The option that holds when nothing is chosen, where the side states one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<OptionName>,
    },
    /// True or false.
    Boolean {
        /// The value that holds when nothing is chosen, where the side states one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<bool>,
    },
    /// Free text.
    Text,
    /// A number.
    Number,
    /// A place for other content: a React node, a Figma instance swap or slot.
    Slot,
}

impl Property {
    /// An `enum` property from its options and default.
    pub fn enumeration<O: Into<OptionName>>(
        options: impl IntoIterator<Item = O>,
        default: Option<&str>,
    ) -> Self {
        Self::Enum {
            options: options.into_iter().map(Into::into).collect(),
            default: default.map(OptionName::from),
        }
    }

    /// A `boolean` property.
    pub fn boolean(default: Option<bool>) -> Self {
        Self::Boolean { default }
    }

    /// Whether it is an `enum` with that option.
    pub fn has_option(&self, option: &OptionName) -> bool {
        matches!(self, Self::Enum { options, .. } if options.contains(option))
    }

    /// Which kind it is.
    pub fn kind(&self) -> PropertyKind {
        match self {
            Self::Enum { .. } => PropertyKind::Enum,
            Self::Boolean { .. } => PropertyKind::Boolean,
            Self::Text => PropertyKind::Text,
            Self::Number => PropertyKind::Number,
            Self::Slot => PropertyKind::Slot,
        }
    }

    /// Whether a default is stated.
    pub fn has_default(&self) -> bool {
        match self {
            Self::Enum { default, .. } => default.is_some(),
            Self::Boolean { default } => default.is_some(),
            Self::Text | Self::Number | Self::Slot => false,
        }
    }

    /// The default as text (`small`, `true`), where there is one.
    pub fn default_text(&self) -> Option<String> {
        match self {
            Self::Enum { default, .. } => default.as_ref().map(ToString::to_string),
            Self::Boolean { default } => default.map(|value| value.to_string()),
            Self::Text | Self::Number | Self::Slot => None,
        }
    }

    /// The same property without a default.
    pub fn without_default(self) -> Self {
        match self {
            Self::Enum { options, .. } => Self::Enum { options, default: None },
            Self::Boolean { .. } => Self::Boolean { default: None },
            other => other,
        }
    }

    /// The options of an `enum`; nothing for other kinds.
    pub fn options(&self) -> impl Iterator<Item = &OptionName> + Clone {
        match self {
            Self::Enum { options, .. } => Some(options.iter()),
            _ => None,
        }
        .into_iter()
        .flatten()
    }
}

/// The kinds of property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PropertyKind {
    /// One of a closed list of options.
    Enum,
    /// True or false.
    Boolean,
    /// Free text.
    Text,
    /// A number.
    Number,
    /// A place for other content.
    Slot,
}

impl PropertyKind {
    /// `an enum`, `a boolean`, for sentences.
    pub fn with_article(self) -> String {
        let article = if self == Self::Enum { "an" } else { "a" };
        format!("{article} {self}")
    }
}

impl std::fmt::Display for PropertyKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Enum => "enum",
            Self::Boolean => "boolean",
            Self::Text => "text",
            Self::Number => "number",
            Self::Slot => "slot",
        })
    }
}
