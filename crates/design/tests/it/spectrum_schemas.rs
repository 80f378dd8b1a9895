//! The Spectrum file against the component schemas that it was laid out from, every one of them.

use std::collections::BTreeSet;

use lockstep_core::contract::{NormalisedName, Property, normalise};
use lockstep_design::ComponentKind;
use serde_json::Value;

use crate::shared::{named, real_folder, scan};

/// What a schema's property is in the design: nothing for numbers, lists and objects, which Figma can't express.
fn kind_of(schema: &Value) -> Option<&'static str> {
    match (schema["type"].as_str(), schema["enum"].is_array(), schema["$ref"].is_string()) {
        (_, true, _) => Some("enum"),
        (Some("boolean"), ..) => Some("boolean"),
        (Some("string"), ..) => Some("text"),
        (None, _, true) => Some("slot"),
        _ => None,
    }
}

fn text(value: &Value) -> NormalisedName {
    value.as_str().map_or_else(|| normalise(&value.to_string()), normalise)
}

#[test]
fn every_component_agrees_with_its_schema() {
    let Some(scan) = scan("spectrum/figma-file.json") else { return };
    let mut counts = (0, 0, 0);
    for entry in std::fs::read_dir(real_folder().join("spectrum/components")).unwrap() {
        let schema: Value = serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let title = schema["title"].as_str().unwrap();
        let component = named(&scan, title);
        counts.0 += usize::from(component.kind == ComponentKind::Set);

        let mut left: BTreeSet<NormalisedName> =
            component.statement.contract.properties.keys().map(|name| name.normalised()).collect();
        for (key, schema) in schema["properties"].as_object().unwrap() {
            let Some(kind) = kind_of(schema) else { continue };
            assert!(left.remove(&normalise(key)), "{title}: no {key}");
            let property = component
                .statement
                .contract
                .properties
                .iter()
                .find(|(name, _)| name.normalised() == normalise(key))
                .map(|(_, property)| property)
                .unwrap();
            assert_eq!(property.kind().to_string(), kind, "{title}: {key}");
            match property {
                Property::Enum { options, default } => {
                    let options: BTreeSet<_> = options.iter().map(|option| option.normalised()).collect();
                    let expected: BTreeSet<_> = schema["enum"].as_array().unwrap().iter().map(text).collect();
                    assert_eq!(options, expected, "{title}: {key}");
                    // A variant property always has a default in Figma: the first option, where the schema has none.
                    let expected =
                        if schema["default"].is_null() { &schema["enum"][0] } else { &schema["default"] };
                    assert_eq!(default.as_ref().unwrap().normalised(), text(expected), "{title}: {key}");
                    counts.1 += 1;
                }
                Property::Boolean { default } => {
                    assert_eq!(default.unwrap(), schema["default"] == true, "{title}: {key}");
                    counts.2 += 1;
                }
                _ => {}
            }
        }
        assert!(left.is_empty(), "{title}: {left:?} in no schema");
    }
    assert_eq!(counts, (77, 184, 146), "sets, enums, booleans");
}
