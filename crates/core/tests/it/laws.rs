//! What holds for every pair of contracts and every baseline.

use lockstep_core::{
    baseline::Baseline,
    contract::{Contract, OptionName, Property, PropertyName},
    direction::Direction,
    drift::{Change, detect},
    mapping::Comparison,
    merge::Moved,
    plan::{ComponentPlan, ComponentSelection, Decision, PlannedEdit, decide},
};
use proptest::prelude::*;

fn property() -> impl Strategy<Value = Property> {
    let options = proptest::collection::btree_set("[a-e]", 1..4);
    prop_oneof![
        (options, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(options, pick, stated)| {
            let default = stated.then(|| pick.get(&options.iter().cloned().collect::<Vec<_>>()).clone());
            Property::Enum {
                options: options.into_iter().map(OptionName::from).collect(),
                default: default.map(OptionName::from),
            }
        }),
        any::<Option<bool>>().prop_map(|default| Property::Boolean { default }),
        Just(Property::Text),
        Just(Property::Slot),
    ]
}

pub(crate) fn contract() -> impl Strategy<Value = Contract> {
    proptest::collection::btree_map("[p-t]".prop_map(PropertyName::from), property(), 0..4)
        .prop_map(|properties| Contract { properties: properties.into() })
}

/// Two contracts as `mapping::compare` hands them on: a default stands on both sides or on neither.
pub(crate) fn comparison(mut code: Contract, mut design: Contract) -> Comparison {
    for (name, mine) in code.properties.iter_mut() {
        if let Some(theirs) = design.properties.get_mut(name)
            && mine.default_text().is_some() != theirs.default_text().is_some()
        {
            *mine = mine.clone().without_default();
            *theirs = theirs.clone().without_default();
        }
    }
    Comparison { code, design, ..Comparison::default() }
}

pub(crate) fn baseline(contract: Contract) -> Baseline {
    Baseline { contract, ..Baseline::default() }
}

pub(crate) fn applied(contract: &Contract, edits: &[PlannedEdit]) -> Contract {
    let mut contract = contract.clone();
    for planned in edits {
        planned.edit.apply(&mut contract).expect("a plan's edits apply");
    }
    contract
}

fn plan(comparison: &Comparison, changes: &[Change], direction: Direction) -> ComponentPlan {
    decide(changes, &ComponentSelection::all(direction), &comparison.code, &comparison.design)
}

proptest! {
    #[test]
    fn equal_sides_have_no_drift(contract in contract(), base in proptest::option::of(contract())) {
        let both = comparison(contract.clone(), contract);
        prop_assert_eq!(detect(&both, base.map(baseline).as_ref()), Vec::new());
    }

    #[test]
    fn drift_is_found_exactly_when_the_hashes_differ(code in contract(), design in contract(), base in proptest::option::of(contract())) {
        let both = comparison(code, design);
        let changes = detect(&both, base.map(baseline).as_ref());
        prop_assert_eq!(changes.is_empty(), both.code.hash() == both.design.hash());
    }

    #[test]
    fn syncing_one_way_makes_that_side_equal(code in contract(), design in contract(), base in proptest::option::of(contract())) {
        let both = comparison(code, design);
        let changes = detect(&both, base.map(baseline).as_ref());
        let to_design = plan(&both, &changes, Direction::CodeToDesign);
        prop_assert_eq!(applied(&both.design, &to_design.design_edits), both.code.clone());
        prop_assert!(to_design.code_edits.is_empty());
        let to_code = plan(&both, &changes, Direction::DesignToCode);
        prop_assert_eq!(applied(&both.code, &to_code.code_edits), both.design.clone());
        prop_assert!(to_code.design_edits.is_empty());
    }

    #[test]
    fn both_ways_leaves_only_what_is_said_to_be_left(code in contract(), design in contract(), base in proptest::option::of(contract())) {
        let both = comparison(code, design);
        let changes = detect(&both, base.map(baseline).as_ref());
        let planned = plan(&both, &changes, Direction::Bidirectional);
        let after = comparison(applied(&both.code, &planned.code_edits), applied(&both.design, &planned.design_edits));
        let left: Vec<_> = planned.changes.iter().filter(|planned| matches!(planned.decision, Decision::Leave { .. })).collect();
        if left.is_empty() {
            prop_assert_eq!(after.code.hash(), after.design.hash());
        }
        for planned in left {
            let reason = &planned.decision;
            let explained = matches!(planned.change.moved, Moved::Conflict | Moved::Undetermined)
                || matches!(reason, Decision::Leave { reason } if reason.starts_with("it needs another change"));
            prop_assert!(explained, "{:?}", planned);
        }
    }

    #[test]
    fn a_merge_invents_nothing(code in contract(), design in contract(), base in contract()) {
        let both = comparison(code, design);
        let changes = detect(&both, Some(&baseline(base)));
        let planned = plan(&both, &changes, Direction::Bidirectional);
        let after = applied(&both.code, &planned.code_edits);
        for (name, property) in &after.properties {
            let stated: Vec<&Property> = [&both.code, &both.design].into_iter().filter_map(|side| side.property(name)).collect();
            prop_assert!(!stated.is_empty(), "{name} came from neither side");
            for option in property.options() {
                prop_assert!(stated.iter().any(|side| side.options().any(|known| known == option)), "{name}={option}");
            }
        }
    }

    #[test]
    fn without_a_baseline_both_ways_never_removes(code in contract(), design in contract()) {
        let both = comparison(code, design);
        let planned = plan(&both, &detect(&both, None), Direction::Bidirectional);
        let (new_code, new_design) = (applied(&both.code, &planned.code_edits), applied(&both.design, &planned.design_edits));
        for (before, after) in [(&both.code, &new_code), (&both.design, &new_design)] {
            for (name, property) in &before.properties {
                let kept = after.property(name).expect("no property goes");
                prop_assert!(property.options().all(|option| kept.options().any(|still| still == option)));
            }
        }
    }

    #[test]
    fn once_agreed_only_what_moves_is_drift(code in contract(), design in contract(), base in proptest::option::of(contract())) {
        let both = comparison(code, design);
        let changes = detect(&both, base.map(baseline).as_ref());
        let planned = plan(&both, &changes, Direction::CodeToDesign);
        let design = applied(&both.design, &planned.design_edits);
        let agreed = Baseline::first(&comparison(both.code.clone(), design));
        prop_assert_eq!(&agreed.contract, &both.code);
        let later = comparison(both.code.clone(), both.design.clone());
        for change in detect(&later, Some(&agreed)) {
            prop_assert_eq!(change.moved, Moved::DesignAhead, "{}", change.reason);
        }
    }
}
