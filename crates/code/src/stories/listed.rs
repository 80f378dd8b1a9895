//! What Storybook's index says of a story, by its syntax alone.

use std::collections::HashMap;

use oxc_ast::ast::{AssignmentTarget, Expression, ObjectExpression, Program, Statement};

use super::{
    exports::{Export, ExportFrom, Form},
    facts::{Listing, TestExport},
    id::name_of_export,
    lower::Lowering,
    syntax::{self, Annotation, Refusal, asserted, declared},
    version::Since,
};

/// What a story's annotations say, last ones first to be looked up.
#[derive(Default)]
struct Said<'p, 'a> {
    name: Option<&'p str>,
    tags: Option<&'p Expression<'a>>,
    play: Option<Since>,
    id: Option<&'p str>,
}

impl<'p, 'a> Said<'p, 'a> {
    fn add(&mut self, annotation: Annotation<'p, 'a>) {
        match (annotation.name, annotation.value) {
            ("name", Some(name)) => self.name = syntax::text(name).or(self.name),
            ("tags", Some(tags)) => self.tags = Some(tags),
            ("play", Some(_)) => self.play = Some(Since::Always),
            ("play", None) => self.play = Some(Since::Version(9)),
            ("parameters", Some(parameters)) => self.id = syntax::own_id(parameters).or(self.id),
            _ => {}
        }
    }

    fn of(object: &'p ObjectExpression<'a>) -> Self {
        let mut said = Self::default();
        syntax::annotations(object).into_iter().for_each(|annotation| said.add(annotation));
        said
    }
}

impl<'p, 'a> Lowering<'p, 'a> {
    /// How Storybook lists an export.
    pub(super) fn listing(&mut self, program: &'p Program<'a>, export: &Export<'p, 'a>) -> Listing {
        let mut listing = Listing {
            since: Since::Always,
            annotated: Since::Always,
            plain_name: name_of_export(&export.name),
            name: None,
            id: None,
            tags: Vec::new(),
            play: None,
        };
        let said = match export.form {
            Form::Declared(init) => {
                let (said, annotated) = init.map(|init| self.declared_story(init)).unwrap_or_default();
                listing.annotated = annotated.unwrap_or(Since::Always);
                self.assigned_later(program, export, said)
            }
            Form::Specifier { is_quoted, is_type } => {
                listing.annotated = Since::Version(9);
                listing.plain_name.clone_from(&export.name);
                if is_quoted {
                    listing.since = Since::Version(10);
                }
                if is_type {
                    self.refuse(Refusal {
                        span: export.span,
                        code: "story-type-export",
                        message: "Storybook takes this exported type for a story, and shows an error in its place",
                        hint: "leave it out by `excludeStories`, or export it from another file",
                    });
                }
                let value = match export.from {
                    ExportFrom::Local(local) => declared(program, local),
                    ExportFrom::Module(..) => None,
                };
                match value.map(Expression::without_parentheses) {
                    Some(Expression::ObjectExpression(object)) => {
                        Said { name: None, id: None, ..Said::of(object) }
                    }
                    _ => Said::default(),
                }
            }
        };
        listing.name = said.name.map(str::to_owned);
        listing.id = said.id.map(str::to_owned);
        listing.play = said.play;
        listing.tags = said.tags.map(|tags| self.literal_tags(program, tags)).unwrap_or_default();
        listing
    }

    /// The annotations in a declaration, and since which version they are seen.
    fn declared_story(&mut self, init: &'p Expression<'a>) -> (Said<'p, 'a>, Option<Since>) {
        let (mut inner, since) = asserted(init);
        if let Some(call) = syntax::story_call(inner) {
            if !self.is_factory {
                self.refuse(Refusal {
                    span: call.span,
                    code: "story-factory-without-meta",
                    message: "a factory makes this story, but none makes the file's meta, so Storybook refuses the file",
                    hint: "make the meta by `preview.meta({ … })`, with `preview` from .storybook/preview",
                });
            }
            match call.arguments.first().and_then(|argument| argument.as_expression()) {
                Some(argument) => inner = argument.without_parentheses(),
                None => return (Said::default(), None),
            }
        }
        match inner {
            Expression::ObjectExpression(object) => (Said::of(object), Some(since)),
            _ => (Said::default(), None),
        }
    }

    /// `Name.storyName = '…'`, `Name.tags = […]`, `Name.story = { … }` after the story's declaration.
    fn assigned_later(
        &self,
        program: &'p Program<'a>,
        export: &Export<'p, 'a>,
        mut said: Said<'p, 'a>,
    ) -> Said<'p, 'a> {
        for statement in &program.body {
            let Statement::ExpressionStatement(statement) = statement else { continue };
            let Expression::AssignmentExpression(assignment) = &statement.expression else { continue };
            let AssignmentTarget::StaticMemberExpression(target) = &assignment.left else { continue };
            let is_own = target.object.is_specific_id(&export.name);
            if !is_own || statement.span.start < export.span.start {
                continue;
            }
            match (target.property.name.as_str(), assignment.right.without_parentheses()) {
                ("storyName", Expression::StringLiteral(name)) => said.name = Some(name.value.as_str()),
                ("tags", tags) => said.tags = Some(tags),
                ("play", _) => said.play = Some(Since::Always),
                ("story", Expression::ObjectExpression(object)) => {
                    let old = Said::of(object);
                    said.tags = old.tags.or(said.tags);
                    said.play = old.play.or(said.play);
                }
                _ => {}
            }
        }
        said
    }

    /// Tags as Storybook takes them; none, and a finding, when it refuses them.
    pub(super) fn literal_tags(&mut self, program: &'p Program<'a>, tags: &'p Expression<'a>) -> Vec<String> {
        syntax::strings(program, tags).unwrap_or_else(|refusal| {
            self.refuse(refusal);
            Vec::new()
        })
    }

    /// The tests of the stories, by the stories' names.
    pub(super) fn tests(&mut self, program: &'p Program<'a>) -> HashMap<&'p str, Vec<TestExport>> {
        let mut tests: HashMap<&str, Vec<TestExport>> = HashMap::new();
        for call in program.body.iter().filter_map(syntax::test_call) {
            let tags = call.options.map(|options| syntax::test_tags(program, options));
            let tags = tags.unwrap_or_else(|| Ok(Vec::new())).unwrap_or_else(|refusal| {
                self.refuse(refusal);
                Vec::new()
            });
            let place = self.place(call.span);
            tests.entry(call.story).or_default().push(TestExport { name: call.name.to_owned(), tags, place });
        }
        tests
    }
}
