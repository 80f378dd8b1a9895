//! Sessions as they are shown.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{CorrelationId, SessionId, StoryId},
    session::{
        ArtifactKind, Excess, Outcomes, Past, PerformanceSummary, Problem, SessionReason, SessionStatus,
        outcomes,
    },
};
use lockstep_store::{
    Store, components, sessions,
    sessions::Session,
    stories,
    test_artifacts::{self, TestArtifact},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ComparedPicture, FailedRequest, Violation};
use crate::error::EngineError;

/// Outcomes are told of so many of a story's sessions, the newest.
const LOOKED_BACK: usize = 50;

/// What is kept of a session beside what the data model has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Detail {
    /// The hash of the code that the story was rendered from, as far as it can be told from what serves it.
    pub code: Option<String>,
    /// How often the story had been tried before, in the same run.
    #[serde(default)]
    pub retry: usize,
    /// Why it did not pass, in words.
    #[serde(default)]
    pub message: Option<String>,
    /// What is above its budget.
    #[serde(default)]
    pub excess: Vec<Excess>,
    /// What was thrown.
    #[serde(default)]
    pub exceptions: Vec<Problem>,
    /// What the play function threw.
    #[serde(default)]
    pub failed_plays: Vec<Problem>,
    /// Errors on the console.
    #[serde(default)]
    pub console_errors: Vec<Problem>,
    /// What was asked for and did not come.
    #[serde(default)]
    pub failed_requests: Vec<FailedRequest>,
    /// What accessibility checks found.
    #[serde(default)]
    pub violations: Vec<Violation>,
    /// Why accessibility was not checked, where it was not.
    #[serde(default)]
    pub unchecked: Option<String>,
    /// How it looks beside the approved picture, where there is one.
    #[serde(default)]
    pub compared: Option<ComparedPicture>,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// Storybook's id of the story.
    pub story: String,
    /// The component that it shows.
    pub component: Option<String>,
    /// When it began.
    pub start_time: DateTime<Utc>,
    /// When it ended.
    pub end_time: Option<DateTime<Utc>>,
    /// How long that took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// How it stands.
    pub status: SessionStatus,
    /// Why it did not pass.
    pub reason: Option<SessionReason>,
    /// What was measured.
    pub performance_summary: Option<PerformanceSummary>,
    /// What runs through logs and the run that it is part of.
    pub correlation_id: CorrelationId,
    /// What was found.
    #[serde(flatten)]
    pub detail: Detail,
    /// What it left behind.
    pub artifacts: Vec<ArtifactView>,
}

/// A file that a session left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArtifactView {
    /// What it is.
    pub kind: ArtifactKind,
    /// Its media type.
    pub media_type: String,
    /// Where it is, from the workspace's folder.
    pub path: String,
    /// Its size in bytes.
    pub size: i64,
    /// The SHA-256 of its content.
    pub content_hash: String,
}

/// How the sessions of a component's stories ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ComponentOutcomes {
    /// The component; none of stories that show none.
    pub component: Option<String>,
    /// All of its stories together.
    #[serde(flatten)]
    pub outcomes: Outcomes,
    /// Each of them that has sessions.
    pub stories: Vec<StoryOutcomes>,
}

/// How the sessions of a story ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StoryOutcomes {
    /// Storybook's id.
    pub story: String,
    /// How they ended.
    #[serde(flatten)]
    pub outcomes: Outcomes,
}

impl SessionView {
    /// Whether it goes on.
    pub fn is_running(&self) -> bool {
        self.status == SessionStatus::Running
    }

    pub(super) fn of(
        row: Session,
        story: String,
        component: Option<String>,
        artifacts: Vec<TestArtifact>,
    ) -> Result<Self, EngineError> {
        let detail = read::<Detail>(row.detail)?;
        let reason = row.reason.map(serde_json::Value::String).map(read).transpose()?;
        Ok(Self {
            id: row.id,
            story,
            component,
            start_time: row.start_time,
            end_time: row.end_time,
            duration_ms: row.end_time.map(|end| (end - row.start_time).num_milliseconds()),
            status: row.status,
            reason,
            performance_summary: row.performance_summary.map(read).transpose()?,
            correlation_id: row.correlation_id,
            detail,
            artifacts: artifacts.into_iter().map(Into::into).collect(),
        })
    }
}

impl From<TestArtifact> for ArtifactView {
    fn from(row: TestArtifact) -> Self {
        let TestArtifact { kind, media_type, path, size, content_hash, .. } = row;
        Self { kind, media_type, path, size, content_hash }
    }
}

fn read<T: serde::de::DeserializeOwned>(json: serde_json::Value) -> Result<T, EngineError> {
    let hint = "another version of Lockstep may have written it";
    serde_json::from_value(json)
        .map_err(|error| EngineError::unreadable("a browser test session", &error, hint))
}

