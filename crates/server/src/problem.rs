//! Refusals and failures as RFC 9457 problem details.

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use lockstep_core::ids::CorrelationId;
use serde::Serialize;
use serde_json::{Map, Value};

/// Why there is no answer: what happened, and what to do next.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// A URI for the kind of problem, made of its code.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of problem in words, the same each time.
    title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    /// What happened this time.
    detail: String,
    /// A stable word for programs: `not-found`.
    code: String,
    /// What to do next.
    next_step: String,
    /// What this request is called in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<CorrelationId>,
    /// The particulars of this kind of problem.
    #[serde(flatten)]
    more: Map<String, Value>,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem of a kind that `code` names.
    pub fn new(
        status: StatusCode,
        code: &str,
        detail: impl Into<String>,
        next_step: impl Into<String>,
    ) -> Self {
        Self {
            kind: format!("urn:lockstep:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Problem"),
            status,
            detail: detail.into(),
            code: code.to_owned(),
            next_step: next_step.into(),
            correlation_id: None,
            more: Map::new(),
        }
    }

    /// Something that should not happen. What it is stands in the log alone.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the hub failed",
            "please report it, with the lines of the hub's log that have this correlation id",
        )
    }

    /// With a particular more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// The answer, once it is known what the request is called.
    pub(crate) fn answer(mut self, correlation: CorrelationId) -> Response {
        self.correlation_id = Some(correlation);
        let status = self.status;
        let body = serde_json::to_string(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let content_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        response
    }
}

/// The problem travels beside an empty answer to where the request's correlation id is known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
