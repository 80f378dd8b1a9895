//! A new secret in the place of the old one, and taking one back.

use chrono::{DateTime, Utc};
use lockstep_core::{
    credential::{CredentialStatus, Occasion, Verdict},
    ids::CredentialId,
    role::Action,
    step::Machine as _,
    undo::Outcome,
};
use lockstep_providers::secret::{SecretReference, fingerprint};
use lockstep_store::{
    ReadTx, Tx, channels,
    credentials::{self, Validated},
};
use serde_json::json;

use super::{
    CredentialView, Credentials, Known, NewSecret, Validation,
    add::{entry_name, is_entry_of, seal_problem},
};
use crate::error::EngineError;

/// A secret that shall take the place of another.
pub struct RotateRequest {
    /// The new one; none where it stands at the old one's place already.
    pub secret: Option<NewSecret>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Credentials<'_> {
    /// Puts a new secret in the old one's place, once its provider has taken it. Until then, and whatever goes wrong, the
    /// old one stays.
    ///
    /// # Errors
    /// When the role does not allow it, there is no such credential, the provider refuses the new secret or can't be
    /// asked, or the registry or the sealed file fails.
    pub async fn rotate(&self, name: &str, request: RotateRequest) -> Result<Validation, EngineError> {
        self.engine.permit(Action::Credentials, 0).await?;
        let known = self.find(name).await?;
        let name = known.name();
        let new = match request.secret {
            Some(secret) => secret,
            None => NewSecret::Kept(kept(&known)?),
        };
        let secret = self.value_of(&new)?;
        let found = fingerprint(&secret);
        refuse_the_same(&known, &found)?;
        let verdict = self.ask(known.vendor()?, &known.settings(), &secret).await?;
        if !matches!(verdict, Verdict::Accepted(_)) {
            return self.not_taken(&known, &verdict).await;
        }
        let reference = match &new {
            NewSecret::Kept(reference) => reference.clone(),
            NewSecret::Given(secret) => {
                let entry = entry_name(&name, next_number(&known.metadata.reference));
                self.sealed().put(&entry, secret).map_err(seal_problem)?;
                SecretReference::Sealed(entry)
            }
        };
        let mut tx = self.engine.store.begin().await?;
        let row = credentials::get(&mut tx, known.row.id).await?;
        if row.updated_at != known.row.updated_at && row.metadata != known.row.metadata {
            let message = format!("somebody else has just changed `{name}`");
            return Err(EngineError::refused(
                "changed-meanwhile",
                message,
                "look at it, and rotate it again if need be",
            ));
        }
        let mut metadata = known.metadata.clone();
        metadata.reference = reference.to_string();
        metadata.fingerprint = found;
        metadata.rotated_at = Some(self.engine.now());
        metadata.accepted.expires_at = request.expires_at;
        (metadata.warned, metadata.revoked_by, metadata.reason) = (None, None, None);
        self.write(&mut tx, &row, &metadata).await?;
        let row = credentials::get(&mut tx, row.id).await?;
        self.note(&mut tx, &row, &verdict, Occasion::Rotation).await?;
        let detail = json!({
            "credential": name, "from": known.metadata.fingerprint, "to": metadata.fingerprint,
            "reference": metadata.reference,
        });
        self.engine.audit(&mut tx, "credential.rotate", Outcome::Done, 0, detail).await?;
        let view = self.view_in(&mut tx, row.id).await?;
        tx.commit().await?;
        // The old one may go now; one that can't be forgotten is used by nobody.
        let current = metadata.reference;
        _ = self.sealed().forget(|entry| is_entry_of(entry, &name) && current != format!("sealed:{entry}"));
        Ok(Validation::new(view, known.row.status, &verdict))
    }

    async fn not_taken(&self, known: &Known, verdict: &Verdict) -> Result<Validation, EngineError> {
        let name = known.name();
        let (code, reason) = match verdict {
            Verdict::Unclear { code, reason } => (*code, reason.clone()),
            Verdict::Refused { reason, .. } => ("secret-refused", reason.clone()),
            Verdict::Accepted(_) => ("accepted", String::new()),
        };
        let mut tx = self.engine.store.begin().await?;
        let detail = json!({ "credential": name, "reason": reason });
        self.engine.audit(&mut tx, "credential.rotate", Outcome::Failed, 0, detail).await?;
        tx.commit().await?;
        let message = format!("the new secret of `{name}` was not taken: {reason}");
        Err(EngineError::refused(
            code,
            message,
            "the old one is as it was; try again with one that its provider takes",
        ))
    }

