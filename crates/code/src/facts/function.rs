//! Functions and classes: what they take from their props, and whether they render anything.

use oxc_ast::ast;

use super::{
    ClassFacts, DeclaredProperty, FunctionFacts, Renders, TakenProperty, Text, Value, lower::Lowering,
};

/// Statements and expressions nested deeper than this are not searched for JSX.
const MAX_DEPTH: usize = 40;

impl Lowering<'_> {
    pub(super) fn function(&self, function: &ast::Function<'_>) -> FunctionFacts {
        let mut facts = self.signature(&function.params, function.type_parameters.as_deref());
        facts.range = function.span.into();
        facts.returns = self.annotation(function.return_type.as_deref());
        if let Some(body) = &function.body {
            self.body(&body.statements, &function.params, &mut facts);
        }
        facts
    }

    pub(super) fn arrow(&self, arrow: &ast::ArrowFunctionExpression<'_>) -> FunctionFacts {
        let mut facts = self.signature(&arrow.params, arrow.type_parameters.as_deref());
        facts.range = arrow.span.into();
        facts.returns = self.annotation(arrow.return_type.as_deref());
        match &arrow.body {
            ast::ArrowFunctionBody::FunctionBody(body) => {
                self.body(&body.statements, &arrow.params, &mut facts)
            }
            other => {
                if let Some(expression) = other.as_expression() {
                    facts.renders = returned(expression, 0);
                    facts.forwards = self.noted(forwarded(expression, &props_names(&arrow.params)));
                    facts.admits = self.admitted(expression, &arrow.params);
                }
            }
        }
        facts
    }

    fn signature(
        &self,
        params: &ast::FormalParameters<'_>,
        parameters: Option<&ast::TSTypeParameterDeclaration<'_>>,
    ) -> FunctionFacts {
        let mut facts =
            FunctionFacts { parameters: self.type_parameters(parameters), ..FunctionFacts::default() };
        if let Some(first) = params.items.first() {
            facts.props = self.annotation(first.type_annotation.as_deref());
            self.take(&first.pattern, &mut facts.taken);
        }
        facts
    }

    fn body(
        &self,
        statements: &[ast::Statement<'_>],
        params: &ast::FormalParameters<'_>,
        facts: &mut FunctionFacts,
    ) {
        if let Some(name) = params.items.first().and_then(|first| bound_name(&first.pattern)) {
            self.take_from(statements, Source::Variable(name), &mut facts.taken);
        }
        if let Some(ast::Statement::ReturnStatement(last)) = statements.last() {
            let names = props_names(params);
            facts.forwards =
                self.noted(last.argument.as_ref().and_then(|argument| forwarded(argument, &names)));
            if statements.len() == 1 {
                facts.admits = last.argument.as_ref().and_then(|argument| self.admitted(argument, params));
            }
        }
        facts.renders = statements_render(statements, 0);
    }

    fn noted(&self, forwards: Option<Value>) -> Option<Value> {
        if let Some(Value::Path(path, _)) = &forwards {
            self.mentions(path.clone());
        }
        forwards
    }

    pub(super) fn class(&self, class: &ast::Class<'_>) -> ClassFacts {
        let mut facts = ClassFacts {
            range: class.span.into(),
            is_abstract: class.r#abstract,
            parameters: self.type_parameters(class.type_parameters.as_deref()),
            base: class.heritage.as_ref().map(|heritage| self.value(&heritage.expression)),
            base_arguments: class
                .heritage
                .as_ref()
                .map_or_else(Vec::new, |heritage| self.arguments(heritage.type_arguments.as_deref())),
            renders: Renders::Unseen,
            default_props: None,
            prop_types: None,
            fields: Vec::new(),
            taken: Vec::new(),
        };
        for element in &class.body.body {
            match element {
                ast::ClassElement::PropertyDefinition(property) => {
                    facts.fields.extend(self.reactive_field(property));
                    match property.key.static_name().as_deref() {
                        Some("defaultProps") if property.r#static => {
                            facts.default_props = property.value.as_ref().map(|value| self.value(value));
                        }
                        Some("propTypes") if property.r#static => {
                            facts.prop_types = property.value.as_ref().map(|value| self.value(value));
                        }
                        Some("render") => facts.renders = Renders::Jsx,
                        _ => {}
                    }
                }
                ast::ClassElement::MethodDefinition(method)
                    if method.key.static_name().as_deref() == Some("render") =>
                {
                    facts.renders = Renders::Jsx;
                    if let Some(body) = &method.value.body {
                        self.take_from(&body.statements, Source::This, &mut facts.taken);
                    }
                }
                _ => {}
            }
        }
        facts
    }

    /// A field that an attribute sets, as Lit and its like mark them.
    fn reactive_field(&self, field: &ast::PropertyDefinition<'_>) -> Option<DeclaredProperty> {
        let marked = field.decorators.iter().any(|decorator| {
            let callee = match &decorator.expression {
                ast::Expression::CallExpression(call) => &call.callee,
                other => other,
            };
            callee_name(callee).is_some_and(|name| matches!(name, "property" | "attr"))
        });
        let name = field.key.static_name().filter(|_| marked)?;
        Some(DeclaredProperty {
            name: name.as_ref().into(),
            range: field.span.into(),
            ty: self.annotation(field.type_annotation.as_deref()),
            definition: None,
            default: field.value.as_ref().map(|value| self.value(value)),
            doc: self.doc(field.span.start),
        })
    }

    /// `{ size = 'm', 'aria-label': label, ...rest }`.
    pub(super) fn take(&self, pattern: &ast::BindingPattern<'_>, taken: &mut Vec<TakenProperty>) {
        let pattern = match pattern {
            ast::BindingPattern::AssignmentPattern(assignment) => &assignment.left,
            other => other,
        };
        let ast::BindingPattern::ObjectPattern(object) = pattern else { return };
        for property in &object.properties {
            let Some(name) = property.key.static_name() else { continue };
            if taken.iter().any(|known| known.name.as_ref() == name.as_ref() && known.default.is_some()) {
                continue;
            }
            let default = match &property.value {
                ast::BindingPattern::AssignmentPattern(assignment) => Some(self.value(&assignment.right)),
                _ => None,
            };
            taken.push(TakenProperty { name: name.as_ref().into(), range: property.span.into(), default });
        }
    }

    /// `const { size = 'm' } = props`, also when `props` passed through a hook first.
    fn take_from(
        &self,
        statements: &[ast::Statement<'_>],
        source: Source<'_>,
        taken: &mut Vec<TakenProperty>,
    ) {
        let mut sources = vec![source];
        for statement in statements {
            let ast::Statement::VariableDeclaration(declaration) = statement else { continue };
            for declarator in &declaration.declarations {
                let Some(init) = &declarator.init else { continue };
                if !sources.iter().any(|source| comes_from(init, *source)) {
                    continue;
                }
                match bound_name(&declarator.id) {
                    Some(name) => sources.push(Source::Variable(name)),
                    None => {
                        self.take(&declarator.id, taken);
                        if let Some(rest) = rest_name(&declarator.id) {
                            sources.push(Source::Variable(rest));
                        }
                    }
                }
            }
        }
    }
}

