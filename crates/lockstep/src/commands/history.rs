//! `lockstep history`: past syncs.

use chrono::{DateTime, Utc};
use clap::Args;
use lockstep_core::{
    operation::{ComponentState, OperationStatus},
    undo::UndoState,
};
use lockstep_engine::{apply::short, history::PastOperation};

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Style, Tone,
        table::{Align, Cell, Table},
        time::{ago, moment, until},
        words::counted,
    },
};

const EXAMPLES: &str = "\
Examples:
  # The newest 20
  lockstep history
  # One of them, with its components and what became of it
  lockstep history 799b2eb5
  # Those that changed Button
  lockstep history --component Button --limit 5";

/// List past syncs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct HistoryArgs {
    /// One operation, whole: its id, or the first letters of it
    #[arg(value_name = "OPERATION")]
    pub operation: Option<String>,
    /// Only those that changed this component
    #[arg(long, value_name = "NAME")]
    pub component: Option<String>,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
}

/// Runs the command.
pub fn run(args: &HistoryArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let screen = &app.screen;
        if let Some(prefix) = &args.operation {
            let past = engine.past_operation(prefix).await?;
            if screen.json() {
                screen.print_json("lockstep.operation/1", &past);
            } else {
                screen.print(&one(&past, screen.style(), app.now()));
            }
            return Ok(Outcome::Fine);
        }
        let mut past = engine.history(args.limit as usize).await?;
        if let Some(name) = &args.component {
            past.retain(|operation| {
                operation.components.iter().any(|component| component.result.name == *name)
            });
        }
        if screen.json() {
            screen.print_json("lockstep.history/1", &past);
        } else if past.is_empty() {
            screen.print("No syncs yet: `lockstep plan` shows what one would do");
        } else {
            screen.print(&table(&past, app.now()).render(screen.style(), screen.width()));
        }
        Ok(Outcome::Fine)
    })
}

fn table(past: &[PastOperation], now: DateTime<Utc>) -> Table {
    let columns = [
        ("operation", Align::Left),
        ("when", Align::Left),
        ("who", Align::Left),
        ("direction", Align::Left),
        ("status", Align::Left),
        ("components", Align::Left),
        ("undo", Align::Left),
    ];
    let mut table = Table::new(columns);
    for operation in past {
        let directions: Vec<String> = operation.directions.iter().map(ToString::to_string).collect();
        let names: Vec<String> =
            operation.components.iter().map(|component| component.result.name.clone()).collect();
        table.row([
            Cell::new(Tone::Accent, short(operation.id)),
            ago(operation.timestamp, now).into(),
            Cell::new(Tone::Plain, &operation.initiated_by),
            directions.join(", ").into(),
            Cell::new(tone(operation.status), operation.status.to_string()),
            super::some_of(&names, 4).into(),
            undo_word(operation, now).into(),
        ]);
    }
    table
}

fn tone(status: OperationStatus) -> Tone {
    match status {
        OperationStatus::Completed => Tone::Good,
        OperationStatus::Partial | OperationStatus::Running | OperationStatus::Pending => Tone::Warn,
        OperationStatus::Failed => Tone::Bad,
    }
}

/// Whether and how long it can be taken back.
fn undo_word(operation: &PastOperation, now: DateTime<Utc>) -> String {
    let states: Vec<UndoState> = operation.components.iter().filter_map(|component| component.undo).collect();
    let undone = states.iter().filter(|state| **state == UndoState::Undone).count();
    match (states.len(), undone) {
        (0, _) => String::new(),
        (all, undone) if all == undone => "undone".to_owned(),
        _ if operation.reversible_until <= now || !operation.in_window => "too late".to_owned(),
        (_, 0) => format!("{} left", until(operation.reversible_until, now).trim_start_matches("in ")),
        (all, undone) => format!("{undone} of {all} undone"),
    }
}

fn one(past: &PastOperation, style: Style, now: DateTime<Utc>) -> String {
    let mut text = format!(
        "{}  {}  {} by {}, {}\n",
        style.paint(Tone::Accent, past.id.to_string()),
        style.paint(tone(past.status), past.status.to_string()),
        moment(past.timestamp),
        style.paint(Tone::Plain, &past.initiated_by),
        undo_word(past, now),
    );
    for component in &past.components {
        let (word, tone) = match (component.result.state, component.undo) {
            (ComponentState::Applied, Some(UndoState::Undone)) => ("undone", Tone::Warn),
            (ComponentState::Applied, _) => ("synced", Tone::Good),
            (ComponentState::Failed, _) => ("failed", Tone::Bad),
            _ => ("left", Tone::Dim),
        };
        let changes = counted(component.result.applied.len(), "change");
        let rest = component.result.reason.clone().unwrap_or(changes);
        text.push_str(&format!(
            "  {}  {}  {}\n",
            style.paint(tone, format!("{word:<6}")),
            style.paint(Tone::Strong, &component.result.name),
            style.paint(Tone::Dim, rest)
        ));
        for path in &component.result.applied {
            text.push_str(&format!("            {}\n", style.paint(Tone::Plain, path.to_string())));
        }
    }
    for event in &past.events {
        let who = event.actor.as_deref().unwrap_or("someone");
        let reason = event.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let component = event.component.as_deref().unwrap_or("all");
        let line =
            format!("{} {} {} {component} by {who}{reason}", moment(event.at), event.action, event.outcome);
        text.push_str(&format!("  {}\n", style.paint(Tone::Dim, line)));
    }
    text
}
