//! What a merge of both sides owes to each of them, place by place.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::{
    baseline::Baseline,
    contract::Contract,
    direction::Direction,
    drift::{Change, detect},
    edit::ContractEdit,
    mapping::Comparison,
    merge::Moved,
    plan::{Choice, ComponentPlan, ComponentSelection, Decision, PlannedEdit, decide},
};
use proptest::prelude::*;

use crate::{
    laws::{applied, baseline, comparison, contract},
    partial::{Side, agreed, compared, edit},
};

/// A contract place by place: each property with its kind, each option, each default.
type Places = BTreeMap<String, String>;

fn places(contract: &Contract) -> Places {
    let mut places = Places::new();
    for (name, property) in &contract.properties {
        places.insert(format!("{name}"), property.kind().to_string());
        places.extend(property.options().map(|option| (format!("{name}={option}"), String::new())));
        places.extend(property.default_text().map(|default| (format!("{name} default"), default)));
    }
    places
}

fn both_ways(both: &Comparison, base: &Contract) -> (Vec<Change>, ComponentPlan, [Contract; 2]) {
    let changes = detect(both, Some(&baseline(base.clone())));
    let plan = decide(&changes, &ComponentSelection::all(Direction::Bidirectional), &both.code, &both.design);
    let after = [applied(&both.code, &plan.code_edits), applied(&both.design, &plan.design_edits)];
    (changes, plan, after)
}

/// The properties of which something is left as it is.
fn left(plan: &ComponentPlan) -> BTreeSet<String> {
    let left = plan.changes.iter().filter(|one| matches!(one.decision, Decision::Leave { .. }));
    left.map(|one| one.change.path.property().to_string()).collect()
}

fn property_of(place: &str) -> &str {
    place.split(['=', ' ']).next().unwrap_or(place)
}

fn mirrored(moved: Moved) -> Moved {
    match moved {
        Moved::CodeAhead => Moved::DesignAhead,
        Moved::DesignAhead => Moved::CodeAhead,
        same => same,
    }
}

fn edits(planned: &[PlannedEdit]) -> Vec<&ContractEdit> {
    planned.iter().map(|planned| &planned.edit).collect()
}

fn swapped(both: &Comparison) -> Comparison {
    Comparison {
        code: both.design.clone(),
        design: both.code.clone(),
        code_identities: both.design_identities.clone(),
        design_identities: both.code_identities.clone(),
        ..Comparison::default()
    }
}

