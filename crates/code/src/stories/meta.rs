//! The meta of a story file, however it is exported.

use oxc_ast::ast::{ExportDefaultDeclarationKind, Expression, ObjectExpression, Program, Statement};
use oxc_span::{GetSpan, Span};

use super::{
    annotations::first_argument,
    facts::{MetaFacts, Title},
    lower::{Lowering, design_url, has_play, member_span},
    syntax::{self, Annotation, Refusal},
    version::Since,
};
use crate::{
    imports::ComponentName,
    literal::{Part, Value, member},
    model::Place,
};

const META_HINT: &str =
    "export an object literal: `export default { component: Button } satisfies Meta<typeof Button>`";

/// What a file offers as its meta.
pub(super) enum Meta<'p, 'a> {
    Object(MetaObject<'p, 'a>),
    Missing,
}

/// A default export, or the argument of `preview.meta({ … })`.
pub(super) struct MetaObject<'p, 'a> {
    pub(super) span: Span,
    /// What is known of it; empty when it is computed.
    pub(super) parts: Vec<Part>,
    /// The object literal that Storybook's indexer reads.
    literal: Option<&'p ObjectExpression<'a>>,
    pub(super) is_factory: bool,
}

impl<'p, 'a> MetaObject<'p, 'a> {
    /// The expression under a plain key of the literal.
    pub(super) fn literal(&self, name: &str) -> Option<&'p Expression<'a>> {
        self.annotation(name)?.value
    }

    fn annotation(&self, name: &str) -> Option<Annotation<'p, 'a>> {
        let annotations = self.literal.map(syntax::annotations)?;
        annotations.into_iter().rev().find(|annotation| annotation.name == name)
    }
}

impl<'p, 'a> Lowering<'p, 'a> {
    pub(super) fn find_meta(&mut self, program: &'p Program<'a>) -> Meta<'p, 'a> {
        let mut defaults = Vec::new();
        for statement in &program.body {
            match statement {
                Statement::ExportDefaultDeclaration(export) => {
                    defaults.push(match &export.declaration {
                        ExportDefaultDeclarationKind::FunctionDeclaration(_)
                        | ExportDefaultDeclarationKind::ClassDeclaration(_)
                        | ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => Err(export.span),
                        declaration => declaration.as_expression().ok_or(export.span),
                    });
                }
                Statement::ExportNamedDeclaration(export) => {
                    for specifier in &export.specifiers {
                        if specifier.exported.name() == "default" {
                            defaults.push(self.initialiser(&specifier.local.name()).ok_or(specifier.span));
                        }
                    }
                }
                _ => {}
            }
        }
        if let [_, Ok(second), ..] = defaults.as_slice() {
            self.refuse(Refusal {
                span: second.span(),
                code: "story-meta-twice",
                message: "this story file has two metas, so Storybook refuses it",
                hint: "keep one default export",
            });
        }
        match defaults.pop() {
            Some(Ok(expression)) => Meta::Object(self.meta_in(expression)),
            Some(Err(span)) => Meta::Object(self.computed(span)),
            None => match self.scope.factory_meta() {
                Some((init, _)) => Meta::Object(self.meta_in(init)),
                None => Meta::Missing,
            },
        }
    }

    fn meta_in(&mut self, expression: &'p Expression<'a>) -> MetaObject<'p, 'a> {
        let mut expression = expression;
        // `export default meta`, where `meta` may itself stand for another name.
        for _ in 0..8 {
            let Expression::Identifier(id) = expression.get_inner_expression() else { break };
            let Some(init) = self.initialiser(&id.name) else { break };
            expression = init;
        }
        let span = expression.get_inner_expression().span();
        if let Some(call) = self.scope.meta_call(expression) {
            let argument = first_argument(call);
            let parts = argument.map(|meta| self.scope.value(meta).parts().to_vec()).unwrap_or_default();
            let literal = argument.and_then(|argument| match argument.without_parentheses() {
                Expression::ObjectExpression(object) => Some(&**object),
                _ => None,
            });
            return MetaObject { span, parts, literal, is_factory: true };
        }
        match (self.scope.value(expression), syntax::asserted_object(expression)) {
            (Value::Object(parts), Some((literal, _))) => {
                MetaObject { span, parts, literal: Some(literal), is_factory: false }
            }
            (Value::Object(parts), None) => {
                self.refuse(Refusal {
                    span,
                    code: "story-meta-computed",
                    message: "Storybook accepts only an object literal as the meta, and refuses the file",
                    hint: META_HINT,
                });
                MetaObject { span, parts, literal: None, is_factory: false }
            }
            _ => self.computed(span),
        }
    }

