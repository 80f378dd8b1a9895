//! What a component's stories show of it, as far as it is known without running them.

use std::collections::BTreeMap;

use lockstep_code::model::{ArgValue, Story};
use lockstep_core::{
    contract::{Contract, OptionName, PropertyName},
    coverage::{Shown, points_shown},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

/// One story with its effective args.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ShownStory {
    /// Storybook's id.
    pub id: String,
    /// The display name.
    pub name: String,
    /// The file, and the line.
    pub declared: String,
    /// The args that are known: the meta's, overlaid by the story's own.
    pub args: BTreeMap<String, Json>,
    /// The args that are computed at run time, each by its source text.
    pub unknown_args: BTreeMap<String, String>,
    /// What is spread among the args and computed at run time: any property may be given by it.
    pub open: Vec<String>,
    /// The option that it shows of each property that has options, the component's defaults among them. A property that
    /// is not here is unknown.
    pub shows: BTreeMap<PropertyName, OptionName>,
}

impl ShownStory {
    /// What a story shows of a contract.
    pub fn of(story: &Story, contract: &Contract) -> Self {
        let mut args = BTreeMap::new();
        let mut unknown_args = BTreeMap::new();
        for (name, value) in &story.args {
            match value {
                ArgValue::Literal(value) => drop(args.insert(name.clone(), value.clone())),
                ArgValue::Computed(text) => drop(unknown_args.insert(name.clone(), text.clone())),
            }
        }
        let known = args.iter().map(|(name, value)| (name.as_str(), Shown::Value(value)));
        let unknown = unknown_args.keys().map(|name| (name.as_str(), Shown::Unknown));
        // What is spread may give any property that is not given after it.
        let hidden = contract.properties.keys().map(PropertyName::as_str);
        let hidden = hidden.filter(|name| !story.open_args.is_empty() && !story.args.contains_key(*name));
        let shows =
            points_shown(contract, known.chain(unknown).chain(hidden.map(|name| (name, Shown::Unknown))));
        Self {
            id: story.id.clone(),
            name: story.name.clone(),
            declared: format!("{}:{}", story.declared.file, story.declared.line),
            args,
            unknown_args,
            open: story.open_args.clone(),
            shows,
        }
    }
}

#[cfg(test)]
mod tests {
    use lockstep_code::model::Place;
    use lockstep_core::contract::Property;
    use serde_json::json;

    use super::*;

    fn story(args: &[(&str, ArgValue)], open: &[&str]) -> Story {
        Story {
            id: "a--b".into(),
            title: "A".into(),
            name: "B".into(),
            export_name: "B".into(),
            declared: Place { file: "src/A.stories.tsx".into(), start: 0, end: 1, line: 3 },
            component: None,
            component_file: None,
            args: args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            open_args: open.iter().map(|text| (*text).to_owned()).collect(),
            tags: Vec::new(),
            has_play: false,
            tests: Vec::new(),
            design_url: None,
        }
    }

    #[test]
    fn defaults_hold_where_nothing_is_given_and_nothing_unknown_may_be() {
        let contract: Contract = [
            ("size".into(), Property::enumeration(["s", "m"], Some("m"))),
            ("tone".into(), Property::enumeration(["loud", "quiet"], Some("quiet"))),
            ("disabled".into(), Property::boolean(None)),
        ]
        .into_iter()
        .collect();
        let shows = |args: &[(&str, ArgValue)], open: &[&str]| {
            let shown = ShownStory::of(&story(args, open), &contract);
            let points = shown.shows.iter().map(|(property, option)| format!("{property}={option}"));
            points.collect::<Vec<_>>().join(" ")
        };
        let literal = |value: &str| ArgValue::Literal(json!(value));
        let computed = ArgValue::Computed("pick()".into());
        assert_eq!(shows(&[("size", literal("s"))], &[]), "disabled=false size=s tone=quiet");
        assert_eq!(shows(&[("size", computed)], &[]), "disabled=false tone=quiet");
        assert_eq!(shows(&[("size", literal("s"))], &["...defaults()"]), "size=s");
    }
}
