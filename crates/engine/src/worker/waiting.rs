//! What waits in the drift queue, for people to see.

use chrono::{DateTime, Utc};
use lockstep_core::{ids::ComponentId, queue::EntryState};
use lockstep_store::{components, drift_queue, evaluations};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::Worker;
use crate::error::EngineError;

/// A component in the drift queue.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Waiting {
    /// The component's id.
    pub id: ComponentId,
    /// Its name; none when it is in the registry no more.
    pub component: Option<String>,
    /// How it stands.
    pub state: EntryState,
    /// Since when it waits.
    pub queued_at: DateTime<Utc>,
    /// How often it was begun since it last changed.
    pub attempts: i64,
    /// When it was last begun.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// Who is at it.
    pub worker: Option<String>,
    /// Until when the worker has it, or when it is tried again.
    pub until: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    pub reason: Option<String>,
}

impl Worker {
    /// Everything in the drift queue, longest waiting first.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, EngineError> {
        let mut tx = self.store.read().await?;
        let entries = drift_queue::named(&mut tx).await?;
        let waiting = |entry: drift_queue::NamedEntry| {
            let state = EntryState::of(entry.attempt_count, entry.leased_by.is_some());
            Waiting {
                id: entry.component_id,
                component: entry.name,
                state,
                queued_at: entry.queued_at,
                attempts: entry.attempt_count,
                last_attempt_at: entry.last_attempt_at,
                worker: entry.leased_by,
                until: entry.leased_until.filter(|_| state != EntryState::Failed),
                reason: entry.last_error,
            }
        };
        Ok(entries.into_iter().map(waiting).collect())
    }

    /// Lets failed components be tried again at once: those of these names, or all. Gives how many those are.
    ///
    /// # Errors
    /// When there is no component of a name, or the registry fails.
    pub async fn retry(&self, names: &[String]) -> Result<u64, EngineError> {
        let mut tx = self.store.begin().await?;
        let mut ids = Vec::new();
        for name in names {
            let found = components::by_name(&mut tx, name).await?;
            let found = found.ok_or_else(|| {
                EngineError::not_found(
                    format!("there is no component `{name}`"),
                    "`lockstep queue` lists what waits",
                )
            })?;
            ids.push(found.id);
        }
        let retried = drift_queue::retry(&mut tx, &ids).await?;
        tx.commit().await?;
        Ok(retried)
    }

    /// Puts every component that stands for a design component into the queue, as when an ignore has run out: nothing
    /// has to have changed. Gives how many those are.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn queue_all(&self) -> Result<usize, EngineError> {
        let mut tx = self.store.begin().await?;
        let linked = evaluations::linked(&mut tx).await?;
        let count = linked.len();
        let entries = linked.into_iter().map(|id| (Uuid::now_v7().into(), id)).collect();
        drift_queue::enqueue(&mut tx, entries, self.now()).await?;
        tx.commit().await?;
        Ok(count)
    }
}
