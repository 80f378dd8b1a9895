//! The laws of the core, over random values.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod coverage;
mod example;
mod laws;
mod mapping;
mod merge_laws;
mod partial;
mod scenarios;
