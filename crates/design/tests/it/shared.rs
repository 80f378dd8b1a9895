//! Where the real files are.

use std::path::PathBuf;

use lockstep_design::{DesignComponent, DesignScan, figma};

/// The folder of real files.
pub fn real_folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"))
}

/// The bytes of a real file; `None`, said aloud, on a machine without the folder.
pub fn real(path: &str) -> Option<Vec<u8>> {
    let root = real_folder();
    if !root.is_dir() {
        eprintln!("skipped: there is no {}", root.display());
        return None;
    }
    Some(std::fs::read(root.join(path)).unwrap())
}

/// The whole files among the real data.
pub const WHOLE_FILES: [&str; 5] = [
    "spectrum/figma-file.json",
    "figma/code-connect/dummy_api_response.json",
    "figma/code-connect/dummy_api_response_for_wizard.json",
    "figma/code-connect/dummy_api_response_for_wizard_many_components.json",
    "figma/old/document-2020.json",
];

/// The scan of a real file, from memory and from a stream, which must agree.
pub fn scan(path: &str) -> Option<DesignScan> {
    let bytes = real(path)?;
    let scan = figma::read(&bytes, path).unwrap();
    assert_eq!(figma::read_from(&bytes[..], path).unwrap(), scan);
    Some(scan)
}

/// The component of that name, which must be the only one.
pub fn named<'a>(scan: &'a DesignScan, name: &str) -> &'a DesignComponent {
    let mut found = scan.components.iter().filter(|component| component.name == name);
    let component = found.next().unwrap_or_else(|| panic!("no component {name}"));
    assert!(found.next().is_none(), "two components {name}");
    component
}
