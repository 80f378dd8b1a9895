//! TypeScript's utility types, `keyof`, indexed access, mapped and conditional types.

use std::rc::Rc;

use foldhash::HashSet;

use super::{
    Evaluator, Object, Property, Scope,
    attributes::{dom_attribute, is_attribute},
    object::{PlaceKind, joined},
    ty::{LiteralOrigin, LiteralTy, LiteralValue, Thunk, Ty},
};
use crate::{
    facts::{MappedType, Type},
    model::DeclarationForm,
};

/// Names of properties, as far as they are known.
enum Keys<'p> {
    Known(Vec<(&'p str, Ty<'p>)>),
    /// These, and the names of all attributes of an element.
    Attributes(Vec<(&'p str, Ty<'p>)>),
    /// These, and any other string.
    Open(Vec<(&'p str, Ty<'p>)>),
    /// Any string: `keyof` of something with an index signature, `string`.
    All,
    Unknown(Rc<str>),
}

impl<'p> Evaluator<'p> {
    /// One of TypeScript's utility types.
    pub(super) fn utility(&self, name: &str, arguments: &'p [Type], scope: &Scope<'p>) -> Option<Ty<'p>> {
        let of = |index: usize| arguments.get(index).map_or(Ty::Never, |ty| self.ty(ty, scope));
        Some(match name {
            "Omit" => self.omit(&of(0), of(1)),
            "Pick" => self.pick(&of(0), of(1)),
            "Partial" => self.per_object(&of(0), |object| with_optional(object, true)),
            "Required" => self.per_object(&of(0), |object| with_optional(object, false)),
            "Readonly" | "NoInfer" | "Awaited" => of(0),
            "NonNullable" => {
                Ty::union(of(0).members().iter().filter(|member| !matches!(member, Ty::Nothing)).cloned())
            }
            "Exclude" => self.exclude(&of(0), &of(1)),
            "Extract" => self.extract(&of(0), &of(1)),
            "Record" => self.record(&of(0), arguments.get(1), scope),
            "Array" | "ReadonlyArray" => {
                Ty::List(arguments.first().map(|ty| Thunk::Type(ty, scope.clone())).into_iter().collect())
            }
            "Capitalize" | "Uncapitalize" | "Uppercase" | "Lowercase" => {
                Ty::union(of(0).members().iter().map(|member| match member {
                    Ty::Literal(literal) => self.text(&recased(name, literal.value.as_text())),
                    _ => Ty::String,
                }))
            }
            "ReturnType" => match (self.called(&of(0)), of(0)) {
                (Some((_, Some(returns))), _) => returns,
                (_, Ty::Unresolved(reason)) => Ty::Unresolved(reason),
                _ => Ty::unresolved("the result of a function whose type is not written down"),
            },
            // Parameters beyond the first are not kept.
            "Parameters" => match (self.called(&of(0)), of(0)) {
                (Some((Some(first), _)), _) => Ty::List(Rc::from([Thunk::ready(first)])),
                (_, Ty::Unresolved(reason)) => Ty::Unresolved(reason),
                _ => Ty::unresolved("the parameters of a function whose type is not written down"),
            },
            "ConstructorParameters" | "InstanceType" | "ThisType" => {
                Ty::unresolved(format!("`{name}` is not worked out"))
            }
            _ => return None,
        })
    }

    fn omit(&self, of: &Ty<'p>, keys: Ty<'p>) -> Ty<'p> {
        let keys = self.keys(&keys);
        self.per_object(of, |object| {
            let mut kept = object.without_signatures();
            match &keys {
                Keys::Known(names) => {
                    let names: HashSet<&str> = names.iter().map(|(name, _)| *name).collect();
                    kept.properties.retain(|name, _| !names.contains(name));
                }
                Keys::Attributes(names) => {
                    let names: HashSet<&str> = names.iter().map(|(name, _)| *name).collect();
                    kept.properties
                        .retain(|name, _| !names.contains(name) && is_attribute(name) != Some(true));
                    for (name, property) in &mut kept.properties {
                        if is_attribute(name).is_none() {
                            property.ty =
                                Thunk::ready(Ty::unresolved("may be left out as an HTML attribute"));
                        }
                    }
                    kept.dom = false;
                }
                Keys::All | Keys::Open(_) => {
                    kept.properties.clear();
                    kept.dom = false;
                }
                Keys::Unknown(reason) => {
                    for property in kept.properties.values_mut() {
                        property.ty = Thunk::ready(Ty::unresolved(format!("may be left out: {reason}")));
                    }
                }
            }
            kept
        })
    }

    fn pick(&self, of: &Ty<'p>, keys: Ty<'p>) -> Ty<'p> {
        let keys = self.keys(&keys);
        self.per_object(of, |object| match &keys {
            Keys::Known(names) => {
                let mut picked = Object::default();
                for (name, _) in names {
                    if let Some(property) = object.properties.get(name) {
                        picked.properties.insert(name, property.clone());
                    } else if object.dom {
                        picked.properties.insert(name, Property::of(Thunk::ready(dom_attribute(name))));
                    } else if let Some(reason) = object.open.first() {
                        picked
                            .properties
                            .insert(name, Property::of(Thunk::ready(Ty::Unresolved(reason.clone()))));
                    }
                }
                picked
            }
            Keys::Attributes(names) => {
                let names: HashSet<&str> = names.iter().map(|(name, _)| *name).collect();
                let mut picked = object.without_signatures();
                picked.properties.retain(|name, _| names.contains(name) || is_attribute(name) != Some(false));
                for (name, property) in &mut picked.properties {
                    if !names.contains(name) && is_attribute(name).is_none() {
                        property.ty = Thunk::ready(Ty::unresolved("may be picked as an HTML attribute"));
                    }
                }
                picked
            }
            Keys::All | Keys::Open(_) => object.without_signatures(),
            Keys::Unknown(reason) => {
                let mut picked = Object::default();
                picked.open_because(reason.clone());
                picked
            }
        })
    }

    /// Applies to an object, or to each object of a union.
    fn per_object(&self, of: &Ty<'p>, apply: impl Fn(&Object<'p>) -> Object<'p>) -> Ty<'p> {
        match of {
            Ty::Object(object) => Ty::Object(Rc::new(apply(object))),
            Ty::Union(members) => Ty::union(members.iter().map(|member| match member {
                Ty::Object(object) => Ty::Object(Rc::new(apply(object))),
                other => other.clone(),
            })),
            // `Omit<string, 'a'>`: a string that does not swallow the literals beside it.
            Ty::String => Ty::OpenString,
            Ty::Number => Ty::OpenNumber,
            Ty::Component(_) => Ty::empty_object(),
            other => other.clone(),
        }
    }

    fn keys(&self, keys: &Ty<'p>) -> Keys<'p> {
        let mut names = Vec::new();
        let mut open = false;
        let mut attributes = false;
        for member in keys.members() {
            match member {
                Ty::Literal(literal) => names.push((literal.value.as_text(), member.clone())),
                Ty::OpenString => open = true,
                Ty::Attributes => attributes = true,
                Ty::String => return Keys::All,
                Ty::Unresolved(reason) => return Keys::Unknown(reason.clone()),
                _ => {}
            }
        }
        if attributes && !open {
            return Keys::Attributes(names);
        }
        match (open, names.is_empty()) {
            (true, true) => Keys::All,
            (true, false) => Keys::Open(names),
            (false, _) => Keys::Known(names),
        }
    }

    pub(super) fn key_of(&self, of: &Ty<'p>) -> Ty<'p> {
        match of {
            Ty::Object(object) => {
                if let Some(reason) = object.open.first() {
                    return Ty::unresolved(format!("the keys of {reason}"));
                }
                match (object.dom, self.keys_of_object(object)) {
                    (true, names) => Ty::union([names, Ty::Attributes]),
                    (false, names) => names,
                }
            }
            Ty::Union(members) => match joined(members) {
                Some(object) => self.keys_of_object(&object),
                None => Ty::unresolved("the keys of a union"),
            },
            Ty::Intrinsics => Ty::Tags,
            Ty::Unresolved(reason) => Ty::unresolved(format!("the keys of {reason}")),
            Ty::List(_) => Ty::Number,
            _ => Ty::unresolved("the keys of something that is no object"),
        }
    }

    pub(super) fn keys_of_object(&self, object: &Object<'p>) -> Ty<'p> {
        let count = object.properties.len();
        let any_other = object.index.then_some(Ty::OpenString);
        let names = object.properties.iter().enumerate().map(|(index, (name, property))| {
            let origin =
                property.place.filter(|place| place.kind == PlaceKind::Value).map(|place| LiteralOrigin {
                    file: place.file,
                    range: place.key,
                    form: DeclarationForm::ConstObject,
                    index,
                    count,
                    body: None,
                });
            Ty::Literal(LiteralTy { value: LiteralValue::String(name), origin })
        });
        Ty::union(names.chain(any_other))
    }

    fn exclude(&self, of: &Ty<'p>, what: &Ty<'p>) -> Ty<'p> {
        if let Some(Ty::Unresolved(reason)) = what.members().iter().find(|ty| matches!(ty, Ty::Unresolved(_)))
        {
            return Ty::unresolved(format!("some options are excluded: {reason}"));
        }
        let of_elements = |ty: &Ty<'p>| matches!(ty, Ty::Literal(literal) if is_attribute(literal.value.as_text()) != Some(false));
        if of.members().iter().any(|ty| matches!(ty, Ty::Attributes))
            && what.members().iter().any(of_elements)
        {
            return Ty::unresolved("some of the names of all HTML attributes");
        }
        // A template literal type that is no list: which texts fit it is not worked out.
        let is_text =
            |ty: &Ty<'p>| matches!(ty, Ty::Literal(LiteralTy { value: LiteralValue::String(_), .. }));
        if what.members().iter().any(|ty| matches!(ty, Ty::OpenString)) && of.members().iter().any(is_text) {
            return Ty::unresolved("some options are excluded by a pattern");
        }
        let literals = literal_set(what);
        Ty::union(of.members().iter().filter(|member| !self.fits(member, what, &literals)).cloned())
    }

    fn extract(&self, of: &Ty<'p>, what: &Ty<'p>) -> Ty<'p> {
        if let Some(Ty::Unresolved(reason)) = what.members().iter().find(|ty| matches!(ty, Ty::Unresolved(_)))
        {
            return Ty::unresolved(format!("some options are extracted: {reason}"));
        }
        let literals = literal_set(what);
        let extracted = Ty::union(of.members().iter().filter_map(|member| match member {
            // What it is may fit.
            Ty::Unresolved(_) => Some(member.clone()),
            member => self.fits(member, what, &literals).then(|| member.clone()),
        }));
        match extracted {
            // The texts of a template type may have been too many to be listed.
            Ty::Never if of.members().iter().any(|member| matches!(member, Ty::OpenString)) => {
                Ty::unresolved("some options are extracted of texts that are not listed")
            }
            extracted => extracted,
        }
    }

    fn fits(&self, member: &Ty<'p>, what: &Ty<'p>, literals: &HashSet<LiteralValue<'p>>) -> bool {
        match member {
            Ty::Literal(literal) if literals.contains(&literal.value) => true,
            other => what
                .members()
                .iter()
                .filter(|ty| !matches!(ty, Ty::Literal(_)))
                .any(|ty| self.assignable(other, ty, 0) == Some(true)),
        }
    }

    fn record(&self, keys: &Ty<'p>, value: Option<&'p Type>, scope: &Scope<'p>) -> Ty<'p> {
        let value = || value.map_or(Thunk::ready(Ty::Never), |ty| Thunk::Type(ty, scope.clone()));
        let keys = self.keys(keys);
        let index = matches!(keys, Keys::Open(_));
        match keys {
            Keys::Known(names) | Keys::Open(names) => {
                let mut record = Object { index, ..Object::default() };
                for (name, _) in names {
                    record.properties.insert(name, Property::of(value()));
                }
                Ty::Object(Rc::new(record))
            }
            Keys::All => Ty::Opaque("a record".into()),
            Keys::Attributes(_) => Ty::Opaque("a record of HTML attributes".into()),
            Keys::Unknown(reason) => Ty::Unresolved(reason),
        }
    }

    pub(super) fn index(&self, object: &Ty<'p>, index: &Ty<'p>) -> Ty<'p> {
        if let Ty::Union(members) = index {
            return Ty::union(members.iter().map(|member| self.index(object, member)));
        }
        match (object, index) {
            (Ty::Object(object), Ty::Literal(key)) => {
                let name = key.value.as_text();
                match object.properties.get(name) {
                    Some(property) => self.force(&property.ty),
                    None if object.dom => dom_attribute(name),
                    None => Ty::unresolved(match object.open.first() {
                        Some(reason) => format!("`{name}` of {reason}"),
                        None => format!("there is no `{name}` in the type it is taken from"),
                    }),
                }
            }
            (Ty::List(elements), Ty::Literal(key)) => match key.value.as_text().parse::<usize>() {
                Ok(at) if at < elements.len() => self.force(&elements[at]),
                _ => Ty::unresolved("an element that the tuple does not have"),
            },
            (Ty::List(elements), Ty::Number | Ty::OpenNumber) => {
                Ty::union(elements.iter().map(|element| self.force(element)))
            }
            (Ty::Intrinsics, _) => Ty::dom(),
            (Ty::Union(members), _) => Ty::union(members.iter().map(|member| self.index(member, index))),
            (Ty::Unresolved(reason), _) | (_, Ty::Unresolved(reason)) => Ty::Unresolved(reason.clone()),
            _ => Ty::unresolved("an indexed access that can't be worked out"),
        }
    }

    pub(super) fn mapped(&self, mapped: &'p MappedType, scope: &Scope<'p>) -> Ty<'p> {
        let source = match &mapped.constraint {
            Type::KeyOf(of) => match self.ty(of, scope) {
                Ty::Object(object) => Some(object),
                Ty::Unresolved(reason) => return Ty::Unresolved(reason),
                _ => None,
            },
            _ => None,
        };
        let keys = match &source {
            Some(object) => self.keys_of_object(object),
            None => self.ty(&mapped.constraint, scope),
        };
        let names = match self.keys(&keys) {
            Keys::Known(names) | Keys::Open(names) => names,
            Keys::All => return Ty::Opaque("a record".into()),
            Keys::Attributes(_) => return Ty::unresolved("a type mapped over the names of HTML attributes"),
            Keys::Unknown(reason) => return Ty::Unresolved(reason),
        };
        let mut object = Object::default();
        for (name, literal) in names {
            let named = scope.with(vec![(&*mapped.key, Thunk::ready(literal))]);
            let ty = match &mapped.value {
                Some(value) => Thunk::Type(value, named.clone()),
                None => Thunk::ready(Ty::Any),
            };
            let mut property = Property::of(ty);
            if let Some(known) = source.as_ref().and_then(|object| object.properties.get(name)) {
                property.place = known.place;
                property.doc = known.doc;
                property.default = known.default;
                property.optional = known.optional;
            }
            property.optional = mapped.optional.unwrap_or(property.optional);
            match &mapped.name {
                None => {
                    object.properties.insert(name, property);
                }
                Some(renamed) => match self.ty(renamed, &named) {
                    Ty::Literal(renamed) => {
                        object.properties.insert(renamed.value.as_text(), property);
                    }
                    Ty::Never => {}
                    _ => object.open_because(
                        "a mapped type renames its keys in a way that is not worked out".into(),
                    ),
                },
            }
        }
        if let Some(source) = source {
            object.dom |= source.dom;
            object.open = source.open.clone();
        }
        Ty::Object(Rc::new(object))
    }
}

fn with_optional<'p>(object: &Object<'p>, optional: bool) -> Object<'p> {
    let mut changed = object.without_signatures();
    for property in changed.properties.values_mut() {
        property.optional = optional;
    }
    changed
}

fn recased(how: &str, text: &str) -> String {
    let mut rest = text.chars();
    match (how, rest.next()) {
        ("Uppercase", _) => text.to_uppercase(),
        ("Lowercase", _) => text.to_lowercase(),
        ("Capitalize", Some(first)) => first.to_uppercase().chain(rest).collect(),
        (_, Some(first)) => first.to_lowercase().chain(rest).collect(),
        (_, None) => String::new(),
    }
}

fn literal_set<'p>(ty: &Ty<'p>) -> HashSet<LiteralValue<'p>> {
    ty.members()
        .iter()
        .filter_map(|member| match member {
            Ty::Literal(literal) => Some(literal.value),
            _ => None,
        })
        .collect()
}
