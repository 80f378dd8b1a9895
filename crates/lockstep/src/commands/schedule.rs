//! `lockstep schedule`: what happens by itself, and when.

use clap::{Args, Subcommand};
use lockstep_core::schedule::{ScheduledAct, regularly};
use lockstep_engine::{
    digest::DigestRules,
    schedule::{Schedule, ScheduleRequest, ScheduleView, ScheduledRun},
};
use serde_json::Value;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Tone,
        table::{Align, Cell, Table},
        time::moment,
        words::counted,
    },
};

/// Say what happens by itself, and when.
#[derive(Debug, Args)]
#[command(after_help = "\
Acts: scan (read both sides, queue what changed), drift (evaluate every component anew), sync, maintain, digest (sum up
what happened since the last time, for the channels that want digests; one for each time, also when several were missed).
What is due is run by `lockstep schedule due`: call it every minute, from any number of machines that have a checkout of
the workspace; one of them takes each due run. What was missed is caught up once. A scheduled sync goes behind one that
a person is running, and says so. The nightly sync is off until you enable it.

Examples:
  # Read both sides before the team begins
  lockstep schedule add weekdays --act scan --cron '0 7 * * 1-5' --zone Europe/Berlin
  # Tell the team at nine what happened, unless nothing did
  lockstep schedule add morning --act digest --at 09:00 --zone Europe/Berlin --skip-empty
  # Once a week
  lockstep schedule add weekly --act digest --at 'mon 09:00' --zone Europe/Berlin
  # Sync every night
  lockstep schedule enable nightly-sync
  # Run what is due now
  lockstep schedule due")]
pub struct ScheduleArgs {
    /// What to do; `list` by default.
    #[command(subcommand)]
    pub action: Option<ScheduleAction>,
}

/// What can be done with schedules.
#[derive(Debug, Clone, Subcommand)]
pub enum ScheduleAction {
    /// List the schedules, and when each runs next
    List,
    /// Make a schedule
    Add {
        /// Its name
        name: String,
        /// What it does: scan, drift, sync, maintain or digest
        #[arg(long, value_parser = parse_act)]
        act: ScheduledAct,
        /// When: minute, hour, day, month, weekday
        #[arg(long, required_unless_present = "at")]
        cron: Option<String>,
        /// When, each day or each week: 09:00, or 'mon 09:00'
        #[arg(long, value_name = "TIME", conflicts_with = "cron", value_parser = parse_time)]
        at: Option<String>,
        /// On whose clock: a zone such as Europe/Berlin
        #[arg(long, default_value = "UTC")]
        zone: String,
        /// Of a digest: leave out one of a time in which nothing happened
        #[arg(long)]
        skip_empty: bool,
    },
    /// Show one schedule, and what came of its last run
    Show {
        /// Its name
        name: String,
    },
    /// Do at once what a schedule does
    Run {
        /// Its name
        name: String,
    },
    /// Run what is due
    Due,
    /// Let a schedule run from now on
    Enable {
        /// Its name
        name: String,
    },
    /// Let a schedule rest
    Disable {
        /// Its name
        name: String,
    },
    /// Take a schedule away
    Remove {
        /// Its name
        name: String,
    },
}

fn parse_act(text: &str) -> Result<ScheduledAct, String> {
    text.parse().map_err(|_| "it is scan, drift, sync, maintain or digest".to_owned())
}

/// The cron expression that a time of the day or of the week is.
fn parse_time(text: &str) -> Result<String, String> {
    regularly(text).map_err(|_| "it is like 09:00 or 'mon 09:00'".to_owned())
}

/// Runs the command.
pub fn run(args: &ScheduleArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let shown = match args.action.as_ref().unwrap_or(&ScheduleAction::List) {
            ScheduleAction::Due => {
                app.heed_interrupts()?;
                return Ok(tell_runs(app, &engine.run_due_schedules().await?));
            }
            ScheduleAction::Run { name } => {
                app.heed_interrupts()?;
                return Ok(tell_runs(app, &[engine.run_schedule(name).await?]));
            }
            ScheduleAction::List => engine.schedules().await?,
            ScheduleAction::Add { name, act, cron, at, zone, skip_empty } => {
                let digest = DigestRules { skip_empty: *skip_empty };
                // One of the two is there, says clap.
                let cron = cron.as_ref().or(at.as_ref()).map_or("", String::as_str);
                let request = ScheduleRequest { name, cron, timezone: zone, act: *act, digest };
                vec![engine.add_schedule(request).await?]
            }
            ScheduleAction::Show { name } => vec![engine.schedule(name).await?],
            ScheduleAction::Enable { name } => vec![engine.enable_schedule(name, true).await?],
            ScheduleAction::Disable { name } => vec![engine.enable_schedule(name, false).await?],
            ScheduleAction::Remove { name } => vec![engine.remove_schedule(name).await?],
        };
        if app.screen.json() {
            let shown: Vec<ScheduleView> = shown.into_iter().map(Into::into).collect();
            app.screen.print_json("lockstep.schedule/1", &shown);
        } else if let Some(ScheduleAction::Remove { name }) = &args.action {
            app.screen.print(&format!("{name} is taken away"));
        } else {
            app.screen.print(&table(&shown).render(app.screen.style(), app.screen.width()));
        }
        Ok(Outcome::Fine)
    })
}

fn table(schedules: &[Schedule]) -> Table {
    let columns = ["schedule", "act", "when", "next, utc", "last run"];
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for schedule in schedules {
        let next = match (schedule.enabled, schedule.next_run_at) {
            (false, _) => Cell::new(Tone::Dim, "off"),
            (true, next) => next.map(moment).unwrap_or_default().into(),
        };
        let last = schedule.last_result.as_ref().map(last_run).unwrap_or_default();
        table.row([
            Cell::new(Tone::Strong, &schedule.name),
            schedule.action.as_str().into(),
            Cell::new(Tone::Dim, format!("{} {}", schedule.cron, schedule.timezone)),
            next,
            Cell::new(Tone::Dim, last),
        ]);
    }
    table
}

fn last_run(result: &Value) -> String {
    let text = |field: &str| result[field].as_str().unwrap_or_default().to_owned();
    match result["reason"].as_str() {
        Some(reason) => format!("{}: {reason}", text("outcome")),
        None => text("outcome"),
    }
}

fn tell_runs(app: &App, runs: &[ScheduledRun]) -> Outcome {
    if app.screen.json() {
        app.screen.print_json("lockstep.schedule-runs/1", &runs);
    } else if runs.is_empty() {
        app.screen.print("Nothing is due");
    }
    for run in runs.iter().filter(|_| !app.screen.json()) {
        let tone = match run.outcome {
            "done" => Tone::Good,
            "deferred" => Tone::Warn,
            _ => Tone::Bad,
        };
        let mut text = format!(
            "{}  {}",
            app.screen.style().paint(tone, run.outcome),
            app.screen.style().paint(Tone::Strong, &run.schedule)
        );
        if run.missed > 0 {
            text.push_str(&format!(", once for {} missed too", counted(run.missed, "run")));
        }
        if let Some(reason) = &run.reason {
            text.push_str(&format!(": {}", app.screen.style().paint(Tone::Plain, reason)));
        }
        app.screen.print(&text);
    }
    if runs.iter().any(|run| run.outcome == "failed") { Outcome::Refused } else { Outcome::Fine }
}
