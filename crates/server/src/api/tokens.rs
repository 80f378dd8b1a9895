//! Tokens: what programs come with.

use axum::{
    Extension,
    http::{Method, StatusCode},
};
use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    ids::TokenId,
    role::{Action, Scopes},
};
use lockstep_engine::access::{ApiToken, LONGEST_TOKEN_NAME, TokenRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answer, Asking, Document, Made, Making, Needs, Route, documents};
use crate::{
    caller::Errand,
    given::{Asked, Body, Days, Named},
};

/// How many days a token lasts unless it is said.
const LASTS: u16 = 90;

pub(super) fn routes() -> Vec<Route> {
    let own = Needs::Grant(Action::Read);
    vec![
        Route::new(
            Method::GET,
            "/api/v1/tokens",
            own,
            "list_tokens",
            "The tokens of who asks, or of a user",
            list,
        )
        .refuses([StatusCode::NOT_FOUND]),
        Route::new(
            Method::POST,
            "/api/v1/tokens",
            own,
            "create_token",
            "Makes a token, and shows it once",
            create,
        )
        .with_secrets()
        .refuses([StatusCode::NOT_FOUND, StatusCode::CONFLICT])
        .leads(StatusCode::CREATED, "revoke_token", [("id", "$response.body#/data/token/id")])
        .leads(StatusCode::CREATED, "list_tokens", [("user", "$response.body#/data/owner")]),
        Route::new(Method::DELETE, "/api/v1/tokens/{id}", own, "revoke_token", "Takes a token back", revoke)
            .refuses([StatusCode::CONFLICT]),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Whose {
    /// A user's; those of who asks without.
    user: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// Whose it is; of who asks without.
    user: Option<String>,
    /// What it is for.
    #[schemars(length(min = 1, max = LONGEST_TOKEN_NAME))]
    name: String,
    /// What it may be used for.
    #[schemars(with = "Vec<Action>", length(min = 1))]
    scopes: Scopes,
    /// How long it lasts; 90 without.
    days: Option<Days<366>>,
}

/// A token without its hash.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Token")]
pub(crate) struct Shown {
    id: TokenId,
    name: String,
    fingerprint: String,
    #[schemars(with = "Scopes")]
    scopes: Value,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IssuedToken")]
pub(crate) struct Issued {
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

documents! {
    Tokens: Vec<Shown> = "lockstep.tokens/1",
    Token: Issued = "lockstep.token/1",
}

async fn list(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Asked(whose): Asked<Whose>,
) -> Answer<Tokens> {
    let tokens = errand.access.tokens(&caller.actor, whose.user.as_deref()).await?;
    Ok(Document::new(tokens.into_iter().map(Shown::from).collect()))
}

async fn create(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Body(given): Body<NewToken>,
) -> Making<Token> {
    let NewToken { user: owner, name, scopes, days } = given;
    let lasts = TimeDelta::days(i64::from(days.map_or(LASTS, Days::get)));
    let request = TokenRequest { owner, name, scopes, lasts };
    let made = errand.access.create_token(&caller.actor, request).await?;
    let secret = made.secret.expose().to_owned();
    Ok(Made::new(Issued { owner: made.owner, secret, token: made.token.into() }))
}

async fn revoke(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Named(id): Named<TokenId>,
) -> Answer<Tokens> {
    let token = errand.access.revoke_token(&caller.actor, id).await?;
    Ok(Document::new(vec![token.into()]))
}
