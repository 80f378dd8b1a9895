//! How a design component's properties and options correspond to a component's, and the two contracts made
//! comparable.

mod compare;
mod correspondence;
mod interaction;
mod options;
mod spelling;
mod suggest;

pub use compare::compare;
pub use correspondence::{Correspondence, DesignName, DesignProperty, OptionNames, Untranslatable};
pub use interaction::InteractionStates;
pub use spelling::Spelling;
pub use suggest::{Candidate, Candidates, Suggestion, SuggestionReason};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    contract::{Contract, OptionName, PropertyName},
    statement::Identities,
};

/// Which of the authorities linked a component to its design component, strongest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum MappingSource {
    /// `[mapping]` in `lockstep.toml`.
    Config,
    /// A Code Connect file.
    CodeConnect {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u32,
    },
    /// A story's `parameters.design.url`.
    StoryUrl {
        /// The story's id.
        story: String,
    },
    /// The same name on both sides, after normalising.
    ExactName,
}

impl std::fmt::Display for MappingSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Config => f.write_str("lockstep.toml"),
            Self::CodeConnect { file, line } => write!(f, "Code Connect, {file}:{line}"),
            Self::StoryUrl { story } => write!(f, "the design link of story {story}"),
            Self::ExactName => f.write_str("the same name"),
        }
    }
}

/// What people have said about how the two contracts of one component correspond.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rules {
    /// Design property (without `#id:n`) to what it is in code.
    pub properties: BTreeMap<String, PropertyRule>,
    /// Code property to design option to code option.
    pub options: BTreeMap<PropertyName, BTreeMap<String, OptionName>>,
    /// Design options that are a boolean in code: `State=Disabled` is `disabled`.
    pub booleans: Vec<BooleanRule>,
}

impl Rules {
    /// Adds the rules of a weaker authority where this one says nothing.
    pub fn or(mut self, weaker: Self) -> Self {
        for (design, rule) in weaker.properties {
            self.properties.entry(design).or_insert(rule);
        }
        for (property, options) in weaker.options {
            let mine = self.options.entry(property).or_default();
            for (design, code) in options {
                mine.entry(design).or_insert(code);
            }
        }
        for rule in weaker.booleans {
            if !self.booleans.iter().any(|mine| mine.property == rule.property && mine.option == rule.option)
            {
                self.booleans.push(rule);
            }
        }
        self
    }
}

/// What one design property is in code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PropertyRule {
    /// This code property.
    Is(PropertyName),
    /// Nothing that should be compared, for the reason given.
    NotCompared {
        /// The reason that the person gave.
        reason: String,
    },
}

/// A design option that is a boolean in code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BooleanRule {
    /// The design property.
    pub property: String,
    /// The design option that stands for `true`.
    pub option: String,
    /// The boolean code property.
    pub code: PropertyName,
}

/// Two contracts made comparable: in code's spelling, holding only what can be compared on both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The code contract, without what is set aside.
    pub code: Contract,
    /// The design contract after mapping, without what is set aside. Its hash is the `diff_hash`.
    pub design: Contract,
    /// Identities of the code contract.
    pub code_identities: Identities,
    /// Identities of the design contract, in code's spelling.
    pub design_identities: Identities,
    /// Every heuristic that matched something, with its reason.
    pub matched: Vec<Note>,
    /// Everything that was left out of the comparison, with its reason.
    pub set_aside: Vec<Note>,
    /// Properties of the design contract that only the design has, with the one that only code has and that has the
    /// same options: most likely one property under two names.
    pub alike: BTreeMap<PropertyName, PropertyName>,
    /// The way back from code's spelling to the design's.
    pub correspondence: Correspondence,
}

/// A remark on one property of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// The property, in code's spelling where code has it.
    pub property: String,
    /// What was matched or set aside, and why.
    pub reason: String,
}

impl Note {
    fn new(property: impl ToString, reason: impl Into<String>) -> Self {
        Self { property: property.to_string(), reason: reason.into() }
    }
}

/// What a workspace configures about comparing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComparePolicy {
    /// Which options are interaction states.
    pub interaction_states: InteractionStates,
}
