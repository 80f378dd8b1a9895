//! The invariants of ARCHITECTURE.md that a compiler doesn't hold: who may import whom, and what may be depended on.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use serde::Deserialize;

/// Which crates of the workspace each one may build upon. Tests may use the testkit besides.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("lockstep-core", &[]),
    ("lockstep-code", &["lockstep-core"]),
    ("lockstep-design", &["lockstep-core"]),
    ("lockstep-store", &["lockstep-core"]),
    ("lockstep-providers", &["lockstep-core"]),
    (
        "lockstep-engine",
        &["lockstep-core", "lockstep-code", "lockstep-design", "lockstep-store", "lockstep-providers"],
    ),
    ("lockstep-server", &["lockstep-core", "lockstep-engine"]),
    ("lockstep", &["lockstep-core", "lockstep-engine", "lockstep-server"]),
    ("lockstep-testkit", &["lockstep-core"]),
];

/// Crates from outside, by the start of their name, that have one home.
const HOMES: &[(&str, &str)] = &[
    ("oxc_", "lockstep-code"),
    ("age", "lockstep-providers"),
    ("chromiumoxide", "lockstep-providers"),
    ("png", "lockstep-engine"),
    ("prometheus", "lockstep-server"),
    ("argon2", "lockstep-engine"),
    ("lettre", "lockstep-providers"),
    ("sourcemap", "lockstep-providers"),
    ("axum", "lockstep-server"),
    ("rmcp", "lockstep-server"),
    ("hyper", "lockstep-server"),
    ("sea-orm", "lockstep-store"),
    ("sqlx", "lockstep-store"),
    ("clap", "lockstep"),
    ("comfy-table", "lockstep"),
    ("indicatif", "lockstep"),
    ("owo-colors", "lockstep"),
    ("anyhow", "lockstep"),
];

/// Costly to build or harmful twice: one version each.
const ONCE: &[&str] = &[
    "axum",
    "chrono",
    "clap",
    "hyper",
    "libsqlite3-sys",
    "oxc_parser",
    "regex",
    "rustls",
    "sea-orm",
    "serde",
    "serde_json",
    "sqlx-core",
    "tokio",
    "toml_edit",
    "url",
    "uuid",
];

const LONGEST_FILE: usize = 500;
/// Tables of tests may grow a little longer.
const LONGEST_TEST: usize = 600;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
    publish: Option<Vec<String>>,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

impl Package {
    fn is_ours(&self) -> bool {
        self.source.is_none()
    }
}

impl Dependency {
    fn is_for_tests(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform=x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata speaks JSON")
});

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn toml_file(path: &str) -> toml::Table {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn ours() -> impl Iterator<Item = &'static Package> {
    METADATA.packages.iter().filter(|package| package.is_ours())
}

#[test]
fn crates_import_only_what_stands_below_them() {
    let known: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let names: BTreeSet<&str> = ours().map(|package| package.name.as_str()).collect();
    assert_eq!(
        names,
        known.keys().copied().collect(),
        "a crate of the workspace that MAY_IMPORT doesn't know, or the other way round"
    );
    for package in ours() {
        for dependency in package.dependencies.iter().filter(|dep| names.contains(dep.name.as_str())) {
            let allowed = known[package.name.as_str()].contains(&dependency.name.as_str())
                || (dependency.is_for_tests() && dependency.name == "lockstep-testkit");
            assert!(allowed, "{} must not depend on {}", package.name, dependency.name);
        }
    }
}

#[test]
fn foreign_crates_stay_in_their_homes() {
    for package in ours() {
        for dependency in package.dependencies.iter().filter(|dep| !dep.is_for_tests()) {
            for (start, home) in HOMES {
                // The testkit is for tests alone, where brevity counts.
                let at_home = package.name == *home || package.name == "lockstep-testkit";
                assert!(
                    at_home || !dependency.name.starts_with(start),
                    "{} lives in {home} only, not in {}",
                    dependency.name,
                    package.name
                );
            }
        }
    }
}

#[test]
fn heavy_crates_come_once_and_banned_ones_never() {
    for name in ONCE {
        let versions: Vec<&str> = METADATA
            .packages
            .iter()
            .filter(|package| package.name == *name)
            .map(|package| package.version.as_str())
            .collect();
        assert!(versions.len() <= 1, "{name} is built {} times: {versions:?}", versions.len());
    }
    let banned = toml_file("deny.toml")["bans"]["deny"].clone();
    let banned: Vec<_> = banned.as_array().expect("bans.deny is a list").iter().collect();
    assert!(!banned.is_empty());
    for ban in banned {
        let name = ban["crate"].as_str().expect("a ban names a crate");
        assert!(
            METADATA.packages.iter().all(|package| package.name != name),
            "{name} is banned: {}",
            ban["reason"]
        );
    }
}

