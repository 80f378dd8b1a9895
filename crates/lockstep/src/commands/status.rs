//! `lockstep status`: one line for each component.

use chrono::{DateTime, Utc};
use clap::Args;
use lockstep_core::registry::MappingStatus;
use lockstep_engine::report::ComponentStatus;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Tone,
        table::{Align, Cell, Table},
        time::ago,
        words::{counted, listed},
    },
};

const EXAMPLES: &str = "\
Examples:
  # Every component
  lockstep status
  # Card and its parts
  lockstep status 'Card*'";

/// One line for each component: mapping, drift, stories, last sync.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct StatusArgs {
    /// The components; all when none is named (globs allowed)
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
}

/// Runs the command.
pub fn run(args: &StatusArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let current = engine.refresh().await?;
        let lines = current.status(&args.components)?;
        if app.screen.json() {
            app.screen.print_json("lockstep.status/1", &lines);
        } else {
            app.tell_errors(&current.diagnostics);
            app.screen.print(&table(&lines, app.now()).render(app.screen.style(), app.screen.width()));
            app.screen.print(&format!("\n{}", summary(&lines)));
        }
        Ok(Outcome::Fine)
    })
}

fn table(lines: &[ComponentStatus], now: DateTime<Utc>) -> Table {
    let columns = [
        ("component", Align::Left),
        ("status", Align::Left),
        ("drift", Align::Left),
        ("design", Align::Left),
        ("stories", Align::Right),
        ("last sync", Align::Left),
    ];
    let mut table = Table::new(columns);
    for line in lines {
        let (status, tone) = match line.mapping_status {
            MappingStatus::Mapped => ("in step", Tone::Good),
            MappingStatus::Drift => ("drift", Tone::Warn),
            MappingStatus::Unmapped => ("unmapped", Tone::Dim),
        };
        let drift = match line.changes {
            0 => String::new(),
            changes => {
                let moved: Vec<String> = line.moved.iter().map(ToString::to_string).collect();
                format!("{}: {}", counted(changes, "change"), moved.join(", "))
            }
        };
        let design = line
            .design
            .as_ref()
            .map(|design| format!("{} {}", design.name, design.address))
            .unwrap_or_default();
        let synced = line.last_synced_at.map_or_else(|| "never".to_owned(), |at| ago(at, now));
        table.row([
            Cell::new(Tone::Strong, &line.name),
            Cell::new(tone, status),
            drift.into(),
            Cell::new(Tone::Dim, design),
            line.stories.to_string().into(),
            Cell::new(Tone::Dim, synced),
        ]);
    }
    table
}

fn summary(lines: &[ComponentStatus]) -> String {
    let count = |status: MappingStatus| lines.iter().filter(|line| line.mapping_status == status).count();
    let parts = [
        (count(MappingStatus::Drift), "with drift"),
        (count(MappingStatus::Mapped), "in step"),
        (count(MappingStatus::Unmapped), "unmapped"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    format!("{}: {}", counted(lines.len(), "component"), listed(&parts))
}
