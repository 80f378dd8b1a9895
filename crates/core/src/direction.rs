//! Which side follows which.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The direction of a sync, per component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The design is made to agree with the code.
    CodeToDesign,
    /// The code is made to agree with the design.
    DesignToCode,
    /// Each side's own changes since the baseline go to the other side.
    Bidirectional,
}

impl Direction {
    /// Every direction.
    pub const ALL: [Self; 3] = [Self::CodeToDesign, Self::DesignToCode, Self::Bidirectional];

    /// The name in files and in the registry: `code_to_design`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CodeToDesign => "code_to_design",
            Self::DesignToCode => "design_to_code",
            Self::Bidirectional => "bidirectional",
        }
    }
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no direction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no direction; write code_to_design, design_to_code or bidirectional")]
pub struct UnknownDirection(pub String);

impl std::str::FromStr for Direction {
    type Err = UnknownDirection;

    /// Reads a direction with `_` or `-` between its words.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let spelt = text.replace('-', "_");
        Self::ALL
            .into_iter()
            .find(|direction| direction.as_str() == spelt)
            .ok_or_else(|| UnknownDirection(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_read_back_as_written() {
        for direction in Direction::ALL {
            assert_eq!(direction.to_string().parse(), Ok(direction));
            assert_eq!(direction.to_string().replace('_', "-").parse(), Ok(direction));
            assert_eq!(serde_json::to_value(direction).unwrap(), direction.as_str());
        }
        assert_eq!("both".parse::<Direction>(), Err(UnknownDirection("both".into())));
    }
}
