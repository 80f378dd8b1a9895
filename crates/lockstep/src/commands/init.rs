//! `lockstep init`: sets up a workspace.

use clap::Args;

use crate::{
    app::App,
    exit::{Failure, Outcome},
};

/// Set up a workspace: find the library and its design, write lockstep.toml.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
    /// The design file, or the address of a Figma file (repeatable)
    #[arg(long, value_name = "FILE|URL")]
    pub design: Vec<String>,
    /// Replace a lockstep.toml that is there
    #[arg(long)]
    pub force: bool,
}

/// Looks around, asks what it can't know, writes `lockstep.toml`.
pub fn run(_args: &InitArgs, _app: &App) -> Result<Outcome, Failure> {
    Err(Failure::internal("this command is not wired to the engine yet"))
}
