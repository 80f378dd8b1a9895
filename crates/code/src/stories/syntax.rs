//! What Storybook's own indexer takes from a story file. It looks at literals only, follows a name no further than to
//! its declaration, and refuses what it can't read; a refused file fails the whole index.

use oxc_ast::ast::{
    Argument, ArrayExpressionElement, BindingPattern, CallExpression, Declaration, Expression,
    ObjectExpression, ObjectProperty, ObjectPropertyKind, Program, Statement, VariableDeclaration,
};
use oxc_span::{GetSpan, Span};

use super::version::Since;

/// Why Storybook refuses a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) span: Span,
    pub(super) code: &'static str,
    pub(super) message: &'static str,
    pub(super) hint: &'static str,
}

/// A literal member of a story's or a meta's object.
#[derive(Clone, Copy)]
pub(super) struct Annotation<'p, 'a> {
    pub(super) name: &'p str,
    /// Nothing for methods and accessors.
    pub(super) value: Option<&'p Expression<'a>>,
}

/// The members of an object literal that stand under plain names; spread and quoted ones don't count.
pub(super) fn annotations<'p, 'a>(object: &'p ObjectExpression<'a>) -> Vec<Annotation<'p, 'a>> {
    let plain = |property: &'p ObjectProperty<'a>| {
        use oxc_ast::ast::{PropertyKey, PropertyKind};
        let PropertyKey::StaticIdentifier(key) = &property.key else { return None };
        let is_method = property.method || property.kind != PropertyKind::Init;
        Some(Annotation { name: key.name.as_str(), value: (!is_method).then_some(&property.value) })
    };
    let properties = object.properties.iter().filter_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) => plain(property),
        ObjectPropertyKind::SpreadProperty(_) => None,
    });
    properties.collect()
}

/// The object that an expression is, and since which version type assertions around it are seen through.
pub(super) fn asserted_object<'p, 'a>(
    expression: &'p Expression<'a>,
) -> Option<(&'p ObjectExpression<'a>, Since)> {
    let (inner, since) = asserted(expression);
    match inner {
        Expression::ObjectExpression(object) => Some((object, since)),
        _ => None,
    }
}

/// What `… as T`, `… satisfies T` or `… satisfies T as U` asserts the type of.
pub(super) fn asserted<'p, 'a>(expression: &'p Expression<'a>) -> (&'p Expression<'a>, Since) {
    match expression.without_parentheses() {
        Expression::TSAsExpression(outer) => match outer.expression.without_parentheses() {
            Expression::TSSatisfiesExpression(inner) => {
                (inner.expression.without_parentheses(), Since::Version(9))
            }
            inner => (inner, Since::Always),
        },
        Expression::TSSatisfiesExpression(outer) => (outer.expression.without_parentheses(), Since::Always),
        inner => (inner, Since::Always),
    }
}

/// The value that a top-level variable is declared with.
pub(super) fn declared<'p, 'a>(program: &'p Program<'a>, name: &str) -> Option<&'p Expression<'a>> {
    let in_declaration = |declaration: &'p VariableDeclaration<'a>| {
        declaration.declarations.iter().find_map(|declarator| match &declarator.id {
            BindingPattern::BindingIdentifier(id) if id.name == name => Some(declarator.init.as_ref()),
            _ => None,
        })
    };
    let found = program.body.iter().find_map(|statement| match statement {
        Statement::VariableDeclaration(declaration) => in_declaration(declaration),
        Statement::ExportDeclaration(export) => match &export.declaration {
            Declaration::VariableDeclaration(declaration) => in_declaration(declaration),
            _ => None,
        },
        _ => None,
    });
    found.flatten()
}

