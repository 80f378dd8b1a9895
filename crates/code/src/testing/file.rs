//! What one test file does, from its syntax tree.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use lockstep_core::{coverage::TestKind, diagnostic::TextPlace};
use oxc_ast::ast::{
    Argument, BindingPattern, CallExpression, Expression, ImportDeclaration, ImportDeclarationSpecifier,
    NewExpression, Program, StringLiteral, TemplateElement, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::Span;

use super::{Runner, Test, TestFile, vocabulary};

/// Folders whose scripts are tests, whatever they are called.
const FOLDERS: &[&str] = &["__tests__", "e2e"];

/// Whether a file is a test by its name or its folder.
pub(crate) fn is_test_file(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let in_name = [".test.", ".spec.", ".cy.", ".e2e."].iter().any(|part| name.contains(part));
    in_name || folders.split('/').any(|folder| FOLDERS.contains(&folder))
}

/// Reads a test file; nothing when it has no test.
pub(crate) fn lower(program: &Program<'_>, source: &str, file: &str) -> Option<TestFile> {
    let mut reading = Reading::of(source, file);
    reading.visit_program(program);
    reading.finish(file)
}

/// What a file that tests are configured by does around each of them.
pub(crate) fn hooks(program: &Program<'_>, source: &str, file: &str) -> Vec<Test> {
    let mut reading = Reading::of(source, file);
    reading.visit_program(program);
    let mut tests: Vec<Test> = reading.outside.tests().collect();
    tests.sort();
    tests.dedup_by(|one, other| (one.kind, &one.by) == (other.kind, &other.by));
    tests
}

fn is_cypress(file: &str) -> bool {
    file.rsplit('/').next().is_some_and(|name| name.contains(".cy."))
}

/// A test while it is read, or what stands outside of all.
#[derive(Default)]
struct Block {
    line: u32,
    is_skipped: bool,
    acts: Vec<(u32, String)>,
    checks: bool,
    tests: Vec<(TestKind, u32, String)>,
    story_ids: BTreeSet<String>,
}

impl Block {
    fn test(&self, kind: TestKind, line: u32, by: &str) -> Test {
        Test { kind, line, by: by.to_owned(), story_ids: self.story_ids.clone() }
    }

    /// What it calls that makes it a test of a kind.
    fn tests(&self) -> impl Iterator<Item = Test> {
        self.tests.iter().map(|(kind, line, by)| self.test(*kind, *line, by))
    }
}

struct Reading<'p> {
    source: &'p str,
    runner: Option<Runner>,
    /// Local names with the package that they come from, and what they are called there.
    imports: HashMap<String, (String, String)>,
    /// Local names that play people's acts.
    actors: HashSet<String>,
    takes_pictures: bool,
    /// The tests and groups around: whether it is a test, and whether it is skipped.
    open: Vec<Block>,
    outside: Block,
    blocks: Vec<Block>,
    titles: Vec<String>,
    story_ids: BTreeMap<String, u32>,
    reads_index: bool,
}

/// What a call declares.
enum Declares {
    Test,
    Group,
}

/// The name where a chain of calls and members begins, and all names after it.
fn chain<'e>(expression: &'e Expression<'_>) -> Option<(&'e str, Vec<&'e str>)> {
    let mut names = Vec::new();
    let mut current = expression.get_inner_expression();
    loop {
        current = match current {
            Expression::Identifier(id) => {
                names.reverse();
                return Some((id.name.as_str(), names));
            }
            Expression::StaticMemberExpression(member) => {
                names.push(member.property.name.as_str());
                member.object.get_inner_expression()
            }
            Expression::ComputedMemberExpression(member) => member.object.get_inner_expression(),
            Expression::CallExpression(call) => call.callee.get_inner_expression(),
            Expression::NewExpression(call) => call.callee.get_inner_expression(),
            Expression::TaggedTemplateExpression(tagged) => tagged.tag.get_inner_expression(),
            Expression::AwaitExpression(awaited) => awaited.argument.get_inner_expression(),
            _ => return None,
        };
    }
}

