//! New stories, written as the ones in their file are.

use std::collections::BTreeSet;

use lockstep_core::contract::{OptionName, Property, PropertyName, normalise};
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    draft::Draft,
    list::{deletion, insertion},
    session::Session,
    spelling::{is_number, key_like, literal_like, pascal, quoted},
    syntax::{Source, key_name, literal_text, object_of, property_named},
};

/// How a file declares a story.
enum Flavour<'a> {
    /// `export const Small: Story = { args: { … } }`.
    Object { annotation: &'a str, suffix: &'a str },
    /// `export const Small = meta.story({ args: { … } })`.
    Factory { callee: &'a str },
    /// `export const Small = Template.bind({})` with `Small.args = { … }`.
    Template { init: &'a str },
}

/// A story as it stands in a file.
pub(super) struct Sample<'a> {
    name: &'a str,
    flavour: Flavour<'a>,
    args: Option<&'a ObjectExpression<'a>>,
    /// The object that holds the args, where there is one.
    object: Option<&'a ObjectExpression<'a>>,
    /// Where all that belongs to the story ends.
    end: usize,
}

impl Sample<'_> {
    /// Whether it is one that can be written without another.
    pub(super) fn is_object_or_factory(&self) -> bool {
        self.is_factory() || matches!(self.flavour, Flavour::Object { .. })
    }

    /// Whether it is made by `meta.story`.
    pub(super) fn is_factory(&self) -> bool {
        matches!(self.flavour, Flavour::Factory { .. })
    }
}

/// Adds a story for each option, behind the last story of the file.
pub(super) fn add(
    session: &Session<'_>,
    source: &Source<'_>,
    property: &PropertyName,
    options: &[&OptionName],
    draft: &mut Draft,
) {
    let samples = samples(source);
    let Some(last) = samples.iter().max_by_key(|sample| sample.end) else {
        let place = session.stories.first().map_or(&session.component.declared, |story| &story.declared);
        draft.note(
            place.clone(),
            format!("the stories here are functions; one for a new `{property}` is left to you"),
        );
        return;
    };
    // The story to write after: the last one that shows another option of the same property, else the last one.
    let shows = |sample: &&Sample<'_>| {
        sample.args.is_some_and(|args| property_named(args, property.as_str()).is_some())
    };
    let model = samples.iter().rev().find(shows).unwrap_or(last);
    let mut taken: BTreeSet<String> = source
        .nodes
        .iter()
        .filter_map(|node| node.as_binding_identifier())
        .map(|identifier| identifier.name.to_string())
        .collect();
    let mut text = String::new();
    for option in options {
        let name = free_name(&mut taken, property, option);
        let eol = source.eol();
        let mut entries = entries(source, model, property, option, &declared_like(session, property, option));
        if model.args.is_none_or(|args| property_named(args, property.as_str()).is_none()) {
            entries.splice(0..0, needed(session, source, &samples, property));
        }
        text.push_str(&format!("{eol}{eol}{}", written(source, model, &name, &entries)));
    }
    draft.extend(&source.file, [insertion(last.end, text)]);
    draft.new_stories.insert(source.file.clone());
}

