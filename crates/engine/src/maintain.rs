//! Tidies the registry up: in bounded batches, resumable, safe on two machines at once.

use lockstep_core::{notification::EventType, undo::Outcome};
use lockstep_store::maintenance;
use serde::Serialize;
use serde_json::json;

use crate::{context::Engine, error::EngineError};

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MaintenanceReport {
    /// Expired undo entries that were removed.
    pub undo_entries: u64,
    /// Snapshots that were removed, because nothing refers to them.
    pub snapshots: u64,
    /// Coverage reports over 30 days old that were archived.
    pub coverage_reports: u64,
    /// Drift-queue entries that were given up after too many attempts.
    pub drift_queue: u64,
}

impl Engine {
    /// Removes what has expired. A run that is cut off goes on in the next one.
    ///
    /// # Errors
    /// When the registry fails; the batches before that stay done.
    pub async fn maintain(&self) -> Result<MaintenanceReport, EngineError> {
        let batch = maintenance::MAINTENANCE_BATCH as u64;
        let mut report = MaintenanceReport::default();
        loop {
            let mut tx = self.store.begin().await?;
            let removed = maintenance::remove_expired_undo_entries(&mut tx, self.now()).await?;
            tx.commit().await?;
            report.undo_entries += removed;
            if removed < batch {
                break;
            }
        }
        loop {
            let mut tx = self.store.begin().await?;
            let archived = maintenance::archive_coverage(&mut tx, self.now()).await?;
            tx.commit().await?;
            report.coverage_reports += archived;
            if archived < batch {
                break;
            }
        }
        loop {
            let given_up = self.give_up_drift().await?;
            report.drift_queue += given_up;
            if given_up < batch {
                break;
            }
        }
        loop {
            let mut tx = self.store.begin().await?;
            let removed = maintenance::remove_unreferenced_snapshots(&mut tx, self.now()).await?;
            tx.commit().await?;
            report.snapshots += removed;
            if removed < batch {
                break;
            }
        }
        let mut tx = self.store.begin().await?;
        self.audit(&mut tx, "maintain", Outcome::Done, 0, json!(report)).await?;
        tx.commit().await?;
        Ok(report)
    }

    async fn give_up_drift(&self) -> Result<u64, EngineError> {
        let mut tx = self.store.begin().await?;
        let removed = maintenance::remove_hopeless_drift(&mut tx, self.now()).await?;
        if !removed.is_empty() {
            let components: Vec<_> = removed.iter().map(|entry| entry.component_id).collect();
            let summary = json!({ "given_up": removed.len(), "components": components });
            self.enqueue(&mut tx, EventType::DriftDetected, summary).await?;
        }
        tx.commit().await?;
        Ok(removed.len() as u64)
    }
}
