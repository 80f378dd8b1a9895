//! `design_artifacts`: the design side of the registry.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use lockstep_core::ids::{ComponentId, DesignId};
use serde_json::Value as Json;

use crate::components::Comparisons;
pub use crate::components::{Presence, ScanChanges, Unfound};
use crate::{
    bulk::{self, Column},
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::{Kind, values},
};

record! {
    /// A design component.
    Design in "design_artifacts" {
        /// Its id; it outlives a rename, and a time away.
        id: DesignId;
        /// The component that it is linked to.
        component_id: Option<ComponentId>;
        /// Its variants, and the nodes that show them.
        variant_refs: Json;
        /// When its source says that it was last changed.
        last_design_change_at: DateTime<Utc>;
        /// The hash of the design contract after mapping.
        diff_hash: String;
        /// When it was first seen.
        created_at: DateTime<Utc>;
        /// When the row was last changed.
        updated_at: DateTime<Utc>;
        /// Which design file of the workspace it is in.
        source: String;
        /// The node in that file.
        node_id: String;
        /// Its name there.
        name: String;
        /// `component` or `component_set`.
        kind: String;
        /// The design side's statement, and where each part of it is drawn.
        detail: Json;
        /// Since when it is found no more.
        gone_at: Option<DateTime<Utc>>;
        /// The hash of what was read from the source.
        scan_hash: Option<String>;
    }
}

record! {
    /// A design component without what was read from its source, for which its hash stands.
    Outline in "design_artifacts" {
        /// Its id.
        id: DesignId;
        /// The component that it is linked to.
        component_id: Option<ComponentId>;
        /// The hash of the design contract after mapping.
        diff_hash: String;
        /// Which design file of the workspace it is in.
        source: String;
        /// The node in that file.
        node_id: String;
        /// Its name there.
        name: String;
        /// Since when it is found no more.
        gone_at: Option<DateTime<Utc>>;
        /// The hash of what was read from the source.
        scan_hash: Option<String>;
    }
}

/// A design component as it is read from its source and linked.
#[derive(Debug, Clone, PartialEq)]
pub struct ScannedDesign {
    /// The id it gets if it is new.
    pub id: DesignId,
    /// Which design file of the workspace it is in.
    pub source: String,
    /// The node in that file.
    pub node_id: String,
    /// Its name there.
    pub name: String,
    /// The hash of its name and its [`Found`].
    pub scan_hash: String,
    /// The component that it stands for, if any.
    pub component_id: Option<ComponentId>,
    /// The hash of its contract, after mapping when it is linked.
    pub diff_hash: String,
}

/// What is read of a design component from its source: the part of its row that is large, and rarely another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// `component` or `component_set`.
    pub kind: String,
    /// Its variants, and the nodes that show them.
    pub variant_refs: Json,
    /// When its source says that it was last changed.
    pub last_design_change_at: DateTime<Utc>,
    /// The design side's statement, and where each part of it is drawn.
    pub detail: Json,
}

const SCAN_COLUMNS: [Column; 12] = [
    ("id", Kind::Uuid),
    ("source", Kind::Text),
    ("node_id", Kind::Text),
    ("name", Kind::Text),
    ("kind", Kind::Text),
    ("variant_refs", Kind::Json),
    ("changed_at", Kind::Time),
    ("detail", Kind::Json),
    ("scan_hash", Kind::Text),
    ("component_id", Kind::Uuid),
    ("diff_hash", Kind::Text),
    ("at", Kind::Time),
];

const UPSERT: &str = "
    INSERT INTO design_artifacts (id, source, node_id, name, kind, variant_refs, last_design_change_at, detail,
                                  scan_hash, component_id, diff_hash, created_at, updated_at)
    SELECT id, source, node_id, name, kind, variant_refs, changed_at, detail, scan_hash, component_id, diff_hash, at, at
    FROM batch WHERE true
    ON CONFLICT (source, node_id) DO UPDATE SET
        name = excluded.name, kind = excluded.kind, variant_refs = excluded.variant_refs,
        last_design_change_at = excluded.last_design_change_at, detail = excluded.detail,
        scan_hash = excluded.scan_hash, component_id = excluded.component_id, diff_hash = excluded.diff_hash,
        gone_at = NULL, updated_at = excluded.updated_at";

const LINK_COLUMNS: [Column; 4] =
    [("id", Kind::Uuid), ("component_id", Kind::Uuid), ("diff_hash", Kind::Text), ("at", Kind::Time)];

const LINK: &str = "
    UPDATE design_artifacts SET component_id = batch.component_id, diff_hash = batch.diff_hash, updated_at = batch.at
    FROM batch WHERE design_artifacts.id = batch.id";

/// Brings the registry up to date with the whole of some sources and how they are linked: new design components are
/// added, known ones keep their id, those of `sources` that are found no more are marked as gone and keep their link. A
/// row that says the same as before is not touched, and what was read is asked for only where it is to be written, by
/// the design component's place in `scanned`. Where a node comes twice, the last one counts. The changes are those of
/// the reading alone.
///
/// # Errors
/// When a component does not exist, or the database fails.
pub async fn record_scan(
    tx: &mut Tx,
    sources: &BTreeSet<String>,
    scanned: Vec<ScannedDesign>,
    found: impl Fn(usize) -> Found,
    unfound: Unfound,
    at: DateTime<Utc>,
) -> Result<ScanChanges> {
    record(tx, sources, scanned, found, unfound, Comparisons::Recorded, at).await
}

