//! `figma.connect(Component, 'address', { props, example, variant })`.

use std::collections::BTreeMap;

use lockstep_core::diagnostic::Diagnostic;
use oxc_ast::ast::{
    BindingPattern, CallExpression, Expression, FormalParameters, ObjectExpression, ObjectPropertyKind,
    Program,
};
use oxc_span::{GetSpan, Span};
use serde_json::Value as Json;

use super::{
    facts::{ConnectFacts, ConnectionFacts},
    flow::{Flow, Nodes},
    reads::{Method, Reads, innermost_call},
    report,
    uses::Uses,
};
use crate::{
    imports::ComponentName,
    literal::{Part, Scope, Value, path_of, place},
    model::{CodeConnectFormat, ConnectedKind, ConnectedProperty, ReadFrom},
};

/// Reads all `figma.connect` calls of a file.
pub(super) fn lower<'p, 'a>(scope: &Scope<'p, 'a>, program: &'p Program<'a>, file: &str) -> ConnectFacts {
    let mut facts = ConnectFacts::default();
    for call in Nodes::of_program(program).calls {
        if method_of(scope, call) == Some("connect") {
            let mut lowering = Lowering { scope, file, diagnostics: &mut facts.diagnostics };
            if let Some(connection) = lowering.connection(call) {
                facts.connections.push(connection);
            }
        }
    }
    facts
}

/// The method of a call on what Code Connect exports: `enum` of `figma.enum(…)`.
fn method_of<'c>(scope: &Scope<'_, '_>, call: &'c CallExpression<'_>) -> Option<&'c str> {
    let Expression::StaticMemberExpression(callee) = call.callee.get_inner_expression() else { return None };
    let (root, members) = path_of(&callee.object)?;
    let imported = scope.imported(root, String::new())?;
    (members.is_empty() && imported.specifier.starts_with("@figma/code-connect"))
        .then(|| callee.property.name.as_str())
}

fn read_method(name: &str) -> Option<Method> {
    Some(match name {
        "enum" => Method::Property(ConnectedKind::Enum, ReadFrom::Property),
        "boolean" => Method::Property(ConnectedKind::Boolean, ReadFrom::Property),
        "string" => Method::Property(ConnectedKind::Text, ReadFrom::Property),
        "textContent" => Method::Property(ConnectedKind::Text, ReadFrom::Layer),
        "instance" => Method::Property(ConnectedKind::Instance, ReadFrom::Property),
        "slot" => Method::Property(ConnectedKind::Instance, ReadFrom::Layer),
        "children" | "nestedProps" | "className" => Method::Aside,
        _ => return None,
    })
}

struct Lowering<'c, 'p, 'a> {
    scope: &'c Scope<'p, 'a>,
    file: &'c str,
    diagnostics: &'c mut Vec<Diagnostic>,
}

