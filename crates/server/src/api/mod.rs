//! The API, one file a resource. Each route says here what it needs, and nothing is served without.

mod audit;
mod components;
mod coverage;
mod credentials;
mod etag;
mod operations;
mod session;
mod sessions;
mod syncs;
mod tokens;
mod users;

use std::sync::Arc;

use axum::{
    Extension, Router,
    handler::Handler,
    http::{Method, StatusCode},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use lockstep_core::role::Action;
use serde::Serialize;

use crate::{
    caller::{Caller, authorise},
    hub::Shared,
    once::{once, usual},
    problem::Problem,
};

pub use crate::once::Repeats;

/// What a route needs of who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may ask.
    Nothing,
    /// To be signed in, by whatever.
    SignIn,
    /// To be signed in, and be granted this.
    Grant(Action),
}

/// A route.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    /// What it makes of an idempotency key.
    pub(crate) repeats: Repeats,
    serves: MethodRouter<Arc<Shared>>,
}

impl Route {
    pub(crate) fn new<T: 'static>(
        method: Method,
        path: &'static str,
        needs: Needs,
        handler: impl Handler<T, Arc<Shared>>,
    ) -> Self {
        // Only methods that axum doesn't know have no filter, and none of those is used here.
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::TRACE);
        let repeats = usual(&method);
        Self { method, path, needs, repeats, serves: on(filter, handler) }
    }

    /// One of which what is asked or answered holds a secret.
    pub(crate) fn with_secrets(self) -> Self {
        Self { repeats: Repeats::Secret, ..self }
    }
}

/// Every route of the API.
pub(crate) fn routes() -> Vec<Route> {
    [
        session::routes(),
        sessions::routes(),
        users::routes(),
        tokens::routes(),
        audit::routes(),
        components::routes(),
        coverage::routes(),
        credentials::routes(),
        operations::routes(),
        syncs::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every route of the API, with what it needs: for tests, and for who describes it.
pub fn table() -> Vec<(Method, &'static str, Needs, Repeats)> {
    routes().into_iter().map(|route| (route.method, route.path, route.needs, route.repeats)).collect()
}

pub(crate) fn router(hub: &Arc<Shared>) -> Router<Arc<Shared>> {
    routes().into_iter().fold(Router::new(), |router, route| {
        let guard = from_fn_with_state((Arc::clone(hub), route.needs), authorise);
        let once = from_fn_with_state((Arc::clone(hub), route.repeats), once);
        router.route(route.path, route.serves.layer(from_fn(etag::tag)).layer(once).layer(guard))
    })
}

/// Who asks, in handlers behind a route that needs a sign-in.
pub(crate) type Asking = Extension<Caller>;

/// A document of the same shape as the command line's `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Document<T> {
    schema: &'static str,
    data: T,
    /// Where the next page begins: what `after` is for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip)]
    status: StatusCode,
}

impl<T: Serialize> Document<T> {
    pub(crate) fn new(schema: &'static str, data: T) -> Self {
        Self { schema, data, next: None, status: StatusCode::OK }
    }

    /// With where the next page begins, if there is one.
    pub(crate) fn next(self, next: Option<String>) -> Self {
        Self { next, ..self }
    }

    /// The same for what was made.
    pub(crate) fn made(schema: &'static str, data: T) -> Self {
        Self { schema, data, next: None, status: StatusCode::CREATED }
    }
}

impl<T: Serialize> IntoResponse for Document<T> {
    fn into_response(self) -> Response {
        (self.status, axum::Json(self)).into_response()
    }
}

pub(crate) type Answer<T> = Result<Document<T>, Problem>;
