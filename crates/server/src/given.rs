//! What a request gives: its body, its query, its path, each read strictly, and refused as a problem.

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::problem::Problem;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => {
                let (status, detail) = (rejection.status(), rejection.body_text());
                let (code, next_step) = match status {
                    StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "send less"),
                    StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                        ("no-json", "send JSON, with `Content-Type: application/json`")
                    }
                    _ => ("bad-request", "see docs/hub.md for what this path takes"),
                };
                Err(Problem::new(status, code, detail, next_step))
            }
        }
    }
}

/// A JSON body that may hold a secret: what is wrong with it is said without a word of it.
pub(crate) struct Confidential<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Confidential<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Body(value) = Body::<Box<RawValue>>::from_request(request, state).await.map_err(|problem| {
            let status = problem.status();
            Problem::new(
                status,
                "bad-request",
                "the body is no JSON",
                "send JSON, with `Content-Type: application/json`",
            )
        })?;
        serde_json::from_str(value.get()).map(Self).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            bad(format!("the body is not what this path takes, at line {line}, column {column}"))
        })
    }
}

/// The parameters after `?`.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Query::from_request_parts(parts, state).await;
        read.map(|Query(value)| Self(value)).map_err(|rejection| bad(rejection.body_text()))
    }
}

/// The parameters of the path.
pub(crate) struct Named<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Path::from_request_parts(parts, state).await;
        read.map(|Path(value)| Self(value)).map_err(|rejection| bad(rejection.body_text()))
    }
}

fn bad(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-request", detail, "see docs/hub.md for what this path takes")
}