/// Where props are in a body.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// The parameter, or a variable made from it.
    Variable(&'a str),
    /// `this.props`.
    This,
}

fn bound_name<'a>(pattern: &'a ast::BindingPattern<'_>) -> Option<&'a str> {
    match pattern {
        ast::BindingPattern::BindingIdentifier(identifier) => Some(identifier.name.as_str()),
        ast::BindingPattern::AssignmentPattern(assignment) => match &assignment.left {
            ast::BindingPattern::BindingIdentifier(identifier) => Some(identifier.name.as_str()),
            _ => None,
        },
        _ => None,
    }
}

/// The names under which a component has its props, or the rest of them.
fn props_names<'a>(params: &'a ast::FormalParameters<'_>) -> Vec<&'a str> {
    let Some(first) = params.items.first() else { return Vec::new() };
    bound_name(&first.pattern).into_iter().chain(rest_name(&first.pattern)).collect()
}

/// The component that props are spread on, where an element of it is all that is returned.
fn forwarded(expression: &ast::Expression<'_>, props: &[&str]) -> Option<Value> {
    let ast::Expression::JSXElement(element) = expression.get_inner_expression() else { return None };
    let opening = &element.opening_element;
    let spreads = opening.attributes.iter().any(|attribute| match attribute {
        ast::JSXAttributeItem::SpreadAttribute(spread) => match &spread.argument {
            ast::Expression::Identifier(identifier) => props.contains(&identifier.name.as_str()),
            _ => false,
        },
        ast::JSXAttributeItem::Attribute(_) => false,
    });
    match &opening.name {
        ast::JSXElementName::IdentifierReference(name) if spreads => {
            Some(Value::Path(vec![name.name.as_str().into()], name.span.into()))
        }
        _ => None,
    }
}

