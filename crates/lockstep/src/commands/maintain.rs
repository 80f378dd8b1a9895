//! `lockstep maintain`: removes what has expired.

use clap::Args;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::words::{counted, listed},
};

const EXAMPLES: &str = "\
Examples:
  # Safe at any time, beside syncs too
  lockstep maintain
  # What was removed, for a script
  lockstep maintain --json";

/// Remove what has expired.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct MaintainArgs {}

/// Runs the command.
pub fn run(_: &MaintainArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let report = engine.maintain().await?;
        if app.screen.json() {
            app.screen.print_json("lockstep.maintain/1", &report);
            return Ok(Outcome::Fine);
        }
        if let Some(other) = &report.held_by {
            app.screen.print(&format!("Another process is at it ({other}): nothing was done here"));
            return Ok(Outcome::Fine);
        }
        let count = |count: u64, what: &str| {
            (count > 0).then(|| counted(usize::try_from(count).unwrap_or(usize::MAX), what))
        };
        let done: Vec<String> = [
            count(report.undo_entries, "expired undo entry").map(|text| format!("removed {text}")),
            count(report.snapshots, "unused snapshot").map(|text| format!("removed {text}")),
            count(report.coverage_reports, "coverage report").map(|text| format!("archived {text}")),
            count(report.closed_drift, "old closed change").map(|text| format!("removed {text}")),
            count(report.drift_queue, "drift-queue entry").map(|text| format!("gave up {text}")),
            count(report.credentials, "credential").map(|text| format!("warned of {text}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        app.screen.print(&if done.is_empty() { "Nothing has expired".to_owned() } else { listed(&done) });
        Ok(Outcome::Fine)
    })
}
