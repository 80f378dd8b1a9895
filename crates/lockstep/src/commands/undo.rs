//! `lockstep undo`: takes a sync back.

use clap::Args;

/// Take a sync back.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// The operation's id, or the first letters of it; the newest one when none is named
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
