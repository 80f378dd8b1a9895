//! Tokens: what programs come with.

use axum::{Extension, http::Method};
use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    ids::TokenId,
    role::{Action, Scopes},
};
use lockstep_engine::access::{ApiToken, TokenRequest};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answer, Asking, Document, Needs, Route};
use crate::{
    caller::Errand,
    given::{Asked, Body, Named},
};

/// How many days a token lasts unless it is said.
const LASTS: u16 = 90;

pub(super) fn routes() -> Vec<Route> {
    let own = Needs::Grant(Action::Read);
    vec![
        Route::new(Method::GET, "/api/v1/tokens", own, list),
        Route::new(Method::POST, "/api/v1/tokens", own, create).with_secrets(),
        Route::new(Method::DELETE, "/api/v1/tokens/{id}", own, revoke),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    user: Option<String>,
    name: String,
    scopes: Scopes,
    days: Option<u16>,
}

/// A token without its hash.
#[derive(Serialize)]
struct Shown {
    id: TokenId,
    name: String,
    fingerprint: String,
    scopes: Value,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct Made {
    owner: String,
    secret: String,
    token: Shown,
}

impl From<ApiToken> for Shown {
    fn from(token: ApiToken) -> Self {
        let ApiToken {
            id, name, fingerprint, scopes, created_at, expires_at, last_used_at, revoked_at, ..
        } = token;
        Self { id, name, fingerprint, scopes, created_at, expires_at, last_used_at, revoked_at }
    }
}

const SCHEMA: &str = "lockstep.tokens/1";

async fn list(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Asked(whose): Asked<Whose>,
) -> Answer<Vec<Shown>> {
    let tokens = errand.access.tokens(&caller.actor, whose.user.as_deref()).await?;
    Ok(Document::new(SCHEMA, tokens.into_iter().map(Shown::from).collect()))
}

async fn create(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Body(given): Body<NewToken>,
) -> Answer<Made> {
    let NewToken { user: owner, name, scopes, days } = given;
    let lasts = TimeDelta::days(i64::from(days.unwrap_or(LASTS)));
    let request = TokenRequest { owner, name, scopes, lasts };
    let made = errand.access.create_token(&caller.actor, request).await?;
    let secret = made.secret.expose().to_owned();
    Ok(Document::made("lockstep.token/1", Made { owner: made.owner, secret, token: made.token.into() }))
}

async fn revoke(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Named(id): Named<TokenId>,
) -> Answer<Vec<Shown>> {
    let token = errand.access.revoke_token(&caller.actor, id).await?;
    Ok(Document::new(SCHEMA, vec![token.into()]))
}
