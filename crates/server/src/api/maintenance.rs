//! Tidying up.

use std::sync::Arc;

use axum::{extract::State, http::Method};
use lockstep_core::role::Action;
use lockstep_engine::{context::Engine, maintain::MaintenanceReport};

use super::{Answer, Document, Needs, Route, documents};
use crate::{hub::Shared, work::For};

documents! {
    Maintained: MaintenanceReport = "lockstep.maintain/1",
}

pub(super) fn routes() -> Vec<Route> {
    // Who may have it done by a schedule may have it done now.
    let schedule = Needs::Grant(Action::Schedule);
    let summary = "Removes and archives what has expired";
    vec![Route::new(Method::POST, "/api/v1/maintenance", schedule, "maintain", summary, maintain)]
}

async fn maintain(State(hub): State<Arc<Shared>>, whose: For) -> Answer<Maintained> {
    let work = async |engine: &Engine| engine.maintain().await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}
