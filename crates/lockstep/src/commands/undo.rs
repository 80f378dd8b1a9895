//! `lockstep undo`: takes a sync back.

use clap::Args;
use lockstep_core::undo::{Outcome as Ended, UndoAction};
use lockstep_engine::{
    apply::short,
    undo::{UndoReport, UndoRequest, WhenMoved},
};

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{Style, Tone, words::counted},
};

const EXAMPLES: &str = "\
Examples:
  # The newest sync
  lockstep undo
  # One component of one sync
  lockstep undo 799b2eb5 --component Button";

/// Take a sync back.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct UndoArgs {
    /// What is turned.
    #[command(flatten)]
    pub turn: TurnArgs,
}

/// What `undo` and `redo` have in common.
#[derive(Debug, Args)]
pub struct TurnArgs {
    /// The operation's id, or the first letters of it; the newest one that can be when none is named
    #[arg(value_name = "OPERATION")]
    pub operation: Option<String>,
    /// Only this component of it (repeatable)
    #[arg(long, value_name = "NAME")]
    pub component: Vec<String>,
    /// Where something has moved since, merge instead of refusing
    #[arg(long)]
    pub merge: bool,
}

/// Runs the command.
pub fn run(args: &UndoArgs, app: &App) -> Result<Outcome, Failure> {
    turn(&args.turn, UndoAction::Undo, app)
}

/// Takes back or applies again.
pub fn turn(args: &TurnArgs, action: UndoAction, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let request = UndoRequest {
            operation: args.operation.clone(),
            components: args.component.clone(),
            when_moved: if args.merge { WhenMoved::Merge } else { WhenMoved::Refuse },
        };
        app.heed_interrupts()?;
        let report = match action {
            UndoAction::Undo => engine.undo(&request).await?,
            UndoAction::Redo => engine.redo(&request).await?,
        };
        if app.screen.json() {
            let schema = if action == UndoAction::Undo { "lockstep.undo/1" } else { "lockstep.redo/1" };
            app.screen.print_json(schema, &report);
        } else {
            app.screen.print(&render(&report, app.screen.style()));
        }
        Ok(if report.is_complete() { Outcome::Fine } else { Outcome::Refused })
    })
}

fn render(report: &UndoReport, style: Style) -> String {
    let done_word = match report.action {
        UndoAction::Undo => "undone",
        UndoAction::Redo => "redone",
    };
    let mut text = String::new();
    for component in &report.components {
        let (word, tone) = match (component.outcome, component.merged) {
            (Ended::Done, false) => (done_word, Tone::Good),
            (Ended::Done, true) => ("merged", Tone::Good),
            _ => ("refused", Tone::Bad),
        };
        let files: Vec<String> = component.files.iter().map(ToString::to_string).collect();
        text.push_str(&format!(
            "  {}  {}  {}\n",
            style.paint(tone, format!("{word:<7}")),
            style.paint(Tone::Strong, &component.name),
            style.paint(Tone::Dim, files.join(", "))
        ));
        for reason in &component.reasons {
            text.push_str(&format!("           {}\n", style.paint(Tone::Plain, reason)));
        }
    }
    let done = report.components.iter().filter(|component| component.outcome == Ended::Done).count();
    let id = short(report.operation);
    text.push_str(&format!("{} of operation {id} {done_word}", counted(done, "component")));
    if report.is_complete() {
        let other = if report.action == UndoAction::Undo { "redo" } else { "undo" };
        text.push_str(&format!(
            "; {} applies the other way\n",
            style.paint(Tone::Accent, format!("`lockstep {other} {id}`"))
        ));
    } else {
        text.push_str(&format!(
            "; {} keeps later changes where it can\n",
            style.paint(Tone::Accent, format!("`lockstep {} {id} --merge`", report.action))
        ));
    }
    text
}
