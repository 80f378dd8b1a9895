//! Which formatter a project has for a file: the nearest that is configured or named as a dependency, and is installed.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::workspace::WorkspacePath;

/// A formatter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Prettier,
    Biome,
}

impl Kind {
    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Prettier => "Prettier",
            Self::Biome => "Biome",
        }
    }

    /// Where it is, below `node_modules`.
    fn package(self) -> &'static str {
        match self {
            Self::Prettier => "prettier",
            Self::Biome => "@biomejs/biome",
        }
    }

    /// The files that configure it.
    fn configurations(self) -> &'static [&'static str] {
        match self {
            Self::Prettier => &[
                ".prettierrc",
                ".prettierrc.json",
                ".prettierrc.json5",
                ".prettierrc.yaml",
                ".prettierrc.yml",
                ".prettierrc.toml",
                ".prettierrc.js",
                ".prettierrc.cjs",
                ".prettierrc.mjs",
                ".prettierrc.ts",
                ".prettierrc.cts",
                ".prettierrc.mts",
                "prettier.config.js",
                "prettier.config.cjs",
                "prettier.config.mjs",
                "prettier.config.ts",
                "prettier.config.cts",
                "prettier.config.mts",
            ],
            Self::Biome => &["biome.json", "biome.jsonc"],
        }
    }
}

/// A formatter that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: Kind,
    /// The folder whose `node_modules` it is in.
    pub(super) folder: PathBuf,
}

impl Found {
    /// The formatter of a file. What stands above the workspace is not looked at.
    pub(super) fn of(workspace: &Path, file: &WorkspacePath) -> Option<Self> {
        let path = workspace.join(file.as_str());
        let folders: Vec<&Path> =
            path.ancestors().skip(1).take_while(|folder| folder.starts_with(workspace)).collect();
        let kind = folders.iter().find_map(|folder| chosen_in(folder))?;
        let installed =
            |folder: &&&Path| folder.join("node_modules").join(kind.package()).join("package.json").is_file();
        let folder = folders.iter().find(installed)?.to_path_buf();
        Some(Self { kind, folder })
    }
}

/// The formatter that a folder chooses. A configuration of its own says more than a dependency, which may be for its editor only.
fn chosen_in(folder: &Path) -> Option<Kind> {
    let manifest = std::fs::read(folder.join("package.json")).ok();
    let manifest: Value = manifest.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    let kinds = [Kind::Prettier, Kind::Biome];
    let configured = |kind: &Kind| {
        kind.configurations().iter().any(|name| folder.join(name).is_file())
            || (*kind == Kind::Prettier && manifest.get("prettier").is_some())
    };
    let depended = |kind: &Kind| {
        ["dependencies", "devDependencies"].iter().any(|list| manifest[list].get(kind.package()).is_some())
    };
    kinds.into_iter().find(configured).or_else(|| kinds.into_iter().find(depended))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_choice_that_is_installed_counts() {
        let prettier = ("node_modules/prettier/package.json", "{}");
        let biome = ("node_modules/@biomejs/biome/package.json", "{}");
        let depends = ("package.json", r#"{ "devDependencies": { "prettier": "3" } }"#);
        for (files, expected) in [
            (vec![], None),
            // Something else has brought it along.
            (vec![prettier], None),
            (vec![depends], None),
            (vec![prettier, depends], Some((Kind::Prettier, ""))),
            (vec![prettier, (".prettierrc", "")], Some((Kind::Prettier, ""))),
            (vec![prettier, ("package.json", r#"{ "prettier": {} }"#)], Some((Kind::Prettier, ""))),
            (vec![biome, ("biome.json", "{}")], Some((Kind::Biome, ""))),
            (vec![biome, prettier, depends, ("biome.jsonc", "{}")], Some((Kind::Biome, ""))),
            (vec![biome, prettier, depends, ("ui/biome.json", "{}")], Some((Kind::Biome, ""))),
            (
                vec![
                    prettier,
                    depends,
                    ("ui/package.json", depends.1),
                    ("ui/node_modules/prettier/package.json", ""),
                ],
                Some((Kind::Prettier, "ui")),
            ),
        ] {
            let workspace = tempfile::tempdir().unwrap();
            for (file, text) in &files {
                let path = workspace.path().join(file);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            let file = WorkspacePath::new("ui/src/Button.stories.tsx").unwrap();
            let expected =
                expected.map(|(kind, folder)| Found { kind, folder: workspace.path().join(folder) });
            let found = Found::of(workspace.path(), &file);
            // A path that ends in a separator is the same folder.
            assert_eq!(found, expected, "{files:?}");
        }
    }
}
