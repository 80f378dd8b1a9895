//! Keeping what a scan found.

use std::{borrow::Cow, io::Write as _};

use foldhash::HashMap;
use rayon::prelude::*;

use super::{
    super::{answers::Answers, components::Components, read::Version, stamp::Stamp, walk::Found},
    KeptStamp, LastScan, ScanCache, Summary,
    bytes::{Kept, Writer},
    components, forms, outline,
};
use crate::{
    model::{CodeScan, ScanMark, ScannedComponent},
    resolve::{FileId, Link, Project},
};

/// What is kept of a scan.
pub(in crate::scan) struct Findings<'f> {
    /// Every file and folder on which it depends, sorted; nothing where these are those of the last scan.
    pub inputs: Option<&'f [String]>,
    /// Whether the files are those of the last scan, in their order, and lead to the same ones.
    pub as_before: bool,
    pub scan: &'f CodeScan,
    pub project: &'f Project,
    pub versions: &'f [Version],
    /// What the components were found from; the components themselves stand in the scan and beside it.
    pub components: &'f Components,
    pub others: &'f [ScannedComponent],
    pub package: Option<&'f str>,
    /// What the walk found; nothing where that is known from the last scan.
    pub found: Option<&'f Found>,
    /// What was asked; nothing where all that stands beside the components is known from the last scan.
    pub answers: Option<&'f Answers>,
    pub last: Option<&'f LastScan<'f>>,
}

impl ScanCache {
    /// Keeps a result, and gives its mark. A cache that can't be written only costs time, so that errors are of no interest.
    pub fn store(&self, findings: &Findings<'_>) -> Option<ScanMark> {
        let last = findings.last;
        let beside = last.filter(|_| findings.answers.is_none()).map(|last| last.beside_bytes.map(Cow::from));
        let beside = || {
            beside.unwrap_or_else(|| {
                let beside = forms::written(|to| forms::keep_beside(findings.scan, to));
                let answers = findings.answers.map(|answers| forms::written(|to| answers.keep(to)));
                [beside.into(), answers.unwrap_or_default().into()]
            })
        };
        let found = || match (findings.found, last) {
            (None, Some(last)) => Cow::from(last.found_bytes),
            (found, _) => {
                Cow::from(found.map(|found| forms::written(|to| found.keep(to))).unwrap_or_default())
            }
        };
        let ((stamps, parts), (components, (beside, found))) = rayon::join(
            || rayon::join(|| self.stamps(findings), || parts(findings)),
            || rayon::join(|| components(findings), || (beside(), found())),
        );
        let summary = Summary {
            package: findings.package.map(str::to_owned),
            exported: findings.scan.components.len(),
            diagnostics: findings.scan.diagnostics.clone(),
            files: findings.scan.files,
        };
        let summary = forms::written(|to| summary.keep(to));
        let [beside, answers] = beside;
        let sections = [&*stamps, &summary, &components, &beside, &found, &answers, &parts];
        let mut body = Writer::with_room(sections.iter().map(|section| section.len() + 8).sum());
        sections.iter().for_each(|section| body.raw(section));
        let body = body.into_bytes();
        let sum = Self::sum(&body);
        let head = self.head(sum);
        let folder = self.file.parent()?;
        // Written aside and renamed: no scan ever sees half of it.
        let aside =
            self.file.with_extension(format!("{}-{}.part", std::process::id(), self.started.as_nanos()));
        let written = std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::File::create(&aside))
            .and_then(|mut file| file.write_all(&head).and_then(|()| file.write_all(&body)))
            .and_then(|()| std::fs::rename(&aside, &self.file));
        if written.is_err() {
            let _ = std::fs::remove_file(&aside);
            return None;
        }
        Some(self.mark(sum))
    }

    /// The inputs with their stamps. Those of files that were read were taken before.
    fn stamps(&self, findings: &Findings<'_>) -> Vec<u8> {
        let read = findings.project.files.iter().zip(findings.versions);
        let read: HashMap<&str, Option<Stamp>> =
            read.map(|(file, version)| (file.path.as_str(), version.stamp)).collect();
        let stamp = |path: &str| match read.get(path) {
            Some(stamp) => *stamp,
            None => Stamp::of(&self.root.join(path)),
        };
        let known = findings.last.map_or(&[][..], |last| &last.inputs);
        let stamps: Vec<(&str, Option<Stamp>)> = match findings.inputs {
            Some(inputs) => {
                inputs.par_iter().with_min_len(64).map(|path| (path.as_str(), stamp(path))).collect()
            }
            None => known
                .iter()
                .map(|(path, input)| (*path, if input.unchanged { input.stamp } else { stamp(path) }))
                .collect(),
        };
        let mut to = Writer::default();
        to.number(stamps.len() as u64);
        for (path, stamp) in stamps {
            to.raw(path.as_bytes());
            match stamp {
                Some(stamp) if !stamp.is_settled(self.started) => KeptStamp::Unsettled.keep(&mut to),
                stamp => KeptStamp::of(stamp).keep(&mut to),
            }
        }
        to.into_bytes()
    }
}

