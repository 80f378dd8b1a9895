//! Evaluated types.

use std::{
    hash::{Hash, Hasher},
    rc::Rc,
};

use super::{FileId, Object, variants::Variants};
use crate::{
    facts::{FunctionFacts, FunctionType, Literal, Range, Type, Value},
    model::DeclarationForm,
};

/// A type as far as a contract cares.
#[derive(Debug, Clone)]
pub(crate) enum Ty<'p> {
    Literal(LiteralTy<'p>),
    String,
    /// `string & {}`: any string, beside options that are suggested.
    OpenString,
    Number,
    /// `number & {}`.
    OpenNumber,
    Boolean,
    /// `null`, `undefined`, `void`.
    Nothing,
    Never,
    /// A React node, element or element type.
    Slot,
    /// A component, with its props.
    Component(Rc<Thunk<'p>>),
    Function(Callable<'p>),
    Object(Rc<Object<'p>>),
    /// An array or tuple.
    List(Rc<[Thunk<'p>]>),
    Union(Rc<[Ty<'p>]>),
    /// The props of every HTML element, by its name.
    Intrinsics,
    /// The names of all HTML elements.
    Tags,
    /// The names of all attributes of some HTML element.
    Attributes,
    /// `any`: fits everything, says nothing.
    Any,
    /// `unknown`.
    Unknown,
    /// A `cva` or `tv` function.
    Variants(Rc<Variants<'p>>),
    /// Known, and nothing that a design has a counterpart for.
    Opaque(Rc<str>),
    /// Unknown, with the reason.
    Unresolved(Rc<str>),
}

/// A function type, where its parameter and result are of use.
#[derive(Debug, Clone)]
pub(crate) struct Callable<'p> {
    pub signature: Option<(&'p FunctionType, Scope<'p>)>,
    /// The function itself, where it is a value.
    pub function: Option<(&'p FunctionFacts, FileId)>,
}

impl Callable<'_> {
    /// A function of which nothing more is of interest.
    pub fn unknown() -> Self {
        Self { signature: None, function: None }
    }
}

/// A literal's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LiteralValue<'p> {
    String(&'p str),
    Number(&'p str),
    Boolean(bool),
}

impl<'p> LiteralValue<'p> {
    /// The literal as an option is named.
    pub fn as_text(self) -> &'p str {
        match self {
            Self::String(text) | Self::Number(text) => text,
            Self::Boolean(true) => "true",
            Self::Boolean(false) => "false",
        }
    }
}

impl<'p> From<&'p Literal> for LiteralValue<'p> {
    fn from(literal: &'p Literal) -> Self {
        match literal {
            Literal::String(text) => Self::String(text),
            Literal::Number(text) => Self::Number(text),
            Literal::Boolean(value) => Self::Boolean(*value),
        }
    }
}

/// A literal type and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LiteralTy<'p> {
    pub value: LiteralValue<'p>,
    pub origin: Option<LiteralOrigin<'p>>,
}

/// Where a literal stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LiteralOrigin<'p> {
    pub file: FileId,
    pub range: Range,
    pub form: DeclarationForm,
    /// Its place among the literals declared with it.
    pub index: usize,
    pub count: usize,
    /// What it stands for, where it is a key.
    pub body: Option<&'p Value>,
}

impl LiteralOrigin<'_> {
    /// What tells two origins apart: where they stand, and among how many. One place has one body.
    fn identity(&self) -> (FileId, u32, u32, DeclarationForm, usize, usize, Option<*const Value>) {
        let Self { file, range, form, index, count, body } = *self;
        (file, range.start, range.end, form, index, count, body.map(std::ptr::from_ref))
    }
}

impl PartialEq for LiteralOrigin<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for LiteralOrigin<'_> {}

impl Hash for LiteralOrigin<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

/// The file in which a type is read, and what its type parameters stand for.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'p> {
    pub file: FileId,
    pub bound: Option<Rc<Bound<'p>>>,
}

/// Type parameters and their arguments.
#[derive(Debug)]
pub(crate) struct Bound<'p> {
    pub names: Vec<(&'p str, Thunk<'p>)>,
    pub outer: Option<Rc<Bound<'p>>>,
}

impl<'p> Scope<'p> {
    /// The top level of a file.
    pub fn top(file: FileId) -> Self {
        Self { file, bound: None }
    }

    /// The same scope with some names bound.
    pub fn with(&self, names: Vec<(&'p str, Thunk<'p>)>) -> Self {
        if names.is_empty() {
            return self.clone();
        }
        Self { file: self.file, bound: Some(Rc::new(Bound { names, outer: self.bound.clone() })) }
    }

    /// What a type parameter stands for.
    pub fn parameter(&self, name: &str) -> Option<&Thunk<'p>> {
        let mut bound = self.bound.as_deref();
        while let Some(level) = bound {
            if let Some((_, thunk)) = level.names.iter().find(|(known, _)| *known == name) {
                return Some(thunk);
            }
            bound = level.outer.as_deref();
        }
        None
    }
}

