//! The engine on real files, at times that the tests decide.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod window;
