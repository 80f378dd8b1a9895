//! Which values are React components, and where their props and defaults are written.

use std::rc::Rc;

use super::containers;

use crate::{
    facts::{
        Call, ClassFacts, FunctionFacts, ObjectMember, Renders, TakenProperty, Text, Type, Value,
        ValueDeclaration,
    },
    framework::{declared_whole, options_shape},
    resolve::{Binding, DefaultSource, Evaluator, FileId, Object, Scope, Thunk, Ty, callee_path},
};

/// A component, as far as its value tells.
#[derive(Debug, Clone, Default)]
pub(crate) struct ComponentShape<'p> {
    /// The type of its props; `None` when none is written down.
    pub props: Option<Thunk<'p>>,
    /// What it destructures from its props, with the file it does so in.
    pub taken: Vec<(&'p [TakenProperty], FileId)>,
    /// Its `defaultProps`.
    pub default_props: Vec<DefaultSource<'p>>,
    /// Its `propTypes`.
    pub prop_types: Vec<DefaultSource<'p>>,
    /// Why it may take more than its props type says.
    pub open: Vec<Rc<str>>,
    /// Parts that come with it: `Object.assign(Card, { Header })`.
    pub parts: Vec<(&'p str, &'p Value, FileId)>,
}

impl<'p> ComponentShape<'p> {
    /// The type of its props as another type may refer to it.
    pub fn props_thunk(&self) -> Thunk<'p> {
        let mut object = Object::default();
        for reason in &self.open {
            object.open_because(reason.clone());
        }
        let rest = Thunk::ready(Ty::Object(Rc::new(object)));
        match &self.props {
            Some(props) if self.open.is_empty() => props.clone(),
            Some(props) => Thunk::All(Rc::from([props.clone(), rest])),
            None => rest,
        }
    }
}

/// Types may be nested in calls of calls, no deeper than this.
const MAX_DEPTH: usize = 16;
/// Props are followed through this many components.
const MAX_FORWARDS: usize = 4;

/// The component that a declaration makes, if it makes one.
pub(crate) fn declared_component<'p>(
    evaluator: &Evaluator<'p>,
    declaration: &'p ValueDeclaration,
    file: FileId,
) -> Option<ComponentShape<'p>> {
    let made = component_of(evaluator, &declaration.value, file);
    let annotated = declaration.annotation.as_ref().and_then(|ty| annotated_props(evaluator, ty, file));
    let mut shape = match (made, annotated) {
        (Some(made), Some(props)) => ComponentShape { props: Some(props), open: Vec::new(), ..made },
        (Some(made), None) => made,
        (None, Some(props)) => ComponentShape { props: Some(props), ..ComponentShape::default() },
        (None, None) => return None,
    };
    for assigned in &evaluator.project.facts(file).members {
        if assigned.owner != declaration.name {
            continue;
        }
        let source = DefaultSource { value: &assigned.value, file };
        match &*assigned.member {
            "defaultProps" => shape.default_props.push(source),
            "propTypes" => shape.prop_types.push(source),
            _ => {}
        }
    }
    Some(shape)
}

/// The props of what is annotated as a component: `React.FC<Props>`, a function type, an interface that can be called.
fn annotated_props<'p>(evaluator: &Evaluator<'p>, ty: &'p Type, file: FileId) -> Option<Thunk<'p>> {
    let scope = Scope::top(file);
    let ty = evaluator.ty(ty, &scope);
    callable_props(evaluator, &ty)
}

fn callable_props<'p>(evaluator: &Evaluator<'p>, ty: &Ty<'p>) -> Option<Thunk<'p>> {
    let signatures = match ty {
        Ty::Component(props) => return Some((**props).clone()),
        Ty::Function(callable) => vec![callable.signature.clone()?],
        Ty::Object(object) => match &object.component {
            Some(props) => return Some((**props).clone()),
            None => object.calls.clone(),
        },
        _ => return None,
    };
    // A component with several signatures may be given the props of any.
    let props: Vec<Thunk<'p>> = signatures
        .iter()
        .filter(|(signature, _)| signature.returns.as_ref().is_none_or(may_be_element))
        .map(|(signature, scope)| match &signature.first {
            Some(first) => Thunk::Type(first, evaluator.bind(&signature.parameters, &[], scope, scope)),
            None => Thunk::ready(Ty::empty_object()),
        })
        .collect();
    match &*props {
        [] => None,
        [props] => Some(props.clone()),
        _ => Some(Thunk::Any(props.into())),
    }
}

