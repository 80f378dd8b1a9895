//! What a token has asked of Figma and may still ask: in the registry, so that every process knows.

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::credential::{Accepted, CredentialStatus, Occasion, ProviderType, Verdict};
use lockstep_design::figma::client::{Figma, FigmaError, Quota, RateLimit, Tier, TokenKind, Window};
use lockstep_store::{
    credentials::{self, Credential},
    quotas,
};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::json;

use crate::{
    context::Engine,
    credentials::{Credentials, Metadata, id_of_fingerprint},
    error::EngineError,
    secret::{self, Mask},
    workspace::config::LiveFile,
};

/// The vendor of live design files.
const VENDOR: &str = "figma";

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
    credentials: Credentials<'a>,
    row: Credential,
    metadata: Metadata,
    key: &'a str,
    counted: [u64; 3],
}

impl<'a> Account<'a> {
    /// The account of a token: the credential that somebody added, or else a record of where it is kept and a
    /// fingerprint.
    pub(super) async fn open(
        engine: &'a Engine,
        credentials: Credentials<'a>,
        live: &'a LiveFile,
        secret: &SecretString,
    ) -> Result<Self, EngineError> {
        let fingerprint = secret::fingerprint(secret);
        let metadata = Metadata {
            vendor: VENDOR.to_owned(),
            reference: live.credential.to_string(),
            fingerprint: fingerprint.clone(),
            ..Metadata::default()
        };
        let mut tx = engine.store.begin().await?;
        let mut known = None;
        for row in credentials::list(&mut tx).await? {
            let metadata: Metadata = serde_json::from_value(row.metadata.clone())?;
            if metadata.vendor == VENDOR && metadata.fingerprint == fingerprint {
                known = Some((row, metadata));
            }
        }
        let (row, metadata) = match known {
            Some(known) => known,
            None => {
                let row = Credential {
                    id: id_of_fingerprint(VENDOR, &fingerprint),
                    provider_type: ProviderType::Design,
                    status: CredentialStatus::Pending,
                    last_validation_time: None,
                    rotation_due: None,
                    metadata: json!(metadata),
                    created_at: engine.now(),
                    updated_at: engine.now(),
                };
                (credentials::ensure(&mut tx, row).await?, metadata)
            }
        };
        tx.commit().await?;
        Ok(Self { engine, credentials, row, metadata, key: &live.key, counted: [0; 3] })
    }

    /// Refuses a token that was revoked or is too old, as far as is known at this moment.
    pub(super) async fn check_usable(&self) -> Result<(), EngineError> {
        self.credentials.check_usable(self.row.id).await
    }

    /// Where Figma is for this credential.
    pub(super) fn address(&self) -> Option<&str> {
        self.metadata.settings.get("url").map(String::as_str)
    }

    /// How the token is presented.
    pub(super) fn token_kind(&self) -> TokenKind {
        match self.metadata.settings.get("kind").map(String::as_str) {
            Some("oauth") => TokenKind::OAuth,
            _ => TokenKind::Own,
        }
    }

    /// A name for work of this account on this file that one process does at a time.
    pub(super) fn lease_name(&self) -> String {
        format!("fetch:{}:{}", self.row.id, self.key)
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
        Ok(quotas::limit(&mut tx, self.row.id, self.key).await?)
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
        let used = quotas::calls_since(&mut tx, self.row.id, tier_name(Tier::One), since).await?;
        Ok(Forecast { calls, at_least, allowed, used })
    }

    /// Writes down what was called since it was last written down, and what came of it.
    pub(super) async fn settle(
        &mut self,
        figma: &Figma,
        ended: Result<(), &FigmaError>,
        mask: &Mask,
    ) -> Result<(), EngineError> {
        let now = self.engine.now();
        let mut tx = self.engine.store.begin().await?;
        for (tier, counted) in [Tier::One, Tier::Two, Tier::Three].into_iter().zip(&mut self.counted) {
            let made = figma.calls(tier);
            if made > *counted {
                let calls = i64::try_from(made - *counted).unwrap_or(i64::MAX);
                quotas::count(&mut tx, self.row.id, tier_name(tier), calls, now).await?;
                *counted = made;
            }
        }
        if let Err(FigmaError::Parked { call, limit }) = ended {
            quotas::set_limit(&mut tx, self.limit_of(call, limit, now)).await?;
        }
        if let Some(verdict) = told(ended, mask) {
            self.row = credentials::get(&mut tx, self.row.id).await?;
            self.credentials.note(&mut tx, &self.row, &verdict, Occasion::Check).await?;
        }
        Ok(tx.commit().await?)
    }

    fn limit_of(&self, call: &str, limit: &RateLimit, now: DateTime<Utc>) -> quotas::Limit {
        quotas::Limit {
            credential_id: self.row.id,
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
fn told(ended: Result<(), &FigmaError>, mask: &Mask) -> Option<Verdict> {
    match ended {
        Ok(()) => Some(Verdict::Accepted(Accepted::default())),
        Err(FigmaError::Refused { reason, .. }) => {
            let words = reason.to_lowercase();
            let says = |known: &[&str]| known.iter().any(|word| words.contains(word));
            let refused = |expired| Some(Verdict::Refused { expired, reason: mask.told(reason) });
            match () {
                () if says(&["expired"]) => refused(true),
                () if says(&["invalid token", "revoked"]) => refused(false),
                () => None,
            }
        }
        Err(_) => None,
    }
}

/// What a tier is called in the registry.
pub(crate) fn tier_name(tier: Tier) -> &'static str {
    match tier {
        Tier::One => "tier-1",
        Tier::Two => "tier-2",
        Tier::Three => "tier-3",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_something_of_the_token_only_where_it_names_it() {
        let mask = Mask::of(&"figd_x".into());
        let refused = |reason: &str| FigmaError::Refused { call: String::new(), reason: reason.to_owned() };
        for (reason, expected) in [
            ("Token expired", Some(true)),
            ("Invalid token", Some(false)),
            ("You don't have access to this file", None),
        ] {
            let told = told(Err(&refused(reason)), &mask).map(|verdict| match verdict {
                Verdict::Refused { expired, .. } => expired,
                other => panic!("{other:?}"),
            });
            assert_eq!(told, expected, "{reason}");
        }
        assert_eq!(told(Ok(()), &mask), Some(Verdict::Accepted(Accepted::default())));
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
}
