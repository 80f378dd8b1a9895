//! The two laws of edits, held through the scanner over whole libraries: an edited library scans to the planned
//! contract, and the inverse edit gives the same bytes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use lockstep_core::{
    contract::{Contract, OptionName, Property, PropertyName},
    edit::ContractEdit,
};

use super::super::{CodeEdits, EditOptions, NewStories, SourceFiles, plan};
use super::fixture::changed_lines;
use crate::{ScanOptions, model::ScannedComponent, scan};

pub(super) struct Folder(pub(super) PathBuf);

impl SourceFiles for Folder {
    fn read(&self, file: &str) -> io::Result<String> {
        fs::read_to_string(self.0.join(file))
    }
}

/// What became of the edits of one kind.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) made: usize,
    pub(super) manual: BTreeMap<String, usize>,
    pub(super) wrong: Vec<String>,
}

/// A kind of edit: what to do to the n-th property that it fits, and how it is taken back.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) edit: fn(&Contract, usize) -> Option<ContractEdit>,
    pub(super) inverse: fn(&Contract, &ContractEdit) -> Option<ContractEdit>,
}

type EnumProperty<'c> = (&'c PropertyName, &'c BTreeSet<OptionName>, Option<&'c OptionName>);

fn enums(contract: &Contract) -> impl Iterator<Item = EnumProperty<'_>> {
    contract.properties.iter().filter_map(|(name, property)| match property {
        Property::Enum { options, default } => Some((name, &**options, default.as_ref())),
        _ => None,
    })
}

pub(super) const KINDS: [Kind; 9] = [
    Kind {
        name: "add option",
        edit: |contract, n| {
            let (name, ..) = enums(contract).nth(n)?;
            Some(ContractEdit::AddOption { property: name.clone(), option: "brand-new".into() })
        },
        inverse: |_, edit| match edit.clone() {
            ContractEdit::AddOption { property, option } => {
                Some(ContractEdit::RemoveOption { property, option })
            }
            _ => None,
        },
    },
    Kind {
        name: "remove option",
        edit: |contract, n| {
            let (name, options, default) = enums(contract).nth(n)?;
            let option = options.iter().rfind(|option| default != Some(*option))?.clone();
            (options.len() > 1).then(|| ContractEdit::RemoveOption { property: name.clone(), option })
        },
        inverse: |_, _| None,
    },
    Kind {
        name: "rename option",
        edit: |contract, n| {
            let (name, options, default) = enums(contract).nth(n)?;
            let from = default.or(options.first())?.clone();
            Some(ContractEdit::RenameOption { property: name.clone(), from, to: "renamed".into() })
        },
        inverse: |_, edit| match edit.clone() {
            ContractEdit::RenameOption { property, from, to } => {
                Some(ContractEdit::RenameOption { property, from: to, to: from })
            }
            _ => None,
        },
    },
    Kind {
        name: "set default",
        edit: |contract, n| {
            let (name, property) = contract
                .properties
                .iter()
                .filter(|(_, property)| property.default_text().is_some())
                .nth(n)?;
            let to = match property {
                Property::Enum { options, default } => {
                    options.iter().find(|option| default.as_ref() != Some(*option))?.to_string()
                }
                _ => (!matches!(property, Property::Boolean { default: Some(true) })).to_string(),
            };
            Some(ContractEdit::SetDefault { property: name.clone(), to: Some(to) })
        },
        inverse: default_back,
    },
    Kind {
        name: "drop default",
        edit: |contract, n| {
            let (name, _) = contract
                .properties
                .iter()
                .filter(|(_, property)| property.default_text().is_some())
                .nth(n)?;
            Some(ContractEdit::SetDefault { property: name.clone(), to: None })
        },
        inverse: |_, _| None,
    },
    Kind {
        name: "first default",
        edit: |contract, n| {
            let (name, options, _) = enums(contract).filter(|(.., default)| default.is_none()).nth(n)?;
            Some(ContractEdit::SetDefault { property: name.clone(), to: Some(options.first()?.to_string()) })
        },
        inverse: default_back,
    },
    Kind {
        name: "add property",
        edit: |_, n| {
            let property = match n {
                0 => Property::enumeration(["calm", "loud"], None),
                1 => Property::boolean(Some(false)),
                _ => Property::Slot,
            };
            Some(ContractEdit::AddProperty { name: "brandNew".into(), property })
        },
        inverse: |_, _| Some(ContractEdit::RemoveProperty { name: "brandNew".into() }),
    },
    Kind {
        name: "rename property",
        edit: |contract, n| {
            let from = contract.properties.keys().nth(n)?.clone();
            Some(ContractEdit::RenameProperty { from, to: "renamedProperty".into() })
        },
        inverse: |_, edit| match edit.clone() {
            ContractEdit::RenameProperty { from, to } => {
                Some(ContractEdit::RenameProperty { from: to, to: from })
            }
            _ => None,
        },
    },
    Kind {
        name: "remove property",
        edit: |contract, n| {
            let name = contract.properties.keys().nth(n)?.clone();
            Some(ContractEdit::RemoveProperty { name })
        },
        inverse: |_, _| None,
    },
];

