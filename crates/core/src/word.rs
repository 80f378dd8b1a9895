//! Closed vocabularies: enums whose values are spelt the same way everywhere they are stored or shown.

/// A text that is no word of a vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no {what}; it is one of {known}")]
pub struct UnknownWord {
    /// The vocabulary: `mapping status`.
    pub what: &'static str,
    /// The text given.
    pub word: String,
    /// All words, separated by commas.
    pub known: String,
}

/// What every vocabulary can do; the store writes and reads any of them through it.
pub trait Word: Copy + Send + 'static {
    /// The vocabulary's name in prose: `mapping status`.
    const WHAT: &'static str;

    /// Every word, in the order of declaration.
    fn all() -> &'static [Self];

    /// The spelling.
    fn word(self) -> &'static str;

    /// The value of a spelling.
    ///
    /// # Errors
    /// When the text is none of the words.
    fn of_word(text: &str) -> Result<Self, UnknownWord> {
        Self::all().iter().copied().find(|value| value.word() == text).ok_or_else(|| UnknownWord {
            what: Self::WHAT,
            word: text.to_owned(),
            known: Self::all().iter().map(|value| value.word()).collect::<Vec<_>>().join(", "),
        })
    }
}

/// Declares a vocabulary: the enum with its spellings, `ALL`, `as_str`, `Display`, `FromStr`, serde, its schema and
/// [`Word`].
macro_rules! words {
    ($(#[$meta:meta])* $name:ident ($what:literal) { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[derive(schemars::JsonSchema)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling in the registry and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl $crate::word::Word for $name {
            const WHAT: &'static str = $what;

            fn all() -> &'static [Self] {
                Self::ALL
            }

            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::word::Word::of_word(text)
            }
        }
    };
}

pub(crate) use words;

impl Word for crate::direction::Direction {
    const WHAT: &'static str = "direction";

    fn all() -> &'static [Self] {
        &Self::ALL
    }

    fn word(self) -> &'static str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    words! {
        /// For the tests.
        Light ("light") { /// Go.
            Green = "green", /// Stop.
            DeepRed = "deep_red" }
    }

    #[test]
    fn words_read_back_as_written() {
        for light in Light::ALL {
            assert_eq!(light.to_string().parse(), Ok(*light));
            assert_eq!(serde_json::to_value(light).unwrap(), light.as_str());
        }
        let error = "amber".parse::<Light>().unwrap_err();
        insta::assert_snapshot!(error, @"`amber` is no light; it is one of green, deep_red");
    }
}
