//! Names of properties and options, and when two of them correspond.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[derive(schemars::JsonSchema)]
        #[serde(transparent)]
        #[schemars(inline)]
        pub struct $type(#[schemars(with = "String")] CompactString);

        impl $type {
            /// The name as it is spelt.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The form under which names of both sides are compared.
            pub fn normalised(&self) -> NormalisedName {
                normalise(&self.0)
            }
        }

        impl<S: AsRef<str>> From<S> for $type {
            fn from(name: S) -> Self {
                Self(CompactString::new(name))
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The name of a property, in the spelling of the side that states it.
    PropertyName
}
name! {
    /// The name of one option of an `enum` property.
    OptionName
}

/// A name without what the two sides spell differently: case, spaces, `-`, `_`, invisible characters and
/// Figma's `#12:3` suffix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NormalisedName(CompactString);

impl NormalisedName {
    /// The normalised letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Normalises a name for comparison across sides: `Icon Left#12:3` and `iconLeft` both give `iconleft`.
pub fn normalise(name: &str) -> NormalisedName {
    let name = without_property_id(name);
    // Nearly all names are ASCII, and each is normalised at each comparison.
    if name.is_ascii() {
        let kept = name.bytes().filter(|b| !is_ascii_gap(*b)).map(|b| char::from(b.to_ascii_lowercase()));
        return NormalisedName(kept.collect());
    }
    let kept = name
        .chars()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c) && !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect();
    NormalisedName(kept)
}

/// The name without the `#<session>:<counter>` that Figma appends to the names of boolean, text and instance-swap
/// properties.
pub fn without_property_id(name: &str) -> &str {
    let Some((head, id)) = name.rsplit_once('#') else { return name };
    match id.split_once(':') {
        Some((session, counter)) if is_digits(session) && is_digits(counter) => head,
        _ => name,
    }
}

/// The ASCII characters that normalising drops: white space as Unicode has it, `-` and `_`.
fn is_ascii_gap(byte: u8) -> bool {
    matches!(byte, b' ' | 0x09..=0x0D | b'-' | b'_')
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Format characters that designers paste in without seeing them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_correspond_across_sides() {
        for (a, b) in [
            ("Icon Left#12:3", "iconLeft"),
            ("icon-left", "IconLeft"),
            ("icon_left", "icon left"),
            ("Size\u{180E}", "size"),
            ("Größe", "größe"),
        ] {
            assert_eq!(normalise(a), normalise(b), "{a} and {b}");
        }
    }

    #[test]
    fn every_ascii_character_is_normalised_as_others_are() {
        for byte in 0..=0x7f_u8 {
            let letter = char::from(byte);
            // A letter beyond ASCII takes the name off the short way.
            let (short, long) = (normalise(&format!("a{letter}b")), normalise(&format!("a{letter}bß")));
            assert_eq!(format!("{}ß", short.as_str()), long.as_str(), "{letter:?}");
        }
    }

    #[test]
    fn what_only_looks_like_a_suffix_is_kept() {
        for (a, b) in [("Label#1", "Label"), ("Label#a:1", "Label"), ("#1:2#", "#1:2"), ("a.b", "ab")] {
            assert_ne!(normalise(a), normalise(b), "{a} and {b}");
        }
    }
}
