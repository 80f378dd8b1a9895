//! What one file says, owned and serialisable: the form in which a file is kept between scans.
//!
//! Lowering never looks beyond its file and never guesses: names stay names until [`crate::resolve`] looks them up.

mod admits;
mod component;
mod function;
pub(crate) mod jsdoc;
mod lower;
mod shift;
pub(crate) mod snippet;
mod svelte;
mod types;
mod values;
mod vue;

pub(crate) use component::{ComponentFacts, DeclaredProperty, Slot};
pub(crate) use lower::{line_starts, lower, lower_document};

use lockstep_core::{diagnostic::Diagnostic, shared::Shared};
use serde::{Deserialize, Serialize};

/// Names and literals: never grown once read.
pub(crate) type Text = Box<str>;

/// A byte range of the file that the facts are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub(crate) struct Range {
    pub start: u32,
    pub end: u32,
}

impl From<oxc_span::Span> for Range {
    fn from(span: oxc_span::Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}

/// Everything of one file that a contract may depend on. The lists are sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileFacts {
    pub imports: Vec<Import>,
    pub exports: Vec<Export>,
    pub types: Vec<TypeDeclaration>,
    pub values: Vec<ValueDeclaration>,
    /// `Card.Header = …`, in the order of the file.
    pub members: Vec<MemberAssignment>,
    /// The modules that it refers to in any way, sorted.
    pub specifiers: Vec<Text>,
    /// Where each line starts.
    pub lines: Shared<Vec<u32>>,
    /// The specifiers of modules whose names are known here too: what a manifest says is said in their words.
    pub scopes: Vec<Text>,
    pub diagnostics: Vec<Diagnostic>,
}

impl FileFacts {
    /// The line of a byte, from 1.
    pub fn line(&self, byte: u32) -> u32 {
        u32::try_from(self.lines.partition_point(|start| *start <= byte)).unwrap_or(u32::MAX)
    }

    /// All declarations of a type's name: interfaces merge.
    pub fn types_named(&self, name: &str) -> &[TypeDeclaration] {
        named(&self.types, |declaration| &declaration.name, name)
    }

    /// The value of a top-level name.
    pub fn value_named(&self, name: &str) -> Option<&ValueDeclaration> {
        named(&self.values, |declaration| &declaration.name, name).first()
    }

    /// Whether a type or a value of a name is declared.
    pub fn declares(&self, name: &str) -> bool {
        !self.types_named(name).is_empty() || self.value_named(name).is_some()
    }

    /// The import that binds a local name.
    pub fn import_named(&self, local: &str) -> Option<&Import> {
        named(&self.imports, |import| &import.local, local).first()
    }
}

/// What other files see of one file: what is kept of it as long as it does not change.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Outline {
    pub imports: Vec<Import>,
    pub exports: Vec<Export>,
    pub specifiers: Vec<Text>,
    /// The names of its types and values, sorted.
    pub declared: Vec<Text>,
}

impl Outline {
    /// The import that binds a local name.
    pub fn import_named(&self, local: &str) -> Option<&Import> {
        named(&self.imports, |import| &import.local, local).first()
    }

    /// Whether a type or a value of a name is declared.
    pub fn declares(&self, name: &str) -> bool {
        self.declared.binary_search_by(|known| (**known).cmp(name)).is_ok()
    }
}

fn named<'a, T>(sorted: &'a [T], key: impl Fn(&T) -> &str, name: &str) -> &'a [T] {
    let start = sorted.partition_point(|item| key(item) < name);
    let length = sorted[start..].partition_point(|item| key(item) == name);
    &sorted[start..start + length]
}

/// One imported binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Import {
    pub local: Text,
    pub specifier: Text,
    pub imported: Imported,
}

/// What of a module is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Imported {
    /// An export by name; `default` is one.
    Name(Text),
    /// `* as x`.
    Namespace,
}

