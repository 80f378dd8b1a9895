//! What is known of the last scan, so that only what changed since is read and worked out again.
//!
//! What a file says is known where its stamp, or else its bytes, are as they were. What a root came to is known where
//! that holds for every file that was looked at for it, and the specifiers of each lead to the same files.

use std::sync::OnceLock;

use foldhash::{HashMap, HashMapExt};
use rayon::prelude::*;

use super::{
    super::{
        read::{ReadFile, Version},
        stamp::Stamp,
        walk::Found,
    },
    Opened, Summary,
    bytes::{Kept as _, Reader, Tables},
    components::KeptComponents,
    forms, outline,
};
use crate::{
    facts::Text,
    model::{CodeScan, ScannedComponent},
    react::{Origin, Root, Standing},
    resolve::{FileId, KeptOutline, Link, Project},
    scan::{answers::Answers, components::Candidate},
};

/// The last scan.
pub(in crate::scan) struct LastScan<'b> {
    /// What it depended on, sorted.
    pub(super) inputs: Vec<(&'b str, Input)>,
    files: Vec<LastFile<'b>>,
    places: HashMap<&'b str, u32>,
    roots: HashMap<RootKey<'b>, &'b [u8]>,
    /// Whether some components could not be worked out within the limits.
    pub limited: bool,
    /// What it found beside the components.
    pub beside: CodeScan,
    pub answers: Answers,
    /// Both as bytes.
    pub(super) beside_bytes: [&'b [u8]; 2],
    /// What the walk found, if nothing changed in the folders.
    pub found: Option<Found>,
    pub(super) found_bytes: &'b [u8],
    /// The components in the order in which they were kept.
    pub components: Vec<ScannedComponent>,
    pub(super) kept_components: KeptComponents<'b>,
    /// The name of the package.
    pub(super) package: Option<String>,
    /// The files of this scan by their places in the last one, where they are the same.
    same: Vec<Option<FileId>>,
    /// The places in the last scan of the files of this one.
    before: Vec<Option<u32>>,
}

/// Something that the last scan depended on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input {
    pub stamp: Option<Stamp>,
    /// Whether it is certain to be as it was.
    pub unchanged: bool,
}

struct LastFile<'b> {
    path: &'b str,
    /// All of this as it was kept.
    record: &'b [u8],
    hash: Option<u64>,
    outline: &'b [u8],
    links: &'b [u8],
}

/// A name, a local name, the place of a file, whether it is of a module.
type RootKey<'b> = (&'b str, &'b str, u32, bool);

/// What a root came to, in this scan's files.
pub(in crate::scan) struct LastRoot {
    pub files: Vec<FileId>,
    pub candidates: Vec<Candidate>,
}

impl<'b> LastScan<'b> {
    /// Reads what was kept beside the inputs.
    pub(super) fn of(opened: Opened<'b>) -> Option<Self> {
        let none = Tables::default();
        let mut from = Reader::of(opened.parts, &none);
        let limited = from.number()? != 0;
        let count = from.count()?;
        let (mut files, mut places) = (Vec::with_capacity(count), HashMap::with_capacity(count));
        for index in 0..count {
            let start = from.rest();
            let path = text(&mut from)?;
            places.insert(path, u32::try_from(index).ok()?);
            let hash = (from.number()? != 0).then(|| from.number());
            let hash = match hash {
                Some(hash) => Some(hash?),
                None => None,
            };
            let (outline, links) = (from.raw()?, from.raw()?);
            let record = &start[..start.len() - from.rest().len()];
            files.push(LastFile { path, record, hash, outline, links });
        }
        let count = from.count()?;
        let mut roots = HashMap::with_capacity(count);
        for _ in 0..count {
            let key = (
                text(&mut from)?,
                text(&mut from)?,
                u32::try_from(from.number()?).ok()?,
                from.number()? != 0,
            );
            roots.insert(key, from.raw()?);
        }
        let kept_components = KeptComponents::of(opened.components)?;
        let (components, (beside, answers)) = rayon::join(
            || kept_components.all(),
            || (forms::read(opened.beside, forms::take_beside), forms::read(opened.answers, Answers::take)),
        );
        let Summary { package, .. } = forms::read(opened.summary, Summary::take)?;
        let inputs = opened.inputs;
        let found = forms::read(opened.found, Found::take)?;
        let is_unchanged = |path: &String| input(&inputs, path).is_some_and(|input| input.unchanged);
        let found = found.folders.iter().all(is_unchanged).then_some(found);
        Some(Self {
            inputs,
            same: vec![None; files.len()],
            before: Vec::new(),
            files,
            places,
            roots,
            limited,
            beside: beside?,
            answers: answers?,
            beside_bytes: [opened.beside, opened.answers],
            found,
            found_bytes: opened.found,
            components: components?,
            kept_components,
            package,
        })
    }

    /// Whether a file or folder is certain to be as the last scan found it.
    pub fn is_unchanged(&self, path: &str) -> bool {
        input(&self.inputs, path).is_some_and(|input| input.unchanged)
    }

    /// All that it depended on.
    pub fn inputs(&self) -> impl Iterator<Item = &'b str> + '_ {
        self.inputs.iter().map(|(path, _)| *path)
    }

    /// What may have changed: all that it depended on of which nothing is certain.
    pub fn uncertain(&self) -> impl Iterator<Item = &'b str> + '_ {
        self.inputs.iter().filter(|(_, input)| !input.unchanged).map(|(path, _)| *path)
    }

    /// The paths of its files, in their order.
    pub fn paths(&self) -> impl Iterator<Item = &'b str> + '_ {
        self.files.iter().map(|file| file.path)
    }

    /// The place of a file among those.
    pub fn place(&self, path: &str) -> Option<usize> {
        self.places.get(path).map(|place| *place as usize)
    }

