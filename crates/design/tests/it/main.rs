//! The design side against real files and hostile ones.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod example;
mod hostile;
mod real_files;
mod shared;
mod spectrum_schemas;
