//! Variant functions: `cva`, `tv`, recipes and stencils.

use super::{
    DefaultSource, Evaluator, FileId, Object, PlaceKind, Property, PropertyPlace, Ty,
    ty::{LiteralOrigin, LiteralTy, LiteralValue, Thunk},
    value::{Followed, callee_path},
};
use crate::{
    facts::{Call, ObjectMember, Range, Text, Value},
    model::DeclarationForm,
};

/// What a variant function was made with.
#[derive(Debug, Clone)]
pub(crate) struct Variants<'p> {
    /// Objects of groups, the nearest first, each with its `defaultVariants`.
    pub layers: Vec<VariantLayer<'p>>,
}

/// One object of groups.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VariantLayer<'p> {
    pub groups: &'p [ObjectMember],
    pub defaults: Option<&'p Value>,
    pub file: FileId,
}

impl<'p> Evaluator<'p> {
    /// The variants of a call, if it makes a variant function.
    pub(super) fn variants(&self, call: &'p Call, file: FileId) -> Option<Variants<'p>> {
        let name = callee_path(&call.callee)?.last()?;
        if !matches!(&**name, "cva" | "tv" | "recipe" | "sva" | "createStencil" | "css" | "createVariants") {
            return None;
        }
        let config = call.arguments.iter().find_map(|argument| match unwrapped(argument) {
            Value::Object(members, _)
                if group_object(members).is_some() || member(members, "extend").is_some() =>
            {
                Some(members)
            }
            _ => None,
        });
        let Some(config) = config else {
            return matches!(&**name, "cva" | "tv").then(|| Variants { layers: Vec::new() });
        };
        let mut layers = Vec::new();
        if let Some(groups) = group_object(config).and_then(|groups| self.object_members_of(groups, file)) {
            let defaults = member(config, "defaultVariants").or_else(|| member(config, "defaultModifiers"));
            layers.push(VariantLayer { groups: groups.0, defaults, file: groups.1 });
        }
        if let Some(Value::Path(base, _)) = member(config, "extend").or_else(|| member(config, "extends")) {
            let base = self.guarded(|| self.path_ty(base, file));
            if let Ty::Variants(base) = base {
                layers.extend(base.layers.iter().copied());
            }
        }
        Some(Variants { layers })
    }

    /// `VariantProps<typeof variants>`.
    pub(super) fn variant_props(&self, of: &Ty<'p>) -> Ty<'p> {
        match of {
            Ty::Variants(variants) => Ty::Object(std::rc::Rc::new(self.variant_object(variants))),
            Ty::Unresolved(reason) => Ty::Unresolved(reason.clone()),
            _ => Ty::unresolved("the variants of something that is no variant function"),
        }
    }

    fn variant_object(&self, variants: &Variants<'p>) -> Object<'p> {
        let mut object = Object::default();
        for layer in &variants.layers {
            let count = layer.groups.len();
            for (index, group) in layer.groups.iter().enumerate() {
                match group {
                    ObjectMember::Property { key, key_range, range, value, doc } => {
                        let place = PropertyPlace {
                            file: layer.file,
                            range: *range,
                            key: *key_range,
                            owner: "variants",
                            index,
                            count,
                            kind: PlaceKind::Variant,
                        };
                        let default = layer
                            .defaults
                            .and_then(|defaults| match unwrapped(defaults) {
                                Value::Object(members, _) => member(members, key),
                                _ => None,
                            })
                            .map(|value| DefaultSource { value, file: layer.file });
                        let ty = Thunk::ready(self.group(value, layer.file));
                        let place = Some(place);
                        let property = Property { ty, place, doc: doc.as_deref(), default, optional: true };
                        match object.properties.get_mut(&**key) {
                            Some(nearer) => {
                                nearer.ty = Thunk::Any(std::rc::Rc::from([nearer.ty.clone(), property.ty]));
                                nearer.default = nearer.default.or(property.default);
                            }
                            None => {
                                object.properties.insert(key, property);
                            }
                        }
                    }
                    ObjectMember::Spread(_) | ObjectMember::Computed => {
                        object.open_because("variant groups that are spread or computed".into());
                    }
                }
            }
        }
        object
    }

    /// The options of a group: its keys, with what they stand for.
    fn group(&self, value: &'p Value, file: FileId) -> Ty<'p> {
        let Some((members, file)) = self.object_members_of(value, file) else {
            return Ty::unresolved("a variant group that is computed");
        };
        let keys: Vec<(&'p Text, Range, &'p Value)> = members
            .iter()
            .filter_map(|member| match member {
                ObjectMember::Property { key, key_range, value, .. } => Some((key, *key_range, value)),
                _ => None,
            })
            .collect();
        if keys.len() < members.len() {
            return Ty::unresolved("a variant group with options that are spread or computed");
        }
        if !keys.is_empty() && keys.iter().all(|(key, ..)| matches!(&***key, "true" | "false")) {
            return Ty::Boolean;
        }
        let count = keys.len();
        Ty::union(keys.into_iter().enumerate().map(|(index, (key, range, body))| {
            let value = match &**key {
                "true" => LiteralValue::Boolean(true),
                "false" => LiteralValue::Boolean(false),
                text => LiteralValue::String(text),
            };
            let origin = LiteralOrigin {
                file,
                range,
                form: DeclarationForm::VariantMap,
                index,
                count,
                body: Some(body),
            };
            Ty::Literal(LiteralTy { value, origin: Some(origin) })
        }))
    }

    /// The members of an object literal, also one that stands elsewhere under a name.
    pub fn object_members_of(&self, value: &'p Value, file: FileId) -> Option<(&'p [ObjectMember], FileId)> {
        match unwrapped(value) {
            Value::Object(members, _) => Some((members, file)),
            Value::Path(path, _) => match self.followed(path, file)? {
                (Followed::Value(value), file) => match unwrapped(value) {
                    Value::Object(members, _) => Some((members, file)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }
}

fn group_object(config: &[ObjectMember]) -> Option<&Value> {
    member(config, "variants").or_else(|| member(config, "modifiers"))
}

fn unwrapped(value: &Value) -> &Value {
    match value {
        Value::Const(inner) | Value::As(inner, _) => unwrapped(inner),
        other => other,
    }
}

/// The value of an object literal's member.
pub(crate) fn member<'v>(members: &'v [ObjectMember], name: &str) -> Option<&'v Value> {
    members.iter().find_map(|member| match member {
        ObjectMember::Property { key, value, .. } if &**key == name => Some(value),
        _ => None,
    })
}
