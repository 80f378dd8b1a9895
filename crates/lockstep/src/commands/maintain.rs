//! `lockstep maintain`: removes what has expired.

use clap::Args;

/// Remove what has expired.
#[derive(Debug, Args)]
pub struct MaintainArgs {}
