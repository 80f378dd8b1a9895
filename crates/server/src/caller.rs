//! Who asks: by a token in `Authorization`, or by the session of a browser; and whether they may.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use lockstep_core::{contract::sha256_hex, ids::CorrelationId};
use lockstep_engine::{
    access::{Access, SignInError},
    context::Actor,
};

use crate::{address::Exposure, api::Needs, connections::Peer, cookie, hub::Shared, problem::Problem};

/// What a browser's requests that change something must bear: a page elsewhere can send the cookie, but not this.
pub(crate) const CSRF: &str = "x-csrf-token";

/// Who asks, and what is done for them under which id.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) actor: Actor,
    /// What the browser holds, if it is one.
    pub(crate) session: Option<String>,
}

/// What is done for a request, and from where it came.
#[derive(Clone)]
pub(crate) struct Errand {
    pub(crate) access: Access,
    pub(crate) from: IpAddr,
}

/// Lets pass who may, and tells the handler who it is.
pub(crate) async fn authorise(
    State((hub, needs)): State<(Arc<Shared>, Needs)>,
    mut request: Request,
    next: Next,
) -> Response {
    match admitted(&hub, needs, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn admitted(hub: &Shared, needs: Needs, request: &mut Request) -> Result<(), Problem> {
    let errand = Errand { access: access_of(hub, request), from: from(hub, request) };
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes {
        refuse_other_sites(request.headers())?;
    }
    if needs != Needs::Nothing {
        let caller = identify(hub, &errand, request.headers()).await?;
        if let Some(session) = caller.session.as_deref().filter(|_| changes) {
            check_csrf(session, request.headers())?;
        }
        if let Needs::Grant(action) = needs {
            errand.access.permit(&caller.actor, action).await?;
        }
        tracing::debug!(actor = caller.actor.name, "admitted");
        request.extensions_mut().insert(caller);
    }
    request.extensions_mut().insert(errand);
    Ok(())
}

fn access_of(hub: &Shared, request: &Request) -> Access {
    match request.extensions().get::<CorrelationId>() {
        Some(correlation) => hub.access.of_request(*correlation),
        None => hub.access.clone(),
    }
}

/// Behind a proxy its word counts: the last address is the one that it saw itself.
fn from(hub: &Shared, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
    if hub.exposure == Exposure::Loopback {
        return peer;
    }
    let told = request.headers().get_all("x-forwarded-for").iter().next_back();
    let last = told.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    last.unwrap_or(peer)
}

/// Who comes with that.
pub(crate) async fn identify(hub: &Shared, errand: &Errand, headers: &HeaderMap) -> Result<Caller, Problem> {
    if let Some(given) = headers.get(header::AUTHORIZATION) {
        let token = given.to_str().ok().and_then(|given| given.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or_else(|| {
            not_signed_in("the header `Authorization` bears no token", "send `Authorization: Bearer …`")
        })?;
        let actor = errand.access.token(token.trim(), errand.from).await?;
        return Ok(Caller { actor, session: None });
    }
    let held = cookie::held(headers, hub.exposure).ok_or_else(|| {
        not_signed_in(
            "nobody is signed in",
            "send a token as `Authorization: Bearer …`, or sign in: POST /api/v1/session",
        )
    })?;
    let actor = errand.access.session(held).await?;
    Ok(Caller { actor, session: Some(held.to_owned()) })
}

fn not_signed_in(detail: &str, next_step: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "not-signed-in", detail, next_step)
}

/// Browsers say from where a request comes; others say nothing.
fn refuse_other_sites(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "other-site",
            "a page of another site sent this request",
            "send it from a page of the hub, or with a token from a program",
        )),
    }
}

/// What a session's requests must bear: made of the session, so that nothing more is kept.
pub(crate) fn csrf_token(session: &str) -> String {
    sha256_hex(format!("csrf {session}").as_bytes())
}

fn check_csrf(session: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(CSRF).map_or(&[][..], HeaderValue::as_bytes);
    // Hashes are compared, whose beginnings tell nothing of the token's.
    if sha256_hex(given) == sha256_hex(csrf_token(session).as_bytes()) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "csrf",
        format!("the header `{CSRF}` is not the one of this session"),
        "send the `csrf_token` that GET /api/v1/session gives",
    ))
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        let detail = error.to_string();
        match error {
            SignInError::Engine(error) => error.into(),
            SignInError::Wrong => Self::new(
                StatusCode::UNAUTHORIZED,
                "wrong-password",
                detail,
                "try again, or ask an admin for a new link",
            ),
            SignInError::BadToken => Self::new(
                StatusCode::UNAUTHORIZED,
                "bad-token",
                detail,
                "make a new one: `lockstep token create`",
            ),
            SignInError::Over => Self::new(StatusCode::UNAUTHORIZED, "session-over", detail, "sign in again"),
            SignInError::Wait(seconds) => {
                let wait = Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too-many-attempts",
                    detail,
                    "wait, and try again",
                );
                wait.with("retry_after", seconds)
            }
        }
    }
}
