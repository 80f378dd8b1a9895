//! What a token has asked of Figma and may still ask: in the registry, so that every process knows.

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    contract::sha256_hex,
    credential::{CredentialStatus, ProviderType},
    ids::CredentialId,
    step::Machine as _,
};
use lockstep_design::figma::client::{Figma, FigmaError, Quota, RateLimit, Tier, Window};
use lockstep_store::{
    Error as StoreError,
    credentials::{self, Credential, Validated},
    quotas,
};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::json;

use crate::{context::Engine, error::EngineError, secret, workspace::config::LiveFile};

/// How long to wait where Figma doesn't say: a minute is what its limits are of, mostly.
const UNSAID: TimeDelta = TimeDelta::seconds(60);

/// Calls by the tier that they count for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Files and nodes.
    pub tier_1: u64,
    /// A file's version.
    pub tier_2: u64,
    /// Published components.
    pub tier_3: u64,
}

impl Calls {
    /// How many there are of all tiers.
    pub fn total(self) -> u64 {
        self.tier_1 + self.tier_2 + self.tier_3
    }
}

/// What a fetch will cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// The calls that it takes when the file has changed.
    pub calls: Calls,
    /// How many it takes in any case: one, where there is a copy that may be of this version.
    pub at_least: u64,
    /// How many calls of the first tier Figma allows, where it has said on which plan the file is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Quota>,
    /// How many of these the token has made in that time (in the last minute, where the time is not known).
    pub used: i64,
}

impl Forecast {
    /// Whether it will not go through, as far as is known.
    pub fn exceeds(&self) -> bool {
        self.allowed.is_some_and(|quota| {
            let used = u64::try_from(self.used).unwrap_or_default();
            used.saturating_add(self.calls.tier_1) > u64::from(quota.calls)
        })
    }
}

/// Since when and until when a token has to wait for a file, in Figma's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parked {
    /// When it can go on.
    pub until: DateTime<Utc>,
    /// When Figma said so.
    pub told_at: DateTime<Utc>,
    /// The call that it refused.
    pub call: String,
    /// `low` for seats that only view, `high` for those that edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The file's plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Where the plan can be raised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<String>,
}

/// One token, as the registry knows it.
pub(super) struct Account<'a> {
    engine: &'a Engine,
    id: CredentialId,
    status: CredentialStatus,
    key: &'a str,
    counted: [u64; 3],
}

impl<'a> Account<'a> {
    /// The account of a token; what is recorded of it is where it is kept, and a fingerprint.
    pub(super) async fn open(
        engine: &'a Engine,
        live: &'a LiveFile,
        secret: &SecretString,
    ) -> Result<Self, EngineError> {
        let fingerprint = secret::fingerprint(secret);
        let credential = Credential {
            id: id_of(&fingerprint),
            provider_type: ProviderType::Design,
            status: CredentialStatus::Pending,
            last_validation_time: None,
            rotation_due: None,
            metadata: json!({
                "vendor": "figma",
                "reference": live.credential.to_string(),
                "fingerprint": fingerprint,
            }),
            created_at: engine.now(),
            updated_at: engine.now(),
        };
        let mut tx = engine.store.begin().await?;
        let known = credentials::ensure(&mut tx, credential).await?;
        tx.commit().await?;
        Ok(Self { engine, id: known.id, status: known.status, key: &live.key, counted: [0; 3] })
    }

    /// A name for work of this account on this file that one process does at a time.
    pub(super) fn lease_name(&self) -> String {
        format!("fetch:{}:{}", self.id, self.key)
    }

    /// Until when the file can't be asked for.
    pub(super) async fn parked(&self) -> Result<Option<Parked>, EngineError> {
        let limit = self.limit().await?;
        Ok(limit.filter(|limit| limit.until > self.engine.now()).map(|limit| Parked {
            until: limit.until,
            told_at: limit.told_at,
            call: limit.call,
            kind: limit.kind,
            plan: limit.plan,
            upgrade: limit.upgrade,
        }))
    }

    async fn limit(&self) -> Result<Option<quotas::Limit>, EngineError> {
        let mut tx = self.engine.store.read().await?;
        Ok(quotas::limit(&mut tx, self.id, self.key).await?)
    }

    /// What it will cost to fetch a file of so many pages.
    pub(super) async fn forecast(&self, calls: Calls, at_least: u64) -> Result<Forecast, EngineError> {
        let limit = self.limit().await?;
        let allowed =
            limit.and_then(|limit| Quota::of(Tier::One, limit.kind.as_deref(), limit.plan.as_deref()));
        let window = match allowed.map(|quota| quota.per) {
            Some(Window::Month) => TimeDelta::days(30),
            Some(Window::Minute) | None => TimeDelta::minutes(1),
        };
        let mut tx = self.engine.store.read().await?;
        let since = self.engine.now() - window;
        let used = quotas::calls_since(&mut tx, self.id, name_of(Tier::One), since).await?;
        Ok(Forecast { calls, at_least, allowed, used })
    }

