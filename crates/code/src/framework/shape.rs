//! What a component that is declared as a whole takes: its props, however they are written, and its slots.

use std::rc::Rc;

use crate::{
    facts::{ClassFacts, ComponentFacts, DeclaredProperty, FunctionFacts, Range, Value},
    react::{ComponentShape, Exported, shape_at},
    resolve::{
        DefaultSource, Evaluator, FileId, Link, Object, PlaceKind, Property, PropertyPlace, Scope, Thunk, Ty,
        callee_path, member,
    },
};

/// The shape of a file or of a manifest's entry that is a component.
pub(crate) fn declared_whole<'p>(
    evaluator: &Evaluator<'p>,
    component: &'p ComponentFacts,
    file: FileId,
    depth: usize,
) -> ComponentShape<'p> {
    let scope = evaluator.bind_widest(&component.parameters, &Scope::top(file));
    let mut shape = match &component.options {
        Some(options) => options_shape(evaluator, options, file, depth + 1),
        None => ComponentShape::default(),
    };
    let mut all: Vec<Thunk<'p>> = shape.props.take().into_iter().collect();
    all.extend(component.props.as_ref().map(|ty| Thunk::Type(ty, scope.clone())));
    let mut own = Object::default();
    for props in &component.runtime {
        own.inherit(&evaluator.runtime_props(props, file));
    }
    for declared in &component.declared {
        own.properties.insert(&declared.name, declared_property(evaluator, declared, file, component));
    }
    for (declared, file) in source_fields(evaluator, component, file) {
        own.properties.insert(&declared.name, declared_property(evaluator, declared, file, component));
    }
    for field in &component.fields {
        let ty = Thunk::ready(Ty::Opaque("a field that no attribute sets".into()));
        own.properties.entry(field).or_insert_with(|| Property::optional(ty));
    }
    for reason in &component.open {
        own.open_because((**reason).into());
    }
    if !component.taken.is_empty() {
        shape.taken.push((&component.taken, file));
    }
    shape.default_props.extend(component.defaults.as_ref().map(|value| DefaultSource { value, file }));
    slots(evaluator, component, file, &scope, &all, &mut own);
    let is_typed = !all.is_empty();
    if !is_typed || !own.properties.is_empty() || !own.open.is_empty() {
        // Without a type, what is destructured is all that is known of them.
        if !is_typed && component.declared.is_empty() && component.runtime.is_empty() {
            for taken in &component.taken {
                let ty = untyped(evaluator, taken.default.as_ref(), file);
                own.properties.entry(&taken.name).or_insert_with(|| Property::optional(ty));
            }
        }
        all.push(Thunk::ready(Ty::Object(Rc::new(own))));
    }
    shape.props = match all.len() {
        1 => all.pop(),
        _ => Some(Thunk::All(all.into())),
    };
    shape
}

/// The options of a component of Vue: `{ props, extends, mixins }`, or a call that takes them.
pub(crate) fn options_shape<'p>(
    evaluator: &Evaluator<'p>,
    options: &'p Value,
    file: FileId,
    depth: usize,
) -> ComponentShape<'p> {
    const DEEPEST: usize = 12;
    let mut shape = ComponentShape::default();
    if depth > DEEPEST {
        shape.open.push("extends others over too many steps".into());
        return shape;
    }
    match options {
        Value::Const(inner) | Value::As(inner, _) => options_shape(evaluator, inner, file, depth + 1),
        Value::Call(call) => match &*call.arguments {
            // `defineComponent((props: Props) => …, { props: ['a'] })`
            [Value::Function(function), ..] => function_shape(evaluator, function, file),
            [first, ..] => options_shape(evaluator, first, file, depth + 1),
            [] => shape,
        },
        Value::Path(path, _) => match evaluator.value_at(path, file) {
            Some((value @ (Value::Object(..) | Value::Call(_)), file)) => {
                options_shape(evaluator, value, file, depth + 1)
            }
            Some((Value::Component(component), file)) => declared_whole(evaluator, component, file, depth),
            _ => {
                shape.open.push(format!("extends `{}`, which was not found", path.join(".")).into());
                shape
            }
        },
        Value::Object(members, _) => {
            let mut all = Vec::new();
            if let Some(props) = member(members, "props") {
                all.push(Thunk::ready(Ty::Object(Rc::new(evaluator.runtime_props(props, file)))));
            }
            let mut bases: Vec<&'p Value> = member(members, "extends").into_iter().collect();
            if let Some(Value::Array(mixins, _)) = member(members, "mixins") {
                bases.extend(mixins);
            }
            for base in bases {
                let base = options_shape(evaluator, base, file, depth + 1);
                // What a component says itself goes before what it takes over.
                let known: Vec<Ty<'p>> = all.iter().map(|thunk| evaluator.force(thunk)).collect();
                all.extend(base.props.map(|props| without(evaluator, &props, &known)));
                shape.open.extend(base.open);
            }
            shape.props = match all.len() {
                0 => None,
                1 => all.pop(),
                _ => Some(Thunk::All(all.into())),
            };
            shape
        }
        other => {
            if let Some(made) = shape_at(evaluator, other, file, depth + 1) {
                return made;
            }
            shape.open.push("its options are computed".into());
            shape
        }
    }
}

