//! Defaults that both sides state.

use serde_json::json;

use super::{
    Change, ChangeKind, Severity,
    detect::{Draft, Seen, Side, Sides},
};
use crate::{
    contract::{ContractPath, OptionName, PropertyName},
    edit::ContractEdit,
    merge::{Base, Moved, judge},
};

/// The change of a default, if there is one. An option that was only renamed is the same default.
pub(super) fn change(
    sides: &Sides<'_>,
    key: &PropertyName,
    code: Seen<'_>,
    design: Seen<'_>,
) -> Option<Change> {
    let (in_code, in_design) = (code.property.default_text(), design.property.default_text());
    let base = sides.baseline.map_or(Base::Unknown, |baseline| baseline.agreed_default(key));
    // A default that one side never stated can't have been moved by the other.
    let base = match base {
        Base::Agreed(None) => Base::Unknown,
        known => known,
    };
    let as_agreed = |side: &Side<'_>, default: &Option<String>| {
        default
            .as_deref()
            .map(|option| side.renames.option_before(key, &OptionName::from(option)).to_string())
    };
    let moved = judge(&base, &as_agreed(&sides.code, &in_code), &as_agreed(&sides.design, &in_design))?;
    let set = |seen: Seen<'_>, to: &Option<String>| {
        vec![ContractEdit::SetDefault { property: seen.name.clone(), to: to.clone() }]
    };
    let said = |default: &Option<String>| {
        default.as_ref().map_or_else(|| "none".to_owned(), |value| format!("`{value}`"))
    };
    let name = code.name;
    let what = match (moved, &base) {
        (Moved::CodeAhead, Base::Agreed(was)) => {
            format!("the default of `{name}` was {} and is {} in code", said(was), said(&in_code))
        }
        (Moved::DesignAhead, Base::Agreed(was)) => {
            format!("the default of `{name}` was {} and is {} in the design", said(was), said(&in_design))
        }
        _ => format!(
            "the default of `{name}` is {} in code and {} in the design",
            said(&in_code),
            said(&in_design)
        ),
    };
    let draft = Draft {
        path: ContractPath::Default(name.clone()),
        moved,
        kind: ChangeKind::Modified,
        severity: Severity::Medium,
        code: json!(in_code),
        design: json!(in_design),
        baseline: base.map(|default| json!(default)),
        to_design: set(design, &in_code),
        to_code: set(code, &in_design),
    };
    Some(draft.finish(&what))
}
