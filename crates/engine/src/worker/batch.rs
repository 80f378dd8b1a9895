//! Some components at once: taken, evaluated, and recorded in one transaction with their leaving the queue.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ComponentId, DesignId, QueueEntryId},
    notification::{EventType, burst},
    queue::retry_delay,
};
use lockstep_store::{
    Error as StoreError, Tx, baselines,
    drift_queue::{self, QueueEntry, Standing},
    evaluations::{self, Stamp},
};
use uuid::Uuid;

use super::{Done, Ended, LEASE, Worker};
use crate::{
    error::EngineError,
    evaluate::{CanNotEvaluate, Evidence, JudgedBy, Verdict, evaluate, judged_by},
    failpoint, notify,
    registry::{baseline_of, baseline_row},
};

/// How often a transaction is tried that another one got in the way of.
const TRIES: usize = 5;

/// A component that was taken, with what came of evaluating it.
struct Taken {
    entry: QueueEntry,
    name: Option<String>,
    /// What the registry held of it then; nothing when it is not there.
    stamp: Option<Stamp>,
    verdict: Result<Verdict, String>,
}

/// What a component's evaluation starts from.
struct Found {
    entry: QueueEntry,
    name: Option<String>,
    stamp: Option<Stamp>,
    evidence: Result<Option<Evidence>, CanNotEvaluate>,
}

impl Worker {
    /// Takes and evaluates at most so many components. Nothing when there is nothing to take.
    pub(super) async fn batch(&self, by: &str, size: usize) -> Result<Vec<Done>, EngineError> {
        let mut tx = self.store.begin().await?;
        let now = self.now();
        let claimed = drift_queue::claim(&mut tx, by, now, now + LEASE, size).await?;
        tx.commit().await?;
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        failpoint::pass("worker.claimed")?;
        let found = self.find(claimed).await?;
        let at = self.now();
        let mut evaluating = tokio::task::spawn_blocking(move || {
            found.into_iter().map(|found| found.evaluated(at)).collect::<Vec<Taken>>()
        });
        let taken = loop {
            tokio::select! {
                taken = &mut evaluating => break taken,
                () = tokio::time::sleep(LEASE.to_std().unwrap_or_default() / 3) => self.renew(by).await?,
            }
        };
        let taken = taken.map_err(|error| EngineError::Bug(format!("an evaluation died: {error}")))?;
        failpoint::pass("worker.evaluated")?;
        for _ in 1..TRIES {
            match self.record(&taken, at).await {
                Err(EngineError::Store(StoreError::Busy { .. })) => {}
                ended => return ended,
            }
        }
        self.record(&taken, at).await
    }