fn may_be_element(ty: &Type) -> bool {
    match ty {
        Type::Reference { path, .. } | Type::Import { path, .. } => path.last().is_some_and(|name| {
            matches!(&**name, "Element" | "ReactElement" | "ReactNode" | "ReturnType" | "ReactPortal")
        }),
        Type::Union(members) => members.iter().any(may_be_element),
        _ => false,
    }
}

/// The component that an expression makes, if it demonstrably makes one.
pub(crate) fn component_of<'p>(
    evaluator: &Evaluator<'p>,
    value: &'p Value,
    file: FileId,
) -> Option<ComponentShape<'p>> {
    shape(evaluator, value, file, 0)
}

/// As [`component_of`], within something that is `depth` steps deep already.
pub(crate) fn shape_at<'p>(
    evaluator: &Evaluator<'p>,
    value: &'p Value,
    file: FileId,
    depth: usize,
) -> Option<ComponentShape<'p>> {
    shape(evaluator, value, file, depth)
}

pub(super) fn shape<'p>(
    evaluator: &Evaluator<'p>,
    value: &'p Value,
    file: FileId,
    depth: usize,
) -> Option<ComponentShape<'p>> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value {
        Value::Function(function) => {
            let by_type = function.returns.as_ref().is_some_and(may_be_element);
            let renders = match function.renders {
                Renders::Jsx => true,
                Renders::Nothing => function.props.is_some() || by_type,
                Renders::Unseen => by_type,
            };
            renders.then(|| function_shape(evaluator, function, file, depth))
        }
        Value::Class(class) => class_shape(evaluator, class, file, depth),
        Value::Component(component) => Some(declared_whole(evaluator, component, file, depth)),
        Value::Const(inner) => shape(evaluator, inner, file, depth + 1),
        Value::As(inner, ty) => {
            let made = shape(evaluator, inner, file, depth + 1);
            match annotated_props(evaluator, ty, file) {
                Some(props) => Some(ComponentShape { props: Some(props), ..made.unwrap_or_default() }),
                None => made,
            }
        }
        Value::Path(path, _) => path_shape(evaluator, path, file, depth),
        Value::Call(call) => call_shape(evaluator, call, file, depth),
        _ => None,
    }
}

fn function_shape<'p>(
    evaluator: &Evaluator<'p>,
    function: &'p FunctionFacts,
    file: FileId,
    depth: usize,
) -> ComponentShape<'p> {
    let top = Scope::top(file);
    let scope = evaluator.bind_widest(&function.parameters, &top);
    let mut made = ComponentShape {
        props: function.props.as_ref().map(|ty| Thunk::Type(ty, scope)),
        taken: vec![(&function.taken, file)],
        ..ComponentShape::default()
    };
    // What a component hands its props on to supplies the defaults of those it leaves alone.
    if depth <= MAX_DEPTH
        && let Some(base) = function
            .forwards
            .as_ref()
            .and_then(|base| shape(evaluator, base, file, depth + MAX_DEPTH / MAX_FORWARDS))
    {
        made.taken.extend(base.taken);
        made.default_props.extend(base.default_props);
    }
    made
}

fn class_shape<'p>(
    evaluator: &Evaluator<'p>,
    class: &'p ClassFacts,
    file: FileId,
    depth: usize,
) -> Option<ComponentShape<'p>> {
    let base_name = class.base.as_ref().and_then(callee_path).and_then(<[Text]>::last);
    let is_base = base_name.is_some_and(|name| matches!(&**name, "Component" | "PureComponent"));
    if depth == 0 && class.is_abstract || class.renders != Renders::Jsx && !is_base {
        return None;
    }
    let base = class.base.as_ref()?;
    let mut made = if is_base { None } else { shape(evaluator, base, file, depth + 1) }.unwrap_or_default();
    let scope = evaluator.bind_widest(&class.parameters, &Scope::top(file));
    if let Some(props) = class.base_arguments.first() {
        made.props = Some(Thunk::Type(props, scope));
    }
    made.taken.insert(0, (&class.taken, file));
    let source = |value| DefaultSource { value, file };
    made.default_props.splice(0..0, class.default_props.as_ref().map(source));
    made.prop_types.splice(0..0, class.prop_types.as_ref().map(source));
    Some(made)
}

