//! The use cases of Lockstep, over all sides: the only crate that sees code, design and the registry together.

pub mod workspace;
