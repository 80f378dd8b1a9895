//! Parserless templates: `// url=…` above, `instance.getEnum('Size', { … })` below.

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use oxc_ast::ast::{CallExpression, Expression, Program, Statement};
use oxc_span::Span;

use super::{
    facts::{ConnectFacts, ConnectionFacts},
    flow::{Flow, Nodes},
    markup::read_markup,
    reads::{Method, Reads},
    report,
    uses::Uses,
};
use crate::{
    imports::ComponentName,
    literal::{Binding, Scope, Value, path_of, place},
    model::{CodeConnectFormat, ConnectedKind, ReadFrom},
};

/// What the comments above a template say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Header<'s> {
    url: Option<(&'s str, Span)>,
    source: Option<&'s str>,
    component: Option<&'s str>,
}

/// Reads a template. Nothing when the file has neither a header nor an import of `figma`.
pub(super) fn lower<'p, 'a>(
    scope: &Scope<'p, 'a>,
    program: &'p Program<'a>,
    file: &str,
) -> Option<ConnectFacts> {
    let header = header(scope.source);
    let figma = Figma::of(scope);
    if header == Header::default() && figma.name.is_none() {
        return None;
    }
    let mut facts = ConnectFacts::default();
    let Some((url, url_span)) = header.url else {
        // Batch templates take their addresses from a file beside them, and property definitions have none.
        if !scope.source.contains("codeProperties") {
            facts.diagnostics.push(no_url(file, scope.source, file.contains(".figma.batch.")));
        }
        return Some(facts);
    };
    let nodes = Nodes::of_program(program);
    let templates = nodes.tagged.iter().filter(|tagged| figma.is_markup_tag(&tagged.tag));
    let root = templates
        .filter_map(|tagged| {
            let pieces: Vec<&str> =
                tagged.quasi.quasis.iter().map(|quasi| quasi.value.raw.as_str()).collect();
            read_markup(&pieces).root
        })
        .collect::<Vec<_>>();
    // Where the component's own name stands nowhere as an element, the first element stands for it.
    let named = header.component.filter(|name| {
        root.iter().any(|element| element == name || element.strip_suffix(".Root") == Some(*name))
    });
    let element = named.map(str::to_owned).or_else(|| root.first().cloned());

    let mut reads = Reads { scope, file, found: Vec::new(), diagnostics: &mut facts.diagnostics };
    let mut calls: Vec<(Span, usize)> = Vec::new();
    let method = |call: &CallExpression<'a>| figma.method(call, &nodes);
    for call in &nodes.calls {
        if calls.iter().any(|(span, _)| *span == call.span) {
            continue;
        }
        if let Some(unknown) = figma.unknown_call(call, &nodes) {
            let message = format!("`{unknown}` is no call that templates know");
            let hint = "use getString, getBoolean, getEnum, getInstanceSwap, getSlot, getPropertyValue or the find calls";
            reads.diagnostics.push(report(
                file,
                scope.source,
                call.span,
                "code-connect-unknown-call",
                &message,
                hint,
            ));
        }
        if let Some(index) = reads.add(call, &method, None) {
            calls.push((call.span, index));
            // Calls in its map were added with it.
            calls.extend((index + 1..reads.found.len()).map(|nested| (reads.found[nested].span, nested)));
        }
    }
    let watched = |expression: &Expression<'a>| match expression {
        Expression::CallExpression(call) => {
            calls.iter().find(|(span, _)| *span == call.span).map(|(_, index)| *index)
        }
        _ => None,
    };
    let spread = |_: &Expression<'a>| Vec::new();
    let flow = Flow { nodes: &nodes, watched: &watched };
    let uses = Uses { flow, source: scope.source, element: element.clone(), spread: &spread }.find();
    let written = header.component.map(str::to_owned);
    let shown = element.filter(|element| element.starts_with(char::is_uppercase));
    let properties = reads.into_properties(&uses);
    facts.connections.push(ConnectionFacts {
        format: CodeConnectFormat::Template,
        url: url.to_owned(),
        url_place: place(file, scope.source, url_span),
        component: written.or(shown).map(|name| {
            let (specifier, exported) = imported_component(&import_lines(scope, program), &name).unzip();
            ComponentName { name, specifier, exported }
        }),
        source: header.source.map(str::to_owned),
        properties,
        variant: Default::default(),
        place: place(file, scope.source, url_span),
    });
    Some(facts)
}

