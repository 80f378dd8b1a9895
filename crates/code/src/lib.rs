//! The code side: reads component libraries, their stories and Code Connect files, and edits them span by span.

pub mod callers;
pub mod code_connect;
pub mod edit;
mod elements;
pub(crate) mod facts;
mod framework;
pub mod imports;
mod literal;
pub(crate) mod markup;
pub mod model;
#[cfg(test)]
mod parsed;
pub(crate) mod react;
pub(crate) mod resolve;
mod scan;
pub mod stories;
pub mod testing;

pub use framework::Framework;
pub use scan::{
    MAX_FILE_BYTES, Rereading, ScanError, ScanOptions, callers, scan, scan_marked, source_files, standing,
    testing as read_testing,
};
