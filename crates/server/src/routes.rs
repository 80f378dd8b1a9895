//! Every route of the hub.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    middleware::from_fn_with_state,
    response::Response,
    routing::{get, post},
};

use crate::{answer, api, api::Needs, caller::authorise, host, hub::Shared, mcp, problem::Problem, welcome};

pub(crate) fn routes(hub: Arc<Shared>) -> Router {
    let nothing = from_fn_with_state((Arc::clone(&hub), Needs::Nothing), authorise);
    let welcoming = post(welcome::take).layer(nothing);
    Router::new()
        .route("/welcome/{link}", get(welcome::ask).merge(welcoming))
        .route("/api", get(described))
        .merge(api::router(&hub))
        .merge(mcp::routes(&hub))
        .fallback(async || nothing_here())
        .method_not_allowed_fallback(async || wrong_method())
        .layer(DefaultBodyLimit::max(hub.limits.body))
        .layer(from_fn_with_state(Arc::clone(&hub), host::check))
        .layer(from_fn_with_state(Arc::clone(&hub), answer::answer))
        .with_state(hub)
}

/// The API, for people to read.
async fn described(State(hub): State<Arc<Shared>>) -> Response {
    hub.description.page()
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
