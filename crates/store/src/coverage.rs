//! `coverage_reports` and their archive.

use chrono::{DateTime, Utc};
use lockstep_core::ids::{ComponentId, ReportId};
use serde_json::Value as Json;

use crate::{
    bulk::{self, Column},
    error::{Error, Result},
    maintenance::{Batch, COVERAGE_AGE},
    row::record,
    transaction::{ReadTx, Tx},
    value::{Kind, values},
};

record! {
    /// A coverage report of one component.
    Report in "coverage_reports" {
        /// Its id.
        id: ReportId;
        /// The component.
        component_id: ComponentId;
        /// When it was made.
        generated_at: DateTime<Utc>;
        /// How many of the declared variants have a story, in percent.
        variant_coverage_pct: f64, read "CAST(variant_coverage_pct AS double precision)";
        /// The names of those without.
        missing_variants: Json;
        /// The kinds of tests that are missing.
        missing_tests: Json;
        /// What else deserves a look.
        warnings: Option<Json>;
        /// The hash of variants, stories and tests; with the component it is the report's key.
        variant_hash: String;
        /// When the same was found again.
        confirmed_at: Option<DateTime<Utc>>;
        /// What it was made of: its strategy, how many variants were counted, one row a variant.
        detail: Option<Json>;
    }
}

record! {
    /// What tells a report apart, without what it says.
    Key in "coverage_reports" {
        /// Its id.
        id: ReportId;
        /// The component.
        component_id: ComponentId;
        /// When it was made.
        generated_at: DateTime<Utc>;
        /// The hash of variants, stories and tests.
        variant_hash: String;
        /// When the same was found again.
        confirmed_at: Option<DateTime<Utc>>;
    }
}

record! {
    /// What a component's coverage was from one time on.
    Point in "coverage_reports" {
        /// The component.
        component_id: ComponentId;
        /// When the report was made.
        generated_at: DateTime<Utc>;
        /// When the same was found last.
        confirmed_at: Option<DateTime<Utc>>;
        /// How many of the declared variants had a story, in percent.
        variant_coverage_pct: f64, read "CAST(variant_coverage_pct AS double precision)";
    }
}

/// Whether a report was kept, or one with its key was there already.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// It is kept.
    New(Report),
    /// This one has the same key; it is noted that it still holds.
    Confirmed(Report),
}

/// Keeps a report, unless one of the same component and `variant_hash` exists: that one is confirmed instead.
///
/// # Errors
/// When the component does not exist, the percentage is none, or the database fails.
pub async fn insert_or_confirm(tx: &mut Tx, report: Report) -> Result<Kept> {
    let (id, component, hash, at) =
        (report.id, report.component_id, report.variant_hash.clone(), report.generated_at);
    let sql = format!("{} ON CONFLICT (component_id, variant_hash) DO NOTHING", Report::insert_into());
    if tx.execute(sql, report.into_values()).await? == 0 {
        let sql =
            "UPDATE coverage_reports SET confirmed_at = $3 WHERE component_id = $1 AND variant_hash = $2";
        tx.execute(sql, values![component, &hash, at]).await?;
    }
    let stored =
        by_key(tx, component, &hash).await?.ok_or_else(|| Error::not_found("coverage report", id))?;
    Ok(if stored.id == id { Kept::New(stored) } else { Kept::Confirmed(stored) })
}

const REPORT_COLUMNS: [Column; 9] = [
    ("id", Kind::Uuid),
    ("component_id", Kind::Uuid),
    ("generated_at", Kind::Time),
    ("variant_coverage_pct", Kind::Double),
    ("missing_variants", Kind::Json),
    ("missing_tests", Kind::Json),
    ("warnings", Kind::Json),
    ("variant_hash", Kind::Text),
    ("detail", Kind::Json),
];

/// Keeps many reports, each of a component that exists; one whose key is there already is confirmed instead.
///
/// # Errors
/// When a component does not exist, a percentage is none, or the database fails.
pub async fn keep_all(tx: &mut Tx, reports: Vec<Report>) -> Result<()> {
    let rows = reports
        .into_iter()
        .map(|report| {
            values![
                report.id,
                report.component_id,
                report.generated_at,
                report.variant_coverage_pct,
                report.missing_variants,
                report.missing_tests,
                report.warnings,
                report.variant_hash,
                report.detail,
            ]
        })
        .collect();
    let sql = "INSERT INTO coverage_reports (id, component_id, generated_at, variant_coverage_pct, missing_variants,
                                      missing_tests, warnings, variant_hash, detail)
         SELECT id, component_id, generated_at, variant_coverage_pct, missing_variants, missing_tests, warnings,
                variant_hash, detail
         FROM batch WHERE true
         ON CONFLICT (component_id, variant_hash) DO UPDATE SET confirmed_at = excluded.generated_at";
    bulk::run(tx, &REPORT_COLUMNS, rows, sql).await.map(drop)
}

