//! What tests of several crates share: the example as a workspace, the binary run on it, and both databases.

pub mod database;
pub mod figma;
pub mod http;
pub mod hub;
pub mod library;
mod listening;
pub mod mail;
pub mod npm;
pub mod postgres;
pub mod provider;
pub mod python;
pub mod redact;
pub mod run;
pub mod storybook;
pub mod tree;
pub mod workspace;