    /// Takes a credential back: from now on nothing is done with it. What was sealed is forgotten.
    ///
    /// # Errors
    /// When the role does not allow it, there is no such credential, or it is not valid.
    pub async fn revoke(&self, name: &str) -> Result<CredentialView, EngineError> {
        self.engine.permit(Action::Credentials, 0).await?;
        let known = self.find(name).await?;
        let name = known.name();
        if known.row.status.step(CredentialStatus::Revoked).is_err() {
            let message = format!("`{name}` is {}: nothing is done with it", known.row.status);
            let hint = format!("`lockstep credential remove {name}` forgets it");
            return Err(EngineError::refused("not-valid", message, hint));
        }
        let mut tx = self.engine.store.begin().await?;
        let row = credentials::get(&mut tx, known.row.id).await?;
        self.step(&mut tx, &row, CredentialStatus::Revoked, Validated::NotAsked).await?;
        let mut metadata = known.metadata.clone();
        metadata.revoked_by = Some(self.engine.actor.name.clone());
        metadata.reason = Some(format!("revoked by {}", self.engine.actor.name));
        self.write(&mut tx, &row, &metadata).await?;
        self.tell_status(&mut tx, &row, &metadata, CredentialStatus::Revoked).await?;
        let detail = json!({ "credential": name, "fingerprint": metadata.fingerprint });
        self.engine.audit(&mut tx, "credential.revoke", Outcome::Done, 0, detail).await?;
        let view = self.view_in(&mut tx, row.id).await?;
        tx.commit().await?;
        self.forget_sealed(&known)?;
        Ok(view)
    }

    /// Forgets a credential that is not valid.
    ///
    /// # Errors
    /// When the role does not allow it, there is no such credential, it is valid, or a channel sends with it.
    pub async fn remove(&self, name: &str) -> Result<CredentialView, EngineError> {
        self.engine.permit(Action::Credentials, 0).await?;
        let known = self.find(name).await?;
        let name = known.name();
        if known.row.status == CredentialStatus::Valid {
            let hint = format!("take it back first: `lockstep credential revoke {name}`");
            return Err(EngineError::refused("still-valid", format!("`{name}` is valid"), hint));
        }
        let mut tx = self.engine.store.begin().await?;
        if let Some(channel) = channel_of(&mut tx, known.row.id).await? {
            let message = format!("the channel `{channel}` sends with `{name}`");
            let hint = format!("`lockstep credential rotate {name}` gives it a new secret instead");
            return Err(EngineError::refused("in-use", message, hint));
        }
        credentials::remove(&mut tx, known.row.id).await?;
        let detail = json!({ "credential": name, "fingerprint": known.metadata.fingerprint });
        self.engine.audit(&mut tx, "credential.remove", Outcome::Done, 0, detail).await?;
        tx.commit().await?;
        self.forget_sealed(&known)?;
        Ok(known.view(self.engine.now()))
    }

    fn forget_sealed(&self, known: &Known) -> Result<(), EngineError> {
        match &known.metadata.name {
            Some(name) if known.metadata.reference.starts_with("sealed:") => {
                self.sealed().forget(|entry| is_entry_of(entry, name)).map_err(seal_problem)
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn view_in(&self, tx: &mut Tx, id: CredentialId) -> Result<CredentialView, EngineError> {
        Ok(Known::of(credentials::get(tx, id).await?)?.view(self.engine.now()))
    }
}

async fn channel_of(tx: &mut ReadTx, id: CredentialId) -> Result<Option<String>, EngineError> {
    let all = channels::list(tx).await?;
    Ok(all.into_iter().find(|channel| channel.credential_id == Some(id)).map(|channel| channel.name))
}

/// The place of the old secret, where a new one may stand by now.
fn kept(known: &Known) -> Result<SecretReference, EngineError> {
    let reference = SecretReference::parse(&known.metadata.reference);
    reference.filter(|reference| !matches!(reference, SecretReference::Sealed(_))).ok_or_else(|| {
        EngineError::refused(
            "no-secret",
            format!("the secret of `{}` is sealed: there is no place to look for a new one", known.name()),
            "give it on standard input, or name its place with --from",
        )
    })
}

fn refuse_the_same(known: &Known, found: &str) -> Result<(), EngineError> {
    if known.metadata.fingerprint != found {
        return Ok(());
    }
    let name = known.name();
    if let Some(who) = &known.metadata.revoked_by {
        let message = format!("that is the secret of `{name}` that {who} revoked");
        return Err(EngineError::refused("same-secret", message, known.next_step()));
    }
    if known.row.status == CredentialStatus::Valid {
        let message = format!("`{name}` has that secret already");
        return Err(EngineError::refused("same-secret", message, known.next_step()));
    }
    Ok(())
}

/// The number of the next secret in the sealed file.
fn next_number(reference: &str) -> u32 {
    let number = reference.strip_prefix("sealed:").and_then(|entry| entry.rsplit_once('@'));
    number.and_then(|(_, number)| number.parse::<u32>().ok()).map_or(1, |number| number.saturating_add(1))
}
