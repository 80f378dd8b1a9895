//! What is kept of a credential, and the one place where an answer of its provider becomes a state.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{
    contract::sha256_hex,
    credential::{Accepted, Consequence, CredentialStatus, Occasion, RotationPolicy, Verdict},
    ids::CredentialId,
    notification::EventType,
    undo::Outcome,
};
use lockstep_providers::vendor;
use lockstep_store::{
    Error as StoreError, Tx,
    credentials::{self, Credential, Validated},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Credentials, Known};
use crate::error::EngineError;

/// What stands in `metadata`: never a secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Metadata {
    /// The name that somebody gave it; none where a token was only seen in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) vendor: String,
    /// Where the secret is kept.
    pub(crate) reference: String,
    pub(crate) fingerprint: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) settings: BTreeMap<String, String>,
    #[serde(flatten)]
    pub(crate) accepted: Accepted,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rotated_at: Option<DateTime<Utc>>,
    /// How long a secret may be in use, where the team says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) days: Option<u16>,
    /// The last warning that was told, in days ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warned: Option<i64>,
    /// Why it is not valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Who took it back here; none where the provider did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revoked_by: Option<String>,
}

impl Metadata {
    pub(crate) fn shown_name(&self) -> String {
        let part = self.fingerprint.get(..6).unwrap_or(&self.fingerprint);
        self.name.clone().unwrap_or_else(|| format!("{}-{part}", self.vendor))
    }

    pub(super) fn policy(&self) -> RotationPolicy {
        let usual = || vendor::vendor(&self.vendor).and_then(|vendor| vendor.facts().policy.days);
        RotationPolicy { days: self.days.or_else(usual) }
    }

    /// What a provider said that takes it; what a person said of its end holds where the provider says nothing.
    pub(super) fn learn(&mut self, accepted: &Accepted) {
        self.reason = None;
        // A call that went well says no more than that.
        if *accepted != Accepted::default() {
            let expires_at = accepted.expires_at.or(self.accepted.expires_at);
            self.accepted = Accepted { expires_at, ..accepted.clone() };
        }
    }
}

/// The id of a token that was seen in use: one token is one credential, whichever process first meets it.
pub(crate) fn id_of_fingerprint(vendor: &str, fingerprint: &str) -> CredentialId {
    let digest = sha256_hex(format!("{vendor}\0{fingerprint}").as_bytes());
    let number = u128::from_str_radix(&digest[..32], 16).unwrap_or_default();
    uuid::Builder::from_custom_bytes(number.to_be_bytes()).into_uuid().into()
}

/// What an answer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Noted {
    pub(crate) before: CredentialStatus,
    pub(crate) after: CredentialStatus,
    pub(crate) consequence: Consequence,
}

impl Noted {
    /// Whether nothing was learned, or nothing was taken.
    pub(crate) fn is_void(self) -> bool {
        matches!(self.consequence, Consequence::Nothing | Consequence::NotTaken | Consequence::NeedsRotation)
    }
}

impl Credentials<'_> {
    /// Writes down what a provider's answer means for a record, with the event of a change of state. A process that
    /// learned the same a moment earlier has done it then.
    pub(crate) async fn note(
        &self,
        tx: &mut Tx,
        row: &Credential,
        verdict: &Verdict,
        occasion: Occasion,
    ) -> Result<Noted, EngineError> {
        let known = Known::of(row.clone())?;
        let mut metadata = known.metadata;
        let consequence = verdict.means(row.status, occasion);
        let mut noted = Noted { before: row.status, after: row.status, consequence };
        if noted.is_void() {
            return Ok(noted);
        }
        match verdict {
            Verdict::Accepted(accepted) => metadata.learn(accepted),
            Verdict::Refused { reason, .. } => metadata.reason = Some(reason.clone()),
            Verdict::Unclear { .. } => {}
        }
        if let Consequence::Step(to) = consequence {
            match self.step(tx, row, to, Validated::Asked).await {
                Err(EngineError::Store(StoreError::Lost { .. })) => return Ok(noted),
                stepped => stepped?,
            }
            noted.after = to;
        } else {
            credentials::record_validation(tx, row.id, self.engine.now()).await?;
        }
        self.write(tx, row, &metadata).await?;
        if noted.after != noted.before {
            self.tell_status(tx, row, &metadata, noted.after).await?;
        }
        Ok(noted)
    }

    pub(super) async fn step(
        &self,
        tx: &mut Tx,
        row: &Credential,
        to: CredentialStatus,
        validated: Validated,
    ) -> Result<(), EngineError> {
        Ok(credentials::transition(tx, row.id, row.status, to, self.engine.now(), validated).await?)
    }

    /// Writes the metadata, and when the secret is due by it.
    pub(super) async fn write(
        &self,
        tx: &mut Tx,
        row: &Credential,
        metadata: &Metadata,
    ) -> Result<(), EngineError> {
        let since = metadata.rotated_at.unwrap_or(row.created_at);
        let due = match metadata.name {
            Some(_) => metadata.policy().due(since, metadata.accepted.expires_at),
            // Nobody knows how old a token is that was only seen in use.
            None => metadata.accepted.expires_at,
        };
        Ok(credentials::set_metadata(tx, row.id, json!(metadata), due, self.engine.now()).await?)
    }

    /// Puts the event of a new state into the outbox, and into the audit log.
    pub(super) async fn tell_status(
        &self,
        tx: &mut Tx,
        row: &Credential,
        metadata: &Metadata,
        to: CredentialStatus,
    ) -> Result<(), EngineError> {
        let known = Known { row: Credential { status: to, ..row.clone() }, metadata: metadata.clone() };
        let impact = self.impact_of(tx, &known).await?;
        let name = metadata.shown_name();
        let summary = json!({
            "credential": name,
            "vendor": metadata.vendor,
            "from": row.status,
            "status": to,
            "reason": metadata.reason,
            "impact": impact.sentence(&name, self.engine.now()),
            "components": impact.dependants.components.len(),
            "next_step": known.next_step(),
        });
        self.engine.enqueue(tx, EventType::CredentialStatus, summary).await?;
        let detail = json!({ "credential": name, "from": row.status, "to": to, "reason": metadata.reason });
        self.engine.audit(tx, "credential.status", Outcome::Done, 0, detail).await
    }
}
