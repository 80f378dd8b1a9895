//! Renames, told by identities that outlive a name.

use std::collections::BTreeMap;

use crate::{
    baseline::Baseline,
    contract::{Contract, OptionName, Property, PropertyName},
    mapping::Comparison,
    statement::{Identities, Identity},
};

/// What one side renamed since the baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Renames {
    /// New name to the name in the baseline.
    properties: BTreeMap<PropertyName, PropertyName>,
    /// By the property's name in the baseline: new option to the option in the baseline.
    options: BTreeMap<PropertyName, BTreeMap<OptionName, OptionName>>,
}

impl Renames {
    /// The name that a property had in the baseline.
    pub(crate) fn before<'a>(&'a self, name: &'a PropertyName) -> &'a PropertyName {
        self.properties.get(name).unwrap_or(name)
    }

    /// The name that an option had in the baseline, of a property under its name in the baseline.
    pub(crate) fn option_before<'a>(
        &'a self,
        property: &PropertyName,
        option: &'a OptionName,
    ) -> &'a OptionName {
        self.options.get(property).and_then(|options| options.get(option)).unwrap_or(option)
    }

    fn unless_met(&self, others: &Self, theirs: &Contract) -> Self {
        let mut kept = self.clone();
        kept.properties.retain(|new, old| {
            let met = theirs.properties.contains_key(new) && others.before(new) == new;
            !met || theirs.properties.contains_key(old)
        });
        for (key, options) in &mut kept.options {
            let theirs = theirs.properties.iter().find(|(name, _)| others.before(name) == key);
            let Some((_, theirs)) = theirs else { continue };
            options.retain(|new, old| {
                let met = theirs.has_option(new) && others.option_before(key, new) == new;
                !met || theirs.has_option(old)
            });
        }
        kept
    }
}

/// What each side renamed since the baseline, code first. Where the other side has the new name too, as a part of its own
/// in the place of the old one, both came to the same end, and it is a rename on neither.
pub(crate) fn renames_of_both(agreed: &Baseline, both: &Comparison) -> [Renames; 2] {
    let code = renames(&agreed.contract, &agreed.code_identities, &both.code, &both.code_identities);
    let design = renames(&agreed.contract, &agreed.design_identities, &both.design, &both.design_identities);
    [code.unless_met(&design, &both.design), design.unless_met(&code, &both.code)]
}

/// Finds what was renamed: names that are gone and names that are new, joined where they share an identity and no
/// other pair shares as much.
fn renames(agreed: &Contract, before: &Identities, now_contract: &Contract, now: &Identities) -> Renames {
    let mut result = Renames::default();
    let gone = agreed.properties.iter().filter(|(name, _)| !now_contract.properties.contains_key(*name));
    let new: Vec<_> =
        now_contract.properties.iter().filter(|(name, _)| !agreed.properties.contains_key(*name)).collect();
    let candidates = gone.flat_map(|(old, old_property)| {
        new.iter().map(move |(name, property)| {
            let evidence = if property.kind() == old_property.kind() {
                property_evidence(old, before, name, now)
            } else {
                0
            };
            (old.clone(), (*name).clone(), evidence)
        })
    });
    result.properties = best_pairs(candidates);
    for (name, property) in &now_contract.properties {
        let key = result.before(name).clone();
        let (Property::Enum { options, .. }, Some(Property::Enum { options: agreed, .. })) =
            (property, agreed.property(&key))
        else {
            continue;
        };
        let (Some(old), Some(current)) = (before.options.get(&key), now.options.get(name)) else { continue };
        let gone = agreed.difference(options);
        let candidates = gone.flat_map(|gone| {
            options
                .difference(agreed)
                .map(move |new| (gone.clone(), new.clone(), shared(old.get(gone), current.get(new))))
        });
        let renamed = best_pairs(candidates);
        if !renamed.is_empty() {
            result.options.insert(key, renamed);
        }
    }
    result
}

