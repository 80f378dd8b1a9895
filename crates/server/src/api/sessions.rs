//! Browser test sessions: what came of them, and starting some.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use lockstep_core::{role::Action, session::ArtifactKind};
use lockstep_engine::{
    context::Engine,
    sessions::{self, ApprovedPicture, ComponentOutcomes, SessionView, TestReport, TestRequest},
};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

use super::{Answer, Document, Made, Making, Needs, Route, documents};
use crate::{
    caller::Errand,
    description::told::{Gives, Told},
    given::{Asked, Body, Limit, Named},
    hub::Shared,
    problem::Problem,
    static_files::test,
    work::For,
};

documents! {
    Sessions: Vec<SessionView> = "lockstep.test-sessions/1",
    Session: SessionView = "lockstep.test-session/1",
    Rates: Vec<ComponentOutcomes> = "lockstep.test-session-rates/1",
    Tested: TestReport = "lockstep.test/1",
    Approved: Vec<ApprovedPicture> = "lockstep.approved-pictures/1",
}

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    vec![
        Route::new(
            Method::GET,
            "/api/v1/sessions",
            read,
            "list_test_sessions",
            "Browser test sessions, newest first",
            list,
        )
        .refuses([StatusCode::NOT_FOUND])
        .leads(StatusCode::OK, "show_test_session", [("id", "$response.body#/data/0/id")]),
        Route::new(
            Method::POST,
            "/api/v1/sessions",
            Needs::Grant(Action::StartSession),
            "start_test_session",
            "Opens stories in a browser, and waits for their end",
            start,
        )
        .refuses([StatusCode::NOT_FOUND]),
        Route::new(
            Method::GET,
            "/api/v1/sessions/rates",
            read,
            "list_test_session_rates",
            "How browser test sessions came out, component by component",
            rates,
        )
        .refuses([StatusCode::NOT_FOUND]),
        Route::new(
            Method::GET,
            "/api/v1/sessions/{id}",
            read,
            "show_test_session",
            "A browser test session",
            one,
        ),
        Route::new(
            Method::GET,
            "/api/v1/sessions/{id}/picture",
            read,
            "show_picture",
            "A picture that a browser test session left behind",
            picture,
        ),
        Route::new(
            Method::POST,
            "/api/v1/sessions/approvals",
            Needs::Grant(Action::StartSession),
            "approve_pictures",
            "Takes the newest pictures of stories for how they are to look",
            approve,
        )
        .refuses([StatusCode::NOT_FOUND]),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A story's id, or a component's name.
    about: Option<String>,
    /// How many sessions.
    #[serde(default)]
    limit: Limit<20, 200>,
}

async fn list(Extension(errand): Extension<Errand>, Asked(wanted): Asked<Wanted>) -> Answer<Sessions> {
    let found = sessions::list(errand.access.store(), wanted.about.as_deref(), wanted.limit.get()).await?;
    Ok(Document::new(found))
}

async fn one(Extension(errand): Extension<Errand>, Named(id): Named<String>) -> Answer<Session> {
    let found = sessions::one(errand.access.store(), &id).await?;
    Ok(Document::new(found))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Whose {
    /// A story's id, or a component's name.
    about: Option<String>,
}

async fn rates(Extension(errand): Extension<Errand>, Asked(whose): Asked<Whose>) -> Answer<Rates> {
    let found = sessions::rates(errand.access.store(), whose.about.as_deref()).await?;
    Ok(Document::new(found))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TestsWanted")]
struct Start {
    /// Stories by id, components by name, or globs of either; every story tagged `test` without.
    #[serde(default)]
    stories: Vec<String>,
    /// Only those of components that changed since this revision.
    changed: Option<String>,
}

async fn start(State(hub): State<Arc<Shared>>, whose: For, Body(asked): Body<Start>) -> Making<Tested> {
    let request = TestRequest { names: asked.stories, changed: asked.changed, ..TestRequest::default() };
    let work = async move |engine: &Engine| test(engine, &request).await;
    Ok(Made::new(hub.works.ended(whose, work).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WhichPicture {
    /// The rendered story, unless it is said.
    #[serde(default)]
    kind: PictureKind,
}

#[derive(Deserialize, JsonSchema, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum PictureKind {
    /// The rendered story.
    #[default]
    Screenshot,
    /// What differs from the approved picture.
    VisualDiff,
}

/// A picture.
struct Picture(Vec<u8>);

impl IntoResponse for Picture {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "image/png")], self.0).into_response()
    }
}

impl Gives for Picture {
    fn tell(told: &mut Told<'_>) {
        let schema = json_schema!({ "type": "string", "contentMediaType": "image/png" });
        told.answers_other(StatusCode::OK, "A picture", "image/png", schema);
    }
}

async fn picture(
    State(hub): State<Arc<Shared>>,
    whose: For,
    Named(id): Named<String>,
    Asked(which): Asked<WhichPicture>,
) -> Result<Picture, Problem> {
    let kind = match which.kind {
        PictureKind::Screenshot => ArtifactKind::Screenshot,
        PictureKind::VisualDiff => ArtifactKind::VisualDiff,
    };
    let work = async move |engine: &Engine| engine.picture(&id, kind).await;
    Ok(Picture(hub.works.ended(whose, work).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PicturesWanted")]
struct Approve {
    /// Stories by id, or components by name; all without.
    #[serde(default)]
    stories: Vec<String>,
}

async fn approve(State(hub): State<Arc<Shared>>, whose: For, Body(asked): Body<Approve>) -> Answer<Approved> {
    let work = async move |engine: &Engine| engine.approve(&asked.stories).await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}
