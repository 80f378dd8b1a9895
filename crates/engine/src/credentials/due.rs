//! What time does to credentials: warnings ahead, and their end.

use lockstep_core::{
    credential::{CredentialStatus, warning},
    notification::EventType,
};
use lockstep_store::credentials::Validated;
use serde_json::json;

use super::{Credentials, Known};
use crate::error::EngineError;

impl Credentials<'_> {
    /// Tells, once each, which credentials end or should be rotated before long, and which have ended. Gives how many
    /// were told of.
    ///
    /// # Errors
    /// When the registry fails.
    pub(crate) async fn tell_due(&self) -> Result<u64, EngineError> {
        let all = self.all(&mut self.engine.store.read().await?).await?;
        let mut told = 0;
        for known in all.iter().filter(|known| known.row.status == CredentialStatus::Valid) {
            told += u64::from(self.tell_one(known).await?);
        }
        Ok(told)
    }

    async fn tell_one(&self, known: &Known) -> Result<bool, EngineError> {
        let now = self.engine.now();
        let (row, mut metadata) = (&known.row, known.metadata.clone());
        if metadata.accepted.expires_at.is_some_and(|end| end <= now) {
            let mut tx = self.engine.store.begin().await?;
            self.step(&mut tx, row, CredentialStatus::Expired, Validated::NotAsked).await?;
            metadata.reason = Some("its time is over".to_owned());
            self.write(&mut tx, row, &metadata).await?;
            self.tell_status(&mut tx, row, &metadata, CredentialStatus::Expired).await?;
            tx.commit().await?;
            return Ok(true);
        }
        let Some(days) = row.rotation_due.and_then(|due| warning(due, now, metadata.warned)) else {
            return Ok(false);
        };
        let mut tx = self.engine.store.begin().await?;
        metadata.warned = Some(days);
        self.write(&mut tx, row, &metadata).await?;
        let impact = self.impact_of(&mut tx, known).await?;
        let summary = json!({
            "credential": known.name(),
            "vendor": metadata.vendor,
            "status": row.status,
            "days": days,
            "rotation_due": row.rotation_due,
            "impact": impact.sentence(&known.name(), now),
            "components": impact.dependants.components.len(),
            "next_step": known.next_step(),
        });
        self.engine.enqueue(&mut tx, EventType::CredentialStatus, summary).await?;
        tx.commit().await?;
        Ok(true)
    }
}
