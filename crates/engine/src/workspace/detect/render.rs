//! Writes a first `lockstep.toml`.

use std::fmt::Write;

use lockstep_code::Framework;
use toml_edit::{Array, Value};

use super::{DetectedPackage, WorkspacePath};

/// A design file that goes into the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenDesign {
    /// Its short name.
    pub name: String,
    /// The file.
    pub file: WorkspacePath,
    /// Its Figma file key, where known.
    pub key: Option<String>,
}

/// The text of a `lockstep.toml` for these packages and design files, with comments that say what else can stand there.
pub fn render(name: &str, packages: &[&DetectedPackage], designs: &[ChosenDesign]) -> String {
    let mut text = String::from(
        "# Lockstep keeps this library and its design in step. This file says what belongs together and what the team\n\
         # decided; it is meant to be reviewed like code. `lockstep map`, `accept` and `ignore` edit it in place.\n\n",
    );
    push(&mut text, format_args!("[workspace]\nname = {}\n", string(name)));
    text.push_str("\n# The code: one entry for each package.\n");
    for package in packages {
        push(&mut text, format_args!("[[code]]\nroot = {}\n", string(&package.root.to_string())));
        if package.framework != Framework::default() {
            push(&mut text, format_args!("framework = {}\n", string(package.framework.key())));
        }
        push_list(&mut text, "include", &package.include());
        push_list(&mut text, "stories", &package.stories());
        text.push('\n');
    }
    if packages.is_empty() {
        text.push_str("[[code]]\nroot = \".\"\n\n");
    }
    text.push_str("# The design: files in the shape of Figma's REST API (GET /v1/files/:key).\n");
    for design in designs {
        let (name, file) = (string(&design.name), string(design.file.as_str()));
        push(&mut text, format_args!("[[design]]\nname = {name}\nfile = {file}\n"));
        match &design.key {
            Some(key) => push(&mut text, format_args!("key = {}\n", string(key))),
            None => text
                .push_str("# key = \"…\"  # the file's key on figma.com, so that links to it point here\n"),
        }
        text.push('\n');
    }
    if designs.is_empty() {
        text.push_str("# [[design]]\n# name = \"acme\"\n# file = \"design/acme.figma.json\"\n\n");
    }
    text.push_str(CLOSING);
    text
}

const CLOSING: &str = "\
[sync]
# code_to_design, design_to_code or bidirectional
default_direction = \"bidirectional\"
# Whether new variants get stories, and whether the project's own Prettier or Biome lays these out
# stories = true
# format = true

# How much of each component its stories show, and which tests it has: docs/coverage.md
# [coverage]
# strategy = \"each-option\"                        # or \"design-variants\", \"pairwise\"
# min = 80                                        # of all components together, in percent; min_component of each
# tests = [\"visual\", \"interaction\", \"accessibility\"]

# A database for the team, instead of .lockstep/lockstep.db; DATABASE_URL goes before it.
# [store]
# url_env = \"LOCKSTEP_DATABASE_URL\"

# Where names differ between the two sides:
# [mapping.Button]
# design = \"acme#4000:1394\"                     # or the design component's name
# properties = { \"Style\" = \"fillStyle\" }
# options = { fillStyle = { \"Fill\" = \"fill\" } }
# booleans = { \"State=Disabled\" = \"isDisabled\" }
";

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing into a string never fails.
    let _ = text.write_fmt(line);
}

fn push_list(text: &mut String, key: &str, globs: &[String]) {
    if !globs.is_empty() {
        let list: Array = globs.iter().map(String::as_str).collect();
        push(text, format_args!("{key} = {}\n", Value::Array(list).to_string().trim()));
    }
}

fn string(text: &str) -> String {
    Value::from(text).to_string()
}