/// What the first story with args gives of what has to be given, and its content, where the meta gives neither: a story
/// that only sets an option would show little without.
fn needed(
    session: &Session<'_>,
    source: &Source<'_>,
    samples: &[Sample<'_>],
    property: &PropertyName,
) -> Vec<String> {
    let required = &session.component.statement.required;
    let objects = source.nodes.iter().filter_map(|node| node.as_object_expression());
    let metas = objects.filter(|object| property_named(object, "component").is_some());
    let of_meta: Vec<_> = metas
        .filter_map(|meta| property_named(meta, "args").and_then(|args| object_of(&args.value)))
        .collect();
    let is_needed = |key: &str| {
        let is_asked_for = key == "children" || required.iter().any(|name| name.as_str() == key);
        is_asked_for
            && key != property.as_str()
            && !of_meta.iter().any(|args| property_named(args, key).is_some())
    };
    let entries = samples.iter().find_map(|sample| sample.args).into_iter().flat_map(|args| &args.properties);
    let needed = entries.filter(|entry| {
        entry.as_property().and_then(|entry| key_name(&entry.key)).is_some_and(|key| is_needed(&key))
    });
    needed.map(|entry| source.slice(entry.span()).to_owned()).collect()
}

/// A literal of the sort that an option is declared by, where that is no string: `2`, `true`.
pub(super) fn declared_like(session: &Session<'_>, property: &PropertyName, option: &OptionName) -> String {
    if matches!(session.component.statement.contract.property(property), Some(Property::Boolean { .. })) {
        return "true".to_owned();
    }
    let origin = session.component.origins.get(property);
    let places = origin.and_then(|origin| origin.options.get(option)).into_iter().flatten();
    let texts = places.filter_map(|place| {
        let text = session.text(place).ok()?;
        text.get(place.start as usize..place.end as usize).map(str::to_owned)
    });
    let texts: Vec<String> = texts.collect();
    let is_quoted = |text: &String| text.starts_with(['\'', '"', '`']);
    // `boolean | 'mixed'` spells neither of the two out.
    if is_truth(option.as_str()) && !texts.iter().any(is_quoted) {
        return "true".to_owned();
    }
    texts.into_iter().find(|text| text == option.as_str() && is_number(text)).unwrap_or_default()
}

fn is_truth(text: &str) -> bool {
    ["true", "false"].contains(&text)
}

pub(super) fn free_name(
    taken: &mut BTreeSet<String>,
    property: &PropertyName,
    option: &OptionName,
) -> String {
    // `Disabled` and `NotDisabled` tell more than `True` and `False`.
    let short = match option.as_str() {
        "true" => pascal(property.as_str()),
        "false" => format!("Not{}", pascal(property.as_str()).trim_start_matches('_')),
        option => pascal(option),
    };
    let long = format!("{}{}", pascal(property.as_str()), short.trim_start_matches('_'));
    let plain = (!short.starts_with('_')).then_some(short);
    let numbered = (2..).map(|number| format!("{long}{number}"));
    let mut names = plain.into_iter().chain([long.clone()]).chain(numbered);
    // The numbered names never end.
    let name = names.find(|name| !taken.contains(name)).unwrap_or(long);
    taken.insert(name.clone());
    name
}

/// The stories of a file whose flavour is known, in order.
pub(super) fn samples<'a>(source: &Source<'a>) -> Vec<Sample<'a>> {
    source.program.body.iter().filter_map(|statement| sample(source, statement)).collect()
}

fn sample<'a>(source: &Source<'a>, statement: &'a Statement<'a>) -> Option<Sample<'a>> {
    let Statement::ExportDeclaration(export) = statement else { return None };
    let Declaration::VariableDeclaration(variable) = &export.declaration else { return None };
    let [declarator] = variable.declarations.as_slice() else { return None };
    let BindingPattern::BindingIdentifier(identifier) = &declarator.id else { return None };
    let (name, init) = (identifier.name.as_str(), declarator.init.as_ref()?);
    let (assigned, end) = assignments(source, name, export.span.end as usize);
    let annotation =
        declarator.type_annotation.as_ref().map_or("", |annotation| source.slice(annotation.span));
    let of = |object: &'a ObjectExpression<'a>, flavour| {
        let args = property_named(object, "args").and_then(|args| object_of(&args.value)).or(assigned);
        Some(Sample { name, flavour, args, object: Some(object), end })
    };
    match init {
        Expression::CallExpression(call) => match &call.callee {
            Expression::StaticMemberExpression(member) if member.property.name == "bind" => {
                let flavour = Flavour::Template { init: source.slice(init.span()) };
                Some(Sample { name, flavour, args: assigned, object: None, end })
            }
            Expression::StaticMemberExpression(member)
                if matches!(member.property.name.as_str(), "story" | "extend") =>
            {
                let factory = factory(source, member)?;
                match call.arguments.first().and_then(|argument| argument.as_expression()) {
                    Some(argument) => of(object_of(argument)?, Flavour::Factory { callee: factory }),
                    None => {
                        let flavour = Flavour::Factory { callee: factory };
                        Some(Sample { name, flavour, args: None, object: None, end })
                    }
                }
            }
            _ => None,
        },
        other => {
            let object = object_of(other)?;
            let suffix =
                source.text.get(object.span.end as usize..other.span().end as usize).unwrap_or_default();
            of(object, Flavour::Object { annotation, suffix })
        }
    }
}