fn path_shape<'p>(
    evaluator: &Evaluator<'p>,
    path: &'p [Text],
    file: FileId,
    depth: usize,
) -> Option<ComponentShape<'p>> {
    let (first, rest) = path.split_first()?;
    match evaluator.project.lookup(file, first)? {
        Binding::Local { file: target, name } if rest.is_empty() => {
            let declaration = evaluator.project.facts(target).value_named(name)?;
            let made = shape(evaluator, &declaration.value, target, depth + 1);
            let annotated =
                declaration.annotation.as_ref().and_then(|ty| annotated_props(evaluator, ty, target));
            match (made, annotated) {
                (made, Some(props)) => {
                    Some(ComponentShape { props: Some(props), ..made.unwrap_or_default() })
                }
                (made, None) => made,
            }
        }
        Binding::Local { .. } | Binding::Namespace(_) => {
            let (value, target) = evaluator.value_at(path, file)?;
            shape(evaluator, value, target, depth + 1)
        }
        Binding::External { .. } => None,
    }
}

fn call_shape<'p>(
    evaluator: &Evaluator<'p>,
    call: &'p Call,
    file: FileId,
    depth: usize,
) -> Option<ComponentShape<'p>> {
    let scope = Scope::top(file);
    let argument = |index: usize| call.type_arguments.get(index).map(|ty| Thunk::Type(ty, scope.clone()));
    let name = callee_path(&call.callee).and_then(<[Text]>::last).map_or("", |name| &**name);
    match name {
        "forwardRef" => {
            let inner = call.arguments.first()?;
            let mut made = inner_shape(evaluator, inner, file, depth).unwrap_or_default();
            made.props = argument(1).or(made.props);
            Some(made)
        }
        "memo" | "observer" => {
            let mut made = inner_shape(evaluator, call.arguments.first()?, file, depth)?;
            if let Some(props) = argument(0)
                && let Ty::Object(_) | Ty::Union(_) = evaluator.force(&props)
            {
                made.props = Some(props);
            }
            Some(made)
        }
        "defineComponent" | "defineAsyncComponent" => {
            Some(options_shape(evaluator, call.arguments.first()?, file, depth))
        }
        "lazy" => Some(ComponentShape { open: vec!["is loaded lazily".into()], ..ComponentShape::default() }),
        "assign" => {
            let (first, rest) = call.arguments.split_first()?;
            let mut made = shape(evaluator, first, file, depth + 1)?;
            for part in rest {
                let Value::Object(members, _) = part else { continue };
                made.parts.extend(parts(members, file));
            }
            Some(made)
        }
        "createContext" | "createElement" | "cloneElement" | "createPortal" | "cva" | "tv" | "useMemo"
        | "useCallback" => None,
        _ => {
            styled_shape(evaluator, call, file, depth).or_else(|| wrapped_shape(evaluator, call, file, depth))
        }
    }
}

/// A function handed to something that makes components of functions is one, whatever it gives.
fn inner_shape<'p>(
    evaluator: &Evaluator<'p>,
    value: &'p Value,
    file: FileId,
    depth: usize,
) -> Option<ComponentShape<'p>> {
    match value {
        Value::Function(function) => Some(function_shape(evaluator, function, file, depth)),
        Value::Path(path, _) => shape(evaluator, value, file, depth + 1).or_else(|| {
            let (value, target) = evaluator.value_at(path, file)?;
            match value {
                Value::Function(function) => Some(function_shape(evaluator, function, target, depth)),
                _ => None,
            }
        }),
        other => shape(evaluator, other, file, depth + 1),
    }
}

/// `styled.button<Props>`, `styled(Button)<Props>`.
fn styled_shape<'p>(
    evaluator: &Evaluator<'p>,
    call: &'p Call,
    file: FileId,
    depth: usize,
) -> Option<ComponentShape<'p>> {
    let own = |of: &'p Call| of.type_arguments.first().map(|ty| Thunk::Type(ty, Scope::top(file)));
    match &call.callee {
        Value::Path(path, _) => {
            let is_styled = path.len() == 2 && &*path[0] == "styled";
            is_styled.then(|| ComponentShape {
                props: Some(own(call).unwrap_or_else(|| Thunk::ready(Ty::dom()))),
                ..ComponentShape::default()
            })
        }
        Value::Call(inner) => {
            let path = callee_path(&inner.callee)?;
            if path.last().is_none_or(|name| &**name != "styled") {
                return None;
            }
            let base = inner.arguments.first()?;
            let mut made = match base {
                Value::Literal(..) => {
                    ComponentShape { props: Some(Thunk::ready(Ty::dom())), ..ComponentShape::default() }
                }
                base => shape(evaluator, base, file, depth + 1).unwrap_or_else(|| ComponentShape {
                    open: vec!["styles a component that was not read".into()],
                    ..ComponentShape::default()
                }),
            };
            if let Some(own) = own(call).or_else(|| own(inner)) {
                made.props = Some(match made.props {
                    Some(base) => Thunk::All(Rc::from([base, own])),
                    None => own,
                });
            }
            Some(made)
        }
        _ => None,
    }
}

