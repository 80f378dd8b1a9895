//! `lockstep components`: what both sides state.

use clap::Args;

/// Show components and their properties on both sides.
#[derive(Debug, Args)]
pub struct ComponentsArgs {
    /// One component, whole; the list of all without
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}
