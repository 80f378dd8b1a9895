//! `component_artifacts`: the code side of the registry.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{ids::ComponentId, registry::MappingStatus};
use schemars::JsonSchema;
use serde_json::Value as Json;

use crate::{
    bulk::{self, Column},
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::{Kind, values},
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
        /// The hash of what the scan found.
        scan_hash: Option<String>;
        /// What decides how it is compared; none where it stands for no design component.
        judged_by: Option<Json>;
        /// The hash of what its drift is evaluated from, but for its baseline.
        input_hash: Option<String>;
    }
}

record! {
    /// A component without what the scan found, for which its hash stands.
    Outline in "component_artifacts" {
        /// Its id.
        id: ComponentId;
        /// Its unique name.
        name: String;
        /// How it stands to its design component.
        mapping_status: MappingStatus;
        /// The hash of the comparable code contract.
        contract_hash: Option<String>;
        /// The last report's changes, each with when it was first seen.
        drift: Option<Json>;
        /// When it was last synced.
        last_synced_at: Option<DateTime<Utc>>;
        /// Since when the scan finds it no more.
        gone_at: Option<DateTime<Utc>>;
        /// The hash of what the scan found.
        scan_hash: Option<String>;
        /// The hash of what its drift is evaluated from, but for its baseline.
        input_hash: Option<String>;
    }
}

record! {
    /// A component that is there, with what tells what has to be loaded to speak of its drift.
    Linked in "component_artifacts" {
        /// Its id.
        id: ComponentId;
        /// Its unique name.
        name: String;
        /// How it stands to its design component.
        mapping_status: MappingStatus;
        /// The last report's changes, each with when it was first seen.
        drift: Option<Json>;
        /// What decides how it is compared; none where it stands for no design component.
        judged_by: Option<Json>;
    }
}

record! {
    /// What a component is called.
    Named in "component_artifacts" {
        /// Its id.
        id: ComponentId;
        /// Its unique name.
        name: String;
    }
}

record! {
    /// A component that is there, without what the scan found.
    Standing in "component_artifacts" {
        /// Its id.
        id: ComponentId;
        /// Its unique name.
        name: String;
        /// When it was last synced.
        last_synced_at: Option<DateTime<Utc>>;
    }
}

/// A component as a scan finds it and a comparison leaves it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScannedComponent {
    /// The id it gets if it is new.
    pub id: ComponentId,
    /// Its unique name.
    pub name: String,
    /// The hash of its [`Found`].
    pub scan_hash: String,
    /// How it stands to its design component.
    pub mapping_status: MappingStatus,
    /// The hash of the comparable code contract.
    pub contract_hash: Option<String>,
    /// The changes found, each with when it was first seen.
    pub drift: Option<Json>,
}

/// What a scan found of a component: the part of its row that is large, and rarely another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The `name` of the `package.json` it belongs to.
    pub package: Option<String>,
    /// The file that declares it.
    pub file: Option<String>,
    /// Descriptors of its variants.
    pub variants: Json,
    /// The code side's statement, and where each part of it is stated.
    pub detail: Json,
}

/// What a scan changed in the registry; names in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, JsonSchema)]
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

const SCAN_COLUMNS: [Column; 11] = [
    ("id", Kind::Uuid),
    ("name", Kind::Text),
    ("package", Kind::Text),
    ("file", Kind::Text),
    ("variants", Kind::Json),
    ("detail", Kind::Json),
    ("scan_hash", Kind::Text),
    ("mapping_status", Kind::Enum("mapping_status")),
    ("contract_hash", Kind::Text),
    ("drift", Kind::Json),
    ("at", Kind::Time),
];

const UPSERT: &str = "
    INSERT INTO component_artifacts (id, name, package, file, variants, detail, scan_hash, mapping_status,
                                     contract_hash, drift, created_at, updated_at)
    SELECT id, name, package, file, variants, detail, scan_hash, mapping_status, contract_hash, drift, at, at
    FROM batch WHERE true
    ON CONFLICT (name) DO UPDATE SET
        package = excluded.package, file = excluded.file, variants = excluded.variants, detail = excluded.detail,
        scan_hash = excluded.scan_hash, mapping_status = excluded.mapping_status,
        contract_hash = excluded.contract_hash, drift = excluded.drift, gone_at = NULL,
        updated_at = excluded.updated_at";

const UPSERT_UNCOMPARED: &str = "
    INSERT INTO component_artifacts (id, name, package, file, variants, detail, scan_hash, created_at, updated_at)
    SELECT id, name, package, file, variants, detail, scan_hash, at, at FROM batch WHERE true
    ON CONFLICT (name) DO UPDATE SET
        package = excluded.package, file = excluded.file, variants = excluded.variants, detail = excluded.detail,
        scan_hash = excluded.scan_hash, gone_at = NULL, updated_at = excluded.updated_at";

/// Whether what was compared is recorded with what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparisons {
    /// It is.
    Recorded,
    /// Workers will: what they said last stays until then.
    Left,
}

/// What rows are that a scan did not find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfound {
    /// Everything was read: they are gone.
    Gone,
    /// Something could not be read, and they may be in it: they stay.
    Unknown,
}

const COMPARISON_COLUMNS: [Column; 5] = [
    ("name", Kind::Text),
    ("mapping_status", Kind::Enum("mapping_status")),
    ("contract_hash", Kind::Text),
    ("drift", Kind::Json),
    ("at", Kind::Time),
];

