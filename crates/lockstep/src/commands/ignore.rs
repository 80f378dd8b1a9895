//! `lockstep ignore`: leaves something out of the drift report.

use chrono::NaiveDate;
use clap::Args;
use lockstep_engine::workspace::{config::CONFIG_FILE, edit::NewIgnore};
use serde::Serialize;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{Tone, words::counted},
};

const EXAMPLES: &str = "\
Examples:
  # Until it is taken back
  lockstep ignore Button properties/icon --reason 'code only, by design'
  # Reported again afterwards
  lockstep ignore 'Card*' 'properties/title/*' --reason 'being renamed' --expires 2027-01-31
  # Take it back
  lockstep ignore Button properties/icon --remove";

/// Leave something out of the drift report, with a reason.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct IgnoreArgs {
    /// The component (globs allowed)
    pub component: String,
    /// The place in its contract: `properties/icon` (globs allowed)
    pub path: String,
    /// Why, for those who read the report
    #[arg(long, required_unless_present = "remove")]
    pub reason: Option<String>,
    /// The last day on which it holds: 2027-01-31
    #[arg(long, value_name = "DATE")]
    pub expires: Option<NaiveDate>,
    /// Report it again
    #[arg(long, conflicts_with_all = ["reason", "expires"])]
    pub remove: bool,
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    component: &'a str,
    path: &'a str,
    added: usize,
    removed: usize,
}

/// Writes the rule into `lockstep.toml`, or takes it out.
pub fn run(args: &IgnoreArgs, app: &App) -> Result<Outcome, Failure> {
    let (component, path) = (args.component.as_str(), args.path.as_str());
    let report = app.run(async {
        let engine = app.engine().await?;
        let Some(reason) = &args.reason else {
            let removed = engine.stop_ignoring(component, path).await?;
            return Ok(Report { component, path, added: 0, removed });
        };
        let rule = NewIgnore {
            component: component.to_owned(),
            path: path.to_owned(),
            reason: reason.clone(),
            expires: args.expires,
        };
        engine.ignore(&rule).await?;
        Ok(Report { component, path, added: 1, removed: 0 })
    })?;
    if app.screen.json() {
        app.screen.print_json("lockstep.ignore/1", &report);
    } else {
        let style = app.screen.style();
        let (done, count) =
            if report.added > 0 { ("Added", report.added) } else { ("Removed", report.removed) };
        let what = counted(count, "ignore");
        app.screen.print(&format!(
            "{} {what} for {} {} in {CONFIG_FILE}.",
            style.paint(Tone::Good, done),
            style.paint(Tone::Strong, component),
            style.paint(Tone::Plain, path)
        ));
    }
    Ok(Outcome::Fine)
}
