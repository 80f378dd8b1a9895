//! A package's Custom Elements Manifest: where it is, and the files that its modules stand for.

use lockstep_core::{
    diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace},
    shared::Shared,
};

use super::{
    file_id,
    links::{Linker, joined},
    manifest::Manifest,
    read::FileReader,
};
use crate::{
    elements::{self, ElementModule},
    facts::{self, Export, FileFacts, Text, Value, ValueDeclaration},
    resolve::{Binding, FileId, Link, Project, SourceFile, View},
};

/// Where a manifest stands when `package.json` does not say.
const USUAL_PLACES: [&str; 2] = ["custom-elements.json", "dist/custom-elements.json"];
/// Folders that sources are built to, under the same names.
const BUILT_FOLDERS: [&str; 5] = ["dist", "es", "esm", "lib", "build"];
/// Classes extend each other over no more files than this.
const MOST_BASES: usize = 8;

/// The elements of a package.
#[derive(Debug, Default)]
pub(super) struct Elements {
    file: String,
    lines: Shared<Vec<u32>>,
    /// Each module with the file that it stands for, where that is there.
    modules: Vec<(ElementModule, Option<String>)>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Elements {
    /// Reads a package's manifest. `package` is relative to the workspace.
    pub fn read(reader: &FileReader<'_>, linker: &mut Linker, manifest: &Manifest, package: &str) -> Self {
        let named = manifest.custom_elements.iter().map(String::as_str);
        let candidates: Vec<String> =
            named.chain(USUAL_PLACES).filter_map(|place| joined(package, place)).collect();
        let Some(file) = candidates.iter().find(|file| linker.is_file(file)).cloned() else {
            return Self { diagnostics: vec![missing(&candidates)], ..Self::default() };
        };
        let mut elements = Self { file, ..Self::default() };
        let mut bytes = Vec::new();
        let text = match reader.text(&elements.file, &mut bytes) {
            Ok(text) => text,
            Err(diagnostic) => {
                elements.diagnostics.push(*diagnostic);
                return elements;
            }
        };
        match elements::read(text) {
            Ok(found) => {
                for (at, why) in found.unread {
                    let place = TextPlace::of(text, at, at);
                    let message = format!("a declaration can't be read: {why}");
                    let hint = "the other elements were read; generate the manifest again";
                    let problem = elements.problem(place, message, hint);
                    let severity = DiagnosticSeverity::Warning;
                    elements.diagnostics.push(Diagnostic { severity, ..problem });
                }
                elements.lines = facts::line_starts(text).into();
                let folder = elements.file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
                let source = |module: ElementModule| {
                    let file = source_of(linker, &module.path, package, &folder);
                    (module, file)
                };
                elements.modules = found.modules.into_iter().map(source).collect();
            }
            Err(error) => {
                let place = place_of(text, error.line(), error.column());
                let hint = "generate it again with the package's analyser";
                elements.diagnostics.push(elements.problem(place, error.to_string(), hint));
            }
        }
        elements
    }

    fn problem(&self, place: TextPlace, message: String, hint: &str) -> Diagnostic {
        Diagnostic {
            file: self.file.clone(),
            place: Some(place),
            severity: DiagnosticSeverity::Error,
            code: "elements-manifest".to_owned(),
            message,
            hint: Some(hint.to_owned()),
        }
    }

    /// The files that are to be read for what the manifest only names.
    pub fn sources(&self, linker: &Linker) -> Vec<String> {
        let mut files: Vec<String> = self.modules.iter().filter_map(|(_, file)| file.clone()).collect();
        files.retain(|file| !linker.is_known(file));
        files.sort_unstable();
        files.dedup();
        files
    }

    /// Adds what the manifest says to the project, as files that export the elements; gives those files.
    pub fn add_to(self, project: &mut Project, linker: &Linker) -> Vec<FileId> {
        let mut entries = Vec::new();
        for (module, source) in self.modules {
            let source = source.and_then(|file| linker.id(&file));
            let class = module.elements.iter().find_map(|element| element.component.class.as_deref());
            let scopes = source.map_or_else(Vec::new, |file| declaring(&View::of(project), file, class));
            let mut links: Vec<(Text, Link)> =
                scopes.into_iter().enumerate().map(|(n, file)| (specifier(n), Link::File(file))).collect();
            let names = links.iter().map(|(name, _)| name.clone()).collect();
            links.sort_by(|a, b| a.0.cmp(&b.0));
            let (specifiers, links) = links.into_iter().unzip();
            let mut facts =
                FileFacts { lines: self.lines.clone(), scopes: names, specifiers, ..FileFacts::default() };
            for element in module.elements {
                facts.exports.push(Export::Local { name: element.tag.clone(), local: element.tag.clone() });
                facts.values.push(ValueDeclaration {
                    name: element.tag,
                    range: element.component.range,
                    annotation: None,
                    value: Value::Component(Box::new(element.component)),
                    doc: element.doc,
                });
            }
            facts.values.sort_by(|a, b| a.name.cmp(&b.name));
            entries.push(file_id(project.files.len()));
            project.files.push(SourceFile {
                path: self.file.as_str().into(),
                kept: None,
                facts: facts.into(),
                links,
                own: false,
                installed: false,
            });
        }
        entries
    }
}

/// The specifier by which what a manifest says refers to a file of its element's class; sorted as they are counted.
fn specifier(n: usize) -> Text {
    format!("class {n}").into()
}

/// The file that declares a module's class, which may be another than the module, and those of the classes that it
/// extends.
fn declaring(project: &View<'_>, module: FileId, class: Option<&str>) -> Vec<FileId> {
    let mut binding = class
        .and_then(|class| project.declared_in(module, class))
        .or_else(|| project.export(module, "default"));
    let mut files = Vec::new();
    while let Some(Binding::Local { file, name }) = binding
        && files.len() < MOST_BASES
    {
        if !files.contains(&file) {
            files.push(file);
        }
        let Some(Value::Class(class)) =
            project.facts(file).value_named(name).map(|declaration| &declaration.value)
        else {
            break;
        };
        let Some(Value::Path(base, _)) = &class.base else { break };
        let [base] = &**base else { break };
        if **base == *name {
            break;
        }
        binding = project.declared_in(file, base);
    }
    if files.is_empty() {
        files.push(module);
    }
    files
}

/// The file that a module of a manifest stands for: its source, or the declarations built from it.
fn source_of(linker: &mut Linker, path: &str, package: &str, folder: &str) -> Option<String> {
    let path = path.trim_start_matches(['.', '/']);
    // Without its extension, it is found as source, as declarations or as what was built.
    let path = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let mut candidates =
        vec![joined(package, path), joined(&joined(package, "src")?, path), joined(folder, path)];
    if let Some(rest) = path.strip_prefix("src/") {
        candidates.extend(BUILT_FOLDERS.map(|built| joined(package, &format!("{built}/{rest}"))));
    }
    candidates.into_iter().flatten().filter(|path| !path.is_empty()).find_map(|path| linker.script_at(&path))
}

fn missing(candidates: &[String]) -> Diagnostic {
    Diagnostic {
        file: candidates.first().cloned().unwrap_or_default(),
        place: None,
        severity: DiagnosticSeverity::Error,
        code: "no-elements-manifest".to_owned(),
        message: "there is no manifest of the package's custom elements".to_owned(),
        hint: Some(
            "generate one (`npx custom-elements-manifest analyze`), or name it as `customElements` in package.json"
                .to_owned(),
        ),
    }
}

fn place_of(text: &str, line: usize, column: usize) -> TextPlace {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = (start + column.saturating_sub(1)).min(text.len());
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    TextPlace::of(text, at, at)
}
