//! What the registry knows: components, their drift, and how they are mapped. Nothing is scanned here: what is told is
//! what the last scan recorded.

use axum::{Extension, http::Method};
use chrono::{TimeDelta, Utc};
use lockstep_core::{drift::Severity, merge::Moved, role::Action};
use lockstep_engine::{
    registry::{recorded, recorded_detail, recorded_drift, recorded_status},
    report::{ComponentDetail, ComponentStatus, DriftFilter, DriftReport, MappingLine},
};
use serde::Deserialize;

use super::{Answer, Document, Needs, Route};
use crate::{
    caller::Errand,
    given::{Asked, Named},
};

const PAGE: usize = 100;
const LONGEST_PAGE: usize = 1_000;
/// More days than any registry is old.
const OLDEST: u32 = 36_500;

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    vec![
        Route::new(Method::GET, "/api/v1/components", read, list),
        Route::new(Method::GET, "/api/v1/components/{name}", read, one),
        Route::new(Method::GET, "/api/v1/drift", read, drift),
        Route::new(Method::GET, "/api/v1/mappings", read, mappings),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    /// Only components after this one, by name.
    after: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A name or glob.
    component: Option<String>,
    severity: Option<Severity>,
    /// Who moved.
    side: Option<Moved>,
    /// Only changes that were first seen so many days ago.
    min_age_days: Option<u32>,
}

async fn list(
    Extension(errand): Extension<Errand>,
    Asked(page): Asked<Page>,
) -> Answer<Vec<ComponentStatus>> {
    let limit = page.limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let (all, has_more) =
        recorded_status(errand.access.store(), page.after.as_deref(), limit, Utc::now()).await?;
    let next = all.last().filter(|_| has_more).map(|last| last.name.clone());
    Ok(Document::new("lockstep.status/1", all).next(next))
}

async fn one(Extension(errand): Extension<Errand>, Named(name): Named<String>) -> Answer<ComponentDetail> {
    let detail = recorded_detail(errand.access.store(), &name, Utc::now()).await?;
    Ok(Document::new("lockstep.component/1", detail))
}

async fn drift(Extension(errand): Extension<Errand>, Asked(wanted): Asked<Wanted>) -> Answer<DriftReport> {
    let now = Utc::now();
    let names: Vec<String> = wanted.component.into_iter().collect();
    let before = wanted.min_age_days.map(|days| now - TimeDelta::days(i64::from(days.min(OLDEST))));
    let filter = DriftFilter { severity: wanted.severity, moved: wanted.side, before };
    let report = recorded_drift(errand.access.store(), &names, &filter, now).await?;
    Ok(Document::new("lockstep.drift/1", report))
}

async fn mappings(Extension(errand): Extension<Errand>) -> Answer<Vec<MappingLine>> {
    let lines = recorded(errand.access.store(), Utc::now()).await?.mappings(&[])?;
    Ok(Document::new("lockstep.map/1", lines))
}
