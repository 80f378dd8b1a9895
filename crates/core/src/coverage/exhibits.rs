//! Which variants a story exhibits.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::contract::{Contract, OptionName, Property, PropertyName, VariantName};

/// What a story gives a property, as far as it is known without running it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown<'a> {
    /// A literal.
    Value(&'a Json),
    /// Something computed: it may be any option, so none is said to be shown.
    Unknown,
}

/// The point of a component's contract that a story exhibits: for each property with options, the one that holds
/// under the story's effective args, which are the contract's defaults overlaid by what the meta and the story give.
///
/// A property whose option is unknown is left out. A boolean that nobody gives and that has no default is false, as a
/// missing prop is to the component. Texts, numbers without a closed list and slots have no options.
pub fn points_shown<'a>(
    contract: &Contract,
    args: impl IntoIterator<Item = (&'a str, Shown<'a>)>,
) -> BTreeMap<PropertyName, OptionName> {
    let args: BTreeMap<&str, Shown<'_>> = args.into_iter().collect();
    let points = contract.properties.iter().filter_map(|(name, property)| {
        Some((name.clone(), option_shown(property, args.get(name.as_str()).copied())?))
    });
    points.collect()
}

/// The variants of one option each (`size=small`, `disabled=false`) that a story exhibits, as [`points_shown`] finds
/// them.
pub fn variants_shown<'a>(
    contract: &Contract,
    args: impl IntoIterator<Item = (&'a str, Shown<'a>)>,
) -> BTreeSet<VariantName> {
    points_shown(contract, args).iter().map(|point| VariantName::of([point])).collect()
}

fn option_shown(property: &Property, given: Option<Shown<'_>>) -> Option<OptionName> {
    match property {
        Property::Enum { options, default } => match given {
            None => default.clone(),
            Some(Shown::Unknown) => None,
            // `null` is a value of its own: no default steps in for it.
            Some(Shown::Value(value)) => options.get(&OptionName::from(option_text(value)?)).cloned(),
        },
        Property::Boolean { default } => match given {
            None => Some(default.unwrap_or(false).to_string().into()),
            Some(Shown::Unknown) => None,
            Some(Shown::Value(Json::Bool(value))) => Some(value.to_string().into()),
            Some(Shown::Value(Json::Null)) => Some("false".into()),
            Some(Shown::Value(_)) => None,
        },
        Property::Text | Property::Number | Property::Slot => None,
    }
}

/// A literal in the spelling of options: `columns={2}` is the option `2`, `autoFocus={true}` the option `true`.
fn option_text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn contract() -> Contract {
        [
            ("size".into(), Property::enumeration(["small", "large"], Some("small"))),
            ("tone".into(), Property::enumeration(["loud", "quiet"], None)),
            ("columns".into(), Property::enumeration(["1", "2", "auto"], Some("1"))),
            ("fill".into(), Property::enumeration(["true", "false", "wide"], None)),
            ("disabled".into(), Property::boolean(None)),
            ("open".into(), Property::boolean(Some(true))),
            ("label".into(), Property::Text),
            ("count".into(), Property::Number),
            ("icon".into(), Property::Slot),
        ]
        .into_iter()
        .collect()
    }

    fn told(args: &Json) -> String {
        let args = args.as_object().unwrap();
        let shown = args.iter().map(|(name, value)| {
            (name.as_str(), if value == "?" { Shown::Unknown } else { Shown::Value(value) })
        });
        let variants = variants_shown(&contract(), shown);
        variants.iter().map(VariantName::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn effective_args_are_what_is_shown() {
        for (args, expected) in [
            (json!({}), "columns=1 disabled=false open=true size=small"),
            (
                json!({"size": "large", "tone": "loud"}),
                "columns=1 disabled=false open=true size=large tone=loud",
            ),
            (json!({"size": "?", "open": "?"}), "columns=1 disabled=false"),
            (json!({"columns": 2, "fill": true}), "columns=2 disabled=false fill=true open=true size=small"),
            (
                json!({"columns": "auto", "fill": "wide"}),
                "columns=auto disabled=false fill=wide open=true size=small",
            ),
            (json!({"disabled": true, "open": false}), "columns=1 disabled=true open=false size=small"),
            (json!({"disabled": null, "size": null}), "columns=1 disabled=false open=true"),
            (json!({"size": "huge", "disabled": "yes"}), "columns=1 open=true"),
            (json!({"size": ["small"], "columns": {"a": 1}}), "disabled=false open=true"),
            (
                json!({"label": "x", "count": 3, "icon": "y", "other": 1}),
                "columns=1 disabled=false open=true size=small",
            ),
        ] {
            assert_eq!(told(&args), expected, "{args}");
        }
    }

    proptest! {
        #[test]
        fn only_options_of_the_contract_are_shown(name in "[a-z]{1,8}", value in "[a-z0-9]{0,5}") {
            let value = Json::from(value);
            let contract = contract();
            for (property, option) in points_shown(&contract, [(name.as_str(), Shown::Value(&value))]) {
                match contract.property(&property) {
                    Some(Property::Enum { options, .. }) => prop_assert!(options.contains(&option)),
                    Some(Property::Boolean { .. }) => prop_assert!(["true", "false"].contains(&option.as_str())),
                    other => prop_assert!(false, "{:?}", other),
                }
            }
        }

        #[test]
        fn an_arg_decides_its_own_property_only(value in "(small|large|x)") {
            let value = Json::from(value);
            let contract = contract();
            let mut with = points_shown(&contract, [("size", Shown::Value(&value))]);
            let mut without = points_shown(&contract, []);
            with.remove(&"size".into());
            without.remove(&"size".into());
            prop_assert_eq!(with, without);
        }
    }
}
