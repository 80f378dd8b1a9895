//! The attributes of `<Meta … />`.

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    ArrayExpressionElement, Expression, JSXAttributeItem, JSXAttributeName, JSXAttributeValue, JSXElement,
    JSXExpression, Statement,
};
use oxc_parser::Parser;
use oxc_span::{SourceType, Span};

use super::{MdxMeta, Reader};

type Refused = (&'static str, &'static str);

impl Reader<'_> {
    pub(super) fn meta(&mut self, span: Span) {
        let allocator = Allocator::default();
        let text = self.text(span).to_owned();
        let parsed = Parser::new(&allocator, &text, SourceType::jsx()).parse();
        let element = match parsed.program.body.first() {
            Some(Statement::ExpressionStatement(statement)) => match &statement.expression {
                Expression::JSXElement(element) => Some(&**element),
                _ => None,
            },
            _ => None,
        };
        let read = element
            .ok_or(("this `<Meta>` can't be read", "write `<Meta of={ButtonStories} />`"))
            .and_then(|element| self.attributes(element));
        match read {
            Ok(meta) => self.facts.meta = meta,
            Err((message, hint)) => self.refuse(span, message, hint),
        }
    }

    fn attributes(&self, element: &JSXElement<'_>) -> Result<MdxMeta, Refused> {
        let mut meta = MdxMeta::default();
        let mut seen = Vec::new();
        for item in &element.opening_element.attributes {
            let JSXAttributeItem::Attribute(attribute) = item else { continue };
            let JSXAttributeName::Identifier(name) = &attribute.name else { continue };
            // The first of a name counts.
            if seen.contains(&name.name) {
                continue;
            }
            seen.push(name.name);
            let value = attribute.value.as_ref();
            match name.name.as_str() {
                "title" => meta.title = text(value)?,
                "name" => meta.name = text(value)?,
                "id" => meta.id = text(value)?,
                "of" => meta.of = self.module_of(value)?,
                "tags" => meta.tags = tags(value)?,
                "isTemplate" => meta.is_template = flag(value)?,
                _ => {}
            }
        }
        Ok(meta)
    }

    fn module_of(&self, value: Option<&JSXAttributeValue<'_>>) -> Result<Option<String>, Refused> {
        const HINT: &str = "import the stories, and name them: `<Meta of={ButtonStories} />`";
        if value.is_none() {
            return Ok(None);
        }
        let Some(Expression::Identifier(name)) = expression(value) else {
            return Err(("`of` is no imported name", HINT));
        };
        let module = self.imported.iter().rev().find(|(known, _)| *known == name.name.as_str());
        match module {
            Some((_, module)) => Ok(Some(module.clone())),
            None => Err(("`of` names nothing that the page imports", HINT)),
        }
    }
}

fn expression<'v, 'a>(value: Option<&'v JSXAttributeValue<'a>>) -> Option<&'v Expression<'a>> {
    match value {
        Some(JSXAttributeValue::ExpressionContainer(container)) => match &container.expression {
            JSXExpression::EmptyExpression(_) => None,
            expression => expression.as_expression(),
        },
        _ => None,
    }
}

fn text(value: Option<&JSXAttributeValue<'_>>) -> Result<Option<String>, Refused> {
    match value {
        None => Ok(None),
        Some(JSXAttributeValue::StringLiteral(text)) => {
            Ok(Some(without_entities(&text.value)).filter(|text| !text.is_empty()))
        }
        Some(_) => Err((
            "this attribute of `<Meta>` is no plain text",
            "write it between quotation marks: `title=\"Guides/Intro\"`",
        )),
    }
}

fn tags(value: Option<&JSXAttributeValue<'_>>) -> Result<Vec<String>, Refused> {
    const REFUSED: Refused = ("the tags of `<Meta>` are no array of strings", "write `tags={['new']}`");
    let Some(Expression::ArrayExpression(array)) = expression(value) else { return Err(REFUSED) };
    let tag = |element: &ArrayExpressionElement<'_>| match element {
        ArrayExpressionElement::StringLiteral(text) => Ok(text.value.to_string()),
        _ => Err(REFUSED),
    };
    array.elements.iter().map(tag).collect()
}

fn flag(value: Option<&JSXAttributeValue<'_>>) -> Result<bool, Refused> {
    match (value, expression(value)) {
        (None, _) => Ok(true),
        (_, Some(Expression::BooleanLiteral(literal))) => Ok(literal.value),
        _ => Err(("`isTemplate` is neither true nor false", "write `<Meta isTemplate />`")),
    }
}

/// Attributes hold character references, the commonest of which are known here.
fn without_entities(text: &str) -> String {
    const KNOWN: [(&str, &str); 6] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    if !text.contains('&') {
        return text.to_owned();
    }
    KNOWN.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}
