//! Conditional types, as far as the answer is certain.

use super::{
    Evaluator, Scope,
    assignable::{DEEPEST, all},
    ty::{Callable, LiteralTy, LiteralValue, Thunk, Ty},
};
use crate::facts::{ConditionalType, FunctionType, ObjectType, Text, Type, TypeBody};

/// What `infer` stands for.
type Inferred<'p> = Vec<(&'p str, Thunk<'p>)>;

impl<'p> Evaluator<'p> {
    pub(super) fn conditional(&self, conditional: &'p ConditionalType, scope: &Scope<'p>) -> Ty<'p> {
        let check = self.ty(&conditional.check, scope);
        let Some(parameter) = naked(&conditional.check, scope) else {
            return self.decide(conditional, &check, scope);
        };
        // Asked of a type parameter, it is asked of each member by itself.
        Ty::union(distributed(&check).map(|member| {
            let inner = scope.with(vec![(parameter, Thunk::ready(member.clone()))]);
            self.decide(conditional, &member, &inner)
        }))
    }

    fn decide(&self, conditional: &'p ConditionalType, check: &Ty<'p>, scope: &Scope<'p>) -> Ty<'p> {
        let mut inferred = Inferred::new();
        match self.matches(check, &conditional.pattern, scope, &mut inferred, 0) {
            Some(true) => self.ty(&conditional.yes, &scope.with(inferred)),
            Some(false) => self.ty(&conditional.no, scope),
            None => match (self.ty(&conditional.yes, scope), self.ty(&conditional.no, scope), check) {
                // Whichever it is, it is a place for content.
                (Ty::Slot, Ty::Slot, _) => Ty::Slot,
                (_, _, Ty::Unresolved(reason)) => Ty::Unresolved(reason.clone()),
                _ => Ty::unresolved("a conditional type that can't be decided"),
            },
        }
    }

    /// Whether a type fits a pattern, and what `infer` in it comes to.
    fn matches(
        &self,
        check: &Ty<'p>,
        pattern: &'p Type,
        scope: &Scope<'p>,
        inferred: &mut Inferred<'p>,
        depth: usize,
    ) -> Option<bool> {
        if depth > DEEPEST {
            return None;
        }
        if !infers(pattern, scope, 0) {
            return self.assignable(check, &self.ty(pattern, scope), depth);
        }
        if let Ty::Unresolved(_) = check {
            return None;
        }
        match pattern {
            Type::Infer(name) => {
                inferred.push((name, Thunk::ready(check.clone())));
                Some(true)
            }
            Type::Object(object) => self.matches_object(check, object, scope, inferred, depth),
            Type::Function(function) => self.matches_function(check, function, scope, inferred, depth),
            Type::Array(element) => self.matches_list(check, element, scope, inferred, depth),
            Type::Tuple(elements) => {
                let Ty::List(known) = check else { return Some(false) };
                if known.len() != elements.len() {
                    return None;
                }
                let pairs = known.iter().zip(elements);
                all(pairs.map(|(known, element)| {
                    self.matches(&self.force(known), element, scope, inferred, depth + 1)
                }))
            }
            Type::Intersection(members) => {
                all(members.iter().map(|member| self.matches(check, member, scope, inferred, depth + 1)))
            }
            Type::Template(texts, types) => self.matches_template(check, texts, types, inferred),
            Type::Reference { path, arguments } => {
                self.matches_reference(check, (path, arguments), scope, inferred, depth)
            }
            _ => None,
        }
    }

    fn matches_object(
        &self,
        check: &Ty<'p>,
        pattern: &'p ObjectType,
        scope: &Scope<'p>,
        inferred: &mut Inferred<'p>,
        depth: usize,
    ) -> Option<bool> {
        let object = match check {
            Ty::Object(object) => object,
            // Components have nothing of what such patterns look for.
            Ty::Component(_) | Ty::Function(_) => {
                let asked = pattern.members.iter().any(|member| !member.optional);
                return if asked { Some(false) } else { None };
            }
            Ty::Literal(_) | Ty::String | Ty::Number | Ty::Boolean | Ty::Nothing => return Some(false),
            _ => return None,
        };
        let members = pattern.members.iter().map(|member| match object.properties.get(&*member.name) {
            Some(property) => match &member.ty {
                Some(ty) => self.matches(&self.force(&property.ty), ty, scope, inferred, depth + 1),
                None => Some(true),
            },
            None if member.optional => Some(true),
            None if object.is_closed() => Some(false),
            None => None,
        });
        let members = all(members);
        match (members, pattern.calls.first()) {
            (Some(true), Some(call)) => self.matches_function(check, call, scope, inferred, depth),
            (answer, _) => answer,
        }
    }

    fn matches_function(
        &self,
        check: &Ty<'p>,
        pattern: &'p FunctionType,
        scope: &Scope<'p>,
        inferred: &mut Inferred<'p>,
        depth: usize,
    ) -> Option<bool> {
        let Some((first, returns)) = self.called(check) else {
            return match check {
                Ty::Unresolved(_) | Ty::Opaque(_) | Ty::Any | Ty::Slot => None,
                Ty::Object(object) if !object.is_closed() => None,
                _ => Some(false),
            };
        };
        let first = match (&pattern.first, first) {
            (Some(pattern), Some(first)) => self.matches(&first, pattern, scope, inferred, depth + 1),
            // A function that takes less fits where more is given.
            (Some(Type::Infer(name)), None) => {
                inferred.push((name, Thunk::ready(Ty::Unknown)));
                Some(true)
            }
            _ => Some(true),
        };
        let returns = match (&pattern.returns, returns) {
            (Some(pattern), Some(returns)) if infers(pattern, scope, 0) => {
                self.matches(&returns, pattern, scope, inferred, depth + 1)
            }
            (Some(pattern), None) if infers(pattern, scope, 0) => None,
            // What is given hardly ever decides: such patterns ask for `any`.
            _ => Some(true),
        };
        all([first, returns])
    }

    fn matches_list(
        &self,
        check: &Ty<'p>,
        element: &'p Type,
        scope: &Scope<'p>,
        inferred: &mut Inferred<'p>,
        depth: usize,
    ) -> Option<bool> {
        match check {
            Ty::List(known) => {
                let known = Ty::union(known.iter().map(|thunk| self.force(thunk)));
                self.matches(&known, element, scope, inferred, depth + 1)
            }
            Ty::Unresolved(_) | Ty::Opaque(_) | Ty::Any => None,
            _ => Some(false),
        }
    }

    /// `${infer Head}-${infer Tail}` over a text that is known.
    fn matches_template(
        &self,
        check: &Ty<'p>,
        texts: &'p [Text],
        types: &'p [Type],
        inferred: &mut Inferred<'p>,
    ) -> Option<bool> {
        let Ty::Literal(LiteralTy { value: LiteralValue::String(text), .. }) = check else {
            return if matches!(check, Ty::String | Ty::OpenString) { Some(false) } else { None };
        };
        let (head, after) = texts.split_first()?;
        let Some(mut rest) = text.strip_prefix(&**head) else { return Some(false) };
        for (index, (ty, next)) in types.iter().zip(after).enumerate() {
            let is_last = index + 1 == types.len();
            let part = if is_last {
                let Some(part) = rest.strip_suffix(&**next) else { return Some(false) };
                part
            } else {
                // Texts that follow each other directly share what there is character by character.
                let from = rest.chars().next().map_or(0, char::len_utf8);
                let at = if next.is_empty() { Some(from) } else { rest.find(&**next) };
                let Some(at) = at else { return Some(false) };
                let part = &rest[..at];
                rest = &rest[at + next.len()..];
                part
            };
            match ty {
                Type::Infer(name) => inferred.push((name, Thunk::ready(self.text(part)))),
                Type::Keyword(crate::facts::Keyword::String) => {}
                _ => return None,
            }
        }
        Some(true)
    }

    /// `Array<infer T>`, `React.ComponentType<infer P>`, and types of the project that are written with `infer`.
    fn matches_reference(
        &self,
        check: &Ty<'p>,
        (path, arguments): (&'p [Text], &'p [Type]),
        scope: &Scope<'p>,
        inferred: &mut Inferred<'p>,
        depth: usize,
    ) -> Option<bool> {
        let (first, rest) = path.split_first()?;
        if rest.is_empty()
            && let Some(Thunk::Type(ty, outer)) = scope.parameter(first)
        {
            return self.matches(check, ty, &outer.clone(), inferred, depth + 1);
        }
        if rest.is_empty()
            && let Some(super::Binding::Local { file, name }) = self.project.lookup(scope.file, first)
        {
            let [declaration] = self.project.facts(file).types_named(name) else { return None };
            let inner = self.bind(&declaration.parameters, arguments, scope, &Scope::top(file));
            return match &declaration.body {
                TypeBody::Alias(ty) => self.matches(check, ty, &inner, inferred, depth + 1),
                TypeBody::Interface { extends, object } if extends.is_empty() => {
                    self.matches_object(check, object, &inner, inferred, depth + 1)
                }
                _ => None,
            };
        }
        let argument = arguments.first()?;
        match (&**path.last()?, check) {
            ("Array" | "ReadonlyArray", _) => self.matches_list(check, argument, scope, inferred, depth),
            ("Record", Ty::Object(object)) => {
                let keys = self.matches(&self.keys_of_object(object), argument, scope, inferred, depth + 1);
                let values = Ty::union(object.properties.values().map(|property| self.force(&property.ty)));
                all([keys, self.matches(&values, arguments.get(1)?, scope, inferred, depth + 1)])
            }
            (
                "FC"
                | "FunctionComponent"
                | "ComponentType"
                | "ComponentClass"
                | "JSXElementConstructor"
                | "ForwardRefExoticComponent"
                | "NamedExoticComponent"
                | "ExoticComponent"
                | "MemoExoticComponent"
                | "VFC",
                _,
            ) => match self.called(check) {
                Some((props, _)) => {
                    let props = props.unwrap_or_else(Ty::empty_object);
                    self.matches(&props, argument, scope, inferred, depth + 1)
                }
                None => match check {
                    Ty::Literal(_) | Ty::String | Ty::Number | Ty::Boolean | Ty::Nothing | Ty::Tags => {
                        Some(false)
                    }
                    Ty::Object(object) if object.is_closed() => Some(false),
                    _ => None,
                },
            },
            ("DetailedHTMLProps", Ty::Object(object)) if object.dom => {
                self.matches(check, argument, scope, inferred, depth + 1)
            }
            _ => None,
        }
    }

    /// The first parameter and the result of what can be called.
    pub(super) fn called(&self, ty: &Ty<'p>) -> Option<(Option<Ty<'p>>, Option<Ty<'p>>)> {
        match ty {
            Ty::Component(props) => Some((Some(self.force(props)), Some(Ty::Slot))),
            Ty::Function(Callable { signature: Some((signature, scope)), .. }) => {
                let inner = self.bind_widest(&signature.parameters, scope);
                let of = |ty: &'p Type| self.ty(ty, &inner);
                Some((signature.first.as_ref().map(of), signature.returns.as_ref().map(of)))
            }
            Ty::Function(Callable { function: Some((function, file)), .. }) => {
                let inner = self.bind_widest(&function.parameters, &Scope::top(*file));
                let of = |ty: &'p Type| self.ty(ty, &inner);
                Some((function.props.as_ref().map(of), function.returns.as_ref().map(of)))
            }
            Ty::Object(object) => match (&object.component, object.calls.last()) {
                (Some(props), _) => Some((Some(self.force(props)), Some(Ty::Slot))),
                (None, Some((signature, scope))) => self.called(&Ty::Function(Callable {
                    signature: Some((signature, scope.clone())),
                    function: None,
                })),
                (None, None) => None,
            },
            Ty::Variants(_) => Some((Some(self.variant_props(ty)), Some(Ty::String))),
            _ => None,
        }
    }
}

