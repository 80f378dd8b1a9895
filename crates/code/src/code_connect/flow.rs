//! How values flow from the calls that read design properties to the places that use them.

use std::collections::HashMap;

use oxc_ast::{
    AstKind,
    ast::{
        Argument, AssignmentTarget, BindingPattern, CallExpression, ChainElement, Expression, JSXElement,
        Program, TaggedTemplateExpression, TemplateLiteral, UnaryOperator,
    },
};
use oxc_ast_visit::{Visit, walk};

/// How deep syntax is walked, and values are followed.
const DEPTH: u32 = 200;
/// How many expressions are followed from one use.
const STEPS: u32 = 2_000;

/// The nodes of some syntax that matter here, collected in one walk.
#[derive(Default)]
pub(super) struct Nodes<'a> {
    /// What each local name is given, by declaration or assignment. Scopes are not told apart: these files are
    /// small, and a name means one thing in them.
    pub(super) names: HashMap<&'a str, Vec<&'a Expression<'a>>>,
    pub(super) templates: Vec<&'a TemplateLiteral<'a>>,
    pub(super) tagged: Vec<&'a TaggedTemplateExpression<'a>>,
    pub(super) calls: Vec<&'a CallExpression<'a>>,
    pub(super) elements: Vec<&'a JSXElement<'a>>,
    depth: u32,
}

impl<'a> Nodes<'a> {
    pub(super) fn of_program(program: &Program<'a>) -> Self {
        let mut nodes = Self::default();
        nodes.visit_program(program);
        nodes
    }

    pub(super) fn of_expression(expression: &Expression<'a>) -> Self {
        let mut nodes = Self::default();
        nodes.visit_expression(expression);
        nodes
    }
}

impl<'a> Visit<'a> for Nodes<'a> {
    fn visit_expression(&mut self, expression: &Expression<'a>) {
        if self.depth < DEPTH {
            self.depth += 1;
            walk::walk_expression(self, expression);
            self.depth -= 1;
        }
    }

    fn enter_node(&mut self, kind: AstKind<'a>) {
        match kind {
            AstKind::VariableDeclarator(declarator) => {
                if let (BindingPattern::BindingIdentifier(id), Some(init)) =
                    (&declarator.id, &declarator.init)
                {
                    self.names.entry(id.name.as_str()).or_default().push(init);
                }
            }
            AstKind::AssignmentExpression(assignment) => {
                if let AssignmentTarget::AssignmentTargetIdentifier(id) = &assignment.left {
                    self.names.entry(id.name.as_str()).or_default().push(&assignment.right);
                }
            }
            AstKind::TemplateLiteral(template) => self.templates.push(template),
            AstKind::TaggedTemplateExpression(tagged) => self.tagged.push(tagged),
            AstKind::CallExpression(call) => self.calls.push(call),
            AstKind::JSXElement(element) => self.elements.push(element),
            _ => {}
        }
    }
}

/// A value that arrives somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrival {
    /// Which of the values that are watched.
    pub(super) value: usize,
    /// Whether `!` stands before it.
    pub(super) negated: bool,
}

/// Follows values through names, conditions, method chains and helper functions.
pub(super) struct Flow<'n, 'a> {
    pub(super) nodes: &'n Nodes<'a>,
    /// Which watched value an expression is, if it is one.
    pub(super) watched: &'n dyn Fn(&Expression<'a>) -> Option<usize>,
}

impl<'a> Flow<'_, 'a> {
    /// The watched values that an expression may be worth.
    pub(super) fn arrivals(&self, expression: &Expression<'a>) -> Vec<Arrival> {
        let mut found = Vec::new();
        let mut steps = STEPS;
        self.follow(expression, false, DEPTH, &mut steps, &mut found);
        found.sort_unstable();
        found.dedup();
        found
    }

    fn follow(
        &self,
        expression: &Expression<'a>,
        negated: bool,
        depth: u32,
        steps: &mut u32,
        found: &mut Vec<Arrival>,
    ) {
        if depth == 0 || *steps == 0 {
            return;
        }
        *steps -= 1;
        let inner = expression.get_inner_expression();
        if let Some(value) = (self.watched)(inner) {
            found.push(Arrival { value, negated });
            return;
        }
        let mut on = |expression: &Expression<'a>, negated: bool| {
            self.follow(expression, negated, depth - 1, steps, found);
        };
        match inner {
            Expression::Identifier(id) => {
                for given in self.nodes.names.get(id.name.as_str()).into_iter().flatten() {
                    on(given, negated);
                }
            }
            // What a condition asks is not passed on; what it chooses is.
            Expression::ConditionalExpression(choice) => {
                on(&choice.consequent, negated);
                on(&choice.alternate, negated);
            }
            Expression::LogicalExpression(logical) => {
                if !logical.operator.is_and() {
                    on(&logical.left, negated);
                }
                on(&logical.right, negated);
            }
            Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::LogicalNot => {
                on(&unary.argument, !negated);
            }
            Expression::StaticMemberExpression(member) => on(&member.object, negated),
            Expression::CallExpression(call) => {
                on(&call.callee, negated);
                for argument in call.arguments.iter().filter_map(Argument::as_expression) {
                    on(argument, negated);
                }
            }
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(call) => on(&call.callee, negated),
                ChainElement::StaticMemberExpression(member) => on(&member.object, negated),
                _ => {}
            },
            _ => {}
        }
    }
}
