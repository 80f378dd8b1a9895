//! Attributes of HTML and ARIA that a library takes by name: `React.AriaAttributes['aria-orientation']`.

use super::ty::{Callable, LiteralTy, LiteralValue, Ty};

/// The type of an HTML attribute, as far as a contract cares.
pub(super) fn dom_attribute<'p>(name: &str) -> Ty<'p> {
    let is_handler = name
        .strip_prefix("on")
        .and_then(|rest| rest.chars().next())
        .is_some_and(|first| first.is_ascii_uppercase());
    if is_handler {
        return Ty::Function(Callable::unknown());
    }
    if let Some(options) = listed(name) {
        let literal = |value| Ty::Literal(LiteralTy { value, origin: None });
        let texts = options.iter().map(|text| match *text {
            "true" => literal(LiteralValue::Boolean(true)),
            "false" => literal(LiteralValue::Boolean(false)),
            text => literal(LiteralValue::String(text)),
        });
        return Ty::union(texts);
    }
    match name {
        "disabled" | "checked" | "defaultChecked" | "required" | "readOnly" | "hidden" | "multiple"
        | "autoFocus" | "open" | "selected" | "noValidate" | "formNoValidate" | "draggable"
        | "contentEditable" | "spellCheck" | "controls" | "loop" | "muted" | "autoPlay" | "inert" => {
            Ty::Boolean
        }
        "tabIndex" | "maxLength" | "minLength" | "rows" | "cols" | "size" | "colSpan" | "rowSpan"
        | "span" => Ty::Number,
        "min" | "max" | "step" | "value" | "defaultValue" | "width" | "height" => {
            Ty::union([Ty::String, Ty::Number])
        }
        "children" => Ty::Slot,
        "style" => Ty::Opaque("`React.CSSProperties`".into()),
        "ref" => Ty::Opaque("`React.Ref`".into()),
        _ => Ty::String,
    }
}

/// Attributes that take one of a few words, as the specifications of HTML and ARIA list them.
fn listed(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "aria-orientation" => &["horizontal", "vertical"],
        "aria-live" => &["off", "assertive", "polite"],
        "aria-autocomplete" => &["none", "inline", "list", "both"],
        "aria-sort" => &["none", "ascending", "descending", "other"],
        "aria-checked" | "aria-pressed" => &["true", "false", "mixed"],
        "aria-haspopup" => &["true", "false", "menu", "listbox", "tree", "grid", "dialog"],
        "aria-invalid" => &["true", "false", "grammar", "spelling"],
        "aria-current" => &["true", "false", "page", "step", "location", "date", "time"],
        "aria-busy"
        | "aria-disabled"
        | "aria-expanded"
        | "aria-hidden"
        | "aria-modal"
        | "aria-multiline"
        | "aria-multiselectable"
        | "aria-readonly"
        | "aria-required"
        | "aria-selected"
        | "aria-atomic" => &["true", "false"],
        _ => return None,
    })
}

/// Whether every element has an attribute; `None` where only some have it.
pub(super) fn is_attribute(name: &str) -> Option<bool> {
    let is_handler = name
        .strip_prefix("on")
        .and_then(|rest| rest.chars().next())
        .is_some_and(|first| first.is_ascii_uppercase());
    if is_handler || name.starts_with("aria-") {
        return Some(true);
    }
    match name {
        "accessKey"
        | "autoCapitalize"
        | "autoCorrect"
        | "autoFocus"
        | "children"
        | "className"
        | "color"
        | "content"
        | "contentEditable"
        | "dangerouslySetInnerHTML"
        | "defaultChecked"
        | "defaultValue"
        | "dir"
        | "draggable"
        | "enterKeyHint"
        | "hidden"
        | "id"
        | "inert"
        | "inputMode"
        | "is"
        | "itemID"
        | "itemProp"
        | "itemRef"
        | "itemScope"
        | "itemType"
        | "lang"
        | "nonce"
        | "part"
        | "popover"
        | "prefix"
        | "property"
        | "radioGroup"
        | "rel"
        | "resource"
        | "results"
        | "rev"
        | "role"
        | "slot"
        | "spellCheck"
        | "style"
        | "suppressContentEditableWarning"
        | "suppressHydrationWarning"
        | "tabIndex"
        | "title"
        | "translate"
        | "typeof"
        | "unselectable"
        | "vocab" => Some(true),
        "accept" | "action" | "align" | "allow" | "alt" | "as" | "async" | "autoComplete" | "autoPlay"
        | "border" | "capture" | "cellPadding" | "cellSpacing" | "checked" | "cite" | "cols" | "colSpan"
        | "controls" | "coords" | "crossOrigin" | "data" | "dateTime" | "default" | "defer" | "disabled"
        | "download" | "encType" | "fill" | "form" | "formAction" | "formEncType" | "formMethod"
        | "formNoValidate" | "formTarget" | "frame" | "headers" | "height" | "high" | "href" | "hrefLang"
        | "htmlFor" | "kind" | "label" | "list" | "loading" | "loop" | "low" | "max" | "maxLength"
        | "media" | "method" | "min" | "minLength" | "multiple" | "muted" | "name" | "noValidate"
        | "open" | "optimum" | "orientation" | "pattern" | "ping" | "placeholder" | "poster" | "preload"
        | "readOnly" | "referrerPolicy" | "required" | "reversed" | "rows" | "rowSpan" | "rules"
        | "sandbox" | "scope" | "scrolling" | "selected" | "shape" | "size" | "sizes" | "span" | "src"
        | "srcDoc" | "srcLang" | "srcSet" | "start" | "step" | "summary" | "target" | "type" | "useMap"
        | "valign" | "value" | "width" | "wrap" => None,
        _ => Some(false),
    }
}
