//! The outside: where [`secret`]s are kept, and the [`vendor`]s that they open, each one small file;
//! the [`channel`]s that messages go by, and the [`browser`] that stories are opened in.

pub mod browser;
pub mod channel;
pub mod line;
pub mod secret;
pub mod vendor;
