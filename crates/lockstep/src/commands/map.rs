//! `lockstep map`: which design component a component stands for.

use clap::{Args, Subcommand};

/// Show and change which design component a component stands for.
#[derive(Debug, Args)]
pub struct MapArgs {
    /// What to do; `list` when nothing is said
    #[command(subcommand)]
    pub action: Option<MapAction>,
}

/// What can be done with mappings.
#[derive(Debug, Subcommand)]
pub enum MapAction {
    /// List each component with its design component, and by whose word
    List {
        /// Only those without a design component
        #[arg(long)]
        unmapped: bool,
    },
    /// Suggest design components for those without one
    Suggest {
        /// The components; all unmapped ones when none is named
        #[arg(value_name = "COMPONENT")]
        components: Vec<String>,
        /// Only suggestions with at least this score
        #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=100))]
        min: u8,
    },
    /// Accept suggestions: writes them into lockstep.toml
    Accept {
        /// The components whose best suggestion is accepted
        #[arg(value_name = "COMPONENT", required_unless_present = "all")]
        components: Vec<String>,
        /// Accept every best suggestion with at least the score of --min
        #[arg(long, conflicts_with = "components")]
        all: bool,
        /// The least score for --all
        #[arg(long, value_name = "PERCENT", default_value_t = 90, value_parser = clap::value_parser!(u8).range(0..=100))]
        min: u8,
    },
    /// Link a component to a design component, or a property or option of it
    Set {
        /// The component
        component: String,
        /// The design component: `acme#4000:1394`, its name, or its figma.com address
        #[arg(required_unless_present_any = ["property", "option", "boolean"])]
        design: Option<String>,
        /// A design property is a code property: `Style=fillStyle` (repeatable)
        #[arg(long, value_name = "DESIGN=CODE")]
        property: Vec<NamePair>,
        /// A design option is a code option: `fillStyle:Fill=fill` (repeatable)
        #[arg(long, value_name = "PROPERTY:DESIGN=CODE")]
        option: Vec<OptionPair>,
        /// A design option is a boolean in code: `State=Disabled=isDisabled` (repeatable)
        #[arg(long, value_name = "PROPERTY=OPTION=CODE")]
        boolean: Vec<NamePair>,
    },
    /// Take a component's link and rules out of lockstep.toml
    Unset {
        /// The component
        component: String,
        /// Only the rule for this design property (repeatable)
        #[arg(long, value_name = "DESIGN")]
        property: Vec<String>,
    },
}

/// `DESIGN=CODE`, split at the last `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePair {
    /// The name in the design.
    pub design: String,
    /// The name in code.
    pub code: String,
}

impl std::str::FromStr for NamePair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.rsplit_once('=') {
            Some((design, code)) if !design.is_empty() && !code.is_empty() => {
                Ok(Self { design: design.to_owned(), code: code.to_owned() })
            }
            _ => Err(format!("`{text}` is not of the form DESIGN=CODE")),
        }
    }
}

/// `PROPERTY:DESIGN=CODE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionPair {
    /// The code property.
    pub property: String,
    /// The names of the option.
    pub names: NamePair,
}

impl std::str::FromStr for OptionPair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((property, names)) if !property.is_empty() => {
                Ok(Self { property: property.to_owned(), names: names.parse()? })
            }
            _ => Err(format!("`{text}` is not of the form PROPERTY:DESIGN=CODE")),
        }
    }
}
