//! The example library as a workspace of its own, with the binary run in it as a person would.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    run::Run,
    tree::{Difference, Tree},
};

/// Where `lockstep` keeps its registry and caches: no part of what a sync may change or an undo must restore.
const REGISTRY: &str = ".lockstep";

/// A temporary folder with a library and its design file. It is gone when this value is.
pub struct Workspace {
    folder: TempDir,
    binary: PathBuf,
    environment: BTreeMap<String, String>,
    /// Whose rights runs have, where they are not the test's own.
    user: Option<u32>,
}

impl Workspace {
    /// An empty folder. The binary is `env!("CARGO_BIN_EXE_lockstep")` in the tests of the crate that builds it.
    ///
    /// # Panics
    /// When the temporary folder can't be made, as everything here does that a test can't go on without.
    pub fn empty(binary: impl Into<PathBuf>) -> Self {
        let folder = must("a temporary folder", tempfile::Builder::new().prefix("lockstep-test-").tempdir());
        let workspace = Self { folder, binary: binary.into(), environment: BTreeMap::new(), user: None };
        must("a workspace", fs::create_dir(workspace.root()));
        must("a home", fs::create_dir(workspace.home()));
        workspace
    }

    /// A copy of `examples/acme`: both sides agree.
    pub fn acme(binary: impl Into<PathBuf>) -> Self {
        let workspace = Self::empty(binary);
        workspace.overlay(&example("acme"));
        workspace
    }

    /// Sets the example up as a team does: its one known difference is accepted.
    pub fn adopt(&self) {
        self.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
        self.run(["accept", "Tooltip", "--yes", "--reason", "known"]).succeeds();
    }

    /// From here on the same request may be made again after a second, and is meant.
    pub fn forget_requests_soon(&self) {
        self.replace("lockstep.toml", "[sync]\n", "[sync]\nbucket_seconds = 1\n");
    }

    /// Copies `examples/acme-drift` over it: both sides have moved.
    pub fn drift(&self) {
        self.overlay(&example("acme-drift"));
    }

    /// Copies a folder's files over the workspace's.
    pub fn overlay(&self, from: &Path) {
        must("a copy of the example", copy(from, &self.root()));
    }

    /// Another workspace that holds the same, its registry included, where that is a file of it.
    pub fn copy(&self) -> Self {
        let mut copy = Self::empty(&self.binary);
        copy.environment.clone_from(&self.environment);
        copy.user = self.user;
        must("a copy of the workspace", copy_but(&self.root(), &copy.root(), &[]));
        copy
    }

