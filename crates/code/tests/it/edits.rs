//! Edits on the example library: each is made, read again and compared with the contract that it promised.

use std::{fs, io, path::PathBuf};

use lockstep_code::{
    ScanOptions,
    edit::{EditOptions, SharedDeclaration, SourceFiles, plan},
    model::{CodeScan, ScannedComponent},
    scan,
};
use lockstep_core::{
    contract::{Contract, Property},
    edit::ContractEdit,
};
use lockstep_testkit::workspace::Workspace;

/// Components whose props extend another's: what is declared there is theirs as well.
const HEIRS: &[(&str, &str)] = &[("Button", "IconButton")];

struct OnDisk(PathBuf);

impl SourceFiles for OnDisk {
    fn read(&self, file: &str) -> io::Result<String> {
        fs::read_to_string(self.0.join(file))
    }
}

fn read(workspace: &Workspace) -> CodeScan {
    scan(&ScanOptions::new(workspace.root(), "")).unwrap()
}

fn others<'s>(
    scan: &'s CodeScan,
    component: &'s ScannedComponent,
) -> impl Iterator<Item = &'s ScannedComponent> {
    scan.components.iter().filter(|other| other.name != component.name)
}

fn same_contract(one: &ScannedComponent, other: &ScannedComponent) -> bool {
    one.name == other.name && one.statement.contract == other.statement.contract
}

/// One edit of every kind at every place of a contract.
pub fn edits_of(contract: &Contract) -> Vec<ContractEdit> {
    let added = [
        ("compactMode", Property::boolean(Some(false))),
        ("density", Property::enumeration(["compact", "cosy"], Some("cosy"))),
        ("hintText", Property::Text),
        ("adornment", Property::Slot),
    ];
    let mut edits: Vec<ContractEdit> = added
        .into_iter()
        .map(|(name, property)| ContractEdit::AddProperty { name: name.into(), property })
        .collect();
    for (name, property) in &contract.properties {
        edits.push(ContractEdit::RemoveProperty { name: name.clone() });
        edits.push(ContractEdit::RenameProperty { from: name.clone(), to: format!("{name}Renamed").into() });
        match property {
            Property::Enum { options, default } => {
                edits.push(ContractEdit::AddOption { property: name.clone(), option: "extraWide".into() });
                for option in options {
                    edits.push(ContractEdit::RemoveOption { property: name.clone(), option: option.clone() });
                    edits.push(ContractEdit::RenameOption {
                        property: name.clone(),
                        from: option.clone(),
                        to: format!("{option}Renamed").into(),
                    });
                    if default.as_ref().is_some_and(|default| default != option) {
                        let to = Some(option.to_string());
                        edits.push(ContractEdit::SetDefault { property: name.clone(), to });
                    }
                }
            }
            Property::Boolean { default: Some(value) } => {
                let to = Some((!value).to_string());
                edits.push(ContractEdit::SetDefault { property: name.clone(), to });
            }
            _ => {}
        }
    }
    edits
}

enum Made {
    AsPlanned,
    Manual(String),
    Wrong(String),
}

/// Makes one edit, reads it again, and puts the files back. Another component may change with it only where the plan
/// says so.
fn make(workspace: &Workspace, agreed: &CodeScan, component: &ScannedComponent, edit: &ContractEdit) -> Made {
    let files = OnDisk(workspace.root());
    let shared = others(agreed, component)
        .flat_map(|other| {
            let places =
                other.origins.values().flat_map(|origin| origin.default.iter().chain([&origin.declared]));
            places.cloned().map(|place| SharedDeclaration { place, component: other.name.clone() })
        })
        .collect();
    let options = EditOptions { shared, ..EditOptions::default() };
    let made = plan(component, &[], &[], std::slice::from_ref(edit), &options, &files);
    if let Some(manual) = made.manual.first() {
        assert!(made.files.is_empty(), "{}: a manual edit touches nothing: {edit:?}", component.name);
        return Made::Manual(format!("{}: {edit:?}: {}", component.name, manual.reason));
    }
    let before: Vec<String> = made.files.iter().map(|file| workspace.read(&file.file)).collect();
    for file in &made.files {
        workspace.write(&file.file, &file.after);
    }
    let again = read(workspace);
    for (file, text) in made.files.iter().zip(before) {
        workspace.write(&file.file, text);
    }
    let mut wanted = component.statement.contract.clone();
    edit.apply(&mut wanted).unwrap();
    let stated = again.components.iter().find(|one| one.name == component.name);
    let stated = stated.map(|one| &one.statement.contract);
    let unannounced: Vec<&str> = others(agreed, component)
        .filter(|other| !again.components.iter().any(|one| same_contract(one, other)))
        .map(|other| other.name.as_str())
        .filter(|name| !HEIRS.contains(&(component.name.as_str(), *name)))
        .filter(|name| !made.notes.iter().any(|note| note.text.contains(name)))
        .collect();
    if again.diagnostics.is_empty() && stated == Some(&wanted) && unannounced.is_empty() {
        return Made::AsPlanned;
    }
    let texts: Vec<&str> = made.files.iter().map(|file| file.after.as_str()).collect();
    Made::Wrong(format!(
        "{}: {edit:?}\n stated {stated:?}\n changes {unannounced:?} too\n {:?}\n{}",
        component.name,
        again.diagnostics,
        texts.join("\n--\n")
    ))
}

#[test]
fn what_was_edited_reads_as_planned() {
    let workspace = Workspace::acme("not run here");
    let agreed = read(&workspace);
    let (mut planned, mut manual, mut wrong) = (0, Vec::new(), Vec::new());
    for component in &agreed.components {
        for edit in edits_of(&component.statement.contract) {
            match make(&workspace, &agreed, component, &edit) {
                Made::AsPlanned => planned += 1,
                Made::Manual(reason) => manual.push(reason),
                Made::Wrong(what) => wrong.push(what),
            }
        }
    }
    eprintln!("{planned} edits as planned, {} manual:\n{}", manual.len(), manual.join("\n"));
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(planned > 200, "{planned} edits were made");
}
