//! What the command line shows, and how.

pub mod diagnostics;
pub mod diff;
mod json;
pub mod log;
pub mod markup;
pub mod progress;
mod screen;
mod style;
pub mod table;
pub mod time;
pub mod words;

pub use screen::{Format, Screen, ScreenOptions};
pub use style::{ColorChoice, Style, Tone};