fn rest_name<'a>(pattern: &'a ast::BindingPattern<'_>) -> Option<&'a str> {
    let ast::BindingPattern::ObjectPattern(object) = pattern else { return None };
    bound_name(&object.rest.as_ref()?.argument)
}

/// Whether an expression is the props, or what a function made of them.
fn comes_from(expression: &ast::Expression<'_>, source: Source<'_>) -> bool {
    if is_source(expression, source) {
        return true;
    }
    let ast::Expression::CallExpression(call) = expression.get_inner_expression() else { return false };
    let Some(first) = call.arguments.first().and_then(ast::Argument::as_expression) else { return false };
    match first {
        ast::Expression::ObjectExpression(object) => object.properties.iter().any(|member| match member {
            ast::ObjectPropertyKind::ObjectProperty(property) => {
                property.key.static_name().as_deref() == Some("props") && is_source(&property.value, source)
            }
            ast::ObjectPropertyKind::SpreadProperty(spread) => is_source(&spread.argument, source),
        }),
        other => is_source(other, source),
    }
}

fn is_source(expression: &ast::Expression<'_>, source: Source<'_>) -> bool {
    match (expression.get_inner_expression(), source) {
        (ast::Expression::Identifier(identifier), Source::Variable(name)) => identifier.name == name,
        (ast::Expression::StaticMemberExpression(member), Source::This) => {
            member.property.name == "props" && matches!(member.object, ast::Expression::ThisExpression(_))
        }
        _ => false,
    }
}

