//! What a scan of the code side finds.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use lockstep_core::{
    contract::{OptionName, PropertyName},
    diagnostic::Diagnostic,
    shared::Shared,
    statement::Statement,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Framework;

/// A component that a library exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScannedComponent {
    /// The name it is exported under (`Button`, `Card.Header` for a compound part).
    pub name: String,
    /// What it is written with.
    #[serde(default)]
    pub framework: Framework,
    /// The `name` of the `package.json` it belongs to.
    pub package: Option<String>,
    /// Where the component itself is declared.
    pub declared: Place,
    /// The contract and what stands beside it.
    pub statement: Statement,
    /// Where each part of the contract is stated, for diagnostics and edits.
    pub origins: BTreeMap<PropertyName, PropertyOrigin>,
    /// Where a new property would be declared: the component's own props type, when it is an interface or an object
    /// type of this library.
    pub props_type: Option<Place>,
    /// The JSDoc text of the component.
    pub description: Option<String>,
    /// The text of `@deprecated`, when it is deprecated.
    pub deprecated: Option<String>,
}

/// A file of a workspace, which everything that is found in it shares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(Arc<str>);

impl FilePath {
    /// The path, relative to the workspace, with `/` between its parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn shared(&self) -> Arc<str> {
        self.0.clone()
    }
}

impl<P: Into<Arc<str>>> From<P> for FilePath {
    fn from(path: P) -> Self {
        Self(path.into())
    }
}

impl std::ops::Deref for FilePath {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<std::path::Path> for FilePath {
    fn as_ref(&self) -> &std::path::Path {
        self.0.as_ref().as_ref()
    }
}

impl PartialEq<str> for FilePath {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for FilePath {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl PartialEq<String> for FilePath {
    fn eq(&self, other: &String) -> bool {
        &*self.0 == other
    }
}

impl std::fmt::Display for FilePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for FilePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for FilePath {
    fn schema_name() -> Cow<'static, str> {
        "FilePath".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for FilePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// A byte range of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The file, relative to the workspace, with `/` between its parts.
    pub file: FilePath,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The line of the first byte, from 1.
    pub line: u32,
}

/// Where one property is stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PropertyOrigin {
    /// The whole declaration: a property signature with its semicolon, or a variant group `size: { … }`.
    pub declared: Place,
    /// How the property is declared, which decides how it can be edited.
    pub form: DeclarationForm,
    /// Where each option's literal or key stands; an option stated in several places (a union and a class map, say)
    /// has several.
    pub options: Shared<BTreeMap<OptionName, Vec<Place>>>,
    /// Where the default's expression stands: in a destructuring, `defaultVariants`, `defaultProps`.
    pub default: Vec<Place>,
}

/// The ways in which code declares a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeclarationForm {
    /// `size?: 'small' | 'large'`, inline or through a type alias.
    TypeUnion,
    /// `(typeof sizes)[number]` over an `as const` array.
    ConstArray,
    /// `keyof typeof sizes`, or values of an `as const` object.
    ConstObject,
    /// A TypeScript `enum`.
    EnumDeclaration,
    /// A variant group of `cva` or `tv`.
    VariantMap,
    /// `PropTypes.oneOf([...])`.
    PropTypes,
    /// A property that is no `enum`: `disabled?: boolean`.
    Plain,
    /// Something that can't be edited safely: a type computed elsewhere, a package in `node_modules`.
    Computed,
}

/// Everything that a scan of one package of code finds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeScan {
    /// The exported components, by name.
    pub components: Vec<ScannedComponent>,
    /// The stories.
    pub stories: Vec<Story>,
    /// The pages of documentation that the Storybook shows beside them.
    pub docs: Vec<DocsPage>,
    /// What Code Connect files say.
    pub connections: Vec<CodeConnection>,
    /// What was wrong with files; the rest was still scanned.
    pub diagnostics: Vec<Diagnostic>,
    /// How many files were read or found unchanged.
    pub files: usize,
}

/// Tells one result of a scan from every other: it stands for the result as long as [`crate::standing`] gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanMark(pub(crate) String);

