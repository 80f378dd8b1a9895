//! Drift as a team meets it, each case with what must be said.

use std::collections::BTreeSet;

use lockstep_core::{
    baseline::Baseline,
    contract::{Contract, Property},
    direction::Direction,
    drift::{Acceptance, Accepted, detect},
    mapping::{ComparePolicy, Comparison, Rules, compare},
    plan::{Choice, ComponentSelection, Decision, decide},
    statement::{Identity, Statement},
};

fn statement(properties: &[(&str, Property)]) -> Statement {
    let contract: Contract =
        properties.iter().map(|(name, property)| ((*name).into(), property.clone())).collect();
    let mut statement = Statement { contract, ..Statement::default() };
    for (name, property) in properties {
        let options: Vec<_> = property.options().cloned().collect();
        for (index, option) in options.iter().enumerate() {
            let token = Identity::token(format!("pos:{index}/{}", options.len()));
            statement.identities.options.entry((*name).into()).or_default().insert(option.clone(), token);
        }
    }
    statement
}

fn sizes(options: &[&str], default: &str) -> Property {
    Property::enumeration(options.iter().copied(), Some(default))
}

fn compared(code: &[(&str, Property)], design: &[(&str, Property)]) -> Comparison {
    compare(&statement(code), &statement(design), &Rules::default(), &ComparePolicy::default())
}

fn agreed(code: &[(&str, Property)], design: &[(&str, Property)]) -> Baseline {
    Baseline::first(&compared(code, design))
}

fn said(comparison: &Comparison, baseline: Option<&Baseline>) -> Vec<String> {
    detect(comparison, baseline)
        .iter()
        .map(|change| {
            format!(
                "{} {} {} [{}] {}",
                change.path, change.kind, change.moved, change.severity, change.reason
            )
        })
        .collect()
}

#[test]
fn a_designer_adds_an_option() {
    let code = [("size", sizes(&["small", "medium"], "small"))];
    let before = [("Size", sizes(&["Small", "Medium"], "Small"))];
    let after = [("Size", sizes(&["Small", "Medium", "Large"], "Small"))];
    insta::assert_snapshot!(said(&compared(&code, &after), Some(&agreed(&code, &before))).join("\n"), @"properties/size/options/large added design ahead [medium] the design moved since the baseline: only the design has the option `large` of `size`");
    insta::assert_snapshot!(said(&compared(&code, &after), None).join("\n"), @"properties/size/options/large added undetermined [medium] no baseline tells who moved: only the design has the option `large` of `size`");
}

#[test]
fn a_developer_renames_an_option_and_the_default_with_it() {
    let before = [("variant", sizes(&["ghost", "primary"], "ghost"))];
    let after = [("variant", sizes(&["primary", "subtle"], "subtle"))];
    let design = [("Variant", sizes(&["Ghost", "Primary"], "Ghost"))];
    let mut code = statement(&after);
    // The declaration kept the place of the renamed option.
    let options = code.identities.options.get_mut(&"variant".into()).unwrap();
    options.insert("subtle".into(), Identity::token("pos:0/2"));
    options.insert("primary".into(), Identity::token("pos:1/2"));
    let comparison = compare(&code, &statement(&design), &Rules::default(), &ComparePolicy::default());
    insta::assert_snapshot!(said(&comparison, Some(&agreed(&before, &design))).join("\n"), @"properties/variant/options/ghost modified code ahead [medium] code moved since the baseline: the option `ghost` of `variant` was renamed to `subtle` in code");
}

#[test]
fn both_move_the_default_differently() {
    let base = ([("size", sizes(&["l", "m", "s"], "m"))], [("Size", sizes(&["L", "M", "S"], "M"))]);
    let comparison =
        compared(&[("size", sizes(&["l", "m", "s"], "s"))], &[("Size", sizes(&["L", "M", "S"], "L"))]);
    insta::assert_snapshot!(said(&comparison, Some(&agreed(&base.0, &base.1))).join("\n"), @"properties/size/default modified conflict [high] both sides moved since the baseline, differently: the default of `size` is `s` in code and `l` in the design");
}

#[test]
fn one_removes_what_the_other_changes() {
    let base = ([("size", sizes(&["m", "s"], "m"))], [("Size", sizes(&["M", "S"], "M"))]);
    let comparison = compared(&[], &[("Size", sizes(&["L", "M", "S"], "M"))]);
    insta::assert_snapshot!(said(&comparison, Some(&agreed(&base.0, &base.1))).join("\n"), @"properties/size removed conflict [high] both sides moved since the baseline, differently: code removed `size`, the design changed it");
}

#[test]
fn another_kind_is_one_change() {
    let comparison = compared(
        &[("loading", Property::boolean(None))],
        &[("Loading", sizes(&["None", "Spinner"], "None"))],
    );
    insta::assert_snapshot!(said(&comparison, None).join("\n"), @"properties/loading modified undetermined [high] no baseline tells who moved: `loading` is a boolean in code and an enum in the design");
}

