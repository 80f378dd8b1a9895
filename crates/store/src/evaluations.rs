//! What a component's drift is evaluated from when its files are not at hand, and what comes of it: rows of
//! `component_artifacts`, `design_artifacts` and `component_baselines`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ComponentId, DesignId},
    registry::MappingStatus,
};
use serde_json::Value as Json;

use crate::{
    bulk::{self, BATCH, Column, places},
    error::Result,
    row::record,
    transaction::{ReadTx, Tx},
    value::{Kind, values},
};

record! {
    /// What the registry holds of a component.
    Recorded in "component_artifacts" {
        /// The component.
        id: ComponentId;
        /// Its unique name.
        name: String;
        /// How it stood to its design component when that was last evaluated.
        mapping_status: MappingStatus;
        /// The code side's statement.
        statement: Option<Json> = "detail -> 'statement'";
        /// What decides how it is compared; none where it stands for no design component.
        judged_by: Option<Json>;
        /// The hash of what it is evaluated from, but for its baseline.
        input_hash: Option<String>;
        /// The hash of the comparable code contract.
        contract_hash: Option<String>;
        /// The last report's changes, each with when it was first seen.
        drift: Option<Json>;
        /// Since when the scan finds it no more.
        gone_at: Option<DateTime<Utc>>;
    }
}

record! {
    /// What the registry holds of a design component.
    RecordedDesign in "design_artifacts" {
        /// The design component.
        id: DesignId;
        /// The design side's statement.
        statement: Option<Json> = "detail -> 'statement'";
        /// The hash of its contract after mapping.
        diff_hash: String;
    }
}

record! {
    /// What tells whether an evaluation is still that of what the registry holds.
    Stamp in "component_artifacts LEFT JOIN component_baselines ON component_baselines.component_id = component_artifacts.id" {
        /// The component.
        id: ComponentId = "component_artifacts.id";
        /// The hash of what it is evaluated from, but for its baseline.
        input_hash: Option<String>;
        /// Since when the scan finds it no more.
        gone_at: Option<DateTime<Utc>>;
        /// When its baseline was written, if it has one.
        baseline_at: Option<DateTime<Utc>> = "component_baselines.updated_at";
    }
}

/// What an evaluation found of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// The component.
    pub id: ComponentId,
    /// How it stands to its design component.
    pub mapping_status: MappingStatus,
    /// The hash of the comparable code contract.
    pub contract_hash: Option<String>,
    /// The changes found, each with when it was first seen.
    pub drift: Option<Json>,
    /// The design component, with the hash of its contract after mapping.
    pub design: Option<(DesignId, String)>,
}

/// What the registry holds of these components.
///
/// # Errors
/// When the database fails.
pub async fn recorded(
    tx: &mut ReadTx,
    components: &[ComponentId],
) -> Result<BTreeMap<ComponentId, Recorded>> {
    let rows = bulk::fetch_of(tx, &Recorded::select(), "id", components).await?;
    rows.iter().map(|row| Recorded::read(row).map(|row| (row.id, row))).collect()
}

/// What the registry holds of these design components, as far as they are there.
///
/// # Errors
/// When the database fails.
pub async fn designs(tx: &mut ReadTx, designs: &[DesignId]) -> Result<BTreeMap<DesignId, RecordedDesign>> {
    let mut found = BTreeMap::new();
    for chunk in designs.chunks(BATCH) {
        let sql =
            format!("{} WHERE gone_at IS NULL AND id IN ({})", RecordedDesign::select(), places(chunk.len()));
        for row in tx.fetch(sql, chunk.iter().map(|id| (*id).into()).collect()).await? {
            let row = RecordedDesign::read(&row)?;
            found.insert(row.id, row);
        }
    }
    Ok(found)
}

/// The stamps of these components.
///
/// # Errors
/// When the database fails.
pub async fn stamps(tx: &mut ReadTx, components: &[ComponentId]) -> Result<BTreeMap<ComponentId, Stamp>> {
    let rows = bulk::fetch_of(tx, &Stamp::select(), "component_artifacts.id", components).await?;
    rows.iter().map(|row| Stamp::read(row).map(|row| (row.id, row))).collect()
}

