//! Stories and pages as Storybook's own indexes list them. The indexes beside the fixtures were made by Storybook itself:
//! `scripts/storybook-oracle --record` makes them anew.

use std::{collections::BTreeSet, fs, path::Path};

use lockstep_code::{ScanOptions, scan, stories::listing};
use serde_json::{Map, Value as Json};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/storybook");

/// Copies a fixture, states the version of Storybook that it depends on, and reads it.
fn index_of(fixture: &str, version: &str) -> (Map<String, Json>, BTreeSet<String>) {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(FIXTURES).join(fixture), folder.path());
    let manifest = format!(r#"{{"name": "fixture", "devDependencies": {{"storybook": "{version}"}}}}"#);
    fs::write(folder.path().join("package.json"), manifest).unwrap();
    let scan = scan(&ScanOptions::new(folder.path(), "")).unwrap();
    let index = listing::index(&scan, "");
    let complained = scan.diagnostics.into_iter().map(|diagnostic| diagnostic.file).collect();
    (index["entries"].as_object().unwrap().clone(), complained)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => fs::copy(entry.path(), target).map(drop).unwrap(),
        }
    }
}

/// Every entry, and a word on every file that Storybook refuses.
fn holds(fixture: &str, version: &str) {
    let major = version.split('.').next().unwrap();
    let path = format!("{FIXTURES}/{fixture}/expected/storybook-{major}.json");
    let expected: Json = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let refused: BTreeSet<&str> =
        expected["refused"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    let (listed, complained) = index_of(fixture, version);
    let is_refused =
        |entry: &Json| refused.contains(entry["importPath"].as_str().unwrap().trim_start_matches("./"));
    let mut listed: Map<String, Json> = listed.into_iter().filter(|(_, entry)| !is_refused(entry)).collect();
    for (id, theirs) in expected["entries"].as_object().unwrap() {
        let mut ours = listed.remove(id).unwrap_or_else(|| panic!("{fixture} {version} lacks {id}"));
        for newer in ["exportName", "subtype"] {
            if theirs.get(newer).is_none() {
                ours.as_object_mut().unwrap().remove(newer);
            }
        }
        assert_eq!(ours, *theirs, "{fixture} {version}");
    }
    assert_eq!(
        listed.keys().collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "{fixture} {version} lists too much"
    );
    for file in refused {
        assert!(complained.contains(file), "nothing is said of {file}, which Storybook {version} refuses");
    }
}

#[test]
fn every_form_of_stories_and_pages_is_listed_as_storybook_lists_it() {
    for version in ["8.6.19", "9.1.21", "10.6.7"] {
        holds("csf", version);
    }
}

#[test]
fn factories_and_tests_are_listed_as_storybook_lists_them() {
    holds("factories", "10.6.7");
}

#[test]
fn what_storybook_refuses_is_said() {
    for version in ["8.6.19", "9.1.21", "10.6.7"] {
        holds("broken", version);
    }
}
