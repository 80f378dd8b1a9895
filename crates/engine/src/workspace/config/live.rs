//! Design files that are read live from Figma.

use std::ops::Range;

use super::{
    FigmaLink, WorkspacePath,
    reader::{Finding, Findings, Section},
};
use crate::secret::SecretReference;

/// Where the token is looked for, unless it is said otherwise.
const TOKEN: &str = "FIGMA_TOKEN";

/// A file in Figma, of which a copy is kept in the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveFile {
    /// The key that it is asked for by: a branch's own, where it is one.
    pub key: String,
    /// The key of the file that it is a branch of.
    pub branch_of: Option<String>,
    /// Where the token is kept.
    pub credential: SecretReference,
}

impl LiveFile {
    /// Where the copy of a live file is kept, unless it is said otherwise.
    pub(super) fn default_copy(name: &str) -> Option<WorkspacePath> {
        WorkspacePath::new(&format!("{FOLDER}/{}.figma.json", file_stem(name))).ok()
    }
}

/// The folder of what is kept of live files.
pub(crate) const FOLDER: &str = ".lockstep/figma";

/// A design file's short name as a file's.
pub(crate) fn file_stem(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' }).collect()
}

/// Reads `figma` and `credential` of a `[[design]]` entry; nothing where the file is not live.
pub(super) fn read(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<LiveFile> {
    let credential = section.text("credential", findings);
    let Some((figma, figma_at)) = section.text("figma", findings) else {
        if let Some((_, at)) = credential {
            let finding = Finding::new("bad-value", "`credential` is for a file that is read live")
                .hint("name the file in Figma: `figma = \"https://www.figma.com/design/…\"`");
            findings.error(&at, finding);
        }
        return None;
    };
    let (key, branch_of) = key_of(&figma, &figma_at, findings)?;
    let credential = match credential {
        None => SecretReference::Variable(TOKEN.to_owned()),
        Some((text, at)) => read_credential(&text, &at, findings)?,
    };
    Some(LiveFile { key, branch_of, credential })
}

/// The key to ask for, and that of the main file where it is a branch's.
fn key_of(text: &str, at: &Range<usize>, findings: &mut Findings<'_>) -> Option<(String, Option<String>)> {
    let found = match FigmaLink::parse(text) {
        Some(FigmaLink { file_key, branch: Some(branch), .. }) => (branch, Some(file_key)),
        Some(FigmaLink { file_key, branch: None, .. }) => (file_key, None),
        None => (text.to_owned(), None),
    };
    let is_key =
        |key: &str| !key.is_empty() && key.len() <= 128 && key.chars().all(|c| c.is_ascii_alphanumeric());
    if is_key(&found.0) && found.1.as_deref().is_none_or(is_key) {
        return Some(found);
    }
    let finding = Finding::new("bad-value", "`figma` is neither a file's key nor its address on figma.com")
        .hint("copy the address of the file, or of a branch of it, from the browser");
    findings.error(at, finding);
    None
}

/// A token itself is never taken, and never repeated.
fn read_credential(text: &str, at: &Range<usize>, findings: &mut Findings<'_>) -> Option<SecretReference> {
    let reference = SecretReference::parse(text);
    if reference.is_none() {
        let finding = Finding::new("bad-value", "`credential` says where the token is kept").hint(
            "write `env:NAME`, `file:PATH` or `sealed:NAME`; a token itself must not stand in this file",
        );
        findings.error(at, finding);
    }
    reference
}
