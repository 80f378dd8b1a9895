//! Coverage: what the registry holds of it, over time too, and having it computed anew.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{Method, StatusCode},
};
use lockstep_core::role::Action;
use lockstep_engine::{
    context::Engine,
    coverage::{CoverageMatrix, CoverageReport, Trend, recorded, trend},
    registry::Evaluation,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Document, Needs, Route, documents};
use crate::{
    caller::Errand,
    given::{Asked, Body, Named, Percent},
    hub::Shared,
    work::For,
};

documents! {
    Coverage: CoverageReport = "lockstep.coverage/1",
    Matrix: CoverageMatrix = "lockstep.coverage-matrix/1",
    OverTime: Trend = "lockstep.coverage-trend/1",
}

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    vec![
        Route::new(
            Method::GET,
            "/api/v1/coverage",
            read,
            "show_coverage",
            "How far stories and tests cover the components",
            report,
        ),
        Route::new(
            Method::POST,
            "/api/v1/coverage",
            Needs::Grant(Action::Scan),
            "compute_coverage",
            "Computes coverage anew from the workspace",
            compute,
        )
        .refuses([StatusCode::NOT_FOUND]),
        Route::new(
            Method::GET,
            "/api/v1/coverage/trend",
            read,
            "show_coverage_trend",
            "Coverage over time",
            over_time,
        )
        .refuses([StatusCode::NOT_FOUND]),
        Route::new(
            Method::GET,
            "/api/v1/components/{name}/coverage",
            read,
            "show_component_coverage",
            "What is covered of a component, variant by variant",
            matrix,
        ),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A name or glob.
    component: Option<String>,
    /// How much of all of them together is enough.
    min: Option<Percent>,
}

async fn report(
    State(hub): State<Arc<Shared>>,
    Extension(errand): Extension<Errand>,
    Asked(wanted): Asked<Wanted>,
) -> Answer<Coverage> {
    let mut covered = recorded(errand.access.store()).await?;
    covered.keep(wanted.component.as_slice());
    Ok(Document::new(covered.report(&hub.works.coverage_rules()?, wanted.min.map(Percent::get))))
}

async fn matrix(Extension(errand): Extension<Errand>, Named(name): Named<String>) -> Answer<Matrix> {
    let matrix = recorded(errand.access.store()).await?.matrix(&name)?;
    Ok(Document::new(matrix))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Whose {
    /// A component's name; all of them together without.
    component: Option<String>,
}

async fn over_time(Extension(errand): Extension<Errand>, Asked(whose): Asked<Whose>) -> Answer<OverTime> {
    let trend = trend(errand.access.store(), whose.component.as_deref()).await?;
    Ok(Document::new(trend))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CoverageWanted")]
struct Compute {
    /// Names or globs; all components without.
    #[serde(default)]
    components: Vec<String>,
}

async fn compute(State(hub): State<Arc<Shared>>, whose: For, Body(asked): Body<Compute>) -> Answer<Coverage> {
    let work = async move |engine: &Engine| {
        let current = engine.take_in(Evaluation::Now).await?;
        let covered = engine.coverage(&current, &asked.components, None).await?;
        Ok(covered.report(&engine.workspace.config.coverage, None))
    };
    Ok(Document::new(hub.works.ended(whose, work).await?))
}
