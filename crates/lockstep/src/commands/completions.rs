//! `lockstep completions`: completion scripts.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{
    app::App,
    cli::Cli,
    exit::{Failure, Outcome},
};

const EXAMPLES: &str = "\
Examples:
  # Bash
  lockstep completions bash > ~/.local/share/bash-completion/completions/lockstep
  # Zsh
  lockstep completions zsh > ~/.zfunc/_lockstep
  # Fish
  lockstep completions fish > ~/.config/fish/completions/lockstep.fish";

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Prints the script.
pub fn run(args: &CompletionsArgs, app: &App) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "lockstep", &mut script);
    app.screen.print(&String::from_utf8_lossy(&script));
    Ok(Outcome::Fine)
}