fn statements_render(statements: &[ast::Statement<'_>], depth: usize) -> Renders {
    let mut found = Renders::Unseen;
    for statement in statements {
        match statement_renders(statement, depth) {
            Renders::Jsx => return Renders::Jsx,
            Renders::Nothing => found = Renders::Nothing,
            Renders::Unseen => {}
        }
    }
    found
}

fn either(a: Renders, b: impl FnOnce() -> Renders) -> Renders {
    match a {
        Renders::Jsx => Renders::Jsx,
        Renders::Nothing => match b() {
            Renders::Jsx => Renders::Jsx,
            _ => Renders::Nothing,
        },
        Renders::Unseen => b(),
    }
}

fn statement_renders(statement: &ast::Statement<'_>, depth: usize) -> Renders {
    if depth > MAX_DEPTH {
        return Renders::Unseen;
    }
    let next = depth + 1;
    match statement {
        ast::Statement::ReturnStatement(statement) => {
            statement.argument.as_ref().map_or(Renders::Unseen, |argument| returned(argument, next))
        }
        ast::Statement::BlockStatement(block) => statements_render(&block.body, next),
        ast::Statement::IfStatement(branch) => either(statement_renders(&branch.consequent, next), || {
            branch.alternate.as_ref().map_or(Renders::Unseen, |alternate| statement_renders(alternate, next))
        }),
        ast::Statement::SwitchStatement(switch) => switch
            .cases
            .iter()
            .fold(Renders::Unseen, |found, case| either(found, || statements_render(&case.consequent, next))),
        ast::Statement::TryStatement(attempt) => statements_render(&attempt.block.body, next),
        ast::Statement::VariableDeclaration(declaration) => {
            let jsx = declaration.declarations.iter().filter_map(|declarator| declarator.init.as_ref());
            jsx_only(jsx.map(|init| returned(init, next)))
        }
        ast::Statement::ExpressionStatement(statement) => match &statement.expression {
            ast::Expression::AssignmentExpression(assignment) => {
                jsx_only(std::iter::once(returned(&assignment.right, next)))
            }
            _ => Renders::Unseen,
        },
        ast::Statement::FunctionDeclaration(function) => match &function.body {
            Some(body) => jsx_only(std::iter::once(statements_render(&body.statements, next))),
            None => Renders::Unseen,
        },
        _ => Renders::Unseen,
    }
}

/// JSX that is kept in a variable is rendered, in all likelihood; a variable that holds `null` tells nothing.
fn jsx_only(mut found: impl Iterator<Item = Renders>) -> Renders {
    if found.any(|renders| renders == Renders::Jsx) { Renders::Jsx } else { Renders::Unseen }
}

fn returned(expression: &ast::Expression<'_>, depth: usize) -> Renders {
    if depth > MAX_DEPTH {
        return Renders::Unseen;
    }
    let next = depth + 1;
    match expression.get_inner_expression() {
        ast::Expression::JSXElement(_) | ast::Expression::JSXFragment(_) => Renders::Jsx,
        ast::Expression::NullLiteral(_) => Renders::Nothing,
        ast::Expression::Identifier(identifier) if identifier.name == "children" => Renders::Nothing,
        ast::Expression::StaticMemberExpression(member) if member.property.name == "children" => {
            Renders::Nothing
        }
        ast::Expression::ConditionalExpression(conditional) => {
            either(returned(&conditional.consequent, next), || returned(&conditional.alternate, next))
        }
        ast::Expression::LogicalExpression(logical) => {
            jsx_only([&logical.left, &logical.right].into_iter().map(|operand| returned(operand, next)))
        }
        ast::Expression::CallExpression(call) => {
            if callee_name(&call.callee).is_some_and(creates_element) {
                return Renders::Jsx;
            }
            jsx_only(
                call.arguments.iter().filter_map(ast::Argument::as_expression).map(|arg| returned(arg, next)),
            )
        }
        ast::Expression::ArrowFunctionExpression(arrow) => match &arrow.body {
            ast::ArrowFunctionBody::FunctionBody(body) => {
                jsx_only(std::iter::once(statements_render(&body.statements, next)))
            }
            other => other
                .as_expression()
                .map_or(Renders::Unseen, |body| jsx_only(std::iter::once(returned(body, next)))),
        },
        ast::Expression::FunctionExpression(function) => match &function.body {
            Some(body) => jsx_only(std::iter::once(statements_render(&body.statements, next))),
            None => Renders::Unseen,
        },
        ast::Expression::ArrayExpression(array) => jsx_only(
            array
                .elements
                .iter()
                .filter_map(ast::ArrayExpressionElement::as_expression)
                .map(|item| returned(item, next)),
        ),
        _ => Renders::Unseen,
    }
}

fn callee_name<'a>(callee: &'a ast::Expression<'_>) -> Option<&'a str> {
    match callee {
        ast::Expression::Identifier(identifier) => Some(identifier.name.as_str()),
        ast::Expression::StaticMemberExpression(member) => Some(member.property.name.as_str()),
        _ => None,
    }
}

fn creates_element(name: &str) -> bool {
    matches!(name, "createElement" | "cloneElement" | "createPortal" | "jsx" | "jsxs" | "jsxDEV")
}

/// The name that a declarator binds, when it binds one.
pub(super) fn declared_name(pattern: &ast::BindingPattern<'_>) -> Option<Text> {
    bound_name(pattern).map(Text::from)
}
