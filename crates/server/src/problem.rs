//! Refusals and failures as RFC 9457 problem details.

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use lockstep_core::ids::CorrelationId;
use lockstep_engine::error::{EngineError, ErrorKind};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// Why there is no answer: what happened, and what to do next.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(transparent)]
pub struct Problem(Box<Told>);

/// Why there is no answer: what happened, and what to do next.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
struct Told {
    /// A URI for the kind of problem, made of its code.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of problem in words, the same each time.
    title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schemars(with = "u16")]
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
        Self(Box::new(Told {
            kind: format!("urn:lockstep:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Problem"),
            status,
            detail: detail.into(),
            code: code.to_owned(),
            next_step: next_step.into(),
            correlation_id: None,
            more: Map::new(),
        }))
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

    /// What was named is not there.
    pub(crate) fn not_found(detail: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail, next_step)
    }

    /// Whether it is that.
    pub(crate) fn is_not_found(&self) -> bool {
        self.0.status == StatusCode::NOT_FOUND
    }

    /// The same as another kind of problem.
    pub(crate) fn called(mut self, status: StatusCode, code: &str) -> Self {
        let kind = Self::new(status, code, "", "").0;
        (self.0.kind, self.0.title, self.0.status, self.0.code) =
            (kind.kind, kind.title, kind.status, kind.code);
        self
    }

    /// Its HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What an engine's failure looks like. What should not happen stands in the log alone.
    pub(crate) fn from_ref(error: &EngineError) -> Self {
        let status = match (error.kind(), error.code()) {
            (ErrorKind::Internal, _) => {
                tracing::error!(%error, code = error.code(), "the engine failed");
                return Self::internal();
            }
            (ErrorKind::Usage, "store") => {
                let hint = error.hint().unwrap_or_else(|| "look at the list first".to_owned());
                return Self::new(StatusCode::NOT_FOUND, "not-found", error.to_string(), hint);
            }
            (_, "store") => {
                tracing::error!(%error, "the registry failed");
                return Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "registry",
                    "the registry does not answer as it should",
                    "try again in a moment; the hub's log says why, with this correlation id",
                );
            }
            (ErrorKind::Usage, "not-found") => StatusCode::NOT_FOUND,
            (ErrorKind::Usage, _) => StatusCode::BAD_REQUEST,
            (ErrorKind::Refused, "forbidden") => StatusCode::FORBIDDEN,
            (ErrorKind::Refused, code) if code.starts_with("unfit-") || code == "no-scopes" => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            (ErrorKind::Refused, "link-over") => StatusCode::GONE,
            (ErrorKind::Refused, _) => StatusCode::CONFLICT,
            (ErrorKind::BadInput, _) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let hint = error.hint().unwrap_or_else(|| "see the particulars".to_owned());
        let problem = Self::new(status, error.code(), error.to_string(), hint);
        match error.diagnostics() {
            [] => problem,
            found => problem.with("diagnostics", serde_json::json!(found)),
        }
    }

    /// With a particular more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.more.insert(name.to_owned(), value.into());
        self
    }

    /// All of it as JSON, where it is not an answer by itself.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// The answer, once it is known what the request is called.
    pub(crate) fn answer(mut self, correlation: CorrelationId) -> Response {
        self.0.correlation_id = Some(correlation);
        let status = self.0.status;
        let body = serde_json::to_string(&self.0).unwrap_or_default();
        let mut response = (status, body).into_response();
        let content_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        if let Some(seconds) = self.0.more.get("retry_after").and_then(Value::as_u64) {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"lockstep\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        Self::from_ref(&error)
    }
}

/// The problem travels beside an empty answer to where the request's correlation id is known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