/// Props without those that are known already.
fn without<'p>(evaluator: &Evaluator<'p>, props: &Thunk<'p>, known: &[Ty<'p>]) -> Thunk<'p> {
    let Ty::Object(object) = evaluator.force(props) else { return props.clone() };
    let mut object = (*object).clone();
    object.properties.retain(|name, _| {
        !known.iter().any(|known| matches!(known, Ty::Object(known) if known.properties.contains_key(name)))
    });
    Thunk::ready(Ty::Object(Rc::new(object)))
}

fn function_shape<'p>(
    evaluator: &Evaluator<'p>,
    function: &'p FunctionFacts,
    file: FileId,
) -> ComponentShape<'p> {
    let scope = evaluator.bind_widest(&function.parameters, &Scope::top(file));
    ComponentShape {
        props: function.props.as_ref().map(|ty| Thunk::Type(ty, scope)),
        taken: vec![(&function.taken, file)],
        ..ComponentShape::default()
    }
}

/// The class that makes an element, where its source is there.
fn source_class<'p>(
    evaluator: &Evaluator<'p>,
    component: &'p ComponentFacts,
    file: FileId,
) -> Option<(&'p ClassFacts, FileId)> {
    let project = &evaluator.project;
    let scope = project.facts(file).scopes.first()?;
    let Link::File(module) = project.link(file, scope) else { return None };
    let (source, facts) = (project.file(module), project.facts(module));
    let named = component.class.as_deref().and_then(|class| facts.value_named(class));
    let mut classes = facts.values.iter().filter_map(|declaration| match &declaration.value {
        Value::Class(class) if !class.fields.is_empty() => Some(&**class),
        _ => None,
    });
    let class = match (named.map(|declaration| &declaration.value), &component.class) {
        (Some(Value::Class(class)), _) => class,
        // The old form of manifests does not name the class: the only one of the module is meant.
        (None, None) => classes.next().filter(|_| classes.next().is_none())?,
        _ => return None,
    };
    (source.own && !source.path.contains(".d.")).then_some((class, module))
}

/// Lets an element be declared where its class is, if that is there.
pub(super) fn stand_in_source<'p>(evaluator: &Evaluator<'p>, element: &mut Exported<'p>) {
    let declaration = evaluator.project.facts(element.file).value_named(&element.name);
    if let Some(Value::Component(component)) = declaration.map(|declaration| &declaration.value)
        && let Some((class, file)) = source_class(evaluator, component, element.file)
    {
        (element.file, element.declared) = (file, class.range);
    }
}

