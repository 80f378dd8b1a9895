//! The code side: reads React libraries, their stories and Code Connect files, and edits them span by span.

pub mod model;
