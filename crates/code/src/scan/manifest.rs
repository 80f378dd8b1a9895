//! What `package.json`, `tsconfig.json` and the workspace's list of packages say.

use std::path::{Path, PathBuf};

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity};
use serde_json::Value;

use super::confined;
use crate::stories::Version;

/// A package's manifest, as far as it matters here.
#[derive(Debug, Default, Clone)]
pub(super) struct Manifest {
    pub name: Option<String>,
    /// Where its Custom Elements Manifest stands.
    pub custom_elements: Option<String>,
    /// The paths that it publishes under, by subpath (`.`, `./Button`), the likeliest source first.
    pub targets: Vec<(String, String)>,
    /// Globs of the packages of a workspace.
    pub workspaces: Vec<String>,
    /// The Storybook that it depends on.
    pub storybook: Option<Version>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

impl Manifest {
    /// Reads the manifest of a folder of the workspace; without one, or with a broken one, nothing is known.
    pub fn read(root: &Path, folder: &Path) -> Self {
        let mut diagnostics = Vec::new();
        let path = folder.join("package.json");
        let Some(json) = confined::json(root, &path, str::to_owned, &mut diagnostics) else {
            return Self { diagnostics, ..Self::default() };
        };
        let mut manifest = Self {
            name: text(&json, "name"),
            custom_elements: text(&json, "customElements"),
            diagnostics,
            ..Self::default()
        };
        if let Some(source) = text(&json, "source") {
            manifest.targets.push((".".to_owned(), source));
        }
        if let Some(exports) = json.get("exports") {
            manifest.exports(exports);
        }
        for key in ["module", "main", "types", "typings"] {
            manifest.targets.extend(text(&json, key).map(|target| (".".to_owned(), target)));
        }
        let globs = match json.get("workspaces") {
            Some(Value::Object(object)) => object.get("packages"),
            other => other,
        };
        manifest.workspaces = globs
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|glob| glob.as_str().map(str::to_owned))
            .collect();
        manifest.workspaces.extend(pnpm_packages(root, folder));
        manifest.storybook = storybook(root, folder, &json);
        manifest
    }

    fn exports(&mut self, exports: &Value) {
        match exports {
            Value::Object(entries) if entries.keys().any(|key| key.starts_with('.')) => {
                for (subpath, conditions) in entries {
                    let mut targets = Vec::new();
                    leaves(conditions, &mut targets, 0);
                    self.targets.extend(targets.into_iter().map(|target| (subpath.clone(), target)));
                }
            }
            other => {
                let mut targets = Vec::new();
                leaves(other, &mut targets, 0);
                self.targets.extend(targets.into_iter().map(|target| (".".to_owned(), target)));
            }
        }
    }
}

/// The paths under all conditions, `source` first.
fn leaves(conditions: &Value, targets: &mut Vec<String>, depth: usize) {
    match conditions {
        Value::String(target) => targets.push(target.clone()),
        Value::Object(members) if depth < 8 => {
            if let Some(source) = members.get("source") {
                leaves(source, targets, depth + 1);
            }
            members
                .iter()
                .filter(|(key, _)| *key != "source")
                .for_each(|(_, inner)| leaves(inner, targets, depth + 1));
        }
        Value::Array(all) if depth < 8 => all.iter().for_each(|inner| leaves(inner, targets, depth + 1)),
        _ => {}
    }
}

