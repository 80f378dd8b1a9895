//! What the registry knows: components, their drift, and how they are mapped. Nothing is scanned here: what is told is
//! what the last scan recorded.

use axum::{
    Extension,
    http::{Method, StatusCode},
};
use chrono::{TimeDelta, Utc};
use lockstep_core::{drift::Severity, merge::Moved, role::Action};
use lockstep_engine::{
    registry::{recorded, recorded_detail, recorded_drift, recorded_status},
    report::{ComponentDetail, ComponentStatus, DriftFilter, DriftReport, MappingLine},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Document, Needs, Paging, Route, documents};
use crate::{
    caller::Errand,
    given::{Asked, Limit, Named},
};

documents! {
    Statuses: Vec<ComponentStatus> = "lockstep.status/1",
    Component: ComponentDetail = "lockstep.component/1",
    Drift: DriftReport = "lockstep.drift/1",
    Mappings: Vec<MappingLine> = "lockstep.map/1",
}

/// More days than any registry is old.
const OLDEST: u32 = 36_500;

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    vec![
        Route::new(
            Method::GET,
            "/api/v1/components",
            read,
            "list_components",
            "The components, by name",
            list,
        )
        .leads_with(StatusCode::OK, "plan", json!({ "components": ["$response.body#/data/name"] }))
        .leads(StatusCode::OK, "show_component", [("name", "$response.body#/data/0/name")])
        .leads(StatusCode::OK, "show_component_coverage", [("name", "$response.body#/data/0/name")])
        .leads(StatusCode::OK, "list_components", [("after", "$response.body#/next")]),
        Route::new(
            Method::GET,
            "/api/v1/components/{name}",
            read,
            "show_component",
            "Everything about a component",
            one,
        ),
        Route::new(Method::GET, "/api/v1/drift", read, "show_drift", "Where code and design differ", drift)
            .refuses([StatusCode::NOT_FOUND])
            .leads_with(
                StatusCode::OK,
                "plan",
                json!({ "components": ["$response.body#/data/components/0/name"] }),
            ),
        Route::new(
            Method::GET,
            "/api/v1/mappings",
            read,
            "list_mappings",
            "What is mapped to what, and by which rules",
            mappings,
        ),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Page {
    /// Only components after this one, by name.
    after: Option<String>,
    /// How many components.
    #[serde(default)]
    limit: Limit<100, 1_000>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A name or glob.
    component: Option<String>,
    /// Only changes of this severity.
    severity: Option<Severity>,
    /// Who moved.
    side: Option<Moved>,
    /// Only changes that were first seen so many days ago.
    #[schemars(range(max = u32::MAX))]
    min_age_days: Option<u32>,
}

async fn list(Extension(errand): Extension<Errand>, Asked(page): Asked<Page>) -> Paging<Statuses> {
    let (all, has_more) =
        recorded_status(errand.access.store(), page.after.as_deref(), page.limit.get(), Utc::now()).await?;
    let next = all.last().filter(|_| has_more).map(|last| last.name.clone());
    Ok(Document::new(all).next(next))
}

async fn one(Extension(errand): Extension<Errand>, Named(name): Named<String>) -> Answer<Component> {
    let detail = recorded_detail(errand.access.store(), &name, Utc::now()).await?;
    Ok(Document::new(detail))
}

async fn drift(Extension(errand): Extension<Errand>, Asked(wanted): Asked<Wanted>) -> Answer<Drift> {
    let now = Utc::now();
    let names: Vec<String> = wanted.component.into_iter().collect();
    let before = wanted.min_age_days.map(|days| now - TimeDelta::days(i64::from(days.min(OLDEST))));
    let filter = DriftFilter { severity: wanted.severity, moved: wanted.side, before };
    let report = recorded_drift(errand.access.store(), &names, &filter, now).await?;
    Ok(Document::new(report))
}

async fn mappings(Extension(errand): Extension<Errand>) -> Answer<Mappings> {
    let lines = recorded(errand.access.store(), Utc::now()).await?.mappings(&[])?;
    Ok(Document::new(lines))
}