/// An array of string literals, written in place or as the value of a top-level variable.
pub(super) fn strings<'p, 'a>(
    program: &'p Program<'a>,
    expression: &'p Expression<'a>,
) -> Result<Vec<String>, Refusal> {
    let refusal = |span| Refusal {
        span,
        code: "story-tags-computed",
        message: "the tags are computed at run time; Storybook accepts only an array of strings",
        hint: "write the tags out: `tags: ['autodocs']`",
    };
    let mut value = expression.without_parentheses();
    if let Expression::Identifier(id) = value {
        value = declared(program, &id.name).ok_or_else(|| refusal(expression.span()))?.without_parentheses();
    }
    let Expression::ArrayExpression(array) = value else { return Err(refusal(expression.span())) };
    array.elements.iter().map(|element| string(element).ok_or_else(|| refusal(element.span()))).collect()
}

/// The names in `__namedExportsOrder`; nothing when they are not all literals.
pub(super) fn literal_names(expression: &Expression<'_>) -> Option<Vec<String>> {
    match expression.without_parentheses() {
        Expression::ArrayExpression(array) => array.elements.iter().map(string).collect(),
        _ => None,
    }
}

fn string(element: &ArrayExpressionElement<'_>) -> Option<String> {
    match element {
        ArrayExpressionElement::StringLiteral(text) => Some(text.value.to_string()),
        _ => None,
    }
}

/// The text of a string literal.
pub(super) fn text<'p>(expression: &'p Expression<'_>) -> Option<&'p str> {
    match expression.without_parentheses() {
        Expression::StringLiteral(text) => Some(text.value.as_str()),
        _ => None,
    }
}

/// `parameters: { __id: '…' }`.
pub(super) fn own_id<'p>(parameters: &'p Expression<'_>) -> Option<&'p str> {
    let Expression::ObjectExpression(object) = parameters.without_parentheses() else { return None };
    annotations(object).into_iter().find(|annotation| annotation.name == "__id")?.value.and_then(text)
}

/// A call `name.story(…)` or `name.extend(…)`.
pub(super) fn story_call<'p, 'a>(expression: &'p Expression<'a>) -> Option<&'p CallExpression<'a>> {
    let Expression::CallExpression(call) = expression.without_parentheses() else { return None };
    let Expression::StaticMemberExpression(callee) = call.callee.without_parentheses() else { return None };
    let is_story = matches!(callee.property.name.as_str(), "story" | "extend");
    (is_story && matches!(callee.object, Expression::Identifier(_))).then_some(call)
}

/// A call `Story.test('name', function)` or `Story.test('name', options, function)`.
pub(super) struct TestCall<'p, 'a> {
    pub(super) story: &'p str,
    pub(super) name: &'p str,
    pub(super) options: Option<&'p Expression<'a>>,
    pub(super) span: Span,
}

/// The tests that a statement adds to a story.
pub(super) fn test_call<'p, 'a>(statement: &'p Statement<'a>) -> Option<TestCall<'p, 'a>> {
    let Statement::ExpressionStatement(statement) = statement else { return None };
    let Expression::CallExpression(call) = &statement.expression else { return None };
    let Expression::StaticMemberExpression(callee) = call.callee.without_parentheses() else { return None };
    let Expression::Identifier(object) = &callee.object else { return None };
    let [Argument::StringLiteral(name), second, rest @ ..] = call.arguments.as_slice() else { return None };
    (callee.property.name == "test").then(|| TestCall {
        story: object.name.as_str(),
        name: name.value.as_str(),
        options: (!rest.is_empty()).then(|| second.as_expression()).flatten(),
        span: call.span,
    })
}

/// The tags among a test's options.
pub(super) fn test_tags<'p, 'a>(
    program: &'p Program<'a>,
    options: &'p Expression<'a>,
) -> Result<Vec<String>, Refusal> {
    let mut options = options.without_parentheses();
    if let Expression::Identifier(id) = options
        && let Some(value) = declared(program, &id.name)
    {
        options = value.without_parentheses();
    }
    let Expression::ObjectExpression(object) = options else { return Ok(Vec::new()) };
    match annotations(object).into_iter().find(|annotation| annotation.name == "tags") {
        Some(Annotation { value: Some(tags), .. }) => strings(program, tags),
        _ => Ok(Vec::new()),
    }
}
