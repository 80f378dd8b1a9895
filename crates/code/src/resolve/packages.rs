//! Types of the frameworks' own packages, known by their names.

use std::rc::Rc;

use super::{
    Evaluator, Scope,
    ty::{Callable, Ty},
};
use crate::facts::Type;

impl<'p> Evaluator<'p> {
    /// A type of Vue, Svelte or Lit.
    pub(super) fn framework_type(
        &self,
        specifier: &str,
        name: &str,
        arguments: &'p [Type],
        scope: &Scope<'p>,
    ) -> Option<Ty<'p>> {
        let argument = || arguments.first().map(|ty| self.ty(ty, scope));
        match specifier {
            "vue" | "@vue/runtime-core" | "@vue/runtime-dom" => match name {
                "VNode"
                | "VNodeChild"
                | "Slot"
                | "Component"
                | "FunctionalComponent"
                | "DefineComponent"
                | "ConcreteComponent" => Some(Ty::Slot),
                "PropType" | "MaybeRef" | "MaybeRefOrGetter" | "UnwrapRef" | "UnwrapNestedRefs" => argument(),
                "ExtractPropTypes" | "ExtractPublicPropTypes" => {
                    arguments.first().map(|of| self.extracted_props(of, scope.file))
                }
                "CSSProperties" | "StyleValue" => Some(Ty::Opaque("styles".into())),
                "Ref"
                | "ComputedRef"
                | "ShallowRef"
                | "InjectionKey"
                | "ComponentPublicInstance"
                | "RendererElement" => Some(Ty::Opaque(format!("`{name}`").into())),
                _ if name.ends_with("HTMLAttributes") || name.ends_with("SVGAttributes") => Some(Ty::dom()),
                "AllowedComponentProps" | "VNodeProps" => Some(Ty::dom()),
                _ => None,
            },
            "svelte" => match name {
                "Snippet" | "Component" | "SvelteComponent" | "ComponentType" => Some(Ty::Slot),
                _ => None,
            },
            "svelte/elements" => match name {
                "ClassValue" => Some(Ty::Opaque("class names".into())),
                "SvelteHTMLElements" => Some(Ty::Intrinsics),
                _ if name.ends_with("EventHandler") => Some(Ty::Function(Callable::unknown())),
                _ if name.ends_with("Attributes") => Some(Ty::dom()),
                _ => None,
            },
            // What they make of a type is spelt out, or leaves props out that belong to the framework.
            "svelte-toolbelt" => match name {
                "Expand" | "WithElementRef" => argument(),
                "WithoutChild" => argument().map(|props| without(&props, &["child"])),
                "WithoutChildren" => argument().map(|props| without(&props, &["children"])),
                "WithoutChildrenOrChild" => argument().map(|props| without(&props, &["child", "children"])),
                _ => None,
            },
            "svelte/store" | "svelte/transition" => Some(Ty::Opaque(format!("`{name}`").into())),
            "lit" | "lit-html" | "lit-element" => match name {
                "TemplateResult" | "nothing" => Some(Ty::Slot),
                "CSSResultGroup" | "CSSResult" | "CSSResultArray" => Some(Ty::Opaque("styles".into())),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Props without some of them.
fn without<'p>(props: &Ty<'p>, names: &[&str]) -> Ty<'p> {
    let Ty::Object(object) = props else { return props.clone() };
    let mut object = (**object).clone();
    object.properties.retain(|name, _| !names.contains(name));
    Ty::Object(Rc::new(object))
}
