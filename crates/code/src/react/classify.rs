//! From the type of a prop to a property of a contract, or to the reason why it is none.

use std::rc::Rc;

use foldhash::HashSet;

use lockstep_core::contract::Property as ContractProperty;

use crate::{
    Framework,
    resolve::{LiteralTy, LiteralValue, Ty},
};

/// An `enum` of more options than this is no choice that anyone draws.
const MAX_OPTIONS: usize = 1_000;

/// What types of csstype are called.
const CSS_VALUE: &str = "a CSS value";

/// What a prop's type comes to.
#[derive(Debug)]
pub(crate) enum Class<'p> {
    Enum {
        options: Vec<LiteralTy<'p>>,
        suggested: bool,
    },
    Boolean,
    Text,
    Number,
    Slot,
    /// Nothing a design has a counterpart for, with its description.
    NoCounterpart(Rc<str>),
    Unresolved(Rc<str>),
    /// The prop can't be given at all.
    Impossible,
}

/// The members of a prop's type, by kind.
#[derive(Default)]
struct Parts<'p> {
    literals: Vec<LiteralTy<'p>>,
    string: bool,
    open_string: bool,
    number: bool,
    boolean: bool,
    slot: bool,
    other: Option<Rc<str>>,
    unresolved: Option<Rc<str>>,
    nothing: bool,
    /// Whether it may be anything that is asked for.
    anything: bool,
}

/// Classifies a prop's type.
pub(crate) fn classify<'p>(ty: &Ty<'p>) -> Class<'p> {
    let mut parts = Parts::default();
    for member in ty.members() {
        collect(member, &mut parts);
    }
    parts.class()
}

fn collect<'p>(member: &Ty<'p>, parts: &mut Parts<'p>) {
    let other = |parts: &mut Parts<'p>, what: &str| {
        parts.other.get_or_insert_with(|| what.into());
    };
    match member {
        Ty::Literal(literal) => {
            // The same option stated twice stays one option, with both places.
            parts.literals.push(literal.clone());
        }
        Ty::String => parts.string = true,
        Ty::OpenString | Ty::OpenNumber => parts.open_string = true,
        Ty::Number => parts.number = true,
        Ty::Boolean => parts.boolean = true,
        Ty::Nothing => parts.nothing = true,
        Ty::Never => {}
        Ty::Slot | Ty::Component(_) => parts.slot = true,
        Ty::Function(_) => other(parts, "a function"),
        Ty::Object(object) if object.component.is_some() => parts.slot = true,
        Ty::Object(object) if !object.calls.is_empty() => other(parts, "a function"),
        Ty::Object(_) => other(parts, "an object"),
        Ty::List(_) => other(parts, "a list"),
        Ty::Intrinsics => other(parts, "an object"),
        Ty::Tags => other(parts, "the name of an HTML element"),
        Ty::Attributes => other(parts, "the name of an HTML attribute"),
        Ty::Any => other(parts, "`any`"),
        Ty::Unknown => other(parts, "`unknown`"),
        Ty::Variants(_) => other(parts, "a function"),
        Ty::Opaque(what) => {
            parts.anything |= what.starts_with("the type parameter");
            other(parts, what);
        }
        Ty::Unresolved(reason) => {
            parts.unresolved.get_or_insert_with(|| reason.clone());
        }
        Ty::Union(members) => members.iter().for_each(|member| collect(member, parts)),
    }
}

