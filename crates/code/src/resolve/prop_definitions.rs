//! Props written as values: `{ size: { type: 'enum', values: sizes, default: '2' } }`, from which a type is derived.

use std::rc::Rc;

use super::{
    DefaultSource, Evaluator, FileId, Object, Scope,
    ty::{LiteralValue, Thunk, Ty},
    variants::member,
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
        if !matches!(name, "GetPropDefTypes" | "PropDefTypes" | "PropsFromDefs") {
            return None;
        }
        let Ty::Object(definitions) = self.ty(arguments.first()?, scope) else { return None };
        let mut object = Object { open: definitions.open.clone(), ..Object::default() };
        for (name, definition) in &definitions.properties {
            let Thunk::Value { value, file, .. } = definition.ty else { return None };
            let (ty, default) = self.definition(value, file)?;
            let mut property = definition.clone();
            property.ty = Thunk::ready(ty);
            property.default = default.map(|value| DefaultSource { value, file });
            object.properties.insert(name, property);
        }
        Some(Ty::Object(Rc::new(object)))
    }

    fn definition(&self, value: &'p Value, file: FileId) -> Option<(Ty<'p>, Option<&'p Value>)> {
        let members = object_members(value)?;
        let kind = self.literal(DefaultSource { value: member(members, "type")?, file })?;
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
        Some((ty, member(members, "default")))
    }

    fn values(&self, members: &'p [ObjectMember], file: FileId) -> Ty<'p> {
        let Some(values) = member(members, "values") else {
            return Ty::unresolved("a prop definition without values");
        };
        match self.force(&Thunk::Value { value: values, file, constant: true }) {
            Ty::List(elements) => Ty::union(elements.iter().map(|element| self.force(element))),
            Ty::Unresolved(reason) => Ty::Unresolved(reason),
            _ => Ty::unresolved("a prop definition whose values are computed"),
        }
    }
}

fn object_members(value: &Value) -> Option<&[ObjectMember]> {
    match value {
        Value::Object(members, _) => Some(members),
        Value::Const(inner) | Value::As(inner, _) => object_members(inner),
        _ => None,
    }
}
