//! Vendors over real connections.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod browser;
mod validation;
