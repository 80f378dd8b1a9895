//! A story file for a component that has no stories, written as another one of its project is: the same imports, the
//! same form of CSF, the same scheme of titles and names.

use std::collections::BTreeSet;

use lockstep_core::contract::{OptionName, Property, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::ast::*;
use oxc_span::{GetSpan, Span};

use super::{
    draft::Draft,
    list::insertion,
    session::Session,
    spelling::{is_identifier, key_like, literal_like, quoted},
    story_path::{import_of, rebased, story_path},
    story_text::{self, Sample},
    syntax::{Source, literal_text, object_of, parse, property_named},
};
use crate::model::Place;

/// Writes a story for each option into a file of their own, or adds them to the one that this plan has begun.
pub(super) fn add(
    session: &Session<'_>,
    property: &PropertyName,
    options: &[&OptionName],
    draft: &mut Draft,
) {
    if session.options.story_models.is_empty() {
        return;
    }
    let written = match session.begun_file() {
        Some(file) => add_to(session, &file, property, options, draft),
        None => begin(session, property, options, draft),
    };
    if let Err(reason) = written {
        let place = session.component.declared.clone();
        draft.note(place, format!("it has no stories, and none is written: {reason}"));
    }
}

fn add_to(
    session: &Session<'_>,
    file: &str,
    property: &PropertyName,
    options: &[&OptionName],
    draft: &mut Draft,
) -> Result<(), String> {
    let allocator = Allocator::default();
    let place = Place { file: file.into(), start: 0, end: 0, line: 1 };
    let source = session.source(&allocator, &place).map_err(|_| "its file can't be read again".to_owned())?;
    story_text::add(session, &source, property, options, draft);
    Ok(())
}

fn begin(
    session: &Session<'_>,
    property: &PropertyName,
    options: &[&OptionName],
    draft: &mut Draft,
) -> Result<(), String> {
    let (name, needed) = (&session.component.name, needed_args(session)?);
    if !is_identifier(name) {
        return Err(format!("`{name}` is a part of another component"));
    }
    let declared = |option: &&'_ OptionName| story_text::declared_like(session, property, option);
    let options: Vec<(&OptionName, String)> =
        options.iter().map(|option| (*option, declared(option))).collect();
    let mut reason = "no story file of the package shows how".to_owned();
    for model in &session.options.story_models {
        let allocator = Allocator::default();
        let Ok(text) = session.files.read(&model.file) else { continue };
        let Ok(source) = parse(&allocator, &model.file, &text) else { continue };
        let Some(form) = Form::of(&source) else { continue };
        let file = story_path(model, &session.component);
        if session.files.read(&file).is_ok() {
            reason = format!("{file} is there already, with no story of it");
            continue;
        }
        let Some(own) = own_import(session, &form, &file) else {
            return Err(format!("{} does not export it", session.component.declared.file));
        };
        if let Some(text) = form.file(name, (&file, &own), &needed, property, &options)
            && parse(&Allocator::default(), &file, &text).is_ok()
        {
            session.begin_file(&file);
            draft.extend(&file, [insertion(0, text)]);
            draft.new_stories.insert(file);
            return Ok(());
        }
    }
    Err(reason)
}

/// What has to be given, whatever a default says: the type of the props asks for it.
fn needed_args(session: &Session<'_>) -> Result<Vec<(PropertyName, Property)>, String> {
    let statement = &session.component.statement;
    let needed = statement.required.iter().map(|name| match statement.contract.property(name) {
        Some(property) => Ok((name.clone(), property.clone())),
        None => Err(format!("`{name}` has to be given, and what it may be is not known")),
    });
    needed.collect()
}

/// A value for a property that has to be given: its default, or one that is made up.
fn given(component: &str, property: &Property, quote: char) -> String {
    let default = property.default_text();
    match property {
        Property::Boolean { .. } => default.unwrap_or_else(|| "false".to_owned()),
        Property::Number => "1".to_owned(),
        Property::Enum { options, .. } => {
            let first = || options.iter().next().map(ToString::to_string);
            literal_like("", &default.or_else(first).unwrap_or_default(), quote)
        }
        Property::Text | Property::Slot => quoted(component, quote),
    }
}

/// Args as entries of an object.
fn args(
    component: &str,
    properties: &[(PropertyName, Property)],
    quote: char,
) -> impl Iterator<Item = String> {
    properties.iter().map(move |(name, property)| {
        format!("{}: {}", key_like(&[], name.as_str(), quote), given(component, property, quote))
    })
}

/// The statement that imports the component into its story file.
fn own_import(session: &Session<'_>, form: &Form<'_, '_>, file: &str) -> Option<String> {
    let allocator = Allocator::default();
    let component = &session.component;
    let declaring = session.source(&allocator, &component.declared).ok()?;
    let name = component.name.as_str();
    let is_named = declaring.program.body.iter().any(|statement| exports(statement, name));
    let is_default =
        || declaring.program.body.iter().any(|one| matches!(one, Statement::ExportDefaultDeclaration(_)));
    let imported = match is_named {
        true => format!("{{ {name} }}"),
        false if is_default() => name.to_owned(),
        false => return None,
    };
    let source = form.source;
    let from = import_of(&component.declared.file, file, form.component_import());
    let end = if source.has_semicolons() { ";" } else { "" };
    Some(format!("import {imported} from {}{end}", quoted(&from, source.quote())))
}

fn exports(statement: &Statement<'_>, name: &str) -> bool {
    match statement {
        Statement::ExportDeclaration(export) => match &export.declaration {
            Declaration::VariableDeclaration(variables) => variables
                .declarations
                .iter()
                .any(|one| matches!(&one.id, BindingPattern::BindingIdentifier(id) if id.name == name)),
            Declaration::FunctionDeclaration(function) => {
                function.id.as_ref().is_some_and(|id| id.name == name)
            }
            Declaration::ClassDeclaration(class) => class.id.as_ref().is_some_and(|id| id.name == name),
            _ => false,
        },
        Statement::ExportNamedDeclaration(export) => {
            export.specifiers.iter().any(|specifier| specifier.exported.name() == name)
        }
        _ => false,
    }
}

/// What a story file is made of.
struct Form<'s, 'a> {
    source: &'s Source<'a>,
    /// The statement that holds the meta, and its object.
    meta: (Span, &'a ObjectExpression<'a>),
    /// The identifier that the meta's `component` is.
    component: &'a str,
    sample: Sample<'a>,
}

impl<'s, 'a> Form<'s, 'a> {
    /// Of a file with story objects or factories; other forms are not copied.
    fn of(source: &'s Source<'a>) -> Option<Self> {
        let meta =
            source.program.body.iter().find_map(|statement| Some((statement.span(), meta_of(statement)?)))?;
        let Expression::Identifier(component) = &property_named(meta.1, "component")?.value else {
            return None;
        };
        let sample = story_text::samples(source).into_iter().find(Sample::is_object_or_factory)?;
        Some(Self { source, meta, component: component.name.as_str(), sample })
    }

    fn imports(&self) -> impl Iterator<Item = &'a ImportDeclaration<'a>> + use<'a> {
        self.source.program.body.iter().filter_map(|statement| match statement {
            Statement::ImportDeclaration(import) => Some(&**import),
            _ => None,
        })
    }

    /// Where the model imports its own component from.
    fn component_import(&self) -> &'a str {
        let mut imports = self.imports();
        let own = imports.find(|import| locals(import).any(|local| local == self.component));
        own.map_or("", |import| import.source.value.as_str())
    }

    /// The text of the file; nothing where more would have to be copied than is understood.
    fn file(
        &self,
        name: &str,
        (file, own_import): (&str, &str),
        needed: &[(PropertyName, Property)],
        property: &PropertyName,
        options: &[(&OptionName, String)],
    ) -> Option<String> {
        let (source, eol) = (self.source, self.source.eol());
        // The type of a factory's meta takes the literals among its args for texts, which options are not.
        let (of_meta, of_stories) =
            if self.sample.is_factory() { (&[][..], needed) } else { (needed, &[][..]) };
        let stories = self.stories(name, of_stories, property, options);
        let mut used = format!("{}{stories}", self.meta_statement(name, of_meta));
        let mut statements = Vec::new();
        // From below: what is used stands above.
        for statement in source.program.body.iter().rev() {
            let span = statement.span();
            let text = match statement {
                _ if span == self.meta.0 => self.meta_statement(name, of_meta),
                Statement::ImportDeclaration(import)
                    if locals(import).any(|local| local == self.component) =>
                {
                    own_import.to_owned()
                }
                Statement::ImportDeclaration(import) => match self.import(import, &used, file) {
                    Some(text) => text,
                    None => continue,
                },
                Statement::ExportDefaultDeclaration(_) => self.respelt(span, name),
                Statement::TSTypeAliasDeclaration(alias) if mentions(&used, &alias.id.name) => {
                    self.respelt(span, name)
                }
                _ => continue,
            };
            used.push_str(&text);
            statements.push((span, text));
        }
        let kept: BTreeSet<u32> = statements.iter().map(|(span, _)| span.start).collect();
        let left = source.program.body.iter().filter(|statement| !kept.contains(&statement.span().start));
        if left.flat_map(declared).any(|left| mentions(&used, left)) {
            return None;
        }
        let mut text = String::new();
        let mut before: Option<Span> = None;
        for (span, statement) in statements.into_iter().rev() {
            if let Some(before) = before {
                let close = source.slice(Span::new(before.end, span.start)).matches('\n').count() == 1;
                text.push_str(&eol.repeat(if close { 1 } else { 2 }));
            }
            text.push_str(&statement);
            before = Some(span);
        }
        Some(format!("{text}{stories}{eol}"))
    }

    /// One as it is by itself, and one for each option.
    fn stories(
        &self,
        name: &str,
        needed: &[(PropertyName, Property)],
        property: &PropertyName,
        options: &[(&OptionName, String)],
    ) -> String {
        let (source, quote) = (self.source, self.source.quote());
        let mut taken = BTreeSet::from([name.to_owned(), "Default".to_owned()]);
        let mut stories = vec![("Default".to_owned(), args(name, needed, quote).collect())];
        for (option, declared) in options {
            let others: Vec<_> = needed.iter().filter(|(other, _)| other != property).cloned().collect();
            let key = key_like(&[], property.as_str(), quote);
            let shown = format!("{key}: {}", literal_like(declared, option.as_str(), quote));
            let entries: Vec<String> = args(name, &others, quote).chain([shown]).collect();
            stories.push((story_text::free_name(&mut taken, property, option), entries));
        }
        let written = stories.into_iter().map(|(story, entries)| {
            let text = story_text::written(source, &self.sample, &story, &entries);
            format!("{}{}", source.eol().repeat(2), with_name(&text, self.component, name))
        });
        written.collect()
    }

    /// The meta with what is known of the component: its title in the scheme of the model, itself, the same tags.
    fn meta_statement(&self, name: &str, needed: &[(PropertyName, Property)]) -> String {
        let (source, (statement, object), quote) = (self.source, self.meta, self.source.quote());
        let mut entries = Vec::new();
        for entry in object.properties.iter().filter_map(ObjectPropertyKind::as_property) {
            let key = source.slice(entry.key.span());
            match key {
                "title" => {
                    let Some(title) = literal_text(&entry.value) else { continue };
                    let title = title
                        .rsplit_once('/')
                        .map_or(name.to_owned(), |(above, _)| format!("{above}/{name}"));
                    let sample = source.slice(entry.value.span());
                    entries.push(format!("{key}: {}", literal_like(sample, &title, quote)));
                }
                "component" => {
                    entries.push(if entry.shorthand { name.to_owned() } else { format!("{key}: {name}") })
                }
                "tags" if matches!(entry.value, Expression::ArrayExpression(_)) => {
                    entries.push(source.slice(entry.span).to_owned());
                }
                _ => {}
            }
        }
        if !needed.is_empty() {
            let args = args(name, needed, quote);
            entries.push(format!("args: {{ {} }}", args.collect::<Vec<_>>().join(", ")));
        }
        let one_line = story_text::is_one_line(source, Some(object.span));
        let before = source.slice(Span::new(statement.start, object.span.start));
        let behind = source.slice(Span::new(object.span.end, statement.end));
        let object = story_text::object_text(source, &entries, "", one_line);
        format!(
            "{}{object}{}",
            with_name(before, self.component, name),
            with_name(behind, self.component, name)
        )
    }

    /// An import with what of it is used.
    fn import(&self, import: &'a ImportDeclaration<'a>, used: &str, file: &str) -> Option<String> {
        let locals: Vec<&str> = locals(import).collect();
        let kept = |local: &&&str| mentions(used, local);
        let source = self.source;
        if locals.iter().filter(kept).count() == 0 {
            return None;
        }
        let from = import.source.value.as_str();
        let quote = source.slice(import.source.span);
        let quote = quote.chars().next().unwrap_or('\'');
        let from = match from.starts_with('.') {
            true => rebased(from, &source.file, file)?,
            false => from.to_owned(),
        };
        let from = quoted(&from, quote);
        if locals.iter().all(|local| mentions(used, local)) {
            let (before, behind) = (import.span.start, import.source.span);
            let before = source.slice(Span::new(before, behind.start));
            let behind = source.slice(Span::new(behind.end, import.span.end));
            return Some(format!("{before}{from}{behind}"));
        }
        let specifiers = import.specifiers.iter().flatten().filter(|one| mentions(used, &one.local().name));
        let named: Option<Vec<&str>> = specifiers
            .map(|one| match one {
                ImportDeclarationSpecifier::ImportSpecifier(one) => Some(source.slice(one.span)),
                _ => None,
            })
            .collect();
        let kind = if import.import_kind.is_type() { "import type" } else { "import" };
        let end = if source.has_semicolons() { ";" } else { "" };
        Some(format!("{kind} {{ {} }} from {from}{end}", named?.join(", ")))
    }

    fn respelt(&self, span: Span, name: &str) -> String {
        with_name(self.source.slice(span), self.component, name)
    }
}

