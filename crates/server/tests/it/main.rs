//! The limits of a connection, with times short enough to wait for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod limits;
