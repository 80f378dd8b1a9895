//! Every route of the hub.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::from_fn_with_state,
    routing::{get, post},
};

use crate::{
    answer, api, api::Needs, caller::authorise, health, host, hub::Shared, problem::Problem, welcome,
};

pub(crate) fn routes(hub: Arc<Shared>) -> Router {
    let nothing = from_fn_with_state((Arc::clone(&hub), Needs::Nothing), authorise);
    let welcoming = post(welcome::take).layer(nothing);
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/welcome/{link}", get(welcome::ask).merge(welcoming))
        .merge(api::router(&hub))
        .fallback(async || nothing_here())
        .method_not_allowed_fallback(async || wrong_method())
        .layer(DefaultBodyLimit::max(hub.limits.body))
        .layer(from_fn_with_state(Arc::clone(&hub), host::check))
        .layer(from_fn_with_state(Arc::clone(&hub), answer::answer))
        .with_state(hub)
}

fn nothing_here() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not-found",
        "there is nothing at this path",
        "see docs/hub.md for the paths",
    )
}

fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "this path does not answer to that method",
        "the header `Allow` lists the methods that it answers to",
    )
}
