//! `lockstep status`: one line for each component.

use clap::Args;

/// One line for each component: mapping, drift, stories, last sync.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The components; all when none is named (globs allowed)
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
}