/// One story of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// Storybook's id: `components-button--primary`.
    pub id: String,
    /// The meta's title: `Components/Button`.
    pub title: String,
    /// The story's display name: `Primary`.
    pub name: String,
    /// The export it is declared under.
    pub export_name: String,
    /// Where it is declared.
    pub declared: Place,
    /// The component that the meta names (`Button`, `Card.Header`), under the name it is exported by where it was
    /// imported by name, else as it is written there.
    pub component: Option<String>,
    /// The file that declares the component, relative to the workspace, as far as imports could be followed.
    pub component_file: Option<String>,
    /// The effective args: meta args overlaid by story args. Only what is known without running it.
    pub args: BTreeMap<String, ArgValue>,
    /// What was spread among the args and is not known without running it: the story may be given others.
    pub open_args: Vec<String>,
    /// Tags as Storybook lists them, after inheritance and `!removals`.
    pub tags: Vec<String>,
    /// Whether it has a play function (an interaction test).
    pub has_play: bool,
    /// The tests that are added to it: `Primary.test('…', …)`.
    pub tests: Vec<StoryTest>,
    /// `parameters.design.url` of addon-designs.
    pub design_url: Option<String>,
}

/// One test of a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryTest {
    /// Storybook's id: `components-button--primary:is-pressed`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Tags as Storybook lists them.
    pub tags: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// One page of documentation in a Storybook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocsPage {
    /// Storybook's id: `components-button--docs`.
    pub id: String,
    /// The title that it stands under.
    pub title: String,
    /// Its display name.
    pub name: String,
    /// The file that it is written in, or whose stories it is made of.
    pub file: FilePath,
    /// What makes it.
    pub kind: DocsKind,
    /// Tags as Storybook lists them.
    pub tags: Vec<String>,
    /// The files with stories that it imports.
    pub stories: Vec<String>,
}

/// What makes a page of documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocsKind {
    /// The stories of one title, tagged `autodocs`.
    Stories,
    /// A file in MDX about stories: `<Meta of={…} />`.
    Attached,
    /// A file in MDX of its own.
    Unattached,
}

/// The value of an arg as far as it is known statically.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "known", content = "value", rename_all = "snake_case")]
pub enum ArgValue {
    /// A JSON-like literal.
    Literal(serde_json::Value),
    /// JSX, a function, or something computed at run time, with its source text cut to 80 characters.
    Computed(String),
}

impl Eq for ArgValue {}

/// What one Code Connect file says of one design node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeConnection {
    /// Where the connection is declared.
    pub declared: Place,
    /// Which of the two formats.
    pub format: CodeConnectFormat,
    /// The design node's address, after `documentUrlSubstitutions`.
    pub url: String,
    /// The code component's name: `Button`.
    pub component: Option<String>,
    /// The file that `// source=` names, or that declares the component as far as imports could be followed.
    pub component_file: Option<String>,
    /// How properties correspond.
    pub properties: Vec<ConnectedProperty>,
    /// `variant: { Size: 'Large' }`: the connection holds for these design options only.
    pub variant: BTreeMap<String, String>,
}

/// The two formats of Code Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeConnectFormat {
    /// `*.figma.ts`, `*.figma.js`: parserless templates.
    Template,
    /// `*.figma.tsx`: `figma.connect(...)`.
    Connect,
}

/// One `figma.enum(...)`, `instance.getBoolean(...)` and the like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedProperty {
    /// The design property's name, without its `#id:n`.
    pub design: String,
    /// The code property that the example or template passes it to, where that is known.
    pub code: Option<PropertyName>,
    /// What kind of property the call reads.
    pub reads: ConnectedKind,
    /// What the name is a name of.
    pub from: ReadFrom,
    /// Design option to code value, as the call lists them. A value that is no literal is left out.
    pub options: Vec<(String, serde_json::Value)>,
    /// The design options that the call lists, whatever their values are.
    pub keys: Vec<ConnectedKey>,
    /// Whether these are all that it lists: nothing computed is spread among them.
    pub keys_are_complete: bool,
    /// Where the call stands.
    pub place: Place,
}

/// A design option as a Code Connect call lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedKey {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

/// What the name in a Code Connect call is a name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadFrom {
    /// A property of the kind that the call says.
    Property,
    /// A property of any kind: `getPropertyValue`.
    AnyProperty,
    /// A layer: `figma.textContent`, `findText`, slots.
    Layer,
}

/// What a Code Connect call reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectedKind {
    /// `figma.enum`, `getEnum`.
    Enum,
    /// `figma.boolean`, `getBoolean`.
    Boolean,
    /// `figma.string`, `getString`, `figma.textContent`.
    Text,
    /// `figma.instance`, `getInstanceSwap`, `figma.slot`.
    Instance,
    /// `figma.children`, `figma.nestedProps`, `figma.className`: no property of this component.
    Other,
}
