//! One file for each command.

pub mod accept;
pub mod completions;
pub mod components;
pub mod db;
pub mod drift;
pub mod history;
pub mod ignore;
pub mod init;
pub mod maintain;
pub mod map;
pub mod plan;
pub mod redo;
pub mod scan;
pub mod selection;
pub mod status;
pub mod sync;
pub mod undo;

use crate::{
    app::App,
    cli::Command,
    exit::{Failure, Outcome},
};

/// Runs a command.
pub fn run(command: Command, app: &App) -> Result<Outcome, Failure> {
    match command {
        Command::Init(args) => init::run(&args, app),
        Command::Ignore(args) => ignore::run(&args, app),
        Command::Completions(args) => completions::run(&args, app),
        Command::Map(args) => map::run(&args, app),
        Command::Scan(_)
        | Command::Status(_)
        | Command::Components(_)
        | Command::Drift(_)
        | Command::Plan(_)
        | Command::Sync(_)
        | Command::Undo(_)
        | Command::Redo(_)
        | Command::History(_)
        | Command::Accept(_)
        | Command::Maintain(_)
        | Command::Db(_) => Err(Failure::internal("this command is not wired to the engine yet")),
    }
}
