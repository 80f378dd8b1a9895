//! `closed_drift`: what drifted and no longer does. The tables write it themselves, whoever writes a report.

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::ids::ComponentId;

use crate::{
    error::Result,
    maintenance::Batch,
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

/// How long it is kept what closed: longer than the longest time that a digest is of.
pub const CLOSED_AGE: TimeDelta = TimeDelta::days(400);

record! {
    /// A change that alarmed and no longer does.
    ClosedDrift in "closed_drift JOIN component_artifacts ON component_artifacts.id = closed_drift.component_id" {
        /// The component.
        component_id: ComponentId;
        /// Its name.
        component: String = "component_artifacts.name";
        /// Where in its contract.
        path: String;
        /// When it was first seen.
        opened_at: DateTime<Utc>;
        /// When it was seen no more, or set aside.
        closed_at: DateTime<Utc>;
    }
}

/// What closed at a time or later, by when it did.
///
/// # Errors
/// When the database fails.
pub async fn since(tx: &mut ReadTx, at: DateTime<Utc>) -> Result<Vec<ClosedDrift>> {
    let sql = format!("{} WHERE closed_at >= $1 ORDER BY closed_at, component, path", ClosedDrift::select());
    tx.fetch(sql, values![at]).await?.iter().map(ClosedDrift::read).collect()
}

/// Removes at most `limit` changes that closed long ago ([`CLOSED_AGE`]), oldest first.
///
/// # Errors
/// When the database fails.
pub async fn remove_old(tx: &mut Tx, now: DateTime<Utc>, limit: usize) -> Result<Batch> {
    let sql = format!(
        "WITH picked AS MATERIALIZED (
             SELECT component_id, path, opened_at FROM closed_drift WHERE closed_at < $1
             ORDER BY closed_at LIMIT $2 {})
         DELETE FROM closed_drift
         WHERE (component_id, path, opened_at) IN (SELECT component_id, path, opened_at FROM picked)",
        tx.backend().skip_locked()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.execute(sql, values![now - CLOSED_AGE, limit]).await.map(Batch::of)
}
