//! How a baseline moves on when both sides were brought closer.

use std::collections::{BTreeMap, BTreeSet};

use super::{Baseline, names::Names};
use crate::{
    contract::{Contract, ContractPath, OptionName, Property, PropertyName},
    drift::{Renames, renames_of_both},
    mapping::Comparison,
    merge::Base,
    statement::Identities,
};

impl Baseline {
    /// The baseline of two contracts that are compared for the first time: where they agree, that.
    pub fn first(both: &Comparison) -> Self {
        Self::advance(None, both, both)
    }

    /// The baseline after a sync: where both sides agree, that; where they don't, what was known before.
    ///
    /// `seen` is what was compared before the sync wrote anything, which tells what each side had renamed: a rename that
    /// is left out of the sync stays one, for the agreed name keeps the identity of the part that it was renamed to.
    pub fn advance(before: Option<&Self>, seen: &Comparison, after: &Comparison) -> Self {
        let nothing = Self::default();
        let past = before.unwrap_or(&nothing);
        let [in_code, in_design] = renames_of_both(past, seen);
        let differs = |name: &PropertyName| after.code.property(name) != after.design.property(name);
        let code_names = to_agreed(&in_code, &in_design, &seen.code, &after.code, differs);
        let design_names = to_agreed(&in_design, &in_code, &seen.design, &after.design, differs);
        let (code, design) = (code_names.contract(&after.code), design_names.contract(&after.design));
        let mut agreed = Self::default();
        let names: BTreeSet<&PropertyName> = code.properties.keys().chain(design.properties.keys()).collect();
        for name in names {
            agreed.advance_property(before, name, code.property(name), design.property(name));
        }
        let kept = |names: &Names, now: &Identities, then: &Identities| {
            with_those_of_gone(names.identities(now), then, &agreed.contract)
        };
        agreed.code_identities = kept(&code_names, &after.code_identities, &past.code_identities);
        agreed.design_identities = kept(&design_names, &after.design_identities, &past.design_identities);
        agreed.under(&Names::shared(&code_names.inverse(), &design_names.inverse()))
    }

    fn under(self, names: &Names) -> Self {
        Self {
            contract: names.contract(&self.contract),
            undetermined: self.undetermined.iter().map(|path| names.path(path)).collect(),
            code_identities: names.identities(&self.code_identities),
            design_identities: names.identities(&self.design_identities),
        }
    }

    fn advance_property(
        &mut self,
        before: Option<&Self>,
        name: &PropertyName,
        code: Option<&Property>,
        design: Option<&Property>,
    ) {
        match (code, design) {
            (Some(code), Some(design)) if code == design => {
                self.contract.properties.insert(name.clone(), code.clone());
            }
            (
                Some(Property::Enum { options: code, default: code_default }),
                Some(Property::Enum { options: design, default: design_default }),
            ) => {
                let mut options: BTreeSet<OptionName> = code.intersection(design).cloned().collect();
                for option in code.symmetric_difference(design) {
                    match before.map_or(Base::Unknown, |before| before.option(name, option)) {
                        Base::Agreed(true) => _ = options.insert(option.clone()),
                        Base::Agreed(false) => {}
                        Base::Unknown => {
                            _ = self.undetermined.insert(ContractPath::Option(name.clone(), option.clone()))
                        }
                    }
                }
                let default = if code_default == design_default {
                    code_default.clone()
                } else {
                    self.known_default(before, name).map(OptionName::from)
                };
                self.contract
                    .properties
                    .insert(name.clone(), Property::Enum { options: options.into(), default });
            }
            (Some(Property::Boolean { .. }), Some(Property::Boolean { .. })) => {
                let default = self.known_default(before, name).and_then(|value| value.parse().ok());
                self.contract.properties.insert(name.clone(), Property::Boolean { default });
            }
            _ => match before.map_or(Base::Unknown, |before| before.property(name)) {
                Base::Agreed(Some(agreed)) => {
                    _ = self.contract.properties.insert(name.clone(), agreed.clone())
                }
                Base::Agreed(None) => {}
                Base::Unknown => _ = self.undetermined.insert(ContractPath::Property(name.clone())),
            },
        }
    }

    fn known_default(&mut self, before: Option<&Self>, name: &PropertyName) -> Option<String> {
        match before.map_or(Base::Unknown, |before| before.agreed_default(name)) {
            Base::Agreed(default) => default,
            Base::Unknown => {
                self.undetermined.insert(ContractPath::Default(name.clone()));
                None
            }
        }
    }
}

