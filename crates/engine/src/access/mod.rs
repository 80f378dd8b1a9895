//! Who may use a hub: users, how they sign in, and what their programs hold. It needs the registry and no workspace.
//!
//! Every act is in the audit log in the transaction of what it does, and so is every refused attempt.

mod links;
mod once;
mod password;
mod people;
mod secret;
mod sign_in;
mod tokens;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, SubsecRound as _, Utc};
use lockstep_core::{
    ids::{CorrelationId, UserId},
    registry::UserKind,
    role::{Action, Grant, Role},
    undo::Outcome,
};
use lockstep_store::{Store, Tx, users};
use serde_json::Value;
use tokio::sync::Semaphore;
use uuid::Uuid;

pub use links::Invitation;
pub use lockstep_store::{api_tokens::ApiToken, users::User};
pub use once::{Answer, Asked, Holding};
pub use secret::Secret;
pub use sign_in::{SignInError, SignedIn};
pub use tokens::{LONGEST_TOKEN_NAME, NewToken, TokenRequest};

use crate::{
    context::{Actor, Clock, Deed, permit, write_down},
    error::EngineError,
};

/// How many passwords are hashed at once: each takes a core and 19 MiB for some time.
const HASHED_AT_ONCE: usize = 2;

/// The users, sign-ins and tokens of a registry.
#[derive(Clone)]
pub struct Access {
    store: Store,
    clock: Arc<dyn Clock>,
    hashing: Arc<Semaphore>,
    correlation: CorrelationId,
}

impl Access {
    /// The access to a registry whose tables are up to date.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        let hashing = Arc::new(Semaphore::new(HASHED_AT_ONCE));
        Self { store, clock, hashing, correlation: Uuid::new_v4().into() }
    }

    /// The same for a request: what it does is written down under this id.
    #[must_use]
    pub fn of_request(&self, correlation: CorrelationId) -> Self {
        Self { correlation, ..self.clone() }
    }

    /// The registry.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The operating system's user, who is admin of what they can open.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn os_user(&self, name: &str) -> Result<Actor, EngineError> {
        os_user(&self.store, name, self.now()).await
    }

    /// Refuses an act that is not granted; the refusal is in the audit log.
    ///
    /// # Errors
    /// When it is refused, or the registry fails.
    pub async fn permit(&self, actor: &Actor, action: Action) -> Result<(), EngineError> {
        permit(&self.store, actor, self.correlation, self.now(), action, 0).await
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }

    async fn audit(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        action: &str,
        detail: Value,
    ) -> Result<(), EngineError> {
        let deed = Deed { action, outcome: Outcome::Done, components: 0, detail };
        write_down(tx, Some(actor.id), &actor.name, self.correlation, self.now(), deed).await
    }

    async fn user(&self, name: &str) -> Result<User, EngineError> {
        let found = users::by_name(&mut self.store.read().await?, name).await?;
        found.ok_or_else(|| {
            EngineError::not_found(format!("there is no user `{name}`"), "`lockstep user list` lists them")
        })
    }
}

/// The user's row as who acts.
fn actor_of(user: &User) -> Actor {
    Actor { id: user.id, name: user.name.clone(), grant: Grant::of_role(user.role) }
}

/// The operating system's user, made on first sight.
pub(crate) async fn os_user(store: &Store, name: &str, now: DateTime<Utc>) -> Result<Actor, EngineError> {
    let mut tx = store.begin().await?;
    let user = User {
        id: UserId::from(Uuid::new_v4()),
        name: name.to_owned(),
        display_name: String::new(),
        role: Role::Admin,
        kind: UserKind::OsUser,
        created_at: now,
        disabled_at: None,
    };
    let user = users::ensure(&mut tx, user).await?;
    tx.commit().await?;
    Ok(actor_of(&user))
}