/// The fields that a class and those that it extends declare as attributes, the furthest first.
fn source_fields<'p>(
    evaluator: &Evaluator<'p>,
    component: &'p ComponentFacts,
    file: FileId,
) -> Vec<(&'p DeclaredProperty, FileId)> {
    const DEEPEST: usize = 8;
    let mut layers = Vec::new();
    let mut next = source_class(evaluator, component, file);
    while let Some((class, file)) = next.take_if(|_| layers.len() < DEEPEST) {
        layers.push((class, file));
        next = class.base.as_ref().and_then(callee_path).and_then(|path| {
            match evaluator.value_at(path, file)? {
                (Value::Class(base), file) => Some((&**base, file)),
                _ => None,
            }
        });
    }
    let fields =
        |(class, file): (&'p ClassFacts, FileId)| class.fields.iter().map(move |field| (field, file));
    layers.into_iter().rev().flat_map(fields).collect()
}

fn declared_property<'p>(
    evaluator: &Evaluator<'p>,
    declared: &'p DeclaredProperty,
    file: FileId,
    component: &'p ComponentFacts,
) -> Property<'p> {
    let index = component.declared.iter().position(|known| std::ptr::eq(known, declared)).unwrap_or_default();
    let place = PropertyPlace {
        file,
        range: declared.range,
        key: declared.range,
        owner: "",
        index,
        count: component.declared.len(),
        kind: PlaceKind::Value,
    };
    let scope = evaluator.bind_widest(&component.parameters, &Scope::top(file));
    let (defined, default) = match &declared.definition {
        Some(definition) => {
            let (ty, default) = evaluator.runtime_definition(definition, file);
            (Some(Thunk::ready(ty)), default)
        }
        None => (None, None),
    };
    let ty = match (&declared.ty, defined) {
        (Some(ty), _) => Thunk::Type(ty, scope),
        (None, Some(defined)) => defined,
        (None, None) => untyped(evaluator, declared.default.as_ref(), file),
    };
    let own = declared.default.as_ref().map(|value| DefaultSource { value, file });
    Property {
        place: Some(place),
        doc: declared.doc.as_deref(),
        default: own.or(default),
        ..Property::optional(ty)
    }
}

/// The type of what has none: that of its default.
fn untyped<'p>(evaluator: &Evaluator<'p>, default: Option<&'p Value>, file: FileId) -> Thunk<'p> {
    match default {
        Some(Value::Undefined(_) | Value::Null(_) | Value::Other(_)) | None => {
            Thunk::ready(Ty::unresolved("it has no type"))
        }
        Some(Value::Path(..)) => match default.map(|value| Thunk::Value { value, file, constant: false }) {
            Some(thunk) if !matches!(evaluator.force(&thunk), Ty::Unresolved(_)) => thunk,
            _ => Thunk::ready(Ty::unresolved("it has no type")),
        },
        Some(value) => Thunk::Value { value, file, constant: false },
    }
}

/// Slots are properties too, where no prop has the name already.
fn slots<'p>(
    evaluator: &Evaluator<'p>,
    component: &'p ComponentFacts,
    file: FileId,
    scope: &Scope<'p>,
    typed: &[Thunk<'p>],
    own: &mut Object<'p>,
) {
    if component.slots.is_empty() && component.slot_types.is_none() {
        return;
    }
    let typed: Vec<Ty<'p>> = typed.iter().map(|thunk| evaluator.force(thunk)).collect();
    let is_prop = |own: &Object<'p>, name: &str| {
        own.properties.contains_key(name)
            || typed.iter().any(|ty| matches!(ty, Ty::Object(object) if object.properties.contains_key(name)))
    };
    if let Some(types) = &component.slot_types {
        match evaluator.ty(types, scope) {
            Ty::Object(object) => {
                for (name, slot) in &object.properties {
                    if !is_prop(own, name) {
                        let property = Property { ty: Thunk::ready(Ty::Slot), ..slot.clone() };
                        own.properties.insert(name, property);
                    }
                }
                for reason in &object.open {
                    own.open_because(reason.clone());
                }
            }
            Ty::Unresolved(reason) => own.open_because(reason),
            _ => {}
        }
    }
    let count = component.slots.len();
    for (index, slot) in component.slots.iter().enumerate() {
        if is_prop(own, &slot.name) {
            continue;
        }
        let place = slot_place(file, slot.range, index, count);
        let property = Property {
            place: Some(place),
            doc: slot.doc.as_deref(),
            ..Property::optional(Thunk::ready(Ty::Slot))
        };
        own.properties.insert(&slot.name, property);
    }
}

fn slot_place<'p>(file: FileId, range: Range, index: usize, count: usize) -> PropertyPlace<'p> {
    PropertyPlace { file, range, key: range, owner: "slots", index, count, kind: PlaceKind::Value }
}
