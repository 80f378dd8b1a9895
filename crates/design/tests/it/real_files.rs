//! What must be found in real files, in numbers and in some contracts spelled out.

use lockstep_core::contract::{Contract, Property};
use lockstep_design::{ComponentKind, ContractSource, DesignScan, figma};

use crate::shared::{named, real, scan};

fn count(scan: &DesignScan, kind: ComponentKind) -> usize {
    scan.components.iter().filter(|component| component.kind == kind).count()
}

fn variants(scan: &DesignScan) -> usize {
    scan.components.iter().map(|component| component.variants.len()).sum()
}

fn codes(scan: &DesignScan) -> Vec<&str> {
    let mut codes: Vec<&str> = scan.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect();
    codes.dedup();
    codes
}

#[test]
fn spectrum() {
    let Some(scan) = scan("spectrum/figma-file.json") else { return };
    assert_eq!((scan.name.as_str(), scan.version.as_deref()), ("Spectrum design data", Some("1")));
    assert_eq!(scan.last_modified.unwrap().to_rfc3339(), "2026-08-21T20:46:00+00:00");
    assert_eq!(count(&scan, ComponentKind::Set), 77);
    assert_eq!(count(&scan, ComponentKind::Single), 3);
    assert_eq!(variants(&scan), 2126);
    assert_eq!(codes(&scan), Vec::<&str>::new());

    let button = named(&scan, "Button");
    assert_eq!(button.page.as_deref(), Some("Components"));
    assert_eq!(button.source, ContractSource::Definitions);
    assert_eq!(button.documentation, ["https://spectrum.adobe.com/page/button/"]);
    let expected: Contract = [
        ("Label".into(), Property::Text),
        ("Hide label".into(), Property::boolean(Some(false))),
        ("Icon".into(), Property::Slot),
        ("Justified".into(), Property::boolean(Some(false))),
        ("Is pending".into(), Property::boolean(Some(false))),
        ("Is disabled".into(), Property::boolean(Some(false))),
        (
            "Variant".into(),
            Property::enumeration(["Accent", "Negative", "Primary", "Secondary"], Some("Accent")),
        ),
        ("Static color".into(), Property::enumeration(["White", "Black"], Some("White"))),
        ("Style".into(), Property::enumeration(["Fill", "Outline"], Some("Fill"))),
        ("Size".into(), Property::enumeration(["S", "M", "L", "Xl"], Some("M"))),
        (
            "State".into(),
            Property::enumeration(["Default", "Hover", "Down", "Keyboard focus"], Some("Default")),
        ),
    ]
    .into_iter()
    .collect();
    assert_eq!(button.statement.contract, expected);
    assert!(button.statement.open.is_empty() && button.statement.not_compared.is_empty());
    let label = &button.statement.identities.properties[&"Label".into()];
    assert_eq!(label.tokens(), ["#1387:0"]);
    let black = &button.statement.identities.options[&"Static color".into()][&"Black".into()];
    assert_eq!(black.tokens().len(), 1, "a sparse grid draws black once");
}

#[test]
fn a_set_in_a_section() {
    let Some(scan) = scan("figma/code-connect/dummy_api_response.json") else { return };
    let [set] = &scan.components[..] else { panic!("{:?}", scan.components) };
    assert_eq!((set.page.as_deref(), &set.path[..]), (Some("Page 1"), &["Components".to_owned()][..]));
    assert_eq!(set.key.as_deref(), Some("937f0802a6169333ff44fec073f5fc6b8040a096"));
    let contract: Contract =
        [("Color".into(), Property::enumeration(["Default", "Red"], Some("Default")))].into_iter().collect();
    assert_eq!(set.statement.contract, contract);
    let names: Vec<_> =
        set.variants.iter().map(|variant| (variant.node_id.as_str(), &*variant.name)).collect();
    assert_eq!(names, [("1:38", "Color=Default"), ("1:40", "Color=Red")]);
}

