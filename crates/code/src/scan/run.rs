//! One scan, from what the last one left to what this one leaves.

use std::{path::Path, sync::Arc};

use lockstep_core::diagnostic::Diagnostic;
use rayon::prelude::*;

use super::{
    ScanError, ScanOptions,
    answers::Answers,
    beside::{self, Beside, Modules},
    cache::{Findings, LastScan, ScanCache},
    components::{Components, components},
    constants::Constants,
    elements::Elements,
    entries,
    files::{Files, Linked, Reach},
    links::{self, Linker},
    manifest::Manifest,
    read::{FileReader, Version},
    remarks::remarks,
    walk::{self, Found},
};
use crate::{
    Framework,
    model::{CodeScan, ScanMark, ScannedComponent, Story},
    resolve::{FileId, Project, View},
};

/// A scan that is under way.
pub(super) struct Run<'s> {
    pub options: &'s ScanOptions,
    pub root: &'s Path,
    pub package: &'s Path,
    pub cache: Option<&'s ScanCache>,
    pub last: Option<LastScan<'s>>,
}

/// The files of a package and what leads from one to the other.
struct Read {
    project: Project,
    versions: Vec<Version>,
    entries: Vec<FileId>,
    linker: Linker,
    manifest: Manifest,
    diagnostics: Vec<Diagnostic>,
    /// Whether the files are those of the last scan, and lead to the same ones.
    as_before: bool,
}

