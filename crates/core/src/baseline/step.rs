//! How a baseline goes back when something else moved it meanwhile.

use std::collections::BTreeSet;

use super::Baseline;
use crate::{
    contract::{ContractPath, OptionName, Property, PropertyKind, PropertyName},
    merge::Base,
    shared::Shared,
    statement::{Identities, Identity},
};

impl Baseline {
    /// The baseline `now` after the step from `from` to `to`, taken place by place as a three-way merge: where both
    /// moved a place differently nobody knows any more what was agreed on, and it is undetermined, as everything is
    /// without a baseline.
    pub fn stepped(now: &Self, from: Option<&Self>, to: Option<&Self>) -> Self {
        let mut result = Self::default();
        let all = [Some(now), from, to];
        let names: BTreeSet<&PropertyName> = all
            .iter()
            .flatten()
            .flat_map(|baseline| {
                let open = baseline.undetermined.iter().map(ContractPath::property);
                baseline.contract.properties.keys().chain(open)
            })
            .collect();
        for name in names {
            result.step_property(name, all);
        }
        let nothing = Identities::default();
        let of = |pick: fn(&Self) -> &Identities| {
            step_identities(all.map(|baseline| baseline.map_or(&nothing, pick)))
        };
        result.code_identities = of(|baseline| &baseline.code_identities);
        result.design_identities = of(|baseline| &baseline.design_identities);
        result
    }

    fn step_property(&mut self, name: &PropertyName, all: [Option<&Self>; 3]) {
        let kind = step(all.map(|baseline| {
            known(baseline, |baseline| baseline.property(name)).map(|agreed| agreed.map(Property::kind))
        }));
        let property = match kind {
            None | Some(Base::Unknown) => {
                self.undetermined.insert(ContractPath::Property(name.clone()));
                return;
            }
            Some(Base::Agreed(None)) => return,
            Some(Base::Agreed(Some(PropertyKind::Enum))) => Property::Enum {
                options: self.step_options(name, all),
                default: self.step_default(name, all).map(OptionName::from),
            },
            Some(Base::Agreed(Some(PropertyKind::Boolean))) => {
                let default = self.step_default(name, all);
                Property::Boolean { default: default.and_then(|value| value.parse().ok()) }
            }
            Some(Base::Agreed(Some(PropertyKind::Text))) => Property::Text,
            Some(Base::Agreed(Some(PropertyKind::Number))) => Property::Number,
            Some(Base::Agreed(Some(PropertyKind::Slot))) => Property::Slot,
        };
        self.contract.properties.insert(name.clone(), property);
    }

    fn step_options(&mut self, name: &PropertyName, all: [Option<&Self>; 3]) -> Shared<BTreeSet<OptionName>> {
        let in_contract = all.iter().flatten().filter_map(|baseline| baseline.contract.property(name));
        let open = all.iter().flatten().flat_map(|baseline| &baseline.undetermined);
        let open = open.filter_map(|path| match path {
            ContractPath::Option(property, option) if property == name => Some(option),
            _ => None,
        });
        let options: BTreeSet<&OptionName> = in_contract.flat_map(Property::options).chain(open).collect();
        let mut kept = BTreeSet::new();
        for option in options {
            match step(all.map(|baseline| known(baseline, |baseline| baseline.option(name, option)))) {
                Some(Base::Agreed(true)) => _ = kept.insert(option.clone()),
                Some(Base::Agreed(false)) => {}
                None | Some(Base::Unknown) => {
                    self.undetermined.insert(ContractPath::Option(name.clone(), option.clone()));
                }
            }
        }
        kept.into()
    }

    fn step_default(&mut self, name: &PropertyName, all: [Option<&Self>; 3]) -> Option<String> {
        if let Some(Base::Agreed(default)) =
            step(all.map(|baseline| known(baseline, |baseline| baseline.agreed_default(name))))
        {
            return default;
        }
        self.undetermined.insert(ContractPath::Default(name.clone()));
        None
    }
}

