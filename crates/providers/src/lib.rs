//! The outside: where [`secret`]s are kept, and the [`vendor`]s that they open, each one small file;
//! and the [`channel`]s that messages go by.

pub mod channel;
pub mod line;
pub mod secret;
pub mod vendor;