impl<'p, 'a> Lowering<'_, 'p, 'a> {
    fn connection(&mut self, call: &'p CallExpression<'a>) -> Option<ConnectionFacts> {
        let arguments: Vec<_> =
            call.arguments.iter().filter_map(|argument| argument.as_expression()).collect();
        let first = *arguments.first().or_else(|| self.no_address(call.span))?;
        // With an address alone, the connection is for no component, or for the one that the example shows.
        let (written, address, config) = match self.scope.value(first) {
            Value::Scalar(Json::String(_)) => (None, first, arguments.get(1)),
            _ => (
                path_of(first).map(|(root, members)| dotted(root, &members)),
                *arguments.get(1).or_else(|| self.no_address(call.span))?,
                arguments.get(2),
            ),
        };
        let Value::Scalar(Json::String(url)) = self.scope.value(address) else {
            return self.no_address(address.span());
        };
        let config = config.map(|config| config.get_inner_expression());
        let config = match config {
            Some(Expression::ObjectExpression(object)) => Some(&**object),
            Some(other) => {
                self.report(
                    other.span(),
                    "code-connect-computed",
                    "the settings of this connection are no object literal, so its properties are unknown",
                    "write the object in place: `{ props: { … }, example: … }`",
                );
                None
            }
            None => None,
        };
        let example =
            config.and_then(|config| member(config, "example").or_else(|| member(config, "render")));
        let nodes = example.map(Nodes::of_expression);
        let element = written.clone().or_else(|| nodes.as_ref().and_then(|nodes| self.root_element(nodes)));
        let properties = config.map_or_else(Vec::new, |config| {
            self.properties(config, example.zip(nodes.as_ref()), element.clone())
        });
        Some(ConnectionFacts {
            format: CodeConnectFormat::Connect,
            url,
            url_place: place(self.file, self.scope.source, address.span()),
            component: self.component(written, element),
            source: None,
            properties,
            variant: config.map(|config| self.variant(config)).unwrap_or_default(),
            place: place(self.file, self.scope.source, call.span),
        })
    }

    /// The component that is named, or else the imported one that the example shows.
    fn component(&self, written: Option<String>, element: Option<String>) -> Option<ComponentName> {
        if let Some(written) = written {
            return Some(self.scope.component(&written));
        }
        element.map(|element| self.scope.component(&element)).filter(|shown| shown.specifier.is_some())
    }

    fn root_element(&self, nodes: &Nodes<'a>) -> Option<String> {
        if let Some(element) = nodes.elements.first() {
            let span = element.opening_element.name.span();
            return self.scope.source.get(span.start as usize..span.end as usize).map(str::to_owned);
        }
        let template = nodes.templates.first()?;
        let pieces: Vec<&str> = template.quasis.iter().map(|quasi| quasi.value.raw.as_str()).collect();
        super::markup::read_markup(&pieces).root
    }

    fn properties(
        &mut self,
        config: &'p ObjectExpression<'a>,
        example: Option<(&'p Expression<'a>, &Nodes<'a>)>,
        element: Option<String>,
    ) -> Vec<ConnectedProperty> {
        let scope = self.scope;
        let Some(props) = member(config, "props") else { return Vec::new() };
        let Expression::ObjectExpression(props) = props.get_inner_expression() else {
            self.report(
                props.span(),
                "code-connect-computed",
                "`props` is no object literal, so the properties of this connection are unknown",
                "write the object in place: `props: { size: figma.enum(…) }`",
            );
            return Vec::new();
        };
        let mut reads = Reads { scope, file: self.file, found: Vec::new(), diagnostics: self.diagnostics };
        let mut keys: Vec<(String, usize)> = Vec::new();
        for property in &props.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
            let Some(key) = property.key.static_name() else { continue };
            let method = |call: &CallExpression<'a>| method_of(scope, call).and_then(read_method);
            let Some(call) = innermost_call(&property.value) else { continue };
            match method_of(scope, call) {
                Some(name) if read_method(name).is_none() => {
                    let message = format!("`figma.{name}` is no call that Code Connect knows");
                    let hint = "use enum, boolean, string, instance, children, nestedProps, className, textContent or slot";
                    reads.diagnostics.push(report(
                        self.file,
                        scope.source,
                        call.span,
                        "code-connect-unknown-call",
                        &message,
                        hint,
                    ));
                }
                _ => {
                    if let Some(index) = reads.add(call, &method, None) {
                        keys.push((key.into_owned(), index));
                    }
                }
            }
        }
        let Some((example, nodes)) = example else {
            for (key, index) in keys {
                if reads.found[index].kind != ConnectedKind::Other {
                    reads.found[index].assumed = Some(key);
                }
            }
            return reads.into_properties(&Default::default());
        };
        let parameter = Parameter::of(example);
        let watched =
            |expression: &Expression<'a>| parameter.key(expression).and_then(|key| index_of(&keys, &key));
        let spread = |expression: &Expression<'a>| {
            let passed = |key: &str| parameter.spreads(expression) && !parameter.takes(key);
            keys.iter().filter(|(key, _)| passed(key)).map(|(key, index)| (*index, key.clone())).collect()
        };
        let flow = Flow { nodes, watched: &watched };
        let uses = Uses { flow, source: scope.source, element, spread: &spread }.find();
        reads.into_properties(&uses)
    }

    fn variant(&self, config: &'p ObjectExpression<'a>) -> BTreeMap<String, String> {
        let Some(variant) = member(config, "variant") else { return BTreeMap::new() };
        let value = self.scope.value(variant);
        let options = value.parts().iter().filter_map(|part| match part {
            Part::Member(name, Value::Scalar(Json::String(option)), _) => {
                Some((name.clone(), option.clone()))
            }
            Part::Member(name, Value::Scalar(option), _) => Some((name.clone(), option.to_string())),
            _ => None,
        });
        options.collect()
    }

    fn no_address<T>(&mut self, span: Span) -> Option<T> {
        self.report(
            span,
            "code-connect-no-url",
            "this connection names no design node: its address is missing, or no plain text",
            "write `figma.connect(Component, 'https://www.figma.com/design/…?node-id=1-2')`",
        );
        None
    }

    fn report(&mut self, span: Span, code: &str, message: &str, hint: &str) {
        self.diagnostics.push(report(self.file, self.scope.source, span, code, message, hint));
    }
}

