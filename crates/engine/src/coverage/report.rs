//! What people read of coverage.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{
    contract::VariantName,
    coverage::{MatrixRow, Shortfall, Strategy, TestKind, Thresholds, Warning, overall},
    diagnostic::Diagnostic,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Covered, CoveredComponent};
use crate::{error::EngineError, workspace::config::CoverageRules};

/// The coverage of some components.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CoverageReport {
    /// What was counted.
    pub strategy: Strategy,
    /// The components, by name.
    pub components: Vec<ComponentCoverage>,
    /// All of them together.
    pub totals: CoverageTotals,
    /// What is below what was asked for.
    pub shortfalls: Vec<Shortfall>,
    /// How many of them the registry had no report like this of.
    pub new_reports: usize,
    /// Test files of which it is not known what they test.
    pub unattributed: Vec<String>,
    /// What was wrong with test files.
    pub diagnostics: Vec<Diagnostic>,
}

/// The coverage of one component.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ComponentCoverage {
    /// Its name.
    pub name: String,
    /// How many of its variants stories show, in percent.
    pub percent: f64,
    /// How many variants it declares.
    pub variants: usize,
    /// How many of those stories show.
    pub shown: usize,
    /// Those that no story shows.
    pub missing_variants: Vec<VariantName>,
    /// The kinds of tests that it has none of.
    pub missing_tests: Vec<TestKind>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
}

/// The coverage of all components together.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CoverageTotals {
    /// How many there are.
    pub components: usize,
    /// The mean of their percentages.
    pub percent: f64,
    /// How many variants they declare.
    pub variants: usize,
    /// How many of those stories show.
    pub shown: usize,
    /// How many lack tests of each kind.
    pub missing_tests: BTreeMap<TestKind, usize>,
}

/// The variants of one component: where each is declared, shown and tested.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CoverageMatrix {
    /// The component.
    #[serde(flatten)]
    pub component: ComponentCoverage,
    /// What was counted.
    pub strategy: Strategy,
    /// One row a variant.
    pub rows: Vec<MatrixRow>,
    /// When the component was last synced.
    pub last_synced_at: Option<DateTime<Utc>>,
}

impl From<&CoveredComponent> for ComponentCoverage {
    fn from(component: &CoveredComponent) -> Self {
        let found = &component.coverage;
        Self {
            name: component.name.clone(),
            percent: found.percent,
            variants: found.declared,
            shown: found.shown,
            missing_variants: found.missing.clone(),
            missing_tests: found.missing_tests.clone(),
            warnings: found.warnings.clone(),
        }
    }
}

impl Covered {
    /// The report, held against what is asked for: by the rules, and in their place by who asks.
    pub fn report(&self, rules: &CoverageRules, asked: Option<f64>) -> CoverageReport {
        let components: Vec<ComponentCoverage> = self.components.iter().map(Into::into).collect();
        let thresholds = Thresholds { overall: asked.or(rules.thresholds.overall), ..rules.thresholds };
        let held = components.iter().map(|component| {
            (component.name.as_str(), component.percent, rules.own_threshold(&component.name))
        });
        let shortfalls = thresholds.shortfalls(held);
        let mut missing_tests = BTreeMap::new();
        for kind in components.iter().flat_map(|component| &component.missing_tests) {
            *missing_tests.entry(*kind).or_default() += 1;
        }
        let totals = CoverageTotals {
            components: components.len(),
            percent: overall(components.iter().map(|component| component.percent)),
            variants: components.iter().map(|component| component.variants).sum(),
            shown: components.iter().map(|component| component.shown).sum(),
            missing_tests,
        };
        CoverageReport {
            strategy: self.strategy,
            components,
            totals,
            shortfalls,
            new_reports: self.new_reports,
            unattributed: self.unattributed.clone(),
            diagnostics: self.diagnostics.clone(),
        }
    }

    /// The matrix of a component.
    ///
    /// # Errors
    /// When it is not among those that were asked for.
    pub fn matrix(&self, name: &str) -> Result<CoverageMatrix, EngineError> {
        let component = self.components.iter().find(|component| component.name == name).ok_or_else(|| {
            EngineError::not_found(
                format!("there is no coverage of a component `{name}`"),
                "`lockstep coverage` lists them, and computes what is not there yet",
            )
        })?;
        Ok(CoverageMatrix {
            component: component.into(),
            strategy: self.strategy,
            rows: component.coverage.matrix.clone(),
            last_synced_at: component.last_synced_at,
        })
    }
}
