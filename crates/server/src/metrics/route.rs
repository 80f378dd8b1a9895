//! `/metrics`.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::Utc;
use lockstep_core::role::Action;
use lockstep_engine::measures::measures;
use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;
use schemars::json_schema;

use crate::{
    api::{Needs, Route},
    description::told::{Gives, Told},
    hub::Shared,
    problem::Problem,
};

pub(crate) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    let summary = "What a Prometheus scrapes";
    vec![Route::new(Method::GET, "/metrics", read, "show_metrics", summary, scrape)]
}

/// Metrics in the text format of Prometheus.
pub(crate) struct Text(String);

impl IntoResponse for Text {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, CONTENT_TYPE)], self.0).into_response()
    }
}

impl Gives for Text {
    fn tell(told: &mut Told<'_>) {
        let schema = json_schema!({ "type": "string" });
        told.answers_other(StatusCode::OK, "Metrics in the text format of Prometheus", "text/plain", schema);
    }
}

async fn scrape(State(hub): State<Arc<Shared>>) -> Result<Text, Problem> {
    let standing = measures(&hub.store, Utc::now()).await?;
    hub.metrics.text(&standing).map(Text).map_err(|_| Problem::internal())
}
