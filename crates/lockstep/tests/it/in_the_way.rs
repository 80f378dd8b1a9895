//! A sync that something gets into the way of: permissions, a full disk, signals, a kill. Each component is wholly before
//! or wholly after, and the next run goes on from there.

#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
    time::Duration,
};

use lockstep_testkit::{
    tree::{Difference, Tree},
    workspace::Workspace,
};

const DESIGN: &str = "design/acme.figma.json";

/// The example, adopted while both sides agreed, and then moved.
fn moved() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    drift_once_adopted(&workspace);
    workspace
}

fn drift_once_adopted(workspace: &Workspace) {
    workspace.adopt();
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    workspace.run(["scan"]).succeeds();
}

fn undo_everything(workspace: &Workspace) {
    while workspace.run(["undo"]).code == 0 {}
    std::thread::sleep(Duration::from_millis(1_100));
}

fn lock(workspace: &Workspace, path: &str, mode: u32) {
    fs::set_permissions(workspace.path(path), fs::Permissions::from_mode(mode)).unwrap();
}

fn changed(workspace: &Workspace, since: &Tree) -> Vec<String> {
    workspace.changes_since(since).iter().map(Difference::to_string).collect()
}

#[test]
fn what_may_not_be_written_fails_alone_and_works_once_it_may() {
    for (path, locked, open) in
        [("src/components/TextField/TextField.tsx", 0o444, 0o644), ("src/components/TextField", 0o555, 0o755)]
    {
        let mut workspace = moved();
        workspace.bind_by_permissions();
        let before = workspace.tree();
        lock(&workspace, path, locked);
        let sync =
            workspace.run(["sync", "TextField", "Alert", "--yes", "--direction", "design-to-code"]).exits(3);
        assert!(sync.stdout.contains("synced  Alert"), "{sync:?}");
        assert!(
            sync.stdout.contains("failed  TextField  can't write src/components/TextField/TextField.tsx"),
            "{sync:?}"
        );
        assert!(sync.stdout.contains("writable, then try again"), "{sync:?}");
        let files = changed(&workspace, &before);
        assert!(!files.is_empty() && files.iter().all(|file| file.contains("Alert")), "{files:?}");
        lock(&workspace, path, open);
        workspace.run(["sync", "TextField", "--yes", "--direction", "design-to-code"]).succeeds();
        assert!(changed(&workspace, &before).iter().any(|file| file.contains("TextField.tsx")));
    }
}

#[test]
fn a_design_that_may_not_be_written_stays_and_the_same_request_works_later() {
    let mut workspace = moved();
    workspace.bind_by_permissions();
    let before = workspace.tree();
    lock(&workspace, DESIGN, 0o444);
    let arguments = ["sync", "--yes", "--direction", "code-to-design"];
    let sync = workspace.run(arguments).exits(3);
    assert!(
        sync.stdout.contains("the file is read-only; make the file writable, then try again"),
        "{sync:?}"
    );
    assert!(sync.stdout.contains("Failed, everything is as it was"), "{sync:?}");
    assert_eq!(changed(&workspace, &before), [""; 0]);
    lock(&workspace, DESIGN, 0o644);
    workspace.run(arguments).succeeds();
    assert_eq!(changed(&workspace, &before), ["~ design/acme.figma.json"]);
}

/// A small disk under a workspace's folder, gone when this is.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    /// `None`, loudly, where none can be mounted.
    fn below(workspace: &Workspace) -> Option<Self> {
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
            .arg(workspace.root())
            .output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(workspace.root())),
            _ => {
                eprintln!("SKIPPED: a full disk needs one that may be mounted, as the superuser can");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Fills the disk but for so many bytes.
fn fill(workspace: &Workspace, free: u64) {
    use std::io::Write as _;
    // A scan gives its cache up before it makes another.
    let _ = fs::remove_dir_all(workspace.path(".lockstep/cache"));
    workspace.write("filler/large", "");
    let mut large = fs::File::create(workspace.path("filler/large")).unwrap();
    while large.write_all(&[0; 4096]).is_ok() {}
    // A disk in memory counts roughly: small files find the last of its pages.
    let small = |number: u32| fs::write(workspace.path(&format!("filler/{number}")), "x");
    let mut refused = 0;
    for number in 0..1_000 {
        refused = if small(number).is_err() { refused + 1 } else { 0 };
        if refused > 8 {
            break;
        }
    }
    let size = large.metadata().unwrap().len();
    large.set_len(size.saturating_sub(free)).unwrap();
}

fn make_room(workspace: &Workspace) {
    fs::remove_dir_all(workspace.path("filler")).unwrap();
}

#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let mut workspace = Workspace::empty(env!("CARGO_BIN_EXE_lockstep"));
    let Some(_disk) = SmallDisk::below(&workspace) else { return };
    workspace.overlay(&lockstep_testkit::workspace::example("acme"));
    let registry = format!("sqlite://{}/lockstep.db", workspace.home().display());
    workspace.set("DATABASE_URL", registry);
    drift_once_adopted(&workspace);
    workspace.forget_requests_soon();
    let before = workspace.tree();
    for (direction, free) in
        [("code-to-design", 0), ("design-to-code", 0), ("code-to-design", 100_000), ("bidirectional", 12_288)]
    {
        fill(&workspace, free);
        let arguments = ["sync", "--yes", "--direction", direction];
        let sync = workspace.run(arguments).exits(3);
        assert!(sync.stdout.contains("free some space, then try again"), "{sync:?}");
        make_room(&workspace);
        if free == 0 {
            assert_eq!(changed(&workspace, &before), [""; 0], "{direction}");
        }
        assert!(
            workspace.tree().paths().all(|path| !path.contains(".lockstep-")),
            "nothing is left beside files"
        );
        workspace.run(arguments).succeeds();
        undo_everything(&workspace);
        assert_eq!(changed(&workspace, &before), [""; 0], "undone, after {direction}");
    }
}

