//! `lockstep scaffold`: writes stories for what no story shows.

use clap::{Args, ValueEnum};
use lockstep_core::operation::OperationStatus;
use lockstep_engine::{
    apply::{OnLock, SyncOutcome},
    plan::{FileChange, Plan, PlannedComponent},
    scaffold::NotScaffolded,
};
use serde::Serialize;

use super::sync::Wrote;
use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Style, Tone,
        diff::{self, FileChange as Diff},
        words::counted,
    },
};

const EXAMPLES: &str = "\
Examples:
  # What would be written
  lockstep scaffold stories --dry-run
  # Stories for every option of a component that none shows
  lockstep scaffold stories Button
  # All of them, without asking; `lockstep undo` takes them back
  lockstep scaffold stories --yes";

/// Write stories for what no story shows.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ScaffoldArgs {
    /// What is written
    #[arg(value_enum)]
    pub what: What,
    /// The components; all when none is named (globs allowed)
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
    /// Refuse at once when a sync of the same component is running
    #[arg(long)]
    pub no_wait: bool,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// A story for each option that none shows.
    Stories,
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    components: Vec<Scaffolded<'a>>,
    left: &'a [NotScaffolded],
    /// Nothing for what was only shown.
    outcome: Option<&'a SyncOutcome>,
}

#[derive(Debug, Serialize)]
struct Scaffolded<'a> {
    name: &'a str,
    stories: Vec<String>,
    files: &'a [FileChange],
}

impl<'a> From<&'a PlannedComponent> for Scaffolded<'a> {
    fn from(planned: &'a PlannedComponent) -> Self {
        let stories = planned.scaffold.iter().flat_map(|scaffold| &scaffold.stories);
        Self {
            name: &planned.name,
            stories: stories.map(|(property, option)| format!("{property}={option}")).collect(),
            files: &planned.files,
        }
    }
}

/// Runs the command.
pub fn run(args: &ScaffoldArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let _first = engine.go_first().await?;
        let (current, plan, left) = engine.plan_stories(&args.components).await?;
        if !app.screen.json() {
            app.tell_errors(&current.diagnostics);
        }
        let shown = |outcome: Option<&SyncOutcome>| {
            if app.screen.json() {
                let components = plan.components.iter().map(Into::into).collect();
                app.screen.print_json("lockstep.scaffold/1", &Report { components, left: &left, outcome });
            }
        };
        if !app.screen.json() {
            let detail = if args.dry_run || !args.yes { Detail::Diffs } else { Detail::Names };
            app.screen.print(&render(&plan, &left, detail, app.screen.style()));
        }
        if args.dry_run || plan.components.is_empty() {
            shown(None);
            return Ok(Outcome::Fine);
        }
        if !args.yes {
            if !app.screen.can_ask() {
                return Err(Failure::refused("a scaffold needs a yes, and nobody can be asked here")
                    .hint("look at it with --dry-run, then run it with --yes"));
            }
            let yes = app.screen.confirm("Write them?");
            if !yes.map_err(|error| Failure::internal(error.to_string()))? {
                app.screen.note("nothing was changed");
                return Ok(Outcome::Fine);
            }
        }
        let on_lock = if args.no_wait { OnLock::Refuse } else { OnLock::Wait };
        app.heed_interrupts()?;
        let outcome = engine.sync(current, &plan, on_lock).await?;
        shown(Some(&outcome));
        if !app.screen.json() {
            app.screen.print(&super::sync::render(&outcome, Wrote::Stories, app.screen.style(), app.now()));
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

#[derive(PartialEq)]
enum Detail {
    Names,
    Diffs,
}

fn render(plan: &Plan, left: &[NotScaffolded], detail: Detail, style: Style) -> String {
    let mut text = String::new();
    let mut count = 0;
    for planned in &plan.components {
        let Scaffolded { name, stories, files } = planned.into();
        count += stories.len();
        let shown = if stories.is_empty() { "a first story".to_owned() } else { stories.join(", ") };
        text.push_str(&format!(
            "{}  {}\n",
            style.paint(Tone::Strong, name),
            style.paint(Tone::Accent, shown)
        ));
        for file in files.iter().filter(|_| detail == Detail::Diffs) {
            let path = file.file.to_string();
            let change = Diff { path: &path, before: file.before.as_deref(), after: Some(&file.after) };
            text.push_str(&format!("\n{}\n", diff::render(change, style)));
        }
    }
    for left in left {
        let line = format!("{}: {}", left.component, left.reason);
        text.push_str(&format!("{}\n", style.paint(Tone::Dim, line)));
    }
    if plan.components.is_empty() {
        text.push_str(&format!(
            "{}\n",
            style.paint(
                Tone::Good,
                "Nothing to write: every option has a story, or what is left needs a person"
            )
        ));
    } else {
        let what = if count == 1 {
            "1 option gets a story".to_owned()
        } else {
            format!("{count} options get stories")
        };
        let components = counted(plan.components.len(), "component");
        text.push_str(&format!("{}, in {components}\n", style.paint(Tone::Strong, what)));
    }
    text
}