impl Run<'_> {
    /// What the files that a walk found come to, and its mark where it was kept; with all that was read for it.
    pub fn finish(mut self) -> Result<(CodeScan, Option<ScanMark>, Project), ScanError> {
        let known = self.last.as_mut().and_then(|last| last.found.take());
        let was_found = known.is_some();
        let mut found = match known {
            Some(found) => found,
            None => walk::walk(self.root, self.package, self.options)?,
        };
        let own = walk::relative(self.root, self.package).unwrap_or_default();
        let framework = self.options.framework;
        if framework == Framework::CustomElements {
            // The manifest says which modules there are.
            found.sources.clear();
        }
        let mut read = self.read(&found, &own, was_found);
        let (components, mut exported, others) = self.components(&read);
        exported.iter_mut().for_each(|component| component.package = read.manifest.name.clone());
        let (mut beside, is_known) = self.beside(&found, &own, &mut read);
        if framework == Framework::CustomElements {
            stand_for_elements(&mut beside.stories, &exported);
        }
        let mut diagnostics = std::mem::take(&mut read.diagnostics);
        diagnostics.extend(found.diagnostics.iter().cloned());
        diagnostics.extend(remarks(&exported, &found, &own, framework, &read.manifest));
        diagnostics.extend(beside.diagnostics.iter().cloned());
        diagnostics.sort();
        diagnostics.dedup();
        let scan = CodeScan {
            components: exported,
            stories: beside.stories,
            docs: beside.docs,
            connections: beside.connections,
            diagnostics,
            files: read.project.files.len() + beside.files,
        };
        let mark = self.cache.and_then(|cache| {
            let answers = (!is_known).then(|| Answers {
                key: beside::key(&found),
                files: beside.files,
                diagnostics: beside.diagnostics,
                all: beside.asked,
            });
            // What is known and holds still was asked of the same files and folders.
            let inputs = (!read.as_before || !is_known).then(|| self.inputs(&found, &own, &read));
            cache.store(&Findings {
                inputs: inputs.as_deref(),
                as_before: read.as_before,
                scan: &scan,
                project: &read.project,
                versions: &read.versions,
                components: &components,
                others: &others,
                package: read.manifest.name.as_deref(),
                found: (!was_found).then_some(&found),
                answers: answers.as_ref(),
                last: self.last.as_ref(),
            })
        });
        Ok((scan, mark, read.project))
    }

    fn read(&self, found: &Found, own: &str, was_found: bool) -> Read {
        let options = self.options;
        let manifest = Manifest::read(self.root, self.package);
        let reader = FileReader { root: self.root };
        let keeps = self.cache.is_some();
        let files = Files { reader: &reader, own, reach: Reach::Contracts, keeps, last: self.last.as_ref() };
        if was_found && let Some(linked) = files.as_before(|path| found.is_beside(path)) {
            let mut linker = Linker::new(self.root, self.package, &[]);
            linker.register(&linked.project.files);
            return self.entered(linked, linker, manifest, found, own);
        }
        let mut linker = Linker::new(self.root, self.package, &found.sources);
        let mut batch: Vec<Arc<str>> = found.sources.iter().map(|path| path.as_str().into()).collect();
        let unlisted = entries::unlisted(&mut linker, &manifest, options, own, &found.sources);
        batch.extend(unlisted.into_iter().map(Arc::from));
        let mut elements = match options.framework {
            Framework::CustomElements => Elements::read(&reader, &mut linker, &manifest, own),
            Framework::React | Framework::Vue | Framework::Svelte => Elements::default(),
        };
        batch.extend(elements.sources(&linker).into_iter().map(Arc::from));
        let mut linked = files.linked(&mut linker, batch);
        linked.diagnostics.append(&mut elements.diagnostics);
        if options.framework != Framework::CustomElements {
            return Read { as_before: false, ..self.entered(linked, linker, manifest, found, own) };
        }
        let Linked { mut project, mut versions, mut diagnostics } = linked;
        diagnostics.append(&mut linker.diagnostics);
        let entries = elements.add_to(&mut project, &linker);
        // What the manifest says is evaluated anew each time.
        versions.resize_with(project.files.len(), Version::default);
        Read { project, versions, entries, linker, manifest, diagnostics, as_before: false }
    }

    /// Files with the entries among them.
    fn entered(
        &self,
        linked: Linked,
        mut linker: Linker,
        manifest: Manifest,
        found: &Found,
        own: &str,
    ) -> Read {
        let Linked { project, versions, mut diagnostics } = linked;
        diagnostics.append(&mut linker.diagnostics);
        let entries = entries::entries(&project, &linker, &manifest, self.options, own, &found.sources);
        Read { project, versions, entries, linker, manifest, diagnostics, as_before: true }
    }

    /// How the components were found, those that are exported, and the others.
    fn components(&mut self, read: &Read) -> (Components, Vec<ScannedComponent>, Vec<ScannedComponent>) {
        let before = self.last.as_mut().map(|last| {
            last.compare(&read.project, &read.versions);
            std::mem::take(&mut last.components)
        });
        let last = self.last.as_ref().zip(before);
        let framework = self.options.framework;
        let mut found = components(&read.project, framework, &read.entries, last, self.cache.is_some());
        let others = found.all.split_off(found.exported);
        let exported = std::mem::take(&mut found.all);
        (found, exported, others)
    }

    /// What stands beside the components, and whether that is known from the last scan.
    fn beside(&mut self, found: &Found, own: &str, read: &mut Read) -> (Beside, bool) {
        let view = View::of(&read.project);
        let constants = Constants::of(&read.project, &view);
        let modules = Modules::of(&mut read.linker, &constants);
        if let Some(last) = &mut self.last {
            let files = found.stories.iter().chain(&found.pages).chain(&found.connections);
            let is_unchanged = last.answers.key == beside::key(found)
                && configuration(own).iter().all(|path| last.is_unchanged(path))
                && files.into_iter().all(|path| last.is_unchanged(path));
            if is_unchanged && last.answers.hold(&modules) {
                let answers = std::mem::take(&mut last.answers);
                let known = Beside {
                    stories: std::mem::take(&mut last.beside.stories),
                    docs: std::mem::take(&mut last.beside.docs),
                    connections: std::mem::take(&mut last.beside.connections),
                    diagnostics: answers.diagnostics,
                    files: answers.files,
                    asked: answers.all,
                };
                return (known, true);
            }
        }
        let reader = FileReader { root: self.root };
        (beside::read(&reader, found, own, read.manifest.storybook, &modules), false)
    }

    /// Everything that the scan depends on, sorted.
    fn inputs(&self, found: &Found, own: &str, read: &Read) -> Vec<String> {
        let mut inputs = read.linker.consulted();
        inputs.extend(found.folders.iter().cloned());
        inputs.extend(read.project.files.iter().map(|file| file.path.to_string()));
        inputs.extend(found.stories.iter().chain(&found.pages).chain(&found.connections).cloned());
        inputs.extend(configuration(own));
        if read.as_before {
            // Where the files lead to was not looked up again.
            inputs.extend(self.last.iter().flat_map(LastScan::inputs).map(str::to_owned));
        }
        inputs.par_sort_unstable();
        inputs.dedup();
        inputs
    }
}

