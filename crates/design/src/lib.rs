//! The design side: reads what a design file says of its components, and edits the file span by span.

mod error;
pub mod figma;
mod model;

pub use error::{DesignError, LooksLike};
pub use model::{ComponentKind, ContractSource, DesignComponent, DesignScan, NodeId, Points, Variant};
