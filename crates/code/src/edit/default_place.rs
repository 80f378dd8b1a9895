//! Where a default stands or could stand: a destructuring, `defaultVariants`, `defaultProps`, a property definition.

use lockstep_core::contract::PropertyName;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    containers::inner,
    draft::{Draft, Refusal},
    function::component_code,
    list::{List, Separator, insertion},
    markup,
    session::Session,
    spelling::{is_identifier, key_like},
    syntax::{Source, key_name, object_of, property_named, span_of},
    variant_map::{config, properties},
};
use crate::model::{DeclarationForm, Place};

/// The expression that stands exactly at a place, with the node that holds it.
pub(super) fn holder<'a>(source: &Source<'a>, place: &Place) -> Option<(Span, AstKind<'a>)> {
    let span = span_of(place);
    let chain = source.chain(span);
    let holder = chain.iter().rev().find(|node| {
        matches!(
            node,
            AstKind::AssignmentPattern(_)
                | AstKind::ObjectProperty(_)
                | AstKind::VariableDeclarator(_)
                | AstKind::BindingProperty(_)
                | AstKind::PropertyDefinition(_)
        )
    })?;
    let expression = match holder {
        AstKind::AssignmentPattern(pattern) => pattern.right.span(),
        AstKind::ObjectProperty(property) => property.value.span(),
        AstKind::VariableDeclarator(declarator) => declarator.init.as_ref()?.span(),
        AstKind::PropertyDefinition(field) => field.value.as_ref()?.span(),
        _ => return None,
    };
    (expression.contains_inclusive(span) || span.contains_inclusive(expression))
        .then_some((expression, *holder))
}

/// Takes a default away from where it stands.
pub(super) fn remove(source: &Source<'_>, place: &Place, draft: &mut Draft) -> Result<(), Refusal> {
    let refuse = |reason: &str| source.refuse(span_of(place), reason);
    let (_, holder) = holder(source, place).ok_or_else(|| refuse("the default could not be found again"))?;
    match holder {
        AstKind::AssignmentPattern(pattern) => {
            let span = Span::new(pattern.left.span().end, pattern.span.end);
            draft.replace(&source.file, span, "");
            Ok(())
        }
        AstKind::ObjectProperty(property) => remove_entry(source, property.span, draft),
        _ => Err(refuse("the default is a constant that other code may use")),
    }
}

/// Takes an entry out of an object of defaults; the last one takes the object with it where it has a name there.
pub(super) fn remove_entry(source: &Source<'_>, entry: Span, draft: &mut Draft) -> Result<(), Refusal> {
    let chain = source.chain(entry);
    let mut outer = chain
        .iter()
        .rev()
        .skip_while(|node| node.span() == entry)
        .filter(|node| !matches!(node, AstKind::TSAsExpression(_) | AstKind::TSSatisfiesExpression(_)));
    let Some(AstKind::ObjectExpression(object)) = outer.next() else {
        return Err(source.refuse(entry, "the default could not be found again"));
    };
    let list = properties(source, object);
    if list.members.len() > 1 {
        let index = list.members.iter().position(|member| *member == entry).unwrap_or(0);
        draft.extend(&source.file, list.remove(index)?);
        return Ok(());
    }
    if let (Some(AstKind::ObjectProperty(named)), Some(AstKind::ObjectExpression(owner))) =
        (outer.next(), outer.next())
        && matches!(key_name(&named.key).as_deref(), Some("defaultVariants" | "defaultProps"))
        && owner.properties.len() > 1
    {
        let list = properties(source, owner);
        let index = list.members.iter().position(|member| *member == named.span).unwrap_or(0);
        draft.extend(&source.file, list.remove(index)?);
        return Ok(());
    }
    draft.replace(&source.file, object.span, "{}");
    Ok(())
}

/// Adds a default where none stands yet, and says in which file, with the text of its value from `value_for`.
pub(super) fn add(
    session: &Session<'_>,
    source: &Source<'_>,
    property: &PropertyName,
    value: &str,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let refuse = |span, reason: &str| Err(source.refuse(span, reason));
    if let Some(code) = component_code(source, &session.component) {
        if let Some(binding) = code.binding(property) {
            if binding.default.is_some() {
                return refuse(binding.property.span, "a default stands here that was not understood");
            }
            if code.own.iter().all(|pattern| pattern.span != binding.pattern.span) {
                return refuse(
                    binding.property.span,
                    "the property is taken out of the props in an inner function",
                );
            }
            let end = binding.property.span.end as usize;
            draft.extend(&source.file, [insertion(end, format!(" = {value}"))]);
            return Ok(());
        }
        if session.is_new(property)
            && is_identifier(property.as_str())
            && let Some(pattern) = code.own.first()
        {
            draft.extend(&source.file, new_binding(source, pattern, &format!("{property} = {value}")));
            return Ok(());
        }
    }
    if let Some(object) = markup::defaults(source).or_else(|| default_props(source, session)) {
        draft.extend(&source.file, new_entry(source, object, property, value));
        return Ok(());
    }
    refuse(
        span_of(&session.component.declared),
        &format!(
            "the component does not take `{property}` out of its props by name, so there is no place for a default"
        ),
    )
}

