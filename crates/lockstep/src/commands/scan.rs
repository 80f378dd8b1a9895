//! `lockstep scan`: reads both sides and records what they state.

use clap::Args;
use lockstep_engine::{
    registry::{Current, Evaluation},
    report::ScanReport,
};

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{Tone, words::counted},
};

const EXAMPLES: &str = "\
Examples:
  # Record what has changed, and name each file that has a problem
  lockstep scan
  # The same for a script
  lockstep scan --json";

/// Read both sides and record what they state.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ScanArgs {
    /// Read every file again, also those that have not changed
    #[arg(long)]
    pub fresh: bool,
    /// Leave the comparing to workers: what changed is put into the drift queue, for `lockstep work`
    #[arg(long)]
    pub queue: bool,
}

/// Runs the command.
pub fn run(args: &ScanArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        if args.fresh {
            engine.forget_cache()?;
        }
        let evaluation = if args.queue { Evaluation::Queued } else { Evaluation::Now };
        let current = engine.scan(evaluation).await?;
        if app.screen.json() {
            let scanned = ScanReport::of(&current);
            app.screen.print_json("lockstep.scan/1", &scanned);
        } else {
            app.tell_findings(&current.diagnostics);
            app.screen.print(&render(app, &current));
        }
        Ok(Outcome::Fine)
    })
}

fn render(app: &App, current: &Current) -> String {
    let style = app.screen.style();
    let mut text = format!(
        "{} in {}, {}, {}\n",
        style.paint(Tone::Strong, counted(current.sides.components.len(), "component")),
        counted(current.sides.files, "file"),
        counted(current.sides.stories.len(), "story"),
        style.paint(Tone::Strong, counted(current.sides.designs.len(), "design component")),
    );
    for (what, changes) in [
        ("component", &current.changes.components),
        ("design component", &current.changes.designs),
        ("story", &current.changes.stories),
    ] {
        for (word, tone, names) in [
            ("new", Tone::Good, &changes.added),
            ("back", Tone::Good, &changes.returned),
            ("changed", Tone::Accent, &changes.changed),
            ("gone", Tone::Warn, &changes.gone),
        ] {
            if !names.is_empty() {
                let label = style.paint(tone, format!("{word:>8}"));
                let names = format!("{}: {}", counted(names.len(), what), super::some_of(names, 6));
                text.push_str(&format!("{label}  {}\n", style.paint(Tone::Plain, names)));
            }
        }
    }
    if current.queued > 0 {
        let label = style.paint(Tone::Warn, format!("{:>8}", "queued"));
        text.push_str(&format!("{label}  {} for `lockstep work`\n", counted(current.queued, "component")));
    }
    text
}