/// The lines of comment at the top: `// url=…`, `// source=…`, `// component=…`.
fn header(source: &str) -> Header<'_> {
    let mut header = Header::default();
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        let text = line.trim_start_matches('\u{FEFF}').trim();
        if !text.is_empty() && !text.starts_with("//") {
            break;
        }
        let field = text.trim_start_matches('/').trim().split_once('=');
        if let Some((name, value)) = field.map(|(name, value)| (name.trim(), value.trim()))
            && !value.is_empty()
        {
            match name.to_ascii_lowercase().as_str() {
                "url" => {
                    let at = start + line.find(value).unwrap_or(0);
                    // Sources are at most 4 GiB long: the parser's spans are 32 bits wide.
                    let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                    header.url = Some((value, Span::new(offset(at), offset(at + value.len()))));
                }
                "source" => header.source = Some(value),
                "component" => header.component = Some(value),
                _ => {}
            }
        }
        start += line.len();
    }
    header
}

/// The module that a line of the template's `imports` takes the component from, and what it exports it as.
fn imported_component(imports: &[String], component: &str) -> Option<(String, String)> {
    let component = component.split('.').next()?;
    imports.iter().find_map(|line| {
        let (names, specifier) = line.trim().strip_prefix("import")?.rsplit_once("from")?;
        let (default, named) = names.split_once('{').unwrap_or((names, ""));
        let holds = |names: &str| {
            names
                .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$')))
                .any(|name| name == component)
        };
        let exported = match (holds(named), holds(default)) {
            (true, _) => component,
            (false, true) => "default",
            (false, false) => return None,
        };
        let specifier = specifier.trim().trim_end_matches(';').trim_matches(['"', '\'']);
        Some((specifier.to_owned(), exported.to_owned()))
    })
}

