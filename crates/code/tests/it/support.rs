//! Workspaces made of a few files, and contracts in a form that people read.

use std::fmt::Write as _;

use lockstep_code::{
    Framework, ScanOptions,
    model::{CodeScan, ScannedComponent},
    scan,
};
use lockstep_core::contract::Property;
use tempfile::TempDir;

/// A folder with some files.
pub fn workspace(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(&folder, path, text.as_bytes());
    }
    folder
}

/// Writes a file of a workspace.
pub fn write(folder: &TempDir, path: &str, bytes: &[u8]) {
    let path = folder.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Scans a workspace that is one package.
pub fn scan_files(files: &[(&str, &str)]) -> CodeScan {
    scan(&ScanOptions::new(workspace(files).path(), "")).unwrap()
}

/// The contracts of a workspace of one file, as text.
pub fn contracts(source: &str) -> String {
    render(&scan_files(&[("src/index.tsx", source)]))
}

/// All that a scan says of contracts, as text.
pub fn render(scan: &CodeScan) -> String {
    let mut text = String::new();
    for diagnostic in &scan.diagnostics {
        let place =
            diagnostic.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
        writeln!(text, "! {}{place} [{}] {}", diagnostic.file, diagnostic.code, diagnostic.message).unwrap();
    }
    scan.components.iter().for_each(|component| text.push_str(&render_component(component)));
    text
}

/// One component's contract, as text.
pub fn render_component(component: &ScannedComponent) -> String {
    let mut text = format!("{}\n", component.name);
    for (name, property) in &component.statement.contract.properties {
        match property {
            Property::Enum { options, default } => {
                let options: Vec<&str> = options.iter().map(|option| option.as_str()).collect();
                write!(text, "  {name}: {}", options.join(" | ")).unwrap();
                if let Some(default) = default {
                    write!(text, " = {default}").unwrap();
                }
            }
            Property::Boolean { default: Some(default) } => {
                write!(text, "  {name}: boolean = {default}").unwrap()
            }
            other => write!(text, "  {name}: {}", other.kind()).unwrap(),
        }
        text.push('\n');
    }
    for set_aside in &component.statement.not_compared {
        write!(text, "  ~ {}: {:?}", set_aside.property, set_aside.why).unwrap();
        if !set_aside.detail.is_empty() {
            write!(text, ", {}", set_aside.detail).unwrap();
        }
        text.push('\n');
    }
    for reason in &component.statement.open {
        writeln!(text, "  ? {reason}").unwrap();
    }
    text
}

/// The component of a name.
pub fn component<'s>(scan: &'s CodeScan, name: &str) -> &'s ScannedComponent {
    scan.components.iter().find(|component| component.name == name).unwrap_or_else(|| {
        let names: Vec<&str> = scan.components.iter().map(|component| component.name.as_str()).collect();
        panic!("no {name} among {names:?}; {:?}", scan.diagnostics)
    })
}

/// Scans a workspace that is one package of a framework.
pub fn scan_with(framework: Framework, files: &[(&str, &str)]) -> CodeScan {
    let folder = workspace(files);
    scan(&ScanOptions { framework, ..ScanOptions::new(folder.path(), "") }).unwrap()
}
