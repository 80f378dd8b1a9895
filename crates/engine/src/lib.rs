//! The use cases of Lockstep, over all sides: the only crate that sees code, design and the registry together.
//!
//! The modules stand in the order in which data passes: a [`workspace`] is read into [`sides`], these are [`link`]ed and
//! compared into the [`registry`], of which people read [`report`]s and make [`request`]s; a [`plan`] previews what a
//! request means, [`apply`] executes it through the [`journal`], each component wholly or not at all, and [`undo`] takes it back.

pub mod access;
pub mod audit;
pub mod context;
pub mod error;
pub mod process;
pub mod progress;
pub mod workspace;

pub mod credentials;
pub mod fetch;

mod design_files;
mod documents;
pub mod sides;

mod connections;
pub mod link;

pub mod decide;
pub mod decisions;
mod evaluate;
pub mod registry;
pub mod report;
pub mod shown;
mod standing;

pub mod coverage;

pub mod request;

mod formatter;
pub mod plan;

mod apart;
mod snapshot;

mod exclusion;
mod failpoint;
pub mod journal;
mod precedence;

pub mod apply;

pub mod scaffold;

pub mod sessions;

pub mod history;
pub mod undo;

pub mod watch;
pub mod worker;

pub mod schedule;

pub mod catalogue;
pub mod digest;
pub mod live;
pub mod maintain;
pub mod measures;
pub mod notify;

pub use formatter::formatter_of;
pub use lockstep_providers::secret;
pub use lockstep_store::{Error as StoreError, Info, Store, backup};
