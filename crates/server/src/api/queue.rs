//! The drift queue: what waits to be evaluated, and trying again what was given up.

use std::sync::Arc;

use axum::{
    Extension,
    http::{Method, StatusCode},
};
use lockstep_core::role::Action;
use lockstep_engine::{
    context::SystemClock,
    worker::{Waiting, Worker},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Document, Needs, Route, documents};
use crate::{caller::Errand, given::Body, problem::Problem};

documents! {
    Queue: Vec<Waiting> = "lockstep.queue/1",
    QueueEdit: Queued = "lockstep.queue-edit/1",
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/queue",
            Needs::Grant(Action::Read),
            "list_queue",
            "What waits to be evaluated, longest first",
            list,
        ),
        Route::new(
            Method::POST,
            "/api/v1/queue/retry",
            Needs::Grant(Action::Scan),
            "retry_queue",
            "Lets components that failed be tried again",
            retry,
        )
        .refuses([StatusCode::NOT_FOUND]),
    ]
}

/// How many components were put back.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Queued {
    queued: u64,
}

async fn worker(errand: &Errand) -> Result<Worker, Problem> {
    Ok(Worker::open(errand.access.store().clone(), Arc::new(SystemClock)).await?)
}

async fn list(Extension(errand): Extension<Errand>) -> Answer<Queue> {
    Ok(Document::new(worker(&errand).await?.waiting().await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Retry {
    /// The components; all that failed without.
    #[serde(default)]
    components: Vec<String>,
}

async fn retry(Extension(errand): Extension<Errand>, Body(asked): Body<Retry>) -> Answer<QueueEdit> {
    let queued = worker(&errand).await?.retry(&asked.components).await?;
    Ok(Document::new(Queued { queued }))
}
