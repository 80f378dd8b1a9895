//! API tokens: what programs come with. Each is shown once, ends by itself, and may be used for what it was made for.

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    ids::TokenId,
    role::{Action, Grant, Scopes},
};
use lockstep_store::{api_tokens, users};
use serde_json::json;
use uuid::Uuid;

use super::{Access, ApiToken, Secret, User};
use crate::{context::Actor, error::EngineError};

/// What each token begins with, so that it is recognised where it must not be.
pub(super) const TOKEN_PREFIX: &str = "lockstep_";
const LONGEST: TimeDelta = TimeDelta::days(366);
/// The most characters of a token's name.
pub const LONGEST_TOKEN_NAME: usize = 100;

/// A token that somebody wants.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// Whose it shall be; who asks, if nobody's.
    pub owner: Option<String>,
    /// What it is for.
    pub name: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// How long it lasts.
    pub lasts: TimeDelta,
}

/// A token that was made.
#[derive(Debug)]
pub struct NewToken {
    /// What is kept of it.
    pub token: ApiToken,
    /// Whose it is.
    pub owner: String,
    /// The token itself, to be shown once.
    pub secret: Secret,
}

impl Access {
    /// Makes a token.
    ///
    /// # Errors
    /// When the role does not allow it, the token could do what its owner or who asks can't, or it lasts too long.
    pub async fn create_token(&self, actor: &Actor, request: TokenRequest) -> Result<NewToken, EngineError> {
        let owner = self.owner(actor, request.owner.as_deref()).await?;
        if actor.grant.scopes.is_some() {
            // Else one that was to end soon would have offspring.
            let message = "a token makes no tokens";
            return Err(EngineError::refused("token-by-token", message, "sign in with a password for that"));
        }
        let (name, now) = (request.name.trim().to_owned(), self.now());
        if name.is_empty() || name.chars().count() > LONGEST_TOKEN_NAME || name.chars().any(char::is_control)
        {
            let message = format!("a token's name has 1 to {LONGEST_TOKEN_NAME} characters");
            return Err(EngineError::refused("unfit-name", message, "say what the token is for"));
        }
        if request.scopes.0.is_empty() {
            let hint = "name what it may be used for: read, say";
            return Err(EngineError::refused("no-scopes", "a token without scopes opens nothing", hint));
        }
        if request.lasts <= TimeDelta::zero() || request.lasts > LONGEST {
            let message = format!("a token lasts from now on for at most {} days", LONGEST.num_days());
            return Err(EngineError::refused(
                "unfit-time",
                message,
                "choose a shorter time, and make a new one then",
            ));
        }
        for action in &request.scopes.0 {
            let granted = Grant::of_role(owner.role).allowed(*action);
            granted.map_err(|refusal| {
                EngineError::refused("unfit-scope", refusal.to_string(), "leave this scope out")
            })?;
        }
        let secret = Secret::new(TOKEN_PREFIX)?;
        let token = ApiToken {
            id: TokenId::from(Uuid::new_v4()),
            user_id: owner.id,
            name,
            token_hash: secret.hash(),
            fingerprint: secret.fingerprint(TOKEN_PREFIX),
            created_at: now,
            expires_at: Some(now + request.lasts),
            last_used_at: None,
            revoked_at: None,
            scopes: json!(request.scopes),
        };
        let mut tx = self.store.begin().await?;
        api_tokens::insert(&mut tx, token.clone()).await?;
        let detail = json!({
            "token": token.id, "name": token.name, "owner": owner.name, "scopes": token.scopes,
            "expires_at": token.expires_at,
        });
        self.audit(&mut tx, actor, "token.create", detail).await?;
        tx.commit().await?;
        Ok(NewToken { token, owner: owner.name, secret })
    }

    /// The tokens of who asks, or of somebody else; newest first.
    ///
    /// # Errors
    /// When the role does not allow it, or there is no such user.
    pub async fn tokens(&self, actor: &Actor, owner: Option<&str>) -> Result<Vec<ApiToken>, EngineError> {
        let owner = self.owner(actor, owner).await?;
        Ok(api_tokens::list(&mut self.store.read().await?, owner.id).await?)
    }

    /// Takes a token back: from now on it opens nothing.
    ///
    /// # Errors
    /// When the role does not allow it, or there is no such token.
    pub async fn revoke_token(&self, actor: &Actor, id: TokenId) -> Result<ApiToken, EngineError> {
        let token = api_tokens::get(&mut self.store.read().await?, id).await?;
        let action = if token.user_id == actor.id { Action::Read } else { Action::TokensOfOthers };
        self.permit(actor, action).await?;
        let mut tx = self.store.begin().await?;
        api_tokens::revoke(&mut tx, id, self.now()).await?;
        let detail = json!({ "token": id, "name": token.name });
        self.audit(&mut tx, actor, "token.revoke", detail).await?;
        tx.commit().await?;
        let revoked_at: Option<DateTime<Utc>> = token.revoked_at.or(Some(self.now()));
        Ok(ApiToken { revoked_at, ..token })
    }

    /// Who a token is or shall be of.
    async fn owner(&self, actor: &Actor, name: Option<&str>) -> Result<User, EngineError> {
        match name.filter(|name| *name != actor.name) {
            None => {
                self.permit(actor, Action::Read).await?;
                Ok(users::get(&mut self.store.read().await?, actor.id).await?)
            }
            Some(name) => {
                self.permit(actor, Action::TokensOfOthers).await?;
                self.user(name).await
            }
        }
    }
}
