//! `lockstep redo`: applies again what was undone.

use clap::Args;

/// Apply again what was undone.
#[derive(Debug, Args)]
pub struct RedoArgs {
    /// The operation's id, or the first letters of it; the one undone last when none is named
    #[arg(value_name = "OPERATION")]
    pub operation: Option<String>,
    /// Only this component of it (repeatable)
    #[arg(long, value_name = "NAME")]
    pub component: Vec<String>,
    /// Where something has moved since, merge instead of refusing
    #[arg(long)]
    pub merge: bool,
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
}
