//! Props written as values: `{ size: { type: 'enum', values: sizes, default: '2' } }`, from which a type is derived.

use std::rc::Rc;

use super::{
    DefaultSource, Evaluator, FileId, Object, Scope,
    ty::{LiteralValue, Thunk, Ty},
};
use crate::facts::{ObjectMember, Type, Value};

impl<'p> Evaluator<'p> {
    /// A type of this project whose effect on props is known by its name and by the shape of its argument.
    pub(super) fn known_wrapper(
        &self,
        name: &str,
        arguments: &'p [Type],
        scope: &Scope<'p>,
    ) -> Option<Ty<'p>> {
        if !matches!(name, "GetPropDefTypes" | "PropDefTypes" | "PropsFromDefs" | "ExtractProps") {
            return None;
        }
        let definitions = match (name, self.ty(arguments.first()?, scope)) {
            // The props of a component, by a type that infers them.
            ("ExtractProps", component @ Ty::Component(_)) => return Some(self.component_props(&component)),
            ("ExtractProps", _) => return None,
            (_, Ty::Object(definitions)) => definitions,
            _ => return None,
        };
        let mut object = Object { open: definitions.open.clone(), ..Object::default() };
        for (name, definition) in &definitions.properties {
            let (value, file) = written(&definition.ty)?;
            let mut property = definition.clone();
            let known = self
                .object_members_of(value, file)
                .and_then(|(members, file)| self.definition(members, file));
            let (ty, default) =
                known.unwrap_or_else(|| (Ty::unresolved("a prop definition that is computed"), None));
            property.ty = Thunk::ready(ty);
            property.default = default;
            property.optional = true;
            object.properties.insert(name, property);
        }
        Some(Ty::Object(Rc::new(object)))
    }

    fn definition(
        &self,
        members: &'p [ObjectMember],
        file: FileId,
    ) -> Option<(Ty<'p>, Option<DefaultSource<'p>>)> {
        let kind = self.literal(self.member_through(members, file, "type")?)?;
        let LiteralValue::String(kind) = kind else { return None };
        let mut ty = Ty::union(kind.split('|').map(|part| match part.trim() {
            "enum" => self.values(members, file),
            "boolean" => Ty::Boolean,
            // Beside listed values, any string is a way out rather than an option.
            "string" if kind.contains("enum") => Ty::OpenString,
            "string" => Ty::String,
            "number" => Ty::Number,
            "ReactNode" => Ty::Slot,
            other => Ty::unresolved(format!("a prop definition of type `{other}`")),
        }));
        if matches!(ty, Ty::Never) {
            ty = Ty::unresolved("a prop definition without values");
        }
        Some((ty, self.member_through(members, file, "default")))
    }

    fn values(&self, members: &'p [ObjectMember], file: FileId) -> Ty<'p> {
        let Some(values) = self.member_through(members, file, "values") else {
            return Ty::unresolved("a prop definition without values");
        };
        match self.force(&Thunk::Value { value: values.value, file: values.file, constant: true }) {
            Ty::List(elements) => Ty::union(elements.iter().map(|element| self.force(element))),
            Ty::Unresolved(reason) => Ty::Unresolved(reason),
            _ => Ty::unresolved("a prop definition whose values are computed"),
        }
    }

    /// A member of an object literal, also one that comes by a spread.
    fn member_through(
        &self,
        members: &'p [ObjectMember],
        file: FileId,
        name: &str,
    ) -> Option<DefaultSource<'p>> {
        members.iter().rev().find_map(|member| match member {
            ObjectMember::Property { key, value, .. } if &**key == name => {
                Some(DefaultSource { value, file })
            }
            ObjectMember::Spread(spread) => {
                let (members, file) = self.object_members_of(spread, file)?;
                members.iter().rev().find_map(|member| match member {
                    ObjectMember::Property { key, value, .. } if &**key == name => {
                        Some(DefaultSource { value, file })
                    }
                    _ => None,
                })
            }
            _ => None,
        })
    }
}

/// The value behind a type; of one that is stated several times, the first.
fn written<'p>(thunk: &Thunk<'p>) -> Option<(&'p Value, FileId)> {
    match thunk {
        Thunk::Value { value, file, .. } => Some((value, *file)),
        Thunk::Any(all) | Thunk::All(all) => all.iter().find_map(written),
        Thunk::Type(..) | Thunk::Ready(_) => None,
    }
}
