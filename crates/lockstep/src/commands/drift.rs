//! `lockstep drift`: where code and design differ.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use clap::Args;
use lockstep_core::{diagnostic::DiagnosticSeverity, drift::Severity, mapping::Note, merge::Moved};
use lockstep_engine::report::{ComponentDrift, DriftReport, DriftTotals, ReportedChange};
use serde_json::Value;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Style, Tone,
        time::age,
        words::{counted, listed},
    },
};

const EXAMPLES: &str = "\
Examples:
  # Everything that differs, with the reason
  lockstep drift
  # Also what was matched by a rule or not compared
  lockstep drift Button --all
  # Fail a build when there is drift
  lockstep drift --check";

/// Show where code and design differ, who moved, and why it is said.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DriftArgs {
    /// The components; all when none is named (globs allowed)
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Exit with 1 when there is drift, with 4 when not everything could be read: for CI
    #[arg(long)]
    pub check: bool,
    /// Show what is ignored, accepted and not compared, too
    #[arg(long)]
    pub all: bool,
}

/// Runs the command.
pub fn run(args: &DriftArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let report = engine.drift(&args.components).await?;
        if app.screen.json() {
            app.screen.print_json("lockstep.drift/1", &report);
        } else {
            app.tell_errors(&report.diagnostics);
            let detail = if args.all || app.screen.verbose() { Detail::All } else { Detail::Drift };
            app.screen.print(&render(&report, detail, app.screen.style(), app.now()));
        }
        let unread =
            report.diagnostics.iter().filter(|found| found.severity == DiagnosticSeverity::Error).count();
        if unread > 0 && !app.screen.json() {
            let told = format!("not everything could be read: {} above", counted(unread, "error"));
            app.screen.complain(&app.screen.error_style().paint(Tone::Bad, told));
        }
        Ok(match () {
            () if args.check && report.totals.changes > 0 => Outcome::DriftFound,
            () if args.check && unread > 0 => Outcome::Incomplete,
            () => Outcome::Fine,
        })
    })
}

/// How much of a report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What alarms.
    Drift,
    /// What was set aside, too.
    All,
}

/// The report as people read it.
pub fn render(report: &DriftReport, detail: Detail, style: Style, now: DateTime<Utc>) -> String {
    let mut text = String::new();
    for component in &report.components {
        if !component.changes.is_empty() || !component.lapsed.is_empty() || detail == Detail::All {
            text.push_str(&component_text(component, detail, style, now));
            text.push('\n');
        }
    }
    if !report.unmapped.is_empty() {
        text.push_str(&unmapped(report, style));
        text.push('\n');
    }
    text.push_str(&summary(&report.totals, report.unmapped_designs.len(), style));
    if detail == Detail::Drift
        && report.totals.ignored + report.totals.accepted + report.totals.not_compared > 0
    {
        text.push_str(&format!("{}\n", style.paint(Tone::Dim, "`lockstep drift --all` lists what was matched by a rule or heuristic and what was not compared, and why")));
    }
    text
}

fn component_text(component: &ComponentDrift, detail: Detail, style: Style, now: DateTime<Utc>) -> String {
    let mut text = format!(
        "{}  {}\n",
        style.paint(Tone::Strong, &component.name),
        style.paint(
            Tone::Dim,
            format!(
                "{} = {} {}, linked by {}",
                component.declared, component.design.address, component.design.name, component.linked_by
            )
        ),
    );
    if component.changes.is_empty() {
        text.push_str(&format!("  {}\n", style.paint(Tone::Good, "no drift")));
    }
    for change in &component.changes {
        text.push_str(&change_text(change, style, now));
    }
    for lapsed in &component.lapsed {
        text.push_str(&format!(
            "  {} {}\n",
            style.paint(Tone::Warn, "lapsed"),
            style.paint(Tone::Plain, lapsed)
        ));
    }
    for (word, aside) in [("ignored", &component.ignored), ("accepted", &component.accepted)] {
        for aside in aside {
            let until = aside.expires.map(|last| format!(", until {last}")).unwrap_or_default();
            let line = format!("{word}: {} ({}{until})", aside.change.path, aside.reason);
            text.push_str(&format!("  {}\n", style.paint(Tone::Dim, line)));
        }
    }
    if detail == Detail::All {
        for (word, notes) in [("matched", &component.matched), ("not compared", &component.not_compared)] {
            for (reason, names) in by_reason(notes) {
                let line = format!("{word}: {} ({reason})", names.join(", "));
                text.push_str(&format!("  {}\n", style.paint(Tone::Dim, line)));
            }
        }
    }
    text
}

