//! What story and Code Connect files ask of whoever resolves modules.

use serde::{Deserialize, Serialize};

/// Resolves imports between the files of a workspace.
pub trait Imports {
    /// The file that a module specifier in `from` leads to, relative to the workspace; nothing for packages outside.
    fn file(&self, from: &str, specifier: &str) -> Option<String>;

    /// The file in which what a module exports under a name is declared, re-exports followed; the module's own file
    /// where that is not known.
    fn declaration(&self, from: &str, specifier: &str, name: &str) -> Option<String> {
        let _ = name;
        self.file(from, specifier)
    }

    /// The value of an exported constant, or of a member of one, where it is a literal. `path` is the exported name
    /// (`default` for a default export) followed by members.
    fn constant(&self, from: &str, specifier: &str, path: &[String]) -> Option<serde_json::Value> {
        let _ = (from, specifier, path);
        None
    }
}

/// No import leads anywhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoImports;

impl Imports for NoImports {
    fn file(&self, _from: &str, _specifier: &str) -> Option<String> {
        None
    }
}

/// A reference to something that another module exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The module specifier, as written: `./Button`.
    pub specifier: String,
    /// The exported name (`default` for a default export), then members: `["Size", "Large"]`.
    /// Empty for a namespace itself (`import * as Icons`).
    pub path: Vec<String>,
    /// The expression's source text, cut to 80 characters.
    pub text: String,
}

impl ComponentName {
    /// The file that declares it, for a file that names it.
    pub(crate) fn file(&self, from: &str, imports: &dyn Imports) -> Option<String> {
        match (&self.specifier, &self.exported) {
            (Some(specifier), Some(exported)) => imports.declaration(from, specifier, exported),
            (Some(specifier), None) => imports.file(from, specifier),
            (None, _) => Some(from.to_owned()),
        }
    }
}

impl Reference {
    pub(crate) fn member(mut self, name: &str) -> Self {
        self.path.push(name.to_owned());
        self
    }
}

/// The component that a story's meta or a Code Connect file names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentName {
    /// The name it is exported under where it was imported by name, else the name as written.
    pub name: String,
    /// The module it is imported from; nothing when it is declared in the file itself.
    pub specifier: Option<String>,
    /// The name that the module exports: `default`, or the first part of the name; nothing when it is declared in the
    /// file itself.
    pub exported: Option<String>,
}
