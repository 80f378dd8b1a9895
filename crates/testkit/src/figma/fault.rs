//! What goes wrong on the way, and at Figma.

use std::{io, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{Response, StatusCode, header},
};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

/// A fault that takes the place of an answer.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The quota is used up: what `Retry-After` says, and the plan and kind of limit.
    Limited {
        /// Seconds or a date; nothing where it is left out.
        retry_after: Option<String>,
        /// The file's plan.
        plan: &'static str,
        /// `low` or `high`.
        kind: &'static str,
    },
    /// An error in the shape `{status, err}`.
    Status(u16, &'static str),
    /// Silence for so long, then the answer.
    Slow(Duration),
    /// Half of the answer, then the connection breaks.
    CutOff,
    /// Half of the answer as if it were all of it.
    InvalidJson,
}

impl Fault {
    /// The body and status that it answers, where it is an answer that Figma's document describes.
    pub(super) fn answer(&self) -> Option<(u16, Value)> {
        match self {
            Self::Limited { .. } => Some((429, json!({ "status": 429, "err": "Rate limit exceeded" }))),
            Self::Status(status, reason) => Some((*status, json!({ "status": status, "err": reason }))),
            Self::Slow(_) | Self::CutOff | Self::InvalidJson => None,
        }
    }

    /// Spoils a response.
    pub(super) async fn spoil(&self, body: Vec<u8>, response: Response<Body>) -> Response<Body> {
        match self {
            Self::Limited { retry_after, plan, kind } => {
                let mut response = response;
                let headers = [
                    ("x-figma-plan-tier", Some((*plan).to_owned())),
                    ("x-figma-rate-limit-type", Some((*kind).to_owned())),
                    ("x-figma-upgrade-link", Some("https://www.figma.com/pricing".to_owned())),
                    ("retry-after", retry_after.clone()),
                ];
                for (name, value) in headers {
                    if let Some(value) = value.and_then(|value| value.parse().ok()) {
                        response.headers_mut().insert(name, value);
                    }
                }
                response
            }
            Self::Status(..) => response,
            Self::Slow(silence) => {
                tokio::time::sleep(*silence).await;
                response
            }
            Self::CutOff => {
                let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
                let broken = stream::once(async { Err(io::Error::other("cut off")) });
                let parts = stream::once(async move { Ok(half) }).chain(broken);
                respond(StatusCode::OK, Body::from_stream(parts))
            }
            Self::InvalidJson => respond(StatusCode::OK, Body::from(body[..body.len() / 2].to_vec())),
        }
    }
}

/// A response of JSON.
pub(super) fn respond(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}
