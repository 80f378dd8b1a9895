//! `lockstep sync`: makes both sides agree again.

use std::path::Path;

use clap::Args;
use lockstep_core::operation::{ComponentState, OperationStatus};
use lockstep_engine::{
    apply::{OnLock, OperationReport, SyncOutcome, short},
    context::Engine,
    plan::{Plan, SavedPlan},
    registry::Current,
};

use super::{plan, selection::SelectionArgs};
use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{Style, Tone, time::until, words::counted},
};

const EXAMPLES: &str = "\
Examples:
  # Show the plan, ask, apply it
  lockstep sync Button
  # Exactly what was reviewed
  lockstep sync --plan ui.plan --yes
  # Choose a side for a conflict
  lockstep sync --resolve TextField:properties/size/default=design";

/// Make both sides agree again.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SyncArgs {
    /// Which changes.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Execute a plan that was saved; refused as stale when something has moved since
    #[arg(long, value_name = "FILE", conflicts_with_all = ["components", "direction", "only", "exclude", "exclude_variant", "resolve", "partial"])]
    pub plan: Option<String>,
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
    /// Wait for a running sync of the same component (the default)
    #[arg(long, overrides_with = "no_wait")]
    pub wait: bool,
    /// Refuse at once when a sync of the same component is running
    #[arg(long)]
    pub no_wait: bool,
}

/// Runs the command.
pub fn run(args: &SyncArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let _first = engine.go_first().await?;
        let (current, plan) = match &args.plan {
            Some(file) => saved(&engine, Path::new(file)).await?,
            None => engine.plan(&args.selection.request()).await?,
        };
        if !confirmed(args, app, &current, &plan)? {
            app.screen.note("nothing was changed");
            return Ok(Outcome::Fine);
        }
        let on_lock = if args.no_wait { OnLock::Refuse } else { OnLock::Wait };
        app.heed_interrupts()?;
        let outcome = engine.sync(current, &plan, on_lock).await?;
        if app.screen.json() {
            app.screen.print_json("lockstep.sync/1", &outcome);
        } else {
            app.screen.print(&render(&outcome, Wrote::Changes, app.screen.style(), app.now()));
        }
        Ok(match outcome {
            SyncOutcome::Executed(report) | SyncOutcome::Repeated(report)
                if report.status != OperationStatus::Completed =>
            {
                Outcome::Refused
            }
            _ => Outcome::Fine,
        })
    })
}

async fn saved(engine: &Engine, file: &Path) -> Result<(Current, Plan), Failure> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::bad_input(format!("{} is no saved plan: {error}", file.display()))
            .hint("`lockstep plan --save FILE` makes one")
    };
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(&error))?;
    let saved: SavedPlan = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
    Ok(engine.saved_plan(&saved).await?)
}

/// Shows the plan and asks, unless `--yes` says it was seen.
fn confirmed(args: &SyncArgs, app: &App, current: &Current, plan: &Plan) -> Result<bool, Failure> {
    if !app.screen.json() {
        app.tell_errors(&current.diagnostics);
        let style = app.screen.style();
        let shown = if args.yes { plan::review(plan, style) } else { plan::render(plan, style) };
        if plan.totals().components > 0 || !args.yes {
            app.screen.print(&shown);
        }
    }
    if args.yes || plan.totals().components == 0 {
        return Ok(true);
    }
    if !app.screen.can_ask() {
        return Err(Failure::refused("a sync needs a yes, and nobody can be asked here")
            .hint("look at `lockstep plan`, then run it with --yes"));
    }
    app.screen.confirm("Sync?").map_err(|error| Failure::internal(error.to_string()))
}

pub(super) fn render(
    outcome: &SyncOutcome,
    what: Wrote,
    style: Style,
    now: chrono::DateTime<chrono::Utc>,
) -> String {
    match outcome {
        SyncOutcome::NothingToDo => format!("{}\n", style.paint(Tone::Good, "Nothing to do")),
        SyncOutcome::Repeated(report) => format!(
            "{} as {}; nothing was applied again\n",
            style.paint(Tone::Warn, "This very sync was made a moment ago"),
            style.paint(Tone::Accent, short(report.id)),
        ),
        SyncOutcome::Executed(report) => {
            let mut text = executed(report, what, style, now);
            if let Some(scaffold) = &report.scaffold {
                text.push_str(&executed(scaffold, Wrote::Stories, style, now));
            }
            if let Some(reason) = &report.scaffold_refused {
                let told = format!("no stories were written after it: {reason}");
                text.push_str(&format!("{}\n", style.paint(Tone::Warn, told)));
            }
            text
        }
    }
}

/// What an operation wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrote {
    /// Changes of either side.
    Changes,
    /// Stories, beside what both sides state.
    Stories,
}

fn with_hint(reason: &str, hint: Option<&str>) -> String {
    hint.map_or_else(|| reason.to_owned(), |hint| format!("{reason}; {hint}"))
}

fn executed(
    report: &OperationReport,
    what: Wrote,
    style: Style,
    now: chrono::DateTime<chrono::Utc>,
) -> String {
    let mut text = String::new();
    for component in &report.components {
        let (mark, tone, rest) = match (component.state, &component.reason) {
            (ComponentState::Applied, _) if what == Wrote::Stories => {
                ("written", Tone::Good, "stories".to_owned())
            }
            (ComponentState::Applied, _) => {
                ("synced", Tone::Good, counted(component.applied.len(), "change"))
            }
            (_, Some(reason)) => ("failed", Tone::Bad, with_hint(reason, component.hint.as_deref())),
            (state, None) => ("left", Tone::Dim, state.to_string()),
        };
        text.push_str(&format!(
            "  {}  {}  {}\n",
            style.paint(tone, format!("{mark:<6}")),
            style.paint(Tone::Strong, &component.name),
            style.paint(Tone::Dim, rest)
        ));
    }
    let id = short(report.id);
    let (word, tone) = match report.status {
        OperationStatus::Completed => ("Done", Tone::Good),
        OperationStatus::Partial => ("Partly done", Tone::Warn),
        _ => ("Failed, everything is as it was", Tone::Bad),
    };
    let took = report
        .duration_ms
        .map(|ms| format!(" in {}", crate::output::time::took(chrono::Duration::milliseconds(ms))))
        .unwrap_or_default();
    text.push_str(&format!("{}{took}", style.paint(tone, word)));
    if report.status.has_applied() {
        text.push_str(&format!(
            "; {} takes it back ({} left)",
            style.paint(Tone::Accent, format!("`lockstep undo {id}`")),
            until(report.reversible_until, now).trim_start_matches("in ")
        ));
    }
    text.push('\n');
    text
}
