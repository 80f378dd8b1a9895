//! A secret for the call that needs it: only while its record allows it.

use lockstep_core::{credential::CredentialStatus, ids::CredentialId};
use lockstep_providers::{secret::SecretReference, vendor::Settings};
use secrecy::SecretString;

use super::{Credentials, Known};
use crate::error::EngineError;

impl Credentials<'_> {
    /// The reference that a name in the sealed file stands for today: `sealed:figma` is the current secret of `figma`.
    pub(crate) async fn current(&self, reference: &SecretReference) -> Result<SecretReference, EngineError> {
        let SecretReference::Sealed(name) = reference else { return Ok(reference.clone()) };
        let all = self.all(&mut self.engine.store.read().await?).await?;
        let named = all.iter().find(|known| known.metadata.name.as_ref() == Some(name));
        match named {
            Some(known) => {
                known.check_usable()?;
                Ok(SecretReference::parse(&known.metadata.reference).unwrap_or_else(|| reference.clone()))
            }
            None => Ok(reference.clone()),
        }
    }
}

impl Credentials<'_> {
    /// The secret that is kept at a place today.
    pub(crate) async fn secret_at(&self, reference: &SecretReference) -> Result<SecretString, EngineError> {
        self.resolve(&self.current(reference).await?)
    }

    /// A credential's secret, and what its vendor needs beside it.
    pub(crate) async fn open(&self, id: CredentialId) -> Result<(SecretString, Settings), EngineError> {
        let known = self.get(id).await?;
        known.check_usable()?;
        let reference = SecretReference::parse(&known.metadata.reference)
            .ok_or_else(|| EngineError::Bug(format!("`{}` has no reference", known.name())))?;
        let settings = known.settings().in_environment(known.vendor()?.facts(), self.variable);
        Ok((self.resolve(&reference)?, settings))
    }

    /// The id of a credential of that vendor.
    pub(crate) async fn of_vendor(&self, name: &str, vendor: &str) -> Result<CredentialId, EngineError> {
        let known = self.find(name).await?;
        if known.metadata.vendor == vendor {
            return Ok(known.row.id);
        }
        let message = format!(
            "`{}` is a credential of {}, and {vendor} is needed",
            known.name(),
            known.metadata.vendor
        );
        let hint = format!("`lockstep credential add NAME --vendor {vendor}` records one");
        Err(EngineError::refused("unfit-credential", message, hint))
    }
}

impl Known {
    /// Refuses what was revoked or is too old, with what to do.
    pub(super) fn check_usable(&self) -> Result<(), EngineError> {
        let state = match self.row.status {
            CredentialStatus::Revoked => "revoked",
            CredentialStatus::Expired => "expired",
            CredentialStatus::Pending | CredentialStatus::Valid => return Ok(()),
        };
        let reason = self.metadata.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let code = if state == "revoked" { "credential-revoked" } else { "credential-expired" };
        let message = format!("the credential `{}` is {state}{reason}", self.name());
        Err(EngineError::refused(code, message, self.next_step()))
    }
}
