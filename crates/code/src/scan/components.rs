//! Which components a package has, and what each states.

use foldhash::HashMap;
use rayon::prelude::*;

use super::cache::{LastRoot, LastScan};
use crate::{
    Framework,
    model::ScannedComponent,
    react::{self, Exported, Origin, Root, Standing},
    resolve::{Evaluator, FileId, Project, View},
};

/// The components of a package.
#[derive(Debug, Default)]
pub(super) struct Components {
    /// Those that it exports, by name; after them, from [`Self::exported`] on, those that are known by better names.
    pub all: Vec<ScannedComponent>,
    pub exported: usize,
    /// The place of each among the components of the last scan, where it is the same.
    pub before: Vec<Option<usize>>,
    /// What they were found from.
    pub roots: Vec<FoundRoot>,
    /// Whether some could not be worked out within the limits: what they state may depend on what was remembered.
    pub limited: bool,
}

/// A root, with what was found from it.
#[derive(Debug)]
pub(super) struct FoundRoot {
    pub name: String,
    pub file: FileId,
    pub local: String,
    pub of_module: bool,
    /// The files that were looked at for it.
    pub files: Vec<FileId>,
    pub candidates: Vec<Candidate>,
}

/// A component under one name.
#[derive(Debug)]
pub(super) struct Candidate {
    pub standing: Standing,
    /// Its place among all components, where it was stated.
    pub component: Option<usize>,
}

/// What is known of what a candidate states.
enum Stated {
    No,
    Now(Box<ScannedComponent>),
    /// As the last scan found it: its place among the components of that scan.
    Before(usize),
}

/// What one thread made of a root.
struct Evaluated {
    root: usize,
    files: Vec<FileId>,
    candidates: Vec<(Standing, Stated)>,
    limited: bool,
}

/// States every exported component, or takes it from the last scan where nothing changed that it was made from.
pub(super) fn components(
    project: &Project,
    framework: Framework,
    entries: &[FileId],
    last: Option<(&LastScan<'_>, Vec<ScannedComponent>)>,
    watched: bool,
) -> Components {
    let view = View::of(project);
    let roots = framework.roots(&view, entries);
    if let Some((last, before)) = last.filter(|(last, _)| !last.limited) {
        let evaluated = evaluate(project, framework, &roots, Some(last), watched);
        // What others remember decides how far evaluation gets.
        if !evaluated.iter().any(|root| root.limited) {
            return merged(&roots, evaluated, before);
        }
    }
    merged(&roots, evaluate(project, framework, &roots, None, watched), Vec::new())
}

/// Each thread evaluates for itself and takes its share: what it remembers is its own.
fn evaluate(
    project: &Project,
    framework: Framework,
    roots: &[Root<'_>],
    last: Option<&LastScan<'_>>,
    watched: bool,
) -> Vec<Evaluated> {
    const MOST_SHARES: usize = 8;
    let shares = u32::try_from(rayon::current_num_threads().clamp(1, MOST_SHARES)).unwrap_or(1);
    (0..shares)
        .into_par_iter()
        .with_max_len(1)
        .flat_map_iter(|share| {
            let texts = oxc_allocator::Allocator::new();
            let view = if watched { View::watched(project) } else { View::of(project) };
            let evaluator = Evaluator::new(view, &texts);
            let choices = react::Choices::default();
            let mine = roots.iter().enumerate().filter(|(_, root)| root.file.0 % shares == share);
            let mut work = Work { evaluator: &evaluator, choices: &choices, framework, roots };
            work.share(mine.map(|(index, _)| index), last)
        })
        .collect()
}

struct Work<'w, 'p> {
    evaluator: &'w Evaluator<'p>,
    choices: &'w react::Choices<'p>,
    framework: Framework,
    roots: &'w [Root<'p>],
}

impl<'p> Work<'_, 'p> {
    fn share(&mut self, roots: impl Iterator<Item = usize>, last: Option<&LastScan<'_>>) -> Vec<Evaluated> {
        let mut exported: Vec<Option<Vec<Exported<'p>>>> = Vec::new();
        let mut evaluated = Vec::new();
        for index in roots {
            let known = last.and_then(|last| last.root(&self.roots[index]));
            match known {
                Some(LastRoot { files, candidates }) => {
                    let before = |component: Option<usize>| component.map_or(Stated::No, Stated::Before);
                    let candidates = candidates.into_iter();
                    let candidates =
                        candidates.map(|candidate| (candidate.standing, before(candidate.component)));
                    evaluated.push(Evaluated {
                        root: index,
                        files,
                        candidates: candidates.collect(),
                        limited: false,
                    });
                    exported.push(None);
                }
                None => {
                    let (found, files, limited) = self.found_from(index);
                    let candidates = found.iter().map(|found| (found.standing.clone(), Stated::No)).collect();
                    evaluated.push(Evaluated { root: index, files, candidates, limited });
                    exported.push(Some(found));
                }
            }
        }
        for (at, candidate) in best(&evaluated) {
            if !matches!(evaluated[at].candidates[candidate].1, Stated::No) {
                continue;
            }
            if exported[at].is_none() {
                // It has the best of its names only now.
                let (found, files, limited) = self.found_from(evaluated[at].root);
                evaluated[at].files = files;
                evaluated[at].limited |= limited;
                exported[at] = Some(found);
            }
            let Some(found) = exported[at].as_ref().and_then(|found| found.get(candidate)) else { continue };
            let (stated, files, limited) =
                self.watched(|work| react::state(work.evaluator, work.choices, work.framework, found));
            evaluated[at].candidates[candidate].1 = Stated::Now(Box::new(stated));
            evaluated[at].files.extend(files);
            evaluated[at].limited |= limited;
        }
        for root in &mut evaluated {
            root.files.sort_unstable();
            root.files.dedup();
        }
        evaluated
    }

    fn found_from(&self, root: usize) -> (Vec<Exported<'p>>, Vec<FileId>, bool) {
        self.watched(|work| work.framework.found_from(work.evaluator, &work.roots[root]))
    }

    fn watched<T>(&self, work: impl FnOnce(&Self) -> T) -> (T, Vec<FileId>, bool) {
        let seen = &self.evaluator.project.seen;
        let ((made, limited), files) = seen.during(|| self.evaluator.limits_met(|| work(self)));
        (made, files.into_files(), limited)
    }
}

