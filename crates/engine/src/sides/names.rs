//! The names that the registry knows components by: unique in the workspace.

use std::collections::{BTreeMap, HashMap};

use lockstep_code::model::ScannedComponent;
use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity};

use super::CodeEntry;
use crate::workspace::{WorkspacePath, config::CodePackage};

/// A component and the package that exports it.
pub(super) struct Named {
    /// The package's folder.
    root: WorkspacePath,
    /// What its name is qualified by where another package exports it too: the package's name, or else its folder.
    package: String,
    component: ScannedComponent,
}

/// The components of one package.
pub(super) fn in_package(
    package: &CodePackage,
    components: Vec<ScannedComponent>,
) -> impl Iterator<Item = Named> {
    let root = &package.root;
    components.into_iter().map(|component| Named {
        root: root.clone(),
        package: component.package.clone().unwrap_or_else(|| root.to_string()),
        component,
    })
}

/// Qualifies the names that several packages export. Two components that still have one name are left out: it can't be
/// said which of them the name means. The scan has told so where one package exports both; the findings are the rest.
pub(super) fn made_unique(components: Vec<Named>) -> (Vec<CodeEntry>, Vec<Diagnostic>) {
    let mut packages: HashMap<String, Vec<String>> = HashMap::new();
    for Named { package, component, .. } in &components {
        let exporting = packages.entry(component.name.clone()).or_default();
        if !exporting.contains(package) {
            exporting.push(package.clone());
        }
    }
    let mut by_name: BTreeMap<String, Vec<Named>> = BTreeMap::new();
    for named in components {
        let Named { package, component, .. } = &named;
        let is_shared = packages.get(&component.name).is_some_and(|exporting| exporting.len() > 1);
        let name = if is_shared { format!("{package}/{}", component.name) } else { component.name.clone() };
        let same = by_name.entry(name).or_default();
        // Packages whose folders lie in each other find the very same component twice.
        if !same.iter().any(|known| known.component.declared == component.declared) {
            same.push(named);
        }
    }
    let mut entries = Vec::with_capacity(by_name.len());
    let mut findings = Vec::new();
    for (name, mut same) in by_name {
        match same.pop() {
            Some(Named { component, .. }) if same.is_empty() => {
                entries.push(CodeEntry { name, component: component.into() });
            }
            Some(last) => {
                same.push(last);
                findings.extend(twice(&name, &same));
            }
            None => {}
        }
    }
    (entries, findings)
}

fn twice(name: &str, same: &[Named]) -> Option<Diagnostic> {
    let first = same.first()?;
    if same.iter().all(|named| named.root == first.root) {
        return None;
    }
    let mut places: Vec<_> = same.iter().map(|named| &named.component.declared).collect();
    places.sort();
    let shown: Vec<String> = places.iter().map(|place| format!("{}:{}", place.file, place.line)).collect();
    Some(Diagnostic {
        file: places.first()?.file.to_string(),
        place: None,
        severity: DiagnosticSeverity::Error,
        code: "duplicate-component".to_owned(),
        message: format!("`{name}` is exported by {}", shown.join(" and by ")),
        hint: Some(
            "give the packages names of their own; until then neither component is compared".to_owned(),
        ),
    })
}