/// A call of some other function that is given a function with JSX in it, directly or as a member of an object.
fn wrapped_shape<'p>(
    evaluator: &Evaluator<'p>,
    call: &'p Call,
    file: FileId,
    depth: usize,
) -> Option<ComponentShape<'p>> {
    let mut made = None;
    let mut found_parts = Vec::new();
    let mut type_arguments: Vec<&'p Type> = Vec::new();
    let mut wrapper = None;
    let mut current = Some(call);
    for _ in 0..MAX_DEPTH {
        let Some(call) = current else { break };
        type_arguments.extend(&call.type_arguments);
        for value in &call.arguments {
            if let Value::Object(members, _) = value {
                for key in ["subComponents", "components"] {
                    if let Some(Value::Object(members, _)) = crate::resolve::member(members, key) {
                        found_parts.extend(parts(members, file));
                    }
                }
            }
            if made.is_none() {
                made = wrapped_argument(evaluator, value, file, depth);
            }
        }
        match &call.callee {
            Value::Call(inner) => current = Some(inner),
            Value::Path(path, _) => {
                wrapper = Some((path, call.arguments.first()));
                current = None;
            }
            _ => current = None,
        }
    }
    let mut made: ComponentShape<'p> = made?;
    let (wrapper, element) = wrapper?;
    let name = wrapper.last()?;
    if name.starts_with("use") || name.starts_with("render") {
        return None;
    }
    if made.props.is_none() {
        let scope = Scope::top(file);
        made.props = type_arguments
            .iter()
            .map(|ty| Thunk::Type(ty, scope.clone()))
            .find(|thunk| matches!(evaluator.force(thunk), Ty::Object(_) | Ty::Union(_) | Ty::Unresolved(_)));
    }
    if let Some(Binding::External { specifier, .. }) =
        wrapper.first().and_then(|first| evaluator.project.lookup(file, first))
        && !adds_nothing(specifier, name)
    {
        made.open.push(format!("made by `{name}` of `{specifier}`, which is not installed").into());
    }
    made.parts.extend(found_parts);
    if matches!(&**name, "createComponent" | "createSubcomponent" | "createContainer") {
        containers::complete(evaluator, &mut made, name, (call, element), file, depth);
    }
    Some(made)
}

/// Wrappers of packages that are known to add nothing but attributes of the DOM.
fn adds_nothing(specifier: &str, name: &str) -> bool {
    matches!(
        (specifier, name),
        ("@leafygreen-ui/polymorphic", "InferredPolymorphic" | "Polymorphic")
            | ("react-router" | "react-router-dom", "withRouter")
            | ("mobx-react" | "mobx-react-lite", _)
            | ("@workday/canvas-kit-react/common", _)
    )
}

fn wrapped_argument<'p>(
    evaluator: &Evaluator<'p>,
    value: &'p Value,
    file: FileId,
    depth: usize,
) -> Option<ComponentShape<'p>> {
    match value {
        Value::Function(function) if function.renders == Renders::Jsx => {
            Some(function_shape(evaluator, function, file, depth))
        }
        Value::Object(members, _) => {
            let render =
                crate::resolve::member(members, "Component").or(crate::resolve::member(members, "render"))?;
            match render {
                Value::Function(function) => Some(function_shape(evaluator, function, file, depth)),
                other => shape(evaluator, other, file, depth + 1),
            }
        }
        Value::Path(path, _) if path[0].starts_with(|first: char| first.is_uppercase()) => {
            shape(evaluator, value, file, depth + 1)
        }
        Value::Call(_) | Value::As(..) => shape(evaluator, value, file, depth + 1),
        _ => None,
    }
}

fn parts(members: &[ObjectMember], file: FileId) -> impl Iterator<Item = (&str, &Value, FileId)> {
    members.iter().filter_map(move |member| match member {
        ObjectMember::Property { key, value, .. } if key.starts_with(|first: char| first.is_uppercase()) => {
            Some((&**key, value, file))
        }
        _ => None,
    })
}
