//! The small files that configure a package, read only where they are regular files inside the workspace.

use std::{
    io::{self, Read as _},
    path::Path,
};

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use serde_json::Value;

use super::walk::relative;

/// Larger files configure nothing.
const MAX_BYTES: u64 = 16 << 20;

const OUTSIDE: &str = "it lies outside the workspace";

/// The text of a configuring file; nothing where there is none.
///
/// # Errors
/// When it leads out of the workspace, is no regular file or no UTF-8, is too large, or can't be read.
pub(super) fn text(root: &Path, path: &Path) -> io::Result<Option<String>> {
    let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why.to_owned());
    let real = match std::fs::canonicalize(path) {
        Ok(real) => real,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if !real.starts_with(root) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, OUTSIDE));
    }
    let metadata = std::fs::metadata(&real)?;
    if !metadata.is_file() {
        return Err(refused("it is no regular file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(refused("it is larger than 16 MB"));
    }
    let mut text = String::new();
    std::fs::File::open(&real)?.take(MAX_BYTES).read_to_string(&mut text)?;
    match text.strip_prefix('\u{feff}') {
        Some(text) => Ok(Some(text.to_owned())),
        None => Ok(Some(text)),
    }
}

/// A file as diagnostics name it.
pub(super) fn named(root: &Path, path: &Path) -> String {
    relative(root, path).unwrap_or_else(|| path.to_string_lossy().into_owned())
}

/// A configuring file as JSON, once `clean` has made JSON of it; nothing where there is none. What can't be used is said
/// among the findings, and then nothing is known of it.
pub(super) fn json(
    root: &Path,
    path: &Path,
    clean: fn(&str) -> String,
    findings: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let finding = |message: String, place: Option<TextPlace>| Diagnostic {
        file: named(root, path),
        place,
        severity: DiagnosticSeverity::Error,
        code: "unusable-configuration".to_owned(),
        message,
        hint: Some("correct it: until then the package is read as if it were not there".to_owned()),
    };
    let text = match text(root, path) {
        Ok(text) => text?,
        Err(error) => {
            let mut finding = finding(format!("the file can't be read: {error}"), None);
            let hint = "check what it is and its permissions: until then the package is read as if it were not there";
            finding.hint = Some(hint.to_owned());
            // Many a package's tsconfig.json extends one further up; the package can be read without.
            if error.to_string() == OUTSIDE {
                finding.severity = DiagnosticSeverity::Warning;
                finding.hint = Some("put lockstep.toml into a folder that holds everything".to_owned());
            }
            findings.push(finding);
            return None;
        }
    };
    match serde_json::from_str(&clean(&text)) {
        Ok(value) => Some(value),
        Err(error) => {
            let place = place_of(&text, error.line(), error.column());
            let message = error.to_string();
            let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
            findings.push(finding(format!("the file is no JSON: {message}"), Some(place)));
            None
        }
    }
}

/// The place of a line and a column in bytes, both from 1.
fn place_of(text: &str, line: usize, column: usize) -> TextPlace {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = start.saturating_add(column.saturating_sub(1)).min(text.len());
    TextPlace::of(text, at, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_has_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let read = |bytes: &[u8]| {
            let path = root.join("package.json");
            std::fs::write(&path, bytes).unwrap();
            let mut findings = Vec::new();
            let value = json(&root, &path, str::to_owned, &mut findings);
            (value, findings)
        };
        assert_eq!(read("\u{feff}{}".as_bytes()), (Some(serde_json::json!({})), Vec::new()));
        let (value, findings) = read(b"{\n  \"name\": x\n}");
        assert_eq!(value, None);
        let place = findings[0].place.unwrap();
        assert_eq!((place.line, place.column), (2, 11));
        assert_eq!(findings[0].message, "the file is no JSON: expected value");
        assert!(read(b"\xff").1[0].message.contains("UTF-8"));
        assert_eq!(json(&root, &root.join("none.json"), str::to_owned, &mut Vec::new()), None);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_outside_and_no_device_is_read() {
        use std::os::unix::fs::symlink;
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = folder.path().canonicalize().unwrap();
        std::fs::write(outside.path().join("x.json"), "{}").unwrap();
        symlink(outside.path().join("x.json"), root.join("out.json")).unwrap();
        symlink("/dev/zero", root.join("zero.json")).unwrap();
        symlink("loop.json", root.join("loop.json")).unwrap();
        std::fs::create_dir(root.join("folder.json")).unwrap();
        for name in ["out.json", "zero.json", "loop.json", "folder.json", "../x.json"] {
            let path = root.join(name);
            if name == "../x.json" {
                std::fs::write(&path, "{}").unwrap();
            }
            assert!(text(&root, &path).is_err(), "{name}");
            let _ = std::fs::remove_file(&path);
        }
    }
}