/// What [`LastScan::of`] reads.
fn parts(findings: &Findings<'_>) -> Vec<u8> {
    let Findings { project, versions, components, last, .. } = *findings;
    let mut to = Writer::default();
    to.number(u64::from(components.limited));
    to.number(project.files.len() as u64);
    let files: Vec<Cow<'_, [u8]>> = (0..project.files.len())
        .into_par_iter()
        .with_min_len(64)
        .map(|index| {
            let (file, version) = (&project.files[index], &versions[index]);
            let known = last.filter(|_| findings.as_before).zip(version.last);
            if let Some(record) = known.and_then(|(last, place)| last.record(place)) {
                return Cow::Borrowed(record);
            }
            let mut to = Writer::default();
            to.raw(file.path.as_bytes());
            to.number(u64::from(version.hash.is_some()));
            version.hash.into_iter().for_each(|hash| to.number(hash));
            let kept = version.last.and_then(|place| last?.outline(place));
            match (kept, file.facts.get()) {
                (Some(kept), _) => to.raw(kept),
                (None, Some(facts)) => to.raw(&outline::keep(facts)),
                (None, None) => to.raw(&[]),
            }
            let mut links = Writer::default();
            links.number(file.links.len() as u64);
            file.links.iter().for_each(|link| match link {
                Link::Missing => links.number(0),
                Link::File(FileId(id)) => links.number(u64::from(*id) + 1),
            });
            to.raw(&links.into_bytes());
            Cow::Owned(to.into_bytes())
        })
        .collect();
    files.iter().for_each(|file| to.append(file));
    to.number(components.roots.len() as u64);
    for root in &components.roots {
        to.raw(root.name.as_bytes());
        to.raw(root.local.as_bytes());
        to.number(root.file.0.into());
        to.number(root.of_module.into());
        let mut record = Writer::default();
        record.number(root.files.len() as u64);
        root.files.iter().for_each(|file| record.number(file.0.into()));
        record.number(root.candidates.len() as u64);
        for candidate in &root.candidates {
            let (origin, rank) = (candidate.standing.origin, &candidate.standing.rank);
            record.number(origin.file.0.into());
            record.number(origin.start.into());
            record.number(u64::from(rank.0) | u64::from(rank.1) << 1);
            record.number(rank.2 as u64);
            record.raw(rank.3.as_bytes());
            record.number(candidate.component.map_or(0, |place| place as u64 + 1));
        }
        to.raw(&record.into_bytes());
    }
    to.into_bytes()
}

/// The components, those that did not change as they were kept.
fn components(findings: &Findings<'_>) -> Vec<u8> {
    let all = findings.scan.components.iter().chain(findings.others);
    let all = all.zip(findings.components.before.iter().copied());
    let before = findings.last.filter(|last| last.package.as_deref() == findings.package);
    components::keep(all, before.map(|last| &last.kept_components))
}
