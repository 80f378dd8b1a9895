//! `lockstep queue`: what waits to be evaluated, and what failed.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use lockstep_core::queue::EntryState;
use lockstep_engine::{
    context::SystemClock,
    worker::{Waiting, Worker},
};
use serde::Serialize;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Style, Tone,
        table::{Align, Cell, Table},
        time::{age, until},
        words::counted,
    },
};

/// Show the drift queue; let what failed be tried again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  # What waits, and what failed and why
  lockstep queue
  # Try one again that was given up
  lockstep queue retry Button
  # Evaluate every linked component anew
  lockstep queue all")]
pub struct QueueArgs {
    /// What to do; `list` by default.
    #[command(subcommand)]
    pub action: Option<QueueAction>,
}

/// What can be done with the queue.
#[derive(Debug, Clone, Subcommand)]
pub enum QueueAction {
    /// List what waits, who is at it, and what failed
    List,
    /// Let components that failed be tried again at once
    Retry {
        /// The components; all that failed when none is named
        #[arg(value_name = "COMPONENT")]
        components: Vec<String>,
    },
    /// Put every linked component into the queue
    All,
}

/// The JSON form of what was put back.
#[derive(Serialize)]
struct Queued {
    queued: u64,
}

/// Runs the command.
pub fn run(args: &QueueArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let worker = Worker::open(app.registry().await?, Arc::new(SystemClock)).await?;
        let queued = match args.action.as_ref().unwrap_or(&QueueAction::List) {
            QueueAction::List => {
                let waiting = worker.waiting().await?;
                if app.screen.json() {
                    app.screen.print_json("lockstep.queue/1", &waiting);
                } else {
                    app.screen.print(&render(&waiting, app));
                }
                return Ok(Outcome::Fine);
            }
            QueueAction::Retry { components } => worker.retry(components).await?,
            QueueAction::All => u64::try_from(worker.queue_all().await?).unwrap_or(u64::MAX),
        };
        if app.screen.json() {
            app.screen.print_json("lockstep.queue-edit/1", &Queued { queued });
        } else {
            let count = counted(usize::try_from(queued).unwrap_or(usize::MAX), "component");
            app.screen.print(&format!("{count} for `lockstep work`"));
        }
        Ok(Outcome::Fine)
    })
}

fn render(waiting: &[Waiting], app: &App) -> String {
    if waiting.is_empty() {
        return "Nothing waits".to_owned();
    }
    let columns = [
        ("component", Align::Left),
        ("state", Align::Left),
        ("since", Align::Left),
        ("attempts", Align::Right),
        ("", Align::Left),
    ];
    let mut table = Table::new(columns);
    for entry in waiting {
        table.row(row(entry, app.now()));
    }
    let style: Style = app.screen.style();
    let failed = waiting.iter().filter(|entry| entry.state == EntryState::Failed).count();
    let mut text = table.render(style, app.screen.width());
    text.push_str(&format!("\n{}", counted(waiting.len(), "component")));
    if failed > 0 {
        text.push_str(&format!(", {failed} given up: `lockstep queue retry` tries again"));
    }
    text
}

fn row(entry: &Waiting, now: DateTime<Utc>) -> [Cell; 5] {
    let tone = match entry.state {
        EntryState::Waiting => Tone::Plain,
        EntryState::Running => Tone::Accent,
        EntryState::Retrying => Tone::Warn,
        EntryState::Failed => Tone::Bad,
    };
    let reason = entry.reason.clone().unwrap_or_default();
    let detail = match (&entry.worker, entry.until) {
        (Some(worker), _) => format!("at {worker}"),
        (None, Some(at)) if at > now => format!("{reason}; again {}", until(at, now)),
        (None, _) => reason,
    };
    [
        Cell::new(Tone::Strong, entry.component.clone().unwrap_or_else(|| entry.id.to_string())),
        Cell::new(tone, entry.state.to_string()),
        Cell::new(Tone::Dim, age(entry.queued_at, now)),
        entry.attempts.to_string().into(),
        Cell::new(Tone::Dim, detail),
    ]
}
