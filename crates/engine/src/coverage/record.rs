//! Reports go into the registry: only those whose key it has not.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;
use lockstep_core::{
    contract::fingerprint,
    coverage::{Coverage, Strategy, TestKind, overall},
    ids::{ComponentId, ReportId},
    notification::EventType,
};
use lockstep_store::{
    Store, components,
    coverage::{self, Key, Report},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Covered, CoveredComponent};
use crate::{context::Engine, error::EngineError};

/// Raised whenever the same variants, stories and tests would give another report.
const VERSION: u32 = 1;

/// A report that was found again is noted once in so much time: most look-ups write nothing.
const CONFIRM_AFTER: TimeDelta = TimeDelta::hours(24);

/// More rows of a matrix are not kept.
const MOST_ROWS: usize = 1_000;

/// What is kept of a report beside what the data model has.
#[derive(Debug, Serialize, Deserialize)]
struct Detail {
    strategy: Strategy,
    declared: usize,
    shown: usize,
    matrix: Vec<lockstep_core::coverage::MatrixRow>,
}

impl Engine {
    /// Keeps the reports that are new, and notes of others that they still hold.
    pub(super) async fn record_coverage(&self, covered: &mut Covered) -> Result<(), EngineError> {
        let now = self.now();
        let hashes: Vec<String> = covered
            .components
            .iter()
            .map(|component| variant_hash(covered.strategy, &component.coverage))
            .collect::<Result<_, _>>()?;
        let mut tx = self.store.read().await?;
        let (mut by_key, mut last) = (HashMap::new(), HashMap::<ComponentId, Key>::new());
        for key in coverage::keys(&mut tx).await? {
            let found = |key: &Key| (key.confirmed_at.unwrap_or(key.generated_at), key.generated_at);
            let is_later = last.get(&key.component_id).is_none_or(|other| found(other) < found(&key));
            if is_later {
                last.insert(key.component_id, key.clone());
            }
            by_key.insert((key.component_id, key.variant_hash.clone()), key);
        }
        drop(tx);
        let (mut new, mut again) = (Vec::new(), Vec::<ReportId>::new());
        for (component, hash) in covered.components.iter().zip(hashes) {
            match by_key.get(&(component.id, hash.clone())) {
                None => new.push(report(covered.strategy, component, hash, now)?),
                Some(key) => {
                    let is_last = last.get(&component.id).is_some_and(|last| last.id == key.id);
                    let found = key.confirmed_at.unwrap_or(key.generated_at);
                    if !is_last || now - found >= CONFIRM_AFTER {
                        again.push(key.id);
                    }
                }
            }
        }
        covered.new_reports = new.len();
        if new.is_empty() && again.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        coverage::keep_all(&mut tx, new).await?;
        coverage::confirm_all(&mut tx, &again, now).await?;
        if covered.new_reports > 0 {
            let percent = overall(covered.components.iter().map(|component| component.coverage.percent));
            let summary = json!({
                "components": covered.components.len(),
                "percent": percent,
                "changed": covered.new_reports,
                "missing_variants": covered.components.iter().map(|component| component.coverage.missing.len()).sum::<usize>(),
            });
            self.enqueue(&mut tx, EventType::CoverageSummary, summary).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// The hash of a component's variants, stories and tests, as far as they decide its report.
fn variant_hash(strategy: Strategy, coverage: &Coverage) -> Result<String, EngineError> {
    Ok(fingerprint(&(VERSION, strategy, coverage))?)
}

fn report(
    strategy: Strategy,
    component: &CoveredComponent,
    variant_hash: String,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Report, EngineError> {
    let found = &component.coverage;
    let detail = Detail {
        strategy,
        declared: found.declared,
        shown: found.shown,
        matrix: found.matrix.iter().take(MOST_ROWS).cloned().collect(),
    };
    Ok(Report {
        id: Uuid::now_v7().into(),
        component_id: component.id,
        generated_at: now,
        variant_coverage_pct: found.percent,
        missing_variants: json!(found.missing),
        missing_tests: json!(found.missing_tests),
        warnings: (!found.warnings.is_empty()).then(|| json!(found.warnings)),
        variant_hash,
        confirmed_at: None,
        detail: Some(serde_json::to_value(detail)?),
    })
}

/// The coverage that the registry holds of the components that are there: the report of each that was found last. One that
/// was never asked for is not among them.
///
/// # Errors
/// When the registry fails, or holds what this version can't read.
pub async fn recorded(store: &Store) -> Result<Covered, EngineError> {
    let mut tx = store.read().await?;
    let reports = coverage::latest(&mut tx).await?;
    let mut rows: BTreeMap<ComponentId, components::Standing> =
        components::standing(&mut tx).await?.into_iter().map(|row| (row.id, row)).collect();
    drop(tx);
    let mut strategy = Strategy::EachOption;
    let mut found = Vec::new();
    for report in reports {
        let (Some(row), Some(detail)) = (rows.remove(&report.component_id), report.detail) else { continue };
        let detail: Detail = read(detail)?;
        strategy = detail.strategy;
        let missing_tests: Vec<TestKind> = read(report.missing_tests)?;
        let coverage = Coverage {
            declared: detail.declared,
            shown: detail.shown,
            percent: report.variant_coverage_pct,
            missing: read(report.missing_variants)?,
            missing_tests,
            warnings: report.warnings.map(read).transpose()?.unwrap_or_default(),
            matrix: detail.matrix,
        };
        found.push(CoveredComponent {
            id: row.id,
            name: row.name,
            coverage,
            last_synced_at: row.last_synced_at,
        });
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Covered {
        strategy,
        components: found,
        unattributed: Vec::new(),
        diagnostics: Vec::new(),
        new_reports: 0,
    })
}

fn read<T: serde::de::DeserializeOwned>(json: serde_json::Value) -> Result<T, EngineError> {
    let hint = "run `lockstep coverage` with this version of Lockstep in its workspace";
    serde_json::from_value(json).map_err(|error| EngineError::unreadable("a coverage report", &error, hint))
}
