//! The detection as a whole: renames first, then each property.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    Change, ChangeKind, Severity, properties,
    renames::{Renames, renames_of_both},
};
use crate::{
    baseline::Baseline,
    contract::{Contract, ContractPath, Property, PropertyName},
    edit::ContractEdit,
    mapping::Comparison,
    merge::{Base, Moved},
};

/// All drift of one component, sorted by path.
///
/// Nothing is drift when the two contracts are equal. Without a baseline every difference is
/// [`Moved::Undetermined`].
pub fn detect(comparison: &Comparison, baseline: Option<&Baseline>) -> Vec<Change> {
    if comparison.code == comparison.design {
        return Vec::new();
    }
    let sides = Sides::new(comparison, baseline);
    let mut changes: Vec<Change> =
        sides.keys().iter().flat_map(|key| properties::changes(&sides, key)).collect();
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

/// Both contracts with each property under the name that it had in the baseline, so that a rename is one property.
pub(super) struct Sides<'a> {
    pub(super) baseline: Option<&'a Baseline>,
    pub(super) comparison: &'a Comparison,
    pub(super) code: Side<'a>,
    pub(super) design: Side<'a>,
}

/// One side, by the names of the baseline.
pub(super) struct Side<'a> {
    pub(super) properties: BTreeMap<PropertyName, Seen<'a>>,
    pub(super) renames: Renames,
}

/// A property as one side has it now.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) name: &'a PropertyName,
    pub(super) property: &'a Property,
}

impl<'a> Sides<'a> {
    fn new(comparison: &'a Comparison, baseline: Option<&'a Baseline>) -> Self {
        let [in_code, in_design] =
            baseline.map(|baseline| renames_of_both(baseline, comparison)).unwrap_or_default();
        let of = |renames: Renames, contract: &'a Contract| {
            let properties = contract
                .properties
                .iter()
                .map(|(name, property)| (renames.before(name).clone(), Seen { name, property }))
                .collect();
            Side { properties, renames }
        };
        let mut sides = Self {
            baseline,
            code: of(in_code, &comparison.code),
            design: of(in_design, &comparison.design),
            comparison,
        };
        for (design, code) in &comparison.alike {
            sides.join(design, code);
        }
        sides
    }

    /// Makes two properties with the same options one, under the name that was agreed on, unless each has a partner or
    /// a past of its own.
    fn join(&mut self, design: &PropertyName, code: &PropertyName) {
        let design = self.design.renames.before(design).clone();
        let code = self.code.renames.before(code).clone();
        let agreed = |name| matches!(self.base_property(name), Base::Agreed(Some(_)));
        let (design_agreed, code_agreed) = (agreed(&design), agreed(&code));
        if self.code.properties.contains_key(&design)
            || self.design.properties.contains_key(&code)
            || (design_agreed && code_agreed)
        {
            return;
        }
        let (side, from, to) =
            if design_agreed { (&mut self.code, code, design) } else { (&mut self.design, design, code) };
        if let Some(seen) = side.properties.remove(&from) {
            side.properties.insert(to, seen);
        }
    }

    fn keys(&self) -> BTreeSet<PropertyName> {
        self.code.properties.keys().chain(self.design.properties.keys()).cloned().collect()
    }

    pub(super) fn base_property(&self, key: &PropertyName) -> Base<Option<&'a Property>> {
        self.baseline.map_or(Base::Unknown, |baseline| baseline.property(key))
    }
}

/// A change under construction; the detectors fill in what they know.
pub(super) struct Draft {
    pub(super) path: ContractPath,
    pub(super) moved: Moved,
    pub(super) kind: ChangeKind,
    pub(super) severity: Severity,
    pub(super) code: Value,
    pub(super) design: Value,
    pub(super) baseline: Base<Value>,
    pub(super) to_design: Vec<ContractEdit>,
    pub(super) to_code: Vec<ContractEdit>,
}

impl Draft {
    /// The change with its reason, and a conflict's higher severity.
    pub(super) fn finish(self, what: &str) -> Change {
        let reason = match (self.moved, &self.baseline) {
            (Moved::CodeAhead, _) => format!("code moved since the baseline: {what}"),
            (Moved::DesignAhead, _) => format!("the design moved since the baseline: {what}"),
            (Moved::Conflict, _) => format!("both sides moved since the baseline, differently: {what}"),
            (Moved::Undetermined, _) => format!("no baseline tells who moved: {what}"),
        };
        Change {
            path: self.path,
            kind: self.kind,
            moved: self.moved,
            severity: if self.moved == Moved::Conflict { Severity::High } else { self.severity },
            code: self.code,
            design: self.design,
            baseline: match self.baseline {
                Base::Agreed(value) => Some(value),
                Base::Unknown => None,
            },
            reason,
            to_design: self.to_design,
            to_code: self.to_code,
        }
    }
}

/// A property's presence and kind as a value: `null`, or the property itself.
pub(super) fn property_value(property: Option<&Property>) -> Value {
    // A property holds strings and booleans only: turning it into a value can't fail.
    property.map_or(Value::Null, |property| json!(property))
}
