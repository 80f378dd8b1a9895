//! Figma files in the shape of the REST API's answers: read in one pass, edited span by span.

mod assemble;
mod contract;
mod listed;
mod lists;
mod names;
mod read;

pub use lists::read_lists;
pub use read::{MAX_NODE_DEPTH, read, read_from};
