//! Signing in and out, and who one is.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::UserId,
    role::{Role, Scopes},
};
use lockstep_engine::context::Actor;
use serde::{Deserialize, Serialize};

use super::{Answer, Asking, Document, Needs, Route};
use crate::{
    caller::{Errand, csrf_token},
    cookie,
    given::Body,
    hub::Shared,
    problem::Problem,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/session", Needs::Nothing, sign_in).with_secrets(),
        Route::new(Method::GET, "/api/v1/session", Needs::SignIn, show),
        Route::new(Method::DELETE, "/api/v1/session", Needs::SignIn, sign_out),
        Route::new(Method::POST, "/api/v1/welcome", Needs::Nothing, welcome).with_secrets(),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    name: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Welcome {
    link: String,
    name: Option<String>,
    password: String,
}

/// Who one is here, and what one may do.
#[derive(Serialize)]
struct Who {
    id: UserId,
    name: String,
    role: Role,
    /// What the token may be used for; everything that the role allows, where it is none.
    scopes: Option<Scopes>,
    /// What a browser's requests that change something must bear.
    csrf_token: Option<String>,
    /// When a session that just began ends whatever happens.
    expires_at: Option<DateTime<Utc>>,
}

impl Who {
    fn of(actor: &Actor, session: Option<&str>) -> Self {
        Self {
            id: actor.id,
            name: actor.name.clone(),
            role: actor.grant.role,
            scopes: actor.grant.scopes.clone(),
            csrf_token: session.map(csrf_token),
            expires_at: None,
        }
    }
}

const SCHEMA: &str = "lockstep.session/1";

async fn sign_in(
    State(hub): State<Arc<Shared>>,
    Extension(errand): Extension<Errand>,
    Body(given): Body<Credentials>,
) -> Result<Response, Problem> {
    let signed = errand.access.sign_in(&given.name, given.password, errand.from).await?;
    let session = signed.secret.expose();
    let who = Who { expires_at: Some(signed.expires_at), ..Who::of(&signed.actor, Some(session)) };
    let mut response = Document::made(SCHEMA, who).into_response();
    if let Some(cookie) = cookie::given(session, hub.exposure) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn show(Extension(caller): Asking) -> Answer<Who> {
    Ok(Document::new(SCHEMA, Who::of(&caller.actor, caller.session.as_deref())))
}

async fn sign_out(
    State(hub): State<Arc<Shared>>,
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
) -> Result<Response, Problem> {
    let Some(session) = &caller.session else {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "no-session",
            "a token has no session that could end",
            "take the token back: DELETE /api/v1/tokens/ID",
        ));
    };
    errand.access.sign_out(&caller.actor, session).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = cookie::taken(hub.exposure) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn welcome(Extension(errand): Extension<Errand>, Body(given): Body<Welcome>) -> Answer<Who> {
    let actor = errand.access.follow_link(&given.link, given.name.as_deref(), given.password).await?;
    Ok(Document::made(SCHEMA, Who::of(&actor, None)))
}
