//! What a scan found, kept until anything changes that it looked at.
//!
//! Reading and lowering a file costs less than loading its facts again would, so what is kept is the result as a whole,
//! with the stamps of all that it depends on: every folder walked, every file read or looked for. A file that
//! can't be read, is of another version or belongs to other options counts for nothing; it may be deleted at any time.

mod bytes;
mod forms;

use std::{
    hash::BuildHasher,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lockstep_core::contract::sha256_hex;
use rayon::prelude::*;

use bytes::{Reader, Tables, Writer};

use super::ScanOptions;
use crate::model::CodeScan;

/// Raised whenever the same files would give another result.
const VERSION: u8 = 7;
/// What a cache begins with.
const MAGIC: &[u8; 8] = b"lockstep";
/// What changed this shortly before a scan may change again without its time of change showing it.
const UNSETTLED: Duration = Duration::from_millis(100);
/// The same where times of change are kept in whole seconds only.
const UNSETTLED_SECONDS: Duration = Duration::from_secs(2);

/// Tells states of a file or folder apart; `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    fn keep(stamp: Option<Self>, to: &mut Writer<'_>) {
        to.number(u64::from(stamp.is_some()));
        let Some(Self { size, modified, changed }) = stamp else { return };
        to.number(size);
        to.number(modified.as_secs());
        to.number(u64::from(modified.subsec_nanos()));
        to.number(changed.0.cast_unsigned());
        to.number(changed.1.cast_unsigned());
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Option<Self>> {
        if from.number()? == 0 {
            return Some(None);
        }
        Some(Some(Self {
            size: from.number()?,
            modified: Duration::from_secs(from.number()?)
                .checked_add(Duration::from_nanos(from.number()?))?,
            changed: (from.number()?.cast_signed(), from.number()?.cast_signed()),
        }))
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
            file: folder.join(format!("code-{}.cache", &name[..16])),
            root: root.to_owned(),
            key: sha256_hex(key.as_bytes()),
            started: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        })
    }

    /// What tells a whole cache of these options and this version from anything else.
    fn head(&self, body: &[u8]) -> Vec<u8> {
        let sum = foldhash::quality::FixedState::with_seed(u64::from(VERSION)).hash_one(body);
        [MAGIC, &[VERSION][..], self.key.as_bytes(), &sum.to_le_bytes()].concat()
    }

    /// What the last scan found, if nothing that it depends on changed since.
    pub fn load(&self) -> Option<CodeScan> {
        let bytes = std::fs::read(&self.file).ok()?;
        let (head, body) = bytes.split_at_checked(self.head(&[]).len())?;
        if head != self.head(body) {
            return None;
        }
        let none = Tables::default();
        let mut parts = Reader::of(body, &none);
        // The result is the larger part: it is read only once it is known to hold still.
        let mut reader = Reader::of(parts.raw()?, &none);
        let count = reader.number()?;
        let inputs: Vec<(&str, Option<Stamp>)> = (0..count)
            .map(|_| Some((std::str::from_utf8(reader.raw()?).ok()?, Stamp::take(&mut reader)?)))
            .collect::<Option<_>>()?;
        let unchanged = inputs
            .par_iter()
            .with_min_len(64)
            .all(|(path, stamp)| Stamp::of(&self.root.join(path)) == *stamp);
        if !unchanged {
            return None;
        }
        let result = parts.raw()?;
        let (tables, start) = Tables::read(result)?;
        forms::take(&mut Reader::of(result.get(start..)?, &tables))
    }

    /// Keeps a result. A cache that can't be written only costs time, so that errors are of no interest.
    pub fn store(&self, inputs: &[String], scan: &CodeScan) {
        let (stamps, result) = rayon::join(
            || {
                let inputs = inputs.par_iter().with_min_len(64);
                inputs.map(|path| Stamp::of(&self.root.join(path))).collect::<Vec<_>>()
            },
            || {
                let mut result = Writer::default();
                forms::keep(scan, &mut result);
                result.finish()
            },
        );
        let is_settled = |stamp: &Option<Stamp>| stamp.is_none_or(|stamp| stamp.is_settled(self.started));
        if !stamps.iter().all(is_settled) {
            let _ = std::fs::remove_file(&self.file);
            return;
        }
        let mut seen = Writer::default();
        seen.number(inputs.len() as u64);
        for (path, stamp) in inputs.iter().zip(stamps) {
            seen.raw(path.as_bytes());
            Stamp::keep(stamp, &mut seen);
        }
        let mut body = Writer::default();
        body.raw(&seen.into_bytes());
        body.raw(&result);
        let body = body.into_bytes();
        let bytes = [self.head(&body), body].concat();
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
