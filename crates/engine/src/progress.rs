//! Progress of long work, told to whoever watches.

use lockstep_core::ids::OperationId;

use crate::{apply::OperationReport, journal::Recovered, sessions::SessionView};

/// The stages that take time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A design file is fetched.
    Fetch,
    /// Source files are read and understood.
    ReadCode,
    /// A design file is read.
    ReadDesign,
    /// The two sides are compared.
    Compare,
    /// The registry is written.
    Record,
    /// The edits of each component are worked out.
    Plan,
    /// Components are edited, verified and recorded.
    Apply,
    /// Components are brought back or forth, one after another.
    Undo,
    /// What has expired is removed.
    Maintain,
    /// Stories are opened in a browser.
    Test,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fetch => "fetching",
            Self::ReadCode => "reading code",
            Self::ReadDesign => "reading design",
            Self::Compare => "comparing",
            Self::Record => "recording",
            Self::Plan => "planning",
            Self::Apply => "applying",
            Self::Undo => "undoing",
            Self::Maintain => "tidying up",
            Self::Test => "testing",
        })
    }
}

/// Someone who watches long work.
pub trait Progress: Send + Sync {
    /// A stage begins, about something with a name.
    fn begin(&self, stage: Stage, what: &str);
    /// So many of so many are done.
    fn advance(&self, done: usize, of: usize);
    /// Nothing is under way any more.
    fn end(&self);
    /// An operation has begun to be executed.
    fn began(&self, _: OperationId) {}
    /// An operation that was begun has been executed.
    fn synced(&self, _: &OperationReport) {}
    /// A browser test session has ended.
    fn tested(&self, _: &SessionView) {}
    /// A write that was cut off, by this process or another one, has been brought back.
    fn recovered(&self, _: &Recovered) {}
    /// Whether work on several components shall end after those at hand.
    fn wants_stop(&self) -> bool {
        false
    }
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: Stage, _: &str) {}
    fn advance(&self, _: usize, _: usize) {}
    fn end(&self) {}
}
