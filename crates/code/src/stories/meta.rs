//! The meta of a story file, however it is exported.

use oxc_ast::ast::{ExportDefaultDeclarationKind, Expression, Program, Statement};
use oxc_span::{GetSpan, Span};

use super::{
    annotations::first_argument,
    facts::{MetaFacts, Title},
    lower::{Lowering, design_url, has_play, member_span},
};
use crate::{
    imports::ComponentName,
    literal::{Part, Value, member},
    model::Place,
};

/// What a file offers as its meta.
pub(super) enum Meta {
    /// A default-exported object.
    Object(Span, Vec<Part>),
    /// `preview.meta({ … })`.
    Factory(Span, Vec<Part>),
    /// A default export that is not known without running it.
    Computed(Span),
    Missing,
}

impl<'p, 'a> Lowering<'p, 'a> {
    pub(super) fn find_meta(&self, program: &'p Program<'a>) -> Meta {
        let mut default = None;
        for statement in &program.body {
            match statement {
                Statement::ExportDefaultDeclaration(export) => {
                    default = Some(match &export.declaration {
                        ExportDefaultDeclarationKind::FunctionDeclaration(_)
                        | ExportDefaultDeclarationKind::ClassDeclaration(_)
                        | ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => Err(export.span),
                        declaration => declaration.as_expression().ok_or(export.span),
                    });
                }
                Statement::ExportNamedDeclaration(export) => {
                    for specifier in &export.specifiers {
                        if specifier.exported.name() == "default" {
                            default = Some(self.initialiser(&specifier.local.name()).ok_or(specifier.span));
                        }
                    }
                }
                _ => {}
            }
        }
        match default {
            Some(Ok(expression)) => self.meta_in(expression),
            Some(Err(span)) => Meta::Computed(span),
            None => self.scope.factory_meta().map_or(Meta::Missing, |(init, _)| self.meta_in(init)),
        }
    }

    fn meta_in(&self, expression: &'p Expression<'a>) -> Meta {
        let mut expression = expression.get_inner_expression();
        // `export default meta`, where `meta` may itself stand for another name.
        for _ in 0..8 {
            let Expression::Identifier(id) = expression else { break };
            let Some(init) = self.initialiser(&id.name) else { break };
            expression = init.get_inner_expression();
        }
        let span = expression.span();
        if let Some(call) = self.scope.meta_call(expression) {
            let parts = first_argument(call).map(|meta| self.scope.value(meta));
            return Meta::Factory(span, parts.map(|value| value.parts().to_vec()).unwrap_or_default());
        }
        match self.scope.value(expression) {
            Value::Object(parts) => Meta::Object(span, parts),
            _ => Meta::Computed(span),
        }
    }

    /// What the meta says.
    pub(super) fn meta(&mut self, span: Span, parts: &[Part]) -> MetaFacts {
        let title = match member(parts, "title") {
            None | Some(Value::Undefined) => Title::Inferred,
            Some(Value::Scalar(serde_json::Value::String(title))) => Title::Written(title.clone()),
            Some(other) => {
                let text = match other {
                    Value::Opaque(text) => text.clone(),
                    Value::Imported(reference) => reference.text.clone(),
                    _ => String::new(),
                };
                self.report(
                    member_span(parts, "title").unwrap_or(span),
                    "story-title-computed",
                    "the title is computed at run time; Storybook accepts only a string, and the file's path is used instead",
                    "write the title out, or leave it to Storybook",
                );
                Title::Computed(text)
            }
        };
        MetaFacts {
            title,
            id: member(parts, "id").and_then(Value::as_str).map(str::to_owned),
            component: self.component(parts),
            args: self.scope.args_of(parts),
            tags: self.tags(parts),
            has_play: has_play(parts),
            design_url: design_url(parts),
            place: self.place(span),
        }
    }

    /// The component's name is read off the syntax: its value would be a function.
    fn component(&self, parts: &[Part]) -> Option<ComponentName> {
        let span = member_span(parts, "component")?;
        let written = leading_path(self.source.get(span.start as usize..span.end as usize)?)?;
        Some(self.scope.component(written))
    }
}

impl MetaFacts {
    /// What is said where there is no meta.
    pub(super) fn empty(place: Place) -> Self {
        Self {
            title: Title::Inferred,
            id: None,
            component: None,
            args: Vec::new(),
            tags: Vec::new(),
            has_play: false,
            design_url: None,
            place,
        }
    }
}

/// The dotted name that an expression consists of, type assertions aside: `Card.Header` of `Card.Header as any`.
fn leading_path(text: &str) -> Option<&str> {
    let text = text.trim().trim_start_matches('(');
    let end =
        text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.'))).unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let rest = rest.trim_start_matches([')', '!']).trim_start();
    let plain = rest.is_empty() || rest.starts_with("as ") || rest.starts_with("satisfies ");
    (plain && !path.is_empty() && !path.starts_with(|c: char| c.is_ascii_digit())).then_some(path)
}
