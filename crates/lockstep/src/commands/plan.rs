//! `lockstep plan`: what a sync would change.

use std::path::PathBuf;

use clap::Args;

use super::selection::SelectionArgs;

/// Preview what a sync would change.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Which changes.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Keep the plan in a file, for `lockstep sync --plan FILE`
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
}
