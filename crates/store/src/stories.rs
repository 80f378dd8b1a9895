//! `stories`: the stories of the code side.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::ids::{ComponentId, StoryId};
use serde_json::Value as Json;

pub use crate::components::{Presence, ScanChanges, Unfound};
use crate::{
    bulk::{self, Column},
    error::Result,
    row::record,
    transaction::{ReadTx, Tx},
    value::{Kind, values},
};

record! {
    /// A story.
    Story in "stories" {
        /// Its id here.
        id: StoryId;
        /// Storybook's id: `components-button--primary`.
        story_id: String;
        /// The component that it shows.
        component_id: Option<ComponentId>;
        /// The meta's title.
        title: String;
        /// The display name.
        name: String;
        /// The export it is declared under.
        export_name: String;
        /// The file that declares it.
        file: String;
        /// Effective args, tags and the like.
        detail: Json;
        /// When it was first seen.
        created_at: DateTime<Utc>;
        /// When the row was last changed.
        updated_at: DateTime<Utc>;
        /// Since when it is found no more.
        gone_at: Option<DateTime<Utc>>;
        /// The hash of what the scan found.
        scan_hash: Option<String>;
    }
}

record! {
    /// A story without what the scan found, for which its hash stands.
    Outline in "stories" {
        /// Storybook's id.
        story_id: String;
        /// Since when it is found no more.
        gone_at: Option<DateTime<Utc>>;
        /// The hash of what the scan found.
        scan_hash: Option<String>;
    }
}

record! {
    /// What a story is called, and what it shows.
    Named in "stories" {
        /// Its id.
        id: StoryId;
        /// Storybook's id.
        story_id: String;
        /// The component that it shows.
        component_id: Option<ComponentId>;
    }
}

/// A story as a scan finds it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScannedStory {
    /// The id it gets if it is new.
    pub id: StoryId,
    /// Storybook's id.
    pub story_id: String,
    /// The hash of its [`Found`].
    pub scan_hash: String,
}

/// What a scan found of a story.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The component that it shows.
    pub component_id: Option<ComponentId>,
    /// The meta's title.
    pub title: String,
    /// The display name.
    pub name: String,
    /// The export it is declared under.
    pub export_name: String,
    /// The file that declares it.
    pub file: String,
    /// Effective args, tags and the like.
    pub detail: Json,
}

const SCAN_COLUMNS: [Column; 10] = [
    ("id", Kind::Uuid),
    ("story_id", Kind::Text),
    ("component_id", Kind::Uuid),
    ("title", Kind::Text),
    ("name", Kind::Text),
    ("export_name", Kind::Text),
    ("file", Kind::Text),
    ("detail", Kind::Json),
    ("scan_hash", Kind::Text),
    ("at", Kind::Time),
];

const UPSERT: &str = "
    INSERT INTO stories (id, story_id, component_id, title, name, export_name, file, detail, scan_hash, created_at,
                         updated_at)
    SELECT id, story_id, component_id, title, name, export_name, file, detail, scan_hash, at, at
    FROM batch WHERE true
    ON CONFLICT (story_id) DO UPDATE SET
        component_id = excluded.component_id, title = excluded.title, name = excluded.name,
        export_name = excluded.export_name, file = excluded.file, detail = excluded.detail,
        scan_hash = excluded.scan_hash, gone_at = NULL, updated_at = excluded.updated_at";

