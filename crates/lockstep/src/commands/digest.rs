//! `lockstep digest`: what happened in a time, summed up.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::Args;
use lockstep_core::notification::Message;
use lockstep_engine::digest::{Asked, DigestOutcome, DigestView};

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::Tone,
};

const SCHEMA: &str = "lockstep.digest/1";

/// Sum up what happened in a time: syncs, drift, coverage, credentials, failed stories.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --since and --day it is about the last 24 hours. Times are told on the clock of --zone, by default that of the first
schedule that makes digests, else UTC. What is told is what scans, workers and sessions have recorded; nothing is read for it.
`lockstep schedule add NAME --act digest` has one sent each day or week, within a minute of its time.

Examples:
  # What happened since this time yesterday
  lockstep digest
  # The last week
  lockstep digest --since 7d
  # A day, on the team's clock
  lockstep digest --day 2026-11-30 --zone Europe/Berlin
  # Send it to the channels that want digests
  lockstep digest --since 7d --send
  # Have one sent at nine each weekday, unless nothing happened
  lockstep schedule add morning --act digest --cron '0 9 * * 1-5' --zone Europe/Berlin --skip-empty")]
pub struct DigestArgs {
    /// From when: 24h, 7d, 2w, or a time such as 2026-11-30T09:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = parse_since)]
    pub since: Option<Since>,
    /// All of this day
    #[arg(long, value_name = "DATE", conflicts_with = "since")]
    pub day: Option<NaiveDate>,
    /// On whose clock: a zone such as Europe/Berlin
    #[arg(long)]
    pub zone: Option<String>,
    /// Put it into the outbox, for the channels that want digests
    #[arg(long)]
    pub send: bool,
}

/// The beginning of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So long ago.
    Ago(TimeDelta),
    /// Then.
    At(DateTime<Utc>),
}

fn parse_since(text: &str) -> Result<Since, String> {
    if let Ok(at) = text.parse::<DateTime<Utc>>() {
        return Ok(Since::At(at));
    }
    let unfit = || "it is like 24h, 7d, 2w or 2026-11-30T09:00:00Z".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(unfit)?;
    let number: i64 = number.parse::<u16>().map_err(|_| unfit())?.into();
    match unit {
        "h" => Ok(Since::Ago(TimeDelta::hours(number))),
        "d" => Ok(Since::Ago(TimeDelta::days(number))),
        "w" => Ok(Since::Ago(TimeDelta::weeks(number))),
        _ => Err(unfit()),
    }
}

/// Runs the command.
pub fn run(args: &DigestArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let since = args.since.map(|since| match since {
            Since::At(at) => at,
            Since::Ago(time) => engine.now() - time,
        });
        let asked = Asked { since, until: None, day: args.day, zone: args.zone.clone() };
        let digest = engine.digest(asked).await?;
        let sent = if args.send { Some(engine.send_digest(&digest).await?) } else { None };
        let view = DigestView::of(digest, sent);
        if app.screen.json() {
            app.screen.print_json(SCHEMA, &view);
            return Ok(Outcome::Fine);
        }
        tell(app, &view.message);
        if sent.is_some_and(|sent| sent.outcome == DigestOutcome::Stored) {
            app.screen.note("It is in the outbox: `lockstep serve` sends it, `lockstep notify send` at once");
        }
        Ok(Outcome::Fine)
    })
}

/// Prints a message as it would be sent.
pub(super) fn tell(app: &App, message: &Message) {
    let style = app.screen.style();
    app.screen.print(&style.paint(Tone::Strong, &message.title));
    for line in &message.lines {
        app.screen.print(&format!("  {line}"));
    }
    for section in &message.sections {
        app.screen.print("");
        app.screen.print(&style.paint(Tone::Strong, &section.heading));
        for line in &section.lines {
            app.screen.print(&format!("  {line}"));
        }
        if let Some(url) = &section.url {
            app.screen.print(&format!("  {}", style.paint(Tone::Dim, url)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_begins_so_long_ago_or_then() {
        for (text, expected) in [
            ("24h", Some(Since::Ago(TimeDelta::hours(24)))),
            ("7d", Some(Since::Ago(TimeDelta::days(7)))),
            ("2w", Some(Since::Ago(TimeDelta::days(14)))),
            ("2026-11-30T09:00:00Z", Some(Since::At("2026-11-30T09:00:00Z".parse().unwrap()))),
            ("2026-11-30T09:00:00+01:00", Some(Since::At("2026-11-30T08:00:00Z".parse().unwrap()))),
            ("-1d", None),
            ("7", None),
            ("d", None),
            ("99999d", None),
            ("7é", None),
            ("", None),
        ] {
            assert_eq!(parse_since(text).ok(), expected, "{text}");
        }
    }
}
