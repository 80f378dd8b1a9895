//! Pages of documentation in MDX: their imports, and the `<Meta … />` at their top level.
//!
//! MDX is Markdown with JavaScript in it. Of the Markdown only what may hide a tag is told apart: code, lists, quotes
//! and elements around others.

mod blocks;
mod element;

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use oxc_allocator::Allocator;
use oxc_ast::ast::{Program, Statement};
use oxc_parser::Parser;
use oxc_span::{SourceType, Span};
use serde::{Deserialize, Serialize};

use blocks::Block;

/// What a page says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MdxFacts {
    /// The modules that it imports names from, in order.
    pub imports: Vec<String>,
    /// Its `<Meta … />`.
    pub meta: MdxMeta,
    /// Whether Storybook refuses the page; the diagnostics say why.
    pub refused: bool,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// The attributes of `<Meta … />`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MdxMeta {
    /// `title`.
    pub title: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `id`.
    pub id: Option<String>,
    /// The module that `of` is imported from: the stories that the page is about.
    pub of: Option<String>,
    /// `tags`.
    pub tags: Vec<String>,
    /// `isTemplate`: the page is a pattern for others, and not shown itself.
    pub is_template: bool,
}

/// Reads a page.
pub fn lower_mdx(source: &str, file: &str) -> MdxFacts {
    let mut reader = Reader { source, file, imported: Vec::new(), facts: MdxFacts::default() };
    let mut metas = Vec::new();
    for block in blocks::blocks(source) {
        match block {
            Block::Module(span) => reader.module(span),
            Block::Meta(span) => metas.push(span),
            Block::Unclosed(span) => {
                reader.refuse(span, "this tag is never closed", "close it: `<Meta … />`")
            }
        }
    }
    if let [_, second, ..] = metas.as_slice() {
        reader.refuse(*second, "a page can have one `<Meta>` only", "keep the first, and remove the others");
    }
    if let Some(meta) = metas.first() {
        reader.meta(*meta);
    }
    reader.facts
}

pub(super) struct Reader<'s> {
    source: &'s str,
    file: &'s str,
    /// Imported names and the modules that they come from.
    imported: Vec<(String, String)>,
    facts: MdxFacts,
}

impl Reader<'_> {
    fn text(&self, span: Span) -> &str {
        self.source.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn module(&mut self, span: Span) {
        let allocator = Allocator::default();
        let text = self.text(span).to_owned();
        let parsed = Parser::new(&allocator, &text, SourceType::jsx()).parse();
        if parsed.panicked {
            return self.refuse(span, "this import or export can't be read", "correct its syntax");
        }
        self.imports(&parsed.program);
    }

    fn imports(&mut self, program: &Program<'_>) {
        for statement in &program.body {
            let Statement::ImportDeclaration(import) = statement else { continue };
            let module = import.source.value.as_str();
            let names =
                import.specifiers.iter().flatten().map(|specifier| specifier.local().name.to_string());
            let before = self.imported.len();
            self.imported.extend(names.map(|name| (name, module.to_owned())));
            if self.imported.len() > before && !self.facts.imports.iter().any(|known| known == module) {
                self.facts.imports.push(module.to_owned());
            }
        }
    }

    fn refuse(&mut self, span: Span, message: &str, hint: &str) {
        self.facts.refused = true;
        self.facts.diagnostics.push(Diagnostic {
            file: self.file.to_owned(),
            place: Some(TextPlace::of(self.source, span.start as usize, span.end as usize)),
            severity: DiagnosticSeverity::Warning,
            code: "docs-page-refused".to_owned(),
            message: format!("{message}; Storybook refuses the page"),
            hint: Some(hint.to_owned()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meta_stands_at_the_top_level() {
        let title = |source: &str| lower_mdx(source, "a.mdx").meta.title;
        for (source, found) in [
            ("<Meta title=\"A\" />", true),
            ("text\n\n<Meta\n  title='A'\n/>\n", true),
            ("\u{FEFF}# Heading\n  <Meta title=\"A\"></Meta>", true),
            ("<b>x</b>\n\n<Meta title=\"A\" />", true),
            ("<Meta title=\"A\" /> <Other />", true),
            ("`<div>`\n\n<Meta title=\"A\" />", true),
            ("<Meta title=\"A\" /> and text", false),
            ("Some `<Meta title=\"A\" />`", false),
            ("```\n<Meta title=\"A\" />\n```", false),
            ("~~~~jsx\n```\n<Meta title=\"A\" />\n~~~~\n", false),
            ("{/* <Meta title=\"A\" /> */}", false),
            ("<div>\n<Meta title=\"A\" />\n</div>", false),
            ("- item\n\n  <Meta title=\"A\" />", false),
            ("> <Meta title=\"A\" />", false),
            ("\\<Meta title=\"A\" />", false),
            ("<Metadata title=\"A\" />", false),
            ("export const x = `\n<Meta title=\"A\" />`;", false),
        ] {
            assert_eq!(title(source).as_deref(), found.then_some("A"), "{source}");
        }
    }

    #[test]
    fn what_storybook_refuses_is_said_with_its_place() {
        let source =
            "import { Meta } from 'blocks'\nimport * as A from './A.stories'\n\n# Title\n\n<Meta of={B} />\n";
        let facts = lower_mdx(source, "a.mdx");
        assert_eq!(facts.imports, ["blocks", "./A.stories"]);
        let told: Vec<String> = facts
            .diagnostics
            .iter()
            .map(|d| format!("{}:{} {}", d.place.unwrap().line, d.place.unwrap().column, d.message))
            .collect();
        assert_eq!(told, ["6:1 `of` names nothing that the page imports; Storybook refuses the page"]);
        assert!(lower_mdx("<Meta title=\"never\n", "a.mdx").refused);
        assert!(lower_mdx("import {", "a.mdx").refused);
    }

    #[test]
    fn hostile_pages_cost_a_bounded_amount() {
        for source in [
            "<a ",
            "{",
            "`",
            "<Meta>",
            "<Meta title=\"",
            "import {\n\n",
            "- \n<Meta/>",
            "\\",
            "export const a = `\n\n",
        ] {
            let facts = lower_mdx(&source.repeat(2_000), "a.mdx");
            assert!(facts.meta.title.is_none());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_page_makes_it_panic(source in "[<>/{}`'\"Meta import\\-\n=ü🎉]{0,60}") {
            lower_mdx(&source, "a.mdx");
        }
    }
}
