//! Each kind of edit, on files that are written in different ways.

use lockstep_core::contract::Property;
use lockstep_core::edit::{ContractEdit, apply_text_edits};
use lockstep_design::figma::{self, DesignEdits, Document};

/// A small file as Figma writes it: a set whose layers refer to its properties, and a screen with instances.
pub(crate) const FILE: &str = r##"{
  "document": {
    "id": "0:0",
    "name": "Document",
    "type": "DOCUMENT",
    "children": [
      {
        "id": "0:1",
        "name": "Kit",
        "type": "CANVAS",
        "children": [
          {
            "id": "1:1",
            "name": "Button",
            "type": "COMPONENT_SET",
            "componentPropertyDefinitions": {
              "Label#7:0": {
                "type": "TEXT",
                "defaultValue": "Go"
              },
              "Icon#7:1": {
                "type": "BOOLEAN",
                "defaultValue": true
              },
              "Size": {
                "type": "VARIANT",
                "defaultValue": "Small",
                "variantOptions": ["Small", "Large"]
              },
              "Tone": {
                "type": "VARIANT",
                "defaultValue": "Plain",
                "variantOptions": ["Plain", "Loud"]
              }
            },
            "absoluteBoundingBox": {"x": 0, "y": 0, "width": 100.5, "height": 90},
            "children": [
              {
                "id": "1:2",
                "name": "Size=Small,Tone=Plain",
                "type": "COMPONENT",
                "absoluteBoundingBox": {"x": 10, "y": 10.25, "width": 80, "height": 30},
                "relativeTransform": [[1, 0, 10], [0, 1, 10.25]],
                "children": [
                  {
                    "id": "1:3",
                    "name": "1:2",
                    "type": "TEXT",
                    "characters": "1:3",
                    "componentPropertyReferences": {"characters": "Label#7:0", "visible": "Icon#7:1"}
                  },
                  {
                    "id": "1:4",
                    "name": "icon",
                    "type": "INSTANCE",
                    "componentId": "9:1",
                    "transitionNodeID": "1:3",
                    "overrides": [{"id": "I1:4;9:2", "overriddenFields": ["fills"]}],
                    "children": [{"id": "I1:4;9:2", "type": "VECTOR"}]
                  }
                ]
              },
              {
                "id": "1:5",
                "name": "Size=Large, Tone=Plain",
                "type": "COMPONENT",
                "absoluteBoundingBox": {"x": 10, "y": 50, "width": 80, "height": 30},
                "children": []
              },
              {
                "id": "1:6",
                "name": "Size=Small, Tone=Loud",
                "type": "COMPONENT",
                "absoluteBoundingBox": null,
                "children": []
              }
            ]
          },
          {
            "id": "2:1",
            "name": "Screen",
            "type": "FRAME",
            "children": [
              {
                "id": "2:2",
                "name": "Button",
                "type": "INSTANCE",
                "componentId": "1:6",
                "componentProperties": {
                  "Label#7:0": {"value": "Send", "type": "TEXT"},
                  "Tone": {"value": "Loud", "type": "VARIANT"}
                }
              }
            ]
          }
        ]
      }
    ]
  },
  "components": {
    "1:2": {"key": "aa", "name": "Size=Small,Tone=Plain", "componentSetId": "1:1"},
    "1:5": {"key": "bb", "name": "Size=Large, Tone=Plain", "componentSetId": "1:1"},
    "9:1": {"key": "dd", "name": "icon", "remote": true},
    "1:6": {"key": "cc", "name": "Size=Small, Tone=Loud", "componentSetId": "1:1"}
  },
  "componentSets": {
    "1:1": {"key": "ee", "name": "Button"}
  },
  "name": "Kit",
  "unknown": [1e400, {"x": "\u00e9"}]
}
"##;

