//! `lockstep init`, and the commands that edit `lockstep.toml`.

use crate::run::Folder;

const FIGMA: &str =
    r#"{"document":{"id":"0:0","type":"DOCUMENT","children":[]},"components":{},"componentSets":{}}"#;

fn library() -> Folder {
    Folder::of(&[
        ("package.json", r#"{"name":"@acme/ui","main":"src/index.ts"}"#),
        ("src/index.ts", "export * from './Button'"),
        ("src/Button.tsx", "export const Button = () => <b />"),
        ("src/Button.stories.tsx", "export default {}"),
        ("design/acme.figma.json", FIGMA),
    ])
}

#[test]
fn a_library_is_set_up_without_a_question() {
    let folder = library();
    let answer = folder.run(&["init", "--yes"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    insta::assert_snapshot!(answer.stdout, @"Wrote lockstep.toml: 1 package and 1 design file.");
    insta::assert_snapshot!(answer.stderr, @r"
    Found:
      library  @acme/ui (.)            React, 1 component source, 1 story file
      design   design/acme.figma.json  1 KB
    Next: lockstep drift
    ");
    let config = folder.read("lockstep.toml");
    for line in [
        "name = \"@acme/ui\"",
        "include = [\"src/**/*.{ts,tsx,js,jsx}\"]",
        "file = \"design/acme.figma.json\"",
    ] {
        assert!(config.contains(line), "{config}");
    }
    assert_eq!(folder.read(".lockstep/.gitignore"), "*\n");

    let again = folder.run(&["init", "--yes"]);
    assert_eq!(again.code, 3);
    insta::assert_snapshot!(again.stderr, @r"
    error: lockstep.toml is there already
    hint: edit it, or replace it with --force
    ");
    assert_eq!(folder.run(&["init", "--yes", "--force", "--quiet"]).stderr, "");
    assert_eq!(folder.read("lockstep.toml"), config);
}

#[test]
fn what_was_found_is_told_as_json() {
    let folder = library();
    let json = folder.run(&["init", "--json"]).json();
    assert_eq!(json["schema"], "lockstep.init/1");
    assert_eq!(json["data"]["packages"][0]["name"], "@acme/ui");
    assert_eq!(json["data"]["designs"][0], "design/acme.figma.json");
}

#[test]
fn the_design_can_be_named() {
    let folder = library();
    std::fs::copy(folder.path().join("design/acme.figma.json"), folder.path().join("other.json")).unwrap();
    let link = "https://www.figma.com/design/AbC123/Acme";
    let answer = folder.run(&["init", "--yes", "--design", "other.json", "--design", link]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let config = folder.read("lockstep.toml");
    assert!(
        config.contains("file = \"other.json\"\nkey = \"AbC123\"") && !config.contains("acme.figma"),
        "{config}"
    );
}

#[test]
fn a_design_that_cannot_be_used_is_refused_and_nothing_written() {
    let outside = Folder::of(&[("elsewhere.json", FIGMA)]);
    let outside = outside.path().join("elsewhere.json");
    let folder = Folder::of(&[("src/A.tsx", "")]);
    for (design, code, says) in [
        (outside.to_str().unwrap(), 4, "outside the workspace"),
        ("none.json", 4, "can't open none.json"),
        ("src", 4, "is no file"),
        ("https://example.com/x", 2, "is no address of a Figma file"),
        ("https://www.figma.com/design/AbC123/Acme", 4, "hint: save it first: curl"),
    ] {
        let answer = folder.run(&["init", "--yes", "--design", design]);
        assert_eq!(answer.code, code, "{design}: {}", answer.stderr);
        assert!(answer.stderr.contains(says), "{design}: {}", answer.stderr);
        assert!(!folder.path().join("lockstep.toml").exists());
    }
}

#[test]
fn an_empty_folder_is_set_up_too() {
    let folder = Folder::of(&[]);
    let answer = folder.run(&["init", "--yes"]);
    assert_eq!(answer.code, 0);
    insta::assert_snapshot!(answer.stderr, @r"
    Found neither component sources nor a design file here.
    Next: name a design file in it, then run lockstep drift
    ");
}

#[test]
fn ignores_and_mappings_are_written_and_taken_back() {
    let folder = library();
    assert_eq!(folder.run(&["init", "--yes"]).code, 0);
    let start = folder.read("lockstep.toml");
    let done = |args: &[&str]| {
        let answer = folder.run(args);
        assert_eq!(answer.code, 0, "{args:?}: {}", answer.stderr);
        answer.stdout
    };
    let ignore =
        ["ignore", "Button", "properties/icon", "--reason", "drawn twice", "--expires", "2027-01-31"];
    assert_eq!(done(&ignore), "Added 1 ignore for Button properties/icon in lockstep.toml.\n");
    let map = [
        "map",
        "set",
        "Button",
        "acme#1:2",
        "--property",
        "Style=fillStyle",
        "--boolean",
        "State=Off=disabled",
    ];
    assert_eq!(done(&map), "Mapped Button in lockstep.toml.\n");
    let added = folder.read("lockstep.toml").replace(start.trim_end(), "");
    insta::assert_snapshot!(added.trim_start(), @r#"
    [[ignore]]
    component = "Button"
    path = "properties/icon"
    reason = "drawn twice"
    expires = 2027-01-31

    [mapping.Button]
    design = "acme#1:2"
    properties = { Style = "fillStyle" }
    booleans = { "State=Off" = "disabled" }
    "#);
    done(&["map", "unset", "Button"]);
    done(&["ignore", "Button", "properties/icon", "--remove"]);
    assert_eq!(folder.read("lockstep.toml"), start);
    assert_eq!(folder.run(&["map", "unset", "Button"]).code, 3);
    assert_eq!(folder.run(&["ignore", "Button", "properties/icon", "--remove"]).code, 3);
    assert_eq!(folder.run(&["map", "set", "Button", "other#1:2"]).code, 4);
    assert_eq!(folder.run(&["ignore", "Button", "icon", "--reason", "x"]).code, 4);
    assert_eq!(folder.read("lockstep.toml"), start);
}
