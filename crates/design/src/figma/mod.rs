//! Figma files in the shape of the REST API's answers: read in one pass, edited span by span.

mod apart;
mod assemble;
pub mod client;
mod contract;
mod document;
mod edit;
mod json;
mod listed;
mod lists;
mod merge;
mod names;
mod read;
mod state;

pub use apart::{Ground, Owners};
pub use document::Document;
pub use edit::{DesignEdits, ManualEdit, NodeEdit, plan_edits};
pub use lists::read_lists;
pub use merge::{Merged, merge};
pub use read::{MAX_NODE_DEPTH, read, read_from};
pub use state::{NodeState, node_state, restore, restore_edits};
