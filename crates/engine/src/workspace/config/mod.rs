//! `lockstep.toml`: what a workspace consists of, how its names correspond, and what its team decided.

mod address;
mod browser;
mod coverage;
mod glob;
mod live;
mod nearest;
mod reader;
mod rules;
mod sections;
mod store;

use lockstep_code::Framework;
use lockstep_core::{
    contract::{ContractPath, OptionName, PropertyName},
    diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace},
    direction::Direction,
};

use std::collections::BTreeMap;

use super::WorkspacePath;

pub use address::{DesignAddress, FigmaLink};
pub(crate) use browser::web_address;
pub use browser::{BrowserAddress, SessionRules, StorybookPlace, VisualRules};
pub use coverage::CoverageRules;
pub use glob::NameGlob;
pub use live::LiveFile;
pub(crate) use live::{FOLDER as LIVE_FOLDER, file_stem};
pub use nearest::nearest;
pub use store::{MissingVariable, StoreLocation, StoreUrl};

/// The file's name.
pub const CONFIG_FILE: &str = "lockstep.toml";

/// A file beyond this many bytes is no configuration.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// What `lockstep.toml` says.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[workspace] name`; by default the folder's name.
    pub name: String,
    /// The `[[code]]` packages; by default one, the workspace's own folder.
    pub code: Vec<CodePackage>,
    /// The `[[design]]` files.
    pub design: Vec<DesignFile>,
    /// Where the registry is; by default `.lockstep/lockstep.db`.
    pub store: StoreLocation,
    /// The `[mapping.…]` rules by the component's name.
    pub mapping: BTreeMap<String, MappingRule>,
    /// The `[[ignore]]` rules.
    pub ignores: Vec<IgnoreRule>,
    /// The `[[accepted]]` differences.
    pub accepted: Vec<AcceptedDifference>,
    /// How the sides are compared.
    pub compare: CompareRules,
    /// How a sync acts when the command line doesn't say.
    pub sync: SyncRules,
    /// How coverage is counted, and how much is enough.
    pub coverage: CoverageRules,
    /// Where stories are rendered, what opens them, and what fails them.
    pub sessions: SessionRules,
    /// `[hub] url`: where people find the hub, for links in what it tells.
    pub hub: Option<String>,
}

/// One `[[code]]` package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePackage {
    /// The folder of its `package.json`.
    pub root: WorkspacePath,
    /// What its components are written with; by default React.
    pub framework: Framework,
    /// Globs of the source files, relative to `root`; empty for every source file.
    pub include: Vec<String>,
    /// Globs of files that are left out.
    pub exclude: Vec<String>,
    /// Globs of the story files; empty for `*.stories.*` anywhere below `root`.
    pub stories: Vec<String>,
    /// Where the entry stands.
    pub place: Option<TextPlace>,
}

/// One `[[design]]` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesignFile {
    /// The short name that addresses start with: `acme#4000:1394`.
    pub name: String,
    /// The file; of a live one, the copy that is read.
    pub file: WorkspacePath,
    /// The Figma file key, so that figma.com addresses point here.
    pub key: Option<String>,
    /// What it is a copy of, where it is read live.
    pub live: Option<LiveFile>,
    /// Where the entry stands.
    pub place: TextPlace,
}

/// What `[mapping.NAME]` says of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingRule {
    /// The design component it stands for; without one, it is found by the other means.
    pub design: Option<DesignAddress>,
    /// By design property.
    pub properties: BTreeMap<PropertyName, PropertyRule>,
    /// By code property: design option to code option.
    pub options: BTreeMap<PropertyName, BTreeMap<OptionName, OptionName>>,
    /// Design options that are a boolean in code: `State=Disabled` to `isDisabled`.
    pub booleans: BTreeMap<(PropertyName, OptionName), PropertyName>,
    /// Where the rule stands.
    pub place: TextPlace,
}

/// What a mapping says of one design property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyRule {
    /// It is this code property.
    Is(PropertyName),
    /// It is not compared.
    NotCompared {
        /// Why.
        reason: String,
    },
}

/// One `[[ignore]]`: drift that is not reported, and why.
#[derive(Debug, Clone)]
pub struct IgnoreRule {
    /// Which components.
    pub component: NameGlob,
    /// Which places of their contracts.
    pub path: NameGlob,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<chrono::NaiveDate>,
    /// Where the rule stands.
    pub place: TextPlace,
}

