//! The pure heart of Lockstep: contracts, mapping, drift, merge, plans and state machines.
//!
//! Nothing here touches files, the network, a database, the environment, the clock or randomness:
//! whatever varies comes in as a value, so that every rule can be tested as a table.

pub mod audit;
pub mod baseline;
pub mod contract;
pub mod coverage;
pub mod credential;
pub mod diagnostic;
pub mod direction;
pub mod drift;
pub mod edit;
pub mod ids;
pub mod mapping;
pub mod merge;
pub mod notification;
pub mod operation;
pub mod plan;
pub mod queue;
pub mod registry;
pub mod role;
pub mod schedule;
pub mod session;
pub mod shared;
pub mod sign_in;
pub mod statement;
pub mod step;
pub mod undo;
pub mod word;
