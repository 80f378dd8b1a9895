//! Coverage: which of a component's variants are shown by stories.

mod exhibits;

pub use exhibits::{Shown, points_shown, variants_shown};
