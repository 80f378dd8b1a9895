//! The code side against whole libraries.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod edits;
mod example;
mod stories;
