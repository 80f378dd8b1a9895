//! `lockstep scan`: reads both sides and records what they state.

use clap::Args;

/// Read both sides and record what they state.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Read every file again, also those that have not changed
    #[arg(long)]
    pub fresh: bool,
}