    /// Writes down what was called since it was last written down, and what came of it.
    pub(super) async fn settle(
        &mut self,
        figma: &Figma,
        ended: Result<(), &FigmaError>,
    ) -> Result<(), EngineError> {
        let now = self.engine.now();
        let mut tx = self.engine.store.begin().await?;
        for (tier, counted) in [Tier::One, Tier::Two, Tier::Three].into_iter().zip(&mut self.counted) {
            let made = figma.calls(tier);
            if made > *counted {
                let calls = i64::try_from(made - *counted).unwrap_or(i64::MAX);
                quotas::count(&mut tx, self.id, name_of(tier), calls, now).await?;
                *counted = made;
            }
        }
        if let Err(FigmaError::Parked { call, limit }) = ended {
            quotas::set_limit(&mut tx, self.limit_of(call, limit, now)).await?;
        }
        if let Some(status) = told_status(ended) {
            if self.status.step(status).is_ok() {
                let asked = Validated::Asked;
                match credentials::transition(&mut tx, self.id, self.status, status, now, asked).await {
                    // Another process was told so, too.
                    Err(StoreError::Lost { .. }) => {}
                    done => done?,
                }
                self.status = status;
            } else if self.status == status {
                credentials::record_validation(&mut tx, self.id, now).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    fn limit_of(&self, call: &str, limit: &RateLimit, now: DateTime<Utc>) -> quotas::Limit {
        quotas::Limit {
            credential_id: self.id,
            resource: self.key.to_owned(),
            call: call.to_owned(),
            told_at: now,
            until: limit.retry_at.unwrap_or(now + UNSAID),
            kind: limit.kind.clone(),
            plan: limit.plan.clone(),
            upgrade: limit.upgrade.clone(),
        }
    }
}

/// What an answer says of the token: nothing, where it may be about the file.
fn told_status(ended: Result<(), &FigmaError>) -> Option<CredentialStatus> {
    match ended {
        Ok(()) => Some(CredentialStatus::Valid),
        Err(FigmaError::Refused { reason, .. }) => {
            let reason = reason.to_lowercase();
            let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
            match () {
                () if says(&["expired"]) => Some(CredentialStatus::Expired),
                () if says(&["invalid token", "revoked"]) => Some(CredentialStatus::Revoked),
                () => None,
            }
        }
        Err(_) => None,
    }
}

fn name_of(tier: Tier) -> &'static str {
    match tier {
        Tier::One => "tier-1",
        Tier::Two => "tier-2",
        Tier::Three => "tier-3",
    }
}

/// One token is one credential, whichever process first meets it.
fn id_of(fingerprint: &str) -> CredentialId {
    let digest = sha256_hex(format!("figma\0{fingerprint}").as_bytes());
    let number = u128::from_str_radix(&digest[..32], 16).unwrap_or_default();
    uuid::Builder::from_custom_bytes(number.to_be_bytes()).into_uuid().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_something_of_the_token_only_where_it_names_it() {
        let refused = |reason: &str| FigmaError::Refused { call: String::new(), reason: reason.to_owned() };
        for (reason, expected) in [
            ("Token expired", Some(CredentialStatus::Expired)),
            ("Invalid token", Some(CredentialStatus::Revoked)),
            ("You don't have access to this file", None),
        ] {
            assert_eq!(told_status(Err(&refused(reason))), expected, "{reason}");
        }
        assert_eq!(told_status(Ok(())), Some(CredentialStatus::Valid));
    }

    #[test]
    fn a_forecast_says_when_the_quota_will_not_do() {
        let forecast = |allowed, used| Forecast {
            calls: Calls { tier_1: 2, tier_2: 1, tier_3: 0 },
            at_least: 3,
            allowed: Some(Quota { calls: allowed, per: Window::Month }),
            used,
        };
        assert!(!forecast(6, 4).exceeds() && forecast(6, 5).exceeds());
        assert!(!Forecast { allowed: None, ..forecast(6, 99) }.exceeds());
    }

    #[test]
    fn an_id_is_of_the_fingerprint() {
        assert_eq!(id_of("abc"), id_of("abc"));
        assert_ne!(id_of("abc"), id_of("abd"));
        assert_eq!(uuid::Uuid::from(id_of("abc")).get_version_num(), 8);
    }
}
