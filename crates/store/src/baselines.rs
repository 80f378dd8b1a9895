//! `component_baselines`: the contract that both sides agreed on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::ids::{BaselineId, ComponentId, DesignId, OperationId};
use serde_json::Value as Json;

use crate::{
    bulk::{self, Column},
    error::Result,
    row::record,
    transaction::{ReadTx, Tx},
    value::{Kind, values},
};

record! {
    /// A component's baseline.
    Baseline in "component_baselines" {
        /// Its id; a new baseline of the same component keeps it.
        id: BaselineId;
        /// The component.
        component_id: ComponentId;
        /// The contract agreed on.
        contract: Json;
        /// What told properties and options apart on the code side then.
        code_identities: Json;
        /// What told them apart on the design side then.
        design_identities: Json;
        /// The paths that were not agreed on.
        undetermined: Json;
        /// The design component it was agreed with.
        design_artifact_id: Option<DesignId>;
        /// The sync that made it.
        sync_operation_id: Option<OperationId>;
        /// When the component first got one.
        created_at: DateTime<Utc>;
        /// When it was last changed.
        updated_at: DateTime<Utc>;
        /// The hash of the whole: the contract, the identities and the paths.
        hash: Option<String>;
    }
}

record! {
    /// A baseline without what was agreed, for which its hash stands.
    Outline in "component_baselines" {
        /// The component.
        component_id: ComponentId;
        /// The hash of the whole; none for a row of an older version.
        hash: Option<String>;
    }
}

const COLUMNS: [Column; 11] = [
    ("id", Kind::Uuid),
    ("component_id", Kind::Uuid),
    ("contract", Kind::Json),
    ("code_identities", Kind::Json),
    ("design_identities", Kind::Json),
    ("undetermined", Kind::Json),
    ("design_artifact_id", Kind::Uuid),
    ("sync_operation_id", Kind::Uuid),
    ("created_at", Kind::Time),
    ("updated_at", Kind::Time),
    ("hash", Kind::Text),
];

/// The component's baseline.
///
/// # Errors
/// When the database fails.
pub async fn get(tx: &mut ReadTx, component: ComponentId) -> Result<Option<Baseline>> {
    let sql = format!("{} WHERE component_id = $1", Baseline::select());
    tx.fetch_one(sql, values![component]).await?.as_ref().map(Baseline::read).transpose()
}

/// The hashes of all baselines, by component.
///
/// # Errors
/// When the database fails.
pub async fn hashes(tx: &mut ReadTx) -> Result<BTreeMap<ComponentId, Option<String>>> {
    let rows = tx.fetch(Outline::select(), Vec::new()).await?;
    rows.iter().map(|row| Outline::read(row).map(|outline| (outline.component_id, outline.hash))).collect()
}

/// The baselines of these components, as far as they have one.
///
/// # Errors
/// When the database fails.
pub async fn of_components(tx: &mut ReadTx, components: &[ComponentId]) -> Result<Vec<Baseline>> {
    let rows = bulk::fetch_of(tx, &Baseline::select(), "component_id", components).await?;
    rows.iter().map(Baseline::read).collect()
}

/// Makes these their components' baselines. A component that has one keeps that one's id and `created_at`.
///
/// # Errors
/// When a component, design component or operation does not exist, or the database fails.
pub async fn put(tx: &mut Tx, baselines: Vec<Baseline>) -> Result<()> {
    let names = COLUMNS.map(|(name, _)| name).join(", ");
    let sql = format!(
        "INSERT INTO component_baselines ({names}) SELECT {names} FROM batch WHERE true
         ON CONFLICT (component_id) DO UPDATE SET
             contract = excluded.contract, code_identities = excluded.code_identities,
             design_identities = excluded.design_identities, undetermined = excluded.undetermined,
             design_artifact_id = excluded.design_artifact_id, sync_operation_id = excluded.sync_operation_id,
             updated_at = excluded.updated_at, hash = excluded.hash"
    );
    let rows = baselines.into_iter().map(Baseline::into_values).collect();
    bulk::run(tx, &COLUMNS, rows, &sql).await.map(drop)
}

/// Takes the baselines of components away, as an undo of their first sync does; gives how many had one.
///
/// # Errors
/// When the database fails.
pub async fn remove(tx: &mut Tx, components: &[ComponentId]) -> Result<u64> {
    let rows = components.iter().map(|id| values![*id]).collect();
    let sql = "DELETE FROM component_baselines WHERE component_id IN (SELECT id FROM batch)";
    bulk::run(tx, &[("id", Kind::Uuid)], rows, sql).await
}
