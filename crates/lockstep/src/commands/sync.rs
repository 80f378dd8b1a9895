//! `lockstep sync`: makes both sides agree again.

use clap::Args;

use super::selection::SelectionArgs;

/// Make both sides agree again.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// Which changes.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Execute a plan that was saved; refused as stale when something has moved since
    #[arg(long, value_name = "FILE|ID", conflicts_with_all = ["components", "direction", "only", "exclude", "exclude_variant", "resolve"])]
    pub plan: Option<String>,
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
    /// Wait for a running sync of the same component (the default)
    #[arg(long, overrides_with = "no_wait")]
    pub wait: bool,
    /// Refuse at once when a sync of the same component is running
    #[arg(long)]
    pub no_wait: bool,
}