/// Brings the registry up to date with a scan of all stories: new ones are added, known ones keep their id, those not
/// found any more are marked as gone. A row that says the same as before is not touched, and what was found is asked for
/// only where it is to be written, by the story's place in `scanned`. Where an id comes twice, the last one counts. The
/// changes name Storybook's ids.
///
/// # Errors
/// When a component does not exist, or the database fails.
pub async fn record_scan(
    tx: &mut Tx,
    scanned: Vec<ScannedStory>,
    found: impl Fn(usize) -> Found,
    unfound: Unfound,
    at: DateTime<Utc>,
) -> Result<ScanChanges> {
    let known: BTreeMap<String, Outline> =
        outlines(tx).await?.into_iter().map(|row| (row.story_id.clone(), row)).collect();
    let scanned: BTreeMap<String, (usize, ScannedStory)> =
        scanned.into_iter().enumerate().map(|(at, story)| (story.story_id.clone(), (at, story))).collect();
    let mut changes = ScanChanges::default();
    for row in known.values().filter(|row| row.gone_at.is_none()) {
        if unfound == Unfound::Gone && !scanned.contains_key(&row.story_id) {
            changes.gone.push(row.story_id.clone());
        }
    }
    let mut written = Vec::new();
    for (story_id, (place, story)) in scanned {
        match known.get(&story_id) {
            None => changes.added.push(story_id),
            Some(row) if row.gone_at.is_some() => changes.returned.push(story_id),
            Some(row) if row.scan_hash.as_ref() != Some(&story.scan_hash) => changes.changed.push(story_id),
            Some(_) => continue,
        }
        written.push((place, story));
    }
    // What was found is large: it is made as it is written.
    let rows = written.into_iter().map(|(place, story)| {
        let Found { component_id, title, name, export_name, file, detail } = found(place);
        values![
            story.id,
            story.story_id,
            component_id,
            title,
            name,
            export_name,
            file,
            detail,
            story.scan_hash,
            at,
        ]
    });
    bulk::run_each(tx, &SCAN_COLUMNS, rows, UPSERT).await?;
    let gone = changes.gone.iter().map(|story_id| values![story_id, at]).collect();
    bulk::run(
        tx,
        &[("story_id", Kind::Text), ("at", Kind::Time)],
        gone,
        "UPDATE stories SET gone_at = batch.at, updated_at = batch.at
         FROM batch WHERE stories.story_id = batch.story_id",
    )
    .await?;
    Ok(changes)
}

async fn outlines(tx: &mut ReadTx) -> Result<Vec<Outline>> {
    tx.fetch(Outline::select(), Vec::new()).await?.iter().map(Outline::read).collect()
}

/// The stories, by Storybook's id.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx, presence: Presence) -> Result<Vec<Story>> {
    let sql = format!("{} {} ORDER BY story_id", Story::select(), presence.condition());
    tx.fetch(sql, Vec::new()).await?.iter().map(Story::read).collect()
}

/// What all stories are called, gone ones too, by Storybook's id.
///
/// # Errors
/// When the database fails.
pub async fn named(tx: &mut ReadTx) -> Result<Vec<Named>> {
    let sql = format!("{} ORDER BY story_id", Named::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(Named::read).collect()
}

/// The stories of a component, those that are there.
///
/// # Errors
/// When the database fails.
pub async fn of_component(tx: &mut ReadTx, component: ComponentId) -> Result<Vec<Story>> {
    let sql = format!("{} WHERE component_id = $1 AND gone_at IS NULL ORDER BY story_id", Story::select());
    tx.fetch(sql, values![component]).await?.iter().map(Story::read).collect()
}

/// The stories of several components, those that are there.
///
/// # Errors
/// When the database fails.
pub async fn of_components(tx: &mut ReadTx, components: &[ComponentId]) -> Result<Vec<Story>> {
    let rows = bulk::fetch_of(tx, &Story::select(), "component_id", components).await?;
    let stories = rows.iter().map(Story::read).collect::<Result<Vec<_>>>()?;
    Ok(stories.into_iter().filter(|story| story.gone_at.is_none()).collect())
}

/// The story of that Storybook id, gone or not.
///
/// # Errors
/// When the database fails.
pub async fn by_story_id(tx: &mut ReadTx, story_id: &str) -> Result<Option<Story>> {
    let sql = format!("{} WHERE story_id = $1", Story::select());
    tx.fetch_one(sql, values![story_id]).await?.as_ref().map(Story::read).transpose()
}
