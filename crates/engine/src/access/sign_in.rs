//! Signing in: with a password for a session, with a token for one request. Who fails too often has to wait.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    ids::UserSessionId,
    role::Grant,
    sign_in::{Counted, FAILURES_LAST, check_name, wait_until},
    undo::Outcome,
};
use lockstep_store::{
    Tx, api_tokens, sign_in,
    user_sessions::{self, UserSession},
    users,
};
use serde::Deserialize as _;
use serde_json::json;
use uuid::Uuid;

use super::{Access, Secret, actor_of, secret, tokens::TOKEN_PREFIX};
use crate::{
    context::{Actor, Deed, write_down},
    error::EngineError,
};

/// How long a session goes on that nobody uses.
const IDLE: TimeDelta = TimeDelta::hours(12);
/// How long a session goes on at most.
const LONGEST: TimeDelta = TimeDelta::days(7);
/// How exactly it is known when something was last used.
const USED: TimeDelta = TimeDelta::minutes(1);

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Which of the two is wrong is not said.
    #[error("the name or the password is wrong")]
    Wrong,
    /// The token opens nothing: it is none, or was taken back, or its time is over.
    #[error("this token is not valid, or no longer")]
    BadToken,
    /// The session is over, or is none.
    #[error("this session is over")]
    Over,
    /// It failed too often.
    #[error("it failed too often: the next try can be made {0} seconds from now")]
    Wait(u64),
    /// The registry failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<lockstep_store::Error> for SignInError {
    fn from(error: lockstep_store::Error) -> Self {
        Self::Engine(error.into())
    }
}

/// A session that began.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub actor: Actor,
    /// What the browser holds from now on.
    pub secret: Secret,
    /// When it ends whatever happens.
    pub expires_at: DateTime<Utc>,
}