#[test]
fn licences_are_permissive() {
    let policy = toml_file("deny.toml");
    let allowed = policy["licenses"]["allow"].as_array().expect("licenses.allow is a list");
    let allowed: BTreeSet<&str> = allowed.iter().filter_map(toml::Value::as_str).collect();
    let refused: Vec<String> = METADATA
        .packages
        .iter()
        .filter(|package| !package.license.as_deref().is_some_and(|text| permits(text, &allowed)))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert!(refused.is_empty(), "licences that deny.toml doesn't allow:\n{}", refused.join("\n"));
}

/// Whether an SPDX expression can be met by allowed licences. `AND` binds tighter than `OR`; in old manifests `/`
/// stands for `OR`.
fn permits(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    // Innermost parentheses first, each replaced by whether it is met.
    if let Some((before, rest)) = expression.rsplit_once('(') {
        let Some((inner, after)) = rest.split_once(')') else { return false };
        let met = if permits(inner, allowed) { "MET" } else { "UNMET" };
        return permits(&format!("{before}{met}{after}"), allowed);
    }
    expression.replace('/', " OR ").split(" OR ").any(|either| {
        either.split(" AND ").all(|one| {
            let one = one.trim();
            one == "MET" || allowed.contains(one)
        })
    })
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]);
    for (expression, expected) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("(MIT OR GPL-3.0) AND Unicode-3.0", false),
        ("(MIT OR GPL-3.0) AND Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
        ("Apache-2.0 WITH Classpath-exception-2.0", false),
        ("(MIT", false),
    ] {
        assert_eq!(permits(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn every_crate_takes_part_in_the_habits() {
    let architecture =
        std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md can be read");
    for package in ours() {
        let name = &package.name;
        let manifest = std::fs::read_to_string(&package.manifest_path).expect("a manifest can be read");
        let manifest: toml::Table = manifest.parse().expect("a manifest is TOML");
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace")?.as_bool());
        assert_eq!(lints, Some(true), "{name}: [lints] workspace = true is missing");
        assert_eq!(package.license.as_deref(), Some("Apache-2.0 OR MIT"), "{name}");
        assert_eq!(package.publish.as_deref(), Some(&[][..]), "{name} must not be published");
        let folder = name.strip_prefix("lockstep-").unwrap_or(name);
        assert!(architecture.contains(&format!("`{folder}`")), "ARCHITECTURE.md doesn't speak of `{folder}`");
    }
}

#[test]
fn the_core_keeps_the_lint_settings_of_the_workspace() {
    let core = toml_file("crates/core/clippy.toml");
    for (key, value) in toml_file("clippy.toml") {
        assert_eq!(core.get(&key), Some(&value), "crates/core/clippy.toml must repeat `{key}`");
    }
    for list in ["disallowed-types", "disallowed-methods"] {
        assert!(core[list].as_array().is_some_and(|entries| !entries.is_empty()), "{list} is empty");
    }
}

#[test]
fn files_stay_short_enough_to_read() {
    let mut folders = vec![root().join("crates")];
    let mut long = Vec::new();
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder can be read") {
            let path = entry.expect("a folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                seen += 1;
                let lines = std::fs::read_to_string(&path).expect("source is UTF-8").lines().count();
                let is_test = path.components().any(|part| part.as_os_str() == "tests");
                if lines > if is_test { LONGEST_TEST } else { LONGEST_FILE } {
                    long.push(format!("{}: {lines} lines", path.display()));
                }
            }
        }
    }
    assert!(seen > 10, "the source was not found");
    assert!(
        long.is_empty(),
        "files over {LONGEST_FILE} lines ({LONGEST_TEST} in tests) hold two things:\n{}",
        long.join("\n")
    );
}

#[test]
fn links_between_documents_lead_somewhere() {
    let documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];
    let documents = documents.iter().map(|name| root().join(name)).chain([root().join("examples/README.md")]);
    let mut followed = 0;
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap_or_else(|error| panic!("{document:?}: {error}"));
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if target.is_empty() || target.contains("://") {
                continue;
            }
            followed += 1;
            let folder = document.parent().unwrap_or(root());
            assert!(
                folder.join(target).exists(),
                "{} links to {target}, which is not there",
                document.display()
            );
        }
    }
    assert!(followed > 5, "the links were not found");
}
