//! The workspace: the folder that holds `lockstep.toml`, what stands in it, and its files.

pub mod config;
pub mod detect;
pub mod edit;
pub mod files;
mod open;
mod path;

pub use open::{OpenError, Workspace};
pub use path::{PathProblem, WorkspacePath};
