//! `component_artifacts`: the code side of the registry.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{ids::ComponentId, registry::MappingStatus};
use serde_json::Value as Json;

use crate::{
    bulk::{self, Column},
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::{Kind, Value, values},
};

record! {
    /// A component.
    Component in "component_artifacts" {
        /// Its id; it outlives a change of file, and a time away.
        id: ComponentId;
        /// Its unique name.
        name: String;
        /// Descriptors of its variants.
        variants: Json;
        /// When its stories were last regenerated.
        last_story_update: Option<DateTime<Utc>>;
        /// How it stands to its design component.
        mapping_status: MappingStatus;
        /// When it was first seen.
        created_at: DateTime<Utc>;
        /// When the row was last changed.
        updated_at: DateTime<Utc>;
        /// The `name` of the `package.json` it belongs to.
        package: Option<String>;
        /// The file that declares it.
        file: Option<String>;
        /// What the scan found: the code side's statement and where each part of it is stated.
        detail: Json;
        /// The hash of the comparable code contract.
        contract_hash: Option<String>;
        /// The last report's changes, each with when it was first seen.
        drift: Option<Json>;
        /// When it was last synced.
        last_synced_at: Option<DateTime<Utc>>;
        /// Since when the scan finds it no more.
        gone_at: Option<DateTime<Utc>>;
    }
}

/// A component as a scan finds it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScannedComponent {
    /// The id it gets if it is new.
    pub id: ComponentId,
    /// Its unique name.
    pub name: String,
    /// The `name` of the `package.json` it belongs to.
    pub package: Option<String>,
    /// The file that declares it.
    pub file: Option<String>,
    /// Descriptors of its variants.
    pub variants: Json,
    /// What the scan found.
    pub detail: Json,
}

/// What a scan changed in the registry; names in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ScanChanges {
    /// Seen for the first time.
    pub added: Vec<String>,
    /// Something about them is other than before.
    pub changed: Vec<String>,
    /// Back after having been gone.
    pub returned: Vec<String>,
    /// Found no more.
    pub gone: Vec<String>,
}

const SCAN_COLUMNS: [Column; 7] = [
    ("id", Kind::Uuid),
    ("name", Kind::Text),
    ("package", Kind::Text),
    ("file", Kind::Text),
    ("variants", Kind::Json),
    ("detail", Kind::Json),
    ("at", Kind::Time),
];

const UPSERT: &str = "
    INSERT INTO component_artifacts (id, name, package, file, variants, detail, created_at, updated_at)
    SELECT id, name, package, file, variants, detail, at, at FROM batch WHERE true
    ON CONFLICT (name) DO UPDATE SET
        package = excluded.package, file = excluded.file, variants = excluded.variants, detail = excluded.detail,
        gone_at = NULL, updated_at = excluded.updated_at";

/// What rows are that a scan did not find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfound {
    /// Everything was read: they are gone.
    Gone,
    /// Something could not be read, and they may be in it: they stay.
    Unknown,
}

/// Brings the registry up to date with a scan of the whole code side: new components are added, known ones keep their id and
/// `created_at`, those not found any more are marked as gone. A row that says the same as before is not touched.
/// Where a name comes twice, the last one counts.
///
/// # Errors
/// When the database fails.
pub async fn record_scan(
    tx: &mut Tx,
    scanned: Vec<ScannedComponent>,
    unfound: Unfound,
    at: DateTime<Utc>,
) -> Result<ScanChanges> {
    let known: BTreeMap<String, Component> =
        list(tx, Presence::Any).await?.into_iter().map(|row| (row.name.clone(), row)).collect();
    let scanned: BTreeMap<String, ScannedComponent> =
        scanned.into_iter().map(|component| (component.name.clone(), component)).collect();
    let mut changes = ScanChanges::default();
    for name in known.iter().filter(|(_, row)| row.gone_at.is_none()).map(|(name, _)| name) {
        if unfound == Unfound::Gone && !scanned.contains_key(name) {
            changes.gone.push(name.clone());
        }
    }
    let mut rows = Vec::new();
    for (name, component) in scanned {
        match known.get(&name) {
            None => changes.added.push(name),
            Some(row) if row.gone_at.is_some() => changes.returned.push(name),
            Some(row) if !says_the_same(row, &component) => changes.changed.push(name),
            Some(_) => continue,
        }
        rows.push(values![
            component.id,
            component.name,
            component.package,
            component.file,
            component.variants,
            component.detail,
            at,
        ]);
    }
    bulk::run(tx, &SCAN_COLUMNS, rows, UPSERT).await?;
    let gone = changes.gone.iter().map(|name| values![name, at]).collect();
    bulk::run(
        tx,
        &[("name", Kind::Text), ("at", Kind::Time)],
        gone,
        "UPDATE component_artifacts SET gone_at = batch.at, updated_at = batch.at
         FROM batch WHERE component_artifacts.name = batch.name",
    )
    .await?;
    Ok(changes)
}

