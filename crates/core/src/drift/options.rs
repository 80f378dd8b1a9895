//! Options of `enum` properties: there or not, and their names.

use std::collections::{BTreeMap, BTreeSet};

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

/// The changes of the options of a property that both sides have as an `enum`.
pub(super) fn changes(
    sides: &Sides<'_>,
    key: &PropertyName,
    code: Seen<'_>,
    design: Seen<'_>,
) -> Vec<Change> {
    let in_code = by_agreed_name(&sides.code, key, code);
    let in_design = by_agreed_name(&sides.design, key, design);
    let all: BTreeSet<&OptionName> = in_code.keys().chain(in_design.keys()).copied().collect();
    all.into_iter()
        .filter_map(|option| {
            let work = Work { sides, key, option, code, design };
            match (in_code.get(option), in_design.get(option)) {
                (Some(code), Some(design)) => work.renamed(code, design),
                (Some(name), None) => Some(work.on_one(name, true)),
                (None, Some(name)) => Some(work.on_one(name, false)),
                (None, None) => None,
            }
        })
        .collect()
}

/// The options of one side by the names that they had in the baseline.
fn by_agreed_name<'a>(
    side: &'a Side<'_>,
    key: &PropertyName,
    seen: Seen<'a>,
) -> BTreeMap<&'a OptionName, &'a OptionName> {
    seen.property.options().map(|option| (side.renames.option_before(key, option), option)).collect()
}

struct Work<'a> {
    sides: &'a Sides<'a>,
    key: &'a PropertyName,
    option: &'a OptionName,
    code: Seen<'a>,
    design: Seen<'a>,
}

impl Work<'_> {
    fn base(&self) -> Base<bool> {
        self.sides.baseline.map_or(Base::Unknown, |baseline| baseline.option(self.key, self.option))
    }

    fn path(&self) -> ContractPath {
        ContractPath::Option(self.code.name.clone(), self.option.clone())
    }

    fn on_one(&self, name: &OptionName, in_code: bool) -> Change {
        let was_renamed = name != self.option;
        let base = self.base();
        let moved = match judge(&base, &in_code, &!in_code) {
            // The side that still has it gave it another name while the other took it away.
            Some(_) if was_renamed && base == Base::Agreed(true) => Moved::Conflict,
            Some(moved) => moved,
            None => Moved::Undetermined,
        };
        let kind = if base == Base::Agreed(true) { ChangeKind::Removed } else { ChangeKind::Added };
        let property = |seen: Seen<'_>| seen.name.clone();
        let add = |seen| ContractEdit::AddOption { property: property(seen), option: name.clone() };
        let remove = |seen| ContractEdit::RemoveOption { property: property(seen), option: name.clone() };
        let (to_design, to_code) = if in_code {
            (add(self.design), remove(self.code))
        } else {
            (remove(self.design), add(self.code))
        };
        let draft = Draft {
            path: if kind == ChangeKind::Added {
                ContractPath::Option(self.code.name.clone(), name.clone())
            } else {
                self.path()
            },
            moved,
            kind,
            severity: if kind == ChangeKind::Removed { Severity::High } else { Severity::Medium },
            code: if in_code { json!(name) } else { json!(null) },
            design: if in_code { json!(null) } else { json!(name) },
            baseline: base.map(|had| if had { json!(self.option) } else { json!(null) }),
            to_design: vec![to_design],
            to_code: vec![to_code],
        };
        let (has, lacks) = if in_code { ("code", "the design") } else { ("the design", "code") };
        let property = self.code.name;
        draft.finish(&match (kind, was_renamed) {
            (ChangeKind::Removed, false) => {
                format!("the option `{name}` of `{property}` is gone from {lacks}")
            }
            (ChangeKind::Removed, true) => format!(
                "{lacks} removed the option `{}` of `{property}`, {has} renamed it to `{name}`",
                self.option
            ),
            _ => format!("only {has} has the option `{name}` of `{property}`"),
        })
    }

    fn renamed(&self, code: &OptionName, design: &OptionName) -> Option<Change> {
        let base = match self.base() {
            Base::Agreed(true) => Base::Agreed(self.option),
            _ => Base::Unknown,
        };
        let moved = judge(&base, &code, &design)?;
        let rename = |seen: Seen<'_>, from: &OptionName, to: &OptionName| {
            vec![ContractEdit::RenameOption {
                property: seen.name.clone(),
                from: from.clone(),
                to: to.clone(),
            }]
        };
        let draft = Draft {
            path: self.path(),
            moved,
            kind: ChangeKind::Modified,
            severity: Severity::Medium,
            code: json!(code),
            design: json!(design),
            baseline: base.map(|name| json!(name)),
            to_design: rename(self.design, design, code),
            to_code: rename(self.code, code, design),
        };
        let (property, option) = (self.code.name, self.option);
        Some(draft.finish(&match moved {
            Moved::CodeAhead => format!("the option `{option}` of `{property}` was renamed to `{code}` in code"),
            Moved::DesignAhead => format!("the option `{option}` of `{property}` was renamed to `{design}` in the design"),
            _ => format!("the option `{option}` of `{property}` was renamed to `{code}` in code and to `{design}` in the design"),
        }))
    }
}
