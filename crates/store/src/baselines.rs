//! `component_baselines`: the contract that both sides agreed on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::ids::{BaselineId, ComponentId, DesignId, OperationId};
use serde_json::Value as Json;

use crate::{
    error::Result,
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
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
    }
}

/// The component's baseline.
///
/// # Errors
/// When the database fails.
pub async fn get(tx: &mut ReadTx, component: ComponentId) -> Result<Option<Baseline>> {
    let sql = format!("{} WHERE component_id = $1", Baseline::select());
    tx.fetch_one(sql, values![component]).await?.as_ref().map(Baseline::read).transpose()
}

/// All baselines, by component.
///
/// # Errors
/// When the database fails.
pub async fn all(tx: &mut ReadTx) -> Result<BTreeMap<ComponentId, Baseline>> {
    tx.fetch(Baseline::select(), Vec::new())
        .await?
        .iter()
        .map(|row| Baseline::read(row).map(|baseline| (baseline.component_id, baseline)))
        .collect()
}

/// Makes this the component's baseline. A component that has one keeps that one's id and `created_at`.
///
/// # Errors
/// When the component, design component or operation does not exist, or the database fails.
pub async fn put(tx: &mut Tx, baseline: Baseline) -> Result<()> {
    let sql = format!(
        "{} ON CONFLICT (component_id) DO UPDATE SET
             contract = excluded.contract, code_identities = excluded.code_identities,
             design_identities = excluded.design_identities, undetermined = excluded.undetermined,
             design_artifact_id = excluded.design_artifact_id, sync_operation_id = excluded.sync_operation_id,
             updated_at = excluded.updated_at",
        Baseline::insert_into()
    );
    tx.execute(sql, baseline.into_values()).await.map(drop)
}

/// Takes a component's baseline away, as an undo of its first sync does. Whether there was one.
///
/// # Errors
/// When the database fails.
pub async fn remove(tx: &mut Tx, component: ComponentId) -> Result<bool> {
    let sql = "DELETE FROM component_baselines WHERE component_id = $1";
    Ok(tx.execute(sql, values![component]).await? > 0)
}
