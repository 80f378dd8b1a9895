//! Custom elements as a Custom Elements Manifest lists them: the schema's version 1 and 2, and the form before it.
//!
//! A manifest is made from the elements' source. What it says is taken as it is; where it only names a type, and where
//! the source itself is there, that source says the rest.

mod document;
mod element;
mod experimental;

pub(crate) use document::read;

use crate::facts::{ComponentFacts, Doc, Text};

/// What a manifest says.
#[derive(Debug, Default)]
pub(crate) struct ElementsManifest {
    /// The elements, by the module that each is declared in.
    pub modules: Vec<ElementModule>,
    /// Declarations that could not be read, each with the byte at which it stands and why.
    pub unread: Vec<(usize, String)>,
}

/// One module of a manifest that declares elements.
#[derive(Debug)]
pub(crate) struct ElementModule {
    /// Its path as it is written there.
    pub path: String,
    pub elements: Vec<Element>,
}

/// One element.
#[derive(Debug)]
pub(crate) struct Element {
    pub tag: Text,
    pub component: ComponentFacts,
    pub doc: Option<Box<Doc>>,
}
