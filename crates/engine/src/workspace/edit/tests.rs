use proptest::prelude::*;

use super::*;
use crate::workspace::files::{Fault, MemoryFiles};

fn editor(text: &str) -> ConfigEditor {
    ConfigEditor::new(text).unwrap_or_else(|error| panic!("{text:?}: {:?}", error.diagnostics))
}

const DESIGN: &str = "[[design]]\nname = \"acme\"\nfile = \"a.json\"\n";

fn node(text: &str) -> DesignAddress {
    DesignAddress::parse(text)
}

#[test]
fn a_mapping_grows_rule_by_rule() {
    let mut editor = editor(&format!("# Our library.\n{DESIGN}\n# Decisions below.\n"));
    editor.set_design("Button", &node("acme#1:2")).unwrap();
    editor.set_property("Button", &"Style".into(), &PropertyRule::Is("fillStyle".into())).unwrap();
    let not_compared = PropertyRule::NotCompared { reason: "said \"later\"".into() };
    editor.set_property("Button", &"Density".into(), &not_compared).unwrap();
    editor.set_option("Button", &"fillStyle".into(), &"Fill".into(), &"fill".into()).unwrap();
    editor.set_option("Button", &"fillStyle".into(), &"Out line".into(), &"outline".into()).unwrap();
    editor.set_boolean("Button", (&"State".into(), &"Disabled".into()), &"isDisabled".into()).unwrap();
    editor.set_design("@acme/core/Card.Header", &node("Card header")).unwrap();
    editor.set_design("Button", &node("acme#1:3")).unwrap();
    insta::assert_snapshot!(editor.text(), @r##"
    # Our library.
    [[design]]
    name = "acme"
    file = "a.json"

    # Decisions below.

    [mapping.Button]
    design = "acme#1:3"
    properties = { Style = "fillStyle", Density = { compare = false, reason = 'said "later"' } }
    options = { fillStyle = { Fill = "fill", "Out line" = "outline" } }
    booleans = { "State=Disabled" = "isDisabled" }

    [mapping."@acme/core/Card.Header"]
    design = "Card header"
    "##);
    assert!(editor.unset_boolean("Button", (&"State".into(), &"Disabled".into())).unwrap());
    assert!(editor.unset_option("Button", &"fillStyle".into(), &"Fill".into()).unwrap());
    assert!(editor.unset_property("Button", &"Style".into()).unwrap());
    assert!(!editor.unset_property("Button", &"Style".into()).unwrap());
    assert!(editor.unset_mapping("@acme/core/Card.Header").unwrap());
    insta::assert_snapshot!(editor.text(), @r##"
    # Our library.
    [[design]]
    name = "acme"
    file = "a.json"

    # Decisions below.

    [mapping.Button]
    design = "acme#1:3"
    properties = { Density = { compare = false, reason = 'said "later"' } }
    options = { fillStyle = { "Out line" = "outline" } }
    "##);
}

#[test]
fn rules_go_where_the_file_keeps_them() {
    let link = |text: &str| {
        let mut editor = editor(text);
        editor.set_design("Link", &node("Text link")).unwrap();
        editor.set_property("B", &"Style".into(), &PropertyRule::Is("s".into())).unwrap();
        editor.text().to_owned()
    };
    insta::assert_snapshot!(link("[mapping]\nB = { design = \"x\" } # b\n\n[sync]\nstories = true\n"), @r#"
    [mapping]
    B = { design = "x", properties = { Style = "s" } } # b

    [mapping.Link]
    design = "Text link"

    [sync]
    stories = true
    "#);
    insta::assert_snapshot!(link("[mapping]\n  B.design = \"x\"\n  B.properties.A = \"a\" # kept\n"), @r#"
    [mapping]
      B.design = "x"
      B.properties.A = "a" # kept
      B.properties.Style = "s"

    [mapping.Link]
    design = "Text link"
    "#);
    insta::assert_snapshot!(link("[mapping.B.properties]\nA = \"a\"\n# end\n\n[sync]\n"), @r#"
    [mapping.B.properties]
    A = "a"
    Style = "s"

    [mapping.Link]
    design = "Text link"
    # end

    [sync]
    "#);
    insta::assert_snapshot!(link("mapping = { B = {} }\n"), @r#"mapping = { B = { properties = { Style = "s" } }, Link = { design = "Text link" } }"#);
}

#[test]
fn ignores_and_accepted_differences_come_and_go() {
    let start = "[sync]\nstories = true # yes\n\n[[ignore]]\ncomponent = \"A\"\npath = \"*\"\nreason = \"r\"\n\n[compare]\n";
    let mut editor = editor(start);
    let ignore = NewIgnore {
        component: "B".into(),
        path: "properties/icon".into(),
        reason: "two\nlines".into(),
        expires: "2027-01-01".parse().ok(),
    };
    editor.add_ignores(std::slice::from_ref(&ignore)).unwrap();
    let accepted = |path: &str| NewAccepted {
        component: "B".into(),
        path: path.parse().unwrap(),
        code: Some("xl".into()),
        design: None,
        reason: "known".into(),
        date: "2026-11-24".parse().unwrap(),
    };
    editor.add_accepted(&[accepted("properties/a"), accepted("properties/b/options/xl")]).unwrap();
    insta::assert_snapshot!(editor.text(), @r#"
    [sync]
    stories = true # yes

    [[ignore]]
    component = "A"
    path = "*"
    reason = "r"

    [[ignore]]
    component = "B"
    path = "properties/icon"
    reason = """
    two
    lines"""
    expires = 2027-01-01

    [compare]

    [[accepted]]
    component = "B"
    path = "properties/a"
    code = '"xl"'
    reason = "known"
    date = 2026-11-24

    [[accepted]]
    component = "B"
    path = "properties/b/options/xl"
    code = '"xl"'
    reason = "known"
    date = 2026-11-24
    "#);
    assert_eq!(editor.remove_ignores("B", "properties/icon").unwrap(), 1);
    assert_eq!(editor.remove_ignores("B", "properties/icon").unwrap(), 0);
    assert_eq!(editor.remove_accepted(|entry| entry.component == "B").unwrap(), 2);
    assert_eq!(editor.text(), start);
}

#[test]
fn lists_written_inline_are_edited_inline() {
    let start = "ignore = [{ component = \"A\", path = \"*\", reason = \"r\" }] # ours\n";
    let mut editor = editor(start);
    let ignore = NewIgnore { component: "B".into(), path: "*".into(), reason: "r".into(), expires: None };
    editor.add_ignores(std::slice::from_ref(&ignore)).unwrap();
    assert_eq!(editor.config().unwrap().ignores.len(), 2);
    editor.remove_ignores("B", "*").unwrap();
    assert_eq!(editor.text(), start);
    editor.add_ignores(&[ignore]).unwrap();
    editor.remove_ignores("A", "*").unwrap();
    assert_eq!(editor.text(), start.replace("\"A\"", "\"B\""));
}

#[test]
fn many_differences_are_accepted_in_one_go() {
    let accepted: Vec<NewAccepted> = (0..5_000)
        .map(|n| NewAccepted {
            component: format!("C{n}"),
            path: ContractPath::Property("size".into()),
            code: None,
            design: None,
            reason: "before the adoption".into(),
            date: "2026-11-24".parse().unwrap(),
        })
        .collect();
    let mut editor = editor("");
    editor.add_accepted(&accepted).unwrap();
    assert_eq!(editor.remove_accepted(|_| true).unwrap(), 5_000);
    assert_eq!(editor.text(), "");
}

#[test]
fn an_edit_that_would_break_the_file_is_refused() {
    let mut editor = editor(DESIGN);
    assert!(matches!(editor.set_design("B", &node("other#1:2")), Err(ConfigEditError::WouldBreak(_))));
    let empty = NewIgnore { component: "B".into(), path: "icon".into(), reason: "r".into(), expires: None };
    assert!(matches!(editor.add_ignores(&[empty]), Err(ConfigEditError::WouldBreak(_))));
    assert_eq!(editor.text(), DESIGN);
    assert!(ConfigEditor::new("[sync\n").is_err());
}

#[test]
fn the_file_is_replaced_whole_or_not_at_all() {
    let files = MemoryFiles::of([("lockstep.toml", DESIGN)]);
    let link = |editor: &mut ConfigEditor| editor.set_design("B", &node("acme#1:2"));
    files.fail_at(1, Fault::NoSpace);
    let error = edit_config(&files, link).unwrap_err();
    assert_eq!(error.to_string(), "can't write lockstep.toml: no space left on the device");
    assert_eq!(files.contents()[&config_path()], DESIGN.as_bytes());
    edit_config(&files, link).unwrap();
    assert!(files.contents()[&config_path()].ends_with(b"design = \"acme#1:2\"\n"));
    edit_config(&files, |editor| editor.unset_mapping("none")).unwrap();
    assert_eq!(files.changes(), 2, "nothing is written when nothing changes");
    assert!(matches!(edit_config(&MemoryFiles::default(), link), Err(ConfigEditError::Missing)));
}

/// Texts as people write them: sections in any order, comments anywhere, odd spacing and line ends.
fn any_text() -> impl Strategy<Value = String> {
    let section = prop_oneof![
        Just("[sync]\nstories = true # yes\n"),
        Just("[compare]\n  interaction_states = [\n    'Hover', # h\n  ]\n"),
        Just("# a comment\n"),
        Just("\n"),
        Just("\n\n# two blank lines above\n"),
        Just("[mapping.Other]\ndesign = 'Other'\n"),
        Just("[mapping.Other2]\n# no entry but a rule below\n[mapping.Other2.properties]\nA = 'a'\n"),
        Just("[[ignore]]\ncomponent = 'Other'\npath = '*'\nreason = 'r'\n"),
        Just("[[accepted]]\ncomponent = 'Other'\npath = 'properties/a'\nreason = 'r'\n\n"),
    ];
    (proptest::collection::vec(section, 0..8), 0..4usize)
        .prop_map(|(sections, form)| {
            let text = sections.concat();
            match form {
                0 => text.replace('\n', "\r\n"),
                1 => text.trim_end_matches('\n').to_owned(),
                2 => format!("\u{feff}{text}"),
                _ => text,
            }
        })
        .prop_filter("a configuration", |text| Config::parse(text, "w").is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn set_then_unset_gives_back_the_bytes(text in any_text(), name in "[A-Za-z@/.# \"'=é\\\\]{1,8}") {
        prop_assume!(!name.trim().is_empty() && !name.starts_with("Other"));
        let mut edited = editor(&text);
        edited.set_design(&name, &node("Some component")).unwrap();
        edited.set_property(&name, &name.as_str().into(), &PropertyRule::Is("x".into())).unwrap();
        edited.set_option(&name, &"p".into(), &name.as_str().into(), &"x".into()).unwrap();
        let rule = edited.config().unwrap().mapping[&name].clone();
        prop_assert_eq!(rule.design, Some(node("Some component")));
        prop_assert_eq!(rule.options.len(), 1);
        prop_assert!(edited.unset_option(&name, &"p".into(), &name.as_str().into()).unwrap());
        prop_assert!(edited.unset_property(&name, &name.as_str().into()).unwrap());
        prop_assert!(edited.unset_mapping(&name).unwrap());
        prop_assert_eq!(edited.text(), text.as_str());
    }

    #[test]
    fn a_rule_of_a_mapping_comes_and_goes(text in any_text()) {
        let mut edited = editor(&text);
        edited.set_property("Other2", &"New".into(), &PropertyRule::Is("x".into())).unwrap();
        edited.unset_property("Other2", &"New".into()).unwrap();
        prop_assert_eq!(edited.text(), text.as_str());
    }

    #[test]
    fn added_entries_go_without_a_trace(text in any_text(), reason in "\\PC{1,20}") {
        prop_assume!(!reason.trim().is_empty());
        let mut edited = editor(&text);
        let ignore = NewIgnore { component: "New".into(), path: "*".into(), reason: reason.clone(), expires: None };
        edited.add_ignores(&[ignore.clone(), ignore]).unwrap();
        let rules = edited.config().unwrap().ignores;
        prop_assert_eq!(rules.iter().filter(|rule| rule.reason == reason).count(), 2);
        prop_assert_eq!(edited.remove_ignores("New", "*").unwrap(), 2);
        prop_assert_eq!(edited.text(), text.as_str());
    }
}

#[test]
fn what_is_paused_stands_in_the_section_of_coverage() {
    let paused = |text: &str, names: &[&str]| {
        let mut editor = ConfigEditor::new(text).unwrap();
        editor.set_paused(&names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        editor.text().to_owned()
    };
    let one = paused("[sync]\nstories = true # here\n", &["Button"]);
    assert_eq!(one, "[sync]\nstories = true # here\n\n[coverage]\npaused = [\"Button\"]\n");
    let two = paused("[coverage]\nmin = 80 # of all\npaused = [\"Button\"]\n[sync]\n", &["Button", "Card*"]);
    assert_eq!(two, "[coverage]\nmin = 80 # of all\npaused = [\"Button\", \"Card*\"]\n[sync]\n");
    assert_eq!(paused(&two, &[]), "[coverage]\nmin = 80 # of all\n[sync]\n");
}
