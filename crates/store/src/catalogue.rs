//! Stories and design components as they are listed: page by page, each with the name of its component.

use chrono::{DateTime, Utc};
use lockstep_core::ids::DesignId;
use serde_json::Value as Json;

use crate::{
    error::{Error, Result},
    row::record,
    transaction::ReadTx,
    value::values,
};

record! {
    /// A story that is there.
    ListedStory in "stories LEFT JOIN component_artifacts AS shown ON shown.id = stories.component_id" {
        /// Storybook's id.
        story_id: String;
        /// The component that it shows.
        component: Option<String> = "shown.name";
        /// The meta's title.
        title: String;
        /// The display name.
        name: String = "stories.name";
        /// The export it is declared under.
        export_name: String;
        /// The file that declares it.
        file: String = "stories.file";
        /// Effective args, tags and the like.
        detail: Json = "stories.detail";
    }
}

record! {
    /// A design component that is there.
    ListedDesign in "design_artifacts LEFT JOIN component_artifacts AS shown ON shown.id = design_artifacts.component_id" {
        /// Its id.
        id: DesignId = "design_artifacts.id";
        /// Its name.
        name: String = "design_artifacts.name";
        /// `component` or `component_set`.
        kind: String;
        /// Which design file of the workspace it is in.
        source: String;
        /// The node in that file.
        node_id: String;
        /// The component that stands for it.
        component: Option<String> = "shown.name";
        /// Its variants, and the nodes that show them.
        variant_refs: Json;
        /// When its source says that it was last changed.
        last_design_change_at: DateTime<Utc>;
        /// What the design side states.
        detail: Json = "design_artifacts.detail";
    }
}

/// At most `limit` stories after one, by Storybook's id: of a component of that name, or of all.
///
/// # Errors
/// When the database fails.
pub async fn stories(
    tx: &mut ReadTx,
    component: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<ListedStory>> {
    let sql = format!(
        "{} WHERE stories.gone_at IS NULL AND story_id > $1 AND ($2 IS NULL OR shown.name = $2)
         ORDER BY story_id LIMIT $3",
        ListedStory::select()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = values![after.unwrap_or_default(), component, limit];
    tx.fetch(sql, values).await?.iter().map(ListedStory::read).collect()
}

/// The story of that Storybook id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn story(tx: &mut ReadTx, id: &str) -> Result<ListedStory> {
    let sql = format!("{} WHERE stories.gone_at IS NULL AND story_id = $1", ListedStory::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    ListedStory::read(&row.ok_or_else(|| Error::not_found("story", id))?)
}

/// At most `limit` design components after one, by name: that a component of that name stands for, or all.
///
/// # Errors
/// When there is none of the id that they come after, or the database fails.
pub async fn designs(
    tx: &mut ReadTx,
    component: Option<&str>,
    after: Option<DesignId>,
    limit: usize,
) -> Result<Vec<ListedDesign>> {
    let (name, source, node) = match after {
        Some(id) => {
            let last = design(tx, id).await?;
            (last.name, last.source, last.node_id)
        }
        None => Default::default(),
    };
    let sql = format!(
        "{} WHERE design_artifacts.gone_at IS NULL AND ($4 IS NULL OR shown.name = $4)
             AND (design_artifacts.name, source, node_id) > ($1, $2, $3)
         ORDER BY design_artifacts.name, source, node_id LIMIT $5",
        ListedDesign::select()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.fetch(sql, values![name, source, node, component, limit])
        .await?
        .iter()
        .map(ListedDesign::read)
        .collect()
}

/// The design component of that id, gone or not.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn design(tx: &mut ReadTx, id: DesignId) -> Result<ListedDesign> {
    let sql = format!("{} WHERE design_artifacts.id = $1", ListedDesign::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    ListedDesign::read(&row.ok_or_else(|| Error::not_found("design component", id))?)
}