fn default_back(contract: &Contract, edit: &ContractEdit) -> Option<ContractEdit> {
    let property = edit.property().clone();
    let to = contract.property(&property)?.default_text();
    Some(ContractEdit::SetDefault { property, to })
}

/// A library in a folder that may be written to.
pub(super) struct Library {
    pub(super) root: PathBuf,
    before: BTreeMap<String, ScannedComponent>,
}

impl Library {
    pub(super) fn new(root: &Path) -> Self {
        let mut library = Self { root: root.to_owned(), before: BTreeMap::new() };
        library.before = library.scan();
        library
    }

    pub(super) fn components(&self) -> usize {
        self.before.len()
    }

    fn scan(&self) -> BTreeMap<String, ScannedComponent> {
        let scanned = scan(&ScanOptions::new(&self.root, "")).expect("the library scans");
        scanned.components.into_iter().map(|component| (component.name.clone(), component)).collect()
    }

    fn plan(&self, component: &ScannedComponent, edit: &ContractEdit) -> CodeEdits {
        let options = EditOptions { new_stories: NewStories::Leave, ..EditOptions::default() };
        plan(component, &[], &[], std::slice::from_ref(edit), &options, &Folder(self.root.clone()))
    }

    /// One edit of each component, as many at a time as touch no file twice, until each had its turn.
    pub(super) fn check(&self, kind: &Kind, n: usize) -> Report {
        let mut report = Report::default();
        let mut waiting: Vec<(&ScannedComponent, ContractEdit)> = self
            .before
            .values()
            .filter_map(|component| Some((component, (kind.edit)(&component.statement.contract, n)?)))
            .collect();
        for _ in 0..6 {
            waiting = self.round(kind, waiting, &mut report);
        }
        report
    }

    fn round<'c>(
        &self,
        kind: &Kind,
        edits: Vec<(&'c ScannedComponent, ContractEdit)>,
        report: &mut Report,
    ) -> Vec<(&'c ScannedComponent, ContractEdit)> {
        let mut saved: BTreeMap<String, String> = BTreeMap::new();
        let mut used: BTreeSet<String> = BTreeSet::new();
        let (mut made, mut later) = (Vec::new(), Vec::new());
        for (component, edit) in edits {
            let origins = component.origins.values().flat_map(|origin| {
                origin.options.values().flatten().chain(&origin.default).chain([&origin.declared])
            });
            let places = origins.chain(&component.props_type).chain([&component.declared]);
            let files: BTreeSet<&str> = places.map(|place| place.file.as_str()).collect();
            if files.iter().any(|file| saved.contains_key(*file)) {
                later.push((component, edit));
                continue;
            }
            let planned = self.plan(component, &edit);
            if let Some(manual) = planned.manual.first() {
                if std::env::var_os("LOCKSTEP_MANUAL").is_some() {
                    eprintln!(
                        "{}: {edit:?} {}:{} {}",
                        component.name, manual.place.file, manual.place.line, manual.reason
                    );
                }
                let reason: String = manual.reason.split('`').step_by(2).collect::<Vec<_>>().join("…");
                *report.manual.entry(reason).or_default() += 1;
            } else if planned
                .files
                .iter()
                .any(|file| saved.contains_key(&file.file) || used.contains(&file.file))
            {
                later.push((component, edit));
            } else {
                for file in planned.files {
                    let path = self.root.join(&file.file);
                    saved
                        .insert(file.file, fs::read_to_string(&path).expect("it was planned from this file"));
                    fs::write(&path, file.after).expect("the folder is writable");
                }
                used.extend(files.into_iter().map(str::to_owned));
                made.push((component, edit));
            }
        }
        let after = self.scan();
        for (component, edit) in &made {
            report.made += 1;
            self.compare(kind, component, edit, after.get(&component.name), report);
        }
        for (file, text) in &saved {
            let now = fs::read_to_string(self.root.join(file)).expect("it was written");
            if (kind.inverse)(&Contract::default(), &ContractEdit::RemoveProperty { name: "x".into() })
                .is_some()
                && now != *text
            {
                let lines = changed_lines(text, &now);
                report.wrong.push(format!("{}: {file} is not what it was\n{lines}", kind.name));
            }
            fs::write(self.root.join(file), text).expect("the folder is writable");
        }
        later
    }

