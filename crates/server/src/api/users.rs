//! Users: who they are, what they may do.

use axum::{
    Extension,
    http::{Method, StatusCode},
};
use chrono::{DateTime, Utc};
use lockstep_core::{
    role::{Action, Role},
    sign_in::LONGEST_NAME,
};
use lockstep_engine::access::{Invitation, User};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Answer, Asking, Document, Made, Making, Needs, Route, documents};
use crate::{
    caller::Errand,
    given::{Body, Named},
};

pub(super) fn routes() -> Vec<Route> {
    let users = Needs::Grant(Action::Users);
    vec![
        Route::new(Method::GET, "/api/v1/users", Needs::Grant(Action::Read), "list_users", "The users", list)
            .leads(StatusCode::OK, "list_tokens", [("user", "$response.body#/data/0/name")]),
        Route::new(
            Method::POST,
            "/api/v1/users",
            users,
            "invite_user",
            "Makes a user, with a link by which they choose a password",
            invite,
        )
        .with_secrets()
        .refuses([StatusCode::CONFLICT])
        .leads(StatusCode::CREATED, "change_user", [("name", "$response.body#/data/user/name")])
        .leads(StatusCode::CREATED, "link_user", [("name", "$response.body#/data/user/name")])
        .leads(StatusCode::CREATED, "list_tokens", [("user", "$response.body#/data/user/name")])
        .leads_with(
            StatusCode::CREATED,
            "create_token",
            json!({ "user": "$response.body#/data/user/name", "name": "ci", "scopes": ["read"] }),
        ),
        Route::new(
            Method::PATCH,
            "/api/v1/users/{name}",
            users,
            "change_user",
            "Gives a user another role, or lets them in no more",
            change,
        )
        .refuses([StatusCode::CONFLICT]),
        Route::new(
            Method::POST,
            "/api/v1/users/{name}/link",
            users,
            "link_user",
            "Makes a new link by which a user chooses a password",
            link,
        )
        .with_secrets()
        .refuses([StatusCode::CONFLICT])
        .leads(StatusCode::CREATED, "change_user", [("name", "$response.body#/data/user/name")]),
    ]
}

documents! {
    Users: Vec<User> = "lockstep.users/1",
    UserLink: Link = "lockstep.user-link/1",
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    /// Of letters, digits, and `.`, `_`, `-`, `+` or `@`.
    #[schemars(length(min = 1, max = LONGEST_NAME))]
    name: String,
    role: Role,
    /// What people call them.
    #[serde(default)]
    display_name: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "UserChange")]
struct Change {
    /// What they may do from now on.
    role: Option<Role>,
    /// Whether they may do anything.
    enabled: Option<bool>,
}

/// A link by which a user chooses a password, relative to the hub.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UserLink")]
pub(crate) struct Link {
    user: Option<User>,
    link: String,
    expires_at: DateTime<Utc>,
}

impl From<Invitation> for Link {
    fn from(made: Invitation) -> Self {
        let link = format!("/welcome/{}", made.secret.expose());
        Self { user: made.user, link, expires_at: made.expires_at }
    }
}

async fn list(Extension(caller): Asking, Extension(errand): Extension<Errand>) -> Answer<Users> {
    Ok(Document::new(errand.access.users(&caller.actor).await?))
}

async fn invite(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Body(given): Body<NewUser>,
) -> Making<UserLink> {
    let NewUser { name, role, display_name } = given;
    let made = errand.access.invite(&caller.actor, &name, &display_name, role).await?;
    Ok(Made::new(made.into()))
}

async fn change(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Named(name): Named<String>,
    Body(given): Body<Change>,
) -> Answer<Users> {
    let mut users = Vec::new();
    if let Some(role) = given.role {
        users = vec![errand.access.set_role(&caller.actor, &name, role).await?];
    }
    if let Some(enabled) = given.enabled {
        users = vec![errand.access.enable_user(&caller.actor, &name, enabled).await?];
    }
    Ok(Document::new(users))
}

async fn link(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Named(name): Named<String>,
) -> Making<UserLink> {
    let made = errand.access.new_link(&caller.actor, &name).await?;
    Ok(Made::new(made.into()))
}
