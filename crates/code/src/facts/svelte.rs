//! Svelte's components: `$props()` of Svelte 5, `export let` of Svelte 4, and the slots of the markup.

use oxc_ast::ast;
use oxc_span::GetSpan;

use super::{
    DEFAULT_EXPORT, Export, FileFacts, TakenProperty, Text, Type, Value, ValueDeclaration,
    component::{ComponentFacts, DeclaredProperty, Slot},
    function::declared_name,
    lower::Lowering,
    snippet,
    vue::{range_of, whole},
};
use crate::markup::Document;

impl Lowering<'_> {
    /// Adds the component that the file is.
    pub(super) fn svelte_component(
        &self,
        program: &ast::Program<'_>,
        document: &Document<'_>,
        facts: &mut FileFacts,
    ) {
        let mut component = ComponentFacts { range: whole(document), ..ComponentFacts::default() };
        if let Some(instance) = &document.instance {
            if let Some(generics) = instance.tag.attribute("generics")
                && let Some(text) = generics.value
            {
                component.parameters = snippet::type_parameters_at(text, generics.value_start);
            }
            let mut variables = Vec::new();
            for statement in &program.body {
                if instance.content.contains(&(statement.span().start as usize)) {
                    self.instance_statement(statement, &mut variables, &mut component, facts);
                }
            }
        }
        if facts.types.iter().any(|declaration| &*declaration.name == "$$Props") {
            component.props = Some(Type::Reference { path: vec!["$$Props".into()], arguments: Vec::new() });
        }
        slots(document, &mut component);
        facts.values.push(ValueDeclaration {
            name: DEFAULT_EXPORT.into(),
            range: component.range,
            annotation: None,
            doc: None,
            value: Value::Component(Box::new(component)),
        });
        facts.exports.push(Export::Local { name: "default".into(), local: DEFAULT_EXPORT.into() });
    }

    fn instance_statement(
        &self,
        statement: &ast::Statement<'_>,
        variables: &mut Vec<DeclaredProperty>,
        component: &mut ComponentFacts,
        facts: &mut FileFacts,
    ) {
        match statement {
            ast::Statement::VariableDeclaration(declaration) => {
                for declarator in &declaration.declarations {
                    self.props_rune(declarator, statement.span().start, component);
                }
                if !declaration.kind.is_const() {
                    variables.extend(self.variables(declaration, statement.span()));
                }
            }
            ast::Statement::ExportDeclaration(export) => {
                let ast::Declaration::VariableDeclaration(declaration) = &export.declaration else { return };
                // What an instance exports is no export of the module.
                let names: Vec<Text> =
                    declaration.declarations.iter().filter_map(|each| declared_name(&each.id)).collect();
                facts
                    .exports
                    .retain(|known| !matches!(known, Export::Local { local, .. } if names.contains(local)));
                if !declaration.kind.is_const() {
                    component.declared.extend(self.variables(declaration, export.span));
                }
            }
            // `export { className as class }`
            ast::Statement::ExportNamedDeclaration(export) => {
                for specifier in &export.specifiers {
                    let (local, name) = (specifier.local.name(), specifier.exported.name());
                    let known = variables.iter().find(|variable| *variable.name == *local);
                    if let Some(variable) = known {
                        component
                            .declared
                            .push(DeclaredProperty { name: name.as_str().into(), ..variable.clone() });
                    }
                    facts.exports.retain(
                        |known| !matches!(known, Export::Local { name: known, .. } if **known == *name),
                    );
                }
            }
            _ => {}
        }
    }

    /// `let { size = 'm', ...rest }: Props = $props()`.
    fn props_rune(
        &self,
        declarator: &ast::VariableDeclarator<'_>,
        outer: u32,
        component: &mut ComponentFacts,
    ) {
        let Some(ast::Expression::CallExpression(call)) =
            declarator.init.as_ref().map(ast::Expression::get_inner_expression)
        else {
            return;
        };
        let is_rune = matches!(&call.callee, ast::Expression::Identifier(callee) if callee.name == "$props");
        if !is_rune {
            return;
        }
        component.props = self
            .annotation(declarator.type_annotation.as_deref())
            .or_else(|| self.arguments(call.type_arguments.as_deref()).into_iter().next())
            .or_else(|| self.type_of_comment(outer));
        self.take(&declarator.id, &mut component.taken);
        component.taken.iter_mut().for_each(unbound);
    }

    /// The variables of a declaration as properties; `outer` is what comments before it are attached to.
    fn variables(
        &self,
        declaration: &ast::VariableDeclaration<'_>,
        outer: oxc_span::Span,
    ) -> Vec<DeclaredProperty> {
        let property = |declarator: &ast::VariableDeclarator<'_>| {
            let annotated = self.annotation(declarator.type_annotation.as_deref());
            Some(DeclaredProperty {
                name: declared_name(&declarator.id)?,
                range: outer.into(),
                ty: annotated.or_else(|| self.type_of_comment(outer.start)),
                definition: None,
                default: declarator.init.as_ref().map(|init| self.value(init)),
                doc: self.doc(outer.start),
            })
        };
        declaration.declarations.iter().filter_map(property).collect()
    }

    /// `/** @type {'a' | 'b'} */` before what starts at a byte.
    fn type_of_comment(&self, start: u32) -> Option<Type> {
        let (text, at) = self.comment(start)?;
        let tag = text.find("@type")?;
        let open = tag + text[tag..].find('{')?;
        if !text[tag + "@type".len()..open].trim().is_empty() {
            return None;
        }
        let mut depth = 0_usize;
        let end = text[open..].bytes().position(|byte| {
            match byte {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })?;
        snippet::type_at(&without_stars(&text[open + 1..open + end]), at + open + 1)
    }
}

/// A text in a comment with blanks for the stars that its lines begin with.
fn without_stars(text: &str) -> String {
    let mut is_margin = false;
    text.chars()
        .map(|c| {
            let was_margin = is_margin;
            is_margin = c == '\n' || (is_margin && c.is_whitespace());
            if c == '*' && was_margin { ' ' } else { c }
        })
        .collect()
}

/// `$bindable(value)` has the default `value`.
fn unbound(property: &mut TakenProperty) {
    if let Some(Value::Call(call)) = &property.default
        && matches!(&call.callee, Value::Path(path, _) if matches!(&**path, [name] if &**name == "$bindable"))
    {
        property.default = call.arguments.first().cloned();
    }
}

/// `<slot name="icon">` of Svelte 4. The snippets of Svelte 5 are props.
fn slots(document: &Document<'_>, component: &mut ComponentFacts) {
    for tag in document.elements().filter(|tag| tag.name == "slot") {
        // A `<slot>` that is given to another component stays this one's own.
        let name = tag.value("name").unwrap_or("default");
        component.add_slot(Slot { name: name.into(), range: range_of(&tag), doc: None });
    }
}
