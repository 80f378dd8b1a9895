//! `lockstep history`: past syncs.

use clap::Args;

/// List past syncs.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// One operation, whole: its id, or the first letters of it
    #[arg(value_name = "OPERATION")]
    pub operation: Option<String>,
    /// Only those that changed this component
    #[arg(long, value_name = "NAME")]
    pub component: Option<String>,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
}