const COMPARE: &str = "
    UPDATE component_artifacts SET mapping_status = batch.mapping_status, contract_hash = batch.contract_hash,
        drift = batch.drift, updated_at = batch.at
    FROM batch WHERE component_artifacts.name = batch.name";

/// Brings the registry up to date with a scan of the whole code side and its comparison: new components are added, known
/// ones keep their id and `created_at`, those not found any more are marked as gone. A row that says the same as before
/// is not touched, and what was found is asked for only where it is to be written, by the component's place in `scanned`.
/// Where a name comes twice, the last one counts. The changes are those of the scan alone.
///
/// # Errors
/// When the database fails.
pub async fn record_scan(
    tx: &mut Tx,
    scanned: Vec<ScannedComponent>,
    found: impl Fn(usize) -> Found,
    unfound: Unfound,
    at: DateTime<Utc>,
) -> Result<ScanChanges> {
    record(tx, scanned, found, unfound, Comparisons::Recorded, at).await
}

/// The same, but that what was compared is left to workers: what they said last stays until they have said more.
///
/// # Errors
/// As [`record_scan`].
pub async fn record_found(
    tx: &mut Tx,
    scanned: Vec<ScannedComponent>,
    found: impl Fn(usize) -> Found,
    unfound: Unfound,
    at: DateTime<Utc>,
) -> Result<ScanChanges> {
    record(tx, scanned, found, unfound, Comparisons::Left, at).await
}

async fn record(
    tx: &mut Tx,
    scanned: Vec<ScannedComponent>,
    found: impl Fn(usize) -> Found,
    unfound: Unfound,
    compared: Comparisons,
    at: DateTime<Utc>,
) -> Result<ScanChanges> {
    let known: BTreeMap<String, Outline> =
        outlines(tx).await?.into_iter().map(|row| (row.name.clone(), row)).collect();
    let scanned: BTreeMap<String, (usize, ScannedComponent)> = scanned
        .into_iter()
        .enumerate()
        .map(|(at, component)| (component.name.clone(), (at, component)))
        .collect();
    let mut changes = ScanChanges::default();
    for name in known.iter().filter(|(_, row)| row.gone_at.is_none()).map(|(name, _)| name) {
        if unfound == Unfound::Gone && !scanned.contains_key(name) {
            changes.gone.push(name.clone());
        }
    }
    let (mut written, mut comparisons) = (Vec::new(), Vec::new());
    for (name, (place, component)) in scanned {
        match known.get(&name) {
            None => changes.added.push(name),
            Some(row) if row.gone_at.is_some() => changes.returned.push(name),
            Some(row) if row.scan_hash.as_ref() != Some(&component.scan_hash) => changes.changed.push(name),
            Some(_) if compared == Comparisons::Left => continue,
            Some(row) if !compares_the_same(row, &component) => {
                let ScannedComponent { mapping_status, contract_hash, drift, .. } = component;
                comparisons.push(values![name, mapping_status, contract_hash, drift, at]);
                continue;
            }
            Some(_) => continue,
        }
        written.push((place, component));
    }
    // What was found is large: it is made as it is written.
    let rows = written.into_iter().map(|(place, component)| {
        let Found { package, file, variants, detail } = found(place);
        values![
            component.id,
            component.name,
            package,
            file,
            variants,
            detail,
            component.scan_hash,
            component.mapping_status,
            component.contract_hash,
            component.drift,
            at,
        ]
    });
    let upsert = match compared {
        Comparisons::Recorded => UPSERT,
        Comparisons::Left => UPSERT_UNCOMPARED,
    };
    bulk::run_each(tx, &SCAN_COLUMNS, rows, upsert).await?;
    bulk::run(tx, &COMPARISON_COLUMNS, comparisons, COMPARE).await?;
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

fn compares_the_same(row: &Outline, scanned: &ScannedComponent) -> bool {
    row.mapping_status == scanned.mapping_status
        && row.contract_hash == scanned.contract_hash
        && row.drift == scanned.drift
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

/// The components without what the scan found, by name, gone ones too.
///
/// # Errors
/// When the database fails.
pub async fn outlines(tx: &mut ReadTx) -> Result<Vec<Outline>> {
    let sql = format!("{} ORDER BY name", Outline::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(Outline::read).collect()
}

/// The components that are there, by name.
///
/// # Errors
/// When the database fails.
pub async fn standing(tx: &mut ReadTx) -> Result<Vec<Standing>> {
    let sql = format!("{} WHERE gone_at IS NULL ORDER BY name", Standing::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(Standing::read).collect()
}

/// The components that are there, by name, with how they are linked.
///
/// # Errors
/// When the database fails.
pub async fn linked(tx: &mut ReadTx) -> Result<Vec<Linked>> {
    let sql = format!("{} WHERE gone_at IS NULL ORDER BY name", Linked::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(Linked::read).collect()
}

/// The components of these ids, as far as there are such.
///
/// # Errors
/// When the database fails.
pub async fn of_ids(tx: &mut ReadTx, ids: &[ComponentId]) -> Result<Vec<Component>> {
    let rows = bulk::fetch_of(tx, &Component::select(), "id", ids).await?;
    rows.iter().map(Component::read).collect()
}

/// What these components are called, as far as there are such.
///
/// # Errors
/// When the database fails.
pub async fn names(tx: &mut ReadTx, ids: &[ComponentId]) -> Result<BTreeMap<ComponentId, String>> {
    let mut names = BTreeMap::new();
    for row in bulk::fetch_of(tx, &Named::select(), "id", ids).await? {
        let Named { id, name } = Named::read(&row)?;
        names.insert(id, name);
    }
    Ok(names)
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
