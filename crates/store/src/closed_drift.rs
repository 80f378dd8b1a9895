//! `closed_drift`: what drifted and no longer does. The tables write it themselves, whoever writes a report.

use chrono::{DateTime, Utc};
use lockstep_core::ids::ComponentId;

use crate::{error::Result, row::record, transaction::ReadTx, value::values};

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