fn known<'b, T>(baseline: Option<&'b Baseline>, ask: impl FnOnce(&'b Baseline) -> Base<T>) -> Base<T> {
    baseline.map_or(Base::Unknown, ask)
}

/// The value of `now` after the step from `from` to `to`; nothing where both moved, differently.
fn step<T: PartialEq>([now, from, to]: [T; 3]) -> Option<T> {
    if from == to || now == to {
        Some(now)
    } else if now == from {
        Some(to)
    } else {
        None
    }
}

/// Identities go the way of the places that they belong to. Where both moved, that of `now` is the nearer one.
fn step_identities([now, from, to]: [&Identities; 3]) -> Identities {
    let stepped = |now: Option<&Identity>, from: Option<&Identity>, to: Option<&Identity>| {
        step([now, from, to]).unwrap_or(now).cloned()
    };
    let mut result = Identities::default();
    for name in names([now, from, to].map(|all| all.properties.keys())) {
        let of = |all: &'_ Identities| all.properties.get(name).cloned();
        let identity = stepped(of(now).as_ref(), of(from).as_ref(), of(to).as_ref());
        result.properties.extend(identity.map(|identity| (name.clone(), identity)));
    }
    for name in names([now, from, to].map(|all| all.options.keys())) {
        let [now, from, to] = [now, from, to].map(|all| all.options.get(name));
        let mut options = std::collections::BTreeMap::new();
        for option in names([now, from, to].map(|all| all.into_iter().flat_map(|all| all.keys()))) {
            let [now, from, to] = [now, from, to].map(|all| all.and_then(|all| all.get(option)));
            options.extend(stepped(now, from, to).map(|identity| (option.clone(), identity)));
        }
        if !options.is_empty() {
            result.options.insert(name.clone(), options.into());
        }
    }
    result
}

fn names<'a, N: Ord + 'a>(all: [impl Iterator<Item = &'a N>; 3]) -> BTreeSet<&'a N> {
    all.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;

    fn agreed(text: &str) -> Baseline {
        let property = |part: &str| {
            let (name, options) = part.split_once('=')?;
            let property = match options {
                "true" | "false" => Property::boolean(options.parse().ok()),
                options => Property::enumeration(options.split('|'), options.split('|').next()),
            };
            Some((name.into(), property))
        };
        let contract: Contract = text.split(' ').filter_map(property).collect();
        let undetermined = text.split(' ').filter_map(|part| part.strip_prefix('?')?.parse().ok()).collect();
        Baseline { contract, undetermined, ..Baseline::default() }
    }

    #[test]
    fn each_place_takes_the_step_that_was_its_own() {
        for (now, from, to, expected) in [
            ("a=x|y", "a=x|y", "a=x", "a=x"),
            ("a=x|y|z b=true", "a=x|y b=true", "a=x b=false", "a=x|z b=false"),
            ("a=x", "a=x|y", "a=x", "a=x"),
            ("c=true", "a=x", "", "c=true"),
            ("", "", "a=x|y", "a=x|y"),
            ("a=x|y b=true", "a=x|y", "?properties/a", "?properties/a b=true"),
            ("b=true", "b=false", "b=false c=x", "b=true c=x"),
        ] {
            let stepped = Baseline::stepped(&agreed(now), Some(&agreed(from)), Some(&agreed(to)));
            assert_eq!(stepped, agreed(expected), "{now} after {from} -> {to}");
        }
    }

    #[test]
    fn where_both_moved_nobody_knows() {
        let stepped = Baseline::stepped(&agreed("a=true"), Some(&agreed("a=x|y")), Some(&agreed("")));
        assert_eq!(stepped, agreed("?properties/a"));
        let stepped =
            Baseline::stepped(&agreed("a=z|x|y"), Some(&agreed("a=x|y|z")), Some(&agreed("a=y|x|z")));
        assert_eq!(stepped.undetermined, agreed("?properties/a/default").undetermined);
        let unknown = Baseline::stepped(&agreed("a=x b=y"), Some(&agreed("a=x")), None);
        assert_eq!(unknown, agreed("?properties/a ?properties/b"));
    }
}
