//! Every test here runs once on SQLite and once on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that can't go on panics")]

mod access;
mod auditing;
mod catalogue;
mod constraints;
mod looking_on;
mod measuring;
mod migrations;
mod operations;
mod outside;
mod queue;
mod quotas;
mod registry;
mod repeating;
mod schema;
mod summing;
mod telling;
mod tidying;
mod undoing;
mod world;
