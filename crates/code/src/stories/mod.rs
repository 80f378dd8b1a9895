//! Stories: from files in Storybook's Component Story Format to stories with ids and effective args.
//!
//! Each file is read by [`lower`] into [`StoryFacts`], which depend on that file alone; [`resolve`] then puts the facts
//! of all files together. Neither touches the file system.

mod annotations;
mod docs;
mod exports;
mod facts;
mod filter;
mod id;
pub mod index;
mod listed;
pub mod listing;
mod lower;
mod mdx;
mod meta;
mod options;
mod order;
mod resolve;
mod storybook;
mod syntax;
#[cfg(test)]
mod tests;
mod title;
mod version;

pub use facts::{ArgFact, ArgPart, Listing, MetaFacts, StoryExport, StoryFacts, TestExport, Title};
pub use id::{IdError, name_of_export, sanitize, to_id};
pub(crate) use lower::annotations;
pub use lower::{is_story_file, lower};
pub use mdx::{MdxFacts, MdxMeta, lower_mdx};
pub use options::{StoriesEntry, StoryOptions, Storybook};
pub use resolve::{Resolved, resolve};
pub(crate) use storybook::storybook_parts;
pub use storybook::{StorybookFacts, is_storybook_file, lower_storybook, options_of};
pub use version::{Since, Version};