/// The files beside the sources that a scan depends on, there or not.
fn configuration(package: &str) -> Vec<String> {
    let names = [
        "package.json",
        "pnpm-workspace.yaml",
        "tsconfig.json",
        "figma.config.json",
        ".gitignore",
        "storybook-static/index.json",
        "node_modules/storybook/package.json",
        ".storybook",
    ];
    let storybook = ["main", "preview"].into_iter().flat_map(|name| {
        ["js", "cjs", "mjs", "ts", "cts", "mts", "jsx", "tsx"]
            .map(|extension| format!(".storybook/{name}.{extension}"))
    });
    let names: Vec<String> = names.into_iter().map(str::to_owned).chain(storybook).collect();
    let folders = if package.is_empty() { vec![""] } else { vec![package, ""] };
    folders
        .into_iter()
        .flat_map(|folder| names.iter().filter_map(|name| links::joined(folder, name)).collect::<Vec<_>>())
        .collect()
}

/// Stories name elements by their tags, which nothing imports.
fn stand_for_elements(stories: &mut [Story], elements: &[ScannedComponent]) {
    for story in stories {
        let tag = story.component.as_deref();
        if let Some(element) = elements.iter().find(|element| Some(&*element.name) == tag) {
            story.component_file = Some(element.declared.file.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    const FILES: [(&str, &str); 5] = [
        ("src/index.ts", "export * from './button'; export * from './card'; export * from './list';"),
        (
            "src/button.tsx",
            "import { Size } from './size'; export const Button = (p: { size: Size }) => <b />;",
        ),
        (
            "src/card.tsx",
            "import { Button } from './button'; export const Card = (p: { a: 'b' }) => <Button />;",
        ),
        ("src/list.tsx", "import { Size } from './size'; export const List = (p: { size: Size }) => <ul />;"),
        ("src/size.ts", "export type Size = 's' | 'm';"),
    ];

    /// The files that a scan reads after another one, where one file was written in between.
    fn read_after(path: &str, text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let mut options = ScanOptions::new(folder.path(), "");
        std::fs::create_dir(folder.path().join("src")).unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(100) + Duration::from_nanos(1);
        for (path, text) in FILES {
            std::fs::write(folder.path().join(path), text).unwrap();
            std::fs::File::open(folder.path().join(path)).unwrap().set_modified(long_ago).unwrap();
        }
        options.cache = Some(folder.path().join("cache"));
        super::super::scan(&options).unwrap();
        std::fs::write(folder.path().join(path), text).unwrap();
        let (root, package) = super::super::folders(&options).unwrap();
        let cache = ScanCache::of(&options, &root).unwrap();
        let bytes = cache.bytes().unwrap();
        let last = cache.open(&bytes).and_then(super::super::Opened::last);
        assert!(last.is_some());
        let run = Run { options: &options, root: &root, package: &package, cache: Some(&cache), last };
        let files = run.finish().unwrap().2.files;
        files.iter().filter(|file| file.facts.get().is_some()).map(|file| file.path.to_string()).collect()
    }

    #[test]
    fn only_what_changed_is_read_and_what_its_components_are_made_of() {
        for (path, text, read) in [
            // The same bytes, written again.
            ("src/button.tsx", FILES[1].1, vec![]),
            (
                "src/button.tsx",
                "import { Size } from './size'; export const Button = (p: { big: Size }) => <b />;",
                vec!["src/button.tsx", "src/size.ts"],
            ),
            ("src/card.tsx", "export const Card = (p: { a: 'c' }) => <b />;", vec!["src/card.tsx"]),
            ("src/size.ts", "export type Size = 'x';", vec!["src/button.tsx", "src/list.tsx", "src/size.ts"]),
            // A module that none of the others refers to.
            ("src/new.ts", "export const New = () => <b />;", vec!["src/new.ts"]),
        ] {
            assert_eq!(read_after(path, text), read, "{path}: {text}");
        }
    }
}
