//! `lockstep plan`: what a sync would change.

use std::path::PathBuf;

use clap::Args;
use lockstep_core::plan::Decision;
use lockstep_engine::plan::{Plan, PlanDocument, PlannedComponent, SavedPlan};

use super::selection::SelectionArgs;
use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Style, Tone,
        diff::{self, FileChange},
        words::{counted, listed},
    },
};

const EXAMPLES: &str = "\
Examples:
  # What would be done, as diffs
  lockstep plan Button
  # The code decides
  lockstep plan --direction code-to-design
  # Without a property, kept for a review
  lockstep plan --exclude 'Button:properties/size/*' --save ui.plan";

/// Preview what a sync would change.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PlanArgs {
    /// Which changes.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Keep the plan in a file, for `lockstep sync --plan FILE`
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &PlanArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let (current, plan) = engine.plan(&args.selection.request()).await?;
        if app.screen.json() {
            app.screen.print_json("lockstep.plan/1", &PlanDocument::of(&plan));
        } else {
            app.tell_errors(&current.diagnostics);
            app.screen.print(&render(&plan, app.screen.style()));
        }
        if let Some(path) = &args.save {
            let text = serde_json::to_string_pretty(&SavedPlan::of(&plan))
                .map_err(|error| Failure::internal(error.to_string()))?;
            std::fs::write(path, text)
                .map_err(|error| Failure::bad_input(format!("can't write {}: {error}", path.display())))?;
            app.screen.note(&format!("saved: `lockstep sync --plan {}` executes it", path.display()));
        }
        Ok(Outcome::Fine)
    })
}

/// The plan as people review it: each component with its changes, and the real edits of both sides.
pub fn render(plan: &Plan, style: Style) -> String {
    let mut text = blocked(plan, style);
    if plan.components.is_empty() {
        return text
            + &format!("{}: no drift in what was chosen\n", style.paint(Tone::Good, "Nothing to do"));
    }
    for component in &plan.components {
        text.push_str(&component_text(component, style));
        text.push('\n');
    }
    text.push_str(&review(plan, style));
    text
}

/// What can't be done for want of a credential.
fn blocked(plan: &Plan, style: Style) -> String {
    let mut text = String::new();
    for by in &plan.blocked {
        let names = super::some_of(&by.components, 6);
        let word = if plan.request.partial { "left out" } else { "blocked" };
        text.push_str(&format!(
            "{}  {names}\n         {}: {}\n",
            style.paint(Tone::Bad, word),
            by.reason,
            style.paint(Tone::Dim, &by.next_step)
        ));
    }
    text
}

fn component_text(component: &PlannedComponent, style: Style) -> String {
    let mut text = format!(
        "{}  {}\n",
        style.paint(Tone::Strong, &component.name),
        style.paint(Tone::Dim, component.selection.direction.to_string())
    );
    for planned in &component.plan.changes {
        let by_hand = component.manual.iter().filter(|manual| manual.path == planned.change.path);
        let by_hand: Vec<String> = by_hand.map(manual_text).collect();
        let (word, tone, why) = match &planned.decision {
            _ if !by_hand.is_empty() => ("by hand", Tone::Warn, by_hand.join("\n             ")),
            Decision::WriteDesign => ("to design", Tone::Good, planned.change.reason.clone()),
            Decision::WriteCode => ("to code", Tone::Good, planned.change.reason.clone()),
            Decision::Leave { reason } => ("left", Tone::Dim, reason.clone()),
        };
        text.push_str(&format!(
            "  {}  {}\n             {}\n",
            style.paint(tone, format!("{word:<9}")),
            style.paint(Tone::Accent, planned.change.path.to_string()),
            style.paint(Tone::Dim, why),
        ));
    }
    for note in &component.notes {
        text.push_str(&format!(
            "  {}  {}\n",
            style.paint(Tone::Warn, "note     "),
            style.paint(Tone::Plain, note)
        ));
    }
    if let (Some(file), false) = (&component.design_file, component.nodes.is_empty()) {
        text.push_str(&format!(
            "\n{} {}\n",
            style.paint(Tone::Strong, file.to_string()),
            style.paint(Tone::Dim, format!("({})", counted(component.nodes.len(), "node edit")))
        ));
        for node in &component.nodes {
            text.push_str(&format!("    {}\n", style.paint(Tone::Plain, node.to_string())));
        }
    }
    for file in &component.files {
        let path = file.file.to_string();
        text.push_str(&format!(
            "\n{}",
            diff::render(
                FileChange { path: &path, before: file.before.as_deref(), after: Some(&file.after) },
                style
            )
        ));
    }
    text
}

fn manual_text(manual: &lockstep_engine::plan::ManualEdit) -> String {
    match manual.line {
        Some(line) => format!("{}:{line}: {}", manual.file, manual.reason),
        None => format!("{}: {}", manual.file, manual.reason),
    }
}

/// The review step: how much, in which directions, and what is left out.
pub fn review(plan: &Plan, style: Style) -> String {
    let totals = plan.totals();
    if totals.components == 0 {
        return format!("{}: what is left needs a person\n", style.paint(Tone::Warn, "Nothing to write"));
    }
    let mut directions: Vec<_> = plan
        .components
        .iter()
        .filter(|component| component.writes())
        .map(|component| component.selection.direction)
        .collect();
    directions.sort();
    directions.dedup();
    let directions: Vec<String> = directions.iter().map(ToString::to_string).collect();
    let files: std::collections::BTreeSet<_> = plan
        .components
        .iter()
        .flat_map(|component| component.files.iter().map(|file| &file.file).chain(&component.design_file))
        .collect();
    let mut parts = Vec::new();
    for (count, what) in [(totals.to_design, "to the design"), (totals.to_code, "to code")] {
        if count > 0 {
            parts.push(format!("{} {what}", counted(count, "change")));
        }
    }
    let mut text = format!(
        "{}, {}: {} in {}\n",
        style.paint(Tone::Strong, counted(totals.components, "component")),
        listed(&directions),
        listed(&parts),
        counted(files.len(), "file"),
    );
    let excluded: Vec<String> = plan
        .components
        .iter()
        .flat_map(|component| {
            component.selection.exclude.iter().map(|path| format!("{}:{path}", component.name))
        })
        .collect();
    if !excluded.is_empty() {
        text.push_str(&format!("excluded: {}\n", super::some_of(&excluded, 6)));
    }
    if totals.left > excluded.len() || totals.manual > 0 {
        let rest = format!("{} left as they are, {} by hand", totals.left, totals.manual);
        text.push_str(&style.paint(Tone::Dim, rest));
        text.push('\n');
    }
    text
}