/// At most so many sessions, newest first: of all stories, or of those that a story's id or a component's name is about.
///
/// # Errors
/// When nothing has that name, or the registry fails.
pub async fn list(store: &Store, about: Option<&str>, limit: usize) -> Result<Vec<SessionView>, EngineError> {
    let mut tx = store.read().await?;
    let names = Names::of(&mut tx).await?;
    let mut rows = match about {
        None => sessions::latest(&mut tx, limit).await?,
        Some(about) => {
            let mut rows = Vec::new();
            for story in names.about(about)? {
                rows.extend(sessions::of_story(&mut tx, story, limit).await?);
            }
            rows
        }
    };
    rows.sort_by_key(|row| std::cmp::Reverse((row.start_time, row.id)));
    rows.truncate(limit);
    let views = rows.into_iter().map(|row| {
        let (story, component) = names.told(row.story_id);
        SessionView::of(row, story, component, Vec::new())
    });
    views.collect()
}

/// At most so many sessions of a run, newest first.
///
/// # Errors
/// When the registry fails.
pub async fn of_run(
    store: &Store,
    run: CorrelationId,
    limit: usize,
) -> Result<Vec<SessionView>, EngineError> {
    let mut tx = store.read().await?;
    let rows = sessions::of_run(&mut tx, run, limit).await?;
    let names = Names::of(&mut tx).await?;
    let views = rows.into_iter().map(|row| {
        let (story, component) = names.told(row.story_id);
        SessionView::of(row, story, component, Vec::new())
    });
    views.collect()
}

/// A session with what it left behind, by the first letters of its id.
///
/// # Errors
/// When there is none, or more than one; when the registry fails.
pub async fn one(store: &Store, prefix: &str) -> Result<SessionView, EngineError> {
    let mut tx = store.read().await?;
    let row = sessions::by_prefix(&mut tx, prefix).await?;
    let (story, component) = Names::of(&mut tx).await?.told(row.story_id);
    let artifacts = test_artifacts::of_session(&mut tx, row.id).await?;
    SessionView::of(row, story, component, artifacts)
}

/// How the newest sessions of each story ended, by component.
///
/// # Errors
/// When nothing has that name, or the registry fails.
pub async fn rates(store: &Store, about: Option<&str>) -> Result<Vec<ComponentOutcomes>, EngineError> {
    let mut tx = store.read().await?;
    let names = Names::of(&mut tx).await?;
    let wanted = match about {
        Some(about) => names.about(about)?,
        None => names.stories.keys().copied().collect(),
    };
    let mut by_component = BTreeMap::<Option<String>, Vec<StoryOutcomes>>::new();
    for id in wanted {
        let rows = sessions::of_story(&mut tx, id, LOOKED_BACK).await?;
        if rows.is_empty() {
            continue;
        }
        let (story, component) = names.told(id);
        let outcomes = of_rows(&rows);
        by_component.entry(component).or_default().push(StoryOutcomes { story, outcomes });
    }
    let all = by_component.into_iter().map(|(component, mut stories)| {
        stories.sort_by(|one, other| one.story.cmp(&other.story));
        let outcomes = stories.iter().fold(Outcomes::default(), |all, story| all.and(story.outcomes));
        ComponentOutcomes { component, outcomes, stories }
    });
    Ok(all.collect())
}

/// How the newest sessions of a story ended.
pub(super) async fn of_story(store: &Store, story: StoryId) -> Result<Outcomes, EngineError> {
    Ok(of_rows(&sessions::of_story(&mut store.read().await?, story, LOOKED_BACK).await?))
}

fn of_rows(rows: &[Session]) -> Outcomes {
    let code = |row: &Session| row.detail.get("code").and_then(|code| code.as_str()).map(str::to_owned);
    let codes: Vec<Option<String>> = rows.iter().map(code).collect();
    outcomes(rows.iter().zip(&codes).map(|(row, code)| Past { status: row.status, code: code.as_deref() }))
}

/// What stories and components are called.
pub(super) struct Names {
    stories: BTreeMap<StoryId, (String, Option<String>)>,
}

impl Names {
    pub(super) async fn of(tx: &mut lockstep_store::ReadTx) -> Result<Self, EngineError> {
        let components: BTreeMap<_, _> =
            components::standing(tx).await?.into_iter().map(|row| (row.id, row.name)).collect();
        let stories = stories::named(tx).await?.into_iter().map(|story| {
            let component = story.component_id.and_then(|id| components.get(&id).cloned());
            (story.id, (story.story_id, component))
        });
        Ok(Self { stories: stories.collect() })
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = StoryId> {
        self.stories.keys().copied()
    }

    pub(super) fn told(&self, id: StoryId) -> (String, Option<String>) {
        self.stories.get(&id).cloned().unwrap_or_default()
    }

    /// The stories that a story's id or a component's name is about.
    pub(super) fn about(&self, name: &str) -> Result<Vec<StoryId>, EngineError> {
        let is_about = |(story, component): &(String, Option<String>)| {
            story == name || component.as_deref() == Some(name)
        };
        let found: Vec<StoryId> =
            self.stories.iter().filter(|(_, names)| is_about(names)).map(|(id, _)| *id).collect();
        if found.is_empty() {
            let message = format!("`{name}` is neither a story nor a component that the registry knows");
            return Err(EngineError::not_found(message, "`lockstep sessions` lists what was tested"));
        }
        Ok(found)
    }
}
