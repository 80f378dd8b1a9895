//! Where in a contract a change sits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{OptionName, PropertyName};

/// A place in a contract, written `properties/size`, `properties/size/options/large` or `properties/size/default`.
///
/// A `/` or `~` inside a name is written `~1` or `~0`, as JSON Pointer (RFC 6901) does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub enum ContractPath {
    /// A property as a whole: that it exists, and its kind.
    Property(PropertyName),
    /// The default of a property.
    Default(PropertyName),
    /// One option of an `enum` property.
    Option(PropertyName, OptionName),
}

/// A text that is no contract path.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no contract path; write properties/NAME, properties/NAME/default or properties/NAME/options/OPTION"
)]
pub struct PathError(String);

impl ContractPath {
    /// The property that the path is about.
    pub fn property(&self) -> &PropertyName {
        match self {
            Self::Property(name) | Self::Default(name) | Self::Option(name, _) => name,
        }
    }

    /// Whether `self` is `other` or stands inside it.
    pub fn is_within(&self, other: &Self) -> bool {
        self == other || matches!(other, Self::Property(name) if name == self.property())
    }
}

impl std::fmt::Display for ContractPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Property(name) => write!(f, "properties/{}", escape(name.as_str())),
            Self::Default(name) => write!(f, "properties/{}/default", escape(name.as_str())),
            Self::Option(name, option) => {
                write!(f, "properties/{}/options/{}", escape(name.as_str()), escape(option.as_str()))
            }
        }
    }
}

impl std::str::FromStr for ContractPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('/').collect();
        match parts[..] {
            ["properties", name] if !name.is_empty() => Ok(Self::Property(unescape(name).into())),
            ["properties", name, "default"] if !name.is_empty() => Ok(Self::Default(unescape(name).into())),
            ["properties", name, "options", option] if !name.is_empty() => {
                Ok(Self::Option(unescape(name).into(), unescape(option).into()))
            }
            _ => Err(PathError(text.to_owned())),
        }
    }
}

impl TryFrom<String> for ContractPath {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ContractPath> for String {
    fn from(path: ContractPath) -> Self {
        path.to_string()
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_back_as_written() {
        for (path, text) in [
            (ContractPath::Property("size".into()), "properties/size"),
            (ContractPath::Default("size".into()), "properties/size/default"),
            (ContractPath::Option("size".into(), "large".into()), "properties/size/options/large"),
            (ContractPath::Option("a/b".into(), "~x".into()), "properties/a~1b/options/~0x"),
            (ContractPath::Property("~1".into()), "properties/~01"),
        ] {
            assert_eq!(path.to_string(), text);
            assert_eq!(text.parse::<ContractPath>().unwrap(), path);
        }
        for text in ["", "size", "properties", "properties/", "properties/a/b", "properties/a/options/b/c"] {
            assert!(text.parse::<ContractPath>().is_err(), "{text}");
        }
    }
}
