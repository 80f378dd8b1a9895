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
use crate::{Rereading, ScanOptions, model::ScannedComponent, scan};

pub(super) struct Folder<'p> {
    root: &'p Path,
    packages: &'p [Rereading],
}

impl SourceFiles for Folder<'_> {
    fn read(&self, file: &str) -> io::Result<String> {
        fs::read_to_string(self.root.join(file))
    }

    fn packages(&self) -> &[Rereading] {
        self.packages
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
    packages: Vec<Rereading>,
}

impl Library {
    pub(super) fn new(root: &Path) -> Self {
        let package = Rereading::of(&ScanOptions::new(root, "")).expect("the library reads");
        let packages = package.into_iter().collect();
        let mut library = Self { root: root.to_owned(), before: BTreeMap::new(), packages };
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
        let files = Folder { root: &self.root, packages: &self.packages };
        plan(component, &[], &[], std::slice::from_ref(edit), &options, &files)
    }

    /// One edit of each component, as many at a time as touch no file twice, until none waits.
    pub(super) fn check(&self, kind: &Kind, n: usize) -> Report {
        let mut report = Report::default();
        let mut waiting: Vec<(&ScannedComponent, ContractEdit)> = self
            .before
            .values()
            .filter_map(|component| Some((component, (kind.edit)(&component.statement.contract, n)?)))
            .collect();
        while !waiting.is_empty() {
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
        let mut doubtful = Vec::new();
        for (component, edit) in &made {
            report.made += 1;
            if self.compare(kind, component, edit, after.get(&component.name), report).is_err() {
                doubtful.push((*component, edit));
            }
        }
        for (file, text) in &saved {
            let now = fs::read_to_string(self.root.join(file)).expect("it was written");
            let is_back =
                kind.name != "remove option" && kind.name != "remove property" && kind.name != "drop default";
            if is_back && doubtful.is_empty() && now != *text {
                let lines = changed_lines(text, &now);
                report.wrong.push(format!("{}: {file} is not what it was\n{lines}", kind.name));
            }
            fs::write(self.root.join(file), text).expect("the folder is writable");
        }
        // What a component takes may be stated in files that another edit of the round changed: it has to hold alone.
        for (component, edit) in doubtful {
            self.alone(kind, component, edit, report);
        }
        later
    }

    /// Makes one edit with nothing beside it.
    fn alone(&self, kind: &Kind, component: &ScannedComponent, edit: &ContractEdit, report: &mut Report) {
        let planned = self.plan(component, edit).files;
        let saved: Vec<String> = planned
            .iter()
            .map(|file| {
                fs::read_to_string(self.root.join(&file.file)).expect("it was planned from this file")
            })
            .collect();
        for file in &planned {
            fs::write(self.root.join(&file.file), &file.after).expect("the folder is writable");
        }
        if let Err(wrong) = self.compare(kind, component, edit, self.scan().get(&component.name), report) {
            report.wrong.push(wrong);
        }
        for (file, text) in planned.iter().zip(saved) {
            fs::write(self.root.join(&file.file), text).expect("the folder is writable");
        }
    }

    fn compare(
        &self,
        kind: &Kind,
        component: &ScannedComponent,
        edit: &ContractEdit,
        after: Option<&ScannedComponent>,
        report: &mut Report,
    ) -> Result<(), String> {
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
            return Err(format!(
                "{} {}: {edit:?}\n  expected {:?}\n  found    {:?}",
                kind.name,
                component.name,
                differing(&expected, found).properties,
                found.map(|found| differing(found, Some(&expected)).properties),
            ));
        }
        let Some(after) = after else { return Ok(()) };
        let Some(inverse) = (kind.inverse)(&component.statement.contract, edit) else { return Ok(()) };
        let back = self.plan(after, &inverse);
        if let Some(manual) = back.manual.first() {
            report.wrong.push(format!("{} {}: no way back: {}", kind.name, component.name, manual.reason));
        }
        for file in back.files {
            fs::write(self.root.join(&file.file), file.after).expect("the folder is writable");
        }
        Ok(())
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

/// What became of all edits of a library.
#[derive(Debug, Default)]
struct Total {
    components: usize,
    made: usize,
    manual: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

fn check_all(root: &Path, turns: usize) -> Total {
    let library = Library::new(root);
    let mut total = Total { components: library.components(), ..Total::default() };
    assert!(total.components > 0);
    for kind in &KINDS {
        for n in 0..turns {
            let report = library.check(kind, n);
            let left: usize = report.manual.values().sum();
            eprintln!("{} {n}: {} made, {left} manual {:?}", kind.name, report.made, report.manual);
            total.made += report.made;
            total.wrong.extend(report.wrong);
            for (reason, count) in report.manual {
                *total.manual.entry(reason).or_default() += count;
            }
        }
    }
    let left: usize = total.manual.values().sum();
    eprintln!("{} components, {} edits made, {left} left to a person", total.components, total.made);
    total
}

#[test]
fn the_example_keeps_both_laws() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme");
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new(example), folder.path());
    let total = check_all(folder.path(), 4);
    assert_eq!(total.wrong.join("\n"), "");
    assert!(total.made > 50, "{}", total.made);
}

const LIBRARIES: [(&str, &str); 6] = [
    ("@blueprintjs/core", "6.20.0"),
    ("@navikt/ds-react", "8.16.2"),
    ("@patternfly/react-core", "6.6.1"),
    ("@radix-ui/themes", "3.3.0"),
    ("@react-spectrum/s2", "1.7.1"),
    ("@workday/canvas-kit-react", "16.1.1"),
];

/// The same over published libraries, for `scripts/edit-laws`: those whose names hold `LOCKSTEP_LIBRARY`, with a report
/// in the file that `LOCKSTEP_REPORT` names.
#[test]
#[ignore = "takes minutes and installs libraries: scripts/edit-laws runs it"]
fn libraries_keep_both_laws() {
    let named = std::env::var("LOCKSTEP_LIBRARY").unwrap_or_default();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let (mut rows, mut wrong) = (String::new(), Vec::new());
    for (name, version) in LIBRARIES.iter().filter(|(name, _)| name.contains(&named)) {
        eprintln!("{name} {version}");
        let folder = tempfile::tempdir().unwrap();
        copy(&lockstep_testkit::npm::npm_package(name, version).unwrap(), folder.path());
        let total = check_all(folder.path(), 2);
        let left: usize = total.manual.values().sum();
        let share = 100 * left / (left + total.made).max(1);
        rows.push_str(&format!(
            "| {name} {version} | {} | {} | {left} | {share} % | {} |\n",
            total.components,
            total.made,
            total.wrong.len()
        ));
        for (reason, count) in total.manual {
            *reasons.entry(reason).or_default() += count;
        }
        wrong.extend(total.wrong);
    }
    let mut reasons: Vec<(String, usize)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut report = format!(
        "| library | components | edits made | left to a person | share left | violations |\n\
         | --- | --: | --: | --: | --: | --: |\n{rows}\n\
         | why an edit is left to a person | edits |\n| --- | --: |\n"
    );
    for (reason, count) in reasons {
        report.push_str(&format!("| {} | {count} |\n", reason.replace('|', "\\|")));
    }
    eprintln!("{report}");
    if let Some(file) = std::env::var_os("LOCKSTEP_REPORT") {
        fs::write(file, report).unwrap();
    }
    assert_eq!(wrong.join("\n"), "");
}
