//! Stories and design components, as the last scan recorded them.

use chrono::{DateTime, Utc};
use lockstep_core::ids::DesignId;
use lockstep_store::{
    Store,
    catalogue::{self, ListedDesign, ListedStory},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::error::EngineError;

/// A story.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StoryView {
    /// Storybook's id.
    pub id: String,
    /// The component that it shows.
    pub component: Option<String>,
    /// The title that it stands under.
    pub title: String,
    /// Its name.
    pub name: String,
    /// The export that it is declared as.
    pub export_name: String,
    /// The file that declares it, from the workspace's folder.
    pub file: String,
    /// What it shows: effective args, tags and the like, as far as they are known without running it.
    pub detail: Value,
}

/// A component or component set of a design file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DesignView {
    /// Its id.
    pub id: DesignId,
    /// Its name.
    pub name: String,
    /// `component` or `component_set`.
    pub kind: String,
    /// The design file, by its name in the workspace.
    pub source: String,
    /// The node in that file.
    pub node_id: String,
    /// The component that stands for it.
    pub component: Option<String>,
    /// When its source says that it was last changed.
    pub last_design_change_at: DateTime<Utc>,
    /// Its variants, and the nodes that show them.
    pub variants: Value,
    /// What the design side states of it. Lists leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
}

impl From<ListedStory> for StoryView {
    fn from(row: ListedStory) -> Self {
        let ListedStory { story_id: id, component, title, name, export_name, file, detail } = row;
        Self { id, component, title, name, export_name, file, detail }
    }
}

impl From<ListedDesign> for DesignView {
    fn from(row: ListedDesign) -> Self {
        Self {
            id: row.id,
            name: row.name,
            kind: row.kind,
            source: row.source,
            node_id: row.node_id,
            component: row.component,
            last_design_change_at: row.last_design_change_at,
            variants: row.variant_refs,
            detail: Some(row.detail),
        }
    }
}

/// A part of a list; and whether there is more.
pub type Part<T> = (Vec<T>, bool);

fn part<R, T: From<R>>(mut rows: Vec<R>, limit: usize) -> Part<T> {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    (rows.into_iter().map(T::from).collect(), has_more)
}

/// At most `limit` stories after one, by Storybook's id: of one component, or of all.
///
/// # Errors
/// When the registry fails.
pub async fn stories(
    store: &Store,
    component: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<Part<StoryView>, EngineError> {
    let rows = catalogue::stories(&mut store.read().await?, component, after, limit + 1).await?;
    Ok(part(rows, limit))
}

/// One story, by Storybook's id.
///
/// # Errors
/// When there is none, or the registry fails.
pub async fn story(store: &Store, id: &str) -> Result<StoryView, EngineError> {
    Ok(catalogue::story(&mut store.read().await?, id).await?.into())
}

/// At most `limit` design components after one, by name: what one component stands for, or all.
///
/// # Errors
/// When there is none of the id that they come after, or the registry fails.
pub async fn designs(
    store: &Store,
    component: Option<&str>,
    after: Option<DesignId>,
    limit: usize,
) -> Result<Part<DesignView>, EngineError> {
    let rows = catalogue::designs(&mut store.read().await?, component, after, limit + 1).await?;
    let (mut designs, has_more): Part<DesignView> = part(rows, limit);
    designs.iter_mut().for_each(|design| design.detail = None);
    Ok((designs, has_more))
}

/// One design component.
///
/// # Errors
/// When there is none, or the registry fails.
pub async fn design(store: &Store, id: DesignId) -> Result<DesignView, EngineError> {
    Ok(catalogue::design(&mut store.read().await?, id).await?.into())
}
