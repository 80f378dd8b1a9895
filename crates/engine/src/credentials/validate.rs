//! Asking providers whether credentials still hold.

use lockstep_core::{
    credential::{CredentialStatus, Occasion, Verdict},
    role::Action,
    undo::Outcome,
};
use lockstep_providers::secret::{SecretReference, fingerprint};
use lockstep_store::credentials;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::{CredentialView, Credentials, Known};
use crate::error::EngineError;

/// What came of asking a provider.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Validation {
    /// The credential as it is now.
    pub credential: CredentialView,
    /// `accepted`, `refused` or `unclear`.
    pub outcome: &'static str,
    /// The state before.
    pub before: CredentialStatus,
    /// Why it is not `accepted`: a stable code where nothing was learned, and what happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Validation {
    pub(super) fn new(credential: CredentialView, before: CredentialStatus, verdict: &Verdict) -> Self {
        let (outcome, code, reason) = match verdict {
            Verdict::Accepted(_) => ("accepted", None, None),
            Verdict::Refused { reason, .. } => ("refused", None, Some(reason.clone())),
            Verdict::Unclear { code, reason } => ("unclear", Some(*code), Some(reason.clone())),
        };
        Self { credential, outcome, before, code, reason }
    }
}

impl Credentials<'_> {
    /// Asks the provider of a credential. Where it can't be asked, nothing changes.
    ///
    /// # Errors
    /// When the role does not allow it, there is no such credential, it was taken back, its secret is not there, or the
    /// registry fails.
    pub async fn validate(&self, name: &str) -> Result<Validation, EngineError> {
        self.engine.permit(Action::Credentials, 0).await?;
        self.validate_known(self.find(name).await?).await
    }

    /// The same of all that somebody added and that were not taken back, one after another.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails. What is wrong with one of them stops no other.
    pub async fn validate_all(&self) -> Result<Vec<Validation>, EngineError> {
        self.engine.permit(Action::Credentials, 0).await?;
        let all = self.all(&mut self.engine.store.read().await?).await?;
        let mut validations = Vec::new();
        for known in all {
            if known.metadata.name.is_none() || known.metadata.revoked_by.is_some() {
                continue;
            }
            let (view, before) = (known.view(self.engine.now()), known.row.status);
            validations.push(match self.validate_known(known).await {
                Ok(validation) => validation,
                Err(EngineError::Refused { code, message, .. }) => {
                    Validation::new(view, before, &Verdict::Unclear { code, reason: message })
                }
                Err(error) => return Err(error),
            });
        }
        Ok(validations)
    }

    async fn validate_known(&self, known: Known) -> Result<Validation, EngineError> {
        let name = known.name();
        let reference = SecretReference::parse(&known.metadata.reference);
        if let Some(who) = &known.metadata.revoked_by {
            let message = format!("`{name}` was revoked by {who}: it makes no calls");
            return Err(EngineError::refused("credential-revoked", message, known.next_step()));
        }
        let reference = reference.ok_or_else(|| EngineError::Bug(format!("`{name}` has no reference")))?;
        let secret = self.resolve(&reference)?;
        let found = fingerprint(&secret);
        let verdict = self.ask(known.vendor()?, &known.settings(), &secret).await?;
        // Another secret at the same place that is taken: somebody has rotated it there.
        let is_other = found != known.metadata.fingerprint;
        let occasion = match verdict {
            Verdict::Accepted(_) if is_other => Occasion::Rotation,
            _ => Occasion::Check,
        };
        let mut tx = self.engine.store.begin().await?;
        let mut row = credentials::get(&mut tx, known.row.id).await?;
        let before = row.status;
        if occasion == Occasion::Rotation {
            let mut metadata = Known::of(row.clone())?.metadata;
            metadata.fingerprint = found;
            metadata.rotated_at = Some(self.engine.now());
            metadata.accepted.expires_at = None;
            metadata.warned = None;
            self.write(&mut tx, &row, &metadata).await?;
            row = credentials::get(&mut tx, row.id).await?;
        }
        let noted = self.note(&mut tx, &row, &verdict, occasion).await?;
        let outcome = if noted.is_void() { Outcome::Failed } else { Outcome::Done };
        let validation = Validation::new(self.view_in(&mut tx, row.id).await?, before, &verdict);
        let detail = json!({
            "credential": name, "outcome": validation.outcome, "reason": validation.reason,
            "status": validation.credential.status,
        });
        self.engine.audit(&mut tx, "credential.validate", outcome, 0, detail).await?;
        tx.commit().await?;
        Ok(validation)
    }
}
