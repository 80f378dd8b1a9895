//! What is said of a channel's rules on the command line.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::{Args, ValueEnum};
use lockstep_core::notification::{ChannelRules, EventType, QuietHours};

use crate::exit::Failure;

/// What a channel is told, and when.
#[derive(Debug, Clone, Default, Args)]
pub struct RuleArgs {
    /// What it is told; everything by default
    #[arg(long = "category", value_name = "TYPE", value_delimiter = ',')]
    pub categories: Vec<EventType>,
    /// Tell it nothing between these times, such as 22:00-07:00; what happens then comes when they end
    #[arg(long, value_name = "FROM-TO")]
    quiet_hours: Option<String>,
    /// On whose clock the quiet hours are: a zone such as Europe/Berlin
    #[arg(
        long,
        requires = "quiet_hours",
        default_value_if("quiet_hours", clap::builder::ArgPredicate::IsPresent, "UTC")
    )]
    zone: Option<String>,
    /// What comes in quiet hours all the same
    #[arg(long, value_name = "TYPE", value_delimiter = ',', requires = "quiet_hours")]
    urgent: Vec<EventType>,
    /// For how many seconds new drift and failed stories are gathered into one message; 10 by default, 0 for not at all
    #[arg(long, value_name = "SECONDS")]
    gather: Option<i64>,
    /// Tell it of coverage only when that is below so much
    #[arg(long, value_name = "PERCENT")]
    coverage_below: Option<f64>,
    /// Tell it of drift only when so many changes are new
    #[arg(long, value_name = "COUNT")]
    min_changes: Option<u64>,
}

/// A rule that can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Rule {
    /// The quiet hours
    Quiet,
    /// How long is gathered
    Gather,
    /// The threshold of coverage
    CoverageBelow,
    /// The threshold of drift
    MinChanges,
}

impl RuleArgs {
    /// The rules as they are after what was said.
    pub fn after(&self, mut rules: ChannelRules, without: &[Rule]) -> Result<ChannelRules, Failure> {
        for rule in without {
            match rule {
                Rule::Quiet => rules.quiet = None,
                Rule::Gather => rules.gather_seconds = None,
                Rule::CoverageBelow => rules.coverage_below = None,
                Rule::MinChanges => rules.min_changes = None,
            }
        }
        if let Some(hours) = &self.quiet_hours {
            let zone = self.zone.as_deref().unwrap_or("UTC");
            let quiet = QuietHours::new(hours, zone, self.urgent.clone());
            rules.quiet = Some(quiet.map_err(|error| {
                Failure::usage(error.to_string())
                    .hint("for example `--quiet-hours 22:00-07:00 --zone Europe/Berlin`")
            })?);
        }
        rules.gather_seconds = self.gather.or(rules.gather_seconds);
        rules.coverage_below = self.coverage_below.or(rules.coverage_below);
        rules.min_changes = self.min_changes.or(rules.min_changes);
        Ok(rules)
    }
}

/// The rules in a few words.
pub fn told(rules: &ChannelRules) -> String {
    let quiet = rules.quiet.as_ref().map(|quiet| {
        let (from, to) = (quiet.from.format("%H:%M"), quiet.to.format("%H:%M"));
        let urgent: Vec<&str> = quiet.except.iter().map(|category| category.as_str()).collect();
        match urgent.is_empty() {
            true => format!("quiet {from}-{to} {}", quiet.zone),
            false => format!("quiet {from}-{to} {} but for {}", quiet.zone, urgent.join(", ")),
        }
    });
    let gather = rules.gather_seconds.map(|seconds| match seconds {
        0 => "gathers nothing".to_owned(),
        seconds => format!("gathers {seconds} s"),
    });
    let coverage = rules.coverage_below.map(|percent| format!("coverage below {percent}%"));
    let changes = rules.min_changes.map(|count| format!("from {count} changes on"));
    [quiet, gather, coverage, changes].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// When something ends: `7d` from now, or a day, whose last moment it is.
pub fn end(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(day.succ_opt()?.and_hms_opt(0, 0, 0)?.and_utc());
    }
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse::<u16>().ok()?.into();
    match unit {
        "h" => Some(now + TimeDelta::hours(number)),
        "d" => Some(now + TimeDelta::days(number)),
        "w" => Some(now + TimeDelta::weeks(number)),
        _ => None,
    }
}