fn plan(file: &str, edits: &[ContractEdit]) -> (DesignEdits, String) {
    let document = Document::parse(file.as_bytes(), "kit.json").unwrap();
    let id = "1:1".into();
    let planned = figma::plan_edits(&document, &id, edits).unwrap();
    let edited = apply_text_edits(file, &planned.text_edits).unwrap();
    let after = figma::read(edited.as_bytes(), "kit.json").unwrap();
    assert_eq!(after.component(&id).unwrap().statement.contract, planned.expected);
    let state = figma::node_state(&document, &id).unwrap();
    assert_eq!(figma::restore(edited.as_bytes(), &state, "kit.json").unwrap(), file.as_bytes());
    (planned, edited)
}

/// What an edit comes to: its node edits, its notes and the lines of the file that differ.
fn told(edit: ContractEdit) -> String {
    let (planned, edited) = plan(FILE, &[edit]);
    let mut said: Vec<String> = planned.node_edits.iter().map(ToString::to_string).collect();
    said.extend(planned.notes.iter().map(|note| format!("note: {note}")));
    said.extend(planned.manual.iter().map(|manual| format!("manual: {}", manual.reason)));
    let difference = similar::TextDiff::from_lines(FILE, &edited);
    said.push(difference.unified_diff().context_radius(0).to_string());
    said.join("\n")
}

fn add(property: &str, option: &str) -> ContractEdit {
    ContractEdit::AddOption { property: property.into(), option: option.into() }
}

