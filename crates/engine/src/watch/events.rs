//! What the file system tells, gathered until it is quiet.

use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
    time::Duration,
};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event::ModifyKind};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{Instant, timeout_at},
};

use crate::{
    error::EngineError,
    workspace::{Workspace, config::CONFIG_FILE},
};

/// How long nothing must be written before it is read: an editor's save and a checkout are several writes.
const QUIET: Duration = Duration::from_millis(40);
/// How long a burst without a pause may be before it is read all the same.
const LONGEST: Duration = Duration::from_secs(1);
/// Folders that are never part of a library.
const SKIPPED: [&str; 3] = ["node_modules", ".git", ".lockstep"];
/// Files that a reading of code may depend on.
const SOURCES: [&str; 12] =
    ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "json", "mdx", "vue", "svelte"];

/// Which parts of a workspace changed on the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// Something in a package of code.
    pub code: bool,
    /// The short names of the design files that changed.
    pub designs: BTreeSet<String>,
    /// `lockstep.toml`.
    pub config: bool,
}

impl Changed {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What changed in either.
    pub fn and(&mut self, other: Self) {
        self.code |= other.code;
        self.config |= other.config;
        self.designs.extend(other.designs);
    }
}

/// The folders of a workspace under watch: those of its packages, and those that hold its design files.
pub struct Watcher {
    watcher: RecommendedWatcher,
    events: UnboundedReceiver<notify::Result<Event>>,
    parts: Parts,
}

impl Watcher {
    /// Begins to watch.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn start(workspace: &Workspace) -> Result<Self, EngineError> {
        let (sender, events) = unbounded_channel();
        // The receiver is gone only when nobody watches any more.
        let tell = move |event| _ = sender.send(event);
        let watcher = notify::recommended_watcher(tell).map_err(|error| refused(&error))?;
        let mut watching = Self { watcher, events, parts: Parts::of(workspace) };
        let parts = &watching.parts;
        let designs = parts.designs.iter().filter_map(|(file, _)| file.parent());
        let folders: BTreeSet<PathBuf> =
            designs.chain([parts.folder.as_path()]).map(Path::to_owned).collect();
        for folder in folders {
            watching.folder(&folder)?;
        }
        for package in watching.parts.packages.clone() {
            watching.tree(&package)?;
        }
        Ok(watching)
    }

    /// The next change, once nothing more was written for a moment. Nothing when the watching has ended.
    ///
    /// # Errors
    /// When the operating system can't watch any more.
    pub async fn next(&mut self) -> Result<Option<Changed>, EngineError> {
        let mut changed = Changed::default();
        while changed.is_empty() {
            let Some(event) = self.events.recv().await else { return Ok(None) };
            changed.and(self.read(event)?);
        }
        let latest = Instant::now() + LONGEST;
        let mut quiet = Instant::now() + QUIET;
        while let Ok(event) = timeout_at(quiet.min(latest), self.events.recv()).await {
            let Some(event) = event else { break };
            let more = self.read(event)?;
            if !more.is_empty() {
                quiet = Instant::now() + QUIET;
                changed.and(more);
            }
        }
        Ok(Some(changed))
    }

    fn read(&mut self, event: notify::Result<Event>) -> Result<Changed, EngineError> {
        let event = match event {
            Ok(event) => event,
            // What was watched may be gone by now; the folder above it tells of that.
            Err(error) if matches!(error.kind, notify::ErrorKind::PathNotFound) => {
                return Ok(Changed::default());
            }
            Err(error) => return Err(refused(&error)),
        };
        if event.need_rescan() {
            return Ok(self.parts.everything());
        }
        let mut changed = Changed::default();
        if matches!(event.kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_))) {
            return Ok(changed);
        }
        for path in &event.paths {
            let part = self.parts.about(path);
            if part.code && path.is_dir() {
                self.tree(path)?;
            }
            changed.and(part);
        }
        Ok(changed)
    }

    /// Watches a folder and those below it, but for what is skipped or ignored by git.
    fn tree(&mut self, root: &Path) -> Result<(), EngineError> {
        let walk = ignore::WalkBuilder::new(root)
            .require_git(false)
            .filter_entry(|entry| !is_skipped(entry.file_name().to_string_lossy().as_ref()))
            .build();
        for entry in walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_dir())) {
            self.folder(entry.path())?;
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path) -> Result<(), EngineError> {
        match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
            // It went while the tree was walked.
            Err(_) if !folder.exists() => Ok(()),
            other => other.map_err(|error| refused(&error)),
        }
    }
}