/// One export of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Export {
    /// `export const x`, `export { local as name }`; a default export of an expression is the value named
    /// [`DEFAULT_EXPORT`].
    Local { name: Text, local: Text },
    /// `export { imported as name } from 'specifier'`, `export * as name from 'specifier'`.
    From { name: Text, specifier: Text, imported: Imported },
    /// `export * from 'specifier'`.
    All { specifier: Text },
}

/// The local name under which `export default <expression>` is kept; no identifier can be spelt like it.
pub(crate) const DEFAULT_EXPORT: &str = "export default";

/// What a JSDoc comment says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Doc {
    pub text: Option<Text>,
    pub deprecated: Option<Text>,
    pub default: Option<Text>,
}

/// One declaration of a type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TypeDeclaration {
    pub name: Text,
    pub range: Range,
    pub parameters: Vec<TypeParameter>,
    pub body: TypeBody,
}

/// One type parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TypeParameter {
    pub name: Text,
    pub constraint: Option<Type>,
    pub default: Option<Type>,
}

/// The ways to declare a type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum TypeBody {
    Alias(Type),
    Interface {
        extends: Vec<Type>,
        object: ObjectType,
    },
    Enum(Vec<EnumMember>),
    /// `class Button extends …`: the instance type is of no interest, its name is.
    Class,
}

/// One member of an `enum`, with its value where that is written down or follows by counting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EnumMember {
    pub name: Text,
    /// The literal, or the whole member where none is written.
    pub range: Range,
    pub value: Option<Literal>,
}

/// A literal's value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Literal {
    String(Text),
    /// A number, in JavaScript's shortest spelling.
    Number(Text),
    Boolean(bool),
}

/// A type expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Type {
    Keyword(Keyword),
    Literal(Literal, Range),
    /// A template literal type: texts, and the types between them.
    Template(Vec<Text>, Vec<Type>),
    Union(Vec<Type>),
    Intersection(Vec<Type>),
    Object(Box<ObjectType>),
    Array(Box<Type>),
    Tuple(Vec<Type>),
    Reference {
        path: Vec<Text>,
        arguments: Vec<Type>,
    },
    /// `import('specifier').path`.
    Import {
        specifier: Text,
        path: Vec<Text>,
        arguments: Vec<Type>,
    },
    /// `typeof path`.
    Query(Vec<Text>),
    KeyOf(Box<Type>),
    Index(Box<Type>, Box<Type>),
    Function(Box<FunctionType>),
    Conditional(Box<ConditionalType>),
    Mapped(Box<MappedType>),
    Infer(Text),
    /// Too deep, or no type that a contract could be read from.
    Other(Text),
}

/// The types that have a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Keyword {
    Any,
    BigInt,
    Boolean,
    Never,
    Null,
    Number,
    Object,
    String,
    Symbol,
    Undefined,
    Unknown,
}

/// `{ … }` as a type, or the body of an interface.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ObjectType {
    pub range: Range,
    pub members: Vec<TypeMember>,
    pub calls: Vec<FunctionType>,
    pub has_index: bool,
}

/// One property or method signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TypeMember {
    pub name: Text,
    /// The signature with its semicolon.
    pub range: Range,
    pub optional: bool,
    /// `None` for a method.
    pub ty: Option<Type>,
    pub doc: Option<Box<Doc>>,
}

/// A function type or call signature: what a component made of it takes and gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FunctionType {
    pub parameters: Vec<TypeParameter>,
    pub first: Option<Type>,
    pub returns: Option<Type>,
}

/// `check extends pattern ? yes : no`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ConditionalType {
    pub check: Type,
    pub pattern: Type,
    pub yes: Type,
    pub no: Type,
}

/// `{ [key in constraint as name]: value }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MappedType {
    pub key: Text,
    pub constraint: Type,
    /// What the key is renamed to.
    pub name: Option<Type>,
    pub value: Option<Type>,
    /// Whether it makes its properties optional (`?`, `+?`) or not (`-?`); without a word, they stay what they were.
    pub optional: Option<bool>,
}

