//! The registry's tables, on SQLite and PostgreSQL: the only crate that knows SQL.
//!
//! Everything is done in a transaction that the caller begins ([`Store::begin`], or [`Store::read`] for reading) and
//! commits, so that a fact, its audit row and the event that tells of it are written together or not at all. Each
//! module holds one table: its row, and the functions that read it (taking `&mut ReadTx`; a `&mut Tx` will do) and
//! write it (taking `&mut Tx`). Times and ids come in as arguments. A status is written only as a step of its state
//! machine in the core, and only when the row still is in the state that the step starts from.

mod address;
mod bulk;
mod connection;
mod dialect;
mod error;
mod info;
mod migrate;
mod row;
mod transaction;
mod value;

pub mod api_tokens;
pub mod audit;
pub mod backup;
pub mod baselines;
pub mod catalogue;
pub mod channels;
pub mod closed_drift;
pub mod components;
pub mod coverage;
pub mod credentials;
pub mod deliveries;
pub mod designs;
pub mod drift_queue;
pub mod evaluations;
pub mod idempotency;
pub mod journal;
pub mod leases;
pub mod live_events;
pub mod maintenance;
pub mod measures;
pub mod mutes;
pub mod notifications;
pub mod operations;
pub mod quotas;
pub mod schedules;
pub mod sessions;
pub mod sign_in;
pub mod snapshots;
pub mod stories;
pub mod test_artifacts;
pub mod undo_entries;
pub mod undo_events;
pub mod user_sessions;
pub mod users;

pub use connection::Store;
pub use dialect::Backend;
pub use error::{Constraint, Error, Result};
pub use info::{Info, TableInfo};
pub use migrate::{Migrated, SCHEMA_VERSION};
pub use transaction::{ReadTx, Tx};