#[test]
fn sets_and_single_components_side_by_side() {
    let Some(found) = scan("figma/code-connect/dummy_api_response_for_wizard.json") else { return };
    assert_eq!((count(&found, ComponentKind::Set), variants(&found)), (4, 8));
    assert_eq!(count(&found, ComponentKind::Single), 3);

    let many = "figma/code-connect/dummy_api_response_for_wizard_many_components.json";
    let found = scan(many).unwrap();
    assert_eq!((count(&found, ComponentKind::Set), count(&found, ComponentKind::Single)), (0, 98));
    let pages: std::collections::BTreeSet<_> =
        found.components.iter().filter_map(|component| component.page.as_deref()).collect();
    assert_eq!(pages.len(), 2);
}

/// In 2020 there were no sets, and this file's components are listed without their nodes.
#[test]
fn a_file_of_2020() {
    let Some(scan) = scan("figma/old/document-2020.json") else { return };
    assert_eq!((count(&scan, ComponentKind::Set), count(&scan, ComponentKind::Single)), (0, 15));
    assert!(scan.components.iter().all(|component| {
        component.source == ContractSource::Listed && !component.statement.open.is_empty()
    }));
    assert_eq!(codes(&scan), ["component-without-node", "duplicate-design-component"]);
    insta::assert_snapshot!(named(&scan, "Window/Sheet").notes.join("\n"), @"
    its node is not in the file: its properties were not read
    it is one of 2 components named `Window/…`: they may be variants of one component, drawn without a set
    ");
}

#[test]
fn list_answers_of_a_real_library() {
    let Some(sets) = real("figma/fdb/component_sets.json") else { return };
    let components = real("figma/fdb/components.json").unwrap();
    let scan = figma::read_lists(&sets, &components, "fdb").unwrap();
    assert_eq!(count(&scan, ComponentKind::Set), 67);
    assert_eq!(count(&scan, ComponentKind::Single), 1618);
    assert_eq!(variants(&scan), 2100);

    let otp = named(&scan, "Input OTP");
    assert_eq!((otp.page.as_deref(), &otp.path[..]), (Some("Input OTP"), &["Input OTP".to_owned()][..]));
    assert!(!otp.statement.open.is_empty(), "lists name no boolean, text or slot properties");
    insta::assert_json_snapshot!(otp.statement.contract, @r#"
    {
      "properties": {
        "Position": {
          "kind": "enum",
          "options": [
            "Left",
            "Middle",
            "Right"
          ]
        },
        "Size": {
          "kind": "enum",
          "options": [
            "Default",
            "Large",
            "Mini",
            "Small"
          ]
        },
        "State": {
          "kind": "enum",
          "options": [
            "Disabled",
            "Empty",
            "Error",
            "Error Focus",
            "Focus",
            "Placeholder",
            "Value"
          ]
        }
      }
    }
    "#);
    let lookalikes: Vec<&str> = scan
        .diagnostics
        .iter()
        .filter(|diagnostic| {
            diagnostic.code.starts_with("lookalike-") || diagnostic.code.starts_with("duplicate-")
        })
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    insta::assert_snapshot!(lookalikes.join("\n"), @"
    2 design components have one name: `Icon / arrow-left` (8:330 on page `Icons`), `Icon / arrow-left` (533:53402 on page `Icons`)
    2 design components have one name: `Icon / clock-1` (533:53875 on page `Icons`), `Icon / clock-1` (364:30030 on page `Icons`)
    2 design components have one name: `Icon / external-link` (533:53313 on page `Icons`), `Icon / external-link` (275:73540 on page `Icons`)
    2 design components have one name: `Icon / lock` (275:66641 on page `Icons`), `Icon / lock` (533:53032 on page `Icons`)
    2 design components have one name: `Icon / popcorn` (533:53057 on page `Icons`), `Icon / popcorn` (533:52735 on page `Icons`)
    ");
}
