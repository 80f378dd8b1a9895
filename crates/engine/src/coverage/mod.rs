//! Coverage: what of each component its stories show, and what tests it.

mod attribute;
mod design;
mod record;
mod report;
mod trend;

use std::collections::BTreeMap;

use lockstep_core::{
    coverage::{Coverage, Drawn, Strategy, Subject, evaluate},
    diagnostic::Diagnostic,
    ids::ComponentId,
};
use rayon::prelude::*;

use crate::{
    context::Engine,
    error::EngineError,
    registry::Current,
    workspace::config::{CoverageRules, NameGlob},
};
use attribute::Attributed;
pub(crate) use attribute::tested_stories;
pub use record::recorded;
pub use report::{ComponentCoverage, CoverageMatrix, CoverageReport, CoverageTotals};
pub use trend::{Trend, TrendPoint, trend};

/// The coverage of some components, as it was computed and recorded.
#[derive(Debug)]
pub struct Covered {
    /// What was counted.
    pub strategy: Strategy,
    /// The components, by name.
    pub components: Vec<CoveredComponent>,
    /// Tests of which it is not known what they test.
    pub unattributed: Vec<String>,
    /// What was wrong with test files.
    pub diagnostics: Vec<Diagnostic>,
    /// How many reports are new: what they are about is other than it ever was.
    pub new_reports: usize,
}

/// The coverage of one component.
#[derive(Debug)]
pub struct CoveredComponent {
    /// Its id.
    pub id: ComponentId,
    /// Its name.
    pub name: String,
    /// What was found.
    pub coverage: Coverage,
    /// When it was last synced.
    pub last_synced_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl Covered {
    /// Leaves only the components that names or globs are about; all of them without any.
    pub fn keep(&mut self, names: &[String]) {
        if names.is_empty() {
            return;
        }
        let globs: Vec<_> = names.iter().map(|name| (name, NameGlob::new(name).ok())).collect();
        self.components.retain(|component| {
            let is_about = |(name, glob): &(&String, Option<NameGlob>)| {
                **name == component.name || glob.as_ref().is_some_and(|glob| glob.matches(&component.name))
            };
            globs.iter().any(is_about)
        });
    }
}

impl Engine {
    /// Computes and records the coverage of the components that names or globs are about; of all without any.
    ///
    /// # Errors
    /// When a name is of no component, a package's folder can't be read, or the registry fails.
    pub async fn coverage(
        &self,
        current: &Current,
        names: &[String],
        strategy: Option<Strategy>,
    ) -> Result<Covered, EngineError> {
        let rules = &self.workspace.config.coverage;
        let strategy = strategy.unwrap_or(rules.strategy);
        let testing = current.sides.testing(&self.workspace)?;
        let attributed = Attributed::of(current, &self.workspace, &testing)?;
        // Whoever names a component wants it, whatever is left out otherwise.
        let mut chosen = current.matching(names)?;
        if names.is_empty() {
            chosen.retain(|index| !rules.excludes(&current.sides.components[*index].name));
        }
        let components: Vec<CoveredComponent> = chosen
            .into_par_iter()
            .map(|index| covered(current, index, &attributed, strategy, rules))
            .collect();
        let mut covered = Covered {
            strategy,
            components,
            unattributed: attributed.unattributed,
            diagnostics: testing.diagnostics,
            new_reports: 0,
        };
        // What was asked for once by another strategy would be no part of a trend.
        if strategy == rules.strategy {
            self.record_coverage(&mut covered).await?;
        }
        Ok(covered)
    }
}

fn covered(
    current: &Current,
    index: usize,
    attributed: &Attributed,
    strategy: Strategy,
    rules: &CoverageRules,
) -> CoveredComponent {
    let (entry, code) = (&current.entries[index], &current.sides.components[index]);
    let nothing = BTreeMap::new();
    let stories = attributed.stories_of(current, index);
    let drawn = design::drawn(current, index);
    let design = drawn.as_ref().map(|(contract, variants)| Drawn { contract, variants });
    let mut coverage = evaluate(&Subject {
        strategy,
        code: &code.component.statement,
        design,
        stories: &stories,
        tests: attributed.tests.get(&index).unwrap_or(&nothing),
        wanted: &rules.tests,
    });
    coverage.warnings.extend(attributed.warnings.get(&index).into_iter().flatten().cloned());
    coverage.warnings.sort();
    CoveredComponent { id: entry.id, name: code.name.clone(), coverage, last_synced_at: entry.last_synced_at }
}