impl<'p> Reading<'p> {
    fn of(source: &'p str, file: &str) -> Self {
        Self {
            source,
            runner: is_cypress(file).then_some(Runner::Cypress),
            imports: HashMap::new(),
            actors: HashSet::new(),
            takes_pictures: false,
            open: Vec::new(),
            outside: Block::default(),
            blocks: Vec::new(),
            titles: Vec::new(),
            story_ids: BTreeMap::new(),
            reads_index: false,
        }
    }

    fn line(&self, span: Span) -> u32 {
        TextPlace::of(self.source, span.start as usize, span.end as usize).line
    }

    /// The innermost test, or what is outside of all.
    fn block(&mut self) -> &mut Block {
        self.open.last_mut().unwrap_or(&mut self.outside)
    }

    fn import(&self, name: &str) -> Option<(&str, &str)> {
        self.imports.get(name).map(|(package, name)| (package.as_str(), name.as_str()))
    }

    /// Whether a call declares a test or a group of some, and whether that is skipped.
    fn declares(&self, root: &str, names: &[&str]) -> Option<(Declares, bool)> {
        let is_skipped = names.iter().any(|name| ["skip", "todo", "fixme"].contains(name));
        let known = |name: &&str| {
            [
                "only",
                "skip",
                "todo",
                "fixme",
                "each",
                "concurrent",
                "describe",
                "sequential",
                "serial",
                "parallel",
            ]
            .contains(name)
        };
        if !names.iter().all(known) {
            return None;
        }
        match root {
            "xit" | "xtest" | "xspecify" => Some((Declares::Test, true)),
            "xdescribe" | "xcontext" => Some((Declares::Group, true)),
            "it" | "test" | "specify" | "fit" if !names.contains(&"describe") => {
                Some((Declares::Test, is_skipped))
            }
            "test" | "describe" | "context" | "suite" | "fdescribe" => Some((Declares::Group, is_skipped)),
            _ => None,
        }
    }

    fn called(&mut self, callee: &Expression<'_>, span: Span) {
        let Some((root, names)) = chain(callee) else { return };
        let last = names.last().copied().unwrap_or(root);
        if ["expect", "assert"].contains(&root) || root == "cy" && last == "should" {
            self.block().checks = true;
        }
        let kind = vocabulary::kind_of(root, self.import(root), last);
        let line = self.line(span);
        if let Some(kind) = kind {
            self.block().tests.push((kind, line, last.to_owned()));
        } else if self.acts(root, last, names.is_empty()) {
            let what = if names.is_empty() { root.to_owned() } else { format!("{root}.{last}") };
            self.block().acts.push((line, what));
        }
    }

    fn acts(&self, root: &str, last: &str, is_alone: bool) -> bool {
        if self.actors.contains(root) {
            return last != "setup" && (root != "page" || vocabulary::is_act(last));
        }
        let in_browser =
            matches!(self.runner, Some(Runner::Cypress | Runner::Playwright | Runner::PlaywrightComponents));
        in_browser && !is_alone && self.import(root).is_none() && vocabulary::is_act(last)
    }

    fn text(&mut self, text: &str, span: Span) {
        if text.contains("index.json") || text.contains("stories.json") {
            self.reads_index = true;
        }
        if !text.contains("--") {
            return;
        }
        let line = self.line(span);
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
        for word in words.filter(|word| word.find("--").is_some_and(|at| at > 0 && at + 2 < word.len())) {
            self.story_ids.entry(word.to_owned()).or_insert(line);
            self.block().story_ids.insert(word.to_owned());
        }
    }

    fn finish(mut self, file: &str) -> Option<TestFile> {
        let mut live = self.blocks.iter().filter(|block| !block.is_skipped).peekable();
        live.peek()?;
        let checks_anywhere = self.blocks.iter().any(|block| block.checks);
        let mut tests: Vec<Test> = self.outside.tests().collect();
        if let Some((line, by)) = self.outside.acts.first().filter(|_| self.outside.checks || checks_anywhere)
        {
            tests.push(self.outside.test(TestKind::Interaction, *line, by));
        }
        for block in live {
            tests.extend(block.tests());
            if let Some((line, by)) = block.acts.first().filter(|_| block.checks || self.outside.checks) {
                tests.push(block.test(TestKind::Interaction, *line, by));
            }
            if self.takes_pictures {
                tests.push(block.test(TestKind::Visual, block.line, "a picture at the end of each test"));
            }
        }
        tests.sort();
        tests.dedup();
        self.titles.dedup();
        Some(TestFile {
            file: file.to_owned(),
            runner: self.runner.unwrap_or(Runner::Other),
            tests,
            titles: self.titles,
            story_ids: self.story_ids,
            reads_index: self.reads_index,
        })
    }
}

