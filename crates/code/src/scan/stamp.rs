//! Whether what is at a path is what was there before.

use std::{
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What changed this shortly before a scan may change again without its time of change showing it.
const UNSETTLED: Duration = Duration::from_millis(100);
/// The same where times of change are kept in whole seconds only.
const UNSETTLED_SECONDS: Duration = Duration::from_secs(2);

/// Tells states of a file or folder apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub size: u64,
    pub modified: Duration,
    pub changed: (i64, i64),
    pub inode: u64,
}

impl Stamp {
    /// The stamp of what is at a path now; nothing where there is nothing.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (changed, inode) = entry(&metadata);
        Some(Self {
            // The size of a folder says nothing that its time does not.
            size: if metadata.is_file() { metadata.len() } else { 0 },
            modified,
            changed,
            inode,
        })
    }

    /// Whether any change after the stamp was taken shows in the next one. `now` is a time before it was taken.
    pub fn is_settled(&self, now: Duration) -> bool {
        let window = if self.modified.subsec_nanos() == 0 { UNSETTLED_SECONDS } else { UNSETTLED };
        self.modified + window < now
    }
}

/// The time, as stamps have it.
pub(super) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// When the file's entry changed last, which nobody sets back as they do the time of its contents, and which file it is.
#[cfg(unix)]
fn entry(metadata: &std::fs::Metadata) -> ((i64, i64), u64) {
    use std::os::unix::fs::MetadataExt;
    ((metadata.ctime(), metadata.ctime_nsec()), metadata.ino())
}

#[cfg(not(unix))]
fn entry(_metadata: &std::fs::Metadata) -> ((i64, i64), u64) {
    ((0, 0), 0)
}

/// The hash of a file's bytes.
pub(super) fn content_hash(bytes: &[u8]) -> u64 {
    use std::hash::BuildHasher;
    foldhash::quality::FixedState::with_seed(0).hash_one(bytes)
}
