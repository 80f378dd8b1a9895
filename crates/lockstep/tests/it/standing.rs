//! The drift that was told last is told again while nothing changed, and only then.

use std::fs;

use lockstep_testkit::workspace::Workspace;

const KEPT: &str = ".lockstep/cache/drift.json";

fn drift(workspace: &Workspace, names: &[&str]) -> String {
    // What changes this shortly before a reading can't be known to stand still.
    std::thread::sleep(std::time::Duration::from_millis(150));
    workspace.run(["drift", "--json"].iter().chain(names)).succeeds().stdout
}

/// The same where nothing was kept.
fn read_anew(workspace: &Workspace, names: &[&str]) -> String {
    fs::remove_dir_all(workspace.path(".lockstep/cache")).unwrap();
    drift(workspace, names)
}

#[test]
fn whatever_changes_the_kept_drift_is_what_a_new_reading_finds() {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    let button = "src/components/Button/Button.tsx";
    let text = fs::read_to_string(workspace.path(button)).unwrap();
    let steps: [(&str, &dyn Fn()); 8] = [
        ("nothing", &|| ()),
        ("code", &|| workspace.write(button, text.replace("secondary", "second"))),
        ("code again", &|| workspace.write(button, &text)),
        ("the design", &|| {
            let file = "design/acme.figma.json";
            workspace.write(file, workspace.read(file).replace("Danger", "Grave"));
        }),
        ("a decision", &|| {
            workspace.run(["ignore", "Badge", "properties/*", "--reason", "known"]).succeeds();
        }),
        ("both by a sync", &|| {
            workspace.run(["sync", "Alert", "--yes", "--direction", "code-to-design"]).succeeds();
        }),
        ("both by an undo", &|| _ = workspace.run(["undo"]).succeeds()),
        ("a story", &|| fs::remove_file(workspace.path("src/components/Card/Card.stories.tsx")).unwrap()),
    ];
    let mut last = String::new();
    for (what, change) in steps {
        change();
        let first = drift(&workspace, &[]);
        assert_eq!(drift(&workspace, &[]), first, "{what}: the same again");
        for names in [&["Button"][..], &["Card*", "Alert"], &["Tooltip"]] {
            let kept = drift(&workspace, names);
            workspace.run(["drift"]).succeeds();
            assert_eq!(read_anew(&workspace, names), kept, "{what}: {names:?}");
        }
        assert_eq!(read_anew(&workspace, &[]), first, "{what}: all");
        last = first;
    }
    let misspelt = workspace.run(["drift", "Buton"]).exits(2);
    assert!(misspelt.stderr.contains("did you mean `Button`?"), "{misspelt:?}");
    // What is kept is what is told: else none of this would say anything.
    let kept = workspace.read(KEPT).replace("only code has the option", "ONLY CODE HAS THE OPTION");
    workspace.write(KEPT, kept);
    assert!(drift(&workspace, &[]).contains("ONLY CODE HAS THE OPTION"));
    workspace.write(button, format!("{text}\n"));
    assert_eq!(drift(&workspace, &[]), last);
    for broken in ["", "no key", "\n{}", &workspace.read(KEPT)[..200]] {
        workspace.write(KEPT, broken);
        assert_eq!(drift(&workspace, &[]), last, "{broken:.20}");
    }
}
