//! Recognises design files by a look into them.

use std::{collections::BTreeSet, fs::File, io::Read, path::Path};

use serde::Serialize;

use super::{WorkspacePath, read_start};

/// A file in the shape of Figma's `GET /v1/files/:key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DetectedDesign {
    /// The file.
    pub file: WorkspacePath,
    /// Its size in bytes.
    pub bytes: u64,
    /// A short name for it.
    pub name: String,
}

/// How much of a file is looked at before it is searched further.
const PEEK: u64 = 1024;

/// How much of a file is searched for components.
const MAX_SEARCH: u64 = 64 * 1024 * 1024;

/// Files of other programs that are never a design.
const KNOWN_NAMES: [&str; 6] =
    ["package.json", "package-lock.json", "tsconfig.json", "components.json", "project.json", "turbo.json"];

/// The file as a design file, if it looks like one.
pub(super) fn recognise(folder: &Path, file: WorkspacePath) -> Option<DetectedDesign> {
    if KNOWN_NAMES.contains(&file.file_name()) {
        return None;
    }
    let path = folder.join(file.as_str());
    let bytes = path.metadata().ok()?.len();
    let start = read_start(&path, PEEK)?;
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    let is_object = start.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if !is_object || !contains(start, b"\"document\"") || !names_components(&path)? {
        return None;
    }
    let name = short_name(file.file_name());
    Some(DetectedDesign { file, bytes, name })
}

/// Whether the file speaks of components, searched in pieces of bounded size.
fn names_components(path: &Path) -> Option<bool> {
    const WORDS: [&[u8]; 3] = [b"\"componentSets\"", b"\"components\"", b"\"COMPONENT\""];
    const OVERLAP: usize = 16;
    let mut reader = File::open(path).ok()?.take(MAX_SEARCH);
    let mut window = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = reader.read(&mut piece).ok()?;
        if read == 0 {
            return Some(false);
        }
        window.extend_from_slice(&piece[..read]);
        if WORDS.iter().any(|word| contains(&window, word)) {
            return Some(true);
        }
        window.drain(..window.len().saturating_sub(OVERLAP));
    }
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// `Acme UI.figma.json` gives `acme-ui`.
pub(super) fn short_name(file_name: &str) -> String {
    let stem = file_name.split('.').find(|part| !part.is_empty()).unwrap_or_default();
    let mut name = String::new();
    for c in stem.chars() {
        match c {
            c if c.is_alphanumeric() => name.extend(c.to_lowercase()),
            _ if !name.is_empty() && !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { "design".into() } else { name.into() }
}

/// Gives every file a name of its own.
pub(super) fn name_apart(designs: &mut [DetectedDesign]) {
    let mut taken = BTreeSet::new();
    for design in designs {
        let base = design.name.clone();
        let mut number = 2;
        while !taken.insert(design.name.clone()) {
            design.name = format!("{base}-{number}");
            number += 1;
        }
    }
}
