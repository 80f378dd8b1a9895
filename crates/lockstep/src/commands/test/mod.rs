//! `lockstep test`: stories opened in a real browser.

mod junit;
mod table;

use std::path::PathBuf;

use clap::Args;
use lockstep_core::session::{SessionReason, SessionStatus};
use lockstep_engine::{
    context::Engine,
    sessions::{SessionView, TestReport, TestRequest, web_address},
};
use lockstep_server::static_files;

use crate::{
    app::App,
    exit::{Failure, Outcome},
};
pub(super) use table::{told, tone};

const EXAMPLES: &str = "\
Each story is opened in a Chromium, in a page of its own, and ends when Storybook says that it
has rendered and its play function has ended. It fails by what it throws, by errors on the
console, by what somebody can't use (where the project has axe-core), by looking other than
what was approved, and by what it takes beyond `[browser.budget]`. Exits with 1 when one did not
pass, with 4 when nothing but the browser or the Storybook was lost. See docs/sessions.md.

Examples:
  # Every story of the static build in `storybook-static`, or where `[storybook]` says
  lockstep test
  # Some of them, by id, by component or by glob
  lockstep test components-button--primary Card 'components-tabs--*'
  # Those of components that changed on this branch
  lockstep test --changed main
  # A Storybook that runs
  lockstep test --url http://localhost:6006
  # For CI
  lockstep test --workers 4 --junit stories.xml";

/// Open stories in a browser, and say which don't work.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TestArgs {
    /// Stories by id, components by name, or globs of either; all stories tagged `test` without any
    #[arg(value_name = "STORY")]
    pub stories: Vec<String>,
    /// Only the stories of components that changed since a commit, branch or tag
    #[arg(long, value_name = "REVISION")]
    pub changed: Option<String>,
    /// How many stories are open at once; by default as many as there are processors
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,
    /// How often a story is tried again when the browser or the Storybook was lost
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(0..=10))]
    pub retries: Option<u16>,
    /// The address of a Storybook, instead of what lockstep.toml says
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Write the results as JUnit's XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &TestArgs, app: &App) -> Result<Outcome, Failure> {
    app.run_on_threads(async {
        let engine = app.engine().await?;
        app.heed_interrupts()?;
        let request = TestRequest {
            names: args.stories.clone(),
            changed: args.changed.clone(),
            workers: args.workers.map(usize::from),
            retries: args.retries.map(usize::from),
        };
        let report = tested(args, &engine, &request).await?;
        if let Some(file) = &args.junit {
            std::fs::write(file, junit::junit(&report)).map_err(|error| {
                Failure::bad_input(format!("{} can't be written: {error}", file.display()))
                    .hint("name a file in a folder that is there")
            })?;
        }
        if app.screen.json() {
            app.screen.print_json("lockstep.test/1", &report);
        } else {
            app.screen.print(&table::report(&report, app.screen.style(), app.screen.verbose()));
        }
        Ok(outcome(&report))
    })
}

/// Opens them at the address that is given, or where the workspace says.
async fn tested(args: &TestArgs, engine: &Engine, request: &TestRequest) -> Result<TestReport, Failure> {
    if let Some(text) = &args.url {
        let address = web_address(text).ok_or_else(|| {
            Failure::usage(format!("`{text}` is no address that begins with http:// or https://"))
                .hint("for example `--url http://localhost:6006`")
        })?;
        return Ok(engine.test(request, &address).await?);
    }
    Ok(static_files::test(engine, request).await?)
}

fn outcome(report: &TestReport) -> Outcome {
    let is_lost = |session: &SessionView| session.reason.is_some_and(SessionReason::is_infrastructure);
    let has_failed = |session: &SessionView| session.status != SessionStatus::Passed && !is_lost(session);
    match () {
        () if report.sessions.iter().any(has_failed) => Outcome::StoriesFailed,
        () if report.sessions.iter().any(is_lost) => Outcome::Incomplete,
        () => Outcome::Fine,
    }
}