/// A top-level value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ValueDeclaration {
    pub name: Text,
    pub range: Range,
    pub annotation: Option<Type>,
    pub value: Value,
    pub doc: Option<Box<Doc>>,
}

/// `owner.path = value`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MemberAssignment {
    pub owner: Text,
    pub member: Text,
    pub value: Value,
}

/// A value expression, as far as a contract may depend on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Value {
    Literal(Literal, Range),
    Null(Range),
    Undefined(Range),
    Object(Vec<ObjectMember>, Range),
    Array(Vec<Value>, Range),
    /// `...value` in an array or among arguments.
    Spread(Box<Value>),
    /// `a.b.c`.
    Path(Vec<Text>, Range),
    /// `value as const`: literals within keep their own types.
    Const(Box<Value>),
    /// `value as Type`, other than `as const`.
    As(Box<Value>, Box<Type>),
    /// A call, or a tagged template (whose argument is left out).
    Call(Box<Call>),
    Function(Box<FunctionFacts>),
    Class(Box<ClassFacts>),
    /// A whole file, or an entry of a manifest, that is a component.
    Component(Box<ComponentFacts>),
    /// Anything else.
    Other(Range),
}

impl Value {
    /// Where the expression stands.
    pub fn range(&self) -> Range {
        match self {
            Self::Literal(_, range)
            | Self::Null(range)
            | Self::Undefined(range)
            | Self::Object(_, range)
            | Self::Array(_, range)
            | Self::Path(_, range)
            | Self::Other(range) => *range,
            Self::Spread(inner) | Self::Const(inner) | Self::As(inner, _) => inner.range(),
            Self::Call(call) => call.range,
            Self::Function(function) => function.range,
            Self::Class(class) => class.range,
            Self::Component(component) => component.range,
        }
    }
}

/// One member of an object literal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum ObjectMember {
    Property {
        key: Text,
        key_range: Range,
        /// The whole member, without its comma.
        range: Range,
        value: Value,
        doc: Option<Box<Doc>>,
    },
    Spread(Value),
    /// `[computed]: …`: the keys are not all known.
    Computed,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Call {
    pub callee: Value,
    pub type_arguments: Vec<Type>,
    pub arguments: Vec<Value>,
    pub range: Range,
    /// Whether `.isRequired` stands behind it, as behind a prop type.
    pub is_required: bool,
}

/// A function, as far as it may be a component.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FunctionFacts {
    pub range: Range,
    pub parameters: Vec<TypeParameter>,
    /// The annotation of the first parameter.
    pub props: Option<Type>,
    /// What is destructured from the first parameter, there or in the body.
    pub taken: Vec<TakenProperty>,
    pub renders: Renders,
    /// The component that it hands its props on to: `<Base {...props} />`.
    pub forwards: Option<Value>,
    pub returns: Option<Type>,
    /// The list in which its parameter is looked for, where that is all it does: `(v) => sizes.includes(v)`.
    pub admits: Option<Value>,
}

/// Whether a function gives JSX.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Renders {
    /// JSX stands in its body, or it creates an element by a call.
    Jsx,
    /// It gives nothing but `null`, or its children.
    Nothing,
    /// Neither was seen.
    #[default]
    Unseen,
}

/// One property taken from props by destructuring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TakenProperty {
    pub name: Text,
    pub range: Range,
    pub default: Option<Value>,
}

/// A class, as far as it may be a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClassFacts {
    pub range: Range,
    /// Others extend it; nobody renders it.
    pub is_abstract: bool,
    pub parameters: Vec<TypeParameter>,
    pub base: Option<Value>,
    pub base_arguments: Vec<Type>,
    pub renders: Renders,
    pub default_props: Option<Value>,
    pub prop_types: Option<Value>,
    /// The fields that are attributes of a custom element: `@property() size = 'm'`.
    pub fields: Vec<DeclaredProperty>,
    /// What `const { … } = this.props` takes in `render`.
    pub taken: Vec<TakenProperty>,
}
