//! Moving what was read from a text to where the text stands in its file.

use super::{
    ConditionalType, FunctionType, MappedType, ObjectMember, ObjectType, Range, Type, TypeMember,
    TypeParameter, Value,
};

impl Range {
    fn shift(&mut self, by: i64) {
        let moved = |at: u32| u32::try_from(i64::from(at) + by).unwrap_or_default();
        (self.start, self.end) = (moved(self.start), moved(self.end));
    }
}

impl Type {
    /// Moves every place in the type. What was read is nested no deeper than lowering allows.
    pub(super) fn shift(&mut self, by: i64) {
        match self {
            Self::Literal(_, range) => range.shift(by),
            Self::Template(_, all) | Self::Union(all) | Self::Intersection(all) | Self::Tuple(all) => {
                shift_all(all, by);
            }
            Self::Object(object) => object.shift(by),
            Self::Array(inner) | Self::KeyOf(inner) => inner.shift(by),
            Self::Reference { arguments, .. } | Self::Import { arguments, .. } => shift_all(arguments, by),
            Self::Index(object, index) => {
                object.shift(by);
                index.shift(by);
            }
            Self::Function(function) => function.shift(by),
            Self::Conditional(conditional) => {
                let ConditionalType { check, pattern, yes, no } = &mut **conditional;
                [check, pattern, yes, no].into_iter().for_each(|part| part.shift(by));
            }
            Self::Mapped(mapped) => {
                let MappedType { constraint, name, value, .. } = &mut **mapped;
                constraint.shift(by);
                name.iter_mut().chain(value).for_each(|part| part.shift(by));
            }
            Self::Keyword(_) | Self::Query(_) | Self::Infer(_) | Self::Other(_) => {}
        }
    }
}

fn shift_all(types: &mut [Type], by: i64) {
    types.iter_mut().for_each(|ty| ty.shift(by));
}

impl ObjectType {
    fn shift(&mut self, by: i64) {
        self.range.shift(by);
        for TypeMember { range, ty, .. } in &mut self.members {
            range.shift(by);
            ty.iter_mut().for_each(|ty| ty.shift(by));
        }
        self.calls.iter_mut().for_each(|call| call.shift(by));
    }
}

impl FunctionType {
    fn shift(&mut self, by: i64) {
        self.parameters.iter_mut().for_each(|parameter| parameter.shift(by));
        self.first.iter_mut().chain(&mut self.returns).for_each(|ty| ty.shift(by));
    }
}

impl TypeParameter {
    /// Moves every place in the parameter.
    pub(super) fn shift(&mut self, by: i64) {
        self.constraint.iter_mut().chain(&mut self.default).for_each(|ty| ty.shift(by));
    }
}

impl Value {
    /// Moves the places of a value, but for those in functions, classes and calls, where nothing looks for them.
    pub(super) fn shift(&mut self, by: i64) {
        match self {
            Self::Literal(_, range)
            | Self::Null(range)
            | Self::Undefined(range)
            | Self::Path(_, range)
            | Self::Other(range) => range.shift(by),
            Self::Object(members, range) => {
                range.shift(by);
                for member in members {
                    match member {
                        ObjectMember::Property { key_range, range, value, .. } => {
                            key_range.shift(by);
                            range.shift(by);
                            value.shift(by);
                        }
                        ObjectMember::Spread(value) => value.shift(by),
                        ObjectMember::Computed => {}
                    }
                }
            }
            Self::Array(values, range) => {
                range.shift(by);
                values.iter_mut().for_each(|value| value.shift(by));
            }
            Self::Spread(inner) | Self::Const(inner) => inner.shift(by),
            Self::As(inner, ty) => {
                inner.shift(by);
                ty.shift(by);
            }
            Self::Call(call) => call.range.shift(by),
            Self::Function(function) => function.range.shift(by),
            Self::Class(class) => class.range.shift(by),
            Self::Component(component) => component.range.shift(by),
        }
    }
}
