//! What a scan found, kept until anything changes that it looked at, and used for what did not change after that.
//!
//! What is kept is the result as a whole, with the stamps of all that it depends on: every folder walked, every file read
//! or looked for. Where all of them are as they were, nothing else is looked at. Beside it stand the outlines of all
//! files, and of each root what was looked at for it: see [`LastScan`]. To keep all that files say would cost as much as
//! reading them again. A file that can't be read, is of another version or belongs to other options counts for nothing;
//! it may be deleted at any time.

mod bytes;
mod components;
mod forms;
mod last;
mod outline;
mod store;

use std::{
    hash::BuildHasher,
    path::{Path, PathBuf},
    time::Duration,
};

use lockstep_core::{contract::sha256_hex, diagnostic::Diagnostic};
use rayon::prelude::*;

use bytes::{Kept as _, Reader, Tables};
use components::KeptComponents;
use last::Input;

use super::{
    ScanOptions,
    stamp::{self, Stamp},
};
use crate::model::{CodeScan, ScanMark};

pub(super) use last::{LastRoot, LastScan};
pub(super) use store::Findings;

/// Raised whenever the same files would give another result.
const VERSION: u8 = 11;
/// What a cache begins with.
const MAGIC: &[u8; 8] = b"lockstep";

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
            started: stamp::now(),
        })
    }

    /// What tells a whole cache of these options and this version from anything else.
    fn head(&self, sum: u64) -> Vec<u8> {
        [MAGIC, &[VERSION][..], self.key.as_bytes(), &sum.to_le_bytes()].concat()
    }

    fn sum(body: &[u8]) -> u64 {
        foldhash::quality::FixedState::with_seed(u64::from(VERSION)).hash_one(body)
    }

    fn mark(&self, sum: u64) -> ScanMark {
        ScanMark(format!("{VERSION}-{}-{sum:016x}", self.key))
    }

    /// What is kept, as bytes.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        std::fs::read(&self.file).ok()
    }

    /// What is known of the last scan.
    pub fn open<'b>(&self, bytes: &'b [u8]) -> Option<Opened<'b>> {
        let (head, body) = bytes.split_at_checked(self.head(0).len())?;
        let sum = Self::sum(body);
        if head != self.head(sum) {
            return None;
        }
        let none = Tables::default();
        let mut sections = Reader::of(body, &none);
        let mut inputs = Reader::of(sections.raw()?, &none);
        let count = inputs.count()?;
        let inputs: Vec<(&str, KeptStamp)> = (0..count)
            .map(|_| Some((std::str::from_utf8(inputs.raw()?).ok()?, KeptStamp::take(&mut inputs)?)))
            .collect::<Option<_>>()?;
        let inputs = inputs.into_par_iter().with_min_len(64).map(|(path, kept)| {
            let stamp = Stamp::of(&self.root.join(path));
            (path, Input { stamp, unchanged: kept == KeptStamp::of(stamp) })
        });
        Some(Opened {
            mark: self.mark(sum),
            inputs: inputs.collect(),
            summary: sections.raw()?,
            components: sections.raw()?,
            beside: sections.raw()?,
            found: sections.raw()?,
            answers: sections.raw()?,
            parts: sections.raw()?,
        })
    }
}

/// A cache that was read.
pub(super) struct Opened<'b> {
    pub mark: ScanMark,
    inputs: Vec<(&'b str, Input)>,
    summary: &'b [u8],
    components: &'b [u8],
    /// Stories, pages and connections.
    beside: &'b [u8],
    /// What the walk found.
    found: &'b [u8],
    answers: &'b [u8],
    /// Files and roots.
    parts: &'b [u8],
}

/// What is kept of a result beside its parts.
#[derive(Debug, Default, PartialEq)]
struct Summary {
    /// The name of the package.
    package: Option<String>,
    /// How many of the components are exported.
    exported: usize,
    diagnostics: Vec<Diagnostic>,
    files: usize,
}

impl<'b> Opened<'b> {
    /// The mark of the last scan, if nothing that it depends on changed since.
    pub fn standing(&self) -> Option<&ScanMark> {
        self.inputs.iter().all(|(_, input)| input.unchanged).then_some(&self.mark)
    }

    /// What the last scan found, if that still stands.
    pub fn unchanged(&self) -> Option<CodeScan> {
        // The result is the larger part: it is read only once it is known to hold still.
        self.standing()?;
        let Summary { exported, diagnostics, files, .. } = forms::read(self.summary, Summary::take)?;
        let (components, beside) = rayon::join(
            || KeptComponents::of(self.components)?.first(exported),
            || forms::read(self.beside, forms::take_beside),
        );
        Some(CodeScan { components: components?, diagnostics, files, ..beside? })
    }

    /// What else is known of it.
    pub fn last(self) -> Option<LastScan<'b>> {
        LastScan::of(self)
    }
}

/// A stamp as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeptStamp {
    /// There was nothing.
    Nothing,
    Settled(Stamp),
    /// What was there may have changed since without its stamp showing it.
    Unsettled,
}

impl KeptStamp {
    fn of(stamp: Option<Stamp>) -> Self {
        stamp.map_or(Self::Nothing, Self::Settled)
    }

    fn keep(self, to: &mut bytes::Writer<'_>) {
        match self {
            Self::Nothing => to.number(0),
            Self::Unsettled => to.number(1),
            Self::Settled(Stamp { size, modified, changed, inode }) => {
                to.number(2);
                to.number(size);
                to.number(modified.as_secs());
                to.number(u64::from(modified.subsec_nanos()));
                to.number(changed.0.cast_unsigned());
                to.number(changed.1.cast_unsigned());
                to.number(inode);
            }
        }
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        Some(match from.number()? {
            0 => Self::Nothing,
            1 => Self::Unsettled,
            2 => Self::Settled(Stamp {
                size: from.number()?,
                modified: Duration::from_secs(from.number()?)
                    .checked_add(Duration::from_nanos(from.number()?))?,
                changed: (from.number()?.cast_signed(), from.number()?.cast_signed()),
                inode: from.number()?,
            }),
            _ => return None,
        })
    }
}