    /// The workspace's folder.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("workspace")
    }

    /// The home folder that runs are given.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A file's place.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root().join(relative)
    }

    /// A file's text.
    pub fn read(&self, relative: &str) -> String {
        must(relative, fs::read_to_string(self.path(relative)))
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(relative);
        if let Some(folder) = path.parent() {
            must(relative, fs::create_dir_all(folder));
        }
        must(relative, fs::write(path, content));
    }

    /// Replaces a text that must stand in the file exactly once.
    pub fn replace(&self, relative: &str, from: &str, to: &str) {
        let text = self.read(relative);
        assert_eq!(text.matches(from).count(), 1, "`{from}` stands in {relative} exactly once");
        self.write(relative, text.replace(from, to));
    }

    /// Every file of the workspace as it is now, but for the registry.
    pub fn tree(&self) -> Tree {
        must("the workspace", Tree::read(&self.root(), &[REGISTRY]))
    }

    /// What changed since, sorted by path: nothing, when each file has the same bytes.
    pub fn changes_since(&self, earlier: &Tree) -> Vec<Difference> {
        earlier.changes_to(&self.tree())
    }

    /// Sets a variable for all runs from here on.
    pub fn set(&mut self, variable: &str, value: impl Into<String>) -> &mut Self {
        self.environment.insert(variable.to_owned(), value.into());
        self
    }

    /// From here on runs are those of a user whom permissions bind: the superuser is bound by none, so that runs of a
    /// superuser's tests become nobody's, who owns the workspace then.
    #[cfg(unix)]
    pub fn bind_by_permissions(&mut self) -> &mut Self {
        const NOBODY: u32 = 65_534;
        use std::os::unix::fs::MetadataExt as _;
        let owner = |path: &Path| must("the owner of a file", fs::metadata(path)).uid();
        if self.user.is_none() && owner(self.folder.path()) == 0 {
            must("a workspace of nobody's", give(self.folder.path(), NOBODY));
            self.user = Some(NOBODY);
            let sees_binary = self.command().arg("--version").stdout(Stdio::null()).status();
            if sees_binary.is_err() {
                let copy = self.folder.path().join("lockstep");
                must("a copy of the binary", fs::copy(&self.binary, &copy));
                self.binary = copy;
            }
        }
        self
    }

    /// Runs the binary in the workspace's folder.
    #[must_use = "a run that nobody looks at proves nothing"]
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        let mut command = self.command();
        command.args(arguments);
        let shown = format!("{command:?}");
        let output = must(&shown, command.output());
        Run::new(shown, output, self.root(), self.home())
    }

    /// The same with something on standard input.
    #[must_use = "a run that nobody looks at proves nothing"]
    pub fn run_with<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>, input: &str) -> Run {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let shown = format!("{command:?}");
        let mut process = must(&shown, command.spawn());
        if let Some(mut stdin) = process.stdin.take() {
            // One that doesn't read its input has ended.
            let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
        }
        let output = must(&shown, process.wait_with_output());
        Run::new(shown, output, self.root(), self.home())
    }

    /// A run that was not started yet: for tests that kill it, or run two at once.
    ///
    /// Nothing of the developer's environment reaches it but the search path: no colours, no database, no home.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .current_dir(self.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("TMPDIR", self.folder.path())
            .env("USER", "ada")
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .env("NO_COLOR", "1")
            .env("COLUMNS", "120")
            .envs(&self.environment)
            .stdin(Stdio::null());
        // What coverage tools need to write their counts.
        if let Some(profile) = std::env::var_os("LLVM_PROFILE_FILE") {
            command.env("LLVM_PROFILE_FILE", profile);
        }
        #[cfg(unix)]
        if let Some(user) = self.user {
            std::os::unix::process::CommandExt::uid(&mut command, user);
            std::os::unix::process::CommandExt::gid(&mut command, user);
        }
        command
    }
}

/// A folder of the project's `examples/`.
pub fn example(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples")).join(name)
}

/// Copies files; what tools leave in a developer's checkout stays behind.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    copy_but(from, to, &["node_modules", "storybook-static", "package-lock.json", REGISTRY])
}

fn copy_but(from: &Path, to: &Path, but: &[&str]) -> std::io::Result<()> {
    let mut folders = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = folders.pop() {
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let name = entry.file_name();
            if but.iter().any(|left| name == **left) {
                continue;
            }
            let target = to.join(&name);
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), target));
            } else {
                fs::copy(entry.path(), target)?;
            }
        }
    }
    Ok(())
}

/// Gives a folder and everything in it to a user.
#[cfg(unix)]
fn give(path: &Path, user: u32) -> std::io::Result<()> {
    std::os::unix::fs::lchown(path, Some(user), Some(user))?;
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), user)?;
        }
    }
    Ok(())
}

#[track_caller]
fn must<T, E: std::fmt::Display>(what: &str, result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{what}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overlay_changes_both_sides_and_adds_nothing() {
        let workspace = Workspace::acme("unused");
        let agreed = workspace.tree();
        assert!(agreed.paths().any(|path| path == ".storybook/main.ts"));
        workspace.drift();
        let shown: Vec<String> = workspace.changes_since(&agreed).iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "~ design/acme.figma.json",
                "~ src/components/Avatar/Avatar.tsx",
                "~ src/components/Badge/Badge.stories.tsx",
                "~ src/components/Badge/Badge.tsx",
                "~ src/components/Button/Button.stories.tsx",
                "~ src/components/Button/Button.tsx",
                "~ src/components/Card/Card.tsx",
                "~ src/components/Spinner/Spinner.tsx",
                "~ src/components/TextField/TextField.tsx",
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn runs_see_nothing_of_the_developers_environment() {
        let mut workspace = Workspace::empty("/bin/sh");
        let run = workspace
            .set("MARK", "kept")
            .run(["-c", "pwd; echo $HOME $MARK $NO_COLOR; echo oops >&2; exit 3"]);
        let run = run.exits(3);
        assert_eq!(run.redacted(), "<workspace>\n<home> kept 1\n");
        assert_eq!(run.redacted_errors(), "oops\n");
        let variables = workspace.run(["-c", "env"]).succeeds();
        assert!(!variables.stdout.contains("CARGO"), "{variables:?}");
    }
}