/// `meta.story`, also where the sample extends another story.
fn factory<'a>(source: &Source<'a>, member: &StaticMemberExpression<'a>) -> Option<&'a str> {
    if member.property.name == "story" {
        return Some(source.slice(member.span));
    }
    source.nodes.iter().find_map(|node| match node {
        AstKind::CallExpression(call) => match &call.callee {
            Expression::StaticMemberExpression(callee) if callee.property.name == "story" => {
                Some(source.slice(callee.span))
            }
            _ => None,
        },
        _ => None,
    })
}

/// What `Story.args = …` assigns, and where the last statement about the story ends.
fn assignments<'a>(source: &Source<'a>, name: &str, end: usize) -> (Option<&'a ObjectExpression<'a>>, usize) {
    let (mut args, mut end) = (None, end);
    for statement in &source.program.body {
        let Statement::ExpressionStatement(statement) = statement else { continue };
        let mut names = source.within(statement.span).filter_map(|node| node.as_identifier_reference());
        if names.next().is_some_and(|first| first.name == name) {
            end = end.max(statement.span.end as usize);
        }
        let Expression::AssignmentExpression(assignment) = &statement.expression else { continue };
        let AssignmentTarget::StaticMemberExpression(member) = &assignment.left else { continue };
        if !matches!(&member.object, Expression::Identifier(owner) if owner.name == name) {
            continue;
        }
        if member.property.name == "args" {
            args = object_of(&assignment.right);
        }
    }
    (args, end)
}

/// A story with args, in the flavour of another one.
pub(super) fn written(source: &Source<'_>, model: &Sample<'_>, name: &str, entries: &[String]) -> String {
    let end = if source.has_semicolons() { ";" } else { "" };
    let eol = source.eol();
    match &model.flavour {
        Flavour::Object { annotation, suffix } => {
            format!("export const {name}{annotation} = {}{suffix}{end}", body(source, model, entries))
        }
        Flavour::Factory { callee } => {
            format!("export const {name} = {callee}({}){end}", body(source, model, entries))
        }
        Flavour::Template { init } => {
            let object =
                object_text(source, entries, "", is_one_line(source, model.args.map(|args| args.span)));
            format!("export const {name} = {init}{end}{eol}{name}.args = {object}{end}")
        }
    }
}

fn body(source: &Source<'_>, model: &Sample<'_>, entries: &[String]) -> String {
    if entries.is_empty() {
        return match model.flavour {
            Flavour::Factory { .. } => String::new(),
            Flavour::Object { .. } | Flavour::Template { .. } => "{}".to_owned(),
        };
    }
    let outer_one_line = is_one_line(source, model.object.map(|object| object.span));
    let unit = source.indent_unit();
    let inner_one_line = outer_one_line || is_one_line(source, model.args.map(|args| args.span));
    let args = object_text(source, entries, if outer_one_line { "" } else { &unit }, inner_one_line);
    object_text(source, &[format!("args: {args}")], "", outer_one_line)
}

pub(super) fn is_one_line(source: &Source<'_>, object: Option<Span>) -> bool {
    object.is_some_and(|span| span.end - span.start > 2 && !source.slice(span).contains('\n'))
}

pub(super) fn object_text(source: &Source<'_>, entries: &[String], indent: &str, one_line: bool) -> String {
    if one_line {
        return format!("{{ {} }}", entries.join(", "));
    }
    let (eol, unit) = (source.eol(), source.indent_unit());
    let comma = if has_trailing_commas(source) { "," } else { "" };
    let lines: Vec<String> = entries.iter().map(|entry| format!("{eol}{indent}{unit}{entry}")).collect();
    format!("{{{}{comma}{eol}{indent}}}", lines.join(","))
}

/// Whether objects over several lines end with a comma.
fn has_trailing_commas(source: &Source<'_>) -> bool {
    let objects = source.nodes.iter().filter_map(|node| node.as_object_expression());
    let mut with_lines =
        objects.filter(|object| source.slice(object.span).contains('\n') && !object.properties.is_empty());
    with_lines.next().is_none_or(|object| {
        let last = object.properties.last().map_or(object.span.start, |last| last.span().end);
        source.slice(Span::new(last, object.span.end)).contains(',')
    })
}

