//! How refusals and failures are described: once for each status, whatever refuses.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use schemars::json_schema;

use super::{
    model::{Answer, Header, Media},
    types::Types,
};
use crate::problem::Problem;

/// Each status that a problem comes with: what its answer is called, and what it means.
const PROBLEMS: [(StatusCode, &str, &str); 14] = [
    (StatusCode::BAD_REQUEST, "BadRequest", "A parameter or the body can't be read"),
    (StatusCode::UNAUTHORIZED, "NotSignedIn", "Nobody is signed in, or not by this"),
    (StatusCode::FORBIDDEN, "NotGranted", "Who asks may not, or a page of another site asks"),
    (StatusCode::NOT_FOUND, "NotFound", "What is named is not there"),
    (StatusCode::REQUEST_TIMEOUT, "TooSlow", "The request was not done in its time"),
    (StatusCode::CONFLICT, "Conflict", "It can't be granted as things stand"),
    (StatusCode::GONE, "Over", "The link works no more"),
    (StatusCode::PAYLOAD_TOO_LARGE, "TooLarge", "The body is too large"),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "NoJson", "The body does not say that it is JSON"),
    (StatusCode::MISDIRECTED_REQUEST, "WrongHost", "The request is addressed to another host"),
    (StatusCode::UNPROCESSABLE_ENTITY, "Unfit", "What was given, or a file of the workspace, can't be taken"),
    (StatusCode::TOO_MANY_REQUESTS, "TooManyAttempts", "Too many attempts failed: wait"),
    (StatusCode::INTERNAL_SERVER_ERROR, "Internal", "The hub failed"),
    (StatusCode::SERVICE_UNAVAILABLE, "NotReady", "The registry or the workspace can't be used now"),
];

/// Where the answer of a problem is described.
pub(crate) fn place(status: StatusCode) -> String {
    let known = PROBLEMS.iter().find(|(known, ..)| *known == status);
    // A test holds that there is one for each status that routes refuse with.
    format!("#/components/responses/{}", known.map_or("Internal", |(_, name, _)| name))
}

/// The headers of every answer.
pub(crate) fn always() -> BTreeMap<&'static str, Header> {
    BTreeMap::from([("X-Correlation-Id", Header::Known { place: "#/components/headers/CorrelationId" })])
}

/// The answers of problems, by name.
pub(crate) fn answers(types: &mut Types) -> BTreeMap<&'static str, Answer> {
    let schema = types.told::<Problem>();
    let answer = |status: StatusCode, meaning: &str| {
        let mut headers = always();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert("WWW-Authenticate", Header::Known { place: "#/components/headers/Challenge" });
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert("Retry-After", Header::Known { place: "#/components/headers/RetryAfter" });
            }
            _ => {}
        }
        let content = BTreeMap::from([("application/problem+json", Media { schema: schema.clone() })]);
        Answer { description: meaning.to_owned(), headers, content, links: BTreeMap::new() }
    };
    PROBLEMS.iter().map(|(status, name, meaning)| (*name, answer(*status, meaning))).collect()
}

/// The headers that answers bear.
pub(crate) fn headers() -> BTreeMap<&'static str, Header> {
    let header = |description, required, schema| Header::Described { description, required, schema };
    BTreeMap::from([
        (
            "CorrelationId",
            header(
                "What the request is called in the log: what it said itself, as a UUID, or one of the hub's",
                true,
                json_schema!({ "type": "string", "format": "uuid" }),
            ),
        ),
        (
            "ETag",
            header(
                "What was read, as a tag: sent back as `If-None-Match`, it is answered by 304 as long as nothing changed",
                true,
                json_schema!({ "type": "string" }),
            ),
        ),
        ("Challenge", header("How to sign in: `Bearer`", true, json_schema!({ "type": "string" }))),
        (
            "RetryAfter",
            header("In how many seconds", true, json_schema!({ "type": "integer", "minimum": 0 })),
        ),
        ("Location", header("Where the operation is", true, json_schema!({ "type": "string" }))),
        (
            "Session",
            header("The session's cookie, which is given or taken", true, json_schema!({ "type": "string" })),
        ),
    ])
}
