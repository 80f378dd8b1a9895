//! The code side: reads React libraries, their stories and Code Connect files, and edits them span by span.

pub mod edit;
pub mod imports;
mod literal;
pub mod model;
#[cfg(test)]
mod parsed;
pub mod stories;
