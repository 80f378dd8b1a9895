//! The types of values: `typeof x`, and constants that defaults refer to.

use std::rc::Rc;

use super::{
    Binding, DefaultSource, Evaluator, FileId, Object, PlaceKind, Property, PropertyPlace, Scope,
    ty::{Callable, LiteralOrigin, LiteralTy, LiteralValue, Thunk, Ty},
};
use crate::{
    facts::{Literal, ObjectMember, Text, TypeBody, Value, ValueDeclaration},
    model::DeclarationForm,
    react,
};

impl<'p> Evaluator<'p> {
    /// The type of `a.b.c` in a file.
    pub(super) fn path_ty(&self, path: &'p [Text], file: FileId) -> Ty<'p> {
        let Some((first, rest)) = path.split_first() else { return Ty::Never };
        match self.project.lookup(file, first) {
            Some(binding) => self.bound_value(binding, rest),
            None => Ty::unresolved(format!("`{}` is declared nowhere", path.join("."))),
        }
    }

    fn bound_value(&self, binding: Binding<'p>, rest: &'p [Text]) -> Ty<'p> {
        match binding {
            Binding::Local { file, name } => {
                if let [key, after @ ..] = rest
                    && !after.is_empty()
                    && let Some((Value::Path(path, _), place)) = self.part(file, name, key)
                    && let [local] = &**path
                    && let Some(binding) = self.project.lookup(place, local)
                {
                    return self.guarded(|| self.bound_value(binding, after));
                }
                let ty = self.guarded(|| self.named_value(file, name));
                rest.iter().fold(ty, |ty, key| self.member_ty(file, name, &ty, key))
            }
            Binding::Namespace(file) => match rest.split_first() {
                Some((name, rest)) => match self.project.export(file, name) {
                    Some(binding) => self.bound_value(binding, rest),
                    None => Ty::unresolved(format!(
                        "`{name}` is not exported by {}",
                        self.project.file(file).path
                    )),
                },
                None => self.namespace_ty(file),
            },
            Binding::External { specifier, name } => {
                let mut full: Vec<&str> = name.into_iter().collect();
                full.extend(rest.iter().map(|part| &**part));
                Ty::unresolved(format!("`{}` of `{specifier}`, which is not installed", full.join(".")))
            }
        }
    }