#[test]
fn an_option_is_added_by_copying_the_variants_with_the_default() {
    insta::assert_snapshot!(told(add("Tone", "Größe")), @r#"
    + option Tone=Größe
    + variant Size=Small,Tone=Größe (1159155004:1), a copy of 1:2
    + variant Size=Large, Tone=Größe (1198600792:1), a copy of 1:5
    @@ -33 +33 @@
    -                "variantOptions": ["Plain", "Loud"]
    +                "variantOptions": ["Plain", "Loud", "Gr\u00f6\u00dfe"]
    @@ -36 +36 @@
    -            "absoluteBoundingBox": {"x": 0, "y": 0, "width": 100.5, "height": 90},
    +            "absoluteBoundingBox": {"x": 0, "y": 0, "width": 100.5, "height": 179.75},
    @@ -75,0 +76,32 @@
    +              },
    +              {
    +                "id": "1159155004:1",
    +                "name": "Size=Small,Tone=Gr\u00f6\u00dfe",
    +                "type": "COMPONENT",
    +                "absoluteBoundingBox": {"x": 10, "y": 100, "width": 80, "height": 30},
    +                "relativeTransform": [[1, 0, 10], [0, 1, 100]],
    +                "children": [
    +                  {
    +                    "id": "1159155004:2",
    +                    "name": "1:2",
    +                    "type": "TEXT",
    +                    "characters": "1:3",
    +                    "componentPropertyReferences": {"characters": "Label#7:0", "visible": "Icon#7:1"}
    +                  },
    +                  {
    +                    "id": "1159155004:3",
    +                    "name": "icon",
    +                    "type": "INSTANCE",
    +                    "componentId": "9:1",
    +                    "transitionNodeID": "1159155004:2",
    +                    "overrides": [{"id": "I1159155004:3;9:2", "overriddenFields": ["fills"]}],
    +                    "children": [{"id": "I1159155004:3;9:2", "type": "VECTOR"}]
    +                  }
    +                ]
    +              },
    +              {
    +                "id": "1198600792:1",
    +                "name": "Size=Large, Tone=Gr\u00f6\u00dfe",
    +                "type": "COMPONENT",
    +                "absoluteBoundingBox": {"x": 10, "y": 139.75, "width": 80, "height": 30},
    +                "children": []
    @@ -104 +136,3 @@
    -    "1:6": {"key": "cc", "name": "Size=Small, Tone=Loud", "componentSetId": "1:1"}
    +    "1:6": {"key": "cc", "name": "Size=Small, Tone=Loud", "componentSetId": "1:1"},
    +    "1159155004:1": {"key": "7d33876467220ec6784b04f6f8fd3d2a10a242d2", "name": "Size=Small,Tone=Gr\u00f6\u00dfe", "componentSetId": "1:1"},
    +    "1198600792:1": {"key": "e173e55c901b02bffca7cb2f5c45db216fb5188e", "name": "Size=Large, Tone=Gr\u00f6\u00dfe", "componentSetId": "1:1"}
    "#);
}

#[test]
fn an_option_is_removed_with_its_variants() {
    insta::assert_snapshot!(told(ContractEdit::RemoveOption { property: "Tone".into(), option: "Loud".into() }), @r#"
    - option Tone=Loud
    - variant Size=Small, Tone=Loud (1:6)
    note: 1 instances in this file show a variant that goes: swap them in Figma
    @@ -33 +33 @@
    -                "variantOptions": ["Plain", "Loud"]
    +                "variantOptions": ["Plain"]
    @@ -69,7 +68,0 @@
    -              },
    -              {
    -                "id": "1:6",
    -                "name": "Size=Small, Tone=Loud",
    -                "type": "COMPONENT",
    -                "absoluteBoundingBox": null,
    -                "children": []
    @@ -103,2 +96 @@
    -    "9:1": {"key": "dd", "name": "icon", "remote": true},
    -    "1:6": {"key": "cc", "name": "Size=Small, Tone=Loud", "componentSetId": "1:1"}
    +    "9:1": {"key": "dd", "name": "icon", "remote": true}
    "#);
}

#[test]
fn an_option_is_renamed_wherever_it_is_named() {
    let edit = ContractEdit::RenameOption { property: "Tone".into(), from: "Loud".into(), to: "Bold".into() };
    insta::assert_snapshot!(told(edit), @r#"
    ~ option Tone=Loud -> Bold
    ~ variant Size=Small, Tone=Loud -> Size=Small, Tone=Bold (1:6)
    ~ instance 2:2
    @@ -33 +33 @@
    -                "variantOptions": ["Plain", "Loud"]
    +                "variantOptions": ["Plain", "Bold"]
    @@ -72 +72 @@
    -                "name": "Size=Small, Tone=Loud",
    +                "name": "Size=Small, Tone=Bold",
    @@ -91 +91 @@
    -                  "Tone": {"value": "Loud", "type": "VARIANT"}
    +                  "Tone": {"value": "Bold", "type": "VARIANT"}
    @@ -104 +104 @@
    -    "1:6": {"key": "cc", "name": "Size=Small, Tone=Loud", "componentSetId": "1:1"}
    +    "1:6": {"key": "cc", "name": "Size=Small, Tone=Bold", "componentSetId": "1:1"}
    "#);
}

#[test]
fn a_variant_property_is_renamed_wherever_it_is_named() {
    insta::assert_snapshot!(told(ContractEdit::RenameProperty { from: "Tone".into(), to: "Mood".into() }), @r#"
    ~ variant Size=Small,Tone=Plain -> Size=Small,Mood=Plain (1:2)
    ~ variant Size=Large, Tone=Plain -> Size=Large, Mood=Plain (1:5)
    ~ variant Size=Small, Tone=Loud -> Size=Small, Mood=Loud (1:6)
    ~ instance 2:2
    ~ property Tone -> Mood
    @@ -30 +30 @@
    -              "Tone": {
    +              "Mood": {
    @@ -40 +40 @@
    -                "name": "Size=Small,Tone=Plain",
    +                "name": "Size=Small,Mood=Plain",
    @@ -65 +65 @@
    -                "name": "Size=Large, Tone=Plain",
    +                "name": "Size=Large, Mood=Plain",
    @@ -72 +72 @@
    -                "name": "Size=Small, Tone=Loud",
    +                "name": "Size=Small, Mood=Loud",
    @@ -91 +91 @@
    -                  "Tone": {"value": "Loud", "type": "VARIANT"}
    +                  "Mood": {"value": "Loud", "type": "VARIANT"}
    @@ -101,2 +101,2 @@
    -    "1:2": {"key": "aa", "name": "Size=Small,Tone=Plain", "componentSetId": "1:1"},
    -    "1:5": {"key": "bb", "name": "Size=Large, Tone=Plain", "componentSetId": "1:1"},
    +    "1:2": {"key": "aa", "name": "Size=Small,Mood=Plain", "componentSetId": "1:1"},
    +    "1:5": {"key": "bb", "name": "Size=Large, Mood=Plain", "componentSetId": "1:1"},
    @@ -104 +104 @@
    -    "1:6": {"key": "cc", "name": "Size=Small, Tone=Loud", "componentSetId": "1:1"}
    +    "1:6": {"key": "cc", "name": "Size=Small, Mood=Loud", "componentSetId": "1:1"}
    "#);
}

#[test]
fn a_text_property_keeps_its_id_when_renamed() {
    insta::assert_snapshot!(told(ContractEdit::RenameProperty { from: "Label".into(), to: "Text".into() }), @r#"
    ~ instance 2:2
    ~ property Label#7:0 -> Text#7:0
    @@ -17 +17 @@
    -              "Label#7:0": {
    +              "Text#7:0": {
    @@ -50 +50 @@
    -                    "componentPropertyReferences": {"characters": "Label#7:0", "visible": "Icon#7:1"}
    +                    "componentPropertyReferences": {"characters": "Text#7:0", "visible": "Icon#7:1"}
    @@ -90 +90 @@
    -                  "Label#7:0": {"value": "Send", "type": "TEXT"},
    +                  "Text#7:0": {"value": "Send", "type": "TEXT"},
    "#);
}

#[test]
fn a_text_property_goes_with_all_that_refers_to_it() {
    insta::assert_snapshot!(told(ContractEdit::RemoveProperty { name: "Label".into() }), @r#"
    ~ instance 2:2
    - property Label#7:0
    @@ -17,4 +16,0 @@
    -              "Label#7:0": {
    -                "type": "TEXT",
    -                "defaultValue": "Go"
    -              },
    @@ -50 +46 @@
    -                    "componentPropertyReferences": {"characters": "Label#7:0", "visible": "Icon#7:1"}
    +                    "componentPropertyReferences": {"visible": "Icon#7:1"}
    @@ -90 +85,0 @@
    -                  "Label#7:0": {"value": "Send", "type": "TEXT"},
    "#);
}

#[test]
fn a_variant_property_goes_and_variants_merge() {
    insta::assert_snapshot!(told(ContractEdit::RemoveProperty { name: "Size".into() }), @r#"
    ~ variant Size=Small,Tone=Plain -> Tone=Plain (1:2)
    ~ variant Size=Small, Tone=Loud -> Tone=Loud (1:6)
    - variant Size=Large, Tone=Plain (1:5)
    - property Size
    @@ -25,5 +24,0 @@
    -              "Size": {
    -                "type": "VARIANT",
    -                "defaultValue": "Small",
    -                "variantOptions": ["Small", "Large"]
    -              },
    @@ -40 +35 @@
    -                "name": "Size=Small,Tone=Plain",
    +                "name": "Tone=Plain",
    @@ -64,7 +58,0 @@
    -                "id": "1:5",
    -                "name": "Size=Large, Tone=Plain",
    -                "type": "COMPONENT",
    -                "absoluteBoundingBox": {"x": 10, "y": 50, "width": 80, "height": 30},
    -                "children": []
    -              },
    -              {
    @@ -72 +60 @@
    -                "name": "Size=Small, Tone=Loud",
    +                "name": "Tone=Loud",
    @@ -101,2 +89 @@
    -    "1:2": {"key": "aa", "name": "Size=Small,Tone=Plain", "componentSetId": "1:1"},
    -    "1:5": {"key": "bb", "name": "Size=Large, Tone=Plain", "componentSetId": "1:1"},
    +    "1:2": {"key": "aa", "name": "Tone=Plain", "componentSetId": "1:1"},
    @@ -104 +91 @@
    -    "1:6": {"key": "cc", "name": "Size=Small, Tone=Loud", "componentSetId": "1:1"}
    +    "1:6": {"key": "cc", "name": "Tone=Loud", "componentSetId": "1:1"}
    "#);
}

#[test]
fn properties_are_added() {
    let boolean = ContractEdit::AddProperty { name: "Busy".into(), property: Property::boolean(None) };
    insta::assert_snapshot!(told(boolean), @r#"
    + property Busy#1049514155:0: BOOLEAN, default false
    note: Figma needs a default: `Busy` gets `false`
    note: no layer follows `Busy` yet: bind one in Figma
    @@ -33,0 +34,4 @@
    +              },
    +              "Busy#1049514155:0": {
    +                "type": "BOOLEAN",
    +                "defaultValue": false
    "#);
    let enumeration = ContractEdit::AddProperty {
        name: "On".into(),
        property: Property::enumeration(["No", "Yes"], Some("No")),
    };
    let (planned, _) = plan(FILE, &[enumeration]);
    let said: Vec<String> = planned.node_edits.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    + property On: VARIANT, default "No"
    ~ variant Size=Small,Tone=Plain -> Size=Small,Tone=Plain, On=No (1:2)
    ~ variant Size=Large, Tone=Plain -> Size=Large, Tone=Plain, On=No (1:5)
    ~ variant Size=Small, Tone=Loud -> Size=Small, Tone=Loud, On=No (1:6)
    + variant Size=Small,Tone=Plain, On=Yes (1027167100:1), a copy of 1:2
    + variant Size=Large, Tone=Plain, On=Yes (1170318644:1), a copy of 1:5
    + variant Size=Small, Tone=Loud, On=Yes (1037003144:1), a copy of 1:6
    "#);
}

#[test]
fn defaults_are_set() {
    let set = |property: &str, to: &str| ContractEdit::SetDefault {
        property: property.into(),
        to: Some(to.into()),
    };
    insta::assert_snapshot!(told(set("Icon", "false")), @r#"
    ~ default of Icon#7:1: true -> false
    @@ -23 +23 @@
    -                "defaultValue": true
    +                "defaultValue": false
    "#);
    insta::assert_snapshot!(told(set("Tone", "Loud")), @r#"
    ~ default of Tone: "Plain" -> "Loud"
    @@ -32 +32 @@
    -                "defaultValue": "Plain",
    +                "defaultValue": "Loud",
    "#);
    assert_eq!(plan(FILE, &[set("Tone", "Plain")]).1, FILE, "what holds already changes nothing");
}

#[test]
fn what_figma_cannot_do_is_left_to_a_person_with_the_reason() {
    let property = |name: &str, property| ContractEdit::AddProperty { name: name.into(), property };
    let edits = [
        property("Count", Property::Number),
        property("a=b", Property::enumeration(["x"], None)),
        property("Fine", Property::enumeration(["x,y"], None)),
        property("Size", Property::Text),
        property("Label#1:2", Property::Text),
        add("Size", " Huge"),
        add("Label", "x"),
        add("Nothing", "x"),
        ContractEdit::RemoveOption { property: "Size".into(), option: "Small".into() },
        ContractEdit::SetDefault { property: "Icon".into(), to: None },
        ContractEdit::ChangeKind { name: "Icon".into(), to: Property::Text },
        ContractEdit::RenameProperty { from: "Size".into(), to: "Tone".into() },
    ];
    let (planned, edited) = plan(FILE, &edits);
    assert_eq!(edited, FILE);
    let reasons: Vec<&str> = planned.manual.iter().map(|manual| manual.reason.as_str()).collect();
    insta::assert_snapshot!(reasons.join("\n"), @"
    Figma has no number properties
    `a=b` can't be the name of a Figma property: it is empty, or has commas, `=` or blanks at its ends
    `x,y` can't be the name of a Figma option: it is empty, or has commas, `=` or blanks at its ends
    `properties/Size` exists already
    `Label#1:2` can't be the name of a Figma property
    ` Huge` can't be the name of a Figma option: it is empty, or has commas, `=` or blanks at its ends
    `Label` is a text property
    there is no `properties/Nothing`
    `Small` is the default: choose another default first
    Figma needs a default for it
    Figma can't turn a property into another kind: add the new one, move its uses, remove the old one
    `properties/Tone` exists already
    ");
}

#[test]
fn the_default_option_goes_only_with_another_default() {
    let remove = ContractEdit::RemoveOption { property: "Tone".into(), option: "Plain".into() };
    let set = ContractEdit::SetDefault { property: "Tone".into(), to: Some("Loud".into()) };
    let (planned, edited) = plan(FILE, &[remove.clone(), set.clone()]);
    let reasons: Vec<&str> = planned.manual.iter().map(|manual| manual.reason.as_str()).collect();
    assert_eq!(reasons, ["`Size=Large` is drawn nowhere else: draw it with another Tone first"]);
    assert!(edited.contains(r#""defaultValue": "Loud""#), "the new default was a choice of its own");

    let large = ContractEdit::RemoveOption { property: "Size".into(), option: "Large".into() };
    let (planned, edited) = plan(FILE, &[large, remove, set]);
    assert_eq!(planned.manual, []);
    assert!(edited.contains(
        r#""defaultValue": "Loud",
                "variantOptions": ["Loud"]"#
    ));
}

/// One file in the habits of different writers: the copy must look like the rest, and nothing else may change.
#[test]
fn files_keep_the_habits_of_their_writers() {
    let value: serde_json::Value = serde_json::from_str(&FILE.replace("1e400", "1")).unwrap();
    let minified = value.to_string();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let spaced = FILE.replace("1e400", "1");
    let files = [
        minified.clone(),
        format!("\u{feff}{minified}"),
        spaced.replace("  ", "\t"),
        spaced.replace('\n', "\r\n"),
        spaced.replace("\": ", "\" : "),
        pretty.clone(),
    ];
    for file in files {
        let boolean =
            ContractEdit::AddProperty { name: "Busy é".into(), property: Property::boolean(Some(true)) };
        let (planned, edited) = plan(&file, &[add("Tone", "Huge"), boolean]);
        assert_eq!(planned.manual, []);
        let breaks = |text: &str| {
            (text.contains('\n'), text.contains("\r\n"), text.contains('\t'), text.contains("\" : "))
        };
        assert_eq!(breaks(&edited), breaks(&file));
        assert_eq!(edited.contains("\": "), file.contains("\": "), "{edited}");
        if file == minified {
            assert!(!edited.contains(", \"") && !edited.contains("\": "));
        }
        if file == pretty {
            let lines = |text: &str| {
                let mut lines: Vec<String> =
                    text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect();
                lines.sort();
                lines
            };
            let value: serde_json::Value = serde_json::from_str(&edited).unwrap();
            let anew = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(lines(&edited), lines(&anew), "the same writer would write these lines");
        }
    }
}

/// The id of a new property must not be that of another one, whatever that is called by now.
#[test]
fn new_properties_never_share_an_id() {
    let busy = || ContractEdit::AddProperty { name: "Busy".into(), property: Property::boolean(Some(true)) };
    let rename = ContractEdit::RenameProperty { from: "Busy".into(), to: "Waiting".into() };
    let (_, edited) = plan(FILE, &[busy(), rename, busy()]);
    let scan = figma::read(edited.as_bytes(), "kit.json").unwrap();
    let ids = &scan.component(&"1:1".into()).unwrap().statement.identities.properties;
    assert_eq!(ids[&"Busy".into()].shared(&ids[&"Waiting".into()]), 0);
}

#[test]
fn a_large_grid_is_extended_along_its_defaults_only() {
    let many: Vec<String> =
        (0..600).map(|n| format!(r#"{{"id":"5:{n}","name":"A=a{n}, B=x","type":"COMPONENT"}}"#)).collect();
    let options: Vec<String> = (0..600).map(|n| format!("\"a{n}\"")).collect();
    let file = format!(
        r#"{{"document":{{"id":"0:0","type":"DOCUMENT","children":[{{"id":"1:1","name":"Big","type":"COMPONENT_SET",
        "componentPropertyDefinitions":{{
          "A":{{"type":"VARIANT","defaultValue":"a7","variantOptions":[{}]}},
          "B":{{"type":"VARIANT","defaultValue":"x","variantOptions":["x"]}}}},
        "children":[{}]}}]}}}}"#,
        options.join(","),
        many.join(",")
    );
    let (planned, _) = plan(&file, &[add("B", "y")]);
    let copies: Vec<String> = planned
        .node_edits
        .iter()
        .map(ToString::to_string)
        .filter(|edit| edit.starts_with("+ variant"))
        .collect();
    assert_eq!(copies.len(), 1, "{copies:?}");
    assert!(copies[0].starts_with("+ variant A=a7, B=y"));
    assert_eq!(planned.notes.len(), 1);
}

#[test]
fn components_in_conflict_and_repeated_ids_are_not_edited() {
    let no_definitions = FILE.replace("componentPropertyDefinitions", "gone");
    let twice = FILE.replace(r#""id": "2:1""#, r#""id": "1:5""#);
    for (file, reason) in [(no_definitions, "definitions are missing"), (twice, "have the id `1:5`")] {
        let document = Document::parse(file.as_bytes(), "kit.json").unwrap();
        let planned = figma::plan_edits(&document, &"1:1".into(), &[add("Tone", "Huge")]).unwrap();
        assert!(planned.text_edits.is_empty());
        assert!(planned.manual[0].reason.contains(reason), "{}", planned.manual[0].reason);
    }
    let document = Document::parse(FILE.as_bytes(), "kit.json").unwrap();
    let error = figma::plan_edits(&document, &"7:7".into(), &[]).unwrap_err();
    assert_eq!(error.to_string(), "`kit.json` holds no component 7:7");
}

/// Undo must hold when other components of the file were synced since.
#[test]
fn a_component_is_put_back_into_a_file_that_changed_elsewhere() {
    let second = FILE.replace(
        r#"          {
            "id": "2:1","#,
        r#"          {"id": "3:1", "name": "Card", "type": "COMPONENT_SET",
            "componentPropertyDefinitions": {"Kind": {"type": "VARIANT", "defaultValue": "A", "variantOptions": ["A"]}},
            "children": [{"id": "3:2", "name": "Kind=A", "type": "COMPONENT"}]},
          {
            "id": "2:1","#,
    );
    let second = second
        .replace(r#"    "9:1": {"#, "    \"3:2\": {\"key\": \"ff\", \"name\": \"Kind=A\"},\n    \"9:1\": {");
    let step = |file: &str, id: &str, edits: &[ContractEdit]| {
        let document = Document::parse(file.as_bytes(), "kit.json").unwrap();
        let planned = figma::plan_edits(&document, &id.into(), edits).unwrap();
        assert_eq!(planned.manual, []);
        let state = figma::node_state(&document, &id.into()).unwrap();
        (apply_text_edits(file, &planned.text_edits).unwrap(), state)
    };
    let remove = ContractEdit::RemoveOption { property: "Size".into(), option: "Large".into() };
    let (button_edited, button) = step(&second, "1:1", &[add("Tone", "Huge"), remove]);
    let (both_edited, card) = step(&button_edited, "3:1", &[add("Kind", "B")]);
    let (only_card_edited, _) = step(&second, "3:1", &[add("Kind", "B")]);

    let undone = figma::restore(both_edited.as_bytes(), &button, "kit.json").unwrap();
    let undone = String::from_utf8(undone).unwrap();
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(&text.replace("1e400", "1")).unwrap();
    assert_eq!(value(&undone), value(&only_card_edited));
    let both_undone = figma::restore(undone.as_bytes(), &card, "kit.json").unwrap();
    assert_eq!(String::from_utf8(both_undone).unwrap(), second);
}

#[test]
fn a_component_that_the_file_lists_twice_is_put_back_as_it_was() {
    let twice = FILE.replace(
        r#"    "9:1": {"#,
        "    \"1:2\": {\"key\": \"zz\", \"name\": \"another of that id\"},\n    \"9:1\": {",
    );
    assert_ne!(twice, FILE);
    let document = Document::parse(twice.as_bytes(), "kit.json").unwrap();
    let state = figma::node_state(&document, &"1:1".into()).unwrap();
    assert_eq!(figma::restore(twice.as_bytes(), &state, "kit.json").unwrap(), twice.as_bytes());
}
