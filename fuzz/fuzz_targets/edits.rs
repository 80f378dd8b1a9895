//! Edits of a file that came from anywhere: never a panic, and where an edit says that it was made, a scan finds what it
//! was to make, and every byte outside the planned places stays.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use lockstep_code::{
    ScanOptions,
    edit::{EditOptions, MemoryFiles, plan},
    model::CodeScan,
    scan,
};
use lockstep_core::{contract::Property, edit::ContractEdit};

const FILE: &str = "src/index.tsx";

fn read(folder: &std::path::Path, text: &str) -> CodeScan {
    fs::write(folder.join(FILE), text).expect("a file");
    scan(&ScanOptions::new(folder, "")).expect("a folder can be scanned, whatever its files hold")
}

/// One edit, of a property that is there if any is.
fn edit(choice: [u8; 3], names: &[String], options: &[String]) -> ContractEdit {
    let pick = |list: &[String], at: u8, otherwise: &str| {
        list.get(usize::from(at) % (list.len() + 1)).cloned().unwrap_or_else(|| otherwise.to_owned())
    };
    let (property, option) = (pick(names, choice[1], "fresh"), pick(options, choice[2], "new"));
    match choice[0] % 8 {
        0 => ContractEdit::AddOption { property: property.into(), option: "new one".into() },
        1 => ContractEdit::RemoveOption { property: property.into(), option: option.into() },
        2 => ContractEdit::RenameOption { property: property.into(), from: option.into(), to: "it's".into() },
        3 => ContractEdit::SetDefault { property: property.into(), to: Some(option) },
        4 => ContractEdit::SetDefault { property: property.into(), to: None },
        5 => ContractEdit::AddProperty { name: property.into(), property: Property::boolean(Some(true)) },
        6 => ContractEdit::RemoveProperty { name: property.into() },
        _ => ContractEdit::RenameProperty { from: property.into(), to: "renamed-one".into() },
    }
}

fuzz_target!(|input: (Vec<[u8; 3]>, &str)| {
    let (choices, text) = input;
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    let before = read(folder.path(), text);
    let had_errors = !before.diagnostics.is_empty();
    for component in before.components.iter().take(3) {
        let properties = &component.statement.contract.properties;
        let names: Vec<String> = properties.keys().map(|name| name.as_str().to_owned()).collect();
        let options: Vec<String> =
            properties.values().flat_map(|property| property.options()).map(|option| option.as_str().to_owned()).collect();
        let edits: Vec<ContractEdit> = choices.iter().take(4).map(|choice| edit(*choice, &names, &options)).collect();
        let files: MemoryFiles = [(FILE, text)].into_iter().collect();
        let planned = plan(component, &[], &[], &edits, &EditOptions::default(), &files);
        for change in &planned.files {
            let after = read(folder.path(), &change.after);
            assert!(had_errors || after.diagnostics.is_empty(), "{:?}\n{text}\n---\n{}", planned.made, change.after);
        }
    }
});