fn dotted(root: &str, members: &[String]) -> String {
    std::iter::once(root).chain(members.iter().map(String::as_str)).collect::<Vec<_>>().join(".")
}

fn index_of(keys: &[(String, usize)], key: &str) -> Option<usize> {
    keys.iter().find(|(known, _)| known == key).map(|(_, index)| *index)
}

fn member<'p, 'a>(object: &'p ObjectExpression<'a>, name: &str) -> Option<&'p Expression<'a>> {
    object.properties.iter().rev().find_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) if property.key.is_specific_static_name(name) => {
            Some(&property.value)
        }
        _ => None,
    })
}

/// How an example takes its props: as one object, or taken apart.
#[derive(Default)]
struct Parameter {
    /// `props`, or the rest of a pattern.
    whole: Option<String>,
    /// Local name and key of what is taken apart.
    taken: Vec<(String, String)>,
}

impl Parameter {
    fn of(example: &Expression<'_>) -> Self {
        let parameters: Option<&FormalParameters<'_>> = match example.get_inner_expression() {
            Expression::ArrowFunctionExpression(function) => Some(&function.params),
            Expression::FunctionExpression(function) => Some(&function.params),
            _ => None,
        };
        let mut parameter = Self::default();
        match parameters.and_then(|parameters| parameters.items.first()).map(|first| &first.pattern) {
            Some(BindingPattern::BindingIdentifier(id)) => parameter.whole = Some(id.name.to_string()),
            Some(BindingPattern::ObjectPattern(pattern)) => {
                for property in &pattern.properties {
                    let local = match &property.value {
                        BindingPattern::AssignmentPattern(given) => given.left.get_identifier_name(),
                        value => value.get_identifier_name(),
                    };
                    if let (Some(key), Some(local)) = (property.key.static_name(), local) {
                        parameter.taken.push((local.to_string(), key.into_owned()));
                    }
                }
                let rest = pattern.rest.as_ref().and_then(|rest| rest.argument.get_identifier_name());
                parameter.whole = rest.map(|rest| rest.to_string());
            }
            _ => {}
        }
        parameter
    }

    /// The key of `props` that an expression is: `props.size`, or `size` where it was taken out.
    fn key(&self, expression: &Expression<'_>) -> Option<String> {
        let (root, members) = path_of(expression)?;
        match members.as_slice() {
            [] => self.taken.iter().find(|(local, _)| local == root).map(|(_, key)| key.clone()),
            [key] if self.whole.as_deref() == Some(root) => Some(key.clone()),
            _ => None,
        }
    }

    fn spreads(&self, expression: &Expression<'_>) -> bool {
        matches!(expression.get_inner_expression(),
            Expression::Identifier(id) if self.whole.as_deref() == Some(id.name.as_str()))
    }

    fn takes(&self, key: &str) -> bool {
        self.taken.iter().any(|(_, taken)| taken == key)
    }
}
