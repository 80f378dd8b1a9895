//! Components over an element or another component, and over a model: `createContainer(Base)({ modelHook })(…)`.

use std::rc::Rc;

use super::component::{ComponentShape, shape};
use crate::{
    facts::{Call, Value},
    resolve::{Evaluator, FileId, Object, Property, Thunk, Ty, member},
};

/// Adds what such a component takes beside its own props: those of the component that it stands for, and its model.
pub(super) fn complete<'p>(
    evaluator: &Evaluator<'p>,
    made: &mut ComponentShape<'p>,
    wrapper: &str,
    (call, element): (&'p Call, Option<&'p Value>),
    file: FileId,
    depth: usize,
) {
    let own = made.props.clone();
    let props = evaluator.made_by(call, || all_props(evaluator, own, wrapper, (call, element), file, depth));
    made.props = props.or(made.props.take());
}

fn all_props<'p>(
    evaluator: &Evaluator<'p>,
    declared: Option<Thunk<'p>>,
    wrapper: &str,
    (call, element): (&'p Call, Option<&'p Value>),
    file: FileId,
    depth: usize,
) -> Option<Thunk<'p>> {
    let own = match declared.as_ref().map(|props| evaluator.force(props)) {
        Some(Ty::Object(props)) => props,
        None => Rc::default(),
        // What its own props are is not known: nothing can be said of what they leave.
        Some(_) => return None,
    };
    let mut props = Object::default();
    if let Some(base @ Value::Path(..)) = element
        && let Some(base) = shape(evaluator, base, file, depth + 1)
        && let Ty::Object(base) = evaluator.force(&base.props_thunk())
    {
        props.inherit(&base);
        props.properties.retain(|name, _| !own.properties.contains_key(name));
    }
    if has_model(call) {
        let model = Property { optional: true, ..Property::of(Thunk::ready(Ty::Opaque("a model".into()))) };
        props.properties.entry("model").or_insert_with(|| model.clone());
        props.properties.entry("elemPropsHook").or_insert(model);
        if wrapper == "createContainer" {
            props.open_because("its model's configuration is not worked out".into());
        }
    }
    let added = Thunk::ready(Ty::Object(Rc::new(props)));
    Some(match declared {
        Some(own) => Thunk::All(Rc::from([own, added])),
        None => added,
    })
}

fn has_model(call: &Call) -> bool {
    const LONGEST_CHAIN: usize = 4;
    let mut current = call;
    for _ in 0..LONGEST_CHAIN {
        let names_one = |value: &Value| match value {
            Value::Object(members, _) => member(members, "modelHook").is_some(),
            _ => false,
        };
        if current.arguments.iter().any(names_one) {
            return true;
        }
        let Value::Call(inner) = &current.callee else { return false };
        current = inner;
    }
    false
}