/// Adds a default to the map that declares the property, where it is one that can state defaults.
pub(super) fn add_to_map(
    source: &Source<'_>,
    declared: &Place,
    form: DeclarationForm,
    property: &PropertyName,
    value: &str,
    draft: &mut Draft,
) -> bool {
    let chain = source.chain(span_of(declared));
    if form == DeclarationForm::VariantMap {
        let Some(config) = config(&chain) else { return false };
        match property_named(config, "defaultVariants").map(|defaults| object_of(&defaults.value)) {
            Some(Some(defaults)) => draft.extend(&source.file, new_entry(source, defaults, property, value)),
            Some(None) => return false,
            None => {
                let key = key_like(&[], property.as_str(), source.quote());
                let list = properties(source, config);
                let last = list.members.len().saturating_sub(1);
                let body = match multi_line(source, config) {
                    Some(indent) => {
                        let eol = source.eol();
                        let unit = source.indent_unit();
                        format!("defaultVariants: {{{eol}{indent}{unit}{key}: {value},{eol}{indent}}}")
                    }
                    None => format!("defaultVariants: {{ {key}: {value} }}"),
                };
                draft.extend(&source.file, list.insert_after(last, &body));
            }
        }
        return true;
    }
    let definition = chain.iter().rev().find_map(|node| match node {
        AstKind::ObjectProperty(definition)
            if key_name(&definition.key).as_deref() == Some(property.as_str()) =>
        {
            object_of(&definition.value)
        }
        _ => None,
    });
    let Some(definition) = definition else { return false };
    let is_definition =
        ["type", "values", "className"].iter().any(|name| property_named(definition, name).is_some());
    if is_definition {
        draft.extend(&source.file, new_entry(source, definition, &"default".into(), value));
    }
    is_definition
}

/// The indentation of an object's members, when they stand on lines of their own.
fn multi_line<'s>(source: &'s Source<'_>, object: &ObjectExpression<'_>) -> Option<&'s str> {
    let last = object.properties.last()?.span().start as usize;
    let own_line = source.only(source.line_start(last), last, &[]);
    own_line.then(|| source.indent_at(last))
}

/// A new entry behind the last one of an object.
pub(super) fn new_entry(
    source: &Source<'_>,
    object: &ObjectExpression<'_>,
    property: &PropertyName,
    value: &str,
) -> Vec<lockstep_core::edit::TextEdit> {
    let list = properties(source, object);
    let keys: Vec<&str> = object
        .properties
        .iter()
        .filter_map(ObjectPropertyKind::as_property)
        .map(|entry| source.slice(entry.key.span()))
        .collect();
    let key = key_like(&keys, property.as_str(), source.quote());
    list.insert_after(list.members.len().saturating_sub(1), &format!("{key}: {value}"))
}

/// A new name behind the last one that a component takes out of its props, before the rest.
pub(super) fn new_binding(
    source: &Source<'_>,
    pattern: &ObjectPattern<'_>,
    binding: &str,
) -> Vec<lockstep_core::edit::TextEdit> {
    let list = bindings(source, pattern);
    match pattern.properties.len().checked_sub(1) {
        Some(last) => list.insert_after(last, binding),
        None => match &pattern.rest {
            Some(rest) => vec![insertion(rest.span.start as usize, format!("{binding}, "))],
            None => list.insert_after(0, binding),
        },
    }
}

/// The names of an object pattern as a list, the rest at its end.
pub(super) fn bindings<'s, 'a>(source: &'s Source<'a>, pattern: &ObjectPattern<'a>) -> List<'s, 'a> {
    let named = pattern.properties.iter().map(|property| property.span);
    let members = named.chain(pattern.rest.iter().map(|rest| rest.span)).collect();
    List { source, inside: inner(pattern.span), members, separator: Separator::Comma }
}

/// The object of `Button.defaultProps = {…}` or `static defaultProps = {…}`.
fn default_props<'a>(source: &Source<'a>, session: &Session<'_>) -> Option<&'a ObjectExpression<'a>> {
    let name = session.component.name.as_str();
    let declared = span_of(&session.component.declared);
    source.nodes.iter().find_map(|node| match node {
        AstKind::AssignmentExpression(assignment) => {
            let AssignmentTarget::StaticMemberExpression(member) = &assignment.left else { return None };
            let named = matches!(&member.object, Expression::Identifier(owner) if owner.name == name);
            (named && member.property.name == "defaultProps").then(|| object_of(&assignment.right))?
        }
        AstKind::PropertyDefinition(definition) if definition.r#static => {
            let inside = source.chain(definition.span).iter().any(|node| match node {
                AstKind::Class(class) => {
                    class.span.contains_inclusive(declared)
                        || declared.contains_inclusive(class.span)
                        || class.id.as_ref().is_some_and(|id| id.name == name)
                }
                _ => false,
            });
            let named = key_name(&definition.key).as_deref() == Some("defaultProps");
            (inside && named).then(|| object_of(definition.value.as_ref()?))?
        }
        _ => None,
    })
}
