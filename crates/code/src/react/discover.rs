//! Which components a library exports.

use std::collections::hash_map::Entry;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::component::{ComponentShape, component_of, declared_component};
use crate::{
    facts::{DEFAULT_EXPORT, Doc, Export, Range, Value, ValueDeclaration},
    framework::is_component_name,
    resolve::{Binding, Evaluator, FileId, View},
};

/// A component and the name it is exported under.
#[derive(Debug, Clone)]
pub(crate) struct Exported<'p> {
    pub name: String,
    pub file: FileId,
    pub declared: Range,
    pub doc: Option<&'p Doc>,
    pub shape: ComponentShape<'p>,
    pub standing: Standing,
}

/// What decides between the names of one component: of those with one origin, the least stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standing {
    /// What makes the component.
    pub origin: Origin,
    pub rank: Rank,
}

/// A top-level value that a library exports under a name: what components are found from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Root<'p> {
    pub name: String,
    pub file: FileId,
    pub local: &'p str,
    /// Whether it is exported by a module that is exported under a name, and not by itself.
    pub of_module: bool,
}

/// A component is one however often it is exported: the value it is made by tells it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Origin {
    pub file: FileId,
    pub start: u32,
}

/// How good a name is: its own name before another, a name of its own before a part's, short before long.
pub(crate) type Rank = (bool, bool, usize, String);

/// What the entries export that may be a component. `is_name` says which names components have.
pub(crate) fn roots<'p>(view: &View<'p>, entries: &[FileId], is_name: fn(&str) -> bool) -> Vec<Root<'p>> {
    let mut roots = Roots { view, is_name, found: Vec::new() };
    let mut seen = HashSet::new();
    for entry in entries {
        let mut exports = Vec::new();
        view.collect_exports(*entry, &mut seen, &mut |owner, export| exports.push((owner, export)));
        for (owner, export) in exports {
            roots.export(owner, export);
        }
    }
    let mut known = HashSet::new();
    roots.found.retain(|root| known.insert(root.clone()));
    roots.found
}

struct Roots<'v, 'p> {
    view: &'v View<'p>,
    is_name: fn(&str) -> bool,
    found: Vec<Root<'p>>,
}

impl<'p> Roots<'_, 'p> {
    fn export(&mut self, owner: FileId, export: &'p Export) {
        let (Export::Local { name, .. } | Export::From { name, .. }) = export else { return };
        let Some(binding) = self.view.export(owner, name) else { return };
        let name = if &**name == "default" { self.default_name(owner, binding) } else { name.to_string() };
        if !(self.is_name)(&name) {
            return;
        }
        match binding {
            Binding::Local { file, name: local } => self.add(name, file, local, false),
            Binding::Namespace(file) => {
                for (part, binding) in self.view.exports(file) {
                    if is_component_name(part)
                        && let Binding::Local { file, name: local } = binding
                    {
                        self.add(format!("{name}.{part}"), file, local, true);
                    }
                }
            }
            Binding::External { .. } => {}
        }
    }

    fn add(&mut self, name: String, file: FileId, local: &'p str, of_module: bool) {
        self.found.push(Root { name, file, local, of_module });
    }

    /// A default export is called as it is declared; an anonymous one, as its file.
    fn default_name(&self, owner: FileId, binding: Binding<'p>) -> String {
        match binding {
            Binding::Local { name, .. } if name != DEFAULT_EXPORT => name.to_owned(),
            Binding::Local { file, .. } => file_name(&self.view.file(file).path),
            _ => file_name(&self.view.file(owner).path),
        }
    }
}

/// The components that a root is or comes with: of each, the best of its names.
pub(crate) fn found_from<'p>(evaluator: &Evaluator<'p>, root: &Root<'p>) -> Vec<Exported<'p>> {
    let mut found: Vec<Exported<'p>> = Vec::new();
    let mut places: HashMap<Origin, usize> = HashMap::new();
    let mut add = |exported: Exported<'p>| match places.entry(exported.standing.origin) {
        Entry::Occupied(at) if found[*at.get()].standing <= exported.standing => {}
        Entry::Occupied(at) => found[*at.get()] = exported,
        Entry::Vacant(vacant) => {
            vacant.insert(found.len());
            found.push(exported);
        }
    };
    let mut discovery = Discovery { evaluator, project: &evaluator.project, found: &mut add };
    let way = if root.of_module { Way::Module } else { Way::Export };
    discovery.binding(&root.name, Binding::Local { file: root.file, name: root.local }, way);
    found
}

/// How a component is come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By an export of its own.
    Export,
    /// By a module that is exported under a name.
    Module,
    /// As a part of another component.
    Part,
}

