//! The design side against real files and hostile ones.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod apart;
mod edits;
mod edits_random;
mod example;
mod hostile;
mod live;
mod live_server;
mod merge;
mod real_files;
mod shared;
mod spectrum_schemas;
