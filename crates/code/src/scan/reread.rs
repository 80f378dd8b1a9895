//! What a component would state if some files read otherwise: an edit that would not come to what it promises is found
//! before a byte is written.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, OnceLock, PoisonError},
};

use lockstep_core::contract::Contract;

use super::{
    STACK_BYTES, ScanError, ScanOptions, entries, file_id,
    files::{Files, Linked, Reach},
    folders,
    links::Linker,
    manifest::Manifest,
    read::{FileReader, facts_of},
    walk::{relative, walk},
};
use crate::{
    Framework,
    facts::FileFacts,
    model::ScannedComponent,
    react::{self, Exported, Origin},
    resolve::{Evaluator, FileId, Link, Project, View},
};

/// A package as it was read, which can be asked what its components would state if some of its files changed.
#[derive(Debug)]
pub struct Rereading {
    project: Mutex<Project>,
    ids: HashMap<String, FileId>,
    roots: BTreeMap<FileId, Vec<KnownRoot>>,
    framework: Framework,
}

/// What the entries export that may be a component. No edit of a contract changes it.
#[derive(Debug)]
struct KnownRoot {
    name: String,
    local: String,
    of_module: bool,
}

impl Rereading {
    /// Reads a package. There is nothing to ask of custom elements: what they state stands in a manifest that is made
    /// from their source.
    ///
    /// # Errors
    /// As [`super::scan`].
    pub fn of(options: &ScanOptions) -> Result<Option<Self>, ScanError> {
        if options.framework == Framework::CustomElements {
            return Ok(None);
        }
        let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
        pool.install(|| Self::read(options)).map(Some)
    }

    fn read(options: &ScanOptions) -> Result<Self, ScanError> {
        let (root, package) = folders(options)?;
        let found = walk(&root, &package, options)?;
        let manifest = Manifest::read(&root, &package);
        let own = relative(&root, &package).unwrap_or_default();
        let mut linker = Linker::new(&root, &package, &found.sources);
        let unlisted = entries::unlisted(&mut linker, &manifest, options, &own, &found.sources);
        let batch = found.sources.iter().cloned().chain(unlisted).map(Into::into).collect();
        let reader = FileReader { root: &root };
        let reading = Files { reader: &reader, own: &own, reach: Reach::Contracts, keeps: false, last: None };
        let Linked { project, .. } = reading.linked(&mut linker, batch);
        let entries = entries::entries(&project, &linker, &manifest, options, &own, &found.sources);
        let named = project.files.iter().enumerate();
        let ids = named.map(|(index, file)| (file.path.to_string(), file_id(index))).collect();
        let mut roots: BTreeMap<FileId, Vec<KnownRoot>> = BTreeMap::new();
        for root in options.framework.roots(&View::of(&project), &entries) {
            let react::Root { name, file, local, of_module } = root;
            roots.entry(file).or_default().push(KnownRoot { name, local: local.to_owned(), of_module });
        }
        Ok(Self { project: Mutex::new(project), ids, roots, framework: options.framework })
    }

    /// Takes over what files hold since they were read. Those that this package's contracts do not depend on are passed over.
    pub fn follow(&self, texts: &BTreeMap<&str, &str>) {
        let mut project = self.project.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, text) in texts {
            let Some(id) = self.ids.get(*path).copied() else { continue };
            let facts = facts_of(path, text);
            let view = View::of(&project);
            let links = facts.specifiers.iter().map(|specifier| view.link(id, specifier)).collect();
            if let Some(file) = project.files.get_mut(id.0 as usize) {
                (file.facts, file.links) = (facts.into(), links);
            }
        }
    }

    /// The contract that a component states when some files have these texts; nothing where the component is not one of
    /// this package. The caller's stack must be as large as a scan's.
    pub(crate) fn contract(
        &self,
        component: &ScannedComponent,
        texts: &BTreeMap<String, String>,
    ) -> Option<Contract> {
        let declaring = *self.ids.get(component.declared.file.as_str())?;
        let mut project = self.project.lock().unwrap_or_else(PoisonError::into_inner);
        if !project.file(declaring).own {
            return None;
        }
        let changed = texts.iter().filter_map(|(path, text)| Some((*self.ids.get(path)?, path, text)));
        let mut changed: Vec<(FileId, OnceLock<FileFacts>)> =
            changed.map(|(id, path, text)| (id, facts_of(path, text).into())).collect();
        let mut links: Vec<Vec<Link>> = changed
            .iter()
            .map(|(id, facts)| {
                let specifiers = facts.get().map_or(&[][..], |facts| &facts.specifiers);
                specifiers.iter().map(|specifier| View::of(&project).link(*id, specifier)).collect()
            })
            .collect();
        let mut exchange = |project: &mut Project| {
            for ((id, facts), links) in changed.iter_mut().zip(&mut links) {
                if let Some(file) = project.files.get_mut(id.0 as usize) {
                    std::mem::swap(&mut file.facts, facts);
                    std::mem::swap(&mut file.links, links);
                }
            }
        };
        exchange(&mut project);
        let stated = self.stated(&project, component, declaring);
        exchange(&mut project);
        stated
    }

    fn stated(&self, project: &Project, component: &ScannedComponent, file: FileId) -> Option<Contract> {
        let texts = oxc_allocator::Allocator::new();
        let evaluator = Evaluator::new(View::of(project), &texts);
        let choices = react::Choices::default();
        let roots = |alone: bool| {
            let here = self.roots.get_key_value(&file).filter(|_| alone);
            let all = self.roots.iter().filter(move |_| !alone);
            let those = here.into_iter().chain(all);
            those.flat_map(|(file, roots)| roots.iter().map(|root| root.as_found(*file)))
        };
        [true, false].into_iter().find_map(|alone| {
            let mut best: HashMap<Origin, Exported<'_>> = HashMap::new();
            for exported in roots(alone).flat_map(|root| self.framework.found_from(&evaluator, &root)) {
                let known = best.entry(exported.standing.origin);
                let known = known.or_insert_with(|| exported.clone());
                if exported.standing < known.standing {
                    *known = exported;
                }
            }
            let mut named = best.values().filter(|exported| exported.name == component.name);
            let only = named.next().filter(|_| named.next().is_none())?;
            Some(react::state(&evaluator, &choices, self.framework, only).statement.contract)
        })
    }
}

impl KnownRoot {
    fn as_found(&self, file: FileId) -> react::Root<'_> {
        react::Root { name: self.name.clone(), file, local: &self.local, of_module: self.of_module }
    }
}
