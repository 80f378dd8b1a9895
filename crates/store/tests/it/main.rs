//! Every test here runs once on SQLite and once on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that can't go on panics")]

mod migrations;
mod operations;
mod registry;
mod undoing;
mod world;
