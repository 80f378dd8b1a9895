//! What happens, as server-sent events.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{FromRequestParts, State},
    http::{Method, StatusCode, request::Parts},
    response::{IntoResponse, Response, sse::Sse},
};
use lockstep_core::role::Action;
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

use super::{Needs, Route};
use crate::{
    caller::{Caller, Errand},
    description::{
        model::{Parameter, Place},
        told::{Gives, Takes, Told},
    },
    events::{Holds, Reader, Wish},
    given::Asked,
    hub::Shared,
    problem::Problem,
};

const LAST_EVENT_ID: &str = "last-event-id";
/// How many seconds a stream can be asked to last.
const LONGEST: u16 = 3_600;

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    let summary = "What happens, while it happens, as server-sent events";
    vec![
        Route::new(Method::GET, "/api/v1/events", read, "follow_events", summary, follow)
            .streaming()
            .refuses([StatusCode::TOO_MANY_REQUESTS]),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Only events of this kind.
    kind: Option<Kind>,
    /// The stream ends after so many seconds; without, it goes on.
    #[schemars(range(min = 1, max = 3_600))]
    seconds: Option<u16>,
    /// What `Last-Event-ID` is for browsers: only what comes after this event.
    #[schemars(range(min = 0))]
    after: Option<u32>,
}

#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Operation,
    Component,
    Drift,
    Session,
    Queue,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Component => "component",
            Self::Drift => "drift",
            Self::Session => "session",
            Self::Queue => "queue",
        }
    }
}

/// Who looks on, and what they have seen already.
struct Looking {
    caller: Caller,
    errand: Errand,
    holds: Holds,
    last: Option<i64>,
}

impl<S: Send + Sync> FromRequestParts<S> for Looking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let (caller, errand) = (parts.extensions.get::<Caller>(), parts.extensions.get::<Errand>());
        let (caller, errand) = caller.zip(errand).ok_or_else(Problem::internal)?;
        let (caller, errand, holds) = (caller.clone(), errand.clone(), Holds::of(&parts.headers));
        let last = match parts.headers.get(LAST_EVENT_ID) {
            None => None,
            Some(given) => {
                let number = given.to_str().ok().and_then(|given| given.parse().ok());
                Some(number.filter(|number| *number >= 0).ok_or_else(|| {
                    let next_step = "send the `id` of the last event that came, or leave the header out";
                    bad("the header `Last-Event-ID` is not the id of an event", next_step)
                })?)
            }
        };
        Ok(Self { caller, errand, holds, last })
    }
}

impl Takes for Looking {
    fn tell(told: &mut Told<'_>) {
        told.operation.parameters.push(Parameter {
            name: "Last-Event-ID".to_owned(),
            place: Place::Header,
            required: false,
            description: "The `id` of the last event that came: only what came after it is sent".to_owned(),
            schema: json_schema!({ "type": "integer", "minimum": 0 }),
        });
        told.refuses(StatusCode::BAD_REQUEST);
    }
}

fn bad(detail: &str, next_step: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-request", detail, next_step)
}

/// Events, one after another, as long as both ends are there.
struct Events(Response);

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Gives for Events {
    fn tell(told: &mut Told<'_>) {
        let schema = json_schema!({ "type": "string" });
        let description = "Events as they come, each with `event`, `data` in JSON, and an `id` to go on from";
        told.answers_other(StatusCode::OK, description, "text/event-stream", schema);
    }
}

async fn follow(
    State(hub): State<Arc<Shared>>,
    looking: Looking,
    Asked(wanted): Asked<Wanted>,
) -> Result<Events, Problem> {
    let Looking { caller, errand, holds, last } = looking;
    let since = last.or(wanted.after.map(i64::from));
    let lasts = wanted.seconds.map(|seconds| Duration::from_secs(seconds.into()));
    if wanted.seconds.is_some_and(|seconds| !(1..=LONGEST).contains(&seconds)) {
        return Err(bad("`seconds` is from 1 to 3600", "leave it out for a stream that goes on"));
    }
    let wanted = Wish { since, kind: wanted.kind.map(Kind::word), lasts };
    let reader = Reader::begin(hub, errand, (caller.actor.id, holds), wanted).await?;
    Ok(Events(Sse::new(reader.stream()).into_response()))
}