#[test]
fn a_full_disk_below_the_registry_too_leaves_everything_as_it_was() {
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_lockstep"));
    let Some(_disk) = SmallDisk::below(&workspace) else { return };
    workspace.overlay(&lockstep_testkit::workspace::example("acme"));
    drift_once_adopted(&workspace);
    workspace.forget_requests_soon();
    let before = workspace.tree();
    for free in [0, 65_536, 400_000] {
        fill(&workspace, free);
        let sync = workspace.run(["sync", "--yes", "--direction", "code-to-design"]);
        assert!([3, 4].contains(&sync.code), "{sync:?}");
        let told = format!("{}{}", sync.stdout, sync.stderr);
        assert!(told.contains("make room on the disk") || told.contains("free some space"), "{sync:?}");
        make_room(&workspace);
        workspace.run(["scan"]).succeeds();
        undo_everything(&workspace);
        assert_eq!(changed(&workspace, &before), [""; 0], "with {free} bytes left");
    }
    workspace.run(["sync", "--yes", "--direction", "code-to-design"]).succeeds();
}

/// The workspace after each component of a sync, in the order in which they are applied, and the files in which each
/// state differs from the one before.
fn states(direction: &str) -> Vec<Tree> {
    let workspace = moved();
    let mut states = vec![workspace.tree()];
    let plan = workspace.run(["plan", "--json", "--direction", direction]).succeeds().json();
    for component in plan["data"]["components"].as_array().unwrap() {
        let name = component["name"].as_str().unwrap();
        workspace.run(["sync", name, "--yes", "--direction", direction]).succeeds();
        if !workspace.changes_since(states.last().unwrap()).is_empty() {
            states.push(workspace.tree());
        }
    }
    states
}

/// Starts a sync and waits until a file has changed.
fn under_way(workspace: &Workspace, before: &Tree, direction: &str, changes: usize) -> Child {
    let mut command = workspace.command();
    command.args(["sync", "--yes", "--direction", direction]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        // A file that is being replaced may be gone between being listed and being read.
        let seen = Tree::read(&workspace.root(), &[".lockstep"]).map(|now| before.changes_to(&now).len());
        if seen.is_ok_and(|seen| seen >= changes) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

#[test]
fn a_kill_leaves_each_component_before_or_after() {
    for direction in ["design-to-code", "code-to-design"] {
        let states = states(direction);
        for changes in [1, 2, 5] {
            let workspace = moved();
            let before = workspace.tree();
            assert_eq!(changed(&workspace, &states[0]), [""; 0], "the same beginning");
            let mut child = under_way(&workspace, &before, direction, changes);
            let _ = child.kill();
            child.wait().unwrap();
            let left = workspace.tree();
            let next = workspace.run(["status"]).succeeds();
            let now = workspace.tree();
            assert!(states.contains(&now), "{direction}, {changes}: {next:?}");
            let said = next.stderr.contains("an interrupted write was rolled back");
            assert!(said || left == now, "what was brought back is said: {next:?}");
            workspace.run(["sync", "--yes", "--direction", direction]).succeeds();
            assert_eq!(changed(&workspace, states.last().unwrap()), [""; 0], "it goes on from there");
        }
    }
}

#[test]
fn a_signal_lets_the_component_at_hand_be_finished() {
    let states = states("design-to-code");
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let workspace = moved();
        let before = workspace.tree();
        let child = under_way(&workspace, &before, "design-to-code", 1);
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let now = workspace.tree();
        assert!(states.contains(&now), "{stdout}");
        let is_done = now == *states.last().unwrap();
        assert!(output.status.code() == Some(code) || is_done, "{sent}, {:?}: {stdout}", output.status);
        assert!(stdout.contains("interrupted before it began; sync it again") || is_done, "{stdout}");
        let next = workspace.run(["history"]).succeeds();
        assert!(!next.stderr.contains("rolled back"), "{next:?}");
        workspace.run(["undo"]).succeeds();
        assert_eq!(changed(&workspace, &before), [""; 0]);
    }
}
