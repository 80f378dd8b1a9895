//! What is said of a package as a whole.

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity};

use super::{Framework, links, manifest::Manifest, walk::Found};
use crate::model::ScannedComponent;

/// What is said of a package with these components.
pub(super) fn remarks(
    components: &[ScannedComponent],
    found: &Found,
    package: &str,
    framework: Framework,
    manifest: &Manifest,
) -> Vec<Diagnostic> {
    let mut remarks = duplicates(components);
    remarks.extend(found.unread.iter().map(|file| unread_stories(file)));
    if components.is_empty() {
        let listed = manifest.custom_elements.iter().map(|_| Framework::CustomElements);
        let mut others = found.others.iter().copied().chain(listed);
        let other = others.find(|other| *other != framework);
        remarks.extend(other.map(|other| another_framework(package, framework, other)));
    }
    remarks
}

/// Components are sorted by name: those of one name stand together.
fn duplicates(components: &[ScannedComponent]) -> Vec<Diagnostic> {
    components
        .chunk_by(|a, b| a.name == b.name)
        .filter(|same| same.len() > 1)
        .map(|same| {
            let first = &same[0].declared;
            let others: Vec<String> = same[1..]
                .iter()
                .map(|other| format!("{}:{}", other.declared.file, other.declared.line))
                .collect();
            Diagnostic {
                file: first.file.to_string(),
                place: None,
                severity: DiagnosticSeverity::Error,
                code: "duplicate-component".to_owned(),
                message: format!(
                    "`{}` is exported by {}:{} and by {}",
                    same[0].name,
                    first.file,
                    first.line,
                    others.join(" and ")
                ),
                hint: Some(
                    "rename one of them, or leave one out of the package's exports; until then neither is compared"
                        .to_owned(),
                ),
            }
        })
        .collect()
}

/// What is said where nothing was found, and the package has files of another framework.
fn another_framework(package: &str, of: Framework, other: Framework) -> Diagnostic {
    Diagnostic {
        file: links::joined(package, "package.json").unwrap_or_default(),
        place: None,
        severity: DiagnosticSeverity::Warning,
        code: "another-framework".to_owned(),
        message: format!("no component of {of} was found, but what {other} would read is there"),
        hint: Some(format!(
            "write `framework = \"{}\"` into its `[[code]]` entry of lockstep.toml",
            other.key()
        )),
    }
}

/// What is said of story files of a kind that is not read.
fn unread_stories(file: &str) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        place: None,
        severity: DiagnosticSeverity::Warning,
        code: "story-format-unread".to_owned(),
        message: "stories in Svelte's own format are not read, so they count for no component".to_owned(),
        hint: Some("write them in CSF (`*.stories.ts`), or count without them".to_owned()),
    }
}