/// The type parameter that a conditional type is asked of, if it is asked of one.
fn naked<'p>(check: &'p Type, scope: &Scope<'p>) -> Option<&'p str> {
    match check {
        Type::Reference { path, arguments } if arguments.is_empty() => match &**path {
            [name] => scope.parameter(name).map(|_| &**name),
            _ => None,
        },
        _ => None,
    }
}

/// The members that a distributive type is asked of.
fn distributed<'t, 'p>(ty: &'t Ty<'p>) -> impl Iterator<Item = Ty<'p>> + use<'t, 'p> {
    let literal = |value| Ty::Literal(LiteralTy { value: LiteralValue::Boolean(value), origin: None });
    ty.members().iter().flat_map(move |member| match member {
        Ty::Boolean => vec![literal(true), literal(false)],
        other => vec![other.clone()],
    })
}

/// Whether a pattern holds an `infer`, also one that comes by a type parameter.
fn infers(pattern: &Type, scope: &Scope<'_>, depth: usize) -> bool {
    if depth > DEEPEST {
        return false;
    }
    let inner = |ty: &Type| infers(ty, scope, depth + 1);
    match pattern {
        Type::Infer(_) => true,
        Type::Reference { path, arguments } => {
            arguments.iter().any(inner)
                || matches!(&**path, [name] if matches!(
                    scope.parameter(name),
                    Some(Thunk::Type(ty, outer)) if infers(ty, outer, depth + 1)
                ))
        }
        Type::Union(all) | Type::Intersection(all) | Type::Tuple(all) | Type::Template(_, all) => {
            all.iter().any(inner)
        }
        Type::Array(element) | Type::KeyOf(element) => inner(element),
        Type::Index(a, b) => inner(a) || inner(b),
        Type::Object(object) => {
            object.members.iter().filter_map(|member| member.ty.as_ref()).any(inner)
                || object.calls.iter().any(|call| function_infers(call, scope, depth))
        }
        Type::Function(function) => function_infers(function, scope, depth),
        _ => false,
    }
}

fn function_infers(function: &FunctionType, scope: &Scope<'_>, depth: usize) -> bool {
    [&function.first, &function.returns].into_iter().flatten().any(|ty| infers(ty, scope, depth + 1))
}
