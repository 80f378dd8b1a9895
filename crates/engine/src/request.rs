//! What a person asks of a sync, and what that means for each component.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::{
    contract::{ContractPath, VariantName},
    direction::Direction,
    plan::{Choice, ComponentSelection},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{error::EngineError, registry::Current, workspace::config::NameGlob};

/// A request to sync. Nothing named means everything that has drift.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SyncRequest {
    /// The components; empty for all that have drift.
    pub components: Vec<String>,
    /// The direction where none is given for the component.
    pub direction: Option<Direction>,
    /// The direction of single components.
    pub directions: BTreeMap<String, Direction>,
    /// When not empty, only changes at these places are made.
    pub only: Vec<Pattern>,
    /// Changes at these places are left.
    pub exclude: Vec<Pattern>,
    /// Variants such as `size=large` that are left as they are.
    pub exclude_variants: Vec<VariantPattern>,
    /// The side that is right, place by place.
    pub resolve: Vec<(Pattern, Choice)>,
    /// Whether components whose design can't be read for want of a credential are left out; else nothing is done.
    pub partial: bool,
}

/// Places of contracts: of one component or of all, by glob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pattern {
    /// The component; all of them without.
    pub component: Option<String>,
    /// A glob over paths such as `properties/size/options/*`.
    pub path: String,
}

/// A variant of one component or of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VariantPattern {
    /// The component; all of them without.
    pub component: Option<String>,
    /// The variant: `size=large`.
    pub variant: String,
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.component {
            Some(component) => write!(f, "{component}:{}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

impl Pattern {
    fn glob(&self) -> Result<NameGlob, EngineError> {
        NameGlob::new(&self.path).map_err(|error| {
            EngineError::not_found(
                format!("`{self}` is no pattern: {error}"),
                "write a path such as properties/size/options/*",
            )
        })
    }

    fn is_about(&self, component: &str) -> bool {
        self.component.as_ref().is_none_or(|name| name == component)
    }
}

impl SyncRequest {
    /// The components to look at, in order, with what was chosen for each. Every place that was named must be one of a
    /// change, so that a misspelt exclusion never goes unnoticed.
    pub(crate) fn select(
        &self,
        current: &Current,
        default: Direction,
    ) -> Result<Vec<(usize, ComponentSelection)>, EngineError> {
        let named = self.components.iter().chain(self.directions.keys());
        let named: BTreeSet<usize> = named.map(|name| current.named(name)).collect::<Result<_, _>>()?;
        let indexes: Vec<usize> = if self.components.is_empty() {
            (0..current.entries.len()).collect()
        } else {
            named.into_iter().collect()
        };
        for name in &self.components {
            let index = current.named(name)?;
            if current.entries[index].link.is_none() {
                return Err(EngineError::refused(
                    "unmapped",
                    format!("`{name}` is not linked to a design component"),
                    format!("see `lockstep map suggest {name}`"),
                ));
            }
        }
        let mut used = BTreeSet::new();
        let mut selections = Vec::new();
        for index in indexes {
            let Some(compared) = &current.entries[index].compared else { continue };
            if compared.drift.reported.is_empty() {
                continue;
            }
            let name = &current.sides.components[index].name;
            let direction = self.directions.get(name).copied().or(self.direction).unwrap_or(default);
            let paths: Vec<&ContractPath> =
                compared.drift.reported.iter().map(|change| &change.path).collect();
            selections.push((index, self.selection(name, direction, &paths, &mut used)?));
        }
        self.nothing_unused(&used)?;
        Ok(selections)
    }

    fn selection(
        &self,
        name: &str,
        direction: Direction,
        paths: &[&ContractPath],
        used: &mut BTreeSet<String>,
    ) -> Result<ComponentSelection, EngineError> {
        let mut selection = ComponentSelection::all(direction);
        let mut matching = |pattern: &Pattern| -> Result<Vec<ContractPath>, EngineError> {
            if !pattern.is_about(name) {
                return Ok(Vec::new());
            }
            let glob = pattern.glob()?;
            let inside = pattern.path.parse::<ContractPath>().ok();
            let found: Vec<ContractPath> = paths
                .iter()
                .filter(|path| {
                    glob.matches(&path.to_string())
                        || inside.as_ref().is_some_and(|wider| path.is_within(wider))
                })
                .map(|path| (*path).clone())
                .collect();
            if !found.is_empty() {
                used.insert(pattern.to_string());
            }
            Ok(found)
        };
        for pattern in &self.exclude {
            selection.exclude.extend(matching(pattern)?);
        }
        for pattern in &self.only {
            selection.only.extend(matching(pattern)?);
        }
        if !self.only.is_empty() && selection.only.is_empty() {
            selection.exclude.extend(paths.iter().map(|path| (*path).clone()));
        }
        for (pattern, choice) in &self.resolve {
            selection.choices.extend(matching(pattern)?.into_iter().map(|path| (path, *choice)));
        }
        for variant in &self.exclude_variants {
            for path in variant.paths()? {
                selection.exclude.extend(matching(&Pattern {
                    component: variant.component.clone(),
                    path: path.to_string(),
                })?);
            }
        }
        Ok(selection)
    }

    fn nothing_unused(&self, used: &BTreeSet<String>) -> Result<(), EngineError> {
        let patterns =
            self.exclude.iter().chain(&self.only).chain(self.resolve.iter().map(|(pattern, _)| pattern));
        match patterns.map(ToString::to_string).find(|pattern| !used.contains(pattern)) {
            None => Ok(()),
            Some(pattern) => Err(EngineError::not_found(
                format!("no change is at `{pattern}`"),
                "`lockstep drift` shows the paths; a glob such as Button:properties/size/* is fine",
            )),
        }
    }
}

impl VariantPattern {
    /// The places that add or remove the variant: its options.
    fn paths(&self) -> Result<Vec<ContractPath>, EngineError> {
        let points = VariantName::parse_points(&self.variant).map_err(|error| {
            EngineError::not_found(
                format!("`{}` is no variant: {error}", self.variant),
                "write it as size=large",
            )
        })?;
        Ok(points.into_iter().map(|(property, option)| ContractPath::Option(property, option)).collect())
    }
}
