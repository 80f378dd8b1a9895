//! A request that names an idempotency key is done once: the same again is answered with what the first was.
//!
//! The header is that of the IETF draft `draft-ietf-httpapi-idempotency-key-header`: a string in quotes; one without is taken too.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use lockstep_core::contract::sha256_hex;
use lockstep_engine::access::{Answer, Asked, Holding};
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    caller::{Caller, Errand},
    hub::Shared,
    problem::Problem,
};

/// What a request is called by who asks, so that it can be sent again.
pub(crate) const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Borne by an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

const LONGEST: usize = 255;

/// What a route makes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// Whoever asks again changes nothing more: a key is ignored.
    Harmless,
    /// A key is taken, and its answer kept.
    ByKey,
    /// A key is refused, for what is asked or answered holds a secret that is not to be kept.
    Secret,
}

/// Does a request once by its key, if it names one.
pub(crate) async fn once(
    State((hub, repeats)): State<(Arc<Shared>, Repeats)>,
    request: Request,
    next: Next,
) -> Response {
    if repeats == Repeats::Harmless || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    match by_key(&hub, repeats, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn by_key(
    hub: &Arc<Shared>,
    repeats: Repeats,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if repeats == Repeats::Secret {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "idempotency-key-refused",
            "this path takes no `Idempotency-Key`: its answer would have to be kept, secrets and all",
            "send it without; look at the list before you send it again",
        ));
    }
    let key = key_of(request.headers())?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, hub.limits.body).await.map_err(|_| too_large())?;
    let caller = parts.extensions.get::<Caller>().ok_or_else(Problem::internal)?;
    let errand = parts.extensions.get::<Errand>().ok_or_else(Problem::internal)?;
    let holding = match errand.access.ask_once(&caller.actor, &key, hash_of(&parts, &body)).await? {
        Asked::First(holding) => holding,
        Asked::Before(answer) => return again(answer),
        Asked::InWork => {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "idempotency-key-in-use",
                "the same request is being done",
                "send it again in a moment: it is answered when it is done",
            )
            .with("retry_after", 1));
        }
        Asked::Other => {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "another request was sent with this key",
                "choose a new key for each request, a UUID say",
            ));
        }
    };
    // It goes on when who asked has gone: they may come again for the answer.
    let request = Request::from_parts(parts, Body::from(body));
    let done = hub.works.go_on(done(holding, request, next));
    done.await.map_err(|_| Problem::internal())
}

/// Does a request, and keeps what it was answered. A refusal changed nothing, and may be another one the next time.
async fn done(holding: Holding, request: Request, next: Next) -> Response {
    let response = alive_while(&holding, next.run(request)).await;
    let (response, kept) = match response.status().is_success() {
        true => kept(holding, response).await,
        false => (response, holding.let_go().await.map_err(Problem::from)),
    };
    match kept {
        Ok(()) => response,
        // Without its record it would be done again: better that who asked looks first.
        Err(problem) => problem.into_response(),
    }
}

async fn kept(holding: Holding, response: Response) -> (Response, Result<(), Problem>) {
    let (parts, body) = response.into_parts();
    let Ok(content) = to_bytes(body, usize::MAX).await else {
        return (Problem::internal().into_response(), Ok(()));
    };
    let location = parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let answer = Answer {
        status: parts.status.as_u16(),
        location: location.map(str::to_owned),
        content: content.to_vec(),
    };
    let kept = holding.answered(&answer).await.map_err(Problem::from);
    (Response::from_parts(parts, Body::from(content)), kept)
}

/// Gives signs of life for as long as something is being done.
async fn alive_while<T>(holding: &Holding, doing: impl Future<Output = T>) -> T {
    let mut doing = std::pin::pin!(doing);
    let mut signs = interval(Holding::SIGN_OF_LIFE);
    signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
    signs.tick().await;
    loop {
        tokio::select! {
            done = &mut doing => return done,
            _ = signs.tick() => {
                if let Err(error) = holding.extend().await {
                    tracing::warn!(%error, "an idempotency key may be lost");
                }
            }
        }
    }
}

fn again(answer: Answer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(answer.status).map_err(|_| Problem::internal())?;
    let mut response = (status, answer.content).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if status != StatusCode::NO_CONTENT {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    if let Some(location) = answer.location {
        let location = HeaderValue::from_str(&location).map_err(|_| Problem::internal())?;
        headers.insert(header::LOCATION, location);
    }
    Ok(response)
}

/// All that is asked for; who asks is part of the key.
fn hash_of(parts: &Parts, body: &[u8]) -> String {
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let mut all = format!("{} {target}\n", parts.method).into_bytes();
    all.extend_from_slice(body);
    sha256_hex(&all)
}

fn key_of(headers: &HeaderMap) -> Result<String, Problem> {
    let mut given = headers.get_all(KEY).iter();
    let (Some(key), None) = (given.next(), given.next()) else { return Err(bad_key()) };
    let key = key.to_str().map_err(|_| bad_key())?.trim();
    let key = key.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(key);
    let is_good = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    match (1..=LONGEST).contains(&key.len()) && key.bytes().all(is_good) {
        true => Ok(key.to_owned()),
        false => Err(bad_key()),
    }
}

fn bad_key() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "bad-idempotency-key",
        format!("`Idempotency-Key` is not one string of 1 to {LONGEST} visible ASCII characters"),
        "choose a new key for each request, a UUID say",
    )
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "the body is too large", "send less")
}

/// What a route makes of a key unless it says otherwise: what only reads, sets or removes can be asked again.
pub(crate) fn usual(method: &Method) -> Repeats {
    match *method {
        Method::POST => Repeats::ByKey,
        _ => Repeats::Harmless,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_string_with_quotes_or_without() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(KEY, HeaderValue::from_str(value).unwrap());
            }
            key_of(&headers).ok()
        };
        let long = "k".repeat(LONGEST);
        assert_eq!(read(&["\"8e03978e-40d5\""]).as_deref(), Some("8e03978e-40d5"));
        assert_eq!(read(&["8e03978e-40d5"]).as_deref(), Some("8e03978e-40d5"));
        assert_eq!(read(&[&long]), Some(long.clone()));
        for bad in [&["\"\""][..], &[""], &["a b"], &["\"a"], &["a", "b"], &[&format!("{long}k")]] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
