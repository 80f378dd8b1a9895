//! Credentials: recorded by where they are kept, tried live, rotated without a gap, and taken back.
//!
//! A secret is resolved for the call that needs it, and the record's state is read just before: what was revoked a moment
//! ago is used by nobody.

mod add;
mod due;
mod impact;
mod record;
mod rotate;
mod usable;
mod validate;
mod vendors;
mod view;

#[cfg(test)]
mod tests;

use std::path::Path;

use lockstep_core::{ids::CredentialId, role::Action};
use lockstep_providers::{
    line::{Line, Patience},
    secret::{SealedStore, SecretReference, Variable},
    vendor::{self, Vendor},
};
use lockstep_store::{
    ReadTx,
    credentials::{self, Credential},
};
use secrecy::SecretString;

pub use add::AddRequest;
pub use impact::{Blocked, CredentialImpact};
pub use lockstep_providers::vendor::Settings;
pub use rotate::RotateRequest;
pub use validate::Validation;
pub use vendors::{ScopeView, SettingView, VendorView, vendors};
pub use view::{CredentialView, ScopeMeaning};

pub(crate) use record::{Metadata, id_of_fingerprint};

use crate::{context::Engine, error::EngineError, workspace::config::nearest};

/// A secret that a person gives.
pub enum NewSecret {
    /// Where it is kept already.
    Kept(SecretReference),
    /// Itself: it is sealed.
    Given(SecretString),
}

/// The credentials of a registry, and the environment that their references lead into.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    engine: &'a Engine,
    variable: Variable<'a>,
    patience: Patience,
}

/// A record with what stands in its metadata.
struct Known {
    row: Credential,
    metadata: Metadata,
}

impl Engine {
    /// The credentials of the registry.
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials { engine: self, variable: self.environment(), patience: Patience::default() }
    }
}

impl<'a> Credentials<'a> {
    /// The same with other patience for providers.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// All credentials, by provider type.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails.
    pub async fn list(&self) -> Result<Vec<CredentialView>, EngineError> {
        self.engine.permit(Action::Read, 0).await?;
        let all = self.all(&mut self.engine.store.read().await?).await?;
        Ok(all.iter().map(|known| known.view(self.engine.now())).collect())
    }

    /// One credential, by its name or id.
    ///
    /// # Errors
    /// When there is none, the role does not allow it, or the registry fails.
    pub async fn show(&self, name: &str) -> Result<CredentialView, EngineError> {
        self.engine.permit(Action::Read, 0).await?;
        Ok(self.find(name).await?.view(self.engine.now()))
    }

    async fn all(&self, tx: &mut ReadTx) -> Result<Vec<Known>, EngineError> {
        credentials::list(tx).await?.into_iter().map(Known::of).collect()
    }

    async fn find(&self, name: &str) -> Result<Known, EngineError> {
        let mut all = self.all(&mut self.engine.store.read().await?).await?;
        let id = name.parse::<CredentialId>().ok();
        let is_meant = |known: &Known| Some(known.row.id) == id || known.name() == name;
        if let Some(at) = all.iter().position(is_meant) {
            return Ok(all.swap_remove(at));
        }
        let names: Vec<String> = all.iter().map(Known::name).collect();
        let hint = match nearest(name, names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`lockstep credential list` lists them".to_owned(),
        };
        Err(EngineError::not_found(format!("there is no credential `{name}`"), hint))
    }

    async fn get(&self, id: CredentialId) -> Result<Known, EngineError> {
        Known::of(credentials::get(&mut self.engine.store.read().await?, id).await?)
    }

    fn folder(&self) -> &'a Path {
        Path::new(&self.engine.workspace.folder)
    }

    fn sealed(&self) -> SealedStore<'a> {
        SealedStore::of(self.variable, self.folder())
    }

    fn resolve(&self, reference: &SecretReference) -> Result<SecretString, EngineError> {
        reference
            .resolve(self.variable, self.folder())
            .map_err(|problem| EngineError::refused("no-secret", problem.to_string(), problem.hint()))
    }

    fn line(&self) -> Result<Line, EngineError> {
        Line::new(self.patience).map_err(|error| EngineError::Bug(error.to_string()))
    }
}

impl Known {
    fn of(row: Credential) -> Result<Self, EngineError> {
        let metadata = serde_json::from_value(row.metadata.clone())?;
        Ok(Self { row, metadata })
    }

    /// Its name, or for one that was only seen in use, what tells it from others.
    fn name(&self) -> String {
        self.metadata.shown_name()
    }

    fn vendor(&self) -> Result<&'static dyn Vendor, EngineError> {
        let name = &self.metadata.vendor;
        vendor::vendor(name).ok_or_else(|| {
            EngineError::refused(
                "unknown-vendor",
                format!("`{}` is of the vendor `{name}`, which this version doesn't know", self.name()),
                "use the version of Lockstep that it was added with, or a newer one",
            )
        })
    }

    fn settings(&self) -> Settings {
        Settings(self.metadata.settings.clone())
    }
}