fn says_the_same(row: &Component, scanned: &ScannedComponent) -> bool {
    row.package == scanned.package
        && row.file == scanned.file
        && row.variants == scanned.variants
        && row.detail == scanned.detail
}

/// What a comparison found out about a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The component.
    pub id: ComponentId,
    /// How it stands to its design component.
    pub mapping_status: MappingStatus,
    /// Descriptors of its variants.
    pub variants: Json,
    /// The hash of the comparable code contract.
    pub contract_hash: Option<String>,
    /// The changes found, each with when it was first seen.
    pub drift: Option<Json>,
}

/// Writes what a comparison found out; rows that say the same already are not touched. Gives how many were.
///
/// # Errors
/// When the database fails.
pub async fn record_comparisons(tx: &mut Tx, comparisons: Vec<Comparison>, at: DateTime<Utc>) -> Result<u64> {
    let rows: BTreeMap<ComponentId, Vec<Value>> = comparisons
        .into_iter()
        .map(|row| {
            let id = row.id;
            (id, values![id, row.mapping_status, row.variants, row.contract_hash, row.drift, at])
        })
        .collect();
    bulk::run(
        tx,
        &[
            ("id", Kind::Uuid),
            ("mapping_status", Kind::Enum("mapping_status")),
            ("variants", Kind::Json),
            ("contract_hash", Kind::Text),
            ("drift", Kind::Json),
            ("at", Kind::Time),
        ],
        rows.into_values().collect(),
        "UPDATE component_artifacts AS component SET
             mapping_status = batch.mapping_status, variants = batch.variants,
             contract_hash = batch.contract_hash, drift = batch.drift, updated_at = batch.at
         FROM batch WHERE component.id = batch.id AND (
             component.mapping_status <> batch.mapping_status OR component.variants <> batch.variants
             OR component.contract_hash IS DISTINCT FROM batch.contract_hash
             OR component.drift IS DISTINCT FROM batch.drift)",
    )
    .await
}

/// Notes that components were synced.
///
/// # Errors
/// When the database fails.
pub async fn record_synced(tx: &mut Tx, ids: &[ComponentId], at: DateTime<Utc>) -> Result<()> {
    let rows = ids.iter().map(|id| values![*id, at]).collect();
    bulk::run(
        tx,
        &[("id", Kind::Uuid), ("at", Kind::Time)],
        rows,
        "UPDATE component_artifacts SET last_synced_at = batch.at, updated_at = batch.at
         FROM batch WHERE component_artifacts.id = batch.id",
    )
    .await
    .map(drop)
}

/// Notes that a component's stories were regenerated.
///
/// # Errors
/// When there is no such component, or the database fails.
pub async fn record_story_update(tx: &mut Tx, id: ComponentId, at: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE component_artifacts SET last_story_update = $2, updated_at = $2 WHERE id = $1";
    match tx.execute(sql, values![id, at]).await? {
        0 => Err(Error::not_found("component", id)),
        _ => Ok(()),
    }
}

/// Which rows a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Those that the last scan found.
    Present,
    /// Those that are gone, too.
    Any,
}

impl Presence {
    pub(crate) fn condition(self) -> &'static str {
        match self {
            Self::Present => "WHERE gone_at IS NULL",
            Self::Any => "",
        }
    }
}

/// The components, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx, presence: Presence) -> Result<Vec<Component>> {
    let sql = format!("{} {} ORDER BY name", Component::select(), presence.condition());
    tx.fetch(sql, Vec::new()).await?.iter().map(Component::read).collect()
}

/// The component of that name, gone or not.
///
/// # Errors
/// When the database fails.
pub async fn by_name(tx: &mut ReadTx, name: &str) -> Result<Option<Component>> {
    let sql = format!("{} WHERE name = $1", Component::select());
    tx.fetch_one(sql, values![name]).await?.as_ref().map(Component::read).transpose()
}

/// The component of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: ComponentId) -> Result<Component> {
    let sql = format!("{} WHERE id = $1", Component::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    Component::read(&row.ok_or_else(|| Error::not_found("component", id))?)
}
