//! Schedules: what happens by itself, and when.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{Method, StatusCode},
};
use lockstep_core::{role::Action, schedule::ScheduledAct};
use lockstep_engine::{
    context::Engine,
    digest::DigestRules,
    schedule::{ScheduleRequest, ScheduleView, ScheduledRun, recorded},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Document, Made, Making, Needs, Route, documents};
use crate::{
    caller::Errand,
    given::{Body, Named},
    hub::Shared,
    problem::Problem,
    work::For,
};

documents! {
    Schedules: Vec<ScheduleView> = "lockstep.schedule/1",
    Run: Vec<ScheduledRun> = "lockstep.schedule-runs/1",
}

type Hub = State<Arc<Shared>>;

pub(super) fn routes() -> Vec<Route> {
    let (read, set) = (Needs::Grant(Action::Read), Needs::Grant(Action::Schedule));
    vec![
        Route::new(Method::GET, "/api/v1/schedules", read, "list_schedules", "The schedules, by name", list)
            .leads(StatusCode::OK, "show_schedule", [("name", "$response.body#/data/0/name")]),
        Route::new(Method::POST, "/api/v1/schedules", set, "add_schedule", "Makes a schedule", add)
            .leads(StatusCode::CREATED, "show_schedule", [("name", "$response.body#/data/0/name")])
            .leads(StatusCode::CREATED, "remove_schedule", [("name", "$response.body#/data/0/name")]),
        Route::new(Method::GET, "/api/v1/schedules/{name}", read, "show_schedule", "A schedule", one),
        Route::new(
            Method::PATCH,
            "/api/v1/schedules/{name}",
            set,
            "change_schedule",
            "Lets a schedule run, or rest",
            change,
        ),
        Route::new(
            Method::DELETE,
            "/api/v1/schedules/{name}",
            set,
            "remove_schedule",
            "Takes a schedule away",
            remove,
        )
        .refuses([StatusCode::CONFLICT]),
        Route::new(
            Method::POST,
            "/api/v1/schedules/{name}/run",
            set,
            "run_schedule",
            "Does at once what a schedule does",
            run,
        ),
    ]
}

async fn list(Extension(errand): Extension<Errand>) -> Answer<Schedules> {
    Ok(Document::new(recorded(errand.access.store()).await?))
}

async fn one(Extension(errand): Extension<Errand>, Named(name): Named<String>) -> Answer<Schedules> {
    let mut all = recorded(errand.access.store()).await?;
    all.retain(|schedule| schedule.name == name);
    if all.is_empty() {
        let problem =
            Problem::not_found(format!("there is no schedule `{name}`"), "GET /api/v1/schedules lists them");
        return Err(problem);
    }
    Ok(Document::new(all))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewSchedule {
    /// What to call it.
    name: String,
    /// What it does.
    act: ScheduledAct,
    /// When, as a cron expression of five fields.
    cron: String,
    /// On whose clock: `Europe/Berlin`.
    #[serde(default = "utc")]
    zone: String,
    /// Whether a digest of a time in which nothing happened is left out.
    #[serde(default)]
    skip_empty: bool,
}

fn utc() -> String {
    "UTC".to_owned()
}

async fn add(State(hub): Hub, whose: For, Body(new): Body<NewSchedule>) -> Making<Schedules> {
    let work = async move |engine: &Engine| {
        let NewSchedule { name, act, cron, zone, skip_empty } = &new;
        let digest = DigestRules { skip_empty: *skip_empty };
        engine.add_schedule(ScheduleRequest { name, cron, timezone: zone, act: *act, digest }).await
    };
    let added = hub.works.ended(whose, work).await.map_err(|problem| match problem.is_not_found() {
        // Nothing is looked up but the time: it is what was sent that is wrong.
        true => problem.called(StatusCode::UNPROCESSABLE_ENTITY, "bad-timetable"),
        false => problem,
    })?;
    Ok(Made::new(vec![added.into()]))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Change {
    /// Whether it runs.
    enabled: bool,
}

async fn change(
    State(hub): Hub,
    whose: For,
    Named(name): Named<String>,
    Body(Change { enabled }): Body<Change>,
) -> Answer<Schedules> {
    let work = async move |engine: &Engine| engine.enable_schedule(&name, enabled).await;
    Ok(Document::new(vec![hub.works.ended(whose, work).await?.into()]))
}

async fn remove(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<Schedules> {
    let work = async move |engine: &Engine| engine.remove_schedule(&name).await;
    Ok(Document::new(vec![hub.works.ended(whose, work).await?.into()]))
}

async fn run(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<Run> {
    let work = async move |engine: &Engine| engine.run_schedule(&name).await;
    Ok(Document::new(vec![hub.works.ended(whose, work).await?]))
}