/// A type that is evaluated when it is asked for: types refer to themselves.
#[derive(Debug, Clone)]
pub(crate) enum Thunk<'p> {
    Type(&'p Type, Scope<'p>),
    /// The type of a value; with `constant`, its literals keep their own types.
    Value {
        value: &'p Value,
        file: FileId,
        constant: bool,
    },
    Ready(Box<Ty<'p>>),
    /// One of these.
    Any(Rc<[Thunk<'p>]>),
    /// All of these at once.
    All(Rc<[Thunk<'p>]>),
}

/// What tells thunks apart that come to other types, by the addresses of what they are made of. It holds as long as its
/// thunk lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ThunkKey {
    of: usize,
    file: FileId,
    /// The type parameters, or whether literals keep their own types.
    within: usize,
}

impl<'p> Thunk<'p> {
    /// Its key, where it is one that others may share.
    pub fn key(&self) -> Option<ThunkKey> {
        match self {
            Self::Type(ty, Scope { file, bound }) => {
                let within = bound.as_ref().map_or(0, |bound| Rc::as_ptr(bound).addr());
                Some(ThunkKey { of: std::ptr::from_ref(*ty).addr(), file: *file, within })
            }
            Self::Value { value, file, constant } => {
                let of = std::ptr::from_ref(*value).addr();
                Some(ThunkKey { of, file: *file, within: (*constant).into() })
            }
            Self::Ready(_) | Self::Any(_) | Self::All(_) => None,
        }
    }

    /// A thunk of what is known already.
    pub fn ready(ty: Ty<'p>) -> Self {
        Self::Ready(Box::new(ty))
    }

    /// Whether two thunks come to one type because they are one.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Type(a, one), Self::Type(b, another)) => {
                std::ptr::eq(*a, *b)
                    && one.file == another.file
                    && match (&one.bound, &another.bound) {
                        (Some(one), Some(another)) => Rc::ptr_eq(one, another),
                        (None, None) => true,
                        _ => false,
                    }
            }
            (
                Self::Value { value: a, file, constant },
                Self::Value { value: b, file: other_file, constant: other_constant },
            ) => std::ptr::eq(*a, *b) && file == other_file && constant == other_constant,
            (Self::Any(a), Self::Any(b)) | (Self::All(a), Self::All(b)) => Rc::ptr_eq(a, b),
            (Self::Ready(a), Self::Ready(b)) => a.is_same(b),
            _ => false,
        }
    }
}

impl<'p> Ty<'p> {
    /// A union, flattened; of one member, that member.
    pub fn union(members: impl IntoIterator<Item = Ty<'p>>) -> Self {
        let mut flat = Vec::new();
        for member in members {
            match member {
                Ty::Union(inner) => flat.extend(inner.iter().cloned()),
                Ty::Never => {}
                // Whatever stands beside it, anything fits.
                Ty::Any => return Ty::Any,
                other => flat.push(other),
            }
        }
        if flat.len() > 1 { Ty::Union(flat.into()) } else { flat.pop().unwrap_or(Ty::Never) }
    }

    /// The members of a union; of anything else, itself.
    pub fn members(&self) -> &[Ty<'p>] {
        match self {
            Ty::Union(members) => members,
            Ty::Never => &[],
            other => std::slice::from_ref(other),
        }
    }

    /// Whether two types are one, as far as that is told at a glance.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Ty::Union(a), Ty::Union(b)) => Rc::ptr_eq(a, b),
            (Ty::Object(a), Ty::Object(b)) => Rc::ptr_eq(a, b),
            (Ty::Boolean, Ty::Boolean)
            | (Ty::String, Ty::String)
            | (Ty::Number, Ty::Number)
            | (Ty::Slot, Ty::Slot) => true,
            _ => false,
        }
    }

    /// An unresolved type.
    pub fn unresolved(reason: impl Into<Rc<str>>) -> Self {
        Ty::Unresolved(reason.into())
    }

    /// An object without any properties.
    pub fn empty_object() -> Self {
        Ty::Object(Rc::new(Object::default()))
    }

    /// What a DOM element takes.
    pub fn dom() -> Self {
        Ty::Object(Rc::new(Object { dom: true, ..Object::default() }))
    }
}