/// Locks these components until the transaction ends, so that nobody records anything of them meanwhile, and gives their
/// stamps as they are then.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &mut Tx, components: &[ComponentId]) -> Result<BTreeMap<ComponentId, Stamp>> {
    let mut in_order = components.to_vec();
    in_order.sort_unstable();
    for chunk in in_order.chunks(BATCH) {
        let sql = format!(
            "SELECT id FROM component_artifacts WHERE id IN ({}) ORDER BY id {}",
            places(chunk.len()),
            tx.backend().for_update()
        );
        tx.fetch(sql, chunk.iter().map(|id| (*id).into()).collect()).await?;
    }
    stamps(tx, components).await
}

const EVALUATED: [Column; 5] = [
    ("id", Kind::Uuid),
    ("mapping_status", Kind::Enum("mapping_status")),
    ("contract_hash", Kind::Text),
    ("drift", Kind::Json),
    ("at", Kind::Time),
];

const DESIGN_HASHES: [Column; 3] = [("id", Kind::Uuid), ("diff_hash", Kind::Text), ("at", Kind::Time)];

/// Records what evaluations found.
///
/// # Errors
/// When the database fails.
pub async fn record(tx: &mut Tx, evaluated: Vec<Evaluated>, at: DateTime<Utc>) -> Result<()> {
    let (mut components, mut designs) = (Vec::new(), Vec::new());
    for Evaluated { id, mapping_status, contract_hash, drift, design } in evaluated {
        components.push(values![id, mapping_status, contract_hash, drift, at]);
        if let Some((design, diff_hash)) = design {
            designs.push(values![design, diff_hash, at]);
        }
    }
    bulk::run(
        tx,
        &EVALUATED,
        components,
        "UPDATE component_artifacts SET mapping_status = batch.mapping_status, contract_hash = batch.contract_hash,
             drift = batch.drift, updated_at = batch.at
         FROM batch WHERE component_artifacts.id = batch.id",
    )
    .await?;
    bulk::run(
        tx,
        &DESIGN_HASHES,
        designs,
        "UPDATE design_artifacts SET diff_hash = batch.diff_hash, updated_at = batch.at
         FROM batch WHERE design_artifacts.id = batch.id AND design_artifacts.diff_hash <> batch.diff_hash",
    )
    .await
    .map(drop)
}

/// What decides how a component is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// The component.
    pub id: ComponentId,
    /// What decides; none where it stands for no design component.
    pub judged_by: Option<Json>,
    /// The hash of what it is evaluated from, but for its baseline.
    pub input_hash: Option<String>,
}

const INPUTS: [Column; 4] =
    [("id", Kind::Uuid), ("judged_by", Kind::Json), ("input_hash", Kind::Text), ("at", Kind::Time)];

/// Records what decides how components are compared.
///
/// # Errors
/// When the database fails.
pub async fn record_inputs(tx: &mut Tx, inputs: Vec<Input>, at: DateTime<Utc>) -> Result<()> {
    let rows =
        inputs.into_iter().map(|input| values![input.id, input.judged_by, input.input_hash, at]).collect();
    let sql = "UPDATE component_artifacts SET judged_by = batch.judged_by, input_hash = batch.input_hash,
             updated_at = batch.at
         FROM batch WHERE component_artifacts.id = batch.id";
    bulk::run(tx, &INPUTS, rows, sql).await.map(drop)
}

/// The components that stand for a design component and are there.
///
/// # Errors
/// When the database fails.
pub async fn linked(tx: &mut ReadTx) -> Result<Vec<ComponentId>> {
    let sql =
        "SELECT id FROM component_artifacts WHERE gone_at IS NULL AND judged_by IS NOT NULL ORDER BY id";
    tx.fetch(sql, Vec::new()).await?.iter().map(|row| row.get("id")).collect()
}
