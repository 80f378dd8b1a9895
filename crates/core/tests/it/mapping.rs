//! What is matched, what is set aside, and what is said about it.

use lockstep_core::{
    contract::{Contract, Property, canonical_json},
    edit::ContractEdit,
    mapping::{BooleanRule, ComparePolicy, Comparison, PropertyRule, Rules, compare},
    statement::{NotCompared, Statement, WhyNotCompared},
};

fn statement(properties: &[(&str, Property)]) -> Statement {
    let contract: Contract =
        properties.iter().map(|(name, property)| ((*name).into(), property.clone())).collect();
    Statement { contract, ..Statement::default() }
}

fn options(options: &[&str]) -> Property {
    Property::enumeration(options.iter().copied(), None)
}

fn shown(comparison: &Comparison) -> String {
    let notes = |label: &str, notes: &[lockstep_core::mapping::Note]| {
        notes.iter().map(|note| format!("{label} {}: {}", note.property, note.reason)).collect::<Vec<_>>()
    };
    let mut lines = vec![
        format!("code   {}", canonical_json(&comparison.code).unwrap()),
        format!("design {}", canonical_json(&comparison.design).unwrap()),
    ];
    lines.extend(notes("matched", &comparison.matched));
    lines.extend(notes("aside  ", &comparison.set_aside));
    lines.join("\n")
}

fn compared(code: &Statement, design: &Statement, rules: &Rules) -> Comparison {
    compare(code, design, rules, &ComparePolicy::default())
}