/// Of the candidates of one origin, the one with the best name.
fn best(evaluated: &[Evaluated]) -> Vec<(usize, usize)> {
    let mut best: HashMap<Origin, (&Standing, (usize, usize))> = HashMap::default();
    for (at, root) in evaluated.iter().enumerate() {
        for (candidate, (standing, _)) in root.candidates.iter().enumerate() {
            let known = best.entry(standing.origin).or_insert((standing, (at, candidate)));
            if standing < known.0 {
                *known = (standing, (at, candidate));
            }
        }
    }
    let mut best: Vec<(usize, usize)> = best.into_values().map(|(_, place)| place).collect();
    best.sort_unstable();
    best
}

/// A component that another share knows by a better name was stated for nothing: it is kept, for the name may go.
fn merged(roots: &[Root<'_>], mut evaluated: Vec<Evaluated>, before: Vec<ScannedComponent>) -> Components {
    evaluated.sort_unstable_by_key(|root| root.root);
    let limited = evaluated.iter().any(|root| root.limited);
    let mut stated: Vec<(Standing, usize, usize)> = Vec::new();
    for (at, root) in evaluated.iter().enumerate() {
        for (candidate, (standing, what)) in root.candidates.iter().enumerate() {
            if !matches!(what, Stated::No) {
                stated.push((standing.clone(), at, candidate));
            }
        }
    }
    stated.sort_unstable();
    let (mut exported, mut others) = (Vec::new(), Vec::new());
    let mut origin = None;
    for (standing, at, candidate) in stated {
        let is_best = origin != Some(standing.origin);
        origin = Some(standing.origin);
        if is_best { &mut exported } else { &mut others }.push((standing, at, candidate));
    }
    exported.sort_by(|(a, ..), (b, ..)| (&a.rank.3, a.origin).cmp(&(&b.rank.3, b.origin)));
    let mut before: Vec<Option<ScannedComponent>> = before.into_iter().map(Some).collect();
    let mut components = Components { limited, ..Components::default() };
    let mut places = HashMap::default();
    let count = exported.len();
    for (index, (_, at, candidate)) in exported.into_iter().chain(others).enumerate() {
        let stated = std::mem::replace(&mut evaluated[at].candidates[candidate].1, Stated::No);
        let (component, place) = match stated {
            Stated::Now(component) => (Some(*component), None),
            Stated::Before(place) => (before.get_mut(place).and_then(Option::take), Some(place)),
            Stated::No => (None, None),
        };
        let Some(component) = component else { continue };
        components.before.push(place);
        places.insert((at, candidate), components.all.len());
        components.all.push(component);
        components.exported += usize::from(index < count);
    }
    let found = evaluated.into_iter().enumerate().map(|(at, evaluated)| {
        let root = &roots[evaluated.root];
        let candidates = evaluated.candidates.into_iter().enumerate();
        FoundRoot {
            name: root.name.clone(),
            file: root.file,
            local: root.local.to_owned(),
            of_module: root.of_module,
            files: evaluated.files,
            candidates: candidates
                .map(|(candidate, (standing, _))| Candidate {
                    standing,
                    component: places.get(&(at, candidate)).copied(),
                })
                .collect(),
        }
    });
    components.roots = found.collect();
    components
}
