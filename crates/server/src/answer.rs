//! What holds for every answer: a correlation id, a line in the log, a time by which it comes, and headers that keep
//! browsers from doing more with it than they should.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use lockstep_core::ids::CorrelationId;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::{hub::Shared, problem::Problem};

/// What a request and everything that it causes is called; a caller may choose it, as a UUID.
pub(crate) const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

const ALWAYS: [(&str, &str); 5] = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

/// Answers a request within its time, whatever becomes of it.
pub(crate) async fn answer(State(hub): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    let correlation = correlation_of(request.headers());
    request.extensions_mut().insert(correlation);
    let method = request.method().clone();
    // The path itself may hold what is no business of a log.
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let (counted, told) = (method.clone(), route.clone());
    let span = tracing::info_span!("request", %correlation, %method, route);
    async {
        let began = Instant::now();
        let mut response = within(hub.limits.request, next.run(request)).await;
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            response = keep_headers(response, problem.answer(correlation));
        }
        for (name, value) in ALWAYS {
            response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
        }
        if let Ok(value) = HeaderValue::from_str(&correlation.to_string()) {
            response.headers_mut().insert(CORRELATION_ID, value);
        }
        hub.metrics.answered(&counted, &told, response.status(), began.elapsed());
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(status = response.status().as_u16(), milliseconds, "answered");
        response
    }
    .instrument(span)
    .await
}

async fn within(limit: std::time::Duration, answering: impl Future<Output = Response>) -> Response {
    match tokio::time::timeout(limit, AssertUnwindSafe(answering).catch_unwind()).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("the handler panicked");
            Problem::internal().into_response()
        }
        Err(_) => Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "too-slow",
            format!("the request was not done within {} seconds", limit.as_secs()),
            "send it again, all of its body at once",
        )
        .into_response(),
    }
}

fn correlation_of(headers: &HeaderMap) -> CorrelationId {
    let given = headers.get(CORRELATION_ID).and_then(|value| value.to_str().ok()?.parse::<Uuid>().ok());
    given.unwrap_or_else(Uuid::now_v7).into()
}

/// A problem's answer with what was set beside the problem: `Allow`, say.
fn keep_headers(from: Response, mut to: Response) -> Response {
    for (name, value) in from.headers() {
        if !to.headers().contains_key(name) {
            to.headers_mut().insert(name, value.clone());
        }
    }
    to.headers_mut().remove(axum::http::header::CONTENT_LENGTH);
    to
}
