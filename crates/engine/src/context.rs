//! What every use case works with: the workspace, the registry, who acts, and the time.

use chrono::{DateTime, SubsecRound as _, Utc};
use lockstep_core::{
    ids::{AuditId, CorrelationId, UserId},
    registry::UserKind,
    role::{Action, Role},
    undo::Outcome,
};
use lockstep_store::{
    Error as StoreError, Store, Tx, audit,
    leases::{self, Lease},
    users,
};
use uuid::Uuid;

use crate::{error::EngineError, process, progress::Progress, workspace::Workspace};

/// Tells the time; tests decide it.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user's id in the registry.
    pub id: UserId,
    /// The user's name.
    pub name: String,
    /// What the user may do.
    pub role: Role,
}

/// A workspace with its registry open: the use cases are its methods, one module each.
pub struct Engine {
    /// The workspace.
    pub workspace: Workspace,
    /// The registry.
    pub store: Store,
    /// Who acts.
    pub actor: Actor,
    /// What ties everything together that one request causes.
    pub correlation: CorrelationId,
    clock: Box<dyn Clock>,
    progress: Box<dyn Progress>,
}

impl Engine {
    /// Opens a workspace's registry for the operating system's user, who is admin of it.
    ///
    /// # Errors
    /// When the registry can't be opened or brought up to date.
    pub async fn open(
        workspace: Workspace,
        store: Store,
        os_user: &str,
        clock: Box<dyn Clock>,
        progress: Box<dyn Progress>,
    ) -> Result<Self, EngineError> {
        store.migrate().await?;
        let mut tx = store.begin().await?;
        let user = users::User {
            id: UserId::from(Uuid::new_v4()),
            name: os_user.to_owned(),
            display_name: String::new(),
            role: Role::Admin,
            kind: UserKind::OsUser,
            created_at: clock.now(),
            disabled_at: None,
        };
        let user = users::ensure(&mut tx, user).await?;
        tx.commit().await?;
        let actor = Actor { id: user.id, name: user.name, role: user.role };
        Ok(Self { workspace, store, actor, correlation: Uuid::new_v4().into(), clock, progress })
    }

    /// Now, to the microsecond, as both databases keep it.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }

    /// Who watches long work.
    pub fn progress(&self) -> &dyn Progress {
        &*self.progress
    }

    /// Refuses an act that the actor's role does not allow; the refusal is in the audit log.
    pub(crate) async fn permit(&self, action: Action, components: usize) -> Result<(), EngineError> {
        let Err(refusal) = self.actor.role.allowed(action) else { return Ok(()) };
        let mut tx = self.store.begin().await?;
        let detail = serde_json::json!({ "reason": refusal.to_string() });
        self.audit(&mut tx, action.as_str(), Outcome::Refused, components, detail).await?;
        tx.commit().await?;
        Err(EngineError::refused(
            "forbidden",
            refusal.to_string(),
            "ask an admin of this workspace for that role",
        ))
    }

    /// Writes an act down in the caller's transaction. Do it last: until that ends no other act can be written down.
    pub(crate) async fn audit(
        &self,
        tx: &mut Tx,
        action: &str,
        outcome: Outcome,
        components: usize,
        detail: serde_json::Value,
    ) -> Result<(), EngineError> {
        let act = audit::Act {
            id: AuditId::from(Uuid::now_v7()),
            at: self.now(),
            actor: Some(self.actor.id),
            actor_name: self.actor.name.clone(),
            action: action.to_owned(),
            outcome,
            component_count: i64::try_from(components).unwrap_or(i64::MAX),
            correlation_id: Some(self.correlation),
            detail,
        };
        audit::append(tx, act).await?;
        Ok(())
    }

    /// Takes the lease, also from a process that has died; gives the one that lives and holds it.
    pub(crate) async fn take_lease(&self, lease: &Lease) -> Result<Option<Lease>, EngineError> {
        let mut tx = self.store.begin().await?;
        let mut held = leases::take(&mut tx, lease.clone(), self.now()).await?;
        if let Some(dead) = held.take_if(|other| !process::is_alive(&other.process)) {
            match leases::take_over(&mut tx, &dead, lease.clone()).await {
                Err(StoreError::Lost { .. }) => held = leases::held(&mut tx, &lease.name).await?,
                taken => taken?,
            }
        }
        tx.commit().await?;
        Ok(held)
    }
}
