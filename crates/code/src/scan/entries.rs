//! Which files' exports are the library.

use super::{
    ScanOptions, file_id,
    links::{Linker, is_built, is_in_build, joined},
    manifest::Manifest,
};
use crate::{
    markup::MarkupKind,
    resolve::{FileId, Project},
};

/// Source files that the manifest or the options name as entries and that lie outside the folders walked.
pub(super) fn unlisted(
    linker: &mut Linker,
    manifest: &Manifest,
    options: &ScanOptions,
    package: &str,
    sources: &[String],
) -> Vec<String> {
    let mut files = Vec::new();
    let entry = options.entry.as_ref().map(|entry| entry.to_string_lossy().into_owned());
    let targets = manifest.targets.iter().map(|(_, target)| target.clone());
    let targets = targets.filter(|target| is_declared(target, sources) || !is_built(target));
    for target in entry.into_iter().chain(targets) {
        let is_script =
            [".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs"].iter().any(|ending| target.ends_with(ending))
                || MarkupKind::of(&target).is_some();
        if !is_script {
            continue;
        }
        let Some(path) = joined(package, &target) else { continue };
        if !linker.is_known(&path) && !files.contains(&path) && linker.is_file(&path) {
            files.push(path);
        }
    }
    files
}

/// The entries of a package, by the rule that [the module's documentation](super) states.
pub(super) fn entries(
    project: &Project,
    linker: &Linker,
    manifest: &Manifest,
    options: &ScanOptions,
    package: &str,
    sources: &[String],
) -> Vec<FileId> {
    let own = |path: &str| joined(package, path).and_then(|path| linker.id(&path));
    if let Some(entry) = &options.entry
        && let Some(id) = own(&entry.to_string_lossy())
    {
        return vec![id];
    }
    let mut entries: Vec<FileId> = Vec::new();
    // `.` first, so that the names of the main entry come before those of subpaths.
    let (main, rest): (Vec<_>, Vec<_>) = manifest.targets.iter().partition(|(subpath, _)| subpath == ".");
    for (_, target) in main.into_iter().chain(rest) {
        if (!is_built(target) || is_declared(target, sources))
            && let Some(id) = own(target)
            && !entries.contains(&id)
        {
            entries.push(id);
        }
    }
    if entries.iter().any(|entry| project.file(*entry).path.ends_with(".d.ts")) {
        entries.retain(|entry| project.file(*entry).path.ends_with(".d.ts"));
    }
    if !entries.is_empty() {
        return entries;
    }
    let extensions = ["ts", "tsx", "js", "jsx"];
    for base in ["src/index", "index"] {
        if let Some(id) = extensions.iter().find_map(|extension| own(&format!("{base}.{extension}"))) {
            return vec![id];
        }
    }
    let under = |folder: &str| -> Vec<FileId> {
        let prefix = joined(package, folder).map(|path| format!("{path}/")).unwrap_or_default();
        let files = project.files.iter().enumerate();
        files
            .filter(|(_, file)| file.own && file.path.starts_with(&prefix))
            .map(|(index, _)| file_id(index))
            .collect()
    };
    let exports = under("exports");
    if exports.is_empty() {
        return project
            .files
            .iter()
            .enumerate()
            .filter(|(_, file)| file.own)
            .map(|(index, _)| file_id(index))
            .collect();
    }
    exports
}

/// Whether an entry's declarations speak for the package: it has no sources, or only scripts beside which they are
/// written.
fn is_declared(target: &str, sources: &[String]) -> bool {
    let is_declaration = [".d.ts", ".d.mts", ".d.cts"].iter().any(|ending| target.ends_with(ending));
    let is_typed =
        |path: &String| [".ts", ".tsx", ".mts", ".cts", ".jsx"].iter().any(|ending| path.ends_with(ending));
    is_declaration && (sources.is_empty() || !is_in_build(target) && !sources.iter().any(is_typed))
}