    fn compare(
        &self,
        kind: &Kind,
        component: &ScannedComponent,
        edit: &ContractEdit,
        after: Option<&ScannedComponent>,
        report: &mut Report,
    ) {
        let mut expected = component.statement.contract.clone();
        edit.apply(&mut expected).expect("the edit fits");
        let found = after.map(|after| &after.statement.contract);
        if found != Some(&expected) {
            let differing = |one: &Contract, other: Option<&Contract>| -> Contract {
                let differs = |name| other.and_then(|other| other.property(name)) != one.property(name);
                one.properties
                    .iter()
                    .filter(|(name, _)| differs(name))
                    .map(|(n, p)| (n.clone(), p.clone()))
                    .collect()
            };
            report.wrong.push(format!(
                "{} {}: {edit:?}\n  expected {:?}\n  found    {:?}",
                kind.name,
                component.name,
                differing(&expected, found).properties,
                found.map(|found| differing(found, Some(&expected)).properties),
            ));
            return;
        }
        let Some(after) = after else { return };
        let Some(inverse) = (kind.inverse)(&component.statement.contract, edit) else { return };
        let back = self.plan(after, &inverse);
        if let Some(manual) = back.manual.first() {
            report.wrong.push(format!("{} {}: no way back: {}", kind.name, component.name, manual.reason));
        }
        for file in back.files {
            fs::write(self.root.join(&file.file), file.after).expect("the folder is writable");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder is writable");
    for entry in fs::read_dir(from).expect("the folder is there").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the folder is writable");
        }
    }
}

fn check_all(root: &Path, turns: usize) -> (usize, usize, Vec<String>) {
    let library = Library::new(root);
    assert!(library.components() > 0);
    let (mut made, mut manual, mut wrong) = (0, 0, Vec::new());
    for kind in &KINDS {
        for n in 0..turns {
            let report = library.check(kind, n);
            let left: usize = report.manual.values().sum();
            eprintln!("{} {n}: {} made, {left} manual {:?}", kind.name, report.made, report.manual);
            made += report.made;
            manual += left;
            wrong.extend(report.wrong);
        }
    }
    eprintln!("{} components, {made} edits made, {manual} left to a person", library.components());
    (made, manual, wrong)
}

#[test]
fn the_example_keeps_both_laws() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme");
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new(example), folder.path());
    let (made, _, wrong) = check_all(folder.path(), 4);
    assert_eq!(wrong.join("\n"), "");
    assert!(made > 50, "{made}");
}

/// The same over libraries unpacked elsewhere: `LOCKSTEP_LIBRARIES` holds their folders, separated by colons.
#[test]
#[ignore = "needs libraries from the registry"]
fn libraries_keep_both_laws() {
    let folders = std::env::var("LOCKSTEP_LIBRARIES").expect("folders of libraries, separated by colons");
    let mut wrong = Vec::new();
    for library in folders.split(':') {
        eprintln!("{library}");
        let folder = tempfile::tempdir().unwrap();
        copy(Path::new(library), folder.path());
        wrong.extend(check_all(folder.path(), 2).2);
    }
    assert_eq!(wrong.join("\n"), "");
}
