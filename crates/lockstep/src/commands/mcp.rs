//! `lockstep mcp`: what an assistant may ask, on the standard streams.

use clap::Args;
use lockstep_server::mcp;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{log, log::LogFormat},
};

/// Answer an assistant by the Model Context Protocol, on the standard streams.
#[derive(Debug, Args)]
#[command(after_help = "\
An assistant starts it in a workspace and speaks to it until it closes the stream. It can ask where code and design differ,
how far stories and tests reach, and how stories do in a real browser; it can preview a sync, execute the preview that was
agreed to, and take an operation back. What it does is done, and written down, in the name of who runs it. The log goes to
stderr. A hub answers the same at /mcp, to who has a token. Assistants are configured with the command, its argument and the
library's folder: docs/mcp.md has it for copying.

Examples:
  # What an assistant starts
  lockstep mcp
  # In another folder, with nothing in its log but what is wrong
  lockstep mcp --workspace ~/src/library --quiet")]
pub struct McpArgs {
    /// How the log on stderr looks
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub log: LogFormat,
}

/// Runs the command.
pub fn run(args: &McpArgs, app: &App) -> Result<Outcome, Failure> {
    app.run_on_threads(async {
        let engine = app.engine().await?;
        log::start(&app.screen, args.log);
        let actor = engine.actor.clone();
        let folder = engine.workspace.folder.clone();
        let ended = mcp::on_stdio(engine.store.clone(), folder, actor).await;
        engine.store.close().await;
        ended.map_err(|error| {
            Failure::refused(format!("the assistant did not speak the protocol: {error}"))
                .hint("it is started by an assistant; `lockstep mcp --help` says how")
        })?;
        Ok(Outcome::Fine)
    })
}
