//! The hub: one registry over HTTP, for people and programs that are not at the workspace, with its workers and
//! schedules in the same process.
//!
//! It is thin: what an answer says is decided by the engine. What stands here is who may ask ([`address`]), how a
//! connection is treated ([`connections`]), and how answers and refusals look ([`problem`]).

pub mod address;
pub mod api;
pub mod connections;
pub mod disk;
pub mod mcp;
pub mod problem;
pub mod static_files;

mod answer;
mod background;
mod caller;
mod cookie;
mod description;
mod events;
mod given;
mod health;
mod host;
mod html;
mod hub;
mod metrics;
mod once;
mod routes;
mod welcome;
mod work;

pub use hub::{Hub, Settings};