/// The args of the new story: those of its model, with the new option, and with the option's name where the model
/// showed its own.
fn entries(
    source: &Source<'_>,
    model: &Sample<'_>,
    property: &PropertyName,
    option: &OptionName,
    declared: &str,
) -> Vec<String> {
    let quote = source.quote();
    let own = |value: &str| format!("{}: {value}", key_like(&[], property.as_str(), quote));
    let Some(args) = model.args.filter(|args| property_named(args, property.as_str()).is_some()) else {
        return vec![own(&literal_like(declared, option.as_str(), quote))];
    };
    let shown = property_named(args, property.as_str()).and_then(|entry| literal_text(&entry.value));
    let mut entries = Vec::new();
    for entry in &args.properties {
        let text = source.slice(entry.span());
        let Some(named) = entry.as_property() else {
            entries.push(text.to_owned());
            continue;
        };
        let sample = source.slice(named.value.span());
        if key_name(&named.key).as_deref() == Some(property.as_str()) {
            let sample = if declared.is_empty() { sample } else { declared };
            entries.push(format!(
                "{}: {}",
                source.slice(named.key.span()),
                literal_like(sample, option.as_str(), quote)
            ));
            continue;
        }
        let says = literal_text(&named.value).filter(|_| sample.starts_with(['\'', '"']));
        let names_itself = says.as_deref().is_some_and(|says| {
            let says = normalise(says);
            says == normalise(model.name) || shown.as_deref().is_some_and(|shown| says == normalise(shown))
        });
        let quote = sample.chars().next().unwrap_or(quote);
        entries.push(if names_itself {
            let label = Some(pascal(option.as_str())).filter(|label| !label.starts_with('_'));
            let label = label.unwrap_or_else(|| option.to_string());
            format!("{}: {}", source.slice(named.key.span()), quoted(&label, quote))
        } else {
            text.to_owned()
        });
    }
    entries
}

/// Takes out the story whose args hold a literal, when it is nothing but a way to show it. Answers whether it was.
pub(super) fn remove(session: &Session<'_>, source: &Source<'_>, literal: Span, draft: &mut Draft) -> bool {
    let samples = samples(source);
    let Some(story) = samples
        .iter()
        .find(|sample| sample.args.is_some_and(|args| args.span.contains_inclusive(literal)))
        .filter(|_| samples.len() > 1 && !session.is_imported(&source.file))
    else {
        return false;
    };
    let Some(export) = source
        .program
        .body
        .iter()
        .find(|statement| sample(source, statement).is_some_and(|sample| sample.name == story.name))
    else {
        return false;
    };
    let whole = Span::new(export.span().start, u32::try_from(story.end).unwrap_or(u32::MAX));
    if !only_shows(story) || is_used_outside(source, story.name, whole) {
        return false;
    }
    let start = source.doc_before(whole.start as usize).map_or(whole.start, |doc| doc.start) as usize;
    let before = source.text.get(..start).unwrap_or_default();
    let above = before.trim_end().len();
    let end = source.line_end(story.end);
    // What else stands on its lines would be torn from them.
    if !source.only(story.end, end, &[';']) || !before.get(above..).is_some_and(|gap| gap.contains('\n')) {
        return false;
    }
    draft.extend(&source.file, [deletion(above, end)]);
    draft.note(source.place(whole), format!("the story `{}` goes with what it shows", story.name));
    true
}

/// Whether a story does nothing but set args.
fn only_shows(story: &Sample<'_>) -> bool {
    story.object.is_none_or(|object| {
        object.properties.iter().all(|member| match member {
            ObjectPropertyKind::ObjectProperty(entry) => {
                matches!(key_name(&entry.key).as_deref(), Some("args" | "name" | "tags" | "storyName"))
            }
            ObjectPropertyKind::SpreadProperty(_) => true,
        })
    })
}

fn is_used_outside(source: &Source<'_>, name: &str, whole: Span) -> bool {
    let references = source.nodes.iter().filter_map(|node| node.as_identifier_reference());
    references.into_iter().any(|used| used.name == name && !whole.contains_inclusive(used.span))
}
