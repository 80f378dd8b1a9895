//! `lockstep drift`: where code and design differ.

use clap::Args;

/// Show where code and design differ, who moved, and why it is said.
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// The components; all when none is named (globs allowed)
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Exit with 1 when there is drift, for CI
    #[arg(long)]
    pub check: bool,
    /// Show what is ignored, accepted and not compared, too
    #[arg(long)]
    pub all: bool,
}
