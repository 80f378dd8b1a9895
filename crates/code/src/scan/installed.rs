//! Packages in `node_modules`: where their type declarations are.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use oxc_resolver::{ResolveOptions, Resolver};

use super::walk::relative;

/// Finds the declarations of installed packages, as TypeScript does.
pub(super) struct Installed {
    root: PathBuf,
    resolver: Resolver,
    /// The folders of packages that were looked for, and whether they are there.
    asked: HashMap<String, bool>,
    /// What was found, by folder and specifier.
    found: HashMap<(String, String), Option<String>>,
}

impl Installed {
    pub fn new(root: &Path) -> Self {
        let conditions = ["types", "import", "default"];
        let options = ResolveOptions {
            condition_names: conditions.map(str::to_owned).to_vec(),
            ..ResolveOptions::default()
        };
        Self {
            root: root.to_owned(),
            resolver: Resolver::new(options),
            asked: HashMap::new(),
            found: HashMap::new(),
        }
    }

    /// The declarations that a specifier in a file leads to, inside the workspace.
    pub fn target(&mut self, from: &str, specifier: &str) -> Option<String> {
        let name = package_name(specifier)?;
        if is_known_without_reading(name) {
            return None;
        }
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let key = (folder.to_owned(), specifier.to_owned());
        if let Some(known) = self.found.get(&key) {
            return known.clone();
        }
        let target = if self.is_there(folder, name) { self.resolved(from, specifier) } else { None };
        self.found.insert(key, target.clone());
        target
    }

    fn resolved(&self, from: &str, specifier: &str) -> Option<String> {
        let found = self.resolver.resolve_dts(self.root.join(from), specifier).ok()?;
        let path = relative(&self.root, found.path())?;
        is_typed(&path).then_some(path)
    }

    /// The manifests on which the answers depend.
    pub fn consulted(&self) -> impl Iterator<Item = String> + '_ {
        self.asked.keys().map(|folder| format!("{folder}/package.json"))
    }

    /// Whether some folder above, as far as the workspace reaches, holds a package or its types.
    fn is_there(&mut self, folder: &str, name: &str) -> bool {
        let types = format!("@types/{}", name.trim_start_matches('@').replace('/', "__"));
        let mut above = Some(folder);
        let mut there = false;
        while let Some(folder) = above {
            above = match folder.rsplit_once('/') {
                Some((parent, _)) => Some(parent),
                None => (!folder.is_empty()).then_some(""),
            };
            if folder.rsplit('/').next() == Some("node_modules") {
                continue;
            }
            for name in [name, &types] {
                let path = if folder.is_empty() {
                    format!("node_modules/{name}")
                } else {
                    format!("{folder}/node_modules/{name}")
                };
                there |= match self.asked.get(&path) {
                    Some(known) => *known,
                    None => {
                        let is_folder = self.root.join(&path).is_dir();
                        self.asked.insert(path, is_folder);
                        is_folder
                    }
                };
            }
        }
        there
    }
}

/// Whether a file belongs to an installed package, seen from the package that is scanned.
pub(super) fn is_installed(path: &str, package: &str) -> bool {
    let inside = path.strip_prefix(package).unwrap_or(path);
    inside.split('/').any(|part| part == "node_modules")
}

fn package_name(specifier: &str) -> Option<&str> {
    if specifier.starts_with(['.', '/', '#']) || specifier.contains(':') {
        return None;
    }
    let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
    let end = if specifier.starts_with('@') { slashes.nth(1) } else { slashes.next() };
    Some(&specifier[..end.unwrap_or(specifier.len())])
}

/// Packages whose types are known by name: reading them would cost much and tell nothing.
fn is_known_without_reading(name: &str) -> bool {
    matches!(
        name,
        "react"
            | "react-dom"
            | "preact"
            | "csstype"
            | "clsx"
            | "classnames"
            | "class-variance-authority"
            | "tailwind-variants"
            | "tailwind-merge"
            | "type-fest"
            | "typescript"
    )
}

fn is_typed(path: &str) -> bool {
    [".ts", ".tsx", ".mts", ".cts"].iter().any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_a_scope_and_its_modules_may_be_paths() {
        let names =
            ["react-aria", "@acme/core", "@acme/core/button/index", "date-fns/locale"].map(package_name);
        assert_eq!(names, ["react-aria", "@acme/core", "@acme/core", "date-fns"].map(Some));
        assert_eq!(["./a", "../b", "#internal", "node:fs", "/c"].map(package_name), [None; 5]);
    }

    #[test]
    fn a_package_under_node_modules_is_its_own_when_it_is_what_is_scanned() {
        assert!(is_installed("node_modules/a/index.d.ts", ""));
        assert!(!is_installed("node_modules/a/src/index.ts", "node_modules/a"));
        assert!(is_installed("node_modules/a/node_modules/b/index.d.ts", "node_modules/a"));
        assert!(!is_installed("packages/a/src/index.ts", "packages/b"));
    }
}
