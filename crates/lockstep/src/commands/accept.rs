//! `lockstep accept`: records today's differences as accepted.

use clap::Args;

/// Accept today's differences, so that only new drift alarms.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// The components; all that drift when none is named
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Only the changes whose path matches: `properties/size/*` (repeatable)
    #[arg(long, value_name = "PATH_GLOB")]
    pub only: Vec<String>,
    /// Why, for those who read the report
    #[arg(long, required_unless_present = "remove")]
    pub reason: Option<String>,
    /// Take the acceptance back
    #[arg(long, conflicts_with = "reason")]
    pub remove: bool,
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
}
