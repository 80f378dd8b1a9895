//! What a React component is, which ones a library exports, and what their props say.

mod choice;
mod classify;
mod component;
mod containers;
mod discover;
mod statement;
mod union_members;

pub(crate) use choice::Choices;
pub(crate) use classify::{is_framework, reserved};
pub(crate) use component::{ComponentShape, component_of, shape_at};
pub(crate) use discover::{Exported, Origin, Root, Standing, denoted, found_from, roots};
pub(crate) use statement::state;
