//! `lockstep ignore`: leaves something out of the drift report.

use chrono::NaiveDate;
use clap::Args;

/// Leave something out of the drift report, with a reason.
#[derive(Debug, Args)]
pub struct IgnoreArgs {
    /// The component (globs allowed)
    pub component: String,
    /// The place in its contract: `properties/icon` (globs allowed)
    pub path: String,
    /// Why, for those who read the report
    #[arg(long, required_unless_present = "remove")]
    pub reason: Option<String>,
    /// The last day on which it holds: 2027-01-31
    #[arg(long, value_name = "DATE")]
    pub expires: Option<NaiveDate>,
    /// Report it again
    #[arg(long, conflicts_with_all = ["reason", "expires"])]
    pub remove: bool,
}