    /// The modules that a file referred to, and where each of them led.
    pub fn references(&self, place: usize) -> Option<(Vec<Text>, Vec<Link>)> {
        let file = self.files.get(place)?;
        Some((outline::specifiers(file.outline)?, self.links(place)?))
    }

    /// Where each of the modules led that a file referred to.
    pub fn links(&self, place: usize) -> Option<Vec<Link>> {
        let none = Tables::default();
        let mut links = Reader::of(self.files.get(place)?.links, &none);
        let count = links.count()?;
        let link = |_| {
            Some(match u32::try_from(links.number()?).ok()? {
                0 => Link::Missing,
                file => Link::File(FileId(file - 1)),
            })
        };
        (0..count).map(link).collect()
    }

    /// A file that is certain to be as it was.
    pub fn unchanged(&self, path: &str) -> Option<ReadFile> {
        let input = input(&self.inputs, path).filter(|input| input.unchanged)?;
        let place = *self.places.get(path)?;
        self.known(place, input.stamp)
    }

    /// A file that had the same bytes.
    pub fn of_same_bytes(&self, path: &str, hash: u64, stamp: Option<Stamp>) -> Option<ReadFile> {
        let place = *self.places.get(path)?;
        self.files.get(place as usize).filter(|file| file.hash == Some(hash))?;
        self.known(place, stamp)
    }

    fn known(&self, place: u32, stamp: Option<Stamp>) -> Option<ReadFile> {
        let file = self.files.get(place as usize)?;
        let bytes: Box<[u8]> = file.outline.into();
        Some(ReadFile {
            problems: outline::problems(&bytes)?,
            kept: Some(KeptOutline::new(Box::new(move || outline::take(&bytes).unwrap_or_default()))),
            facts: OnceLock::new(),
            version: Version { stamp, hash: file.hash, last: Some(place) },
        })
    }

    /// All that was kept of a file.
    pub(super) fn record(&self, place: u32) -> Option<&'b [u8]> {
        self.files.get(place as usize).map(|file| file.record)
    }

    /// The outline of a file as bytes.
    pub(super) fn outline(&self, place: u32) -> Option<&'b [u8]> {
        self.files.get(place as usize).map(|file| file.outline)
    }

    /// Takes note of which files are the same as in the last scan, and lead to the same ones.
    pub fn compare(&mut self, project: &Project, versions: &[Version]) {
        let mut now: Vec<Option<FileId>> = vec![None; self.files.len()];
        for (index, version) in versions.iter().enumerate() {
            if let Some(now) = version.last.and_then(|place| now.get_mut(place as usize)) {
                *now = u32::try_from(index).ok().map(FileId);
            }
        }
        // A file that was there and is not one of the same bytes may still be led to.
        let by_path: HashMap<u32, FileId> = project
            .files
            .iter()
            .zip(versions)
            .enumerate()
            .filter(|(_, (_, version))| version.last.is_none())
            .filter_map(|(index, (file, _))| {
                Some((*self.places.get(file.path.as_str())?, FileId(u32::try_from(index).ok()?)))
            })
            .collect();
        let target =
            |place: u32| now.get(place as usize).copied().flatten().or_else(|| by_path.get(&place).copied());
        let is_same = |file: &LastFile<'b>, id: FileId| {
            let none = Tables::default();
            let mut links = Reader::of(file.links, &none);
            let now = &project.file(id).links;
            links.count() == Some(now.len())
                && now.iter().all(|now| {
                    let before = links.number().and_then(|link| u32::try_from(link).ok());
                    match (before, now) {
                        (Some(0), Link::Missing) => true,
                        (Some(before), Link::File(now)) if before > 0 => target(before - 1) == Some(*now),
                        _ => false,
                    }
                })
        };
        self.same = self
            .files
            .par_iter()
            .zip(&now)
            .with_min_len(64)
            .map(|(file, now)| now.filter(|id| is_same(file, *id)))
            .collect();
        self.before = project.files.iter().map(|file| self.places.get(file.path.as_str()).copied()).collect();
    }

    /// What a root came to, if that holds still.
    pub fn root(&self, root: &Root<'_>) -> Option<LastRoot> {
        let place = (*self.before.get(root.file.0 as usize)?)?;
        let kept = self.roots.get(&(root.name.as_str(), root.local, place, root.of_module))?;
        let none = Tables::default();
        let mut from = Reader::of(kept, &none);
        let file = |from: &mut Reader<'_, '_>| {
            let place = usize::try_from(from.number()?).ok()?;
            *self.same.get(place)?
        };
        let count = from.count()?;
        let files = (0..count).map(|_| file(&mut from)).collect::<Option<_>>()?;
        let count = from.count()?;
        let candidates = (0..count).map(|_| {
            let origin = Origin { file: file(&mut from)?, start: u32::try_from(from.number()?).ok()? };
            let flags = from.number()?;
            let length = usize::try_from(from.number()?).ok()?;
            let rank = (flags & 1 != 0, flags & 2 != 0, length, text(&mut from)?.to_owned());
            let component = usize::try_from(from.number()?).ok()?.checked_sub(1);
            Some(Candidate { standing: Standing { origin, rank }, component })
        });
        let candidates = candidates.collect::<Option<_>>()?;
        Some(LastRoot { files, candidates })
    }
}

/// Something among inputs that are sorted.
fn input(inputs: &[(&str, Input)], path: &str) -> Option<Input> {
    let at = inputs.binary_search_by(|(known, _)| (*known).cmp(path)).ok()?;
    Some(inputs[at].1)
}

fn text<'b>(from: &mut Reader<'b, '_>) -> Option<&'b str> {
    std::str::from_utf8(from.raw()?).ok()
}