impl<'p> Parts<'p> {
    fn class(mut self) -> Class<'p> {
        // A node may be text, a number or nothing: whatever stands beside it is one way of giving it.
        if self.slot {
            return Class::Slot;
        }
        if let Some(reason) = self.unresolved {
            return Class::Unresolved(reason);
        }
        if let (true, Some(what)) = (self.anything, &self.other) {
            return Class::NoCounterpart(what.clone());
        }
        // Beside any number, a number is no choice.
        if self.number {
            self.literals.retain(|literal| !matches!(literal.value, LiteralValue::Number(_)));
        }
        let distinct: HashSet<LiteralValue<'_>> = self.literals.iter().map(|literal| literal.value).collect();
        if distinct.len() > MAX_OPTIONS {
            return Class::Unresolved(
                format!("has {} options, more than the {MAX_OPTIONS} that are compared", distinct.len())
                    .into(),
            );
        }
        let only_booleans = distinct.iter().all(|value| matches!(value, LiteralValue::Boolean(_)));
        if !distinct.is_empty() && !only_booleans && !self.string {
            if self.number && !self.boolean && distinct.len() == 1 {
                return Class::Number;
            }
            return Class::Enum {
                suggested: self.open_string || self.number,
                options: with_booleans(self.literals, self.boolean),
            };
        }
        let boolean = self.boolean || (!distinct.is_empty() && only_booleans);
        let text = self.string || self.open_string;
        match (boolean, text, self.number, self.other) {
            (true, false, false, _) => Class::Boolean,
            // Whatever CSS takes there.
            (false, _, _, Some(css)) if &*css == CSS_VALUE => Class::NoCounterpart(css),
            (false, true, ..) => Class::Text,
            (false, false, true, _) => Class::Number,
            (true, true, ..) => Class::NoCounterpart("a string or a boolean".into()),
            (true, _, true, _) => Class::NoCounterpart("a number or a boolean".into()),
            (false, false, false, Some(other)) => Class::NoCounterpart(other),
            (false, false, false, None) if self.nothing => {
                Class::NoCounterpart("nothing but `undefined`".into())
            }
            (false, false, false, None) => Class::Impossible,
        }
    }
}

/// `boolean | 'mixed'` has the options `false`, `true` and `mixed`.
fn with_booleans(mut literals: Vec<LiteralTy<'_>>, boolean: bool) -> Vec<LiteralTy<'_>> {
    if boolean {
        for value in [false, true] {
            literals.push(LiteralTy { value: LiteralValue::Boolean(value), origin: None });
        }
    }
    literals
}

/// React's own props and styling escape hatches.
pub(crate) fn is_framework(name: &str) -> bool {
    matches!(
        name,
        "key"
            | "ref"
            | "className"
            | "style"
            | "css"
            | "sx"
            | "as"
            | "asChild"
            | "classNames"
            | "styles"
            | "UNSAFE_className"
            | "UNSAFE_style"
            | "innerRef"
            | "dangerouslySetInnerHTML"
    ) || name.ends_with("ClassName")
}

/// Who has a prop of that name already, so that a property of the contract can't be called so.
pub(crate) fn reserved(framework: Framework, name: &str, property: &ContractProperty) -> Option<String> {
    if framework.owns(name) {
        return Some(format!("{framework} has a"));
    }
    let attribute = match property {
        ContractProperty::Slot => false,
        ContractProperty::Enum { options, .. } => {
            name.starts_with("aria-") || (is_html_attribute(name) && options.len() < 2)
        }
        ContractProperty::Text => is_html_attribute(name) || name == "type",
        ContractProperty::Boolean { .. } | ContractProperty::Number => is_html_attribute(name),
    };
    attribute.then(|| "HTML has a".to_owned())
}

/// Attributes of HTML and ARIA that a designer has no counterpart for, whoever declares them.
pub(crate) fn is_html_attribute(name: &str) -> bool {
    name.starts_with("aria-")
        || name.starts_with("data-")
        || matches!(
            name,
            "id" | "name"
                | "href"
                | "target"
                | "rel"
                | "tabIndex"
                | "tabindex"
                | "role"
                | "lang"
                | "dir"
                | "hidden"
                | "form"
                | "formAction"
                | "formEncType"
                | "formMethod"
                | "formNoValidate"
                | "formTarget"
                | "autoFocus"
                | "autofocus"
                | "autoComplete"
                | "autocomplete"
                | "autoCorrect"
                | "autocorrect"
                | "autoCapitalize"
                | "autocapitalize"
                | "spellCheck"
                | "spellcheck"
                | "inputMode"
                | "inputmode"
                | "enterKeyHint"
                | "enterkeyhint"
                | "pattern"
                | "slot"
                | "download"
                | "ping"
                | "hrefLang"
                | "hreflang"
                | "referrerPolicy"
                | "accept"
                | "capture"
                | "htmlFor"
                | "src"
                | "srcSet"
                | "alt"
                | "crossOrigin"
                | "nonce"
                | "accessKey"
                | "contentEditable"
                | "draggable"
                | "translate"
                | "maxLength"
                | "maxlength"
                | "minLength"
                | "minlength"
                | "action"
                | "method"
                | "encType"
                | "noValidate"
                | "list"
                | "is"
                | "inert"
                | "suppressHydrationWarning"
                | "itemProp"
                | "itemScope"
                | "itemType"
                | "itemID"
                | "itemRef"
        )
}
