//! Users: what they may do, and whether they may do anything at all.

use lockstep_core::role::{Action, Role};
use lockstep_store::{Tx, user_sessions, users};
use serde_json::json;

use super::{Access, User};
use crate::{context::Actor, error::EngineError};

impl Access {
    /// All users, by name.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails.
    pub async fn users(&self, actor: &Actor) -> Result<Vec<User>, EngineError> {
        self.permit(actor, Action::Read).await?;
        Ok(users::list(&mut self.store.read().await?).await?)
    }

    /// Gives a user another role.
    ///
    /// # Errors
    /// When the role does not allow it, there is no such user, or no admin would be left.
    pub async fn set_role(&self, actor: &Actor, name: &str, role: Role) -> Result<User, EngineError> {
        self.permit(actor, Action::Users).await?;
        let user = self.user(name).await?;
        let mut tx = self.store.begin().await?;
        if role != Role::Admin {
            leaves_an_admin(&mut tx, &user).await?;
        }
        users::set_role(&mut tx, user.id, role).await?;
        let detail = json!({ "user": name, "from": user.role, "to": role });
        self.audit(&mut tx, actor, "user.role", detail).await?;
        tx.commit().await?;
        Ok(User { role, ..user })
    }

    /// Lets a user do nothing any more: their sessions end, and their tokens open nothing. Or lets them come back.
    ///
    /// # Errors
    /// When the role does not allow it, there is no such user, or no admin would be left.
    pub async fn enable_user(&self, actor: &Actor, name: &str, enabled: bool) -> Result<User, EngineError> {
        self.permit(actor, Action::Users).await?;
        let user = self.user(name).await?;
        let mut tx = self.store.begin().await?;
        let disabled_at = if enabled { None } else { Some(user.disabled_at.unwrap_or_else(|| self.now())) };
        if !enabled {
            leaves_an_admin(&mut tx, &user).await?;
            user_sessions::end_all(&mut tx, user.id, self.now()).await?;
        }
        users::set_disabled(&mut tx, user.id, disabled_at).await?;
        let what = if enabled { "user.enable" } else { "user.disable" };
        self.audit(&mut tx, actor, what, json!({ "user": name })).await?;
        tx.commit().await?;
        Ok(User { disabled_at, ..user })
    }
}

/// An admin of the command line can't stand in for one who signs in, nor the other way round.
async fn leaves_an_admin(tx: &mut Tx, without: &User) -> Result<(), EngineError> {
    let all = users::list(tx).await?;
    let is_admin = |user: &User| user.role == Role::Admin && user.disabled_at.is_none();
    if all.iter().any(|user| user.id != without.id && user.kind == without.kind && is_admin(user))
        || !is_admin(without)
    {
        return Ok(());
    }
    Err(EngineError::refused(
        "last-admin",
        format!("`{}` is the only admin", without.name),
        "make somebody else admin first",
    ))
}
