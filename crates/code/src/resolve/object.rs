//! Object types: ordered properties, what is open about them, and how they combine.

use std::rc::Rc;

use indexmap::IndexMap;

use super::{
    FileId, Scope,
    ty::{Thunk, Ty},
};
use crate::facts::{Doc, FunctionType, Range, Value};

/// Props are made of a few unions; what is made of more is no choice that anyone draws.
const MAX_UNIONS: usize = 8;

/// An object type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Object<'p> {
    pub properties: IndexMap<&'p str, Property<'p>, foldhash::fast::RandomState>,
    /// Whether it has the attributes of some DOM element, which are not listed.
    pub dom: bool,
    /// Why there may be more properties than are listed.
    pub open: Vec<Rc<str>>,
    pub calls: Vec<(&'p FunctionType, Scope<'p>)>,
    /// Whether it has properties of any other name too: `Record<'a' | (string & {}), T>`.
    pub index: bool,
    /// The unions that were joined into it, by their members.
    pub unions: Vec<Rc<[Ty<'p>]>>,
    /// The props of the component that it is, beside the properties it has as an object.
    pub component: Option<Rc<Thunk<'p>>>,
}

/// A property of an object type.
#[derive(Debug, Clone)]
pub(crate) struct Property<'p> {
    pub ty: Thunk<'p>,
    pub place: Option<PropertyPlace<'p>>,
    pub doc: Option<&'p Doc>,
    pub default: Option<DefaultSource<'p>>,
    pub optional: bool,
}

/// Where a property is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PropertyPlace<'p> {
    pub file: FileId,
    pub range: Range,
    /// The name alone, where it is known apart.
    pub key: Range,
    /// The type, or the variant function, that declares it; empty for an anonymous one.
    pub owner: &'p str,
    pub index: usize,
    pub count: usize,
    pub kind: PlaceKind,
}

/// What declares a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PlaceKind {
    /// A signature in a type.
    Signature,
    /// A member of an object literal.
    Value,
    /// A group of variants.
    Variant,
}

/// A default that stands beside the declaration: `defaultVariants`, a prop definition's `default`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DefaultSource<'p> {
    pub value: &'p Value,
    pub file: FileId,
}

impl<'p> Object<'p> {
    /// Whether all of its properties are listed.
    pub fn is_closed(&self) -> bool {
        !self.dom && self.open.is_empty()
    }

    /// Its properties without what can be called or rendered: what mapped types see.
    pub fn without_signatures(&self) -> Self {
        Self { calls: Vec::new(), component: None, ..self.clone() }
    }

    /// Adds a reason for openness once.
    pub fn open_because(&mut self, reason: Rc<str>) {
        if !self.open.contains(&reason) {
            self.open.push(reason);
        }
    }

    /// Takes in what `base` has and this one lacks, as `extends` does.
    pub fn inherit(&mut self, base: &Object<'p>) {
        for (name, property) in &base.properties {
            self.properties.entry(name).or_insert_with(|| property.clone());
        }
        self.take_rest(base);
    }

    /// Both at once: a property of both has to fit both.
    pub fn intersect(&mut self, other: &Object<'p>) {
        for (name, property) in &other.properties {
            match self.properties.entry(name) {
                indexmap::map::Entry::Vacant(entry) => {
                    entry.insert(property.clone());
                }
                indexmap::map::Entry::Occupied(mut entry) => {
                    let known = entry.get_mut();
                    known.ty = Thunk::All(Rc::from([known.ty.clone(), property.ty.clone()]));
                    known.optional &= property.optional;
                    known.complete_with(property);
                }
            }
        }
        self.take_rest(other);
    }

    /// One or the other: a property of both may be either's.
    pub fn join(&mut self, other: &Object<'p>) {
        for (name, property) in &mut self.properties {
            property.optional |= !other.properties.contains_key(name);
        }
        for (name, property) in &other.properties {
            match self.properties.entry(name) {
                indexmap::map::Entry::Vacant(entry) => {
                    entry.insert(Property { optional: true, ..property.clone() });
                }
                indexmap::map::Entry::Occupied(mut entry) => {
                    let known = entry.get_mut();
                    known.optional |= property.optional;
                    // Members of a union mostly have what all have by one declaration.
                    if known.ty.is_same(&property.ty) {
                        continue;
                    }
                    known.ty = Thunk::Any(Rc::from([known.ty.clone(), property.ty.clone()]));
                    known.complete_with(property);
                }
            }
        }
        self.take_rest(other);
    }

    fn take_rest(&mut self, other: &Object<'p>) {
        self.dom |= other.dom;
        self.index |= other.index;
        for reason in &other.open {
            self.open_because(reason.clone());
        }
        self.calls.extend(other.calls.iter().cloned());
        self.unions.extend(other.unions.iter().take(MAX_UNIONS.saturating_sub(self.unions.len())).cloned());
        if self.component.is_none() {
            self.component.clone_from(&other.component);
        }
    }
}

impl<'p> Property<'p> {
    /// A property that is there, and about which nothing but its type is known.
    pub fn of(ty: Thunk<'p>) -> Self {
        Self { ty, place: None, doc: None, default: None, optional: false }
    }

    /// A property that may be left out, and about which nothing but its type is known.
    pub fn optional(ty: Thunk<'p>) -> Self {
        Self { optional: true, ..Self::of(ty) }
    }

    fn complete_with(&mut self, other: &Property<'p>) {
        self.place = self.place.or(other.place);
        self.doc = self.doc.or(other.doc);
        self.default = self.default.or(other.default);
    }
}

/// The properties that a union of object types offers: those of all members.
pub(crate) fn joined<'p>(members: &Rc<[Ty<'p>]>) -> Option<Object<'p>> {
    let mut joined: Option<Object<'p>> = None;
    for member in members.iter() {
        let Ty::Object(object) = member else { continue };
        match &mut joined {
            Some(all) => all.join(object),
            None => joined = Some((**object).clone()),
        }
    }
    if let Some(all) = joined.as_mut().filter(|all| all.unions.len() < MAX_UNIONS) {
        all.unions.push(members.clone());
    }
    joined
}
