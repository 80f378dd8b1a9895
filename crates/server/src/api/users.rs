//! Users: who they are, what they may do.

use axum::{Extension, http::Method};
use chrono::{DateTime, Utc};
use lockstep_core::role::{Action, Role};
use lockstep_engine::access::{Invitation, User};
use serde::{Deserialize, Serialize};

use super::{Answer, Asking, Document, Needs, Route};
use crate::{
    caller::Errand,
    given::{Body, Named},
};

pub(super) fn routes() -> Vec<Route> {
    let users = Needs::Grant(Action::Users);
    vec![
        Route::new(Method::GET, "/api/v1/users", Needs::Grant(Action::Read), list),
        Route::new(Method::POST, "/api/v1/users", users, invite).with_secrets(),
        Route::new(Method::PATCH, "/api/v1/users/{name}", users, change),
        Route::new(Method::POST, "/api/v1/users/{name}/link", users, link).with_secrets(),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewUser {
    name: String,
    role: Role,
    #[serde(default)]
    display_name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    role: Option<Role>,
    enabled: Option<bool>,
}

/// A link by which a user chooses a password, relative to the hub.
#[derive(Serialize)]
struct Link {
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

async fn list(Extension(caller): Asking, Extension(errand): Extension<Errand>) -> Answer<Vec<User>> {
    Ok(Document::new("lockstep.users/1", errand.access.users(&caller.actor).await?))
}

async fn invite(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Body(given): Body<NewUser>,
) -> Answer<Link> {
    let NewUser { name, role, display_name } = given;
    let made = errand.access.invite(&caller.actor, &name, &display_name, role).await?;
    Ok(Document::made("lockstep.user-link/1", made.into()))
}

async fn change(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Named(name): Named<String>,
    Body(given): Body<Change>,
) -> Answer<Vec<User>> {
    let mut users = Vec::new();
    if let Some(role) = given.role {
        users = vec![errand.access.set_role(&caller.actor, &name, role).await?];
    }
    if let Some(enabled) = given.enabled {
        users = vec![errand.access.enable_user(&caller.actor, &name, enabled).await?];
    }
    Ok(Document::new("lockstep.users/1", users))
}

async fn link(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Named(name): Named<String>,
) -> Answer<Link> {
    let made = errand.access.new_link(&caller.actor, &name).await?;
    Ok(Document::made("lockstep.user-link/1", made.into()))
}
