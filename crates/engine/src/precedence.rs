//! Who goes first: a sync that nobody asked for in person gives way to one that somebody does.
//!
//! A person's sync says so before it plans, by a lock beside the registry that goes with its process, so that nothing is
//! written between the preview and the yes. Another machine's is known by its operation.

use std::fs::TryLockError;

use lockstep_core::ids::OperationId;
use lockstep_store::{operations, users};

use crate::{
    context::Engine,
    error::EngineError,
    exclusion::{Held, wait},
    process,
};

const LOCK: &str = "first.lock";

impl Engine {
    /// From now on, for as long as what is given back lives, no scheduled sync begins a component in this workspace.
    ///
    /// # Errors
    /// When the lock can't be had within a minute.
    pub async fn go_first(&self) -> Result<Held, EngineError> {
        // On a read-only disk no schedule writes either.
        let Ok(file) = self.open_lock(LOCK) else { return Ok(Held(None)) };
        wait(&file, std::fs::File::try_lock_shared).await?;
        Ok(Held(Some(file)))
    }

    /// Why a scheduled sync has to give way, if it has: to a sync that is about to begin, or to one that runs and is not
    /// itself scheduled. `own` is its own operation.
    pub(crate) async fn has_to_give_way(
        &self,
        own: Option<OperationId>,
    ) -> Result<Option<String>, EngineError> {
        let mut tx = self.store.read().await?;
        let running = operations::unfinished(&mut tx).await?;
        let is_first = |operation: &&operations::Operation| {
            let by = operation.reason["process"].as_str();
            let is_scheduled = operation.reason["scheduled"] == true;
            let lives = by.is_some_and(|by| !process::is_abandoned(operation.id.uuid(), by));
            lives && !(own.is_some() && is_scheduled) && Some(operation.id) != own
        };
        if let Some(other) = running.iter().find(is_first) {
            let by = users::list(&mut tx).await?.into_iter().find(|user| user.id == other.initiated_by);
            let by = by.map_or_else(|| "somebody".to_owned(), |user| user.name);
            let since = other.timestamp.format("%H:%M:%S");
            return Ok(Some(format!("it deferred to a sync of {by}, running since {since} UTC")));
        }
        drop(tx);
        let is_ahead =
            self.open_lock(LOCK).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
        Ok(is_ahead.then(|| "it deferred to a sync that somebody is about to make".to_owned()))
    }
}
