//! The audit log, for who reads it or checks it.

use lockstep_core::{audit::ChainedEntry, role::Action};
use lockstep_store::audit;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{access::Access, context::Actor, error::EngineError};

/// What a check of the audit log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AuditCheck {
    /// How many entries hold, from the first on.
    pub verified: i64,
    /// The hash of the last one that holds: written down elsewhere, it also tells when the newest entries are cut off.
    pub head: String,
    /// What is wrong with the first one that does not, if any.
    pub tampering: Option<String>,
}

impl Access {
    /// At most `limit` entries, newest first, from the newest or before a place.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails.
    pub async fn audit_log(
        &self,
        actor: &Actor,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ChainedEntry>, EngineError> {
        self.permit(actor, Action::Read).await?;
        Ok(audit::list(&mut self.store().read().await?, before, limit).await?)
    }

    /// Holds every entry against its hash and against the one before it.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails. Tampering is no error: it is what is looked for.
    pub async fn check_audit_log(&self, actor: &Actor) -> Result<AuditCheck, EngineError> {
        self.permit(actor, Action::Read).await?;
        let found = audit::verify(&mut self.store().read().await?).await?;
        Ok(AuditCheck {
            verified: found.verified,
            head: found.head,
            tampering: found.tampering.map(|tampering| tampering.to_string()),
        })
    }
}
