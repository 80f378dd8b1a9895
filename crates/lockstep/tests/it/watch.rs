//! `lockstep watch` through the binary, as editors, git and designers change files under it.
#![cfg(unix)]

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use lockstep_testkit::workspace::Workspace;
use serde_json::Value;

const BUTTON: &str = "src/components/Button/Button.tsx";
const DESIGN: &str = "design/acme.figma.json";
/// Only how long a test waits before it gives up.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Watching {
    pub first: Value,
    child: Child,
    lines: Receiver<Value>,
}

impl Watching {
    pub fn start(workspace: &Workspace) -> Self {
        let mut command = workspace.command();
        let mut child = command.args(["watch", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let line: Value = serde_json::from_str(&line).unwrap();
                assert_eq!(line["schema"], "lockstep.watch/1");
                if sender.send(line["data"].clone()).is_err() {
                    break;
                }
            }
        });
        let mut watching = Self { first: Value::Null, child, lines };
        watching.first = watching.next();
        assert_eq!(watching.first["event"], "watching");
        watching
    }

    pub fn next(&self) -> Value {
        self.lines.recv_timeout(PATIENCE).expect("another line")
    }

    /// The next line: component, path, what happened and who moved.
    fn told(&self) -> [String; 4] {
        let line = self.next();
        assert_eq!(line["event"], "drift", "{line}");
        ["component", "path", "what", "moved"].map(|name| line[name].as_str().unwrap().to_owned())
    }

    /// Sends a signal and gives the exit code.
    pub fn end(mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It has ended already where the test got to its end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn adopted() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.run(["scan"]).succeeds();
    workspace
}

fn large(what: &str) -> [String; 4] {
    ["Button", "properties/size/options/large", what, "code_ahead"].map(str::to_owned)
}

#[test]
fn each_change_of_drift_is_one_line() {
    let workspace = adopted();
    let original = workspace.read(BUTTON);
    let medium = "      medium: 'acme-button--medium',\n";
    let wider = original.replace(medium, &format!("{medium}      large: 'acme-button--large',\n"));
    assert_ne!(original, wider);
    let watching = Watching::start(&workspace);

    workspace.write(BUTTON, &wider);
    assert_eq!(watching.told(), large("appeared"));

    // An editor writes beside the file and puts the new one in its place.
    workspace.write("src/components/Button/Button.tsx~", &original);
    std::fs::rename(workspace.path("src/components/Button/Button.tsx~"), workspace.path(BUTTON)).unwrap();
    assert_eq!(watching.told(), large("resolved"));

    // Folders that are no part of the library, and formatting, change nothing.
    workspace.write("node_modules/x/index.tsx", "export const X = () => null;");
    workspace.write(".git/index", "x");
    workspace.write(BUTTON, format!("// a remark\n{original}"));
    workspace.write(BUTTON, &wider);
    assert_eq!(watching.told(), large("appeared"));

    // A checkout: a thousand files come at once, and go again.
    for n in 0..1_000 {
        workspace.write(&format!("src/burst/File{n}.tsx"), format!("export const File{n} = () => null;\n"));
    }
    std::fs::remove_dir_all(workspace.path("src/burst")).unwrap();
    workspace.write(BUTTON, &original);
    assert_eq!(watching.told(), large("resolved"));

    assert_eq!(watching.end("-TERM"), Some(0));
    let info = workspace.run(["db", "info", "--json"]).succeeds().json();
    let tables = info["data"]["tables"].as_array().unwrap();
    let queue = tables.iter().find(|table| table["name"] == "drift_queue").unwrap();
    assert_eq!(queue["rows"], 0, "everything that was queued was looked at");
}

#[test]
fn a_design_file_may_be_away_for_a_while() {
    let workspace = adopted();
    let watching = Watching::start(&workspace);
    std::fs::remove_file(workspace.path(DESIGN)).unwrap();
    let line = watching.next();
    assert_eq!(line["event"], "failed", "{line}");
    assert!(line.to_string().contains(DESIGN), "{line}");

    workspace.drift();
    let mut told = std::collections::BTreeSet::new();
    while !told.iter().any(|line: &[String; 4]| line[3] == "design_ahead") {
        told.insert(watching.told());
    }
    assert_eq!(watching.end("-INT"), Some(0));
}

#[test]
fn a_sync_that_dies_beside_it_is_brought_back() {
    let workspace = adopted();
    workspace.drift();
    let watching = Watching::start(&workspace);
    let before = workspace.tree();
    let mut sync = workspace.command();
    sync.args(["sync", "Button", "--yes"]).env("LOCKSTEP_FAILPOINTS", "journal.written=die");
    assert!(!sync.output().unwrap().status.success());
    let since = std::time::Instant::now();
    while !workspace.changes_since(&before).is_empty() {
        assert!(since.elapsed() < PATIENCE, "{:?}", workspace.changes_since(&before));
        std::thread::sleep(Duration::from_millis(20));
    }
    // What was half done was never told: the next that is told is the next change.
    workspace.replace(BUTTON, "      medium: 'acme-button--medium',\n", "");
    let [component, path, what, _] = watching.told();
    assert_eq!(
        [component, path, what],
        ["Button", "properties/size/options/medium", "appeared"].map(str::to_owned)
    );
    assert_eq!(watching.end("-TERM"), Some(0));
}
