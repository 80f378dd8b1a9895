//! What Figma allows: tiers of endpoints, what a refusal says, and what a fetch will cost.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// How dear a call is: each tier has a quota of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Files and nodes.
    One,
    /// A file's meta, versions, variables, dev resources, webhooks.
    Two,
    /// Published components and component sets.
    Three,
}

/// What a 429 says: work stops here and may go on later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// When calls may go on, where the answer says so.
    pub retry_at: Option<DateTime<Utc>>,
    /// `low` for seats that only view, `high` for seats that edit (`X-Figma-Rate-Limit-Type`).
    pub kind: Option<String>,
    /// The plan of the file (`X-Figma-Plan-Tier`).
    pub plan: Option<String>,
    /// Where the plan can be raised (`X-Figma-Upgrade-Link`).
    pub upgrade: Option<String>,
}

impl RateLimit {
    pub(super) fn of(headers: &HeaderMap, now: DateTime<Utc>) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self {
            retry_at: text(RETRY_AFTER.as_str()).and_then(|value| retry_at(&value, now)),
            kind: text("x-figma-rate-limit-type"),
            plan: text("x-figma-plan-tier"),
            upgrade: text("x-figma-upgrade-link"),
        }
    }
}

impl std::fmt::Display for RateLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.retry_at {
            Some(at) => write!(f, "it goes on at {}", at.format("%Y-%m-%d %H:%M:%S UTC"))?,
            None => f.write_str("Figma doesn't say when it goes on")?,
        }
        for (what, value) in
            [("limit type", &self.kind), ("plan", &self.plan), ("a higher limit", &self.upgrade)]
        {
            if let Some(value) = value {
                write!(f, "; {what}: {value}")?;
            }
        }
        Ok(())
    }
}

/// Reads a `Retry-After`: seconds from now, or a date.
fn retry_at(value: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let value = value.trim();
    match value.parse::<i64>() {
        Ok(seconds) if seconds >= 0 => now.checked_add_signed(TimeDelta::try_seconds(seconds)?),
        Ok(_) => None,
        Err(_) => httpdate::parse_http_date(value).ok().map(DateTime::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_after_is_seconds_days_or_a_date() {
        let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
        let cases = [
            ("30", Some("2026-03-01T12:00:30Z")),
            (" 396749 ", Some("2026-03-06T02:12:29Z")),
            ("Wed, 04 Mar 2026 08:00:00 GMT", Some("2026-03-04T08:00:00Z")),
            ("-5", None),
            ("9223372036854775807", None),
            ("soon", None),
            ("", None),
        ];
        for (value, expected) in cases {
            assert_eq!(retry_at(value, now), expected.map(|at| at.parse().unwrap()), "{value}");
        }
    }
}
