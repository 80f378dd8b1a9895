//! `lockstep pause`: scaffolds leave components alone.

use clap::Args;
use lockstep_core::role::Action;
use lockstep_engine::workspace::{config::CONFIG_FILE, edit::ConfigEditor};
use serde::Serialize;
use serde_json::json;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{Tone, words::listed},
};

const EXAMPLES: &str = "\
Examples:
  # What is paused
  lockstep pause
  # Write no stories for these, whatever else is scaffolded
  lockstep pause Button 'Card*'
  # Go on with one
  lockstep pause Button --end";

/// Let scaffolds leave components alone for a while; syncs go on.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PauseArgs {
    /// The components (globs allowed); without any, what is paused is shown
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Go on with them; with all without a name
    #[arg(long)]
    pub end: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    paused: Vec<String>,
}

/// Runs the command.
pub fn run(args: &PauseArgs, app: &App) -> Result<Outcome, Failure> {
    let report = app.run(async {
        let engine = app.engine().await?;
        let before: Vec<String> =
            engine.workspace.config.coverage.paused.iter().map(|name| name.as_str().to_owned()).collect();
        let mut paused = before.clone();
        match (args.end, args.components.is_empty()) {
            (false, _) => {
                // A name that nothing is called would pause nothing, unnoticed.
                engine.refresh().await?.matching(&args.components)?;
                paused.extend(args.components.iter().filter(|name| !before.contains(name)).cloned());
            }
            (true, true) => paused.clear(),
            (true, false) => {
                if let Some(other) = args.components.iter().find(|name| !before.contains(name)) {
                    let hint = "write it as it stands in lockstep.toml: `lockstep pause` shows it";
                    return Err(Failure::refused(format!("`{other}` is not paused")).hint(hint));
                }
                paused.retain(|name| !args.components.contains(name));
            }
        }
        if paused != before {
            let what = if args.end { "pause.end" } else { "pause" };
            let detail = json!({ "paused": paused });
            let change = |editor: &mut ConfigEditor| editor.set_paused(&paused);
            engine.edit_config(Action::Map, what, detail, change).await?;
        }
        Ok(Report { paused })
    })?;
    if app.screen.json() {
        app.screen.print_json("lockstep.pause/1", &report);
        return Ok(Outcome::Fine);
    }
    let style = app.screen.style();
    app.screen.print(&match &report.paused[..] {
        [] => "Nothing is paused".to_owned(),
        names => format!(
            "{} {} in {CONFIG_FILE}",
            style.paint(Tone::Strong, "Paused:"),
            style.paint(Tone::Plain, listed(names))
        ),
    });
    Ok(Outcome::Fine)
}
