//! Signing in and out, and who one is.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::UserId,
    role::{Role, Scopes},
    sign_in::{LONGEST_PASSWORD, SHORTEST_PASSWORD},
};
use lockstep_engine::context::Actor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Asking, Document, Made, Making, Needs, Route, documents};
use crate::{
    caller::{Errand, csrf_token},
    cookie,
    description::told::{Gives, Told},
    given::Body,
    hub::Shared,
    problem::Problem,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/session",
            Needs::Nothing,
            "sign_in",
            "Signs in with a password: begins a session",
            sign_in,
        )
        .with_secrets()
        .refuses([StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS]),
        Route::new(
            Method::GET,
            "/api/v1/session",
            Needs::SignIn,
            "show_session",
            "Who asks, and what they may do",
            show,
        ),
        Route::new(
            Method::DELETE,
            "/api/v1/session",
            Needs::SignIn,
            "sign_out",
            "Ends the session",
            sign_out,
        )
        .refuses([StatusCode::CONFLICT]),
        Route::new(
            Method::POST,
            "/api/v1/welcome",
            Needs::Nothing,
            "follow_link",
            "Follows a link: chooses a password",
            welcome,
        )
        .with_secrets()
        .refuses([StatusCode::UNAUTHORIZED, StatusCode::CONFLICT, StatusCode::GONE]),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SignIn")]
struct Credentials {
    name: String,
    password: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FollowedLink")]
struct Welcome {
    /// The end of the link: what comes after `/welcome/`.
    link: String,
    /// Only the first admin says what they are called.
    name: Option<String>,
    #[schemars(length(min = SHORTEST_PASSWORD, max = LONGEST_PASSWORD))]
    password: String,
}

/// Who one is here, and what one may do.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Who {
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

documents! {
    Session: Who = "lockstep.session/1",
}

/// Who one is, with the cookie of a session that just began.
struct Begun {
    who: Made<Session>,
    cookie: Option<HeaderValue>,
}

impl IntoResponse for Begun {
    fn into_response(self) -> Response {
        with_cookie(self.who.into_response(), self.cookie)
    }
}

impl Gives for Begun {
    fn tell(told: &mut Told<'_>) {
        Made::<Session>::tell(told);
        told.bears(StatusCode::CREATED, "Set-Cookie", "#/components/headers/Session");
    }
}

/// Nothing but that the session is over.
struct Over {
    cookie: Option<HeaderValue>,
}

impl IntoResponse for Over {
    fn into_response(self) -> Response {
        with_cookie(StatusCode::NO_CONTENT.into_response(), self.cookie)
    }
}

impl Gives for Over {
    fn tell(told: &mut Told<'_>) {
        told.answers_nothing(StatusCode::NO_CONTENT, "The session is over");
        told.bears(StatusCode::NO_CONTENT, "Set-Cookie", "#/components/headers/Session");
    }
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

async fn sign_in(
    State(hub): State<Arc<Shared>>,
    Extension(errand): Extension<Errand>,
    Body(given): Body<Credentials>,
) -> Result<Begun, Problem> {
    let signed = errand.access.sign_in(&given.name, given.password, errand.from).await?;
    let session = signed.secret.expose();
    let who = Who { expires_at: Some(signed.expires_at), ..Who::of(&signed.actor, Some(session)) };
    Ok(Begun { who: Made::new(who), cookie: cookie::given(session, hub.exposure) })
}

async fn show(Extension(caller): Asking) -> Answer<Session> {
    Ok(Document::new(Who::of(&caller.actor, caller.session.as_deref())))
}

async fn sign_out(
    State(hub): State<Arc<Shared>>,
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
) -> Result<Over, Problem> {
    let Some(session) = &caller.session else {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "no-session",
            "a token has no session that could end",
            "take the token back: DELETE /api/v1/tokens/ID",
        ));
    };
    errand.access.sign_out(&caller.actor, session).await?;
    Ok(Over { cookie: cookie::taken(hub.exposure) })
}

async fn welcome(Extension(errand): Extension<Errand>, Body(given): Body<Welcome>) -> Making<Session> {
    let actor = errand.access.follow_link(&given.link, given.name.as_deref(), given.password).await?;
    Ok(Made::new(Who::of(&actor, None)))
}
