//! Browser test sessions: what came of them, and starting some.

use std::sync::Arc;

use axum::{Extension, extract::State, http::Method};
use lockstep_core::role::Action;
use lockstep_engine::{
    context::Engine,
    sessions::{self, ComponentOutcomes, SessionView, TestReport, TestRequest},
};
use serde::Deserialize;

use super::{Answer, Document, Needs, Route};
use crate::{
    caller::Errand,
    given::{Asked, Body, Named},
    hub::Shared,
    static_files::test,
    work::For,
};

const PAGE: usize = 20;
const LONGEST_PAGE: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    vec![
        Route::new(Method::GET, "/api/v1/sessions", read, list),
        Route::new(Method::POST, "/api/v1/sessions", Needs::Grant(Action::StartSession), start),
        Route::new(Method::GET, "/api/v1/sessions/rates", read, rates),
        Route::new(Method::GET, "/api/v1/sessions/{id}", read, one),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A story's id, or a component's name.
    about: Option<String>,
    limit: Option<usize>,
}

async fn list(
    Extension(errand): Extension<Errand>,
    Asked(wanted): Asked<Wanted>,
) -> Answer<Vec<SessionView>> {
    let limit = wanted.limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let found = sessions::list(errand.access.store(), wanted.about.as_deref(), limit).await?;
    Ok(Document::new("lockstep.test-sessions/1", found))
}

async fn one(Extension(errand): Extension<Errand>, Named(id): Named<String>) -> Answer<SessionView> {
    let found = sessions::one(errand.access.store(), &id).await?;
    Ok(Document::new("lockstep.test-session/1", found))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    /// A story's id, or a component's name.
    about: Option<String>,
}

async fn rates(
    Extension(errand): Extension<Errand>,
    Asked(whose): Asked<Whose>,
) -> Answer<Vec<ComponentOutcomes>> {
    let found = sessions::rates(errand.access.store(), whose.about.as_deref()).await?;
    Ok(Document::new("lockstep.test-session-rates/1", found))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    /// Stories by id, components by name, or globs of either; every story tagged `test` without.
    #[serde(default)]
    stories: Vec<String>,
    /// Only those of components that changed since this revision.
    changed: Option<String>,
}

async fn start(State(hub): State<Arc<Shared>>, whose: For, Body(asked): Body<Start>) -> Answer<TestReport> {
    let request = TestRequest { names: asked.stories, changed: asked.changed, ..TestRequest::default() };
    let work = async move |engine: &Engine| test(engine, &request).await;
    Ok(Document::made("lockstep.test/1", hub.works.ended(whose, work).await?))
}
