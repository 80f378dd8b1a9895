//! Vue's props as values: `{ size: { type: String as PropType<Size>, default: 'm', validator } }`.

use std::rc::Rc;

use super::{
    DefaultSource, Evaluator, FileId, Object, PlaceKind, Property, PropertyPlace, Scope,
    ty::{Callable, Thunk, Ty},
    value::callee_path,
    variants::member,
};
use crate::facts::{Literal, ObjectMember, Text, Type, Value};

/// Props refer to other files' props through no more steps than this.
const DEEPEST: usize = 16;

impl<'p> Evaluator<'p> {
    /// The props that a value lists: an object of definitions, or an array of names.
    pub fn runtime_props(&self, value: &'p Value, file: FileId) -> Object<'p> {
        self.runtime_props_at(value, file, 0)
    }

    fn runtime_props_at(&self, value: &'p Value, file: FileId, depth: usize) -> Object<'p> {
        let mut object = Object::default();
        if depth > DEEPEST {
            object.open_because("its props refer to others over too many steps".into());
            return object;
        }
        match value {
            Value::Const(inner) | Value::As(inner, _) => {
                return self.runtime_props_at(inner, file, depth + 1);
            }
            Value::Object(members, _) => self.members(members, file, depth, &mut object),
            Value::Array(names, _) => {
                for name in names {
                    if let Value::Literal(Literal::String(name), _) = name {
                        object
                            .properties
                            .insert(name, Property::optional(Thunk::ready(Ty::unresolved("it has no type"))));
                    }
                }
            }
            Value::Path(path, _) => match self.value_at(path, file) {
                Some((value, target)) => return self.runtime_props_at(value, target, depth + 1),
                None => object.open_because(format!("`{}`, which was not found", path.join(".")).into()),
            },
            // Functions that take definitions and give them back, whatever they add to their types.
            Value::Call(call) => match (callee_path(&call.callee).and_then(<[Text]>::last), &*call.arguments)
            {
                (Some(name), [props @ Value::Object(..), ..])
                    if matches!(&**name, "buildProps" | "propsFactory" | "freeze") =>
                {
                    return self.runtime_props_at(props, file, depth + 1);
                }
                (name, _) => {
                    let name = name.map_or("a function", |name| name);
                    object.open_because(format!("its props are made by `{name}`").into());
                }
            },
            _ => object.open_because("its props are computed".into()),
        }
        object
    }

    fn members(&self, members: &'p [ObjectMember], file: FileId, depth: usize, object: &mut Object<'p>) {
        let count = members.len();
        for (index, member) in members.iter().enumerate() {
            match member {
                ObjectMember::Property { key, key_range, range, value, doc } => {
                    let place = PropertyPlace {
                        file,
                        range: *range,
                        key: *key_range,
                        owner: "props",
                        index,
                        count,
                        kind: PlaceKind::Value,
                    };
                    let (ty, default) = self.runtime_definition(value, file);
                    let optional = !self.is_required(value, file);
                    let ty = Thunk::ready(ty);
                    object.properties.insert(
                        key,
                        Property { ty, place: Some(place), doc: doc.as_deref(), default, optional },
                    );
                }
                ObjectMember::Spread(spread) => {
                    let spread = self.runtime_props_at(spread, file, depth + 1);
                    // What is spread replaces what stands before it.
                    for (name, property) in spread.properties {
                        object.properties.insert(name, property);
                    }
                    for reason in spread.open {
                        object.open_because(reason);
                    }
                }
                ObjectMember::Computed => object.open_because("a prop whose name is computed".into()),
            }
        }
    }

    fn is_required(&self, definition: &'p Value, file: FileId) -> bool {
        self.object_members_of(definition, file)
            .and_then(|(members, _)| member(members, "required"))
            .is_some_and(|required| matches!(required, Value::Literal(Literal::Boolean(true), _)))
    }

    /// What one definition says: `String`, `[String, Number]`, `{ type, default, validator }`.
    pub fn runtime_definition(&self, value: &'p Value, file: FileId) -> (Ty<'p>, Option<DefaultSource<'p>>) {
        let Some((members, target)) = self.object_members_of(value, file) else {
            return (self.guarded(|| self.runtime_type(value, file)), None);
        };
        let source = |name: &str| member(members, name).map(|value| DefaultSource { value, file: target });
        let mut ty = match member(members, "type") {
            Some(ty) => self.guarded(|| self.runtime_type(ty, target)),
            None => Ty::Opaque("`any`".into()),
        };
        let lists = ty.members().iter().any(|ty| matches!(ty, Ty::Literal(_)));
        let is_choice = !lists && ty.members().iter().any(|ty| matches!(ty, Ty::String | Ty::Number));
        if is_choice && let Some(validator) = member(members, "validator") {
            let rest = ty.members().iter().filter(|ty| !matches!(ty, Ty::String | Ty::Number)).cloned();
            let admitted = self.guarded(|| self.admitted(validator, target));
            ty = Ty::union(rest.chain([admitted]).collect::<Vec<_>>());
        }
        (ty, source("default"))
    }

    /// The options that a validator lets through.
    fn admitted(&self, validator: &'p Value, file: FileId) -> Ty<'p> {
        let function = match validator {
            Value::Function(function) => Some((function, file)),
            Value::Path(path, _) => match self.value_at(path, file) {
                Some((Value::Function(function), file)) => Some((function, file)),
                _ => None,
            },
            _ => None,
        };
        let computed = || Ty::unresolved("what its validator lets through is computed");
        let Some((function, file)) = function else { return computed() };
        match function.admits.as_ref() {
            Some(list) => match self.listed(list, file) {
                Ty::Unresolved(_) | Ty::Never => computed(),
                listed => listed,
            },
            None => computed(),
        }
    }

    /// The members of a list: an array, or the keys or values of an object.
    fn listed(&self, list: &'p Value, file: FileId) -> Ty<'p> {
        let constant = |value: &'p Value, file| {
            let (value, file) = match value {
                Value::Path(path, _) => self.value_at(path, file).unwrap_or((value, file)),
                other => (other, file),
            };
            self.force(&Thunk::Value { value, file, constant: true })
        };
        if let Value::Call(call) = list
            && let Some([object, method]) = callee_path(&call.callee)
            && &**object == "Object"
            && let Some(of) = call.arguments.first()
            && let ty @ Ty::Object(_) = constant(of, file)
        {
            return match (&**method, ty) {
                ("keys", ty) => self.key_of(&ty),
                ("values", Ty::Object(object)) if object.open.is_empty() => {
                    Ty::union(object.properties.values().map(|property| self.force(&property.ty)))
                }
                _ => Ty::unresolved("a list that is computed"),
            };
        }
        match constant(list, file) {
            Ty::List(elements) => Ty::union(elements.iter().map(|element| self.force(element))),
            _ => Ty::unresolved("a list that is computed"),
        }
    }

    fn runtime_type(&self, value: &'p Value, file: FileId) -> Ty<'p> {
        match value {
            Value::Path(path, _) => match path.last().map(|name| &**name) {
                Some("String") => Ty::String,
                Some("Number") => Ty::Number,
                Some("Boolean") => Ty::Boolean,
                Some("Function") => Ty::Function(Callable::unknown()),
                Some("Array") => Ty::Opaque("a list".into()),
                Some("Object") => Ty::Opaque("an object".into()),
                Some(name @ ("Date" | "Symbol" | "Promise" | "RegExp" | "Map" | "Set" | "File")) => {
                    Ty::Opaque(format!("`{name}`").into())
                }
                _ => match self.value_at(path, file) {
                    Some((target @ (Value::Array(..) | Value::As(..)), file)) => {
                        self.guarded(|| self.runtime_type(target, file))
                    }
                    Some((Value::Class(_) | Value::Function(_), _)) => Ty::Opaque("an object".into()),
                    _ => Ty::unresolved(format!("`{}` as the type of a prop", path.join("."))),
                },
            },
            Value::Array(types, _) => {
                Ty::union(types.iter().map(|ty| self.guarded(|| self.runtime_type(ty, file))))
            }
            Value::As(_, ty) => self.prop_type_argument(ty, file),
            Value::Const(inner) => self.runtime_type(inner, file),
            // `definePropType<T>(String)`
            Value::Call(call) => match call.type_arguments.first() {
                Some(ty) => self.ty(ty, &Scope::top(file)),
                None => Ty::unresolved("the type of a prop that is computed"),
            },
            // `type: null` takes anything, unless a declaration elsewhere says more.
            Value::Null(_) | Value::Undefined(_) => Ty::unresolved("its type is left open (`null`)"),
            _ => Ty::unresolved("the type of a prop that is computed"),
        }
    }

    /// `PropType<T>`, `() => T`.
    fn prop_type_argument(&self, ty: &'p Type, file: FileId) -> Ty<'p> {
        let scope = Scope::top(file);
        match ty {
            Type::Reference { path, arguments } => match (path.last(), arguments.first()) {
                (Some(name), Some(inner)) if &**name == "PropType" => self.ty(inner, &scope),
                _ => self.ty(ty, &scope),
            },
            Type::Function(function) => match &function.returns {
                Some(returns) => self.ty(returns, &scope),
                None => Ty::unresolved("the type of a prop that is computed"),
            },
            other => self.ty(other, &scope),
        }
    }

    /// `ExtractPropTypes<typeof props>`.
    pub(super) fn extracted_props(&self, of: &'p Type, file: FileId) -> Ty<'p> {
        match of {
            Type::Query(path) => match self.value_at(path, file) {
                Some((value, target)) => Ty::Object(Rc::new(self.runtime_props(value, target))),
                None => Ty::unresolved(format!("`{}` is declared nowhere", path.join("."))),
            },
            _ => Ty::unresolved("the props of a type that is computed"),
        }
    }
}
