//! The hub in this process: its limits, and who may do what.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod limits;
mod mcp;
mod openapi;
mod roles;
mod running;
mod static_files;
