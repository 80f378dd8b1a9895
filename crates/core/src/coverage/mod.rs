//! Coverage: which of a component's variants are shown by stories, and which kinds of tests it has.

mod evaluate;
mod exhibits;
mod matrix;
mod strategy;
mod threshold;

pub use evaluate::{Coverage, Subject, TestedStory, Warning, evaluate};
pub use exhibits::{Shown, points_shown, variants_shown};
pub use matrix::{MatrixRow, Presence, Tested};
pub use strategy::{Declared, Drawn, MOST_PAIRS, Points, Strategy, declared};
pub use threshold::{Shortfall, Thresholds, overall};

use crate::word::words;

words! {
    /// The kinds of tests that a component is expected to have.
    TestKind ("test kind") {
        /// Its pictures are compared with earlier ones.
        Visual = "visual",
        /// Somebody's acts are played, and what comes of them is checked.
        Interaction = "interaction",
        /// It is held against rules of accessibility.
        Accessibility = "accessibility",
    }
}