/// One `[[accepted]]` difference: known, and no reason for alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedDifference {
    /// The component.
    pub component: String,
    /// The place in its contract.
    pub path: ContractPath,
    /// The code's value at the time; with neither value, whatever differs there is accepted.
    pub code: Option<serde_json::Value>,
    /// The design's value at the time.
    pub design: Option<serde_json::Value>,
    /// Why.
    pub reason: String,
    /// When.
    pub date: Option<chrono::NaiveDate>,
    /// Where the entry stands.
    pub place: TextPlace,
}

/// `[compare]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompareRules {
    /// Options that are interaction states and no property in code, in place of the built-in list.
    pub interaction_states: Option<Vec<String>>,
}

/// `[sync]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncRules {
    /// The direction where none is asked for; by default `bidirectional`, which takes nothing away that either side
    /// has just added.
    pub default_direction: Direction,
    /// How long one request is taken for the same: the width of the bucket in `operation_hash`; by default 60.
    pub bucket_seconds: u32,
    /// Whether a sync writes stories for variants without one; by default it does.
    pub stories: bool,
    /// Whether the project's own formatter, Prettier or Biome, lays out a file that gets stories; by default it does.
    pub format: bool,
}

impl Default for SyncRules {
    fn default() -> Self {
        Self { default_direction: Direction::Bidirectional, bucket_seconds: 60, stories: true, format: true }
    }
}

/// A `lockstep.toml` that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file} has {}", counted(diagnostics))]
pub struct ConfigError {
    /// The file, relative to the workspace.
    pub file: String,
    /// All that is wrong with it, warnings too.
    pub diagnostics: Vec<Diagnostic>,
}

fn counted(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|found| found.severity == DiagnosticSeverity::Error).count();
    if errors == 1 { "an error".into() } else { format!("{errors} errors") }
}

impl Config {
    /// Reads the text of a `lockstep.toml`. Warnings come beside the result.
    ///
    /// # Errors
    /// Everything that is wrong with the text, each with its place.
    pub fn parse(text: &str, folder_name: &str) -> Result<(Self, Vec<Diagnostic>), ConfigError> {
        let (config, diagnostics) = sections::read(text, folder_name, MAX_BYTES);
        match config {
            Some(config) if diagnostics.iter().all(|found| found.severity == DiagnosticSeverity::Warning) => {
                Ok((config, diagnostics))
            }
            _ => Err(ConfigError { file: CONFIG_FILE.into(), diagnostics }),
        }
    }

    /// The `[[design]]` file of that short name.
    pub fn design_file(&self, name: &str) -> Option<&DesignFile> {
        self.design.iter().find(|design| design.name == name)
    }

    /// Where a figma.com address points in this workspace's design files.
    pub fn design_address_of(&self, link: &FigmaLink) -> Option<DesignAddress> {
        let file = DesignFile::of_link(&self.design, link)?;
        Some(DesignAddress::Node { file: file.name.clone(), node: link.node.clone()? })
    }
}

impl DesignFile {
    /// The file that an address on figma.com is about: the one of that key, or a branch of it. Nodes have the same ids in
    /// a branch.
    pub(crate) fn of_link<'a>(designs: &'a [Self], link: &FigmaLink) -> Option<&'a Self> {
        let of_key = |key: &String| designs.iter().find(|design| design.key.as_ref() == Some(key));
        let branch = || {
            let of_main = |live: &LiveFile| live.branch_of.as_ref() == Some(&link.file_key);
            designs.iter().find(|design| design.live.as_ref().is_some_and(of_main))
        };
        link.branch.as_ref().and_then(of_key).or_else(|| of_key(&link.file_key)).or_else(branch)
    }
}

impl IgnoreRule {
    /// Whether the rule is about this place of this component. A rule about a property covers its options and default.
    pub fn covers(&self, component: &str, path: &ContractPath) -> bool {
        self.component.matches(component) && covers(&self.path, path)
    }

    /// Whether it no longer holds on that day.
    pub fn has_expired(&self, today: chrono::NaiveDate) -> bool {
        self.expires.is_some_and(|last| last < today)
    }
}

/// Whether a pattern is about a place. One that is about a property is about its options and default, too.
pub(crate) fn covers(pattern: &NameGlob, path: &ContractPath) -> bool {
    pattern.matches(&path.to_string())
        || pattern.matches(&ContractPath::Property(path.property().clone()).to_string())
}

#[cfg(test)]
mod tests;
