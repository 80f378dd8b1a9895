//! What a workspace that cannot be used is told.

use crate::run::Folder;

const IGNORE: [&str; 5] = ["ignore", "Button", "properties/icon", "--reason", "x"];

#[test]
fn a_misspelt_key_is_shown_at_its_place() {
    let text =
        "[workspace]\nname = \"acme\"\n\n[[code]]\nincldue = [\"src/**\"]\n\n[sync]\nstories = \"yes\"\n";
    let folder = Folder::of(&[("lockstep.toml", text), ("src/deep/.keep", "")]);
    let answer = folder.run(&IGNORE);
    assert_eq!((answer.code, answer.stdout.as_str()), (4, ""));
    insta::assert_snapshot!(answer.stderr, @r#"
    error[unknown-key]: unknown key `incldue` in [[code]]
     --> lockstep.toml:5:1
      |
    5 | incldue = ["src/**"]
      | ^^^^^^^
      |
      = help: did you mean `include`?

    error[wrong-type]: `stories` in [sync] must be true or false, not a string
     --> lockstep.toml:8:11
      |
    8 | stories = "yes"
      |           ^^^^^

    error: lockstep.toml has 2 errors
    "#);
    assert_eq!(folder.read("lockstep.toml"), text);

    let mut json = vec!["--json"];
    json.extend(IGNORE);
    let answer = folder.run(&json);
    assert_eq!(answer.code, 4);
    let json = answer.json();
    assert_eq!(json["data"]["kind"], "bad_input");
    assert_eq!(json["data"]["diagnostics"][0]["place"]["line"], 5);
    assert_eq!(json["data"]["diagnostics"][0]["hint"], "did you mean `include`?");

    let deeper = folder.command(&IGNORE).current_dir(folder.path().join("src/deep")).output().unwrap();
    let told = String::from_utf8(deeper.stderr).unwrap();
    assert!(told.contains("5 | incldue"), "found from below, with its line: {told}");
}

#[test]
fn a_line_of_ten_megabytes_is_cut() {
    let folder = Folder::of(&[("lockstep.toml", &format!("x = \"{}\"", "a".repeat(10_000_000)))]);
    let answer = folder.run(&IGNORE);
    assert_eq!(answer.code, 4);
    assert!(answer.stderr.len() < 2_000, "{}", answer.stderr.len());
    assert!(answer.stderr.contains("lockstep.toml:1:1"), "{}", answer.stderr);
}

#[test]
fn files_that_are_no_text_or_no_file_are_said() {
    let folder = Folder::of(&[]);
    std::fs::write(folder.path().join("lockstep.toml"), b"[sync]\n\xff\xfe").unwrap();
    let answer = folder.run(&IGNORE);
    assert_eq!(answer.code, 4);
    assert!(
        answer.stderr.contains("error[not-utf-8]") && answer.stderr.contains("lockstep.toml:2:1"),
        "{}",
        answer.stderr
    );

    let folder = Folder::of(&[("lockstep.toml/x", "")]);
    let answer = folder.run(&["--workspace", ".", "ignore", "B", "properties/a", "--reason", "x"]);
    assert_eq!(answer.code, 4);
    assert!(answer.stderr.contains("lockstep.toml is no regular file"), "{}", answer.stderr);
}

#[test]
fn a_missing_workspace_is_said_with_what_to_do() {
    let folder = Folder::of(&[]);
    let answer = folder.run(&IGNORE);
    assert_eq!(answer.code, 4);
    insta::assert_snapshot!(answer.stderr, @r"
    error: there is no lockstep.toml in [folder] or a folder above it
    hint: run `lockstep init` in the folder of your library, or name it with --workspace
    ");
    let answer = folder.run(&["--workspace", "none", "map", "unset", "B"]);
    assert_eq!(answer.code, 4);
    assert!(answer.stderr.contains("can't open the folder none"), "{}", answer.stderr);
}

#[cfg(unix)]
#[test]
fn a_configuration_outside_or_read_only_is_left_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let outside = Folder::of(&[("lockstep.toml", "")]);
    let folder = Folder::of(&[]);
    symlink(outside.path().join("lockstep.toml"), folder.path().join("lockstep.toml")).unwrap();
    let answer = folder.run(&IGNORE);
    assert_eq!(answer.code, 4);
    assert!(answer.stderr.contains("leads out of the workspace"), "{}", answer.stderr);
    assert_eq!(outside.read("lockstep.toml"), "");

    let folder = Folder::of(&[("lockstep.toml", "")]);
    let file = folder.path().join("lockstep.toml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    let answer = folder.run(&IGNORE);
    assert_eq!(answer.code, 4);
    assert!(
        answer.stderr.contains("the file is read-only\nhint: make the file writable"),
        "{}",
        answer.stderr
    );
}

#[test]
fn colour_comes_when_asked_for_and_goes_when_not() {
    let folder = Folder::of(&[("lockstep.toml", "snyc = 1")]);
    let told = |args: &[&str], environment: &[(&str, &str)]| {
        let output = folder.command(args).envs(environment.iter().copied()).output().unwrap();
        String::from_utf8(output.stderr).unwrap().contains('\u{1b}')
    };
    let with = |color: &'static str| -> Vec<&str> { ["--color", color].into_iter().chain(IGNORE).collect() };
    assert!(!told(&IGNORE, &[]));
    assert!(told(&IGNORE, &[("CLICOLOR_FORCE", "1")]));
    assert!(!told(&IGNORE, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(told(&with("always"), &[]));
    assert!(!told(&with("never"), &[("CLICOLOR_FORCE", "1")]));
}