impl Access {
    /// Signs in with a password, from an address.
    ///
    /// # Errors
    /// When name or password are wrong, or it failed too often.
    pub async fn sign_in(&self, name: &str, password: String, from: IpAddr) -> Result<SignedIn, SignInError> {
        let attempt = Attempt::of(Some(name), from);
        self.count(&attempt).await?;
        let user = users::by_name(&mut self.store.read().await?, name).await?;
        let user = user.filter(|user| user.disabled_at.is_none());
        let hashed = match &user {
            Some(user) => sign_in::password_hash(&mut self.store.read().await?, user.id).await?,
            None => None,
        };
        let is_right = self.is_password(password, hashed).await?;
        let Some(user) = user.filter(|_| is_right) else {
            return Err(self.refused(Some(name), json!({ "from": from })).await?);
        };
        let (secret, now) = (Secret::new("")?, self.now());
        let session = UserSession {
            id: UserSessionId::from(Uuid::new_v4()),
            user_id: user.id,
            session_hash: secret.hash(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + LONGEST,
            ended_at: None,
        };
        let (actor, expires_at) = (actor_of(&user), session.expires_at);
        let mut tx = self.store.begin().await?;
        attempt.succeeded(&mut tx).await?;
        user_sessions::insert(&mut tx, session).await?;
        self.audit(&mut tx, &actor, "sign_in", json!({ "from": from })).await?;
        tx.commit().await?;
        Ok(SignedIn { actor, secret, expires_at })
    }

    /// Who holds a session.
    ///
    /// # Errors
    /// When it is over, or none.
    pub async fn session(&self, held: &str) -> Result<Actor, SignInError> {
        let mut tx = self.store.read().await?;
        let session = user_sessions::by_hash(&mut tx, &secret::hash(held)).await?;
        let now = self.now();
        let goes_on = |session: &UserSession| {
            session.ended_at.is_none() && now < session.expires_at && now < session.last_seen_at + IDLE
        };
        let session = session.filter(goes_on).ok_or(SignInError::Over)?;
        let user = users::get(&mut tx, session.user_id).await?;
        drop(tx);
        if user.disabled_at.is_some() {
            return Err(SignInError::Over);
        }
        if session.last_seen_at + USED < now {
            let mut tx = self.store.begin().await?;
            user_sessions::touch(&mut tx, session.id, now).await?;
            tx.commit().await?;
        }
        Ok(actor_of(&user))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn sign_out(&self, actor: &Actor, held: &str) -> Result<(), EngineError> {
        let mut tx = self.store.begin().await?;
        if let Some(session) = user_sessions::by_hash(&mut tx, &secret::hash(held)).await?
            && user_sessions::end(&mut tx, session.id, self.now()).await?
        {
            self.audit(&mut tx, actor, "sign_out", json!({})).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Who a token is of, from an address.
    ///
    /// # Errors
    /// When it opens nothing, or others from there opened nothing too often.
    pub async fn token(&self, held: &str, from: IpAddr) -> Result<Actor, SignInError> {
        let mut tx = self.store.read().await?;
        let now = self.now();
        let token = match held.starts_with(TOKEN_PREFIX) {
            true => api_tokens::by_hash(&mut tx, &secret::hash(held)).await?,
            false => None,
        };
        let user = match &token {
            Some(token) if token.is_valid(now) => Some(users::get(&mut tx, token.user_id).await?),
            _ => None,
        };
        drop(tx);
        let (Some(token), Some(user)) = (token, user.filter(|user| user.disabled_at.is_none())) else {
            self.count(&Attempt::of(None, from)).await?;
            self.refused(None, json!({ "from": from, "with": "token" })).await?;
            return Err(SignInError::BadToken);
        };
        if token.last_used_at.is_none_or(|used| used + USED < now) {
            let mut tx = self.store.begin().await?;
            api_tokens::touch(&mut tx, token.id, now).await?;
            tx.commit().await?;
        }
        let scopes = lockstep_core::role::Scopes::deserialize(&token.scopes).map_err(EngineError::from)?;
        Ok(Actor { grant: Grant { role: user.role, scopes: Some(scopes) }, ..actor_of(&user) })
    }

    /// Counts an attempt as failed before it is known: of many at once, none slips through. One that has to wait is not
    /// counted.
    async fn count(&self, attempt: &Attempt) -> Result<(), SignInError> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        sign_in::one_at_a_time(&mut tx).await?;
        for (by, subject) in &attempt.subjects {
            let known = sign_in::failures(&mut tx, subject).await?;
            let lately = known.filter(|known| now - FAILURES_LAST < known.last_failed_at);
            let until = lately.and_then(|known| {
                wait_until(*by, u32::try_from(known.failures).unwrap_or(u32::MAX), known.last_failed_at)
            });
            if let Some(until) = until.filter(|until| now < *until) {
                let seconds = (until - now).num_seconds() + 1;
                return Err(SignInError::Wait(u64::try_from(seconds).unwrap_or(1)));
            }
            sign_in::count_failure(&mut tx, subject, now, now - FAILURES_LAST).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn refused(
        &self,
        name: Option<&str>,
        detail: serde_json::Value,
    ) -> Result<SignInError, EngineError> {
        // What is no name may be a password in the wrong field.
        let name = name.filter(|name| check_name(name).is_ok()).unwrap_or("?");
        let deed = Deed { action: "sign_in", outcome: Outcome::Refused, components: 0, detail };
        let mut tx = self.store.begin().await?;
        write_down(&mut tx, None, name, self.correlation, self.now(), deed).await?;
        tx.commit().await?;
        Ok(SignInError::Wrong)
    }
}

/// What an attempt counts for.
struct Attempt {
    subjects: Vec<(Counted, String)>,
}

impl Attempt {
    fn of(name: Option<&str>, from: IpAddr) -> Self {
        // Who has one address of IPv6 has a whole network of them.
        let from = match from.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        };
        let mut subjects = vec![(Counted::Address, format!("address:{from}"))];
        if let Some(name) = name {
            // Only what can be a name is worth keeping.
            let name = if check_name(name).is_ok() { name } else { "?" };
            subjects.push((Counted::Name, format!("name:{name}")));
            subjects.push((Counted::NameFromAddress, format!("name:{name} {from}")));
        }
        Self { subjects }
    }

    /// Takes back what was counted.
    async fn succeeded(&self, tx: &mut Tx) -> Result<(), EngineError> {
        for (by, subject) in &self.subjects {
            match by {
                Counted::NameFromAddress => sign_in::forget_failures(tx, subject).await?,
                Counted::Address | Counted::Name => sign_in::take_back_failure(tx, subject).await?,
            }
        }
        Ok(())
    }
}
