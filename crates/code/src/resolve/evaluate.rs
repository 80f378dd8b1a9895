//! Evaluation of type expressions.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use foldhash::HashMap;
use oxc_allocator::Allocator;

use super::{
    Binding, FileId, Object, Property, PropertyPlace, Scope, View,
    object::{PlaceKind, joined},
    seen::MadeFrom,
    ty::{Callable, LiteralOrigin, LiteralTy, LiteralValue, Thunk, Ty},
};
use crate::{
    facts::{Call, Keyword, ObjectType, Text, Type, TypeBody, TypeDeclaration, TypeParameter},
    model::DeclarationForm,
};

/// Types that refer to each other over more steps than this are unresolved.
const MAX_DEPTH: usize = 120;
/// One component may cost this many evaluations, and one of its properties half of that.
const MAX_STEPS: usize = 200_000;
/// What a property may cost also when others have used up everything: one hostile type says nothing of the rest.
const LEAST_STEPS: usize = 1_000;

/// Evaluates types over a project. One per thread: it remembers what it evaluated.
pub(crate) struct Evaluator<'p> {
    pub project: View<'p>,
    /// Where texts are kept that are written nowhere: what template literal types come to.
    texts: &'p Allocator,
    depth: Cell<usize>,
    steps: Cell<usize>,
    /// How many steps may have been taken before evaluation stops.
    allowed: Cell<usize>,
    /// Whether a limit was met since it was last cleared: such results are not remembered.
    limited: Cell<bool>,
    remembered: RefCell<HashMap<*const TypeDeclaration, (Ty<'p>, MadeFrom)>>,
    /// The props of components that a call makes of others.
    made: RefCell<HashMap<*const Call, (Thunk<'p>, MadeFrom)>>,
}

impl<'p> Evaluator<'p> {
    /// An evaluator that remembers nothing yet.
    pub fn new(project: View<'p>, texts: &'p Allocator) -> Self {
        Self {
            project,
            texts,
            depth: Cell::new(0),
            steps: Cell::new(0),
            allowed: Cell::new(MAX_STEPS),
            limited: Cell::new(false),
            remembered: RefCell::default(),
            made: RefCell::default(),
        }
    }

    /// Does work, and tells whether it met a limit.
    pub fn limits_met<T>(&self, work: impl FnOnce() -> T) -> (T, bool) {
        let before = self.limited.replace(false);
        let made = work();
        let met = self.limited.get();
        self.limited.set(met || before);
        (made, met)
    }

    /// Grants the next component its steps.
    pub fn restart(&self) {
        self.steps.set(0);
        self.allowed.set(MAX_STEPS);
    }

    /// Grants the next property its share of the component's steps.
    pub fn grant_property(&self) {
        let taken = self.steps.get();
        self.allowed.set((taken + MAX_STEPS / 2).min(MAX_STEPS).max(taken + LEAST_STEPS));
    }

    /// The props that a call makes, worked out once.
    pub fn made_by(&self, call: &'p Call, work_out: impl FnOnce() -> Option<Thunk<'p>>) -> Option<Thunk<'p>> {
        if let Some((known, made_from)) = self.made.borrow().get(&std::ptr::from_ref(call)) {
            self.project.seen.note_all(made_from);
            return Some(known.clone());
        }
        let was_limited = self.limited.replace(false);
        let (made, made_from) = self.project.seen.during(work_out);
        if let (Some(made), false) = (&made, self.limited.get()) {
            self.made.borrow_mut().insert(std::ptr::from_ref(call), (made.clone(), made_from));
        }
        self.limited.set(self.limited.get() || was_limited);
        made
    }

    /// Evaluates what was put off.
    pub fn force(&self, thunk: &Thunk<'p>) -> Ty<'p> {
        match thunk {
            Thunk::Type(ty, scope) => self.ty(ty, scope),
            Thunk::Value { value, file, constant } => self.guarded(|| self.value_ty(value, *file, *constant)),
            Thunk::Ready(ty) => (**ty).clone(),
            Thunk::Any(all) => Ty::union(all.iter().map(|thunk| self.force(thunk))),
            Thunk::All(all) => {
                self.guarded(|| self.intersection(all.iter().map(|thunk| self.force(thunk)).collect()))
            }
        }
    }

    /// Evaluates within the limits.
    pub fn guarded(&self, evaluate: impl FnOnce() -> Ty<'p>) -> Ty<'p> {
        let (depth, steps) = (self.depth.get(), self.steps.get());
        if depth >= MAX_DEPTH {
            self.limited.set(true);
            return Ty::unresolved("refers to itself, or to other types over too many steps");
        }
        if steps >= self.allowed.get() {
            self.limited.set(true);
            return Ty::unresolved("is too large to be worked out");
        }
        self.depth.set(depth + 1);
        self.steps.set(steps + 1);
        let ty = evaluate();
        self.depth.set(depth);
        ty
    }

    /// Evaluates a type expression.
    pub fn ty(&self, ty: &'p Type, scope: &Scope<'p>) -> Ty<'p> {
        self.guarded(|| self.ty_inner(ty, scope))
    }

    fn ty_inner(&self, ty: &'p Type, scope: &Scope<'p>) -> Ty<'p> {
        match ty {
            Type::Keyword(keyword) => keyword_ty(*keyword),
            Type::Literal(value, range) => Ty::Literal(LiteralTy {
                value: value.into(),
                origin: Some(LiteralOrigin {
                    file: scope.file,
                    range: *range,
                    form: DeclarationForm::TypeUnion,
                    index: 0,
                    count: 1,
                    body: None,
                }),
            }),
            Type::Template(texts, types) => self.template(texts, types, scope),
            Type::Union(members) => self.union(members, scope),
            Type::Intersection(members) => {
                self.intersection(members.iter().map(|member| self.ty(member, scope)).collect())
            }
            Type::Object(object) => Ty::Object(Rc::new(self.object(object, "", scope))),
            Type::Array(element) => Ty::List(Rc::from([Thunk::Type(element, scope.clone())])),
            Type::Tuple(elements) => {
                Ty::List(elements.iter().map(|element| Thunk::Type(element, scope.clone())).collect())
            }
            Type::Reference { path, arguments } => self.reference(path, arguments, scope),
            Type::Import { specifier, path, arguments } => self.import(specifier, path, arguments, scope),
            Type::Query(path) => self.path_ty(path, scope.file),
            Type::KeyOf(inner) => self.key_of(&self.ty(inner, scope)),
            Type::Index(object, index) => self.index(&self.ty(object, scope), &self.ty(index, scope)),
            Type::Function(signature) => {
                Ty::Function(Callable { signature: Some((signature, scope.clone())), function: None })
            }
            Type::Conditional(conditional) => self.conditional(conditional, scope),
            Type::Mapped(mapped) => self.mapped(mapped, scope),
            Type::Infer(name) => Ty::unresolved(format!("`infer {name}` is not worked out")),
            Type::Other(text) => Ty::unresolved(format!("`{text}` can't be read as a type")),
        }
    }

    /// Literals written together are numbered together, which is what outlives a rename of one of them.
    fn union(&self, members: &'p [Type], scope: &Scope<'p>) -> Ty<'p> {
        let count = members.iter().filter(|member| matches!(member, Type::Literal(..))).count();
        let mut index = 0;
        Ty::union(members.iter().map(|member| match member {
            Type::Literal(value, range) => {
                let origin = LiteralOrigin {
                    file: scope.file,
                    range: *range,
                    form: DeclarationForm::TypeUnion,
                    index,
                    count,
                    body: None,
                };
                index += 1;
                Ty::Literal(LiteralTy { value: value.into(), origin: Some(origin) })
            }
            other => self.ty(other, scope),
        }))
    }

    /// A template literal type: every text it may be where those are few, else any string.
    fn template(&self, texts: &'p [Text], types: &'p [Type], scope: &Scope<'p>) -> Ty<'p> {
        // More are a grammar, such as that of CSS shorthands, and no choice.
        const MAX_TEXTS: usize = 1_000;
        let mut all = vec![texts.first().map_or_else(String::new, ToString::to_string)];
        for (index, ty) in types.iter().enumerate() {
            let ty = self.ty(ty, scope);
            let after = texts.get(index + 1).map_or("", |text| &**text);
            let mut next = Vec::new();
            for member in ty.members() {
                // Only some strings fit, but which is not a choice to list.
                let Ty::Literal(literal) = member else { return Ty::OpenString };
                next.extend(all.iter().map(|before| format!("{before}{}{after}", literal.value.as_text())));
                if next.len() > MAX_TEXTS {
                    return Ty::OpenString;
                }
            }
            all = next;
        }
        Ty::union(all.iter().map(|text| self.text(text)))
    }

    /// A string literal type that is written nowhere.
    pub(super) fn text(&self, text: &str) -> Ty<'p> {
        let value = LiteralValue::String(self.texts.alloc_str(text));
        Ty::Literal(LiteralTy { value, origin: None })
    }

    pub(super) fn object(&self, object: &'p ObjectType, owner: &'p str, scope: &Scope<'p>) -> Object<'p> {
        let count = object.members.len();
        let mut evaluated = Object::default();
        for (index, member) in object.members.iter().enumerate() {
            let ty = match &member.ty {
                Some(ty) => Thunk::Type(ty, scope.clone()),
                None => Thunk::ready(Ty::Function(Callable::unknown())),
            };
            let place = PropertyPlace {
                file: scope.file,
                range: member.range,
                key: member.range,
                owner,
                index,
                count,
                kind: PlaceKind::Signature,
            };
            let doc = member.doc.as_deref();
            let property = Property { ty, place: Some(place), doc, default: None, optional: member.optional };
            evaluated.properties.insert(&member.name, property);
        }
        evaluated.calls.extend(object.calls.iter().map(|call| (call, scope.clone())));
        evaluated
    }

    fn reference(&self, path: &'p [Text], arguments: &'p [Type], scope: &Scope<'p>) -> Ty<'p> {
        let Some((first, rest)) = path.split_first() else { return Ty::Never };
        if rest.is_empty()
            && let Some(thunk) = scope.parameter(first)
        {
            return self.force(&thunk.clone());
        }
        match self.project.lookup(scope.file, first) {
            Some(binding) => self.bound_type(binding, rest, arguments, scope),
            None => self.global(path, arguments, scope),
        }
    }

    fn bound_type(
        &self,
        binding: Binding<'p>,
        rest: &'p [Text],
        arguments: &'p [Type],
        scope: &Scope<'p>,
    ) -> Ty<'p> {
        match (binding, rest) {
            (Binding::Local { file, name }, []) => self.declared(file, name, arguments, scope),
            (Binding::Local { file, name }, [member, ..]) => self.enum_member(file, name, member),
            (Binding::Namespace(file), [name, rest @ ..]) => match self.project.export(file, name) {
                Some(binding) => self.bound_type(binding, rest, arguments, scope),
                None => {
                    Ty::unresolved(format!("`{name}` is not exported by {}", self.project.file(file).path))
                }
            },
            (Binding::Namespace(file), []) => {
                Ty::unresolved(format!("{} is a module, not a type", self.project.file(file).path))
            }
            (Binding::External { specifier, name }, rest) => {
                let mut path: Vec<&'p str> = name.into_iter().collect();
                path.extend(rest.iter().map(|part| &**part));
                self.external(specifier, &path, arguments, scope)
            }
        }
    }

    /// A type that a file declares, with its arguments.
    fn declared(&self, file: FileId, name: &'p str, arguments: &'p [Type], scope: &Scope<'p>) -> Ty<'p> {
        let declarations = self.project.facts(file).types_named(name);
        let Some(first) = declarations.first() else {
            return Ty::unresolved(format!("`{name}` is not a type in {}", self.project.file(file).path));
        };
        if let Some(known) = self.known_wrapper(name, arguments, scope) {
            return known;
        }
        let memorable = first.parameters.is_empty();
        if memorable
            && let Some((known, made_from)) = self.remembered.borrow().get(&std::ptr::from_ref(first))
        {
            self.project.seen.note_all(made_from);
            return known.clone();
        }
        let work_out = || {
            let inner = self.bind(&first.parameters, arguments, scope, &Scope::top(file));
            self.declarations(declarations, name, &inner)
        };
        if !memorable {
            return work_out();
        }
        let was_limited = self.limited.replace(false);
        let (ty, made_from) = self.project.seen.during(work_out);
        if !self.limited.get() {
            self.remembered.borrow_mut().insert(std::ptr::from_ref(first), (ty.clone(), made_from));
        }
        self.limited.set(self.limited.get() || was_limited);
        ty
    }

    fn declarations(&self, declarations: &'p [TypeDeclaration], name: &'p str, scope: &Scope<'p>) -> Ty<'p> {
        let mut merged: Option<Object<'p>> = None;
        let mut bases = Vec::new();
        for declaration in declarations {
            match &declaration.body {
                TypeBody::Alias(Type::Object(object)) => {
                    return Ty::Object(Rc::new(self.object(object, name, scope)));
                }
                TypeBody::Alias(ty) => return self.ty(ty, scope),
                TypeBody::Enum(members) => return self.enumeration(members, scope.file),
                TypeBody::Class => return Ty::Opaque(format!("an instance of `{name}`").into()),
                TypeBody::Interface { extends, object } => {
                    let own = self.object(object, name, scope);
                    match &mut merged {
                        Some(all) => all.inherit(&own),
                        None => merged = Some(own),
                    }
                    bases.extend(extends);
                }
            }
        }
        let mut object = merged.unwrap_or_default();
        for base in bases {
            match self.ty(base, scope) {
                Ty::Object(base) => object.inherit(&base),
                Ty::Unresolved(reason) => object.open_because(reason),
                Ty::Component(props) => object.component = object.component.or(Some(props)),
                Ty::Function(callable) => object.calls.extend(callable.signature),
                Ty::Union(members) => {
                    if let Some(base) = joined(&members) {
                        object.inherit(&base);
                    }
                }
                Ty::Opaque(what) => object.open_because(format!("it extends {what}").into()),
                _ => {}
            }
        }
        Ty::Object(Rc::new(object))
    }

    /// Binds type parameters to arguments, or to their defaults, or to all that they may be.
    pub fn bind(
        &self,
        parameters: &'p [TypeParameter],
        arguments: &'p [Type],
        outer: &Scope<'p>,
        inner: &Scope<'p>,
    ) -> Scope<'p> {
        let mut names = Vec::with_capacity(parameters.len());
        for (index, parameter) in parameters.iter().enumerate() {
            // A default may name the parameters before it.
            let thunk = match (arguments.get(index), &parameter.default, &parameter.constraint) {
                (Some(argument), _, _) => Thunk::Type(argument, outer.clone()),
                (None, Some(default), _) => Thunk::Type(default, inner.with(names.clone())),
                (None, None, Some(constraint)) => Thunk::Type(constraint, inner.with(names.clone())),
                (None, None, None) => {
                    Thunk::ready(Ty::Opaque(format!("the type parameter `{}`", parameter.name).into()))
                }
            };
            names.push((&*parameter.name, thunk));
        }
        inner.with(names)
    }

    /// Binds the type parameters of a component to all that they may be.
    pub fn bind_widest(&self, parameters: &'p [TypeParameter], scope: &Scope<'p>) -> Scope<'p> {
        let names = parameters
            .iter()
            .map(|parameter| {
                let thunk = match (&parameter.constraint, &parameter.default) {
                    (Some(ty), _) | (None, Some(ty)) => Thunk::Type(ty, scope.clone()),
                    (None, None) => {
                        Thunk::ready(Ty::Opaque(format!("the type parameter `{}`", parameter.name).into()))
                    }
                };
                (&*parameter.name, thunk)
            })
            .collect();
        scope.with(names)
    }

    fn import(
        &self,
        specifier: &'p str,
        path: &'p [Text],
        arguments: &'p [Type],
        scope: &Scope<'p>,
    ) -> Ty<'p> {
        let binding = match (self.project.link(scope.file, specifier), path.first()) {
            (super::Link::File(file), Some(name)) => self.project.export(file, name),
            (super::Link::File(file), None) => Some(Binding::Namespace(file)),
            (super::Link::Missing, name) => {
                Some(Binding::External { specifier, name: name.map(|name| &**name) })
            }
        };
        match binding {
            Some(binding) => self.bound_type(binding, path.get(1..).unwrap_or_default(), arguments, scope),
            None => Ty::unresolved(format!("`{specifier}` exports nothing of that name")),
        }
    }

    /// The members of an `enum`.
    pub(super) fn enumeration(&self, members: &'p [crate::facts::EnumMember], file: FileId) -> Ty<'p> {
        let count = members.len();
        Ty::union(members.iter().enumerate().map(|(index, member)| enum_literal(member, file, index, count)))
    }

    fn enum_member(&self, file: FileId, name: &'p str, member: &str) -> Ty<'p> {
        let declarations = self.project.facts(file).types_named(name);
        for declaration in declarations {
            if let TypeBody::Enum(members) = &declaration.body
                && let Some(index) = members.iter().position(|known| &*known.name == member)
            {
                return enum_literal(&members[index], file, index, members.len());
            }
        }
        Ty::unresolved(format!("`{name}.{member}` is not a type in {}", self.project.file(file).path))
    }
}

fn enum_literal(member: &crate::facts::EnumMember, file: FileId, index: usize, count: usize) -> Ty<'_> {
    match &member.value {
        Some(value) => Ty::Literal(LiteralTy {
            value: value.into(),
            origin: Some(LiteralOrigin {
                file,
                range: member.range,
                form: DeclarationForm::EnumDeclaration,
                index,
                count,
                body: None,
            }),
        }),
        None => Ty::unresolved(format!("the value of the enum member `{}` is computed", member.name)),
    }
}

fn keyword_ty<'p>(keyword: Keyword) -> Ty<'p> {
    match keyword {
        Keyword::Any => Ty::Any,
        Keyword::Unknown => Ty::Unknown,
        Keyword::BigInt => Ty::Opaque("`bigint`".into()),
        Keyword::Symbol => Ty::Opaque("`symbol`".into()),
        Keyword::Object => Ty::Opaque("`object`".into()),
        Keyword::Boolean => Ty::Boolean,
        Keyword::Never => Ty::Never,
        Keyword::Null | Keyword::Undefined => Ty::Nothing,
        Keyword::Number => Ty::Number,
        Keyword::String => Ty::String,
    }
}
