//! The API, one file a resource. Each route says here what it needs, and nothing is served without.

mod audit;
mod catalogue;
pub(crate) mod components;
pub(crate) mod coverage;
mod credentials;
mod decisions;
mod description;
mod digest;
pub(crate) mod document;
mod etag;
mod events;
mod maintenance;
mod notifications;
pub(crate) mod operations;
mod queue;
mod schedules;
mod session;
pub(crate) mod sessions;
pub(crate) mod syncs;
mod tokens;
mod users;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension, Router,
    handler::Handler,
    http::{Method, StatusCode},
    middleware::{from_fn, from_fn_with_state},
    routing::{MethodFilter, MethodRouter, on},
};
use lockstep_core::role::Action;
use serde_json::Value;

use self::document::{Answer, Document, Made, Making, Paging, documents};
use crate::{
    caller::{Caller, authorise},
    description::{
        Description,
        model::Link,
        told::{Handles, Told},
    },
    health,
    hub::Shared,
    metrics,
    once::{once, usual},
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

/// A route, and what is said of it.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    /// What it makes of an idempotency key.
    pub(crate) repeats: Repeats,
    /// What programs call it: the same for good, and no other's.
    pub(crate) id: &'static str,
    /// What it does, in a line.
    pub(crate) summary: &'static str,
    /// What its handler takes and gives.
    pub(crate) tell: fn(&mut Told<'_>),
    /// What it may be refused with, besides what [`Route::tell`] says and what any route is refused with.
    pub(crate) refusals: Vec<StatusCode>,
    /// Where its answers lead, by their status.
    pub(crate) links: Vec<(StatusCode, Link)>,
    /// Whether its answer has no end of its own.
    streams: bool,
    serves: MethodRouter<Arc<Shared>>,
}

impl Route {
    pub(crate) fn new<T: 'static, H: Handler<T, Arc<Shared>> + Handles<T>>(
        method: Method,
        path: &'static str,
        needs: Needs,
        id: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        // Only methods that axum doesn't know have no filter, and none of those is used here.
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::TRACE);
        let repeats = usual(&method);
        let (refusals, links) = (Vec::new(), Vec::new());
        let serves = on(filter, handler);
        let (tell, streams) = (H::tell, false);
        Self { method, path, needs, repeats, id, summary, tell, refusals, links, streams, serves }
    }

    /// One of which what is asked or answered holds a secret.
    pub(crate) fn with_secrets(self) -> Self {
        Self { repeats: Repeats::Secret, ..self }
    }

    /// One whose answer goes on: nothing can be made of all of it.
    fn streaming(self) -> Self {
        Self { streams: true, ..self }
    }

    /// It may be refused with these, too.
    fn refuses<const N: usize>(mut self, statuses: [StatusCode; N]) -> Self {
        self.refusals.extend(statuses);
        self
    }

    /// An answer of this status leads to another operation: its parameters, each with where its value stands in the answer.
    fn leads<const N: usize>(
        mut self,
        status: StatusCode,
        operation_id: &'static str,
        parameters: [(&'static str, &'static str); N],
    ) -> Self {
        self.links.push((status, Link { operation_id, parameters: parameters.into(), request_body: None }));
        self
    }

    /// The same for what is sent to the other operation.
    fn leads_with(mut self, status: StatusCode, operation_id: &'static str, body: Value) -> Self {
        let link = Link { operation_id, parameters: BTreeMap::new(), request_body: Some(body) };
        self.links.push((status, link));
        self
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
        catalogue::routes(),
        components::routes(),
        coverage::routes(),
        credentials::routes(),
        decisions::routes(),
        description::routes(),
        digest::routes(),
        events::routes(),
        health::routes(),
        maintenance::routes(),
        metrics::routes(),
        notifications::routes(),
        operations::routes(),
        queue::routes(),
        schedules::routes(),
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

/// What the API is, as an OpenAPI 3.1 document in JSON.
pub fn description() -> String {
    describe().json
}

pub(crate) fn describe() -> Description {
    Description::of(&routes())
}

pub(crate) fn router(hub: &Arc<Shared>) -> Router<Arc<Shared>> {
    routes().into_iter().fold(Router::new(), |router, route| {
        let guard = from_fn_with_state((Arc::clone(hub), route.needs), authorise);
        let once = from_fn_with_state((Arc::clone(hub), route.repeats), once);
        let serves = match route.path.starts_with("/api/") && !route.streams {
            true => route.serves.layer(from_fn(etag::tag)),
            false => route.serves,
        };
        router.route(route.path, serves.layer(once).layer(guard))
    })
}

/// Who asks, in handlers behind a route that needs a sign-in.
pub(crate) type Asking = Extension<Caller>;