/// The names of one side's parts, each with the name that was agreed on for it: what the side renamed since, or took over
/// from the other side's renames, unless it has a part of the agreed name too. `before` and `side` are its contract
/// before and after the sync. The options of a property that does not differ from the other side's have the
/// names that they have.
fn to_agreed(
    own: &Renames,
    others: &Renames,
    before: &Contract,
    side: &Contract,
    differs: impl Fn(&PropertyName) -> bool,
) -> Names {
    let is_its_own = |name: &PropertyName| {
        let was = own.before(name);
        before.properties.contains_key(name) && (was == name || !side.properties.contains_key(was))
    };
    let mut names = Names {
        properties: former(
            side.properties.keys(),
            |name| [Some(own.before(name)), (!is_its_own(name)).then(|| others.before(name))],
            |old| side.properties.contains_key(old),
        ),
        ..Names::default()
    };
    for (name, property) in side.properties.iter().filter(|(name, _)| differs(name)) {
        let key = names.property(name);
        let before = before.property(name).or_else(|| before.property(key));
        let is_its_own = |option: &OptionName| {
            let was = own.option_before(key, option);
            let had = before.is_some_and(|before| before.has_option(option));
            had && (was == option || !property.has_option(was))
        };
        let options = former(
            property.options(),
            |option| {
                let others = (!is_its_own(option)).then(|| others.option_before(key, option));
                [Some(own.option_before(key, option)), others]
            },
            |old| property.has_option(old),
        );
        if !options.is_empty() {
            names.options.insert(name.clone(), options);
        }
    }
    names
}

/// The parts that had another name: that name is the first of those offered that no part has now, and none is given twice.
fn former<'a, N: Ord + Clone + 'a>(
    parts: impl Iterator<Item = &'a N> + Clone,
    offered: impl Fn(&'a N) -> [Option<&'a N>; 2],
    stands: impl Fn(&N) -> bool,
) -> BTreeMap<N, N> {
    let mut names = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for rank in 0..2 {
        for part in parts.clone() {
            let Some(old) = offered(part)[rank] else { continue };
            if old != part && !stands(old) && !names.contains_key(part) && taken.insert(old) {
                names.insert(part.clone(), old.clone());
            }
        }
    }
    names
}

/// The identities of a side with those of agreed parts that it lacks now: they tell the part again when it comes back
/// under another name.
fn with_those_of_gone(mut now: Identities, then: &Identities, agreed: &Contract) -> Identities {
    for (name, property) in &agreed.properties {
        if let (false, Some(identity)) = (now.properties.contains_key(name), then.properties.get(name)) {
            now.properties.insert(name.clone(), identity.clone());
        }
        let Some(known) = then.options.get(name) else { continue };
        let gone = property.options().filter_map(|option| known.get_key_value(option));
        for (option, identity) in gone {
            let has = now.options.get(name).is_some_and(|options| options.contains_key(option));
            if !has {
                now.options.entry(name.clone()).or_default().insert(option.clone(), identity.clone());
            }
        }
    }
    now
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(options: &[&str], default: &str, extra: &[&str]) -> Contract {
        std::iter::once(("size".into(), Property::enumeration(options.iter().copied(), Some(default))))
            .chain(extra.iter().map(|name| ((*name).into(), Property::boolean(None))))
            .collect()
    }

    fn advance(before: Option<&Baseline>, code: &Contract, design: &Contract) -> Baseline {
        let both = Comparison { code: code.clone(), design: design.clone(), ..Comparison::default() };
        Baseline::advance(before, &both, &both)
    }

    #[test]
    fn agreement_is_recorded_and_disagreement_is_not() {
        let code = contract(&["s", "m"], "s", &["quiet"]);
        let first = advance(None, &code, &contract(&["s", "l"], "l", &[]));
        assert_eq!(first.contract.property(&"size".into()), Some(&Property::enumeration(["s"], None)));
        let undetermined: Vec<String> = first.undetermined.iter().map(ToString::to_string).collect();
        assert_eq!(
            undetermined,
            [
                "properties/quiet",
                "properties/size/default",
                "properties/size/options/l",
                "properties/size/options/m"
            ]
        );

        let agreed = advance(Some(&first), &code, &code);
        assert_eq!(agreed.contract, code);
        assert!(agreed.undetermined.is_empty());

        let moved = advance(
            Some(&agreed),
            &contract(&["s", "m", "xl"], "m", &["quiet"]),
            &contract(&["s"], "s", &[]),
        );
        assert_eq!(moved.contract, code, "what was agreed before stays while they differ");
        assert!(moved.undetermined.is_empty());
    }
}
