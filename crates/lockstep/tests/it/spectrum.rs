//! The first real pair: Adobe Spectrum's design data, and the code of `@react-spectrum/s2`.

use std::path::Path;

use lockstep_testkit::{npm::npm_package, workspace::Workspace};
use serde_json::Value;

/// Every difference between the two, each confirmed by reading both sides.
const DIFFERENCES: &str = include_str!("spectrum.txt");

/// Components with differences of each kind.
const SYNCED: [&str; 6] = ["AvatarGroup", "Badge", "Button", "ContextualHelp", "Divider", "StatusLight"];

/// The pair as a workspace, or nothing where the design data is not at hand.
fn spectrum() -> Option<Workspace> {
    let design = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/spectrum/figma-file.json");
    if !design.is_file() {
        eprintln!("skipped: {} is not there", design.display());
        return None;
    }
    let package = npm_package("@react-spectrum/s2", "1.7.1").unwrap();
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_lockstep"));
    workspace.write("package.json", std::fs::read(package.join("package.json")).unwrap());
    for folder in ["src", "exports"] {
        for entry in std::fs::read_dir(package.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
                workspace.write(&name, std::fs::read(path).unwrap());
            }
        }
    }
    workspace.write("design/spectrum.json", std::fs::read(design).unwrap());
    workspace.run(["init", "--yes", "--design", "design/spectrum.json"]).succeeds();
    Some(workspace)
}

fn differences(workspace: &Workspace) -> String {
    let report = workspace.run(["drift", "--json"]).succeeds().json();
    let mut text = String::new();
    for component in report["data"]["components"].as_array().unwrap() {
        for change in component["changes"].as_array().unwrap() {
            let words =
                [&component["name"], &change["path"], &change["kind"]].map(|word| word.as_str().unwrap());
            let side = |side: &str| shown(&change[side]);
            text.push_str(&format!(
                "{} | code {} | design {}\n",
                words.join(" "),
                side("code"),
                side("design")
            ));
        }
    }
    text
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(members) => match (&members.get("kind"), members.get("options")) {
            (Some(_), Some(Value::Array(options))) => {
                options.iter().map(|option| option.as_str().unwrap()).collect::<Vec<_>>().join(", ")
            }
            (Some(kind), _) => kind.as_str().unwrap().to_owned(),
            (None, _) => members["name"].as_str().unwrap().to_owned(),
        },
        other => other.to_string(),
    }
}

#[test]
fn every_difference_is_one_that_a_person_confirms() {
    let Some(workspace) = spectrum() else { return };
    let found = differences(&workspace);
    if let Some(file) = std::env::var_os("LOCKSTEP_WRITE_EXPECTED") {
        std::fs::write(file, &found).unwrap();
    }
    assert!(found == DIFFERENCES, "the differences are not those in spectrum.txt:\n{found}");
}

#[test]
fn a_sync_each_way_is_taken_back_to_the_byte() {
    let Some(workspace) = spectrum() else { return };
    for direction in ["code-to-design", "design-to-code"] {
        let before = workspace.tree();
        let sync = ["sync", "--yes", "--json", "--direction", direction];
        let report = workspace.run(sync.iter().chain(&SYNCED)).json();
        let components = report["data"]["components"].as_array().unwrap();
        let failed: Vec<_> = components.iter().filter(|component| component["state"] != "applied").collect();
        assert!(failed.is_empty(), "{direction}: {failed:?}");
        assert!(components.len() >= 4, "{direction}: {} components", components.len());
        assert_ne!(workspace.changes_since(&before), [], "{direction}");
        workspace.run(["undo"]).succeeds();
        assert_eq!(workspace.changes_since(&before), [], "undo after {direction}");
        assert_eq!(differences(&workspace), DIFFERENCES, "drift after undoing {direction}");
    }
}
