//! `lockstep coverage`: what stories show of each component, and what tests it.

mod document;
mod junit;
mod table;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lockstep_core::{coverage::Strategy, diagnostic::DiagnosticSeverity};
use lockstep_engine::{
    coverage::{CoverageReport, trend},
    workspace::config::NameGlob,
};

use crate::{
    app::App,
    exit::{Failure, Outcome},
};

const EXAMPLES: &str = "\
Examples:
  # One line for each component
  lockstep coverage
  # Where each variant of a component is drawn, shown and tested
  lockstep coverage Button
  # What is to be written, by name
  lockstep coverage --missing
  # Fail a build below what lockstep.toml asks for, or below 90 percent
  lockstep coverage --check
  lockstep coverage --check --min 90
  # For a pull request, for people without a terminal, for CI
  lockstep coverage --format markdown
  lockstep coverage --format html --output coverage.html
  lockstep coverage --check --format junit --output coverage.xml
  # What it was over time
  lockstep coverage --trend";

/// Show which variants have stories, and which kinds of tests there are.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CoverageArgs {
    /// The components; all when none is named (globs allowed); of a single one, each variant
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Exit with 1 when coverage is too low, with 4 when not everything could be read: for CI
    #[arg(long)]
    pub check: bool,
    /// How much of all components together is enough, instead of what lockstep.toml says
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub min: Option<f64>,
    /// Show only what is missing, all of it by name
    #[arg(long)]
    pub missing: bool,
    /// What is counted, instead of what lockstep.toml says
    #[arg(long, value_name = "STRATEGY", value_parser = strategy)]
    pub strategy: Option<Strategy>,
    /// How the report is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, conflicts_with = "json")]
    pub format: Format,
    /// Write the report into a file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "trend"])]
    pub output: Option<PathBuf>,
    /// Show what it was over time, from the reports in the registry
    #[arg(long, conflicts_with_all = ["check", "min", "missing", "strategy", "format"])]
    pub trend: bool,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    #[default]
    Table,
    /// For a pull request.
    Markdown,
    /// A page that stands alone.
    Html,
    /// For what shows test results.
    Junit,
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').parse::<f64>().ok();
    number
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| format!("`{text}` is no number from 0 to 100"))
}

fn strategy(text: &str) -> Result<Strategy, String> {
    text.parse().map_err(|error: lockstep_core::word::UnknownWord| error.to_string())
}

/// Runs the command.
pub fn run(args: &CoverageArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        if args.trend {
            return show_trend(args, app).await;
        }
        let engine = app.engine().await?;
        let rules = &engine.workspace.config.coverage;
        let is_asked = args.min.is_some()
            || rules.thresholds.overall.is_some()
            || rules.thresholds.component.is_some()
            || !rules.components.is_empty();
        if args.check && !is_asked {
            return Err(Failure::usage("there is nothing to check coverage against")
                .hint("add `--min 90`, or write `min = 90` under `[coverage]` in lockstep.toml"));
        }
        let current = engine.refresh().await?;
        let covered = engine.coverage(&current, &args.components, args.strategy).await?;
        let mut report = covered.report(rules, args.min);
        report.diagnostics.extend(current.diagnostics.iter().cloned());
        report.diagnostics.sort();
        report.diagnostics.dedup();
        let single = match &args.components[..] {
            [name] if !NameGlob::is_pattern(name) && !args.missing => Some(covered.matrix(name)?),
            _ => None,
        };
        let screen = &app.screen;
        match (&single, screen.json()) {
            (Some(matrix), true) => screen.print_json("lockstep.coverage-matrix/1", matrix),
            (None, true) => screen.print_json("lockstep.coverage/1", &report),
            (_, false) => {
                app.tell_errors(&report.diagnostics);
                let text = match (args.format, &single) {
                    (Format::Table, Some(matrix)) => {
                        table::matrix(matrix, screen.style(), screen.width(), app.now())
                    }
                    (Format::Table, None) if args.missing => table::missing(&report, screen.style()),
                    (Format::Table, None) => table::report(&report, screen.style(), screen.width()),
                    (Format::Markdown, single) => document::markdown(&report, single.as_ref()),
                    (Format::Html, single) => document::html(&report, single.as_ref(), app.now()),
                    (Format::Junit, _) => junit::junit(&report),
                };
                match &args.output {
                    None => screen.print(&text),
                    Some(file) => {
                        std::fs::write(file, text).map_err(|error| {
                            Failure::bad_input(format!("{} can't be written: {error}", file.display()))
                                .hint("name a file in a folder that is there")
                        })?;
                        screen.note(&format!("wrote {}", file.display()));
                    }
                }
            }
        }
        Ok(outcome(args, &report))
    })
}

fn outcome(args: &CoverageArgs, report: &CoverageReport) -> Outcome {
    let is_unread = report.diagnostics.iter().any(|found| found.severity == DiagnosticSeverity::Error);
    match () {
        () if args.check && !report.shortfalls.is_empty() => Outcome::CoverageLow,
        () if args.check && is_unread => Outcome::Incomplete,
        () => Outcome::Fine,
    }
}

async fn show_trend(args: &CoverageArgs, app: &App) -> Result<Outcome, Failure> {
    let name = match &args.components[..] {
        [] => None,
        [name] => Some(name.as_str()),
        _ => {
            return Err(
                Failure::usage("a trend is of one component, or of all together").hint("name one, or none")
            );
        }
    };
    let engine = app.engine().await?;
    let trend = trend(&engine.store, name).await?;
    if app.screen.json() {
        app.screen.print_json("lockstep.coverage-trend/1", &trend);
    } else {
        app.screen.print(&table::trend(&trend, app.screen.style(), app.screen.width()));
    }
    Ok(Outcome::Fine)
}