/// What is where in a workspace.
struct Parts {
    folder: PathBuf,
    packages: Vec<PathBuf>,
    designs: Vec<(PathBuf, String)>,
}

impl Parts {
    fn of(workspace: &Workspace) -> Self {
        let at =
            |path: &str| if path.is_empty() { workspace.folder.clone() } else { workspace.folder.join(path) };
        let config = &workspace.config;
        Self {
            folder: workspace.folder.clone(),
            packages: config.code.iter().map(|package| at(package.root.as_str())).collect(),
            designs: config.design.iter().map(|file| (at(file.file.as_str()), file.name.clone())).collect(),
        }
    }

    fn everything(&self) -> Changed {
        let designs = self.designs.iter().map(|(_, name)| name.clone()).collect();
        Changed { code: true, designs, config: true }
    }

    /// What a change of this path may change.
    fn about(&self, path: &Path) -> Changed {
        let mut changed = Changed::default();
        if let Some((_, name)) = self.designs.iter().find(|(file, _)| file == path) {
            changed.designs.insert(name.clone());
            return changed;
        }
        changed.config = path == self.folder.join(CONFIG_FILE);
        let inside = |package: &PathBuf| path.strip_prefix(package).is_ok_and(may_be_code);
        changed.code = !changed.config && self.packages.iter().any(inside);
        changed
    }
}

/// Whether a path within a package is a file that a reading depends on, or may be a folder of such.
fn may_be_code(path: &Path) -> bool {
    let is_left_out =
        |part: Component<'_>| matches!(part, Component::Normal(name) if is_skipped(&name.to_string_lossy()));
    let is_source = path
        .extension()
        .is_none_or(|extension| SOURCES.iter().any(|known| extension.eq_ignore_ascii_case(known)));
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    is_source && !is_hidden && !path.components().any(is_left_out)
}

fn is_skipped(name: &str) -> bool {
    SKIPPED.contains(&name)
}

fn refused(error: &notify::Error) -> EngineError {
    let hint = match error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "let it watch more folders (on Linux, raise fs.inotify.max_user_watches), or exclude some in lockstep.toml"
        }
        _ => "run `lockstep drift` instead when files change",
    };
    EngineError::refused("can-not-watch", format!("can't watch the workspace: {error}"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_reading_depends_on_counts() {
        let parts = Parts {
            folder: "/w".into(),
            packages: vec!["/w/packages/core".into()],
            designs: vec![("/w/design/kit.json".into(), "kit".into())],
        };
        for (path, code, designs, config) in [
            ("/w/packages/core/src/Button.tsx", true, 0, false),
            ("/w/packages/core/package.json", true, 0, false),
            ("/w/packages/core/src/new-folder", true, 0, false),
            ("/w/packages/core/src/Button.css", false, 0, false),
            ("/w/packages/core/src/.Button.tsx.swp", false, 0, false),
            ("/w/packages/core/src/.Button.tsx", false, 0, false),
            ("/w/packages/core/node_modules/react/index.js", false, 0, false),
            ("/w/packages/core/.git/index", false, 0, false),
            ("/w/.lockstep/cache/x.json", false, 0, false),
            ("/w/packages/other/src/Button.tsx", false, 0, false),
            ("/w/design/kit.json", false, 1, false),
            ("/w/design/kit.json.tmp", false, 0, false),
            ("/w/lockstep.toml", false, 0, true),
        ] {
            let changed = parts.about(Path::new(path));
            assert_eq!(
                (changed.code, changed.designs.len(), changed.config),
                (code, designs, config),
                "{path}"
            );
        }
    }
}