/// How much speaks for two properties being one: a shared identity of their own, else options that show the same nodes.
fn property_evidence(old: &PropertyName, before: &Identities, new: &PropertyName, now: &Identities) -> usize {
    let own = shared(before.properties.get(old), now.properties.get(new));
    if own > 0 {
        return own;
    }
    let (Some(old), Some(new)) = (before.options.get(old), now.options.get(new)) else { return 0 };
    // A place in a declaration says which option of one property it is, never which property.
    let by_node = |identity: &Identity| identity.tokens().iter().any(|token| !token.starts_with("pos:"));
    let same = old
        .values()
        .filter(|identity| by_node(identity))
        .filter(|old| new.values().any(|new| old.shared(new) > 0))
        .count();
    if same * 2 > old.len() { same } else { 0 }
}

fn shared(a: Option<&Identity>, b: Option<&Identity>) -> usize {
    match (a, b) {
        (Some(a), Some(b)) => a.shared(b),
        _ => 0,
    }
}

/// New name to old name for the pairs with the most evidence; a tie for one name pairs nothing.
fn best_pairs<N: Clone + Ord>(candidates: impl Iterator<Item = (N, N, usize)>) -> BTreeMap<N, N> {
    let candidates: Vec<_> = candidates.filter(|(_, _, evidence)| *evidence > 0).collect();
    let beaten = |old: &N, new: &N, evidence: usize| {
        candidates.iter().any(|(o, n, e)| (o == old) != (n == new) && *e >= evidence)
    };
    candidates
        .iter()
        .filter(|(old, new, evidence)| !beaten(old, new, *evidence))
        .map(|(old, new, _)| (new.clone(), old.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identities(options: &[(&str, &str, &[&str])], properties: &[(&str, &str)]) -> Identities {
        let mut all = Identities::default();
        for (property, option, tokens) in options {
            let identity: Identity = tokens.iter().collect();
            all.options.entry((*property).into()).or_default().insert((*option).into(), identity);
        }
        for (property, token) in properties {
            all.properties.insert((*property).into(), Identity::token(*token));
        }
        all
    }

    fn size(name: &str, options: &[&str]) -> Contract {
        [(name.into(), Property::enumeration(options.iter().copied(), None))].into_iter().collect()
    }

    #[test]
    fn an_option_that_keeps_its_nodes_was_renamed() {
        let before = identities(&[("size", "large", &["1:2", "1:3"]), ("size", "small", &["1:4"])], &[]);
        let now = identities(&[("size", "xl", &["1:2", "1:3"]), ("size", "small", &["1:4"])], &[]);
        let found =
            renames(&size("size", &["large", "small"]), &before, &size("size", &["xl", "small"]), &now);
        assert_eq!(found.option_before(&"size".into(), &"xl".into()), &"large".into());
    }

    #[test]
    fn a_new_option_with_nodes_of_its_own_was_not() {
        let before = identities(&[("size", "large", &["1:2"])], &[]);
        let now = identities(&[("size", "xl", &["9:9"])], &[]);
        let found = renames(&size("size", &["large"]), &before, &size("size", &["xl"]), &now);
        assert_eq!(found, Renames::default());
    }

    #[test]
    fn a_property_is_known_by_its_id_or_by_its_variants() {
        let agreed = size("size", &["l", "s"]);
        let now = size("scale", &["l", "s"]);
        let by_id = renames(
            &agreed,
            &identities(&[], &[("size", "#1:2")]),
            &now,
            &identities(&[], &[("scale", "#1:2")]),
        );
        assert_eq!(by_id.before(&"scale".into()), &"size".into());

        let nodes = |property| identities(&[(property, "l", &["1:1"]), (property, "s", &["1:2"])], &[]);
        let by_variants = renames(&agreed, &nodes("size"), &now, &nodes("scale"));
        assert_eq!(by_variants.before(&"scale".into()), &"size".into());
    }

    #[test]
    fn doubtful_renames_are_none() {
        let before = identities(&[("size", "a", &["pos:0/2"]), ("size", "b", &["pos:0/2"])], &[]);
        let now = identities(&[("size", "c", &["pos:0/2"])], &[]);
        let found = renames(&size("size", &["a", "b"]), &before, &size("size", &["c"]), &now);
        assert_eq!(found, Renames::default());
    }
}
