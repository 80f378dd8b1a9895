//! What tests of several crates share: the example as a workspace, and the binary run on it.

pub mod redact;
pub mod run;
pub mod tree;
pub mod workspace;