impl<'a> Visit<'a> for Reading<'_> {
    fn visit_import_declaration(&mut self, import: &ImportDeclaration<'a>) {
        let package = import.source.value.as_str();
        if package.ends_with("index.json") || package.ends_with("stories.json") {
            self.reads_index = true;
        }
        if let Some(runner) = vocabulary::runner_of(package)
            && self.runner != Some(Runner::PlaywrightComponents)
        {
            self.runner = Some(runner);
        }
        self.takes_pictures |= vocabulary::takes_pictures(package);
        for specifier in import.specifiers.iter().flatten() {
            let (local, name) = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(named) => {
                    (named.local.name.to_string(), named.imported.name().to_string())
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(default) => {
                    (default.local.name.to_string(), "default".to_owned())
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(all) => {
                    (all.local.name.to_string(), "*".to_owned())
                }
            };
            if vocabulary::is_actor(package, &name) {
                self.actors.insert(local.clone());
            }
            self.imports.insert(local, (package.to_owned(), name));
        }
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        // `const user = userEvent.setup()`, and `const { user } = setup()` of a project's own.
        let made = declarator.init.as_ref().and_then(|init| chain(init));
        if let Some((root, names)) = made
            && names.last().copied().unwrap_or(root).contains("setup")
        {
            let of_actor = self.actors.contains(root);
            match &declarator.id {
                BindingPattern::BindingIdentifier(id) if of_actor => {
                    self.actors.insert(id.name.to_string());
                }
                BindingPattern::ObjectPattern(pattern) => {
                    let user = pattern.properties.iter().any(|property| {
                        matches!(&property.value, BindingPattern::BindingIdentifier(id) if id.name == "user")
                    });
                    if user {
                        self.actors.insert("user".to_owned());
                    }
                }
                _ => {}
            }
        }
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        let declared = chain(&call.callee).and_then(|(root, names)| self.declares(root, &names));
        let title = call.arguments.first().and_then(Argument::as_expression).and_then(title_of);
        let (Some((what, is_skipped)), Some(title)) = (declared, title) else {
            self.called(&call.callee, call.span);
            return walk::walk_call_expression(self, call);
        };
        self.titles.push(title);
        let around = self.open.last().is_some_and(|block| block.is_skipped);
        let line = self.line(call.span);
        self.open.push(Block { line, is_skipped: is_skipped || around, ..Block::default() });
        walk::walk_call_expression(self, call);
        let Some(block) = self.open.pop() else { return };
        match what {
            Declares::Test => self.blocks.push(block),
            // What a group does around its tests, in hooks and functions, is done for them.
            Declares::Group if !block.is_skipped => {
                self.outside.acts.extend(block.acts);
                self.outside.tests.extend(block.tests);
                self.outside.checks |= block.checks;
                self.outside.story_ids.extend(block.story_ids);
            }
            Declares::Group => {}
        }
    }

    fn visit_new_expression(&mut self, call: &NewExpression<'a>) {
        self.called(&call.callee, call.span);
        walk::walk_new_expression(self, call);
    }

    fn visit_string_literal(&mut self, literal: &StringLiteral<'a>) {
        self.text(literal.value.as_str(), literal.span);
    }

    fn visit_template_element(&mut self, element: &TemplateElement<'a>) {
        self.text(element.value.raw.as_str(), element.span);
    }
}

fn title_of(expression: &Expression<'_>) -> Option<String> {
    match expression.get_inner_expression() {
        Expression::StringLiteral(text) => Some(text.value.to_string()),
        Expression::TemplateLiteral(template) => {
            Some(template.quasis.iter().map(|quasi| quasi.value.raw.as_str()).collect::<Vec<_>>().join("…"))
        }
        // `describe(Button, …)`, `describe(Button.name, …)`.
        named => chain(named).map(|(root, _)| root.to_owned()),
    }
}
