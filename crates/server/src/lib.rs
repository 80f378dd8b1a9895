//! The hub: one registry over HTTP, for people and programs that are not at the workspace, with its workers and
//! schedules in the same process.
//!
//! It is thin: what an answer says is decided by the engine. What stands here is who may ask ([`address`]), how a
//! connection is treated ([`connections`]), and how answers and refusals look ([`problem`]).

pub mod address;
pub mod connections;
pub mod problem;

mod answer;
mod background;
mod disk;
mod health;
mod host;
mod hub;
mod routes;

pub use hub::{Hub, Settings};
