//! `lockstep accept`: records today's differences as accepted.

use clap::Args;
use lockstep_engine::{context::Engine, decide::AcceptedChange};

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{Tone, words::counted},
};

const EXAMPLES: &str = "\
Examples:
  # All of today's differences
  lockstep accept --yes --reason 'as of the adoption'
  # Those of one component
  lockstep accept Tooltip --reason 'waits for the rebrand'
  # Alarm again
  lockstep accept Tooltip --remove";

/// Accept today's differences, so that only new drift alarms.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct AcceptArgs {
    /// The components; all that drift when none is named (globs allowed)
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Only the changes whose path matches: `properties/size/*` (repeatable)
    #[arg(long, value_name = "PATH_GLOB")]
    pub only: Vec<String>,
    /// Why, for those who read the report
    #[arg(long, required_unless_present = "remove")]
    pub reason: Option<String>,
    /// Take the acceptance back
    #[arg(long, conflicts_with = "reason")]
    pub remove: bool,
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
}

/// Runs the command.
pub fn run(args: &AcceptArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let (word, schema, done) = match &args.reason {
            Some(reason) => match accept(args, reason, &engine, app).await? {
                Some(accepted) => ("accepted", "lockstep.accept/1", accepted),
                None => return Ok(Outcome::Fine),
            },
            None => (
                "taken back",
                "lockstep.accept-remove/1",
                engine.take_back_acceptance(&args.components, &args.only).await?,
            ),
        };
        if app.screen.json() {
            app.screen.print_json(schema, &done);
            return Ok(Outcome::Fine);
        }
        let style = app.screen.style();
        for entry in &done {
            let place = style.paint(Tone::Accent, &entry.path);
            app.screen.print(&format!("  {}  {place}", style.paint(Tone::Strong, &entry.component)));
        }
        app.screen.print(&match done.len() {
            0 => format!("Nothing to be {word}"),
            count => format!(
                "{} {word} in lockstep.toml; it stays in `lockstep drift --all`",
                counted(count, "difference")
            ),
        });
        Ok(Outcome::Fine)
    })
}

/// Shows what would be accepted and asks; nothing where the answer is no.
async fn accept(
    args: &AcceptArgs,
    reason: &str,
    engine: &Engine,
    app: &App,
) -> Result<Option<Vec<AcceptedChange>>, Failure> {
    let current = engine.refresh().await?;
    let changes = engine.chosen_changes(&current, &args.components, &args.only)?;
    if !args.yes && !changes.is_empty() {
        if !app.screen.can_ask() {
            return Err(Failure::refused("accepting needs a yes, and nobody can be asked here")
                .hint("run it with --yes"));
        }
        for (component, change) in &changes {
            app.screen.complain(&format!("  {component}  {}  {}", change.path, change.reason));
        }
        let question = format!("Accept {}?", counted(changes.len(), "difference"));
        if !app.screen.confirm(&question).map_err(|error| Failure::internal(error.to_string()))? {
            app.screen.note("nothing was changed");
            return Ok(None);
        }
    }
    Ok(Some(engine.accept(&changes, reason).await?))
}