    fn computed(&mut self, span: Span) -> MetaObject<'p, 'a> {
        self.refuse(Refusal {
            span,
            code: "story-meta-computed",
            message: "the meta of this story file is computed at run time, so its title, component and args are unknown",
            hint: META_HINT,
        });
        MetaObject { span, parts: Vec::new(), literal: None, is_factory: false }
    }

    /// What the meta says.
    pub(super) fn meta(&mut self, program: &'p Program<'a>, meta: MetaObject<'p, 'a>) -> MetaFacts {
        let title = self.title(program, &meta);
        let parts = &meta.parts;
        let id = match meta.literal("id").map(|id| (id, syntax::text(id))) {
            Some((id, None)) => {
                self.refuse(Refusal {
                    span: id.span(),
                    code: "story-id-computed",
                    message: "Storybook accepts only a plain string as the id of a meta, and refuses the file",
                    hint: "write the id out, or leave it away: the title makes one",
                });
                member(parts, "id").and_then(Value::as_str)
            }
            Some((_, text)) => text,
            None if meta.literal.is_none() => member(parts, "id").and_then(Value::as_str),
            None => None,
        };
        let id = id.map(str::to_owned);
        let tags = meta.literal("tags").map(|tags| self.literal_tags(program, tags)).unwrap_or_default();
        let listed_play = meta.annotation("play").map(|play| match play.value {
            Some(_) => Since::Always,
            None => Since::Version(9),
        });
        MetaFacts {
            title,
            id,
            component: self.component(parts),
            args: self.scope.args_of(parts),
            tags,
            has_play: has_play(parts),
            listed_play,
            design_url: design_url(parts),
            place: self.place(meta.span),
        }
    }

    fn title(&mut self, program: &'p Program<'a>, meta: &MetaObject<'p, 'a>) -> Title {
        let literal = meta.literal("title").and_then(|title| match title.without_parentheses() {
            Expression::Identifier(id) => syntax::declared(program, &id.name),
            title => Some(title),
        });
        let literal = literal.and_then(|title| match title.without_parentheses() {
            Expression::TSSatisfiesExpression(title) => syntax::text(&title.expression),
            title => syntax::text(title),
        });
        let parts = &meta.parts;
        let told = match (literal, member(parts, "title")) {
            // An empty title is none.
            (Some(""), _) => return Title::Inferred,
            (Some(title), _) => return Title::Written(title.to_owned()),
            // Only what is written in the literal itself, under a plain key, is looked at.
            (None, _) if meta.literal.is_some() && meta.annotation("title").is_none() => {
                return Title::Inferred;
            }
            (None, None | Some(Value::Undefined)) => return Title::Inferred,
            (None, Some(Value::Scalar(serde_json::Value::String(title)))) => Title::Written(title.clone()),
            (None, Some(Value::Opaque(text))) => Title::Computed(text.clone()),
            (None, Some(Value::Imported(reference))) => Title::Computed(reference.text.clone()),
            (None, Some(_)) => Title::Computed(String::new()),
        };
        let message = match told {
            Title::Written(_) => "Storybook accepts only a plain string as the title, and refuses the file",
            _ => {
                "the title is computed at run time; Storybook accepts only a string, and the file's path is used instead"
            }
        };
        self.report(
            member_span(parts, "title").unwrap_or(meta.span),
            "story-title-computed",
            message,
            "write the title out, or leave it to Storybook",
        );
        told
    }

    /// The component's name is read off the syntax: its value would be a function.
    fn component(&self, parts: &[Part]) -> Option<ComponentName> {
        // Custom elements are named by their tags.
        if let Some(tag) = member(parts, "component").and_then(Value::as_str) {
            return Some(ComponentName { name: tag.to_owned(), specifier: None, exported: None });
        }
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
            listed_play: None,
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