/// The components that a top-level value of a file is or comes with, under every name: the path to it behind the
/// value's own (`""`, `.Header`), the file that declares it, and where.
pub(crate) fn denoted<'p>(
    evaluator: &Evaluator<'p>,
    file: FileId,
    name: &'p str,
) -> Vec<(String, FileId, Range)> {
    let mut found = Vec::new();
    let mut add = |exported: Exported<'p>| {
        let path = exported.name.strip_prefix(VALUE).unwrap_or_default().to_owned();
        found.push((path, exported.file, exported.declared));
    };
    let mut discovery = Discovery { evaluator, project: &evaluator.project, found: &mut add };
    discovery.binding(VALUE, Binding::Local { file, name }, Way::Export);
    found
}

/// What stands for the name of a value, which its users choose.
const VALUE: &str = "_";

struct Discovery<'e, 'p> {
    evaluator: &'e Evaluator<'p>,
    project: &'e View<'p>,
    /// What takes note of each component, under each of its names.
    found: &'e mut dyn FnMut(Exported<'p>),
}

impl<'p> Discovery<'_, 'p> {
    fn binding(&mut self, name: &str, binding: Binding<'p>, way: Way) {
        match binding {
            // What somebody else publishes is no component of this library, even where it exports it again.
            Binding::Local { file, .. } if self.project.file(file).installed => {}
            Binding::Local { file, name: local } => {
                let Some(declaration) = self.project.facts(file).value_named(local) else { return };
                let (origin, made) = self.made_by(declaration, file);
                self.evaluator.restart();
                let Some(shape) = declared_component(self.evaluator, declaration, file) else { return };
                let parts = shape.parts.clone();
                let members = self.project.facts(file).members.iter();
                let assigned = members
                    .filter(|assigned| &*assigned.owner == local && is_component_name(&assigned.member))
                    .map(|assigned| (&*assigned.member, &assigned.value, file));
                let exported = Exported {
                    name: name.to_owned(),
                    file: origin.file,
                    declared: made.range,
                    doc: declaration.doc.as_deref().or(made.doc.as_deref()),
                    shape,
                    standing: Standing { origin, rank: rank(name, &made.name, way != Way::Export) },
                };
                self.add(exported);
                for (part, value, file) in parts.into_iter().chain(assigned) {
                    self.part(name, part, value, file);
                }
            }
            Binding::Namespace(file) => {
                if name.contains('.') {
                    return;
                }
                for (part, binding) in self.project.exports(file) {
                    if is_component_name(part) && !matches!(binding, Binding::Namespace(_)) {
                        self.binding(&format!("{name}.{part}"), binding, Way::Module);
                    }
                }
            }
            Binding::External { .. } => {}
        }
    }

    /// `Card.Header`: a part that comes with a component.
    fn part(&mut self, owner: &str, part: &str, value: &'p Value, file: FileId) {
        let name = format!("{owner}.{part}");
        if let Value::Path(path, _) = value
            && let [local] = &**path
            && let Some(binding) = self.project.lookup(file, local)
        {
            // A part of a part is listed, a cycle of parts is not.
            if owner.matches('.').count() < 2 {
                self.binding(&name, binding, Way::Part);
            }
            return;
        }
        let Some(shape) = component_of(self.evaluator, value, file) else { return };
        let declared = value.range();
        let origin = Origin { file, start: declared.start };
        let standing = Standing { origin, rank: rank(&name, part, true) };
        self.add(Exported { name, file, declared, doc: None, shape, standing });
    }

    fn add(&mut self, exported: Exported<'p>) {
        (self.found)(exported);
    }

    /// The declaration that makes the value, where one declaration is another name of a second.
    fn made_by(&self, declaration: &'p ValueDeclaration, file: FileId) -> (Origin, &'p ValueDeclaration) {
        const LONGEST_CHAIN: usize = 16;
        let (mut declaration, mut file) = (declaration, file);
        for _ in 0..LONGEST_CHAIN {
            let Value::Path(path, _) = &declaration.value else { break };
            let [name] = &**path else { break };
            let Some(Binding::Local { file: next, name }) = self.project.lookup(file, name) else { break };
            let Some(target) = self.project.facts(next).value_named(name) else { break };
            (declaration, file) = (target, next);
        }
        (Origin { file, start: declaration.value.range().start }, declaration)
    }
}

fn rank(name: &str, declared_as: &str, is_part: bool) -> Rank {
    (is_part, name != declared_as, name.len(), name.to_owned())
}

fn file_name(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split('.').next().unwrap_or(file);
    if stem != "index" {
        return stem.to_owned();
    }
    path.rsplit('/').nth(1).unwrap_or(stem).to_owned()
}