proptest! {
    #[test]
    fn a_side_that_did_not_move_takes_what_the_other_says(base in contract(), other in contract()) {
        for is_code in [true, false] {
            let (code, design) = if is_code { (other.clone(), base.clone()) } else { (base.clone(), other.clone()) };
            let both = comparison(code, design);
            // What both state of defaults is what can be agreed on.
            let agreed = if is_code { both.design.clone() } else { both.code.clone() };
            let moved = if is_code { both.code.clone() } else { both.design.clone() };
            let (changes, plan, after) = both_ways(&both, &agreed);
            let expected = if is_code { Moved::CodeAhead } else { Moved::DesignAhead };
            prop_assert!(changes.iter().all(|change| change.moved == expected), "{:?}", changes);
            prop_assert_eq!(left(&plan), BTreeSet::new());
            prop_assert_eq!(&after, &[moved.clone(), moved]);
        }
    }

    #[test]
    fn swapping_the_sides_swaps_the_merge(base in contract(), code in contract(), design in contract()) {
        let both = comparison(code, design);
        let (changes, plan, [code_after, design_after]) = both_ways(&both, &base);
        let (swapped_changes, swapped_plan, [second, first]) = both_ways(&swapped(&both), &base);
        let gist = |changes: &[Change], mirror: bool| {
            let mut gist: Vec<_> = changes
                .iter()
                .map(|change| {
                    let moved = if mirror { mirrored(change.moved) } else { change.moved };
                    (change.path.to_string(), change.kind, format!("{moved:?}"))
                })
                .collect();
            gist.sort();
            gist
        };
        // Of what nobody moved and of conflicts, the kind is told as code sees it.
        let told: Vec<_> = gist(&changes, false).into_iter().map(|(path, _, moved)| (path, moved)).collect();
        let mirrored: Vec<_> = gist(&swapped_changes, true).into_iter().map(|(path, _, moved)| (path, moved)).collect();
        prop_assert_eq!(told, mirrored);
        prop_assert_eq!(edits(&plan.code_edits), edits(&swapped_plan.design_edits));
        prop_assert_eq!(edits(&plan.design_edits), edits(&swapped_plan.code_edits));
        prop_assert_eq!((code_after, design_after), (first, second));
    }

    #[test]
    fn every_value_of_a_merge_is_that_of_a_side(base in contract(), code in contract(), design in contract()) {
        let both = comparison(code, design);
        let (_, _, after) = both_ways(&both, &base);
        let (code, design) = (places(&both.code), places(&both.design));
        for after in after.iter().map(places) {
            for (place, value) in &after {
                let known = [code.get(place), design.get(place)];
                prop_assert!(known.contains(&Some(value)), "{} is {} on neither side", place, value);
            }
            // What both say stays, and what neither has stays away.
            for (place, value) in &code {
                let agree = design.get(place) == Some(value);
                prop_assert!(!agree || after.get(place) == Some(value), "{} is lost", place);
            }
        }
    }

    #[test]
    fn what_one_side_changed_arrives_or_is_said_to_be_left(base in contract(), code in contract(), design in contract()) {
        let both = comparison(code, design);
        let (_, plan, after) = both_ways(&both, &base);
        let left = left(&plan);
        let (old, sides) = (places(&base), [places(&both.code), places(&both.design)]);
        for (mine, theirs) in [(&sides[0], &sides[1]), (&sides[1], &sides[0])] {
            let all: BTreeSet<&String> = old.keys().chain(mine.keys()).collect();
            for place in all {
                let one_sided = mine.get(place) != old.get(place) && theirs.get(place) == old.get(place);
                if !one_sided || left.contains(property_of(place)) {
                    continue;
                }
                for after in after.iter().map(places) {
                    prop_assert_eq!(after.get(place), mine.get(place), "{}", place);
                }
            }
        }
    }

    #[test]
    fn a_conflict_is_told_left_and_decided_by_nobody_but_a_person(base in contract(), code in contract(), design in contract()) {
        let both = comparison(code, design);
        let (changes, plan, after) = both_ways(&both, &base);
        let (old, sides) = (places(&base), [places(&both.code), places(&both.design)]);
        let got = [places(&after[0]), places(&after[1])];
        for place in sides[0].keys().chain(sides[1].keys()) {
            let [mine, theirs] = [sides[0].get(place), sides[1].get(place)];
            if mine == theirs || mine == old.get(place) || theirs == old.get(place) {
                continue;
            }
            // A default that was never agreed on can't have been moved: it goes with a property that becomes another kind.
            let kinds = [&sides[0], &sides[1]].map(|side| side.get(property_of(place)));
            if place.ends_with(" default") && !old.contains_key(place) && kinds[0] != kinds[1] {
                continue;
            }
            let is_told = changes.iter().any(|change| {
                matches!(change.moved, Moved::Conflict | Moved::Undetermined)
                    && change.path.property().to_string() == property_of(place)
            });
            prop_assert!(is_told, "{} is in conflict", place);
            prop_assert_eq!(got[0].get(place), mine, "{}", place);
            prop_assert_eq!(got[1].get(place), theirs, "{}", place);
        }
        for change in changes.iter().filter(|change| change.moved == Moved::Conflict) {
            let is_left = |plan: &ComponentPlan| {
                plan.changes.iter().any(|one| one.change.path == change.path && matches!(one.decision, Decision::Leave { .. }))
            };
            prop_assert!(is_left(&plan), "{:?}", change);
            for choice in [Choice::Code, Choice::Design] {
                let mut selection = ComponentSelection::all(Direction::Bidirectional);
                selection.choices.extend(changes.iter().map(|change| (change.path.clone(), choice)));
                let chosen = decide(&changes, &selection, &both.code, &both.design);
                prop_assert!(!is_left(&chosen), "{:?}", change);
            }
        }
    }

    #[test]
    fn a_rename_arrives_as_one(agreed in agreed(), mine in proptest::collection::vec(edit(), 1..5), is_code in any::<bool>()) {
        let (mut mover, mut other) = (Side::of(&agreed), Side::of(&agreed));
        let baseline = Baseline::first(&compared(&mover, &other));
        mine.iter().for_each(|edit| _ = mover.apply(edit));
        let both = if is_code { compared(&mover, &other) } else { compared(&other, &mover) };
        let changes = detect(&both, Some(&baseline));
        let plan = decide(&changes, &ComponentSelection::all(Direction::Bidirectional), &both.code, &both.design);
        let (to_other, to_mover) = if is_code { (&plan.design_edits, &plan.code_edits) } else { (&plan.code_edits, &plan.design_edits) };
        prop_assert!(to_mover.is_empty());
        let before = other.identities.clone();
        for planned in to_other {
            prop_assert!(other.apply(&planned.edit), "{:?}", planned);
        }
        prop_assert_eq!(&other.contract, &mover.contract);
        // Both sides gave the same identities to what was agreed: each that the mover kept, the other keeps by the same name.
        for (name, identity) in &mover.identities.properties {
            let Some((old, _)) = before.properties.iter().find(|(_, known)| *known == identity) else { continue };
            // Who takes a name that is in use or just left is taken for who had it, so neither is a rename.
            let is_taken = before.properties.contains_key(name) || (old != name && mover.contract.properties.contains_key(old));
            if !is_taken {
                prop_assert_eq!(other.identities.properties.get(name), Some(identity), "{} was made anew", name);
            }
        }
    }
}
