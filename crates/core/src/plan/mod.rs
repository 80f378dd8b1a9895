//! Plans: what a sync would do with each change, and the contracts that it would leave.

mod decide;
mod selection;

pub use decide::{ComponentPlan, Decision, PlannedChange, PlannedEdit, decide};
pub use selection::{Choice, ComponentSelection, DirectionModes, operation_hash};
