//! Every route of the hub.

use std::sync::Arc;

use axum::{
    Router, extract::DefaultBodyLimit, http::StatusCode, middleware::from_fn_with_state, routing::get,
};

use crate::{answer, health, host, hub::Shared, problem::Problem};

pub(crate) fn routes(hub: Arc<Shared>) -> Router {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
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