#[test]
fn a_conflict_is_left_until_a_side_is_chosen() {
    let base = ([("size", sizes(&["m", "s"], "m"))], [("Size", sizes(&["M", "S"], "M"))]);
    let both =
        compared(&[("size", sizes(&["m", "s", "xs"], "s"))], &[("Size", sizes(&["L", "M", "S"], "L"))]);
    let changes = detect(&both, Some(&agreed(&base.0, &base.1)));
    let mut selection = ComponentSelection::all(Direction::Bidirectional);
    let decisions = |selection: &ComponentSelection| {
        let plan = decide(&changes, selection, &both.code, &both.design);
        plan.changes
            .iter()
            .map(|planned| format!("{}: {:?}", planned.change.path, planned.decision))
            .collect::<Vec<_>>()
            .join("\n")
    };
    insta::assert_snapshot!(decisions(&selection), @r#"
    properties/size/default: Leave { reason: "both sides moved, differently: choose a side" }
    properties/size/options/l: WriteCode
    properties/size/options/xs: WriteDesign
    "#);
    selection.choices.insert("properties/size/default".parse().unwrap(), Choice::Design);
    assert!(decisions(&selection).starts_with("properties/size/default: WriteCode"));
}

#[test]
fn an_edit_that_needs_an_excluded_one_is_left_with_that_reason() {
    let both = compared(&[("size", sizes(&["m", "s"], "s"))], &[("Size", sizes(&["M", "S", "L"], "L"))]);
    let changes = detect(&both, None);
    let mut selection = ComponentSelection::all(Direction::DesignToCode);
    selection.exclude = BTreeSet::from(["properties/size/options/l".parse().unwrap()]);
    let plan = decide(&changes, &selection, &both.code, &both.design);
    assert!(plan.code_edits.is_empty());
    assert_eq!(
        plan.changes[0].decision,
        Decision::Leave {
            reason: "it needs another change that was left out: `l` can't be the default of `size`".into()
        }
    );
}

#[test]
fn an_accepted_difference_alarms_again_when_it_changes() {
    let both = compared(&[("size", sizes(&["m"], "m"))], &[("Size", sizes(&["L", "M"], "M"))]);
    let change = &detect(&both, None)[0];
    let mut accepted = Accepted {
        path: change.path.clone(),
        code: Some(change.code.clone()),
        design: Some(change.design.clone()),
        reason: "marketing only".into(),
    };
    assert_eq!(accepted.covers(change), Acceptance::Holds);
    accepted.design = Some("xl".into());
    assert_eq!(accepted.covers(change), Acceptance::Outdated);
    accepted.path = "properties/tone".parse().unwrap();
    assert_eq!(accepted.covers(change), Acceptance::Unrelated);
}

#[test]
fn one_property_under_two_names_is_one_difference() {
    let style = |options: &[&str]| Property::enumeration(options.iter().copied(), None);
    let code = [("fillStyle", style(&["fill", "outline"]))];
    let design = [("Style", style(&["Fill", "Outline", "Ghost"]))];
    assert_eq!(said(&compared(&code, &design), None).len(), 2, "other options are no evidence");

    let design = [("Style", style(&["Fill", "Outline"]))];
    let difference = "properties/fillStyle modified undetermined [medium] no baseline tells who moved: code calls it \
                      `fillStyle` and the design `Style`, with the same options: `lockstep map set COMPONENT \
                      --property 'Style=fillStyle'` makes them one";
    let mut comparison = compared(&code, &design);
    assert_eq!(said(&comparison, None), [difference]);

    let mut open = statement(&code);
    open.open.push("extends `Props`, which is not installed".to_owned());
    comparison = compare(&open, &statement(&design), &Rules::default(), &ComparePolicy::default());
    assert_eq!(
        said(&comparison, None),
        [difference],
        "what code is known to have needs no other property of it"
    );

    let changes = detect(&comparison, None);
    let plan = decide(
        &changes,
        &ComponentSelection::all(Direction::Bidirectional),
        &comparison.code,
        &comparison.design,
    );
    assert!(matches!(plan.changes[0].decision, Decision::Leave { .. }), "it is not drawn a second time");
    let selection = ComponentSelection::all(Direction::CodeToDesign);
    let plan = decide(&changes, &selection, &comparison.code, &comparison.design);
    let mut after = comparison.design.clone();
    for planned in &plan.design_edits {
        planned.edit.apply(&mut after).unwrap();
    }
    assert_eq!(after, comparison.code);
}

#[test]
fn a_property_that_the_design_drew_anew_under_another_name_was_renamed() {
    let style = || Property::enumeration(["fill", "outline"], None);
    let code = [("look", style())];
    let baseline = agreed(&code, &[("Look", style())]);
    assert_eq!(
        said(&compared(&code, &[("Style", style())]), Some(&baseline)),
        [
            "properties/look modified design ahead [medium] the design moved since the baseline: `look` was renamed to \
          `style` in the design"
        ]
    );
    let renamed = [("style", style())];
    assert_eq!(
        said(&compared(&renamed, &[("Look", style())]), Some(&baseline)),
        [
            "properties/look modified code ahead [medium] code moved since the baseline: `look` was renamed to `style` \
          in code"
        ]
    );
}