    async fn renew(&self, by: &str) -> Result<(), EngineError> {
        let mut tx = self.store.begin().await?;
        drift_queue::renew(&mut tx, by, self.now() + LEASE).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Loads what the registry holds of the components, as it is at one moment.
    async fn find(&self, claimed: Vec<QueueEntry>) -> Result<Vec<Found>, EngineError> {
        let ids: Vec<ComponentId> = claimed.iter().map(|entry| entry.component_id).collect();
        let mut tx = self.store.read().await?;
        let mut recorded = evaluations::recorded(&mut tx, &ids).await?;
        let mut stamps = evaluations::stamps(&mut tx, &ids).await?;
        let mut baselines: BTreeMap<ComponentId, baselines::Baseline> =
            baselines::of_components(&mut tx, &ids)
                .await?
                .into_iter()
                .map(|row| (row.component_id, row))
                .collect();
        let judged: BTreeMap<ComponentId, Result<Option<JudgedBy>, CanNotEvaluate>> =
            recorded.iter().map(|(id, recorded)| (*id, judged_by(recorded))).collect();
        let designs: Vec<DesignId> = judged
            .values()
            .filter_map(|judged| judged.as_ref().ok()?.as_ref().map(|judged| judged.design))
            .collect();
        let designs = evaluations::designs(&mut tx, &designs).await?;
        drop(tx);
        let mut judged = judged;
        claimed
            .into_iter()
            .map(|entry| {
                let id = entry.component_id;
                let recorded = recorded.remove(&id);
                let name = recorded.as_ref().map(|recorded| recorded.name.clone());
                let baseline = baselines.remove(&id).map(baseline_of).transpose()?;
                let evidence = match (recorded, judged.remove(&id)) {
                    (Some(recorded), Some(judged)) => judged.map(|judged_by| {
                        let design =
                            judged_by.as_ref().and_then(|judged_by| designs.get(&judged_by.design)).cloned();
                        Some(Evidence { recorded, judged_by, design, baseline })
                    }),
                    _ => Ok(None),
                };
                Ok(Found { stamp: stamps.remove(&id), entry, name, evidence })
            })
            .collect()
    }

    /// Records what was found of the components that are as they were when they were taken, and lets the others wait
    /// again, all in one transaction.
    async fn record(&self, taken: &[Taken], at: DateTime<Utc>) -> Result<Vec<Done>, EngineError> {
        let mut tx = self.store.begin().await?;
        let entries: Vec<QueueEntry> = taken.iter().map(|taken| taken.entry.clone()).collect();
        let standings = drift_queue::hold(&mut tx, &entries).await?;
        let held: Vec<ComponentId> = entries
            .iter()
            .zip(&standings)
            .filter(|(_, standing)| **standing != Standing::Lost)
            .map(|(entry, _)| entry.component_id)
            .collect();
        let stamps = evaluations::lock(&mut tx, &held).await?;
        let mut ending = Ending::default();
        let mut done = Vec::new();
        for (taken, standing) in taken.iter().zip(standings) {
            let now = stamps.get(&taken.entry.component_id);
            let ended = self.ended(&mut tx, taken, standing, now, at, &mut ending).await?;
            done.push(Done {
                id: taken.entry.component_id,
                component: taken.name.clone().unwrap_or_else(|| taken.entry.component_id.to_string()),
                change: taken.entry.changes,
                attempt: taken.entry.attempt_count,
                ended,
            });
        }
        ending.write(&mut tx, self, at).await?;
        failpoint::pass("worker.recording")?;
        tx.commit().await?;
        failpoint::pass("worker.recorded")?;
        Ok(done)
    }

    async fn ended(
        &self,
        tx: &mut Tx,
        taken: &Taken,
        standing: Standing,
        now: Option<&Stamp>,
        at: DateTime<Utc>,
        ending: &mut Ending,
    ) -> Result<Ended, EngineError> {
        let id = taken.entry.id;
        match standing {
            Standing::Lost => return Ok(Ended::Lost),
            Standing::Held if now == taken.stamp.as_ref() => {}
            Standing::Held | Standing::Changed => {
                ending.changed.push(id);
                return Ok(Ended::Changed);
            }
        }
        if now.is_none_or(|now| now.gone_at.is_some()) {
            ending.finished.push(id);
            return Ok(Ended::Gone);
        }
        match &taken.verdict {
            Ok(verdict) => {
                ending.finished.push(id);
                ending.verdict(taken, verdict, at);
                Ok(Ended::Evaluated {
                    mapping_status: verdict.status,
                    changes: verdict.changes,
                    appeared: verdict.appeared,
                    resolved: verdict.resolved,
                })
            }
            Err(reason) => {
                let delay = retry_delay(taken.entry.attempt_count, jitter());
                let retry_at = delay.map(|delay| self.now() + delay);
                drift_queue::fail(tx, id, reason, retry_at.unwrap_or_else(|| self.now())).await?;
                Ok(Ended::Failed { reason: reason.clone(), retry_at })
            }
        }
    }
}

impl Found {
    fn evaluated(self, at: DateTime<Utc>) -> Taken {
        let Self { entry, name, stamp, evidence } = self;
        let verdict = match evidence {
            Ok(Some(evidence)) => evaluate(evidence, at),
            // It is gone, which the stamp says.
            Ok(None) => Err(CanNotEvaluate::NotJudged),
            Err(error) => Err(error),
        };
        Taken { entry, name, stamp, verdict: verdict.map_err(|error| error.to_string()) }
    }
}

/// What a batch writes.
#[derive(Default)]
struct Ending {
    finished: Vec<QueueEntryId>,
    changed: Vec<QueueEntryId>,
    evaluated: Vec<evaluations::Evaluated>,
    baselines: Vec<baselines::Baseline>,
    /// The components with drift that was first seen now, and how much that is.
    appeared: Vec<(String, usize)>,
}

impl Ending {
    fn verdict(&mut self, taken: &Taken, verdict: &Verdict, at: DateTime<Utc>) {
        self.evaluated.extend(verdict.evaluated.clone());
        if let Some((baseline, design)) = &verdict.baseline {
            let component = taken.entry.component_id;
            self.baselines.push(baseline_row(component, baseline, Some(*design), None, at));
        }
        if verdict.appeared > 0 {
            self.appeared.extend(taken.name.clone().map(|name| (name, verdict.appeared)));
        }
    }

    async fn write(self, tx: &mut Tx, worker: &Worker, at: DateTime<Utc>) -> Result<(), EngineError> {
        evaluations::record(tx, self.evaluated, at).await?;
        baselines::put(tx, self.baselines).await?;
        drift_queue::finish(tx, &self.finished).await?;
        drift_queue::requeue(tx, &self.changed).await?;
        if !self.appeared.is_empty() {
            let each: Vec<(&str, usize)> =
                self.appeared.iter().map(|(name, changes)| (name.as_str(), *changes)).collect();
            let summary = burst::drift(&each);
            notify::enqueue(tx, EventType::DriftDetected, summary, worker.correlation, worker.now()).await?;
        }
        Ok(())
    }
}

/// A number from 0 to 1.
fn jitter() -> f64 {
    f64::from(Uuid::new_v4().as_fields().0) / f64::from(u32::MAX)
}