/// The same, but that what was compared is left to workers: what they said last stays until they have said more.
///
/// # Errors
/// As [`record_scan`].
pub async fn record_found(
    tx: &mut Tx,
    sources: &BTreeSet<String>,
    scanned: Vec<ScannedDesign>,
    found: impl Fn(usize) -> Found,
    unfound: Unfound,
    at: DateTime<Utc>,
) -> Result<ScanChanges> {
    record(tx, sources, scanned, found, unfound, Comparisons::Left, at).await
}

async fn record(
    tx: &mut Tx,
    sources: &BTreeSet<String>,
    scanned: Vec<ScannedDesign>,
    found: impl Fn(usize) -> Found,
    unfound: Unfound,
    compared: Comparisons,
    at: DateTime<Utc>,
) -> Result<ScanChanges> {
    let key = |source: &str, node: &str| (source.to_owned(), node.to_owned());
    let known: BTreeMap<(String, String), Outline> = outlines(tx)
        .await?
        .into_iter()
        .filter(|row| sources.contains(&row.source))
        .map(|row| (key(&row.source, &row.node_id), row))
        .collect();
    let scanned: BTreeMap<(String, String), (usize, ScannedDesign)> = scanned
        .into_iter()
        .enumerate()
        .map(|(at, design)| (key(&design.source, &design.node_id), (at, design)))
        .collect();
    let mut changes = ScanChanges::default();
    let mut gone = Vec::new();
    for (node, row) in &known {
        if unfound == Unfound::Gone && row.gone_at.is_none() && !scanned.contains_key(node) {
            changes.gone.push(row.name.clone());
            gone.push(values![row.id, at]);
        }
    }
    let (mut written, mut links) = (Vec::new(), Vec::new());
    for (node, (place, mut design)) in scanned {
        if let (Comparisons::Left, Some(row)) = (compared, known.get(&node)) {
            design.diff_hash.clone_from(&row.diff_hash);
        }
        let list = match known.get(&node) {
            None => &mut changes.added,
            Some(row) if row.gone_at.is_some() => &mut changes.returned,
            Some(row) if row.scan_hash.as_ref() != Some(&design.scan_hash) => &mut changes.changed,
            Some(row) => {
                if row.component_id != design.component_id || row.diff_hash != design.diff_hash {
                    links.push(values![row.id, design.component_id, design.diff_hash, at]);
                }
                continue;
            }
        };
        list.push(design.name.clone());
        written.push((place, design));
    }
    // What was found is large: it is made as it is written.
    let rows = written.into_iter().map(|(place, design)| {
        let Found { kind, variant_refs, last_design_change_at, detail } = found(place);
        values![
            design.id,
            design.source,
            design.node_id,
            design.name,
            kind,
            variant_refs,
            last_design_change_at,
            detail,
            design.scan_hash,
            design.component_id,
            design.diff_hash,
            at,
        ]
    });
    bulk::run_each(tx, &SCAN_COLUMNS, rows, UPSERT).await?;
    bulk::run(tx, &LINK_COLUMNS, links, LINK).await?;
    bulk::run(
        tx,
        &[("id", Kind::Uuid), ("at", Kind::Time)],
        gone,
        "UPDATE design_artifacts SET gone_at = batch.at, updated_at = batch.at
         FROM batch WHERE design_artifacts.id = batch.id",
    )
    .await?;
    Ok(changes)
}

/// The design components without what was read from their sources, by name, gone ones too.
///
/// # Errors
/// When the database fails.
pub async fn outlines(tx: &mut ReadTx) -> Result<Vec<Outline>> {
    let sql = format!("{} ORDER BY name, source, node_id", Outline::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(Outline::read).collect()
}

/// The design components, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx, presence: Presence) -> Result<Vec<Design>> {
    let sql = format!("{} {} ORDER BY name, source, node_id", Design::select(), presence.condition());
    tx.fetch(sql, Vec::new()).await?.iter().map(Design::read).collect()
}

/// The design components of these ids, as far as there are such, gone ones too.
///
/// # Errors
/// When the database fails.
pub async fn of_ids(tx: &mut ReadTx, ids: &[DesignId]) -> Result<Vec<Design>> {
    let rows = bulk::fetch_of(tx, &Design::select(), "id", ids).await?;
    rows.iter().map(Design::read).collect()
}

/// The design components that a component is linked to, gone ones too.
///
/// # Errors
/// When the database fails.
pub async fn of_component(tx: &mut ReadTx, component: ComponentId) -> Result<Vec<Design>> {
    let sql = format!("{} WHERE component_id = $1 ORDER BY name, source, node_id", Design::select());
    tx.fetch(sql, values![component]).await?.iter().map(Design::read).collect()
}

/// The design component of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: DesignId) -> Result<Design> {
    let sql = format!("{} WHERE id = $1", Design::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    Design::read(&row.ok_or_else(|| Error::not_found("design component", id))?)
}

/// The design component of that node.
///
/// # Errors
/// When the database fails.
pub async fn by_node(tx: &mut ReadTx, source: &str, node_id: &str) -> Result<Option<Design>> {
    let sql = format!("{} WHERE source = $1 AND node_id = $2", Design::select());
    tx.fetch_one(sql, values![source, node_id]).await?.as_ref().map(Design::read).transpose()
}
