//! What depends on a credential, and which syncs a bad one blocks.

use std::collections::BTreeSet;

use lockstep_core::{
    credential::{Condition, Dependants, Impact},
    ids::{ComponentId, CredentialId},
    role::Action,
    schedule::ScheduledAct,
};
use lockstep_providers::{
    secret::{SecretReference, fingerprint},
    vendor,
};
use lockstep_store::{ReadTx, channels, components, credentials, designs, schedules};
use schemars::JsonSchema;
use serde::Serialize;

use super::{CredentialView, Credentials, Known, view};
use crate::{error::EngineError, workspace::config::LiveFile};

/// A credential, and what depends on it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CredentialImpact {
    /// The credential.
    pub credential: CredentialView,
    /// What depends on it, and whether that is blocked.
    #[serde(flatten)]
    pub impact: Impact,
    /// The same in a sentence.
    pub sentence: String,
}

/// Components that can't be synced as things stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Blocked {
    /// The credential.
    pub credential: String,
    /// Why nothing can be done with it.
    pub reason: String,
    /// What to do.
    pub next_step: String,
    /// The design file that is read with it.
    pub design_file: String,
    /// The components that are drawn there.
    pub components: Vec<String>,
}

impl Credentials<'_> {
    /// What depends on a credential.
    ///
    /// # Errors
    /// When the role does not allow it, there is no such credential, or the registry fails.
    pub async fn impact(&self, name: &str) -> Result<CredentialImpact, EngineError> {
        self.engine.permit(Action::Read, 0).await?;
        let known = self.find(name).await?;
        self.whole_impact(&mut self.engine.store.read().await?, &known).await
    }

    /// The same of every credential.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails.
    pub async fn impacts(&self) -> Result<Vec<CredentialImpact>, EngineError> {
        self.engine.permit(Action::Read, 0).await?;
        let mut tx = self.engine.store.read().await?;
        let mut impacts = Vec::new();
        for known in self.all(&mut tx).await? {
            impacts.push(self.whole_impact(&mut tx, &known).await?);
        }
        Ok(impacts)
    }

    async fn whole_impact(&self, tx: &mut ReadTx, known: &Known) -> Result<CredentialImpact, EngineError> {
        let now = self.engine.now();
        let impact = self.impact_of(tx, known).await?;
        let sentence = impact.sentence(&known.name(), now);
        Ok(CredentialImpact { credential: known.view(now), impact, sentence })
    }

    pub(super) async fn impact_of(&self, tx: &mut ReadTx, known: &Known) -> Result<Impact, EngineError> {
        let (row, metadata) = (&known.row, &known.metadata);
        let condition =
            Condition::of(row.status, row.rotation_due, metadata.accepted.expires_at, self.engine.now());
        let files = self.files_of(known);
        let schedules = match files.is_empty() {
            true => Vec::new(),
            false => scheduled(tx).await?,
        };
        let facts = vendor::vendor(&metadata.vendor).map(vendor::Vendor::facts);
        let dependants = Dependants {
            components: drawn_in(tx, &files).await?,
            design_files: files.into_iter().collect(),
            schedules,
            channels: sending_with(tx, row.id).await?,
            features: facts.map(view::features).unwrap_or_default(),
        };
        Ok(Impact::new(condition, dependants))
    }

    /// The live design files that are fetched with a credential.
    fn files_of(&self, known: &Known) -> BTreeSet<String> {
        let designs = &self.engine.workspace.config.design;
        let live = designs.iter().filter_map(|file| Some((file, file.live.as_ref()?)));
        live.filter(|(_, live)| self.is_read_with(live, known)).map(|(file, _)| file.name.clone()).collect()
    }

    fn is_read_with(&self, live: &LiveFile, known: &Known) -> bool {
        let metadata = &known.metadata;
        if metadata.vendor != "figma" {
            return false;
        }
        match &live.credential {
            SecretReference::Sealed(name) => metadata.name.as_ref() == Some(name),
            reference => match reference.resolve(self.variable, self.folder()) {
                Ok(secret) => fingerprint(&secret) == metadata.fingerprint,
                Err(_) => reference.to_string() == metadata.reference,
            },
        }
    }

    /// What a sync of these components can't be done for, because the credential of their design is known to be no good.
    ///
    /// # Errors
    /// When the registry fails.
    pub async fn preflight(&self, components: &BTreeSet<&str>) -> Result<Vec<Blocked>, EngineError> {
        let designs = &self.engine.workspace.config.design;
        if designs.iter().all(|file| file.live.is_none()) {
            return Ok(Vec::new());
        }
        let mut tx = self.engine.store.read().await?;
        let mut blocked = Vec::new();
        for known in self.all(&mut tx).await? {
            let Err(EngineError::Refused { message, hint, .. }) = known.check_usable() else { continue };
            for file in self.files_of(&known) {
                let drawn = drawn_in(&mut tx, &BTreeSet::from([file.clone()])).await?;
                let components: Vec<String> =
                    drawn.into_iter().filter(|name| components.contains(name.as_str())).collect();
                if !components.is_empty() {
                    blocked.push(Blocked {
                        credential: known.name(),
                        reason: message.clone(),
                        next_step: hint.clone(),
                        design_file: file,
                        components,
                    });
                }
            }
        }
        Ok(blocked)
    }

    /// Refuses what can't be done with a credential any more, as it is in the registry at this moment.
    pub(crate) async fn check_usable(&self, id: CredentialId) -> Result<(), EngineError> {
        Known::of(credentials::get(&mut self.engine.store.read().await?, id).await?)?.check_usable()
    }
}

/// The components that are linked to something in these design files, by name.
async fn drawn_in(tx: &mut ReadTx, files: &BTreeSet<String>) -> Result<Vec<String>, EngineError> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let rows = designs::list(tx, designs::Presence::Present).await?;
    let ids: BTreeSet<ComponentId> = rows
        .into_iter()
        .filter(|row| files.contains(&row.source))
        .filter_map(|row| row.component_id)
        .collect();
    let ids: Vec<ComponentId> = ids.into_iter().collect();
    let mut names: Vec<String> = components::names(tx, &ids).await?.into_values().collect();
    names.sort_unstable();
    Ok(names)
}

/// The schedules that read or sync both sides.
async fn scheduled(tx: &mut ReadTx) -> Result<Vec<String>, EngineError> {
    let reads = [ScheduledAct::Scan.as_str(), ScheduledAct::Sync.as_str()];
    let all = schedules::list(tx).await?.into_iter();
    let on = all.filter(|schedule| schedule.enabled && reads.contains(&schedule.action.as_str()));
    Ok(on.map(|schedule| schedule.name).collect())
}

async fn sending_with(tx: &mut ReadTx, id: CredentialId) -> Result<Vec<String>, EngineError> {
    let all = channels::list(tx).await?.into_iter();
    Ok(all.filter(|channel| channel.credential_id == Some(id)).map(|channel| channel.name).collect())
}