#[test]
fn interaction_states_are_set_aside_and_disabled_is_a_boolean() {
    let code = statement(&[("isDisabled", Property::boolean(None))]);
    let design =
        statement(&[("State", options(&["Default", "Hover", "Pressed", "Keyboard focus", "Disabled"]))]);
    insta::assert_snapshot!(shown(&compared(&code, &design, &Rules::default())), @r#"
    code   {"properties":{"isDisabled":{"kind":"boolean"}}}
    design {"properties":{"isDisabled":{"kind":"boolean"}}}
    matched isDisabled: the design's `State=Disabled`: `Disabled` is a boolean in code
    aside   State: interaction states are no properties in code: `Hover`, `Keyboard focus`, `Pressed`
    "#);
}

#[test]
fn other_states_stay() {
    let code = statement(&[]);
    let design = statement(&[("State", options(&["Default", "Hover", "Error"]))]);
    insta::assert_snapshot!(shown(&compared(&code, &design, &Rules::default())), @r#"
    code   {"properties":{}}
    design {"properties":{"state":{"kind":"enum","options":["default","error"]}}}
    aside   State: interaction states are no properties in code: `Hover`
    "#);
}

#[test]
fn booleans_drawn_as_variants_and_left_out_defaults() {
    let code = statement(&[
        ("selected", Property::boolean(Some(false))),
        ("size", Property::enumeration(["large", "medium"], Some("medium"))),
    ]);
    let design = statement(&[
        ("Selected", Property::enumeration(["Yes", "No"], Some("No"))),
        ("Size", Property::enumeration(["Large", "Regular"], Some("Regular"))),
    ]);
    let mut rules = Rules::default();
    rules.options.entry("size".into()).or_default().insert("Large".into(), "large".into());
    insta::assert_snapshot!(shown(&compared(&code, &design, &rules)), @r#"
    code   {"properties":{"selected":{"default":false,"kind":"boolean"},"size":{"default":"medium","kind":"enum","options":["large","medium"]}}}
    design {"properties":{"selected":{"default":false,"kind":"boolean"},"size":{"default":"medium","kind":"enum","options":["large","medium"]}}}
    matched selected: a boolean drawn as variants
    matched size: `Regular` is left out by the mapping and stands for code's default `medium`
    "#);
}

#[test]
fn rules_rename_and_leave_out() {
    let code = statement(&[("fillStyle", options(&["fill", "outline"])), ("busy", Property::boolean(None))]);
    let design = statement(&[
        ("Style", options(&["Fill", "Outline"])),
        ("Density", options(&["A", "B"])),
        ("Mode", options(&["Idle", "Loading"])),
    ]);
    let mut rules = Rules::default();
    rules.properties.insert("Style".into(), PropertyRule::Is("fillStyle".into()));
    rules
        .properties
        .insert("Density".into(), PropertyRule::NotCompared { reason: "set by the theme".into() });
    rules.booleans.push(BooleanRule {
        property: "Mode".into(),
        option: "Loading".into(),
        code: "busy".into(),
    });
    insta::assert_snapshot!(shown(&compared(&code, &design, &rules)), @r#"
    code   {"properties":{"busy":{"kind":"boolean"},"fillStyle":{"kind":"enum","options":["fill","outline"]}}}
    design {"properties":{"busy":{"kind":"boolean"},"fillStyle":{"kind":"enum","options":["fill","outline"]}}}
    matched busy: the design's `Mode=Loading`: a rule of the mapping
    aside   Density: the mapping leaves it out: set by the theme
    "#);
}

#[test]
fn what_is_not_known_is_never_missing() {
    let mut code = statement(&[("size", options(&["s"]))]);
    code.open.push("extends `ButtonProps` of `react-aria`, which is not installed".into());
    code.not_compared.push(NotCompared {
        property: "tone".into(),
        why: WhyNotCompared::Unresolved,
        detail: "Tone<T>".into(),
    });
    let design = statement(&[
        ("Size", options(&["S"])),
        ("Tone", options(&["Calm"])),
        ("Quiet", Property::boolean(Some(false))),
    ]);
    insta::assert_snapshot!(shown(&compared(&code, &design, &Rules::default())), @r#"
    code   {"properties":{"size":{"kind":"enum","options":["s"]}}}
    design {"properties":{"size":{"kind":"enum","options":["s"]}}}
    aside   Tone: code's `tone` is not compared: its type could not be resolved (Tone<T>)
    aside   Quiet: code may have it, but not all of its properties are known: extends `ButtonProps` of `react-aria`, which is not installed
    "#);
}

#[test]
fn a_label_is_what_stands_inside() {
    let code = statement(&[("children", Property::Slot)]);
    let design = statement(&[("Label", Property::Text)]);
    let comparison = compared(&code, &design, &Rules::default());
    assert_eq!(comparison.code, comparison.design);
    insta::assert_snapshot!(shown(&comparison), @r#"
    code   {"properties":{"children":{"kind":"slot"}}}
    design {"properties":{"children":{"kind":"slot"}}}
    matched children: the design's text `Label` is what stands inside the element
    "#);
}

#[test]
fn edits_find_their_way_back_into_the_designs_words() {
    let code = statement(&[
        ("size", options(&["small", "large"])),
        ("disabled", Property::boolean(None)),
        ("selected", Property::boolean(None)),
    ]);
    let design = statement(&[
        ("Size", options(&["Small", "Large"])),
        ("State", options(&["Default", "Hover", "Disabled"])),
        ("Selected", options(&["True", "False"])),
    ]);
    let comparison = compared(&code, &design, &Rules::default());
    let to_design = |edit: ContractEdit| match comparison.correspondence.to_design(&edit, &design) {
        Ok(edits) => {
            edits.iter().map(|edit| serde_json::to_string(edit).unwrap()).collect::<Vec<_>>().join(" ")
        }
        Err(untranslatable) => untranslatable.to_string(),
    };
    let size = || "size".into();
    let said: Vec<String> = [
        ContractEdit::AddOption { property: size(), option: "extra-large".into() },
        ContractEdit::RenameOption { property: size(), from: "small".into(), to: "tiny".into() },
        ContractEdit::RemoveProperty { name: "disabled".into() },
        ContractEdit::SetDefault { property: "selected".into(), to: Some("true".into()) },
        ContractEdit::SetDefault { property: "disabled".into(), to: Some("true".into()) },
        ContractEdit::AddProperty { name: "iconLeft".into(), property: Property::boolean(None) },
        ContractEdit::AddProperty { name: "tone".into(), property: options(&["calm", "very-loud"]) },
        ContractEdit::RemoveProperty { name: "unknown".into() },
    ]
    .into_iter()
    .map(to_design)
    .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    {"edit":"add_option","property":"Size","option":"Extra Large"}
    {"edit":"rename_option","property":"Size","from":"Small","to":"Tiny"}
    {"edit":"remove_option","property":"State","option":"Disabled"}
    {"edit":"set_default","property":"Selected","to":"True"}
    it is drawn as an option of `State` and can't be given another default there
    {"edit":"add_property","name":"Icon Left","property":{"kind":"boolean","default":false}}
    {"edit":"add_property","name":"Tone","property":{"kind":"enum","options":["Calm","Very Loud"],"default":"Calm"}}
    the design has no property for `unknown`
    "#);
}

#[test]
fn equal_options_under_other_names_are_noted_and_not_matched() {
    let code = statement(&[("fillStyle", options(&["fill", "outline"]))]);
    let design = statement(&[("Style", options(&["Fill", "Outline"]))]);
    insta::assert_snapshot!(shown(&compared(&code, &design, &Rules::default())), @r#"
    code   {"properties":{"fillStyle":{"kind":"enum","options":["fill","outline"]}}}
    design {"properties":{"style":{"kind":"enum","options":["fill","outline"]}}}
    matched style: its options are those of code's `fillStyle`
    "#);
}

#[test]
fn options_that_code_only_suggests_are_never_missing() {
    let mut code = statement(&[("size", options(&["16", "24"]))]);
    code.open_options.insert("size".into(), "other values are allowed beside them".into());
    let design = statement(&[("Size", options(&["24", "100"]))]);
    insta::assert_snapshot!(shown(&compared(&code, &design, &Rules::default())), @r#"
    code   {"properties":{}}
    design {"properties":{}}
    aside   size: code only suggests options: other values are allowed beside them
    "#);
}
