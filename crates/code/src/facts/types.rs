//! Type expressions.

use oxc_ast::ast;
use oxc_span::GetSpan;

use super::{
    ConditionalType, FunctionType, Keyword, Literal, MappedType, ObjectType, Range, Text, Type, TypeMember,
    TypeParameter, lower::Lowering,
};

/// Types nested deeper than this are kept as text.
const MAX_DEPTH: usize = 100;

impl Lowering<'_> {
    pub(super) fn ty(&self, ty: &ast::TSType<'_>) -> Type {
        self.ty_at(ty, 0)
    }

    pub(super) fn annotation(&self, annotation: Option<&ast::TSTypeAnnotation<'_>>) -> Option<Type> {
        annotation.map(|annotation| self.ty(&annotation.type_annotation))
    }

    fn ty_at(&self, ty: &ast::TSType<'_>, depth: usize) -> Type {
        if depth > MAX_DEPTH {
            return Type::Other("a type nested too deeply".into());
        }
        let inner = |ty: &ast::TSType<'_>| self.ty_at(ty, depth + 1);
        match ty {
            ast::TSType::TSAnyKeyword(_) => Type::Keyword(Keyword::Any),
            ast::TSType::TSBigIntKeyword(_) => Type::Keyword(Keyword::BigInt),
            ast::TSType::TSBooleanKeyword(_) => Type::Keyword(Keyword::Boolean),
            ast::TSType::TSNeverKeyword(_) => Type::Keyword(Keyword::Never),
            ast::TSType::TSNullKeyword(_) => Type::Keyword(Keyword::Null),
            ast::TSType::TSNumberKeyword(_) => Type::Keyword(Keyword::Number),
            ast::TSType::TSObjectKeyword(_) => Type::Keyword(Keyword::Object),
            ast::TSType::TSStringKeyword(_) => Type::Keyword(Keyword::String),
            ast::TSType::TSSymbolKeyword(_) => Type::Keyword(Keyword::Symbol),
            ast::TSType::TSUndefinedKeyword(_) | ast::TSType::TSVoidKeyword(_) => {
                Type::Keyword(Keyword::Undefined)
            }
            ast::TSType::TSUnknownKeyword(_) => Type::Keyword(Keyword::Unknown),
            ast::TSType::TSLiteralType(literal) => self.literal_type(literal),
            ast::TSType::TSTemplateLiteralType(template) => {
                Type::Template(quasis(&template.quasis), template.types.iter().map(inner).collect())
            }
            ast::TSType::TSUnionType(union) => Type::Union(union.types.iter().map(inner).collect()),
            ast::TSType::TSIntersectionType(all) => Type::Intersection(all.types.iter().map(inner).collect()),
            ast::TSType::TSTypeLiteral(object) => {
                Type::Object(Box::new(self.object_type(object.span.into(), &object.members, depth)))
            }
            ast::TSType::TSArrayType(array) => Type::Array(Box::new(inner(&array.element_type))),
            ast::TSType::TSTupleType(tuple) => Type::Tuple(
                tuple.element_types.iter().map(|element| self.tuple_element(element, depth)).collect(),
            ),
            ast::TSType::TSTypeReference(reference) => Type::Reference {
                path: self.mentions(type_name(&reference.type_name)),
                arguments: self.arguments_at(reference.type_arguments.as_deref(), depth),
            },
            ast::TSType::TSImportType(import) => self.import_type(import, depth),
            ast::TSType::TSTypeQuery(query) => self.type_query(query, depth),
            ast::TSType::TSTypeOperatorType(operator) => match operator.operator {
                ast::TSTypeOperatorOperator::Keyof => Type::KeyOf(Box::new(inner(&operator.type_annotation))),
                _ => inner(&operator.type_annotation),
            },
            ast::TSType::TSIndexedAccessType(access) => {
                Type::Index(Box::new(inner(&access.object_type)), Box::new(inner(&access.index_type)))
            }
            ast::TSType::TSFunctionType(function) => Type::Function(Box::new(self.function_type(
                function.type_parameters.as_deref(),
                &function.params,
                Some(&function.return_type),
                depth,
            ))),
            ast::TSType::TSConditionalType(conditional) => Type::Conditional(Box::new(ConditionalType {
                check: inner(&conditional.check_type),
                pattern: inner(&conditional.extends_type),
                yes: inner(&conditional.true_type),
                no: inner(&conditional.false_type),
            })),
            ast::TSType::TSMappedType(mapped) => Type::Mapped(Box::new(MappedType {
                key: mapped.key.name.as_str().into(),
                constraint: inner(&mapped.constraint),
                name: mapped.name_type.as_ref().map(inner),
                value: mapped.type_annotation.as_ref().map(inner),
                optional: mapped.optional.map(|how| how != ast::TSMappedTypeModifierOperator::Minus),
            })),
            ast::TSType::TSInferType(infer) => Type::Infer(infer.type_parameter.name.name.as_str().into()),
            ast::TSType::TSNamedTupleMember(member) => self.tuple_element(&member.element_type, depth),
            ast::TSType::TSParenthesizedType(parenthesized) => inner(&parenthesized.type_annotation),
            ast::TSType::JSDocNonNullableType(ty) => inner(&ty.type_annotation),
            ast::TSType::JSDocNullableType(ty) => inner(&ty.type_annotation),
            ast::TSType::TSConstructorType(_)
            | ast::TSType::TSIntrinsicKeyword(_)
            | ast::TSType::TSThisType(_)
            | ast::TSType::TSTypePredicate(_)
            | ast::TSType::JSDocUnknownType(_) => Type::Other(self.excerpt(ty.span())),
        }
    }

    pub(super) fn arguments(&self, arguments: Option<&ast::TSTypeParameterInstantiation<'_>>) -> Vec<Type> {
        self.arguments_at(arguments, 0)
    }

    fn arguments_at(
        &self,
        arguments: Option<&ast::TSTypeParameterInstantiation<'_>>,
        depth: usize,
    ) -> Vec<Type> {
        arguments.map_or_else(Vec::new, |all| all.params.iter().map(|ty| self.ty_at(ty, depth + 1)).collect())
    }

    fn literal_type(&self, literal: &ast::TSLiteralType<'_>) -> Type {
        let range = literal.span.into();
        match &literal.literal {
            ast::TSLiteral::BooleanLiteral(boolean) => Type::Literal(Literal::Boolean(boolean.value), range),
            ast::TSLiteral::StringLiteral(string) => {
                Type::Literal(Literal::String(string.value.as_str().into()), range)
            }
            ast::TSLiteral::NumericLiteral(number) => {
                Type::Literal(Literal::Number(number_text(number.value)), range)
            }
            ast::TSLiteral::UnaryExpression(unary) => match &unary.argument {
                ast::Expression::NumericLiteral(number) if unary.operator.is_arithmetic() => Type::Literal(
                    Literal::Number(number_text(signed(unary.operator.as_str(), number.value))),
                    range,
                ),
                _ => Type::Other(self.excerpt(literal.span)),
            },
            ast::TSLiteral::TemplateLiteral(template) => match template.single_quasi() {
                Some(text) => Type::Literal(Literal::String(text.as_str().into()), range),
                None => Type::Keyword(Keyword::String),
            },
            ast::TSLiteral::BigIntLiteral(_) => Type::Keyword(Keyword::BigInt),
        }
    }

    fn tuple_element(&self, element: &ast::TSTupleElement<'_>, depth: usize) -> Type {
        match element {
            ast::TSTupleElement::TSOptionalType(optional) => self.ty_at(&optional.type_annotation, depth + 1),
            // `...T[]`: its elements are elements of the tuple.
            ast::TSTupleElement::TSRestType(rest) => match self.ty_at(&rest.type_annotation, depth + 1) {
                Type::Array(element) => *element,
                other => Type::Index(Box::new(other), Box::new(Type::Keyword(Keyword::Number))),
            },
            other => match other.as_ts_type() {
                Some(ty) => self.ty_at(ty, depth + 1),
                None => Type::Other(self.excerpt(other.span())),
            },
        }
    }

    fn import_type(&self, import: &ast::TSImportType<'_>, depth: usize) -> Type {
        let mut path = Vec::new();
        let mut qualifier = import.qualifier.as_ref();
        while let Some(part) = qualifier {
            match part {
                ast::TSImportTypeQualifier::Identifier(name) => {
                    path.push(name.name.as_str().into());
                    qualifier = None;
                }
                ast::TSImportTypeQualifier::QualifiedName(name) => {
                    path.push(name.right.name.as_str().into());
                    qualifier = Some(&name.left);
                }
            }
        }
        path.reverse();
        let specifier = Text::from(import.source.value.as_str());
        self.type_imports.borrow_mut().push(specifier.clone());
        Type::Import {
            specifier,
            path,
            arguments: self.arguments_at(import.type_arguments.as_deref(), depth),
        }
    }

    fn type_query(&self, query: &ast::TSTypeQuery<'_>, depth: usize) -> Type {
        match &query.expr_name {
            ast::TSTypeQueryExprName::TSImportType(import) => self.import_type(import, depth),
            other => match other.as_ts_type_name() {
                Some(name) => Type::Query(self.mentions(type_name(name))),
                None => Type::Other(self.excerpt(query.span)),
            },
        }
    }

    pub(super) fn object_type(
        &self,
        range: Range,
        members: &[ast::TSSignature<'_>],
        depth: usize,
    ) -> ObjectType {
        let mut object = ObjectType { range, ..ObjectType::default() };
        for member in members {
            match member {
                ast::TSSignature::TSPropertySignature(property) => {
                    let Some(name) = property.key.static_name() else {
                        object.has_index = true;
                        continue;
                    };
                    object.members.push(TypeMember {
                        name: name.as_ref().into(),
                        range: self.with_separator(property.span.into()),
                        optional: property.optional,
                        ty: Some(match &property.type_annotation {
                            Some(annotation) => self.ty_at(&annotation.type_annotation, depth + 1),
                            None => Type::Keyword(Keyword::Any),
                        }),
                        doc: self.doc(property.span.start),
                    });
                }
                ast::TSSignature::TSMethodSignature(method) => {
                    if let Some(name) = method.key.static_name() {
                        object.members.push(TypeMember {
                            name: name.as_ref().into(),
                            range: self.with_separator(method.span.into()),
                            optional: method.optional,
                            ty: None,
                            doc: self.doc(method.span.start),
                        });
                    }
                }
                ast::TSSignature::TSCallSignatureDeclaration(call) => object.calls.push(self.function_type(
                    call.type_parameters.as_deref(),
                    &call.params,
                    call.return_type.as_deref(),
                    depth,
                )),
                ast::TSSignature::TSIndexSignature(_) => object.has_index = true,
                ast::TSSignature::TSConstructSignatureDeclaration(_) => {}
            }
        }
        object
    }

    /// A signature's own span may or may not hold the separator: the declaration as a whole does.
    fn with_separator(&self, range: Range) -> Range {
        match self.source.as_bytes().get(range.end as usize) {
            Some(b';' | b',') => Range { start: range.start, end: range.end + 1 },
            _ => range,
        }
    }

    fn function_type(
        &self,
        parameters: Option<&ast::TSTypeParameterDeclaration<'_>>,
        params: &ast::FormalParameters<'_>,
        returns: Option<&ast::TSTypeAnnotation<'_>>,
        depth: usize,
    ) -> FunctionType {
        let of = |annotation: &ast::TSTypeAnnotation<'_>| self.ty_at(&annotation.type_annotation, depth + 1);
        FunctionType {
            parameters: self.type_parameters(parameters),
            first: params.items.first().and_then(|first| first.type_annotation.as_deref()).map(of),
            returns: returns.map(of),
        }
    }

    pub(super) fn type_parameters(
        &self,
        parameters: Option<&ast::TSTypeParameterDeclaration<'_>>,
    ) -> Vec<TypeParameter> {
        let Some(parameters) = parameters else { return Vec::new() };
        parameters
            .params
            .iter()
            .map(|parameter| TypeParameter {
                name: parameter.name.name.as_str().into(),
                constraint: parameter.constraint.as_ref().map(|ty| self.ty(ty)),
                default: parameter.default.as_ref().map(|ty| self.ty(ty)),
            })
            .collect()
    }
}

/// `A.B.C` as its parts.
pub(super) fn type_name(name: &ast::TSTypeName<'_>) -> Vec<Text> {
    let mut path = Vec::new();
    let mut rest = name;
    loop {
        match rest {
            ast::TSTypeName::IdentifierReference(identifier) => {
                path.push(identifier.name.as_str().into());
                break;
            }
            ast::TSTypeName::QualifiedName(qualified) => {
                path.push(qualified.right.name.as_str().into());
                rest = &qualified.left;
            }
            ast::TSTypeName::ThisExpression(_) => {
                path.push("this".into());
                break;
            }
        }
    }
    path.reverse();
    path
}

fn quasis(quasis: &[ast::TemplateElement<'_>]) -> Vec<Text> {
    quasis.iter().map(|quasi| quasi.value.cooked.map_or("", |text| text.as_str()).into()).collect()
}

/// A number as JavaScript would print it, for all numbers that are options of anything.
pub(super) fn number_text(value: f64) -> Text {
    format!("{value}").into()
}

pub(super) fn signed(operator: &str, value: f64) -> f64 {
    if operator == "-" { -value } else { value }
}
