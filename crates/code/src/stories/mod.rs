//! Stories: from files in Storybook's Component Story Format to stories with ids and effective args.
//!
//! Each file is read by [`lower`] into [`StoryFacts`], which depend on that file alone; [`resolve`] then puts the facts
//! of all files together. Neither touches the file system.

mod annotations;
mod exports;
mod facts;
mod filter;
mod id;
pub mod index;
mod lower;
mod meta;
mod options;
mod resolve;
mod storybook;
#[cfg(test)]
mod tests;
mod title;

pub use facts::{ArgFact, ArgPart, MetaFacts, StoryExport, StoryFacts, Title};
pub use id::{IdError, name_of_export, sanitize, to_id};
pub use lower::{is_story_file, lower};
pub use options::{StoriesEntry, StoryOptions, Storybook};
pub use resolve::resolve;
pub use storybook::{StorybookFacts, is_storybook_file, lower_storybook, options_of};