/// Notes of some reports that they still hold.
///
/// # Errors
/// When the database fails.
pub async fn confirm_all(tx: &mut Tx, reports: &[ReportId], at: DateTime<Utc>) -> Result<()> {
    let rows = reports.iter().map(|id| values![*id, at]).collect();
    let sql =
        "UPDATE coverage_reports SET confirmed_at = batch.at FROM batch WHERE coverage_reports.id = batch.id";
    bulk::run(tx, &[("id", Kind::Uuid), ("at", Kind::Time)], rows, sql).await.map(drop)
}

/// Of several reports of one component, the one that was found last.
const LATEST: &str = "(SELECT *, ROW_NUMBER() OVER (
         PARTITION BY component_id ORDER BY COALESCE(confirmed_at, generated_at) DESC, generated_at DESC, id DESC
     ) AS place FROM coverage_reports) AS reports WHERE place = 1";

/// The keys of all reports that are not archived.
///
/// # Errors
/// When the database fails.
pub async fn keys(tx: &mut ReadTx) -> Result<Vec<Key>> {
    tx.fetch(Key::select(), Vec::new()).await?.iter().map(Key::read).collect()
}

/// The report of each component that was found last, by component.
///
/// # Errors
/// When the database fails.
pub async fn latest(tx: &mut ReadTx) -> Result<Vec<Report>> {
    let sql = format!("SELECT {} FROM {LATEST} ORDER BY component_id", Report::columns());
    tx.fetch(sql, Vec::new()).await?.iter().map(Report::read).collect()
}

/// What coverage was over time, archived reports among them, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn timeline(tx: &mut ReadTx) -> Result<Vec<Point>> {
    let columns = Point::columns();
    let sql = format!(
        "SELECT {columns} FROM coverage_reports UNION ALL SELECT {columns} FROM coverage_reports_archive
         ORDER BY generated_at, component_id"
    );
    tx.fetch(sql, Vec::new()).await?.iter().map(Point::read).collect()
}

/// The report of that key.
///
/// # Errors
/// When the database fails.
pub async fn by_key(tx: &mut ReadTx, component: ComponentId, variant_hash: &str) -> Result<Option<Report>> {
    let sql = format!("{} WHERE component_id = $1 AND variant_hash = $2", Report::select());
    tx.fetch_one(sql, values![component, variant_hash]).await?.as_ref().map(Report::read).transpose()
}

/// A component's reports, newest first; archived ones are not among them.
///
/// # Errors
/// When the database fails.
pub async fn of_component(tx: &mut ReadTx, component: ComponentId) -> Result<Vec<Report>> {
    let sql = format!("{} WHERE component_id = $1 ORDER BY generated_at DESC, id", Report::select());
    tx.fetch(sql, values![component]).await?.iter().map(Report::read).collect()
}

/// A component's archived reports, newest first.
///
/// # Errors
/// When the database fails.
pub async fn archived(tx: &mut ReadTx, component: ComponentId) -> Result<Vec<Report>> {
    let sql = format!(
        "SELECT {} FROM coverage_reports_archive WHERE component_id = $1 ORDER BY generated_at DESC, id",
        Report::columns()
    );
    tx.fetch(sql, values![component]).await?.iter().map(Report::read).collect()
}

/// Moves at most `limit` reports that were last found long ago ([`COVERAGE_AGE`]) to the archive, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn archive(tx: &mut Tx, now: DateTime<Utc>, limit: usize) -> Result<Batch> {
    let select = format!(
        "SELECT id FROM coverage_reports WHERE COALESCE(confirmed_at, generated_at) < $1
         ORDER BY COALESCE(confirmed_at, generated_at) LIMIT $2 {}",
        tx.backend().skip_locked()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let ids: Vec<ReportId> = tx
        .fetch(select, values![now - COVERAGE_AGE, limit])
        .await?
        .iter()
        .map(|row| row.get("id"))
        .collect::<Result<_>>()?;
    const COLUMNS: &str = "id, component_id, generated_at, variant_coverage_pct, missing_variants, missing_tests, \
                           warnings, variant_hash, confirmed_at, detail";
    let id_column = [("id", Kind::Uuid)];
    let archived = ids.iter().map(|id| values![*id, now]).collect();
    bulk::run(
        tx,
        &[("id", Kind::Uuid), ("at", Kind::Time)],
        archived,
        &format!(
            "INSERT INTO coverage_reports_archive ({COLUMNS}, archived_at)
             SELECT report.id, component_id, generated_at, variant_coverage_pct, missing_variants, missing_tests,
                    warnings, variant_hash, confirmed_at, detail, batch.at
             FROM coverage_reports AS report JOIN batch ON report.id = batch.id"
        ),
    )
    .await?;
    let removed = ids.iter().map(|id| values![*id]).collect();
    bulk::run(tx, &id_column, removed, "DELETE FROM coverage_reports WHERE id IN (SELECT id FROM batch)")
        .await
        .map(Batch::of)
}
