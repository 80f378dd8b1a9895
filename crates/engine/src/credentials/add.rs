//! Recording a credential: tried before it is kept.

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    credential::{CredentialStatus, Occasion, ProviderType, Verdict},
    ids::CredentialId,
    role::Action,
    undo::Outcome,
};
use lockstep_providers::{
    secret::{SecretReference, fingerprint},
    vendor::{self, Settings, Unfit, VENDORS, Vendor},
};
use lockstep_store::{
    credentials::{self, Credential},
    leases::{self, Lease},
};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{Credentials, Known, Metadata, NewSecret, Validation};
use crate::{error::EngineError, process, workspace::config::nearest};

const LONGEST_NAME: usize = 63;
/// How long a name is kept for a process that adds it, unless that one dies.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// A credential that somebody wants to be recorded.
pub struct AddRequest {
    /// What to call it.
    pub name: String,
    /// Whom it opens.
    pub vendor: String,
    /// What it is for, where the vendor's credentials may be for several things.
    pub provider_type: Option<ProviderType>,
    /// What the vendor needs beside the secret.
    pub settings: Settings,
    /// The secret.
    pub secret: NewSecret,
    /// How many days a secret may be in use, where it is not as the vendor has it.
    pub days: Option<u16>,
    /// When the secret ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether its provider is asked now.
    pub ask: bool,
}

impl Credentials<'_> {
    /// Records a credential. Its provider is asked first: what it refuses is not recorded; where it can't be asked, the
    /// record is `pending`.
    ///
    /// # Errors
    /// When the role does not allow it, the name is taken or unfit, the vendor unknown, the secret not there, refused or
    /// recorded already, or the registry or the sealed file fails.
    pub async fn add(&self, request: AddRequest) -> Result<Validation, EngineError> {
        self.engine.permit(Action::Credentials, 0).await?;
        check_name(&request.name)?;
        let vendor = vendor_of(&request.vendor)?;
        let provider_type = type_of(vendor, request.provider_type)?;
        request.settings.check(vendor.facts()).map_err(unfit)?;
        let lease = Lease {
            name: format!("credential:{}", request.name),
            holder: Uuid::new_v4().into(),
            process: process::token(),
            until: self.engine.now() + LEASE,
        };
        if self.engine.take_lease(&lease).await?.is_some() {
            let message = format!("another process is adding `{}`", request.name);
            return Err(EngineError::refused("busy", message, "try again in a moment"));
        }
        let added = self.add_holding(vendor, provider_type, request).await;
        let mut tx = self.engine.store.begin().await?;
        leases::release(&mut tx, &lease).await?;
        tx.commit().await?;
        added
    }

    /// Adds one of a name that nobody else adds meanwhile.
    async fn add_holding(
        &self,
        vendor: &dyn Vendor,
        provider_type: ProviderType,
        request: AddRequest,
    ) -> Result<Validation, EngineError> {
        let secret = self.value_of(&request.secret)?;
        let mut known = self.place_of(&request, provider_type, fingerprint(&secret)).await?;
        let verdict = match request.ask {
            true => self.ask(vendor, &request.settings, &secret).await?,
            false => Verdict::Unclear { code: "not-asked", reason: "its provider was not asked".to_owned() },
        };
        if let Verdict::Refused { reason, .. } = &verdict {
            let message = format!("{} doesn't take the secret: {reason}", vendor.facts().name);
            let hint = format!("nothing was recorded; make a new one ({})", vendor.facts().renew);
            return Err(EngineError::refused("secret-refused", message, hint));
        }
        if let NewSecret::Given(secret) = &request.secret {
            let entry = entry_name(&request.name, 1);
            self.sealed().put(&entry, secret).map_err(seal_problem)?;
            known.metadata.reference = SecretReference::Sealed(entry).to_string();
        }
        let recorded = self.record(&mut known, &verdict).await;
        if recorded.is_err() && matches!(request.secret, NewSecret::Given(_)) {
            // What was sealed for nothing; what stands in the way of that is told by the error at hand.
            _ = self.sealed().forget(|entry| is_entry_of(entry, &request.name));
        }
        recorded?;
        let view = self.get(known.row.id).await?.view(self.engine.now());
        Ok(Validation::new(view, CredentialStatus::Pending, &verdict))
    }

    /// The record that the credential becomes: a new one, or that of a token which was seen in use before.
    async fn place_of(
        &self,
        request: &AddRequest,
        provider_type: ProviderType,
        fingerprint: String,
    ) -> Result<Known, EngineError> {
        let now = self.engine.now();
        let all = self.all(&mut self.engine.store.read().await?).await?;
        if all.iter().any(|known| known.name() == request.name) {
            let hint = format!(
                "choose another name, or give it a new secret: `lockstep credential rotate {}`",
                request.name
            );
            return Err(EngineError::refused(
                "name-taken",
                format!("there is a credential `{}` already", request.name),
                hint,
            ));
        }
        let is_same = |known: &&Known| {
            known.metadata.vendor == request.vendor && known.metadata.fingerprint == fingerprint
        };
        let seen = all.iter().find(is_same);
        if let Some(same) = seen.filter(|known| known.metadata.name.is_some()) {
            let message = format!("that secret is recorded already, as `{}`", same.name());
            return Err(EngineError::refused(
                "same-secret",
                message,
                "one secret is one credential: use that one",
            ));
        }
        let reference = match &request.secret {
            NewSecret::Kept(reference) => reference.to_string(),
            NewSecret::Given(_) => String::new(),
        };
        let mut metadata = Metadata {
            name: Some(request.name.clone()),
            vendor: request.vendor.clone(),
            reference,
            fingerprint,
            settings: request.settings.0.clone(),
            days: request.days,
            ..Metadata::default()
        };
        metadata.accepted.expires_at = request.expires_at;
        let row = match seen {
            Some(seen) => seen.row.clone(),
            None => Credential {
                id: CredentialId::from(Uuid::new_v4()),
                provider_type,
                status: CredentialStatus::Pending,
                last_validation_time: None,
                rotation_due: None,
                metadata: json!(metadata),
                created_at: now,
                updated_at: now,
            },
        };
        Ok(Known { row, metadata })
    }

    async fn record(&self, known: &mut Known, verdict: &Verdict) -> Result<(), EngineError> {
        let Known { row, metadata } = known;
        row.metadata = json!(metadata);
        let mut tx = self.engine.store.begin().await?;
        credentials::ensure(&mut tx, row.clone()).await?;
        self.write(&mut tx, row, metadata).await?;
        // Somebody names the secret and it is tried: that is a rotation, too, for a token that was seen to be too old.
        let occasion = match verdict {
            Verdict::Accepted(_) => Occasion::Rotation,
            _ => Occasion::Check,
        };
        self.note(&mut tx, row, verdict, occasion).await?;
        let detail = json!({
            "credential": metadata.name, "vendor": metadata.vendor, "reference": metadata.reference,
            "fingerprint": metadata.fingerprint,
        });
        self.engine.audit(&mut tx, "credential.add", Outcome::Done, 0, detail).await?;
        Ok(tx.commit().await?)
    }

    pub(super) fn value_of(&self, secret: &NewSecret) -> Result<SecretString, EngineError> {
        match secret {
            NewSecret::Kept(reference) => self.resolve(reference),
            NewSecret::Given(secret) => Ok(secret.clone()),
        }
    }

    pub(super) async fn ask(
        &self,
        vendor: &dyn Vendor,
        settings: &Settings,
        secret: &SecretString,
    ) -> Result<Verdict, EngineError> {
        let settings = settings.in_environment(vendor.facts(), self.variable);
        vendor::validate(vendor, &settings, secret, &self.line()?).await.map_err(unfit)
    }
}

