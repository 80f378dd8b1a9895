//! Literal values of exported constants: what stories refer to in other files.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::{
    facts::{Literal, ObjectMember, Text, TypeBody, Value},
    resolve::{Binding, FileId, Project, View},
};

/// How deep references and nesting are followed.
const DEPTH: u32 = 32;
/// How many values are looked at for one constant.
const STEPS: u32 = 10_000;

/// Looks up exported constants of a project.
pub(super) struct Constants<'p> {
    project: &'p View<'p>,
    files: HashMap<&'p str, FileId>,
}

impl<'p> Constants<'p> {
    pub fn of(all: &'p Project, project: &'p View<'p>) -> Self {
        let files = all.files.iter().enumerate();
        Self {
            project,
            files: files.map(|(index, file)| (file.path.as_str(), super::file_id(index))).collect(),
        }
    }

    /// The file that declares what a file exports under a name.
    pub fn declaring_file(&self, file: &str, export: &str) -> Option<String> {
        let file = *self.files.get(file)?;
        match self.project.export(file, export)? {
            Binding::Local { file, .. } | Binding::Namespace(file) => {
                Some(self.project.file(file).path.to_string())
            }
            Binding::External { .. } => None,
        }
    }

    /// The value of `export.member…` of a file, where all of it is literal.
    pub fn value(&self, file: &str, path: &[String]) -> Option<Json> {
        let file = *self.files.get(file)?;
        let (export, members) = path.split_first()?;
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        let mut lookup = Lookup { project: self.project, steps: STEPS };
        lookup.bound(self.project.export(file, export)?, &members, DEPTH)
    }
}

struct Lookup<'p> {
    project: &'p View<'p>,
    steps: u32,
}

impl<'p> Lookup<'p> {
    fn bound(&mut self, binding: Binding<'p>, members: &[&str], depth: u32) -> Option<Json> {
        let depth = depth.checked_sub(1)?;
        self.steps = self.steps.checked_sub(1)?;
        match binding {
            Binding::Local { file, name } => {
                let facts = self.project.facts(file);
                if let Some(declaration) = facts.value_named(name) {
                    return self.member(&declaration.value, file, members, depth);
                }
                let [member] = members else { return None };
                facts.types_named(name).iter().find_map(|declaration| match &declaration.body {
                    TypeBody::Enum(all) => {
                        json_of(all.iter().find(|known| &*known.name == *member)?.value.as_ref()?)
                    }
                    _ => None,
                })
            }
            Binding::Namespace(file) => {
                let (name, rest) = members.split_first()?;
                // The export is looked up by the spelling that the file itself has, which lives long enough.
                let exports = self.project.exports(file);
                let (_, binding) = exports.into_iter().find(|(known, _)| known == name)?;
                self.bound(binding, rest, depth)
            }
            Binding::External { .. } => None,
        }
    }

    fn member(&mut self, value: &'p Value, file: FileId, members: &[&str], depth: u32) -> Option<Json> {
        let depth = depth.checked_sub(1)?;
        self.steps = self.steps.checked_sub(1)?;
        match value {
            Value::Const(inner) | Value::As(inner, _) => self.member(inner, file, members, depth),
            Value::Path(path, _) => {
                let (root, rest) = path.split_first()?;
                let joined: Vec<&str> =
                    rest.iter().map(|part: &Text| &**part).chain(members.iter().copied()).collect();
                self.bound(self.project.lookup(file, root)?, &joined, depth)
            }
            Value::Object(parts, _) => match members.split_first() {
                Some((name, rest)) => {
                    // The last one wins; behind a spread or a computed key nothing is certain.
                    for part in parts.iter().rev() {
                        match part {
                            ObjectMember::Property { key, value, .. } if &**key == *name => {
                                return self.member(value, file, rest, depth);
                            }
                            ObjectMember::Property { .. } => {}
                            ObjectMember::Spread(_) | ObjectMember::Computed => return None,
                        }
                    }
                    None
                }
                None => {
                    let mut object = Map::new();
                    for part in parts {
                        match part {
                            ObjectMember::Property { key, value: Value::Undefined(_), .. } => {
                                object.remove(&**key);
                            }
                            ObjectMember::Property { key, value, .. } => {
                                object.insert(key.to_string(), self.member(value, file, &[], depth)?);
                            }
                            ObjectMember::Spread(spread) => match self.member(spread, file, &[], depth)? {
                                Json::Object(more) => object.extend(more),
                                _ => return None,
                            },
                            ObjectMember::Computed => return None,
                        }
                    }
                    Some(Json::Object(object))
                }
            },
            Value::Array(items, _) => match members {
                [] => items
                    .iter()
                    .map(|item| self.member(item, file, &[], depth))
                    .collect::<Option<_>>()
                    .map(Json::Array),
                [index, rest @ ..] => {
                    self.member(items.get(index.parse::<usize>().ok()?)?, file, rest, depth)
                }
            },
            Value::Literal(literal, _) if members.is_empty() => json_of(literal),
            Value::Null(_) if members.is_empty() => Some(Json::Null),
            _ => None,
        }
    }
}

fn json_of(literal: &Literal) -> Option<Json> {
    Some(match literal {
        Literal::String(text) => Json::String(text.to_string()),
        Literal::Boolean(value) => Json::Bool(*value),
        Literal::Number(text) => Json::Number(text.parse().ok()?),
    })
}
