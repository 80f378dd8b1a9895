//! `lockstep db`: looks after the registry's database.

use clap::{Args, Subcommand};

/// Look after the registry's database.
#[derive(Debug, Args)]
pub struct DbArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: DbAction,
}

/// What can be done with the database.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum DbAction {
    /// Bring the tables up to date
    Migrate,
    /// Say which database it is, its version and its size
    Info,
}
