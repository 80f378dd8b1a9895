//! Reading what tests the components of a workspace.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use rayon::prelude::*;

use super::{
    STACK_BYTES, ScanError, ScanOptions, confined, folders,
    read::{FileReader, at_desks},
    walk::{relative, walk_all},
};
use crate::{
    stories,
    testing::{self, Hook, Setup, TestFile, Testing},
};

/// Folders of pictures that stories are compared with, relative to a package.
const PICTURES: &[&str] = &[
    ".loki/reference",
    "__image_snapshots__",
    ".storybook/__image_snapshots__",
    "__screenshots__",
    // Those that were approved here.
    "visual-baselines",
];
/// So many pictures are looked at in one folder.
const MOST_PICTURES: usize = 100_000;

/// Reads what tests the components of some packages: in the packages, and in the rest of the workspace.
///
/// # Errors
/// As [`super::scan`].
pub fn testing(packages: &[ScanOptions]) -> Result<Testing, ScanError> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
    pool.install(|| {
        let mut found = Testing::default();
        let mut seen = BTreeSet::new();
        for options in packages {
            collect(options, &mut seen, &mut found)?;
        }
        if let Some(first) = packages.first() {
            collect(&ScanOptions::new(&first.root, ""), &mut seen, &mut found)?;
        }
        found.files.sort_by(|one, other| one.file.cmp(&other.file));
        found.pictures.sort_unstable();
        found.pictures.dedup();
        Ok(found)
    })
}

enum Read {
    Tests(Option<TestFile>),
    Stories(Option<testing::StoryParameters>),
}

fn collect(options: &ScanOptions, seen: &mut BTreeSet<String>, found: &mut Testing) -> Result<(), ScanError> {
    let (root, package) = folders(options)?;
    let own = relative(&root, &package).unwrap_or_default();
    let mut files = walk_all(&root, &package, options)?;
    files.retain(|file| {
        let is_wanted = testing::is_test_file(file) || file.contains(".stor");
        is_wanted && seen.insert(file.clone())
    });
    let reader = FileReader { root: &root };
    let read = at_desks(&files, |file, desk| {
        let (read, problems) = reader.lowered(file, desk, |program, text| {
            if testing::is_test_file(file) {
                Read::Tests(testing::lower(program, text, file))
            } else {
                Read::Stories(testing::story_parameters(program, text, file))
            }
        });
        (file.clone(), read, problems)
    });
    for (file, read, problems) in read {
        match read {
            Some(Read::Tests(test)) => found.files.extend(test),
            Some(Read::Stories(parameters)) => {
                found.stories.extend(parameters.map(|parameters| (file, parameters)));
                // What is wrong with stories the scan has told already.
                continue;
            }
            None => {}
        }
        found.diagnostics.extend(problems);
    }
    found.setups.entry(own.clone()).or_insert_with(|| setup(&reader, &own));
    found.pictures.par_extend(PICTURES.par_iter().flat_map_iter(|folder| pictures(&root, &own, folder)));
    Ok(())
}

/// The pictures below a folder of a package, by their paths.
fn pictures(root: &Path, own: &str, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![(Path::new(own).join(folder), 0)];
    while let Some((folder, depth)) = pending.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries.flatten() {
            let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else { continue };
            let path = folder.join(&name);
            if kind.is_dir() && depth < 4 {
                pending.push((path, depth + 1));
            } else if kind.is_file() && name.ends_with(".png") && found.len() < MOST_PICTURES {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found
}

/// What a package tests its stories by. What the workspace's own folder says holds for each of its packages.
fn setup(reader: &FileReader<'_>, own: &str) -> Setup {
    let mut setup = Setup::default();
    let folders = if own.is_empty() { vec![""] } else { vec![own, ""] };
    for folder in &folders {
        let here = |path: &str| Path::new(folder).join(path).to_string_lossy().into_owned();
        // What is wrong with it the scan has told already.
        let manifest = confined::json(
            reader.root,
            &reader.root.join(here("package.json")),
            str::to_owned,
            &mut Vec::new(),
        );
        let mut depends: BTreeSet<String> = BTreeSet::new();
        for kind in ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] {
            let names = manifest.as_ref().and_then(|manifest| manifest.get(kind)?.as_object());
            depends.extend(names.into_iter().flat_map(|names| names.keys().cloned()));
        }
        depends.iter().for_each(|name| setup.depends_on(name));
        for service in testing::services() {
            let by = match service.file.map(here) {
                _ if depends.contains(service.package) => {
                    format!("{}: {}", here("package.json"), service.package)
                }
                Some(file) if reader.root.join(&file).is_file() => file,
                _ => continue,
            };
            setup.pictures.entry(service.name.to_owned()).or_insert(by);
        }
    }
    for folder in folders {
        let folder = Path::new(folder).join(".storybook").to_string_lossy().into_owned();
        if storybook(reader, &folder, &mut setup) {
            break;
        }
    }
    setup
}

/// Takes over what the files of a `.storybook` folder say; whether there is one.
fn storybook(reader: &FileReader<'_>, folder: &str, setup: &mut Setup) -> bool {
    let Ok(entries) = std::fs::read_dir(reader.root.join(folder)) else { return false };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let files: BTreeMap<String, String> = names.map(|name| (format!("{folder}/{name}"), name)).collect();
    let mut desk = super::read::Desk::default();
    for (path, name) in files {
        let stem = name.split_once('.').filter(|(_, extension)| !extension.contains("json"));
        match stem.map(|(stem, _)| stem) {
            Some("main") => {
                let parts = reader.lowered(&path, &mut desk, stories::storybook_parts);
                for addon in testing::storybook_addons(&parts.0.unwrap_or_default()) {
                    setup.has_addon(&addon);
                }
            }
            Some("preview") => {
                let parts = reader.lowered(&path, &mut desk, stories::storybook_parts);
                setup.parameters = testing::parameters_of(&parts.0.unwrap_or_default());
            }
            Some("test-runner") => {
                let tests =
                    reader.lowered(&path, &mut desk, |program, text| testing::hooks(program, text, &path));
                setup.hooks.extend(tests.0.unwrap_or_default().into_iter().map(|test| Hook {
                    kind: test.kind,
                    place: format!("{path}:{}", test.line),
                    by: test.by,
                }));
            }
            _ => {}
        }
    }
    true
}
