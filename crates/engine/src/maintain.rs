//! Tidies the registry up: by one process at a time, in bounded batches, resumable.

use lockstep_core::{notification::EventType, undo::Outcome};
use lockstep_store::{
    Tx, closed_drift,
    leases::{self, Lease},
    maintenance::{self, Batch, LEASE, LEASE_NAME, in_batches},
    snapshots::Sweep,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::{context::Engine, error::EngineError, process, progress::Stage};

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MaintenanceReport {
    /// Expired undo entries that were removed.
    pub undo_entries: u64,
    /// Snapshots that were removed, because nothing refers to them.
    pub snapshots: u64,
    /// Coverage reports over 30 days old that were archived.
    pub coverage_reports: u64,
    /// Changes that closed over 400 days ago, which were removed.
    pub closed_drift: u64,
    /// Drift-queue entries that were given up after too many attempts.
    pub drift_queue: u64,
    /// Credentials that end, have ended or should be rotated before long, of which was told.
    pub credentials: u64,
    /// The process that is at it already: nothing was done here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_by: Option<String>,
}

impl Engine {
    /// Removes what has expired. A run that is cut off goes on in the next one; while another process is at it, nothing is
    /// done.
    ///
    /// # Errors
    /// When the registry fails, or another process took over because this one gave no sign of life for a minute; the
    /// batches before that stay done.
    pub async fn maintain(&self) -> Result<MaintenanceReport, EngineError> {
        let lease = Lease {
            name: LEASE_NAME.to_owned(),
            holder: Uuid::new_v4().into(),
            process: process::token(),
            until: self.now() + LEASE,
        };
        if let Some(other) = self.take_lease(&lease).await? {
            return Ok(MaintenanceReport { held_by: Some(other.process), ..MaintenanceReport::default() });
        }
        self.progress().begin(Stage::Maintain, "");
        let done = self.maintain_holding(&lease).await;
        self.progress().end();
        let mut tx = self.store.begin().await?;
        leases::release(&mut tx, &lease).await?;
        if let Ok(report) = &done {
            self.audit(&mut tx, "maintain", Outcome::Done, 0, json!(report)).await?;
        }
        tx.commit().await?;
        done
    }

    async fn maintain_holding(&self, lease: &Lease) -> Result<MaintenanceReport, EngineError> {
        let (store, now) = (&self.store, || self.now());
        let undo =
            async |tx: &mut Tx, limit| maintenance::remove_expired_undo_entries(tx, self.now(), limit).await;
        let undo_entries = in_batches(store, lease, now, undo).await?;
        let archive = async |tx: &mut Tx, limit| maintenance::archive_coverage(tx, self.now(), limit).await;
        let coverage_reports = in_batches(store, lease, now, archive).await?;
        let forget = async |tx: &mut Tx, limit| closed_drift::remove_old(tx, self.now(), limit).await;
        let closed_drift = in_batches(store, lease, now, forget).await?;
        let give_up = async |tx: &mut Tx, limit| self.give_up_drift(tx, limit).await;
        let drift_queue = in_batches(store, lease, now, give_up).await?;
        let mut swept = Sweep::default();
        let sweep = async |tx: &mut Tx, limit| {
            maintenance::remove_unreferenced(tx, &mut swept, self.now(), limit).await
        };
        let snapshots = in_batches(store, lease, now, sweep).await?;
        let credentials = self.credentials().tell_due().await?;
        Ok(MaintenanceReport {
            undo_entries,
            snapshots,
            coverage_reports,
            closed_drift,
            drift_queue,
            credentials,
            held_by: None,
        })
    }

    async fn give_up_drift(&self, tx: &mut Tx, limit: usize) -> Result<Batch, EngineError> {
        let removed = maintenance::remove_hopeless_drift(tx, self.now(), limit).await?;
        if !removed.is_empty() {
            let components: Vec<_> = removed.iter().map(|entry| entry.component_id).collect();
            let summary = json!({ "given_up": removed.len(), "components": components });
            self.enqueue(tx, EventType::DriftDetected, summary).await?;
        }
        Ok(Batch { done: removed.len() as u64, seen: removed.len() })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use lockstep_store::{Store, snapshots};

    use super::*;
    use crate::{context::SystemClock, progress::Unwatched, workspace::Workspace};

    async fn engine(folder: &std::path::Path) -> Engine {
        let config = "[[code]]\nroot = \".\"\n\n[[design]]\nname = \"kit\"\nfile = \"kit.json\"\n";
        std::fs::write(folder.join("lockstep.toml"), config).unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.join("lockstep.db").display())).await.unwrap();
        let workspace = Workspace::open(folder).unwrap();
        Engine::open(workspace, store, "ada", Box::new(SystemClock), Box::new(Unwatched)).await.unwrap()
    }

    async fn hold(engine: &Engine, process: String) {
        let until = engine.now() + LEASE;
        let lease = Lease { name: LEASE_NAME.into(), holder: Uuid::new_v4().into(), process, until };
        let mut tx = engine.store.begin().await.unwrap();
        assert_eq!(leases::take(&mut tx, lease, engine.now()).await.unwrap(), None);
        tx.commit().await.unwrap();
    }

    async fn orphans(engine: &Engine, count: usize) {
        let mut tx = engine.store.begin().await.unwrap();
        let long_ago = engine.now() - TimeDelta::days(2);
        for number in 0..count {
            snapshots::put(&mut tx, format!("{number}").as_bytes(), long_ago).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn one_process_at_a_time_tidies_up() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path()).await;
        orphans(&engine, 30).await;
        hold(&engine, "another-machine:1:1".to_owned()).await;
        let report = engine.maintain().await.unwrap();
        assert_eq!((report.held_by.as_deref(), report.snapshots), (Some("another-machine:1:1"), 0));
    }

    #[tokio::test]
    async fn the_lease_of_a_dead_process_is_taken_over_and_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path()).await;
        orphans(&engine, 230).await;
        let (host, _) =
            process::token().rsplit_once(':').map(|(host, at)| (host.to_owned(), at.len())).unwrap();
        hold(&engine, format!("{host}:a start that this process never had")).await;
        for expected in [230, 0] {
            let report = engine.maintain().await.unwrap();
            assert_eq!((report.held_by, report.snapshots), (None, expected));
        }
    }

    #[tokio::test]
    async fn runs_at_once_remove_everything_once() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (engine(folder.path()).await, engine(folder.path()).await);
        orphans(&first, 230).await;
        let (one, other) = tokio::join!(first.maintain(), second.maintain());
        let reports = [one.unwrap(), other.unwrap()];
        assert_eq!(reports.iter().map(|report| report.snapshots).sum::<u64>(), 230, "{reports:?}");
        assert_eq!(reports.iter().filter(|report| report.held_by.is_some()).count(), 1, "{reports:?}");
    }
}
