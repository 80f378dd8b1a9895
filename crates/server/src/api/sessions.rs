//! Browser test sessions: what came of them, and starting some.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{Method, StatusCode},
};
use lockstep_core::role::Action;
use lockstep_engine::{
    context::Engine,
    sessions::{self, ComponentOutcomes, SessionView, TestReport, TestRequest},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Document, Made, Making, Needs, Route, documents};
use crate::{
    caller::Errand,
    given::{Asked, Body, Limit, Named},
    hub::Shared,
    static_files::test,
    work::For,
};

documents! {
    Sessions: Vec<SessionView> = "lockstep.test-sessions/1",
    Session: SessionView = "lockstep.test-session/1",
    Rates: Vec<ComponentOutcomes> = "lockstep.test-session-rates/1",
    Tested: TestReport = "lockstep.test/1",
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
