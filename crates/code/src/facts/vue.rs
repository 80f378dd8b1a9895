//! Vue's components: what the macros of `<script setup>` say, the options of a plain script, the slots of the template.

use oxc_ast::ast;

use super::{
    DEFAULT_EXPORT, Export, FileFacts, Range, Text, Type, Value, ValueDeclaration,
    component::{ComponentFacts, DeclaredProperty, Slot},
    lower::Lowering,
    snippet,
};
use crate::markup::Document;

/// Macros stand in calls of other functions, no deeper than this: `toRefs(withDefaults(defineProps(…), …))`.
const DEEPEST: usize = 4;

impl Lowering<'_> {
    /// Adds the component that the file is.
    pub(super) fn vue_component(
        &self,
        program: &ast::Program<'_>,
        document: &Document<'_>,
        facts: &mut FileFacts,
    ) {
        let mut component = ComponentFacts { range: whole(document), ..ComponentFacts::default() };
        if let Some(setup) = &document.instance {
            if let Some(generic) = setup.tag.attribute("generic")
                && let Some(text) = generic.value
            {
                component.parameters = snippet::type_parameters_at(text, generic.value_start);
            }
            let inside = |span: oxc_span::Span| setup.content.contains(&(span.start as usize));
            for statement in &program.body {
                if inside(oxc_span::GetSpan::span(statement)) {
                    self.setup_statement(statement, &mut component);
                }
            }
        }
        component.options = take_default(facts);
        template_slots(document, &mut component);
        let declaration = ValueDeclaration {
            name: DEFAULT_EXPORT.into(),
            range: component.range,
            annotation: None,
            doc: None,
            value: Value::Component(Box::new(component)),
        };
        facts.values.push(declaration);
        facts.exports.push(Export::Local { name: "default".into(), local: DEFAULT_EXPORT.into() });
    }

    fn setup_statement(&self, statement: &ast::Statement<'_>, component: &mut ComponentFacts) {
        match statement {
            ast::Statement::ExpressionStatement(statement) => {
                self.vue_macro(&statement.expression, None, component, 0);
            }
            ast::Statement::VariableDeclaration(declaration) => {
                for declarator in &declaration.declarations {
                    if let Some(init) = &declarator.init {
                        self.vue_macro(init, Some(&declarator.id), component, 0);
                    }
                }
            }
            _ => {}
        }
    }

    fn vue_macro(
        &self,
        expression: &ast::Expression<'_>,
        pattern: Option<&ast::BindingPattern<'_>>,
        component: &mut ComponentFacts,
        depth: usize,
    ) {
        let ast::Expression::CallExpression(call) = expression.get_inner_expression() else { return };
        let ast::Expression::Identifier(callee) = &call.callee else { return };
        let argument = |index: usize| call.arguments.get(index).and_then(ast::Argument::as_expression);
        let types = || self.arguments(call.type_arguments.as_deref());
        match callee.name.as_str() {
            "withDefaults" => {
                component.defaults = argument(1).map(|defaults| self.value(defaults));
                if let Some(props) = argument(0)
                    && depth < DEEPEST
                {
                    self.vue_macro(props, pattern, component, depth + 1);
                }
            }
            "defineProps" => {
                component.props = types().into_iter().next();
                component.runtime.extend(argument(0).map(|props| self.value(props)));
                if let Some(pattern) = pattern {
                    self.take(pattern, &mut component.taken);
                }
            }
            "defineModel" => component.declared.push(self.model(call, types().into_iter().next())),
            "defineSlots" => component.slot_types = types().into_iter().next(),
            _ => {
                if let Some(inner) = argument(0)
                    && depth < DEEPEST
                {
                    self.vue_macro(inner, None, component, depth + 1);
                }
            }
        }
    }

    /// `defineModel<boolean>('open', { default: false })`.
    fn model(&self, call: &ast::CallExpression<'_>, ty: Option<Type>) -> DeclaredProperty {
        let mut arguments = call.arguments.iter().filter_map(ast::Argument::as_expression).peekable();
        let name = match arguments.peek() {
            Some(ast::Expression::StringLiteral(name)) => {
                arguments.next();
                Text::from(name.value.as_str())
            }
            _ => Text::from("modelValue"),
        };
        DeclaredProperty {
            name,
            range: call.span.into(),
            ty,
            definition: arguments.next().map(|options| self.value(options)),
            default: None,
            doc: self.doc(call.span.start),
        }
    }
}

/// The whole file.
pub(super) fn whole(document: &Document<'_>) -> Range {
    Range { start: 0, end: u32::try_from(document.text.len()).unwrap_or(u32::MAX) }
}

/// The default export of a plain script: the component's options.
fn take_default(facts: &mut FileFacts) -> Option<Value> {
    let at = facts
        .exports
        .iter()
        .position(|export| matches!(export, Export::Local { name, .. } if &**name == "default"))?;
    let Export::Local { local, .. } = facts.exports.remove(at) else { return None };
    if &*local != DEFAULT_EXPORT {
        return Some(Value::Path(vec![local], Range::default()));
    }
    let at = facts.values.iter().position(|value| &*value.name == DEFAULT_EXPORT)?;
    Some(facts.values.remove(at).value)
}

/// `<slot name="icon" />` in the template.
fn template_slots(document: &Document<'_>, component: &mut ComponentFacts) {
    for tag in document.elements().filter(|tag| tag.name == "slot") {
        let computed = ["v-bind", ":name", "v-bind:name", ":name.camel"].iter().any(|name| tag.has(name));
        let name = match (tag.value("name"), computed) {
            (Some(name), _) => name,
            (None, false) => "default",
            // What is bound as a whole may hold a name: `v-bind="props"` seldom does.
            (None, true) if !tag.has(":name") && !tag.has("v-bind:name") => "default",
            (None, true) => {
                component.open.push("it has slots whose names are computed".into());
                continue;
            }
        };
        component.add_slot(Slot { name: name.into(), range: range_of(&tag), doc: None });
    }
    component.open.dedup();
}

/// Where a tag stands.
pub(super) fn range_of(tag: &crate::markup::Tag<'_>) -> Range {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Range { start: place(tag.start), end: place(tag.end) }
}
