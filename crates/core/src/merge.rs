//! The three-way merge of one value: what both agreed on, and what each side says now.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is known of the value that both sides agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base<T> {
    /// Nobody knows: there is no baseline for it.
    Unknown,
    /// Both agreed on this.
    Agreed(T),
}

impl<T> Base<T> {
    /// The agreed value turned into another.
    pub fn map<U>(self, turn: impl FnOnce(T) -> U) -> Base<U> {
        match self {
            Self::Unknown => Base::Unknown,
            Self::Agreed(value) => Base::Agreed(turn(value)),
        }
    }
}

/// Who moved away from what was agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// Only code did.
    CodeAhead,
    /// Only the design did.
    DesignAhead,
    /// Both did, differently.
    Conflict,
    /// Nobody can be said to have moved.
    Undetermined,
}

impl std::fmt::Display for Moved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CodeAhead => "code ahead",
            Self::DesignAhead => "design ahead",
            Self::Conflict => "conflict",
            Self::Undetermined => "undetermined",
        })
    }
}

/// Who moved, or nothing when both sides say the same, whatever was agreed.
pub fn judge<T: PartialEq>(base: &Base<T>, code: &T, design: &T) -> Option<Moved> {
    if code == design {
        return None;
    }
    Some(match base {
        Base::Unknown => Moved::Undetermined,
        Base::Agreed(base) if base == design => Moved::CodeAhead,
        Base::Agreed(base) if base == code => Moved::DesignAhead,
        Base::Agreed(_) => Moved::Conflict,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn who_moved() {
        use Moved::{CodeAhead, Conflict, DesignAhead, Undetermined};
        for (base, code, design, expected) in [
            (Base::Agreed(1), 1, 1, None),
            (Base::Agreed(1), 2, 1, Some(CodeAhead)),
            (Base::Agreed(1), 1, 2, Some(DesignAhead)),
            (Base::Agreed(1), 2, 3, Some(Conflict)),
            (Base::Agreed(1), 2, 2, None),
            (Base::Unknown, 1, 1, None),
            (Base::Unknown, 1, 2, Some(Undetermined)),
        ] {
            assert_eq!(judge(&base, &code, &design), expected, "{base:?} {code} {design}");
        }
    }

    proptest! {
        #[test]
        fn swapping_the_sides_swaps_the_verdict(base in 0..4u8, code in 0..4u8, design in 0..4u8) {
            let swapped = judge(&Base::Agreed(base), &design, &code).map(|moved| match moved {
                Moved::CodeAhead => Moved::DesignAhead,
                Moved::DesignAhead => Moved::CodeAhead,
                same => same,
            });
            prop_assert_eq!(judge(&Base::Agreed(base), &code, &design), swapped);
        }
    }
}
