//! Every kind of change goes through each direction, and is undone and redone to the byte, whatever the files look like.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use lockstep_testkit::{postgres::cluster, workspace::Workspace};
use serde_json::Value;

const DESIGN: &str = "design/acme.figma.json";

/// A change of one component's code.
struct Change {
    kind: &'static str,
    component: &'static str,
    file: &'static str,
    edits: &'static [(&'static str, &'static str)],
}

const fn change(
    kind: &'static str,
    component: &'static str,
    file: &'static str,
    edits: &'static [(&'static str, &'static str)],
) -> Change {
    Change { kind, component, file, edits }
}

const BADGE: &str = "src/components/Badge/Badge.tsx";
const AVATAR: &str = "src/components/Avatar/Avatar.tsx";
const FIELD: &str = "src/components/TextField/TextField.tsx";
const CARD: &str = "src/components/Card/Card.tsx";

const CHANGES: &[Change] = &[
    change("option added", "Badge", BADGE, &[("| 'warning'", "| 'warning' | 'urgent'")]),
    change("option removed", "Badge", BADGE, &[(" | 'warning'", "")]),
    change("option renamed", "Badge", BADGE, &[("'success'", "'positive'")]),
    change("option added to a list", "Avatar", AVATAR, &[("'large'] as", "'large', 'huge'] as")]),
    change("default modified", "Avatar", AVATAR, &[("size = 'medium'", "size = 'large'")]),
    change(
        "enum added",
        "Badge",
        BADGE,
        &[("rounded?: boolean;", "rounded?: boolean; weight?: 'thin' | 'bold';")],
    ),
    change(
        "boolean added",
        "TextField",
        FIELD,
        &[
            ("invalid?: boolean;", "invalid?: boolean; compact?: boolean;"),
            ("invalid = false,", "invalid = false, compact = false,"),
        ],
    ),
    change("text added", "Card.Header", CARD, &[("title: string;", "title: string; subtitle?: string;")]),
    change(
        "slot added",
        "Card.Header",
        CARD,
        &[("action?: ReactNode;", "action?: ReactNode; media?: ReactNode;")],
    ),
    change(
        "text renamed",
        "Card.Header",
        CARD,
        &[("title: string;", "heading: string;"), ("({ title, action }", "({ heading: title, action }")],
    ),
    change(
        "boolean renamed",
        "TextField",
        FIELD,
        &[("invalid?: boolean;", "wrong?: boolean;"), ("invalid = false,", "wrong: invalid = false,")],
    ),
    change(
        "boolean removed",
        "Card",
        CARD,
        &[
            ("interactive?: boolean;", ""),
            ("interactive = false, ", ""),
            ("interactive && 'acme-card--interactive', ", ""),
        ],
    ),
    change(
        "slot removed",
        "Card.Header",
        CARD,
        &[("action?: ReactNode;", ""), ("title, action }", "title }"), ("{action}", "")],
    ),
];

/// How the files of code are written.
#[derive(Debug, Clone, Copy)]
enum Hand {
    AsTheyAre,
    CarriageReturnsAndMark,
    TabsWithoutLastLineEnding,
}

impl Hand {
    fn of(index: usize) -> Self {
        [Self::AsTheyAre, Self::CarriageReturnsAndMark, Self::TabsWithoutLastLineEnding][index % 3]
    }

