//! Scans of small workspaces written here, of hostile ones, and of published libraries.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod cache;
mod callers;
mod components;
mod constructs;
mod defaults;
mod determinism;
mod edits;
mod elements;
mod entries;
mod example;
mod hostile;
mod hostile_types;
mod incremental;
mod installed;
mod libraries;
mod markup_edits;
mod origins;
mod outcomes;
mod scaffold;
mod stories;
mod storybook;
mod support;
mod svelte;
mod testing;
mod typecheck;
mod types;
mod union_members;
mod variants;
mod vue;