    /// A module as an object: `typeof import('./sizes')`.
    fn namespace_ty(&self, file: FileId) -> Ty<'p> {
        let mut object = Object::default();
        for (name, binding) in self.project.exports(file) {
            if let Binding::Local { file, name: local } = binding
                && let Some(declaration) = self.project.facts(file).value_named(local)
            {
                object.properties.insert(name, Property::of(declared_thunk(declaration, file)));
            }
        }
        Ty::Object(Rc::new(object))
    }

    fn named_value(&self, file: FileId, name: &'p str) -> Ty<'p> {
        let facts = self.project.facts(file);
        if let Some(declaration) = facts.value_named(name) {
            return self.force(&declared_thunk(declaration, file));
        }
        for declaration in facts.types_named(name) {
            if let TypeBody::Enum(members) = &declaration.body {
                let all = self.enumeration(members, file);
                let mut object = Object::default();
                for (member, ty) in members.iter().zip(all.members()) {
                    object.properties.insert(&member.name, Property::of(Thunk::ready(ty.clone())));
                }
                return Ty::Object(Rc::new(object));
            }
        }
        Ty::unresolved(format!("`{name}` has no value in {}", self.project.file(file).path))
    }

    /// A part that a component was made with: `Object.assign(Card, { Header })`.
    fn part(&self, file: FileId, owner: &str, key: &str) -> Option<(&'p Value, FileId)> {
        let declaration = self.project.facts(file).value_named(owner)?;
        let shape = react::component_of(self, &declaration.value, file)?;
        let part = shape.parts.into_iter().find(|(name, ..)| *name == key);
        part.map(|(_, value, file)| (value, file))
    }

    /// A member of a value: of an object, or a part of a component (`Card.Header = …`).
    fn member_ty(&self, file: FileId, owner: &str, of: &Ty<'p>, key: &'p Text) -> Ty<'p> {
        if let Ty::Object(object) = of
            && let Some(property) = object.properties.get(&**key)
        {
            return self.force(&property.ty);
        }
        let members = &self.project.facts(file).members;
        if let Some(assigned) = members.iter().find(|member| &*member.owner == owner && member.member == *key)
        {
            return self.force(&Thunk::Value { value: &assigned.value, file, constant: false });
        }
        if let Some((value, file)) = self.part(file, owner, key) {
            return self.force(&Thunk::Value { value, file, constant: false });
        }
        match of {
            Ty::Unresolved(reason) => Ty::Unresolved(reason.clone()),
            _ => Ty::unresolved(format!("`{owner}.{key}` is not known")),
        }
    }

    /// The type of a value. `constant`: within `as const`, where literals keep their own types.
    pub(super) fn value_ty(&self, value: &'p Value, file: FileId, constant: bool) -> Ty<'p> {
        match value {
            Value::Literal(literal, range) if constant => Ty::Literal(LiteralTy {
                value: literal.into(),
                origin: Some(LiteralOrigin {
                    file,
                    range: *range,
                    form: DeclarationForm::ConstObject,
                    index: 0,
                    count: 1,
                    body: None,
                }),
            }),
            Value::Literal(Literal::String(_), _) => Ty::String,
            Value::Literal(Literal::Number(_), _) => Ty::Number,
            Value::Literal(Literal::Boolean(_), _) => Ty::Boolean,
            Value::Null(_) | Value::Undefined(_) => Ty::Nothing,
            Value::Const(inner) => self.value_ty(inner, file, true),
            Value::As(_, ty) => self.ty(ty, &Scope::top(file)),
            Value::Path(path, _) => self.path_ty(path, file),
            Value::Object(members, _) => Ty::Object(Rc::new(self.object_value(members, file, constant))),
            Value::Array(elements, _) => self.array(elements, file, constant),
            Value::Spread(inner) => self.value_ty(inner, file, constant),
            Value::Call(call) => {
                if let Some(variants) = self.variants(call, file) {
                    return Ty::Variants(Rc::new(variants));
                }
                if let Some([object, freeze]) = callee_path(&call.callee)
                    && (&**object, &**freeze) == ("Object", "freeze")
                    && let Some(frozen) = call.arguments.first()
                {
                    return self.value_ty(frozen, file, constant);
                }
                match react::component_of(self, value, file) {
                    Some(shape) => Ty::Component(Rc::new(shape.props_thunk())),
                    None => Ty::unresolved("the result of a call"),
                }
            }
            Value::Function(function) => match react::component_of(self, value, file) {
                Some(shape) => Ty::Component(Rc::new(shape.props_thunk())),
                None => Ty::Function(Callable { signature: None, function: Some((function, file)) }),
            },
            Value::Class(_) | Value::Component(_) => match react::component_of(self, value, file) {
                Some(shape) => Ty::Component(Rc::new(shape.props_thunk())),
                None => Ty::Opaque("a class".into()),
            },
            Value::Other(_) => Ty::unresolved("the value of an expression that is computed"),
        }
    }

    fn object_value(&self, members: &'p [ObjectMember], file: FileId, constant: bool) -> Object<'p> {
        let mut object = Object::default();
        let count = members.len();
        for (index, member) in members.iter().enumerate() {
            match member {
                ObjectMember::Property { key, key_range, range, value, doc } => {
                    let place = PropertyPlace {
                        file,
                        range: *range,
                        key: *key_range,
                        owner: "",
                        index,
                        count,
                        kind: PlaceKind::Value,
                    };
                    let ty = match value {
                        Value::Literal(literal, range) if constant => literal_of(
                            literal,
                            LiteralOrigin {
                                file,
                                range: *range,
                                form: DeclarationForm::ConstObject,
                                index,
                                count,
                                body: None,
                            },
                        ),
                        Value::Const(inner) => match &**inner {
                            Value::Literal(literal, range) => literal_of(
                                literal,
                                LiteralOrigin {
                                    file,
                                    range: *range,
                                    form: DeclarationForm::ConstObject,
                                    index,
                                    count,
                                    body: None,
                                },
                            ),
                            _ => Thunk::Value { value, file, constant },
                        },
                        _ => Thunk::Value { value, file, constant },
                    };
                    object.properties.insert(
                        key,
                        Property { place: Some(place), doc: doc.as_deref(), ..Property::of(ty) },
                    );
                }
                ObjectMember::Spread(value) => match self.guarded(|| self.value_ty(value, file, constant)) {
                    Ty::Object(spread) => {
                        for (name, property) in &spread.properties {
                            object.properties.insert(name, property.clone());
                        }
                        for reason in &spread.open {
                            object.open_because(reason.clone());
                        }
                    }
                    Ty::Unresolved(reason) => object.open_because(reason),
                    _ => object.open_because("a spread of something that is no object".into()),
                },
                ObjectMember::Computed => object.open_because("a key that is computed".into()),
            }
        }
        object
    }

    fn array(&self, elements: &'p [Value], file: FileId, constant: bool) -> Ty<'p> {
        let count = elements.len();
        let mut thunks = Vec::with_capacity(count);
        for (index, element) in elements.iter().enumerate() {
            match element {
                Value::Literal(literal, range) if constant => thunks.push(literal_of(
                    literal,
                    LiteralOrigin {
                        file,
                        range: *range,
                        form: DeclarationForm::ConstArray,
                        index,
                        count,
                        body: None,
                    },
                )),
                Value::Spread(inner) => match self.guarded(|| self.value_ty(inner, file, constant)) {
                    Ty::List(inner) => thunks.extend(inner.iter().cloned()),
                    Ty::Unresolved(reason) => thunks.push(Thunk::ready(Ty::Unresolved(reason))),
                    _ => thunks.push(Thunk::ready(Ty::unresolved("a spread of something that is no array"))),
                },
                other => thunks.push(Thunk::Value { value: other, file, constant }),
            }
        }
        Ty::List(thunks.into())
    }

    /// The literal that an expression comes to: written there, or a constant's member (`Size.Default`).
    pub fn literal(&self, source: DefaultSource<'p>) -> Option<LiteralValue<'p>> {
        match source.value {
            Value::Literal(literal, _) => Some(literal.into()),
            Value::Const(inner) | Value::As(inner, _) => {
                self.literal(DefaultSource { value: inner, file: source.file })
            }
            Value::Path(path, _) => {
                let (value, file) = self.followed(path, source.file)?;
                match value {
                    Followed::Value(value) => match value {
                        Value::Literal(literal, _) => Some(literal.into()),
                        Value::Const(inner) | Value::As(inner, _) => {
                            self.literal(DefaultSource { value: inner, file })
                        }
                        // A chain of constants is followed by the same rule, within the limits.
                        Value::Path(..) => {
                            match self.guarded(|| match self.literal(DefaultSource { value, file }) {
                                Some(value) => Ty::Literal(LiteralTy { value, origin: None }),
                                None => Ty::Never,
                            }) {
                                Ty::Literal(literal) => Some(literal.value),
                                _ => None,
                            }
                        }
                        _ => None,
                    },
                    Followed::Literal(literal) => Some(literal.into()),
                }
            }
            _ => None,
        }
    }

    /// The literal that `Size.Default` in a comment names, seen from a file.
    pub fn named_literal(&self, text: &'p str, file: FileId) -> Option<LiteralValue<'p>> {
        let (owner, member) = text.split_once('.')?;
        let Binding::Local { file, name } = self.project.lookup(file, owner)? else { return None };
        let Ty::Object(object) = self.guarded(|| self.named_value(file, name)) else { return None };
        match self.force(&object.properties.get(member)?.ty) {
            Ty::Literal(literal) => Some(literal.value),
            _ => None,
        }
    }

    /// The value that `a.b.c` leads to, and the file in which it stands.
    pub(super) fn followed(&self, path: &'p [Text], file: FileId) -> Option<(Followed<'p>, FileId)> {
        let (first, mut rest) = path.split_first()?;
        let mut binding = self.project.lookup(file, first)?;
        loop {
            match binding {
                Binding::Namespace(target) => {
                    let (name, after) = rest.split_first()?;
                    binding = self.project.export(target, name)?;
                    rest = after;
                }
                Binding::Local { file, name } => {
                    let facts = self.project.facts(file);
                    if let Some(declaration) = facts.value_named(name) {
                        return self.within(&declaration.value, rest, file, 0);
                    }
                    let [member] = rest else { return None };
                    return facts.types_named(name).iter().find_map(|declaration| match &declaration.body {
                        TypeBody::Enum(members) => {
                            let found = members.iter().find(|known| known.name == *member)?;
                            Some((Followed::Literal(found.value.as_ref()?), file))
                        }
                        _ => None,
                    });
                }
                Binding::External { .. } => return None,
            }
        }
    }

    /// The expression that `a.b.c` leads to, and the file in which it stands.
    pub fn value_at(&self, path: &'p [Text], file: FileId) -> Option<(&'p Value, FileId)> {
        if let [owner, member] = path
            && let Some(Binding::Local { file, name }) = self.project.lookup(file, owner)
        {
            let members = &self.project.facts(file).members;
            if let Some(assigned) =
                members.iter().find(|known| &*known.owner == name && known.member == *member)
            {
                return Some((&assigned.value, file));
            }
        }
        match self.followed(path, file)? {
            (Followed::Value(value), file) => Some((value, file)),
            (Followed::Literal(_), _) => None,
        }
    }

    fn within(
        &self,
        value: &'p Value,
        keys: &'p [Text],
        file: FileId,
        depth: usize,
    ) -> Option<(Followed<'p>, FileId)> {
        const DEEPEST: usize = 24;
        if depth > DEEPEST {
            return None;
        }
        let Some((key, rest)) = keys.split_first() else { return Some((Followed::Value(value), file)) };
        match value {
            Value::Const(inner) | Value::As(inner, _) => self.within(inner, keys, file, depth + 1),
            Value::Object(members, _) => members.iter().rev().find_map(|member| match member {
                ObjectMember::Property { key: known, value, .. } if known == key => {
                    self.within(value, rest, file, depth + 1)
                }
                ObjectMember::Spread(spread) => self.within(spread, keys, file, depth + 1),
                _ => None,
            }),
            Value::Path(path, _) => match self.followed_guarded(path, file, depth)? {
                (Followed::Value(value), file) => self.within(value, keys, file, depth + 1),
                (Followed::Literal(_), _) => None,
            },
            _ => None,
        }
    }

    fn followed_guarded(
        &self,
        path: &'p [Text],
        file: FileId,
        depth: usize,
    ) -> Option<(Followed<'p>, FileId)> {
        let mut found = None;
        self.guarded(|| {
            found = (depth < 24).then(|| self.followed(path, file)).flatten();
            Ty::Never
        });
        found
    }
}

/// Where a path of names leads.
pub(super) enum Followed<'p> {
    Value(&'p Value),
    /// The value of an `enum`'s member.
    Literal(&'p Literal),
}

fn literal_of<'p>(literal: &'p Literal, origin: LiteralOrigin<'p>) -> Thunk<'p> {
    Thunk::ready(Ty::Literal(LiteralTy { value: literal.into(), origin: Some(origin) }))
}

/// The type of a declared value: its annotation, or its initialiser's type. A primitive constant is its literal.
fn declared_thunk(declaration: &ValueDeclaration, file: FileId) -> Thunk<'_> {
    match &declaration.annotation {
        Some(annotation) => Thunk::Type(annotation, Scope::top(file)),
        None => {
            let constant = matches!(declaration.value, Value::Literal(..));
            Thunk::Value { value: &declaration.value, file, constant }
        }
    }
}

/// The names of a callee that is a path.
pub(crate) fn callee_path(callee: &Value) -> Option<&[Text]> {
    match callee {
        Value::Path(path, _) => Some(path),
        // `(forwardRef as forwardRefType)(…)`
        Value::As(inner, _) | Value::Const(inner) => callee_path(inner),
        _ => None,
    }
}
