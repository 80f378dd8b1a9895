//! By which names each file of the workspace knows a property's component, its heirs and their props types.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::contract::PropertyName;
use oxc_allocator::Allocator;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    mentions::owner_of,
    session::Session,
    syntax::{Source, span_of},
};
use crate::model::{Place, ScannedComponent};

/// The names of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// Of the component and of those that inherit the property: `Button`, `UI.Button`, `Card.Header`.
    pub(super) components: BTreeSet<String>,
    /// Of the types that declare the property or inherit it.
    pub(super) types: BTreeSet<String>,
}

/// The files that may use a property.
pub(super) fn names(session: &Session<'_>, property: &PropertyName) -> BTreeMap<String, Names> {
    let mut files: BTreeMap<String, Names> = BTreeMap::new();
    for relative in session.relatives(property) {
        for (file, known) in session.users_of(relative) {
            files.entry(file).or_default().components.extend(known);
        }
        let beside = relative.stories.iter().map(|story| &story.declared);
        for place in beside.chain(relative.connections.iter().map(|connection| &connection.declared)) {
            let names = files.entry(place.file.to_string()).or_default();
            if names.components.is_empty() {
                names.components.insert(relative.component.name.clone());
            }
        }
        for (file, types) in types(session, relative.component, property) {
            files.entry(file).or_default().types.extend(types);
        }
    }
    files
}

/// The files that know the types which give a component a property, with their names there.
fn types(
    session: &Session<'_>,
    component: &ScannedComponent,
    property: &PropertyName,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let declared = component.origins.get(property).map(|origin| &origin.declared);
    for place in declared.into_iter().chain(&component.props_type) {
        let allocator = Allocator::default();
        let Ok(source) = session.source(&allocator, place) else { continue };
        let Some(owner) = owner_of(&source, span_of(place)) else { continue };
        for file in [place.file.as_str(), component.declared.file.as_str()] {
            files.entry(file.to_owned()).or_default().insert(owner.to_owned());
        }
        for (file, known) in session.type_users(place.file.as_str(), owner) {
            files.entry(file).or_default().extend(known);
        }
    }
    files
}

impl Names {
    /// Whether a type is one of the props types, or made of one.
    pub(super) fn is_props(&self, source: &Source<'_>, ty: &TSType<'_>) -> bool {
        self.is_props_within(source, ty, 8)
    }

    fn is_props_within(&self, source: &Source<'_>, ty: &TSType<'_>, depth: u8) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        match ty {
            TSType::TSTypeReference(reference) => {
                let name = source.slice(reference.type_name.span());
                if self.types.contains(name) {
                    return true;
                }
                let first = reference.type_arguments.as_ref().and_then(|arguments| arguments.params.first());
                match (name.rsplit('.').next().unwrap_or(name), first) {
                    (
                        "ComponentProps" | "ComponentPropsWithoutRef" | "ComponentPropsWithRef",
                        Some(first),
                    ) => {
                        matches!(first, TSType::TSTypeQuery(query)
                            if self.components.contains(source.slice(query.expr_name.span())))
                    }
                    (
                        "Partial" | "Required" | "Readonly" | "Omit" | "Pick" | "Array" | "ReadonlyArray"
                        | "PropsWithChildren" | "PropsWithRef" | "NonNullable",
                        Some(first),
                    ) => self.is_props_within(source, first, depth),
                    _ => false,
                }
            }
            TSType::TSArrayType(array) => self.is_props_within(source, &array.element_type, depth),
            TSType::TSTypeOperatorType(operator) => {
                self.is_props_within(source, &operator.type_annotation, depth)
            }
            TSType::TSIntersectionType(all) => {
                all.types.iter().any(|member| self.is_props_within(source, member, depth))
            }
            TSType::TSParenthesizedType(inner) => self.is_props_within(source, &inner.type_annotation, depth),
            _ => false,
        }
    }

    /// Whether a name that an element or a call is made with is one of the components, and nothing in between bears
    /// the name.
    pub(super) fn is_component(&self, source: &Source<'_>, name: Span) -> bool {
        let text = source.slice(name);
        self.components.contains(text) && !is_shadowed(source, text, name)
    }
}

/// Whether a function or block around a use declares the name itself.
fn is_shadowed(source: &Source<'_>, name: &str, used: Span) -> bool {
    let root = name.split('.').next().unwrap_or(name);
    let others = source.nodes.iter().filter_map(|node| node.as_binding_identifier());
    others.filter(|other| other.name == root).any(|other| {
        let around = source.chain(other.span).into_iter().rev().find(|node| {
            matches!(
                node,
                AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) | AstKind::BlockStatement(_)
            ) && !names_itself(node, other.span)
        });
        around.is_some_and(|scope| scope.span().contains_inclusive(used))
    })
}

/// A function's own name belongs to what is around it.
fn names_itself(node: &AstKind<'_>, name: Span) -> bool {
    matches!(node, AstKind::Function(function) if function.id.as_ref().is_some_and(|id| id.span == name))
}

/// A place that stands for a file as a whole.
pub(super) fn whole_file(file: &str) -> Place {
    Place { file: file.into(), start: 0, end: 0, line: 1 }
}
