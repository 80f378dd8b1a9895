//! The workspace: the folder that holds `lockstep.toml`, what stands in it, and its files.

pub mod config;
mod path;

pub use path::{PathProblem, WorkspacePath};
