//! `propTypes`: types written as values, in libraries without TypeScript.

use super::{
    Evaluator, FileId, Object, PlaceKind, Property, PropertyPlace,
    ty::{Callable, LiteralOrigin, Thunk, Ty},
    value::callee_path,
};
use crate::{
    facts::{ObjectMember, Text, Value},
    model::DeclarationForm,
};

impl<'p> Evaluator<'p> {
    /// The props that an object of `PropTypes` lists.
    pub fn prop_types(&self, members: &'p [ObjectMember], file: FileId) -> Object<'p> {
        let mut object = Object::default();
        let count = members.len();
        for (index, member) in members.iter().enumerate() {
            match member {
                ObjectMember::Property { key, key_range, range, value, doc } => {
                    let place = PropertyPlace {
                        file,
                        range: *range,
                        key: *key_range,
                        owner: "propTypes",
                        index,
                        count,
                        kind: PlaceKind::Value,
                    };
                    let ty = Thunk::ready(self.guarded(|| self.prop_type(value, file)));
                    let optional = !is_required(value);
                    let property =
                        Property { place: Some(place), doc: doc.as_deref(), optional, ..Property::of(ty) };
                    object.properties.insert(key, property);
                }
                _ => object.open_because("prop types that are spread or computed".into()),
            }
        }
        object
    }

    fn prop_type(&self, value: &'p Value, file: FileId) -> Ty<'p> {
        match value {
            Value::Path(path, _) => {
                named(path).unwrap_or_else(|| Ty::unresolved("a prop type that is computed"))
            }
            Value::Call(call) => {
                let name = callee_path(&call.callee).and_then(<[Text]>::last).map_or("", |name| &**name);
                match (name, call.arguments.first()) {
                    ("oneOf", Some(options)) => self.one_of(options, file),
                    ("oneOfType", Some(Value::Array(types, _))) => {
                        Ty::union(types.iter().map(|ty| self.guarded(|| self.prop_type(ty, file))))
                    }
                    ("arrayOf" | "objectOf" | "shape" | "exact" | "instanceOf", _) => {
                        Ty::Opaque("an object".into())
                    }
                    _ => Ty::unresolved("a prop type that is computed"),
                }
            }
            _ => Ty::unresolved("a prop type that is computed"),
        }
    }

    fn one_of(&self, options: &'p Value, file: FileId) -> Ty<'p> {
        let Ty::List(elements) = self.force(&Thunk::Value { value: options, file, constant: true }) else {
            return Ty::unresolved("options that are computed");
        };
        Ty::union(elements.iter().map(|element| match self.force(element) {
            Ty::Literal(mut literal) => {
                literal.origin =
                    literal.origin.map(|origin| LiteralOrigin { form: DeclarationForm::PropTypes, ..origin });
                Ty::Literal(literal)
            }
            other => other,
        }))
    }
}

fn is_required(prop_type: &Value) -> bool {
    match prop_type {
        Value::Path(path, _) => path.last().is_some_and(|part| &**part == "isRequired"),
        Value::Call(call) => call.is_required,
        _ => false,
    }
}

fn named<'p>(path: &[Text]) -> Option<Ty<'p>> {
    let name = path.iter().rev().find(|part| &***part != "isRequired")?;
    Some(match &**name {
        "string" => Ty::String,
        "number" => Ty::Number,
        "bool" => Ty::Boolean,
        "node" | "element" | "elementType" => Ty::Slot,
        "func" => Ty::Function(Callable::unknown()),
        "array" | "object" | "any" | "symbol" => Ty::Opaque("an object".into()),
        _ => return None,
    })
}
