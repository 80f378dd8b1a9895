//! One-time links: by the first the first admin comes in, by the others whom an admin invites. Who follows one chooses a
//! password.

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    ids::{LinkId, UserId},
    registry::UserKind,
    role::{Action, Role},
    sign_in::{check_name, check_password},
};
use lockstep_store::{
    sign_in::{self, SignInLink},
    user_sessions, users,
};
use serde_json::json;
use uuid::Uuid;

use super::{Access, Secret, User, actor_of, secret};
use crate::{context::Actor, error::EngineError};

/// How long a link can be followed.
const LINK_LASTS: TimeDelta = TimeDelta::hours(48);

/// A link that was made, to be given to whom it is for.
#[derive(Debug)]
pub struct Invitation {
    /// Whom it is for; whoever comes first, if nobody.
    pub user: Option<User>,
    /// Its secret part.
    pub secret: Secret,
    /// Until when it can be followed.
    pub expires_at: DateTime<Utc>,
}

impl Access {
    /// The link for the first admin, as long as nobody has a password. Only the last one made works.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn first_link(&self) -> Result<Option<Invitation>, EngineError> {
        if sign_in::has_passwords(&mut self.store.read().await?).await? {
            return Ok(None);
        }
        self.link(None, None).await.map(Some)
    }

    /// Makes a user, with a link by which they choose their password.
    ///
    /// # Errors
    /// When the role does not allow it, the name can't be taken, or is taken.
    pub async fn invite(
        &self,
        actor: &Actor,
        name: &str,
        display_name: &str,
        role: Role,
    ) -> Result<Invitation, EngineError> {
        self.permit(actor, Action::Users).await?;
        check_name(name).map_err(|unfit| unfit_name(&unfit.to_string()))?;
        let user = User {
            id: UserId::from(Uuid::new_v4()),
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            role,
            kind: UserKind::Local,
            created_at: self.now(),
            disabled_at: None,
        };
        let mut tx = self.store.begin().await?;
        if users::by_name(&mut tx, name).await?.is_some() {
            return Err(EngineError::refused(
                "user-exists",
                format!("there is a user `{name}` already"),
                format!("`lockstep user link {name}` makes them a new link"),
            ));
        }
        users::insert(&mut tx, user.clone()).await?;
        self.audit(&mut tx, actor, "user.invite", json!({ "user": name, "role": role })).await?;
        tx.commit().await?;
        self.link(Some(user), Some(actor.id)).await
    }

    /// A new link for a user, who may choose another password by it.
    ///
    /// # Errors
    /// When the role does not allow it, or there is no such user.
    pub async fn new_link(&self, actor: &Actor, name: &str) -> Result<Invitation, EngineError> {
        self.permit(actor, Action::Users).await?;
        let user = self.user(name).await?;
        let mut tx = self.store.begin().await?;
        self.audit(&mut tx, actor, "user.link", json!({ "user": name })).await?;
        tx.commit().await?;
        self.link(Some(user), Some(actor.id)).await
    }

    async fn link(&self, user: Option<User>, by: Option<UserId>) -> Result<Invitation, EngineError> {
        let secret = Secret::new("")?;
        let link = SignInLink {
            id: LinkId::from(Uuid::new_v4()),
            user_id: user.as_ref().map(|user| user.id),
            link_hash: secret.hash(),
            created_by: by,
            created_at: self.now(),
            expires_at: self.now() + LINK_LASTS,
            used_at: None,
        };
        let expires_at = link.expires_at;
        let mut tx = self.store.begin().await?;
        sign_in::replace_link(&mut tx, link).await?;
        tx.commit().await?;
        Ok(Invitation { user, secret, expires_at })
    }

    /// Follows a link: sets the password of whom it is for. For the first admin, who is made by it, `name` says what they
    /// are called. All their sessions end.
    ///
    /// # Errors
    /// When the link works no more, or the name or password can't be taken: then the link works still.
    pub async fn follow_link(
        &self,
        link: &str,
        name: Option<&str>,
        password: String,
    ) -> Result<Actor, EngineError> {
        let mut tx = self.store.begin().await?;
        let used = sign_in::use_link(&mut tx, &secret::hash(link), self.now()).await?;
        let used = used.ok_or_else(|| {
            EngineError::refused(
                "link-over",
                "this link was used, replaced, or its time is over",
                "ask an admin for another one; the first admin gets one by starting the hub again",
            )
        })?;
        // What is wrong with the name or the password leaves the link as it was, with this transaction.
        let user = match used.user_id {
            Some(id) => users::get(&mut tx, id).await?,
            None => self.first_admin(&mut tx, name).await?,
        };
        check_password(&user.name, &password).map_err(|unfit| {
            EngineError::refused("unfit-password", unfit.to_string(), "choose another one")
        })?;
        if user.disabled_at.is_some() {
            return Err(EngineError::refused(
                "user-disabled",
                format!("`{}` may do nothing here any more", user.name),
                "ask an admin",
            ));
        }
        tx.roll_back().await?;
        // Hashing takes long, and a transaction that writes must not.
        let hashed = self.hash_password(password).await?;
        let mut tx = self.store.begin().await?;
        let again = sign_in::use_link(&mut tx, &secret::hash(link), self.now()).await?;
        if again.is_none() {
            return Err(EngineError::refused(
                "link-over",
                "somebody else followed this link at the same time",
                "ask an admin for another one",
            ));
        }
        let user = match used.user_id {
            Some(_) => user,
            None => self.first_admin(&mut tx, name).await?,
        };
        sign_in::set_password(&mut tx, user.id, hashed, self.now()).await?;
        user_sessions::end_all(&mut tx, user.id, self.now()).await?;
        let actor = actor_of(&user);
        self.audit(&mut tx, &actor, "user.password", json!({ "by": "link" })).await?;
        tx.commit().await?;
        Ok(actor)
    }

    async fn first_admin(
        &self,
        tx: &mut lockstep_store::Tx,
        name: Option<&str>,
    ) -> Result<User, EngineError> {
        let name = name.unwrap_or_default();
        check_name(name).map_err(|unfit| unfit_name(&unfit.to_string()))?;
        let user = User {
            id: UserId::from(Uuid::new_v4()),
            name: name.to_owned(),
            display_name: String::new(),
            role: Role::Admin,
            kind: UserKind::Local,
            created_at: self.now(),
            disabled_at: None,
        };
        // The operating system's user may be called so, and is the same person: who can read its link sees this process.
        let user = users::ensure(tx, user).await?;
        if user.role != Role::Admin || user.disabled_at.is_some() {
            return Err(EngineError::refused(
                "user-exists",
                format!("there is a user `{name}` already, who is no admin"),
                "choose another name",
            ));
        }
        Ok(user)
    }
}

fn unfit_name(why: &str) -> EngineError {
    EngineError::refused("unfit-name", why, "choose another name")
}
