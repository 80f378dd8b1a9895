//! The order in which edits can be made, and what several of them amount to.

use lockstep_core::{
    contract::{Contract, Property},
    edit::ContractEdit,
};

/// The edits in an order in which each finds what it needs: what is done to a new property is part of adding it, and
/// an option that is the default goes only after another default was chosen.
pub(super) fn in_order(contract: &Contract, edits: &[ContractEdit]) -> Vec<ContractEdit> {
    let mut ordered: Vec<ContractEdit> = Vec::new();
    for edit in edits {
        if !fold_into_new(&mut ordered, edit) {
            ordered.push(edit.clone());
        }
    }
    let split = ordered.into_iter().flat_map(with_default_apart);
    removals_after_defaults(contract, split.collect())
}

/// The default of a new property is an edit of its own: a component may have no place for it.
fn with_default_apart(edit: ContractEdit) -> Vec<ContractEdit> {
    let ContractEdit::AddProperty { name, mut property } = edit else { return vec![edit] };
    let default = property.default_text();
    match &mut property {
        Property::Enum { default, .. } => *default = None,
        Property::Boolean { default } => *default = None,
        Property::Text | Property::Number | Property::Slot => {}
    }
    let set = default.map(|to| ContractEdit::SetDefault { property: name.clone(), to: Some(to) });
    [ContractEdit::AddProperty { name, property }].into_iter().chain(set).collect()
}

/// Applies an edit of a property that the plan adds to that addition.
fn fold_into_new(ordered: &mut Vec<ContractEdit>, edit: &ContractEdit) -> bool {
    let added = ordered.iter().position(
        |earlier| matches!(earlier, ContractEdit::AddProperty { name, .. } if name == edit.property()),
    );
    let Some(at) = added else { return false };
    let Some(ContractEdit::AddProperty { name, property }) = ordered.get(at).cloned() else { return false };
    let mut contract: Contract = [(name, property)].into_iter().collect();
    if edit.apply(&mut contract).is_err() {
        return false;
    }
    match contract.properties.pop_first() {
        Some((name, property)) => {
            if let Some(slot) = ordered.get_mut(at) {
                *slot = ContractEdit::AddProperty { name, property };
            }
        }
        None => {
            ordered.remove(at);
        }
    }
    true
}

fn removals_after_defaults(contract: &Contract, mut ordered: Vec<ContractEdit>) -> Vec<ContractEdit> {
    let mut at = 0;
    while at < ordered.len() {
        let Some(ContractEdit::RemoveOption { property, option }) = ordered.get(at) else {
            at += 1;
            continue;
        };
        let is_default = contract.property(property).and_then(|property| property.default_text()).as_deref()
            == Some(option.as_str());
        let later = ordered.iter().skip(at + 1).position(
            |edit| matches!(edit, ContractEdit::SetDefault { property: other, .. } if other == property),
        );
        match later.filter(|_| is_default) {
            Some(distance) => {
                let removal = ordered.remove(at);
                ordered.insert(at + distance + 1, removal);
                // The removal now stands behind the default; what moved up in its stead is looked at next.
                if !matches!(ordered.get(at), Some(ContractEdit::RemoveOption { .. })) {
                    at += 1;
                }
            }
            None => at += 1,
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remove(option: &str) -> ContractEdit {
        ContractEdit::RemoveOption { property: "size".into(), option: option.into() }
    }

    fn default(to: &str) -> ContractEdit {
        ContractEdit::SetDefault { property: "size".into(), to: Some(to.into()) }
    }

    #[test]
    fn the_default_option_goes_after_the_new_default_came() {
        let contract: Contract =
            [("size".into(), Property::enumeration(["s", "m", "l"], Some("s")))].into_iter().collect();
        let add = ContractEdit::AddOption { property: "size".into(), option: "xl".into() };
        for (edits, expected) in [
            (vec![remove("s"), default("m")], vec![default("m"), remove("s")]),
            (vec![remove("m"), default("l")], vec![remove("m"), default("l")]),
            (vec![default("m"), remove("s")], vec![default("m"), remove("s")]),
            (vec![remove("s"), add.clone(), default("xl")], vec![add.clone(), default("xl"), remove("s")]),
        ] {
            assert_eq!(in_order(&contract, &edits), expected);
        }
    }

    #[test]
    fn edits_of_a_new_property_are_part_of_it() {
        let name = || "tone".into();
        let edits = [
            ContractEdit::AddProperty { name: name(), property: Property::enumeration(["a"], None) },
            ContractEdit::AddOption { property: name(), option: "b".into() },
            ContractEdit::SetDefault { property: name(), to: Some("b".into()) },
        ];
        let whole =
            ContractEdit::AddProperty { name: name(), property: Property::enumeration(["a", "b"], None) };
        let default = ContractEdit::SetDefault { property: name(), to: Some("b".into()) };
        assert_eq!(in_order(&Contract::default(), &edits), [whole.clone(), default]);
        let gone = ContractEdit::RemoveProperty { name: name() };
        assert_eq!(in_order(&Contract::default(), &[whole, gone]), []);
    }
}
