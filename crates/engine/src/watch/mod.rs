//! A workspace under watch: what the file system tells, and what it means for the drift.

mod events;
mod moves;

pub use events::{Changed, Watcher};
pub use moves::{Move, What, moves};