    fn written(self, text: &str) -> String {
        match self {
            Self::AsTheyAre => text.to_owned(),
            Self::CarriageReturnsAndMark => format!("\u{feff}{}", text.replace('\n', "\r\n")),
            Self::TabsWithoutLastLineEnding => {
                let lines = text.trim_end().lines().map(|line| {
                    let code = line.trim_start_matches(' ');
                    let depth = line.len() - code.len();
                    format!("{}{}{code}", "\t".repeat(depth / 2), " ".repeat(depth % 2))
                });
                lines.collect::<Vec<_>>().join("\n")
            }
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(sources(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// The example in some hand, adopted while both sides agreed.
fn adopted(hand: Hand, database: Option<&str>) -> Workspace {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    if let Some(url) = database {
        workspace.set("DATABASE_URL", url);
    }
    for path in sources(&workspace.path("src")) {
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, hand.written(&text)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    }
    workspace.run(["init", "--yes", "--design", DESIGN]).succeeds();
    workspace.run(["scan"]).succeeds();
    workspace.run(["accept", "Tooltip", "--yes", "--reason", "known since version 2"]).succeeds();
    workspace
}

fn make(workspace: &Workspace, change: &Change) {
    for (from, to) in change.edits {
        workspace.replace(change.file, from, to);
    }
}

/// Component and path of all that is reported.
fn drift(workspace: &Workspace) -> BTreeSet<String> {
    let report = workspace.run(["drift", "--json"]).succeeds().json();
    let components = report["data"]["components"].as_array().unwrap().clone();
    components
        .iter()
        .flat_map(|component| {
            let changes = component["changes"].as_array().unwrap().iter();
            changes.map(|change| format!("{} {}", component["name"], change["path"])).collect::<Vec<_>>()
        })
        .collect()
}

/// What a plan leaves: by choice, and to a person.
fn left(plan: &Value) -> BTreeSet<String> {
    let mut left = BTreeSet::new();
    for component in plan["data"]["components"].as_array().unwrap() {
        let name = &component["name"];
        let manual = component["manual"].as_array().unwrap().iter();
        left.extend(manual.map(|manual| format!("{name} {}", manual["path"])));
        let changes = component["changes"].as_array().unwrap().iter();
        let kept = changes.filter(|change| change["decision"]["do"] == "leave");
        left.extend(kept.map(|change| format!("{name} {}", change["change"]["path"])));
    }
    left
}

/// Plans, syncs, undoes, redoes and undoes again; answers whether anything was written.
fn there_and_back(workspace: &Workspace, arguments: &[&str], about: &str) -> bool {
    let plan = workspace.run([&["plan", "--json"], arguments].concat()).succeeds().json();
    let expected = left(&plan);
    let (moved, drifted) = (workspace.tree(), drift(workspace));
    assert!(!drifted.is_empty(), "{about}: nothing moved");
    workspace.run([&["sync", "--yes"], arguments].concat()).succeeds();
    let synced = workspace.tree();
    let settled = workspace.changes_since(&moved);
    assert_eq!(drift(workspace), expected, "{about}: what is left");
    if settled.is_empty() {
        assert_eq!(expected, drifted, "{about}: nothing was written, so all is left");
        return false;
    }
    for path in sources(&workspace.path("src")) {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o640, "{about}: {}", path.display());
    }
    workspace.run(["undo"]).succeeds();
    assert_eq!(workspace.changes_since(&moved), [], "{about}: undo");
    assert_eq!(drift(workspace), drifted, "{about}: drift after undo");
    workspace.run(["redo"]).succeeds();
    assert_eq!(workspace.changes_since(&synced), [], "{about}: redo");
    assert_eq!(drift(workspace), expected, "{about}: drift after redo");
    workspace.run(["undo"]).succeeds();
    assert_eq!(workspace.changes_since(&moved), [], "{about}: second undo");
    true
}

/// One change in each direction: code moves and the design follows, or the design moves and code follows.
fn each_direction(index: usize, change: &Change, database: Option<&str>) {
    let hand = Hand::of(index);
    let about = |direction: &str| format!("{} of {} {direction} ({hand:?})", change.kind, change.component);
    let workspace = adopted(hand, database);
    make(&workspace, change);
    if !there_and_back(&workspace, &["--direction", "code-to-design"], &about("to design")) {
        return;
    }
    // The same change in the design alone: what the sync made of the code's.
    workspace.run(["redo"]).succeeds();
    let design = workspace.read(DESIGN);
    let workspace = adopted(hand, None);
    workspace.write(DESIGN, design);
    there_and_back(&workspace, &["--direction", "design-to-code"], &about("to code"));
    there_and_back(&workspace, &["--direction", "bidirectional"], &about("both ways"));
}

#[test]
fn every_kind_of_change_is_undone_to_the_byte() {
    let step = if std::env::var_os("LOCKSTEP_LONG").is_some() { 1 } else { 3 };
    for (index, change) in CHANGES.iter().enumerate().step_by(step) {
        each_direction(index / step, change, None);
    }
}

#[test]
fn so_it_is_on_postgresql() {
    let Some(cluster) = cluster() else { return eprintln!("skipped: there is no PostgreSQL here") };
    for index in [0, 9] {
        let url = cluster.url(&cluster.create_database().unwrap());
        each_direction(index, &CHANGES[index], Some(&url));
    }
}

#[test]
fn what_was_excluded_stays_and_a_conflict_goes_either_way() {
    let selections: &[&[&str]] = &[
        &["--direction", "bidirectional", "--exclude", "Badge:properties/tone/options/info"],
        &["Button", "--direction", "bidirectional", "--exclude", "Button:properties/variant/options/danger"],
        &["TextField", "--direction", "bidirectional", "--resolve", "TextField:properties/size/default=code"],
        &[
            "TextField",
            "--direction",
            "bidirectional",
            "--resolve",
            "TextField:properties/size/default=design",
        ],
    ];
    for selection in selections {
        let workspace = adopted(Hand::AsTheyAre, None);
        workspace.drift();
        for path in sources(&workspace.path("src")) {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        }
        let moved = workspace.tree();
        workspace.run([&["sync", "--yes"], *selection].concat()).succeeds();
        let synced = workspace.tree();
        assert!(!workspace.changes_since(&moved).is_empty(), "{selection:?}");
        workspace.run(["undo"]).succeeds();
        assert_eq!(workspace.changes_since(&moved), [], "{selection:?}: undo");
        workspace.run(["redo"]).succeeds();
        assert_eq!(workspace.changes_since(&synced), [], "{selection:?}: redo");
    }
}
