//! Types that are not declared in any file read: TypeScript's own, the DOM's, React's, and some known packages'.

use std::rc::Rc;

use super::{
    Evaluator, Object, Property, Scope,
    ty::{Callable, Thunk, Ty},
};
use crate::facts::{Text, Type};

impl<'p> Evaluator<'p> {
    /// A name that nothing in the file declares or imports.
    pub(super) fn global(&self, path: &'p [Text], arguments: &'p [Type], scope: &Scope<'p>) -> Ty<'p> {
        match path {
            [react, rest @ ..] if &**react == "React" && !rest.is_empty() => {
                let path: Vec<&str> = rest.iter().map(|part| &**part).collect();
                self.react(&path, arguments, scope)
            }
            [jsx, rest @ ..] if &**jsx == "JSX" && !rest.is_empty() => {
                let path: Vec<&str> = path.iter().map(|part| &**part).collect();
                self.react(&path, arguments, scope)
            }
            [name] if is_tag_map(name) => Ty::Intrinsics,
            [name] => self
                .utility(name, arguments, scope)
                .or_else(|| platform(name))
                .unwrap_or_else(|| Ty::unresolved(format!("`{name}` is declared nowhere"))),
            [intl, ..] if &**intl == "Intl" => Ty::Opaque("options of `Intl`".into()),
            _ => Ty::unresolved(format!("`{}` is declared nowhere", path.join("."))),
        }
    }

    /// Something of a package that was not read.
    pub(super) fn external(
        &self,
        specifier: &'p str,
        path: &[&'p str],
        arguments: &'p [Type],
        scope: &Scope<'p>,
    ) -> Ty<'p> {
        if matches!(specifier, "react" | "preact" | "preact/compat" | "react/jsx-runtime") {
            // `import React from 'react'` and `import * as React` are the same to us.
            let path = match path {
                ["default", rest @ ..] if !rest.is_empty() => rest,
                other => other,
            };
            return self.react(path, arguments, scope);
        }
        let name = path.join(".");
        if let Some(known) = self.known_package(specifier, &name, arguments, scope) {
            return known;
        }
        if let Some(known) = self.framework_type(specifier, &name, arguments, scope) {
            return known;
        }
        if specifier.starts_with('.') || specifier.starts_with('/') {
            return Ty::unresolved(format!("`{name}` of `{specifier}`, which was not found"));
        }
        Ty::unresolved(format!("`{name}` of `{specifier}`, which is not installed"))
    }

    /// A type of React.
    fn react(&self, path: &[&'p str], arguments: &'p [Type], scope: &Scope<'p>) -> Ty<'p> {
        let argument = |index: usize| arguments.get(index).map(|ty| Thunk::Type(ty, scope.clone()));
        let name = match path {
            ["JSX", rest @ ..] => match rest {
                ["IntrinsicElements"] => return Ty::Intrinsics,
                ["IntrinsicAttributes" | "IntrinsicClassAttributes"] => return Ty::dom(),
                ["LibraryManagedAttributes"] => {
                    return argument(1).map_or_else(Ty::dom, |props| self.force(&props));
                }
                _ => return Ty::Slot,
            },
            [name] => *name,
            _ => return Ty::unresolved(format!("`React.{}` is not known", path.join("."))),
        };
        match name {
            "ReactNode"
            | "ReactElement"
            | "ReactChild"
            | "ReactChildren"
            | "ReactFragment"
            | "ReactPortal"
            | "ReactText"
            | "ReactNodeArray"
            | "JSXElementConstructor"
            | "ElementType"
            | "ReactComponentElement" => Ty::Slot,
            "FC"
            | "FunctionComponent"
            | "VFC"
            | "ComponentType"
            | "ComponentClass"
            | "ForwardRefExoticComponent"
            | "ExoticComponent"
            | "NamedExoticComponent"
            | "MemoExoticComponent"
            | "LazyExoticComponent" => argument(0).map_or(Ty::Slot, |props| Ty::Component(Rc::new(props))),
            "ForwardRefRenderFunction" => argument(1).map_or(Ty::Slot, |props| Ty::Component(Rc::new(props))),
            "ComponentProps" | "ComponentPropsWithoutRef" | "ComponentPropsWithRef" => {
                arguments.first().map_or_else(Ty::dom, |of| self.component_props(&self.ty(of, scope)))
            }
            "PropsWithChildren" => self.with_children(arguments.first(), scope),
            "PropsWithRef" | "PropsWithoutRef" => {
                arguments.first().map_or_else(Ty::empty_object, |props| self.ty(props, scope))
            }
            "DetailedHTMLProps"
            | "HTMLProps"
            | "SVGProps"
            | "SVGLineElementAttributes"
            | "AriaAttributes"
            | "DOMAttributes"
            | "Attributes"
            | "RefAttributes"
            | "ClassAttributes" => Ty::dom(),
            "Key" => Ty::union([Ty::String, Ty::Number]),
            "AriaRole"
            | "HTMLAttributeAnchorTarget"
            | "HTMLInputTypeAttribute"
            | "HTMLInputAutoCompleteAttribute"
            | "HTMLAttributeReferrerPolicy" => Ty::String,
            "Dispatch" | "Reducer" | "RefCallback" => Ty::Function(Callable::unknown()),
            _ if name.ends_with("HTMLAttributes") || name.ends_with("SVGAttributes") => Ty::dom(),
            _ if name.ends_with("EventHandler") => Ty::Function(Callable::unknown()),
            _ => Ty::Opaque(format!("`React.{name}`").into()),
        }
    }

    fn with_children(&self, props: Option<&'p Type>, scope: &Scope<'p>) -> Ty<'p> {
        let mut children = Object::default();
        children.properties.insert("children", Property::of(Thunk::ready(Ty::Slot)));
        let children = Ty::Object(Rc::new(children));
        match props {
            Some(props) => self.intersection(vec![self.ty(props, scope), children]),
            None => children,
        }
    }

    /// The props of what an element type is.
    pub(super) fn component_props(&self, of: &Ty<'p>) -> Ty<'p> {
        match of {
            Ty::Component(props) => self.force(props),
            // A tag's name, or any element: attributes of the DOM.
            Ty::Literal(_) | Ty::Slot | Ty::String | Ty::Tags | Ty::Opaque(_) => Ty::dom(),
            Ty::Any => Ty::Any,
            Ty::Function(Callable { signature: Some((signature, scope)), .. }) => match &signature.first {
                Some(first) => {
                    let inner = self.bind(&signature.parameters, &[], scope, scope);
                    self.ty(first, &inner)
                }
                None => Ty::empty_object(),
            },
            Ty::Object(object) if object.component.is_some() || !object.calls.is_empty() => {
                match (&object.component, object.calls.last()) {
                    (Some(props), _) => self.force(props),
                    (None, Some((signature, scope))) => self.component_props(&Ty::Function(Callable {
                        signature: Some((signature, scope.clone())),
                        function: None,
                    })),
                    (None, None) => Ty::Never,
                }
            }
            Ty::Union(members) => Ty::union(members.iter().map(|member| self.component_props(member))),
            Ty::Unresolved(reason) => Ty::Unresolved(reason.clone()),
            _ => Ty::unresolved("the props of something that is no component"),
        }
    }

    /// Wrappers whose effect on props is known from the package that publishes them.
    fn known_package(
        &self,
        specifier: &str,
        name: &str,
        arguments: &'p [Type],
        scope: &Scope<'p>,
    ) -> Option<Ty<'p>> {
        let first = || arguments.first().map(|ty| self.ty(ty, scope));
        match (specifier, name) {
            (
                "class-variance-authority" | "class-variance-authority/types" | "tailwind-variants",
                "VariantProps",
            )
            | (_, "RecipeVariants" | "RecipeVariantProps") => {
                first().map(|variants| self.variant_props(&variants))
            }
            ("class-variance-authority" | "clsx" | "classnames", "ClassValue" | "Argument") => {
                Some(Ty::Opaque("class names".into()))
            }
            (
                "type-fest",
                "Simplify" | "SetOptional" | "SetRequired" | "RequireExactlyOne" | "RequireAtLeastOne",
            )
            | ("@leafygreen-ui/lib", "Either") => first(),
            ("type-fest", "LiteralUnion") => first().map(|literals| Ty::union([literals, Ty::OpenString])),
            ("type-fest", "Merge") => Some(self.overwritten(arguments, scope)),
            ("type-fest", "Except") => self.utility("Omit", arguments, scope),
            ("@leafygreen-ui/lib", "HTMLElementProps") => Some(Ty::dom()),
            ("@leafygreen-ui/polymorphic", "InferredPolymorphicProps") => {
                arguments.get(1).map(|own| self.intersection(vec![self.ty(own, scope), Ty::dom()]))
            }
            ("csstype", _) => Some(Ty::Opaque("a CSS value".into())),
            (_, "CSSProperties" | "CSSObject" | "SxProps" | "SystemStyleObject") => {
                Some(Ty::Opaque("styles".into()))
            }
            _ => None,
        }
    }

    /// A type with some properties replaced by another's.
    fn overwritten(&self, arguments: &'p [Type], scope: &Scope<'p>) -> Ty<'p> {
        let of = |index: usize| arguments.get(index).map_or(Ty::Never, |ty| self.ty(ty, scope));
        match (of(0), of(1)) {
            (Ty::Object(base), Ty::Object(own)) => {
                let mut merged = (*own).clone();
                merged.inherit(&base);
                Ty::Object(Rc::new(merged))
            }
            (base, own) => self.intersection(vec![base, own]),
        }
    }
}

/// The DOM's own lists of elements by name.
fn is_tag_map(name: &str) -> bool {
    matches!(name, "HTMLElementTagNameMap" | "SVGElementTagNameMap" | "ElementTagNameMap")
}

/// Types of JavaScript and the DOM.
fn platform<'p>(name: &str) -> Option<Ty<'p>> {
    let is_platform = matches!(
        name,
        "Date"
            | "Map"
            | "Set"
            | "WeakMap"
            | "WeakSet"
            | "Promise"
            | "PromiseLike"
            | "RegExp"
            | "Error"
            | "Event"
            | "EventTarget"
            | "File"
            | "FileList"
            | "Blob"
            | "FormData"
            | "Window"
            | "Document"
            | "Node"
            | "Element"
            | "ShadowRoot"
            | "DOMRect"
            | "DataTransfer"
            | "AbortSignal"
            | "Iterable"
            | "URL"
            | "Intl"
            | "IntersectionObserverInit"
            | "ScrollIntoViewOptions"
            | "CSSStyleDeclaration"
            | "Symbol"
            | "Object"
    ) || (name.ends_with("Element")
        && (name.starts_with("HTML") || name.starts_with("SVG")))
        || (name.ends_with("Event") && name.chars().next().is_some_and(char::is_uppercase));
    if is_platform {
        return Some(Ty::Opaque(format!("`{name}`").into()));
    }
    match name {
        "Function" => Some(Ty::Function(Callable::unknown())),
        "String" => Some(Ty::String),
        "Number" => Some(Ty::Number),
        "Boolean" => Some(Ty::Boolean),
        _ => None,
    }
}