/// `imports: ["import { Button } from '@acme/ui'"]` of the exported object.
fn import_lines<'p, 'a>(scope: &Scope<'p, 'a>, program: &'p Program<'a>) -> Vec<String> {
    let exported = program.body.iter().find_map(|statement| match statement {
        Statement::ExportDefaultDeclaration(export) => export.declaration.as_expression(),
        _ => None,
    });
    match exported.map(|exported| scope.value(exported)).as_ref().and_then(|exported| exported.get("imports"))
    {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The names under which a template knows Figma.
struct Figma<'p> {
    /// The local name of the `figma` module.
    name: Option<&'p str>,
}

impl<'p> Figma<'p> {
    fn of(scope: &Scope<'p, '_>) -> Self {
        let name = scope.bindings.iter().find_map(|(name, binding)| match binding {
            Binding::Import { specifier: "figma", .. } => Some(*name),
            Binding::Variable(Expression::CallExpression(call)) => {
                call.common_js_require().filter(|module| module.value == "figma").map(|_| *name)
            }
            _ => None,
        });
        Self { name }
    }

    /// Whether a path starts at the module: its members.
    fn members(&self, expression: &Expression<'_>) -> Option<Vec<String>> {
        let (root, members) = path_of(expression)?;
        (Some(root) == self.name).then_some(members)
    }

    fn is_markup_tag(&self, tag: &Expression<'_>) -> bool {
        self.members(tag).is_some_and(|members| {
            matches!(members.as_slice(), [tag] if matches!(tag.as_str(), "code" | "tsx" | "html" | "jsx"))
        })
    }

    /// Whether an expression is the selected instance, under whatever name.
    fn is_instance(&self, expression: &Expression<'_>, nodes: &Nodes<'_>) -> bool {
        let own = |members: Option<Vec<String>>| matches!(members.as_deref(), Some([name]) if name == "selectedInstance" || name == "currentLayer");
        let inner = expression.get_inner_expression();
        if own(self.members(inner)) {
            return true;
        }
        match inner {
            Expression::Identifier(id) => nodes
                .names
                .get(id.name.as_str())
                .is_some_and(|given| given.iter().any(|given| own(self.members(given)))),
            _ => false,
        }
    }

    /// `figma.properties`, or `__properties__` of the instance.
    fn is_properties(&self, expression: &Expression<'_>, nodes: &Nodes<'_>) -> bool {
        match expression.get_inner_expression() {
            Expression::StaticMemberExpression(member) if member.property.name == "__properties__" => {
                self.is_instance(&member.object, nodes)
            }
            inner => self.members(inner).is_some_and(|members| members == ["properties"]),
        }
    }

    fn method(&self, call: &CallExpression<'_>, nodes: &Nodes<'_>) -> Option<Method> {
        let Expression::StaticMemberExpression(callee) = call.callee.get_inner_expression() else {
            return None;
        };
        let name = callee.property.name.as_str();
        use ReadFrom::{AnyProperty, Layer, Property};
        let (kind, from) = if self.is_instance(&callee.object, nodes) {
            match name {
                "getString" => (ConnectedKind::Text, Property),
                "getPropertyValue" | "__getPropertyValue__" => (ConnectedKind::Text, AnyProperty),
                "findText" => (ConnectedKind::Text, Layer),
                "getBoolean" => (ConnectedKind::Boolean, Property),
                "getEnum" => (ConnectedKind::Enum, Property),
                "getInstanceSwap" => (ConnectedKind::Instance, Property),
                "getSlot" => (ConnectedKind::Instance, Layer),
                "findInstance" | "findConnectedInstance" | "findConnectedInstances" | "findLayers" => {
                    return Some(Method::Aside);
                }
                _ => return None,
            }
        } else if self.is_properties(&callee.object, nodes) {
            match name {
                "string" => (ConnectedKind::Text, Property),
                "boolean" => (ConnectedKind::Boolean, Property),
                "enum" => (ConnectedKind::Enum, Property),
                "instance" | "__instance__" => (ConnectedKind::Instance, Property),
                "slot" => (ConnectedKind::Instance, Layer),
                "children" => return Some(Method::Aside),
                _ => return None,
            }
        } else {
            return None;
        };
        Some(Method::Property(kind, from))
    }

    /// A call on the instance that does not exist: `instance.getNumber`.
    fn unknown_call(&self, call: &CallExpression<'_>, nodes: &Nodes<'_>) -> Option<String> {
        let Expression::StaticMemberExpression(callee) = call.callee.get_inner_expression() else {
            return None;
        };
        let name = callee.property.name.as_str();
        let known = ["hasCodeConnect", "codeConnectId", "executeTemplate"];
        let unknown = self.is_instance(&callee.object, nodes)
            && self.method(call, nodes).is_none()
            && !known.contains(&name)
            && !name.starts_with("__");
        unknown.then(|| format!("instance.{name}"))
    }
}

fn no_url(file: &str, source: &str, is_batch: bool) -> Diagnostic {
    let (code, message, hint) = if is_batch {
        (
            "code-connect-batch",
            "batch templates are not read, so the components of this batch are not connected by it",
            "map them in lockstep.toml, or write a template per component",
        )
    } else {
        (
            "code-connect-no-url",
            "this template names no design node: there is no `// url=…` at its top",
            "add `// url=https://www.figma.com/design/…?node-id=1-2` as the first line",
        )
    };
    Diagnostic {
        file: file.to_owned(),
        place: Some(TextPlace::of(source, 0, 0)),
        severity: DiagnosticSeverity::Warning,
        code: code.to_owned(),
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
    }
}
