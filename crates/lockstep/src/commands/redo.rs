//! `lockstep redo`: applies again what was undone.

use clap::Args;
use lockstep_core::undo::UndoAction;

use super::undo::{TurnArgs, turn};
use crate::{
    app::App,
    exit::{Failure, Outcome},
};

const EXAMPLES: &str = "\
Examples:
  # What was undone last
  lockstep redo
  # One component of it
  lockstep redo 799b2eb5 --component Button";

/// Apply again what was undone.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RedoArgs {
    /// What is turned.
    #[command(flatten)]
    pub turn: TurnArgs,
}

/// Runs the command.
pub fn run(args: &RedoArgs, app: &App) -> Result<Outcome, Failure> {
    turn(&args.turn, UndoAction::Redo, app)
}