fn text(json: &Value, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

/// The Storybook that is installed, or else the one that is asked for.
fn storybook(root: &Path, folder: &Path, manifest: &Value) -> Option<Version> {
    let installed = folder.join("node_modules/storybook/package.json");
    // What is installed is nobody's here: what is wrong with it is not told.
    let installed = confined::json(root, &installed, str::to_owned, &mut Vec::new());
    let installed = installed.and_then(|json| Version::of_range(json.get("version")?.as_str()?));
    let asked = || {
        ["devDependencies", "dependencies", "peerDependencies"]
            .iter()
            .find_map(|kind| Version::of_range(manifest.get(kind)?.get("storybook")?.as_str()?))
    };
    installed.or_else(asked)
}

/// `packages:` of `pnpm-workspace.yaml`, which is a plain list.
fn pnpm_packages(root: &Path, folder: &Path) -> Vec<String> {
    let Ok(Some(text)) = confined::text(root, &folder.join("pnpm-workspace.yaml")) else { return Vec::new() };
    text.lines()
        .skip_while(|line| line.trim_end() != "packages:")
        .skip(1)
        .map(str::trim)
        .take_while(|line| line.is_empty() || line.starts_with('-') || line.starts_with('#'))
        .filter_map(|line| line.strip_prefix('-'))
        .map(|glob| glob.trim().trim_matches(['\'', '"']).to_owned())
        .collect()
}

/// `paths` and `baseUrl` of a `tsconfig.json`, with what it extends.
#[derive(Debug, Default, Clone)]
pub(super) struct TsConfig {
    /// Patterns with at most one `*`, each with its targets as paths.
    pub paths: Vec<(String, Vec<PathBuf>)>,
    pub base: Option<PathBuf>,
    /// The file, and those that it extends.
    pub files: Vec<PathBuf>,
}

impl TsConfig {
    /// Reads the `tsconfig.json` of a folder of the workspace; what is wrong with it is put among the findings.
    pub fn read(root: &Path, folder: &Path, findings: &mut Vec<Diagnostic>) -> Option<Self> {
        const MOST_FILES: usize = 64;
        let (path, mut left) = (folder.join("tsconfig.json"), MOST_FILES + 1);
        let config = Self::read_file(root, &path, &mut left, findings);
        if left == 0 {
            findings.push(Diagnostic {
                file: confined::named(root, &path),
                place: None,
                severity: DiagnosticSeverity::Warning,
                code: "tsconfig-extends".to_owned(),
                message: format!("it extends more than {MOST_FILES} files, or itself: the rest is left out"),
                hint: Some("let each file extend another one only once".to_owned()),
            });
        }
        config
    }

    /// `left` is how many files may still be read.
    fn read_file(root: &Path, path: &Path, left: &mut usize, findings: &mut Vec<Diagnostic>) -> Option<Self> {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return None;
        }
        let folder = path.parent()?;
        let config = confined::json(root, path, without_comments, findings)?;
        let mut known = Self::default();
        let bases: Vec<&str> = match config.get("extends") {
            Some(Value::String(base)) => vec![base],
            Some(Value::Array(bases)) => bases.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        for base in bases.into_iter().filter(|base| base.starts_with('.')) {
            let ending = if base.ends_with(".json") { "" } else { ".json" };
            let target = folder.join(format!("{base}{ending}"));
            // Of two bases the later one decides what it speaks of.
            if let Some(inherited) = Self::read_file(root, &target, left, findings) {
                known.base = inherited.base.or(known.base);
                if !inherited.paths.is_empty() {
                    known.paths = inherited.paths;
                }
                known.files.extend(inherited.files);
            }
        }
        known.files.push(path.to_owned());
        let options = config.get("compilerOptions");
        if let Some(base) = options.and_then(|options| options.get("baseUrl")).and_then(Value::as_str) {
            known.base = Some(folder.join(base));
        }
        if let Some(paths) = options.and_then(|options| options.get("paths")).and_then(Value::as_object) {
            let from = known.base.clone().unwrap_or_else(|| folder.to_owned());
            known.paths = paths
                .iter()
                .map(|(pattern, targets)| {
                    let targets = targets.as_array().into_iter().flatten().filter_map(Value::as_str);
                    (pattern.clone(), targets.map(|target| from.join(target)).collect())
                })
                .collect();
            // The longest prefix wins.
            known
                .paths
                .sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.split('*').next().map_or(0, str::len)));
        }
        Some(known)
    }
}

/// JSON without the comments and trailing commas that `tsconfig.json` may have.
fn without_comments(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.trim_start_matches('\u{feff}').chars().peekable();
    let mut in_string = false;
    while let Some(c) = characters.next() {
        match c {
            '\\' if in_string => {
                clean.push(c);
                clean.extend(characters.next());
            }
            '"' => {
                in_string = !in_string;
                clean.push(c);
            }
            '/' if !in_string && characters.peek() == Some(&'/') => {
                while characters.next_if(|c| *c != '\n').is_some() {}
            }
            '/' if !in_string && characters.peek() == Some(&'*') => {
                characters.next();
                let mut last = ' ';
                for c in characters.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            '}' | ']' if !in_string => {
                let kept = clean.trim_end().trim_end_matches(',').len();
                clean.truncate(kept);
                clean.push(c);
            }
            _ => clean.push(c),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tsconfig_may_have_comments_and_trailing_commas() {
        let clean = without_comments("{ // a\n \"a\": \"//\\\"\", /* b */ \"b\": [1, 2, ], }");
        assert_eq!(
            serde_json::from_str::<Value>(&clean).unwrap(),
            serde_json::json!({"a": "//\"", "b": [1, 2]})
        );
    }

    #[test]
    fn later_bases_of_a_tsconfig_decide_only_what_they_speak_of() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("tsconfig.json", r#"{ "extends": ["./tsconfig.base", "./strict.json"] }"#);
        write("tsconfig.base.json", r#"{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }"#);
        write("strict.json", r#"{ "compilerOptions": { "strict": true } }"#);
        let mut findings = Vec::new();
        let config = TsConfig::read(folder.path(), folder.path(), &mut findings).unwrap();
        assert_eq!(config.paths, [("@/*".to_owned(), vec![folder.path().join("./src/*")])]);
        assert_eq!((config.files.len(), findings.len()), (3, 0));
        write("strict.json", r#"{ "extends": ["./strict", "./strict.json"] }"#);
        TsConfig::read(folder.path(), folder.path(), &mut findings).unwrap();
        assert_eq!(findings.len(), 1);
        assert_eq!(
            (findings[0].file.as_str(), findings[0].code.as_str()),
            ("tsconfig.json", "tsconfig-extends")
        );
    }

    #[test]
    fn all_conditions_of_exports_are_candidates_and_source_is_the_first() {
        let mut manifest = Manifest::default();
        manifest.exports(&serde_json::json!({
            ".": {"import": {"types": "./dist/index.d.ts"}, "source": "./src/index.ts"},
            "./Button": "./src/Button.tsx",
        }));
        let targets: Vec<(&str, &str)> =
            manifest.targets.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(
            targets,
            [(".", "./src/index.ts"), (".", "./dist/index.d.ts"), ("./Button", "./src/Button.tsx")]
        );
    }
}
