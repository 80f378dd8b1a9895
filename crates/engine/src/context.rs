//! What every use case works with: the workspace, the registry, who acts, and the time.

use chrono::{DateTime, SubsecRound as _, Utc};
use lockstep_core::{
    ids::{AuditId, CorrelationId, UserId},
    role::{Action, Grant, NotGranted},
    undo::Outcome,
};
use lockstep_store::{
    Error as StoreError, Store, Tx, audit,
    leases::{self, Lease},
};
use uuid::Uuid;

use crate::{
    access, error::EngineError, process, progress::Progress, secret::Variable, workspace::Workspace,
};

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

/// The machine's clock, put forward by as much as a test says.
#[cfg(test)]
#[derive(Debug, Clone, Default)]
pub(crate) struct Ahead(std::sync::Arc<std::sync::Mutex<chrono::TimeDelta>>);

#[cfg(test)]
impl Ahead {
    pub(crate) fn pass(&self, time: chrono::TimeDelta) {
        *self.0.lock().unwrap() += time;
    }
}

#[cfg(test)]
impl Clock for Ahead {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + *self.0.lock().unwrap()
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user's id in the registry.
    pub id: UserId,
    /// The user's name.
    pub name: String,
    /// What the user may do, here and now.
    pub grant: Grant,
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
    environment: Environment,
}

/// Gives the variables that are set to something.
pub type Environment = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

fn process_environment() -> Environment {
    Box::new(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
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
        let actor = access::os_user(&store, os_user, clock.now()).await?;
        Ok(Self::of(workspace, store, actor, Uuid::new_v4().into(), clock, progress))
    }

    /// The same for somebody who is known already, as part of a request, where the registry's tables are up to date.
    pub fn of(
        workspace: Workspace,
        store: Store,
        actor: Actor,
        correlation: CorrelationId,
        clock: Box<dyn Clock>,
        progress: Box<dyn Progress>,
    ) -> Self {
        let environment = process_environment();
        Self { workspace, store, actor, correlation, clock, progress, environment }
    }

    /// The same in another environment than the process's own.
    #[must_use]
    pub fn in_environment(self, environment: Environment) -> Self {
        Self { environment, ..self }
    }

    /// The environment, for references to secrets.
    pub(crate) fn environment(&self) -> Variable<'_> {
        &*self.environment
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
        permit(&self.store, &self.actor, self.correlation, self.now(), action, components).await
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
        let deed = Deed { action, outcome, components, detail };
        write_down(tx, Some(self.actor.id), &self.actor.name, self.correlation, self.now(), deed).await
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

/// What is to be written down of an act.
pub(crate) struct Deed<'a> {
    pub(crate) action: &'a str,
    pub(crate) outcome: Outcome,
    pub(crate) components: usize,
    pub(crate) detail: serde_json::Value,
}

/// Writes an act down in the caller's transaction.
pub(crate) async fn write_down(
    tx: &mut Tx,
    actor: Option<UserId>,
    name: &str,
    correlation: CorrelationId,
    at: DateTime<Utc>,
    deed: Deed<'_>,
) -> Result<(), EngineError> {
    let act = audit::Act {
        id: AuditId::from(Uuid::now_v7()),
        at,
        actor,
        actor_name: name.to_owned(),
        action: deed.action.to_owned(),
        outcome: deed.outcome,
        component_count: i64::try_from(deed.components).unwrap_or(i64::MAX),
        correlation_id: Some(correlation),
        detail: deed.detail,
    };
    audit::append(tx, act).await?;
    Ok(())
}

/// Refuses an act that is not granted; the refusal is in the audit log.
pub(crate) async fn permit(
    store: &Store,
    actor: &Actor,
    correlation: CorrelationId,
    at: DateTime<Utc>,
    action: Action,
    components: usize,
) -> Result<(), EngineError> {
    let Err(refusal) = actor.grant.allowed(action) else { return Ok(()) };
    let detail = serde_json::json!({ "reason": refusal.to_string() });
    let deed = Deed { action: action.as_str(), outcome: Outcome::Refused, components, detail };
    let mut tx = store.begin().await?;
    write_down(&mut tx, Some(actor.id), &actor.name, correlation, at, deed).await?;
    tx.commit().await?;
    let hint = match refusal {
        NotGranted::Role(_) => "ask an admin for that role",
        NotGranted::Scope(_) => "use a token with that scope: `lockstep token create` makes one",
    };
    Err(EngineError::refused("forbidden", refusal.to_string(), hint))
}