/// The object that a meta is: of `const meta = {…}`, `export default {…}` and `preview.meta({…})`.
fn meta_of<'a>(statement: &'a Statement<'a>) -> Option<&'a ObjectExpression<'a>> {
    let object = match statement {
        Statement::VariableDeclaration(variables) => {
            let [declarator] = variables.declarations.as_slice() else { return None };
            match declarator.init.as_ref()? {
                Expression::CallExpression(call) => {
                    object_of(call.arguments.first().and_then(|argument| argument.as_expression())?)?
                }
                other => object_of(other)?,
            }
        }
        Statement::ExportDefaultDeclaration(export) => object_of(export.declaration.as_expression()?)?,
        _ => return None,
    };
    property_named(object, "component").map(|_| object)
}

fn locals<'a>(import: &'a ImportDeclaration<'a>) -> impl Iterator<Item = &'a str> {
    import.specifiers.iter().flatten().map(|specifier| specifier.local().name.as_str())
}

/// The names that a statement declares in its file.
fn declared<'a>(statement: &'a Statement<'a>) -> Vec<&'a str> {
    match statement {
        Statement::ImportDeclaration(import) => locals(import).collect(),
        Statement::VariableDeclaration(variables) => {
            let ids = variables.declarations.iter().flat_map(|one| one.id.get_binding_identifiers());
            ids.map(|id| id.name.as_str()).collect()
        }
        Statement::FunctionDeclaration(function) => function.id.iter().map(|id| id.name.as_str()).collect(),
        Statement::ClassDeclaration(class) => class.id.iter().map(|id| id.name.as_str()).collect(),
        Statement::TSTypeAliasDeclaration(alias) => vec![alias.id.name.as_str()],
        Statement::TSInterfaceDeclaration(interface) => vec![interface.id.name.as_str()],
        _ => Vec::new(),
    }
}

/// Whether a text has a name in it as a word of its own.
fn mentions(text: &str, name: &str) -> bool {
    words(text).any(|(_, word)| word == name)
}

/// A text with one name in place of another.
fn with_name(text: &str, from: &str, to: &str) -> String {
    let mut renamed = String::with_capacity(text.len());
    let mut done = 0;
    for (at, word) in words(text).filter(|(_, word)| *word == from) {
        renamed.push_str(&text[done..at]);
        renamed.push_str(to);
        done = at + word.len();
    }
    renamed.push_str(&text[done..]);
    renamed
}

/// The identifiers of a text, and what looks like some.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |c: char| oxc_syntax::identifier::is_identifier_part(c);
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(part)?;
        let end = text[start..].find(|c| !part(c)).map_or(text.len(), |length| start + length);
        rest = end;
        Some((start, &text[start..end]))
    })
}