/// A change in two lines: what and who, then both values and why.
fn change_text(reported: &ReportedChange, style: Style, now: DateTime<Utc>) -> String {
    let change = &reported.change;
    let tone = match change.moved {
        Moved::Conflict => Tone::Bad,
        Moved::Undetermined => Tone::Plain,
        Moved::CodeAhead | Moved::DesignAhead => Tone::Warn,
    };
    let severity = match change.severity {
        Severity::High => Tone::Bad,
        Severity::Medium => Tone::Warn,
        Severity::Low => Tone::Dim,
    };
    let values = format!("code {} / design {}", shown(&change.code), shown(&change.design));
    format!(
        "  {}  {}  {}  {}\n    {}\n    {}\n",
        style.paint(tone, format!("{:<13}", change.moved.to_string())),
        style.paint(severity, format!("{:<6}", change.severity.to_string())),
        style.paint(Tone::Accent, change.path.to_string()),
        style.paint(Tone::Dim, format!("{}, {}", change.kind, age(reported.since, now))),
        style.paint(Tone::Plain, &change.reason),
        style.paint(Tone::Dim, values),
    )
}

/// A value as short as it can be understood.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(members) => match (members.get("kind").and_then(Value::as_str), members.get("options"))
        {
            (Some(kind), Some(Value::Array(options))) => {
                let options: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
                let default = members
                    .get("default")
                    .and_then(Value::as_str)
                    .map(|default| format!(", default {default}"))
                    .unwrap_or_default();
                format!("{kind} {}{default}", options.join(" | "))
            }
            (Some(kind), None) => match members.get("default") {
                Some(default) => format!("{kind}, default {default}"),
                None => kind.to_owned(),
            },
            _ => members.get("name").and_then(Value::as_str).map_or_else(|| value.to_string(), str::to_owned),
        },
        other => other.to_string(),
    }
}

/// The names of notes with the same reason, together.
fn by_reason(notes: &[Note]) -> BTreeMap<&str, Vec<&str>> {
    let mut grouped: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for note in notes {
        grouped.entry(&note.reason).or_default().push(&note.property);
    }
    grouped
}

fn unmapped(report: &DriftReport, style: Style) -> String {
    let mut text = format!("{}\n", style.paint(Tone::Strong, "Unmapped"));
    let mut plain = Vec::new();
    for component in &report.unmapped {
        match component.suggestions.first() {
            Some(best) => {
                let percent = (best.suggestion.score * 100.0).round();
                let reasons: Vec<String> = best.suggestion.reasons.iter().map(ToString::to_string).collect();
                text.push_str(&format!(
                    "  {}  maybe {} {} ({percent} %: {})\n",
                    style.paint(Tone::Plain, &component.name),
                    style.paint(Tone::Accent, &best.design.address),
                    style.paint(Tone::Plain, &best.design.name),
                    style.paint(Tone::Dim, reasons.join("; ")),
                ));
            }
            None => plain.push(component.name.clone()),
        }
    }
    if !plain.is_empty() {
        text.push_str(&format!("  {}\n", style.paint(Tone::Dim, super::some_of(&plain, 12))));
    }
    text.push_str(&format!(
        "  {}\n",
        style.paint(Tone::Dim, "`lockstep map accept COMPONENT` links a suggestion")
    ));
    text
}

fn summary(totals: &DriftTotals, unmapped_designs: usize, style: Style) -> String {
    let mut text = if totals.changes == 0 {
        format!("{} in {}", style.paint(Tone::Good, "No drift"), counted(totals.mapped, "mapped component"))
    } else {
        let parts = [
            (totals.code_ahead, "code ahead"),
            (totals.design_ahead, "design ahead"),
            (totals.conflicts, "in conflict"),
            (totals.undetermined, "undetermined"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        format!(
            "{} in {} of {}: {}",
            style.paint(Tone::Strong, counted(totals.changes, "change")),
            totals.drifting,
            counted(totals.mapped, "mapped component"),
            listed(&parts)
        )
    };
    let rest = [
        (totals.unmapped, "unmapped"),
        (unmapped_designs, "in the design only"),
        (totals.ignored, "ignored"),
        (totals.accepted, "accepted"),
        (totals.not_compared, "not compared"),
    ];
    let rest: Vec<String> =
        rest.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if !rest.is_empty() {
        text.push_str(&style.paint(Tone::Dim, format!("; {}", rest.join(", "))));
    }
    text.push('\n');
    text
}
