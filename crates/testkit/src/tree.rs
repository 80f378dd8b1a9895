//! A folder's content as a value, to tell which bytes changed.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// Everything below a folder at one moment, but for folders that were left out.
#[derive(Clone, PartialEq, Eq)]
pub struct Tree(BTreeMap<String, Entry>);

#[derive(Clone, PartialEq, Eq)]
enum Entry {
    File { bytes: Vec<u8>, executable: bool },
    Link(PathBuf),
    EmptyFolder,
}

/// One path that is not the same in two trees. Prints as `+ path`, `- path` or `~ path`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Only the later tree has it.
    Added(String),
    /// Only the earlier tree has it.
    Removed(String),
    /// Both have it, with different bytes, kind or permissions.
    Changed(String),
}

impl Tree {
    /// Reads a folder. Paths are relative to it, with `/`; those in `leave_out` (and what is below them) are not read.
    ///
    /// # Errors
    /// When something can't be read.
    pub fn read(root: &Path, leave_out: &[&str]) -> io::Result<Self> {
        let mut entries = BTreeMap::new();
        let mut folders = vec![(root.to_owned(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            let mut empty = true;
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                empty = false;
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if leave_out.contains(&name.as_str()) {
                    continue;
                }
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push((entry.path(), format!("{name}/")));
                } else if kind.is_symlink() {
                    entries.insert(name, Entry::Link(fs::read_link(entry.path())?));
                } else {
                    entries.insert(name, file(&entry.path())?);
                }
            }
            if empty && !prefix.is_empty() {
                entries.insert(prefix, Entry::EmptyFolder);
            }
        }
        Ok(Self(entries))
    }

    /// What changed from this tree to a later one, sorted by path.
    pub fn changes_to(&self, later: &Self) -> Vec<Difference> {
        let mut differences: Vec<Difference> = Vec::new();
        for (path, entry) in &self.0 {
            match later.0.get(path) {
                None => differences.push(Difference::Removed(path.clone())),
                Some(other) if other != entry => differences.push(Difference::Changed(path.clone())),
                Some(_) => {}
            }
        }
        let added = later.0.keys().filter(|path| !self.0.contains_key(*path));
        differences.extend(added.cloned().map(Difference::Added));
        differences.sort_by(|a, b| a.path().cmp(b.path()));
        differences
    }

    /// The paths that it holds, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Test failures name the files, not their bytes.
impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Difference {
    /// The path that differs.
    pub fn path(&self) -> &str {
        match self {
            Self::Added(path) | Self::Removed(path) | Self::Changed(path) => path,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self {
            Self::Added(_) => '+',
            Self::Removed(_) => '-',
            Self::Changed(_) => '~',
        };
        write!(f, "{sign} {}", self.path())
    }
}

fn file(path: &Path) -> io::Result<Entry> {
    let metadata = fs::metadata(path)?;
    // An unreadable file is what some tests are about: its size stands for its content then.
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            format!("unreadable, {} bytes", metadata.len()).into_bytes()
        }
        read => read?,
    };
    Ok(Entry::File { bytes, executable: is_executable(&metadata) })
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_difference_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("kept", "a");
        write("changed", "a");
        write("removed", "a");
        fs::create_dir(folder.path().join("registry")).unwrap();
        write("registry/db", "a");
        let read = || Tree::read(folder.path(), &["registry"]).unwrap();
        let before = read();
        assert_eq!(before.changes_to(&read()), []);

        write("changed", "b");
        write("registry/db", "b");
        fs::remove_file(folder.path().join("removed")).unwrap();
        fs::create_dir(folder.path().join("empty")).unwrap();
        let after = read();
        let shown: Vec<String> = before.changes_to(&after).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["~ changed", "+ empty/", "- removed"]);
        assert_eq!(after.changes_to(&before).len(), 3);
    }
}
