//! Edits that would not come to what they promise are left to a person, before anything is written.

use lockstep_code::{
    Rereading, ScanOptions,
    edit::{EditOptions, SourceFiles, plan},
    scan,
};
use lockstep_core::{contract::Property, edit::ContractEdit};

use crate::support::{component, workspace};

struct Files<'t> {
    text: &'t str,
    packages: Vec<Rereading>,
}

impl SourceFiles for Files<'_> {
    fn read(&self, _: &str) -> std::io::Result<String> {
        Ok(self.text.to_owned())
    }

    fn packages(&self) -> &[Rereading] {
        &self.packages
    }
}

/// What is left to a person of an edit, or that it is made.
fn outcome(text: &str, edit: ContractEdit) -> String {
    let folder = workspace(&[("src/index.tsx", text)]);
    let options = ScanOptions::new(folder.path(), "");
    let found = scan(&options).unwrap();
    let files = Files { text, packages: Rereading::of(&options).unwrap().into_iter().collect() };
    let planned = plan(component(&found, "Button"), &[], &[], &[edit], &EditOptions::default(), &files);
    match planned.manual.first() {
        None => "made".to_owned(),
        Some(manual) => {
            assert!(planned.files.is_empty(), "what is left to a person touches nothing");
            format!("{}:{} {}", manual.place.file, manual.place.line, manual.reason)
        }
    }
}

#[test]
fn what_would_not_come_to_what_it_promises_is_left_to_a_person() {
    let remove = |name: &str| ContractEdit::RemoveProperty { name: name.into() };
    let inherited = "interface Base { label?: string }\nexport interface P extends Base {\n  label?: string;\n}\nexport function Button(props: P) { return <b>x</b>; }\n";
    let attribute = "export interface P {\n  role?: 'menu' | 'list';\n}\nexport function Button({ role }: P) { return <b role={role} />; }\n";
    let prefixed = "type Prefix<T> = { [K in keyof T as `own${Capitalize<string & K>}`]: T[K] };\ninterface Own { dense?: boolean }\nexport interface P extends Prefix<Own> {}\nexport function Button(props: P) { return <b />; }\n";
    let plain = "export interface P {\n  label?: string;\n  dense?: boolean;\n}\nexport function Button(props: P) { return <b>x</b>; }\n";
    for (text, edit, expected) in [
        (
            inherited,
            remove("label"),
            "src/index.tsx:3 `label` would still be a property: something else declares it as well",
        ),
        (
            inherited,
            ContractEdit::RenameProperty { from: "label".into(), to: "text".into() },
            "src/index.tsx:3 `label` would still be a property: something else declares it as well",
        ),
        (
            attribute,
            ContractEdit::RemoveOption { property: "role".into(), option: "list".into() },
            "src/index.tsx:2 `role` would no longer be a property at all",
        ),
        (prefixed, ContractEdit::AddProperty { name: "brandNew".into(), property: Property::Text }, "made"),
        (plain, remove("label"), "made"),
    ] {
        assert_eq!(outcome(text, edit.clone()), expected, "{edit:?}\n{text}");
    }
}
