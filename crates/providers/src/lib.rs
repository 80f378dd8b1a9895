//! The outside: where [`secret`]s are kept, and the [`vendor`]s that they open, each one small file.

pub mod line;
pub mod secret;
pub mod vendor;
