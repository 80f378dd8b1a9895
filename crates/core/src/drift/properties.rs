//! Properties as a whole: there or not, their names, their kinds.

use serde_json::json;

use super::{
    Change, ChangeKind, Severity, defaults,
    detect::{Draft, Seen, Sides, property_value},
    options,
};
use crate::{
    contract::{ContractPath, Property, PropertyKind, PropertyName},
    edit::ContractEdit,
    merge::{Base, Moved, judge},
};

/// The changes of the property that the baseline calls `key`.
pub(super) fn changes(sides: &Sides<'_>, key: &PropertyName) -> Vec<Change> {
    match (sides.code.properties.get(key), sides.design.properties.get(key)) {
        (Some(code), Some(design)) => on_both(sides, key, *code, *design),
        (Some(code), None) => vec![on_one(sides, key, *code, OneSide::Code)],
        (None, Some(design)) => vec![on_one(sides, key, *design, OneSide::Design)],
        (None, None) => Vec::new(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OneSide {
    Code,
    Design,
}

fn on_one(sides: &Sides<'_>, key: &PropertyName, seen: Seen<'_>, side: OneSide) -> Change {
    let base = sides.base_property(key);
    let unchanged = |agreed: &Property| agreed == seen.property && key == seen.name;
    let (has, lacks) = match side {
        OneSide::Code => (Moved::CodeAhead, Moved::DesignAhead),
        OneSide::Design => (Moved::DesignAhead, Moved::CodeAhead),
    };
    let (moved, kind) = match base {
        Base::Unknown => (Moved::Undetermined, ChangeKind::Added),
        Base::Agreed(None) => (has, ChangeKind::Added),
        Base::Agreed(Some(agreed)) if unchanged(agreed) => (lacks, ChangeKind::Removed),
        Base::Agreed(Some(_)) => (Moved::Conflict, ChangeKind::Removed),
    };
    let add = vec![ContractEdit::AddProperty { name: seen.name.clone(), property: seen.property.clone() }];
    let remove = vec![ContractEdit::RemoveProperty { name: seen.name.clone() }];
    let value = property_value(Some(seen.property));
    let kind_name = seen.property.kind();
    let what = match (kind, side, moved) {
        (ChangeKind::Removed, OneSide::Code, Moved::Conflict) => {
            format!("the design removed `{key}`, code changed it")
        }
        (ChangeKind::Removed, OneSide::Design, Moved::Conflict) => {
            format!("code removed `{key}`, the design changed it")
        }
        (ChangeKind::Removed, OneSide::Code, _) => {
            format!("the {kind_name} `{}` is gone from the design", seen.name)
        }
        (ChangeKind::Removed, OneSide::Design, _) => {
            format!("the {kind_name} `{}` is gone from code", seen.name)
        }
        (_, OneSide::Code, _) => format!("only code has the {kind_name} `{}`", seen.name),
        (_, OneSide::Design, _) => format!("only the design has the {kind_name} `{}`", seen.name),
    };
    let draft = Draft {
        path: ContractPath::Property(seen.name.clone()),
        moved,
        kind,
        severity: one_sided_severity(seen.property.kind(), kind),
        code: if side == OneSide::Code { value.clone() } else { json!(null) },
        design: if side == OneSide::Design { value } else { json!(null) },
        baseline: base.map(property_value),
        to_design: if side == OneSide::Code { add.clone() } else { remove.clone() },
        to_code: if side == OneSide::Code { remove } else { add },
    };
    draft.finish(&what)
}

fn one_sided_severity(kind: PropertyKind, change: ChangeKind) -> Severity {
    match (kind, change) {
        (PropertyKind::Text | PropertyKind::Number | PropertyKind::Slot, ChangeKind::Added) => Severity::Low,
        (_, ChangeKind::Removed) => Severity::High,
        _ => Severity::Medium,
    }
}

fn on_both(sides: &Sides<'_>, key: &PropertyName, code: Seen<'_>, design: Seen<'_>) -> Vec<Change> {
    // Both moved alike, whichever way each came there.
    if (code.name, code.property) == (design.name, design.property) {
        return Vec::new();
    }
    let mut changes: Vec<Change> = renamed(sides, key, code, design).into_iter().collect();
    if code.property.kind() != design.property.kind() {
        changes.extend(other_kind(sides, key, code, design));
        return changes;
    }
    changes.extend(options::changes(sides, key, code, design));
    changes.extend(defaults::change(sides, key, code, design));
    changes
}

fn renamed(sides: &Sides<'_>, key: &PropertyName, code: Seen<'_>, design: Seen<'_>) -> Option<Change> {
    let base = match sides.base_property(key) {
        Base::Agreed(Some(_)) => Base::Agreed(key),
        _ => Base::Unknown,
    };
    let moved = judge(&base, &code.name, &design.name)?;
    let drawn = sides.comparison.correspondence.properties.get(design.name).map(|drawn| &drawn.name);
    let drawn = drawn.unwrap_or(design.name);
    let what = match moved {
        Moved::Undetermined => format!(
            "code calls it `{}` and the design `{drawn}`, with the same options: \
             `lockstep map set COMPONENT --property '{drawn}={}'` makes them one",
            code.name, code.name
        ),
        Moved::CodeAhead => format!("`{key}` was renamed to `{}` in code", code.name),
        Moved::DesignAhead => format!("`{key}` was renamed to `{}` in the design", design.name),
        _ => format!("`{key}` was renamed to `{}` in code and to `{}` in the design", code.name, design.name),
    };
    let draft = Draft {
        path: ContractPath::Property(key.clone()),
        moved,
        kind: ChangeKind::Modified,
        severity: Severity::Medium,
        code: json!({ "name": code.name }),
        design: json!({ "name": design.name }),
        baseline: base.map(|name| json!({ "name": name })),
        to_design: vec![ContractEdit::RenameProperty { from: design.name.clone(), to: code.name.clone() }],
        to_code: vec![ContractEdit::RenameProperty { from: code.name.clone(), to: design.name.clone() }],
    };
    Some(draft.finish(&what))
}

/// Whether a property has other options, or states another default, than was agreed on.
fn is_edited(agreed: &Property, now: &Property) -> bool {
    let defaults = agreed.default_text().zip(now.default_text());
    !agreed.options().eq(now.options()) || defaults.is_some_and(|(agreed, now)| agreed != now)
}

fn other_kind(sides: &Sides<'_>, key: &PropertyName, code: Seen<'_>, design: Seen<'_>) -> Option<Change> {
    let base = match sides.base_property(key) {
        Base::Agreed(Some(agreed)) => Base::Agreed(agreed.kind()),
        _ => Base::Unknown,
    };
    let stayed = |seen: Seen<'_>| match sides.base_property(key) {
        Base::Agreed(Some(agreed)) => !is_edited(agreed, seen.property),
        _ => true,
    };
    let moved = match judge(&base, &code.property.kind(), &design.property.kind())? {
        // What the other kind would replace was changed as well.
        Moved::DesignAhead if !stayed(code) => Moved::Conflict,
        Moved::CodeAhead if !stayed(design) => Moved::Conflict,
        moved => moved,
    };
    let draft = Draft {
        path: ContractPath::Property(code.name.clone()),
        moved,
        kind: ChangeKind::Modified,
        severity: Severity::High,
        code: property_value(Some(code.property)),
        design: property_value(Some(design.property)),
        baseline: base.map(|kind| json!({ "kind": kind })),
        to_design: vec![ContractEdit::ChangeKind { name: design.name.clone(), to: code.property.clone() }],
        to_code: vec![ContractEdit::ChangeKind { name: code.name.clone(), to: design.property.clone() }],
    };
    Some(draft.finish(&format!(
        "`{key}` is {} in code and {} in the design",
        code.property.kind().with_article(),
        design.property.kind().with_article()
    )))
}
