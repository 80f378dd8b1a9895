//! A credential as people and programs see it: everything but the secret.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{
    credential::{Condition, CredentialStatus, ProviderType},
    ids::CredentialId,
};
use lockstep_providers::vendor::{self, Facts};
use schemars::JsonSchema;
use serde::Serialize;

use super::Known;

/// A credential.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CredentialView {
    /// Its id.
    pub id: CredentialId,
    /// Its name.
    pub name: String,
    /// Whether somebody added it; else it was only seen in use.
    pub is_registered: bool,
    /// Whom it opens.
    pub vendor: String,
    /// What it is for.
    pub provider_type: ProviderType,
    /// Its state.
    pub status: CredentialStatus,
    /// The state, with what will be before long.
    pub condition: Condition,
    /// Why it is not valid.
    pub reason: Option<String>,
    /// What to do, where it is not as it should be.
    pub next_step: Option<String>,
    /// Where the secret is kept.
    pub reference: String,
    /// What tells the secret from another one.
    pub fingerprint: String,
    /// What the vendor needs beside it.
    pub settings: BTreeMap<String, String>,
    /// Whose it is, as the provider says.
    pub account: Option<String>,
    /// What it may be used for, as the provider says.
    pub scopes: Vec<ScopeMeaning>,
    /// What it lacks for something that Lockstep does with it.
    pub lacks: Vec<String>,
    /// What it makes possible.
    pub features: Vec<String>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When the provider was last asked.
    pub last_validation_time: Option<DateTime<Utc>>,
    /// When the secret last took the place of another one.
    pub rotated_at: Option<DateTime<Utc>>,
    /// When it should be renewed.
    pub rotation_due: Option<DateTime<Utc>>,
    /// When the provider stops taking it.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A scope, and what it means to Lockstep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScopeMeaning {
    /// The provider's word.
    pub scope: String,
    /// What it is needed for; nothing where Lockstep doesn't need it.
    pub meaning: Option<String>,
}

impl Known {
    pub(super) fn view(&self, now: DateTime<Utc>) -> CredentialView {
        let facts = vendor::vendor(&self.metadata.vendor).map(vendor::Vendor::facts);
        let (row, metadata) = (&self.row, &self.metadata);
        let accepted = &metadata.accepted;
        let condition = Condition::of(row.status, row.rotation_due, accepted.expires_at, now);
        CredentialView {
            id: row.id,
            name: self.name(),
            is_registered: metadata.name.is_some(),
            vendor: metadata.vendor.clone(),
            provider_type: row.provider_type,
            status: row.status,
            condition,
            reason: metadata.reason.clone(),
            next_step: (condition != Condition::Fine).then(|| self.next_step()),
            reference: metadata.reference.clone(),
            fingerprint: metadata.fingerprint.clone(),
            settings: metadata.settings.clone(),
            account: accepted.account.clone(),
            scopes: accepted.scopes.iter().map(|scope| meaning(facts, scope)).collect(),
            lacks: accepted.lacks.clone(),
            features: facts.map(features).unwrap_or_default(),
            created_at: row.created_at,
            last_validation_time: row.last_validation_time,
            rotated_at: metadata.rotated_at,
            rotation_due: row.rotation_due,
            expires_at: accepted.expires_at,
        }
    }

    /// What to do so that it is valid, and stays so.
    pub(super) fn next_step(&self) -> String {
        let name = self.name();
        let renew =
            vendor::vendor(&self.metadata.vendor).map_or("its provider", |vendor| vendor.facts().renew);
        match self.row.status {
            CredentialStatus::Pending => format!("`lockstep credential validate {name}` asks its provider"),
            _ if self.metadata.name.is_none() => {
                format!("make a new one ({renew}), and put it at {}", self.metadata.reference)
            }
            _ => format!("make a new one ({renew}), then `lockstep credential rotate {name}`"),
        }
    }
}

fn meaning(facts: Option<&Facts>, scope: &str) -> ScopeMeaning {
    let known = facts.and_then(|facts| facts.scopes.iter().find(|(known, _)| *known == scope));
    ScopeMeaning { scope: scope.to_owned(), meaning: known.map(|(_, meaning)| (*meaning).to_owned()) }
}

pub(super) fn features(facts: &Facts) -> Vec<String> {
    facts.features.iter().map(|feature| (*feature).to_owned()).collect()
}