/// The name of a credential's `number`th secret in the sealed file.
pub(super) fn entry_name(name: &str, number: u32) -> String {
    format!("{name}@{number}")
}

/// Whether an entry of the sealed file is one of that credential's.
pub(super) fn is_entry_of(entry: &str, name: &str) -> bool {
    entry.rsplit_once('@').is_some_and(|(of, _)| of == name)
}

pub(super) fn seal_problem(problem: lockstep_providers::secret::SealProblem) -> EngineError {
    EngineError::refused("not-sealed", problem.to_string(), problem.hint())
}

pub(super) fn unfit(unfit: Unfit) -> EngineError {
    EngineError::refused("unfit", unfit.message, unfit.hint)
}

fn check_name(name: &str) -> Result<(), EngineError> {
    let is_sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = name.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    if begins && name.len() <= LONGEST_NAME && name.chars().all(is_sign) {
        return Ok(());
    }
    // It is not repeated: a secret may have been put in its place.
    let message = format!(
        "a credential's name is of small letters, digits and `-`, at most {LONGEST_NAME}, a letter first"
    );
    Err(EngineError::refused("unfit-name", message, "choose a name such as `figma` or `slack-releases`"))
}

fn vendor_of(name: &str) -> Result<&'static dyn Vendor, EngineError> {
    vendor::vendor(name).ok_or_else(|| {
        let names = || VENDORS.iter().map(|vendor| vendor.facts().name);
        let hint = match nearest(name, names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known are: {}", names().collect::<Vec<_>>().join(", ")),
        };
        EngineError::not_found(format!("there is no vendor `{name}`"), hint)
    })
}

fn type_of(vendor: &dyn Vendor, wanted: Option<ProviderType>) -> Result<ProviderType, EngineError> {
    let types = vendor.facts().types;
    match wanted {
        Some(wanted) if types.contains(&wanted) => Ok(wanted),
        Some(wanted) => {
            let known: Vec<&str> = types.iter().map(|known| known.as_str()).collect();
            let message = format!("{} has no credentials for {wanted}", vendor.facts().name);
            Err(EngineError::refused("unfit-type", message, format!("it has some for: {}", known.join(", "))))
        }
        None => types.first().copied().ok_or_else(|| EngineError::Bug("a vendor is for nothing".to_owned())),
    }
}
