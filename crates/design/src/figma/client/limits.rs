//! What Figma allows: tiers of endpoints, what a refusal says, and what a fetch will cost.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Serialize;

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

/// How many calls of a tier are allowed in what time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// The most calls.
    pub calls: u32,
    /// In what time.
    pub per: Window,
}

/// The time that a quota is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// A minute.
    Minute,
    /// A month.
    Month,
}

impl Quota {
    /// What Figma publishes for the kind of limit and the plan that a refusal named; nothing where that is not known.
    pub fn of(tier: Tier, kind: Option<&str>, plan: Option<&str>) -> Option<Self> {
        let a_minute = |calls| Some(Self { calls, per: Window::Minute });
        let edits = match (kind?, plan) {
            ("low", _) | (_, Some("starter")) => false,
            ("high", _) => true,
            _ => return None,
        };
        if !edits {
            return match tier {
                Tier::One => Some(Self { calls: 6, per: Window::Month }),
                Tier::Two => a_minute(5),
                Tier::Three => a_minute(10),
            };
        }
        let by_tier = match plan? {
            "pro" | "student" => [10, 25, 50],
            "org" => [15, 50, 100],
            "enterprise" => [20, 100, 150],
            _ => return None,
        };
        a_minute(by_tier[tier as usize])
    }
}

impl std::fmt::Display for Quota {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.per {
            Window::Minute => write!(f, "{} calls a minute", self.calls),
            Window::Month => write!(f, "{} calls a month", self.calls),
        }
    }
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
    fn a_quota_is_of_the_seat_and_the_files_plan() {
        let shown = |tier, kind, plan| Quota::of(tier, kind, plan).map(|quota| quota.to_string());
        for (tier, kind, plan, expected) in [
            (Tier::One, Some("low"), Some("enterprise"), Some("6 calls a month")),
            (Tier::One, Some("high"), Some("starter"), Some("6 calls a month")),
            (Tier::One, Some("high"), Some("pro"), Some("10 calls a minute")),
            (Tier::One, Some("high"), Some("enterprise"), Some("20 calls a minute")),
            (Tier::Two, Some("low"), Some("org"), Some("5 calls a minute")),
            (Tier::Two, Some("high"), Some("org"), Some("50 calls a minute")),
            (Tier::Three, Some("low"), None, Some("10 calls a minute")),
            (Tier::One, Some("high"), Some("galactic"), None),
            (Tier::One, Some("middling"), Some("pro"), None),
            (Tier::One, None, Some("pro"), None),
        ] {
            assert_eq!(shown(tier, kind, plan).as_deref(), expected, "{tier:?} {kind:?} {plan:?}");
        }
    }

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
