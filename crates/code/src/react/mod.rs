//! What a React component is, which ones a library exports, and what their props say.

mod choice;
mod classify;
mod component;
mod discover;
mod statement;

pub(crate) use choice::Choices;
pub(crate) use classify::reserved;
pub(crate) use component::component_of;
pub(crate) use discover::discover;
pub(crate) use statement::state;
