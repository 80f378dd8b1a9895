//! What holds for every command.

use crate::run::Folder;

const COMMANDS: [&str; 16] = [
    "init",
    "scan",
    "status",
    "components",
    "drift",
    "plan",
    "sync",
    "undo",
    "redo",
    "history",
    "map",
    "accept",
    "ignore",
    "maintain",
    "db",
    "completions",
];

#[test]
fn the_version_is_told() {
    let answer = Folder::of(&[]).run(&["--version"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert_eq!(answer.stdout, concat!("lockstep ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn help_documents_commands_and_exit_codes() {
    let folder = Folder::of(&[]);
    let answer = folder.run(&["--help"]);
    assert_eq!(answer.code, 0);
    for command in COMMANDS {
        assert!(answer.stdout.contains(&format!("\n  {command}")), "{command}: {}", answer.stdout);
        assert_eq!(folder.run(&[command, "--help"]).code, 0, "{command}");
    }
    for line in ["  0  fine", "  1  drift was found", "  3  refused", "  5  internal error"] {
        assert!(answer.stdout.contains(line), "{}", answer.stdout);
    }
}

#[test]
fn a_command_line_that_is_not_understood_ends_with_2() {
    let folder = Folder::of(&[]);
    for args in [
        &["frobnicate"][..],
        &[],
        &["drift", "--chekc"],
        &["plan", "--direction", "both"],
        &["plan", "--exclude", "Button"],
        &["plan", "--resolve", "Button:properties/size=both"],
        &["sync", "--plan", "x", "Button"],
        &["ignore", "Button", "properties/icon"],
        &["history", "--limit", "0"],
        &["-q", "-v", "status"],
    ] {
        let answer = folder.run(args);
        assert_eq!(answer.code, 2, "{args:?}: {}", answer.stderr);
        assert!(answer.stdout.is_empty() && !answer.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn errors_are_json_where_json_was_asked_for() {
    let folder = Folder::of(&[]);
    for (args, kind, code) in
        [(&["frobnicate", "--json"][..], "usage", 2), (&["--json", "drift", "--chekc"], "usage", 2)]
    {
        let answer = folder.run(args);
        assert_eq!(answer.code, code);
        let json = answer.json();
        assert_eq!(json["schema"], "lockstep.error/1");
        assert_eq!(json["data"]["kind"], kind);
        assert!(!json["data"]["message"].as_str().unwrap().is_empty());
        assert_eq!(answer.stderr, "");
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    let folder = Folder::of(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let answer = folder.run(&["completions", shell]);
        assert_eq!(answer.code, 0);
        assert!(answer.stdout.contains("lockstep") && answer.stdout.contains("drift"), "{shell}");
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    use std::process::Stdio;
    let folder = Folder::of(&[]);
    let mut child = folder
        .command(&["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
