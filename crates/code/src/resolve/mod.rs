//! From names to what they stand for, over the facts of all files. Pure: every file was read before.
//!
//! Limits keep hostile or merely enormous types from costing more than they are worth. What lies beyond a limit is
//! [`Ty::Unresolved`], with the reason: never a guess.

mod assignable;
mod attributes;
mod builtin;
mod conditional;
mod evaluate;
mod intersect;
mod object;
mod packages;
mod project;
mod prop_definitions;
mod prop_types;
mod runtime_props;
mod seen;
mod ty;
mod utility;
mod value;
mod variants;

pub(crate) use evaluate::Evaluator;
pub(crate) use object::{DefaultSource, Object, PlaceKind, Property, PropertyPlace, joined};
pub(crate) use project::{Binding, FileId, KeptOutline, Link, Project, SourceFile, View};
pub(crate) use seen::MadeFrom;
pub(crate) use ty::{LiteralTy, LiteralValue, Scope, Thunk, ThunkKey, Ty};
pub(crate) use value::callee_path;
pub(crate) use variants::member;
