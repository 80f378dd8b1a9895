//! Packages in `node_modules`: where their type declarations are.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use oxc_resolver::{ResolveOptions, Resolver};

use super::walk::relative;

/// Finds the declarations of installed packages, as TypeScript does.
pub(super) struct Installed {
    root: PathBuf,
    resolver: Resolver,
    /// The manifests that were looked for, there or not.
    asked: HashSet<String>,
}

impl Installed {
    pub fn new(root: &Path) -> Self {
        let conditions = ["types", "import", "default"];
        let options = ResolveOptions {
            condition_names: conditions.map(str::to_owned).to_vec(),
            ..ResolveOptions::default()
        };
        Self { root: root.to_owned(), resolver: Resolver::new(options), asked: HashSet::new() }
    }

    /// The declarations that a specifier in a file leads to, inside the workspace.
    pub fn target(&mut self, from: &str, specifier: &str) -> Option<String> {
        let name = package_name(specifier)?;
        if is_known_without_reading(name) {
            return None;
        }
        self.note(from, name);
        let found = self.resolver.resolve_dts(self.root.join(from), specifier).ok()?;
        let path = relative(&self.root, found.path())?;
        is_typed(&path).then_some(path)
    }

    /// The manifests on which the answers depend.
    pub fn consulted(&self) -> impl Iterator<Item = String> + '_ {
        self.asked.iter().cloned()
    }

    fn note(&mut self, from: &str, name: &str) {
        let mut folder = from;
        while let Some((parent, last)) = folder.rsplit_once('/') {
            folder = parent;
            if last != "node_modules" {
                self.asked.insert(format!("{folder}/node_modules/{name}/package.json"));
            }
        }
        self.asked.insert(format!("node_modules/{name}/package.json"));
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
