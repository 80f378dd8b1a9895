//! What a scan found, kept until anything changes that it looked at.
//!
//! Reading and lowering a file costs less than loading its facts again would, so what is kept is the result as a whole,
//! with the stamps of all that it depends on: every folder walked, every file read or looked for. A file that
//! can't be read, is of another version or belongs to other options counts for nothing; it may be deleted at any time.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lockstep_core::contract::sha256_hex;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ScanOptions;
use crate::model::CodeScan;

/// Raised whenever the same files would give another result.
const VERSION: u32 = 5;
/// What changed this shortly before a scan may change again without its time of change showing it.
const UNSETTLED: Duration = Duration::from_millis(100);
/// The same where times of change are kept in whole seconds only.
const UNSETTLED_SECONDS: Duration = Duration::from_secs(2);

/// Tells states of a file or folder apart; `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    size: u64,
    modified: Duration,
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of what is at a path now.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        Some(Self {
            // The size of a folder says nothing that its time does not.
            size: if metadata.is_file() { metadata.len() } else { 0 },
            modified,
            changed: changed(&metadata),
        })
    }

    fn is_settled(&self, now: Duration) -> bool {
        let window = if self.modified.subsec_nanos() == 0 { UNSETTLED_SECONDS } else { UNSETTLED };
        self.modified + window < now
    }
}

/// When the file's entry changed last: unlike the time of its contents, nobody sets that back.
#[cfg(unix)]
fn changed(metadata: &std::fs::Metadata) -> (i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn changed(_metadata: &std::fs::Metadata) -> (i64, i64) {
    (0, 0)
}

/// The cache of one package's scan.
pub(super) struct ScanCache {
    file: PathBuf,
    root: PathBuf,
    /// Which options the result belongs to.
    key: String,
    started: Duration,
}

#[derive(Serialize, Deserialize)]
struct Kept<S> {
    version: u32,
    key: String,
    inputs: Vec<(String, Option<Stamp>)>,
    scan: S,
}

impl ScanCache {
    /// The cache that the options name.
    pub fn of(options: &ScanOptions, root: &Path) -> Option<Self> {
        let folder = options.cache.as_ref()?;
        let name = sha256_hex(options.package.to_string_lossy().as_bytes());
        let key = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            root,
            options.framework,
            options.package,
            options.include,
            options.exclude,
            options.stories,
            options.entry
        );
        Some(Self {
            file: folder.join(format!("code-{}.json", &name[..16])),
            root: root.to_owned(),
            key: sha256_hex(key.as_bytes()),
            started: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        })
    }

    /// What the last scan found, if nothing that it depends on changed since.
    pub fn load(&self) -> Option<CodeScan> {
        let bytes = std::fs::read(&self.file).ok()?;
        // The result is the larger part: it is read only once it is known to hold still.
        let kept: Kept<&serde_json::value::RawValue> = serde_json::from_slice(&bytes).ok()?;
        if kept.version != VERSION || kept.key != self.key {
            return None;
        }
        let unchanged = kept
            .inputs
            .par_iter()
            .with_min_len(64)
            .all(|(path, stamp)| Stamp::of(&self.root.join(path)) == *stamp);
        if !unchanged {
            return None;
        }
        serde_json::from_str(kept.scan.get()).ok()
    }

    /// Keeps a result. A cache that can't be written only costs time, so that errors are of no interest.
    pub fn store(&self, inputs: &[String], scan: &CodeScan) {
        let inputs: Vec<(String, Option<Stamp>)> = inputs
            .par_iter()
            .with_min_len(64)
            .map(|path| (path.clone(), Stamp::of(&self.root.join(path))))
            .collect();
        let is_settled =
            |(_, stamp): &(String, Option<Stamp>)| stamp.is_none_or(|stamp| stamp.is_settled(self.started));
        if !inputs.iter().all(is_settled) {
            let _ = std::fs::remove_file(&self.file);
            return;
        }
        let kept = Kept { version: VERSION, key: self.key.clone(), inputs, scan };
        let Ok(bytes) = serde_json::to_vec(&kept) else { return };
        let Some(folder) = self.file.parent() else { return };
        // Written aside and renamed: no scan ever sees half of it.
        let aside =
            self.file.with_extension(format!("{}-{}.part", std::process::id(), self.started.as_nanos()));
        let written = std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&aside, bytes))
            .and_then(|()| std::fs::rename(&aside, &self.file));
        if written.is_err() {
            let _ = std::fs::remove_file(&aside);
        }
    }
}
