//! The digest: what the registry knows of a time, summed up; and the event that tells of it, one a period.

mod send;
mod summed;

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use lockstep_core::{
    notification::{Digest, Message},
    role::Action,
    schedule::{self, ScheduledAct},
};
use lockstep_store::{Store, schedules};
use schemars::JsonSchema;
use serde::Serialize;

pub use send::{DigestOutcome, DigestRules, DigestSent};

use crate::{context::Engine, error::EngineError};

/// The longest time that is summed up.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// What time a digest is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// From when.
    pub since: DateTime<Utc>,
    /// Until before when.
    pub until: DateTime<Utc>,
    /// On whose clock times are told.
    pub zone: String,
}

/// A digest as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DigestView {
    /// The digest.
    #[serde(flatten)]
    pub digest: Digest,
    /// Whether nothing happened and nothing needs anybody.
    pub is_empty: bool,
    /// What it says to people.
    pub message: Message,
    /// What became of it, where it was to be sent.
    pub sent: Option<DigestSent>,
}

impl DigestView {
    /// Of a digest, and what became of it.
    pub fn of(digest: Digest, sent: Option<DigestSent>) -> Self {
        Self { is_empty: digest.is_empty(), message: digest.message(), digest, sent }
    }
}

/// What time somebody asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// From then until now.
    pub since: Option<DateTime<Utc>>,
    /// Until then, in place of now.
    pub until: Option<DateTime<Utc>>,
    /// This day.
    pub day: Option<NaiveDate>,
    /// On whose clock; by default that of the team's digest, else UTC.
    pub zone: Option<String>,
}

impl Period {
    /// The time that somebody asks for: a day, or from some moment; the last 24 hours where nothing is said.
    ///
    /// # Errors
    /// When the zone is none, the time ends before it begins, or is longer than a year.
    pub async fn asked(store: &Store, asked: Asked, now: DateTime<Utc>) -> Result<Self, EngineError> {
        let zone = match asked.zone {
            Some(zone) => zone,
            None => zone_of_team(store).await?,
        };
        let clock = schedule::zone(&zone).map_err(|error| unfit(error.to_string()))?;
        let until = asked.until.unwrap_or(now);
        let (since, until) = match (asked.day, asked.since) {
            (Some(day), _) => {
                schedule::day(day, clock).ok_or_else(|| unfit(format!("there is no day {day}")))?
            }
            (None, Some(since)) => (since, until),
            (None, None) => (until - TimeDelta::hours(24), until),
        };
        if since >= until || until - since > LONGEST {
            return Err(unfit(format!(
                "from {since} to {until} is no time of at most {} days",
                LONGEST.num_days()
            )));
        }
        Ok(Self { since, until, zone })
    }
}

fn unfit(message: String) -> EngineError {
    EngineError::refused("unfit-period", message, "for example the last 7 days, or a day such as 2026-11-30")
}

/// The zone of the first digest that is on, by name.
async fn zone_of_team(store: &Store) -> Result<String, EngineError> {
    let all = schedules::list(&mut store.read().await?).await?;
    let mut digests = all.into_iter().filter(|row| row.action == ScheduledAct::Digest.as_str());
    Ok(digests.find(|row| row.enabled).map_or_else(|| "UTC".to_owned(), |row| row.timezone))
}

/// What the registry knows of a time. `hub` is where people find the hub.
///
/// # Errors
/// When the registry fails, or holds what this version can't read.
pub async fn digest(
    store: &Store,
    period: &Period,
    hub: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Digest, EngineError> {
    let Period { since, until, zone } = period;
    let mut tx = store.read().await?;
    let syncs = summed::syncs(&mut tx, *since, *until).await?;
    let coverage = summed::coverage(&mut tx, *since, *until).await?;
    let credentials = summed::credentials(&mut tx, *since, *until).await?;
    let sessions = summed::sessions(&mut tx, *since, *until).await?;
    drop(tx);
    let drift = summed::drift(store, *since, *until, now).await?;
    Ok(Digest {
        since: *since,
        until: *until,
        zone: zone.clone(),
        schedule: None,
        hub: hub.map(|hub| hub.trim_end_matches('/').to_owned()),
        syncs,
        drift,
        coverage,
        credentials,
        sessions,
    })
}

impl Engine {
    /// What the registry knows of a time that somebody asks for.
    ///
    /// # Errors
    /// When the role does not allow it, it is no time, or the registry fails.
    pub async fn digest(&self, asked: Asked) -> Result<Digest, EngineError> {
        self.permit(Action::Read, 0).await?;
        let period = Period::asked(&self.store, asked, self.now()).await?;
        digest(&self.store, &period, self.workspace.config.hub.as_deref(), self.now()).await
    }
}
