//! Requests that are done once, however often they come: by a key that who asks has chosen.

use chrono::TimeDelta;
use lockstep_store::idempotency::{self, Claim, Standing};
use uuid::Uuid;

pub use lockstep_store::idempotency::Answer;

use super::Access;
use crate::{context::Actor, error::EngineError};

/// How long a request keeps its key without a sign of life.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// How long an answer is kept for who asks again.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// How it stands with a request that names a key.
pub enum Asked {
    /// It is the first, and is to be done.
    First(Holding),
    /// The same is being done.
    InWork,
    /// The same was done: this is what it was answered.
    Before(Answer),
    /// The key stands for another request.
    Other,
}

/// A key in the hands of the request that is done.
pub struct Holding {
    access: Access,
    claim: Claim,
}

impl Access {
    /// Claims a key of somebody for a request, of which `request_hash` has all that is asked for.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn ask_once(
        &self,
        actor: &Actor,
        key: &str,
        request_hash: String,
    ) -> Result<Asked, EngineError> {
        let now = self.now();
        let claim = Claim {
            user_id: actor.id,
            key: key.to_owned(),
            request_hash,
            // Not the request's own id, which who asks may choose.
            holder: Uuid::new_v4().into(),
            created_at: now,
            until: now + LEASE,
        };
        let mut tx = self.store.begin().await?;
        let standing = idempotency::claim(&mut tx, claim.clone()).await?;
        tx.commit().await?;
        Ok(match standing {
            Standing::Claimed => Asked::First(Holding { access: self.clone(), claim }),
            Standing::InWork => Asked::InWork,
            Standing::Answered(answer) => Asked::Before(answer),
            Standing::OtherRequest => Asked::Other,
        })
    }
}

impl Holding {
    /// How often a sign of life is due.
    pub const SIGN_OF_LIFE: std::time::Duration = std::time::Duration::from_secs(15);

    /// Keeps the key while the request is being done.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn extend(&self) -> Result<(), EngineError> {
        let mut tx = self.access.store.begin().await?;
        idempotency::extend(&mut tx, &self.claim, self.access.now() + LEASE).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps what the request was answered.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn answered(self, answer: &Answer) -> Result<(), EngineError> {
        let mut tx = self.access.store.begin().await?;
        idempotency::answer(&mut tx, &self.claim, answer, self.access.now() + KEPT).await?;
        Ok(tx.commit().await?)
    }

    /// Lets the key go: the request was refused, and changed nothing.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn let_go(self) -> Result<(), EngineError> {
        let mut tx = self.access.store.begin().await?;
        idempotency::release(&mut tx, &self.claim).await?;
        Ok(tx.commit().await?)
    }
}
