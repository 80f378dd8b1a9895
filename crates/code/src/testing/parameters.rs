//! The parameters of stories and previews that decide how stories are tested.

use std::collections::BTreeMap;

use oxc_ast::ast::Program;

use super::{Accessibility, Parameters, StoryParameters};
use crate::{
    literal::{Part, Value, member},
    stories,
};

/// By which parameter each service is told to take no picture.
const SKIPS: &[(&str, &str, &str)] = &[
    ("chromatic", "chromatic", "disableSnapshot"),
    ("chromatic", "chromatic", "disable"),
    ("percy", "percy", "skip"),
    ("loki", "loki", "skip"),
    ("happo", "happo", "disable"),
    ("creevey", "creevey", "skip"),
    ("lost-pixel", "lostpixel", "disable"),
];

/// What the annotations of a story, a meta or a preview say.
pub(crate) fn parameters_of(annotations: &[Part]) -> Parameters {
    let Some(parameters) = member(annotations, "parameters") else { return Parameters::default() };
    Parameters { accessibility: accessibility(parameters.get("a11y")), without_picture: pictures(parameters) }
}

/// What the stories of a file say.
pub(crate) fn story_parameters(program: &Program<'_>, source: &str, file: &str) -> Option<StoryParameters> {
    let (meta, stories) = stories::annotations(program, source, file)?;
    let stories = stories.into_iter().map(|(export, parts)| (export, parameters_of(&parts)));
    let stories = stories.filter(|(_, parameters)| *parameters != Parameters::default()).collect();
    Some(StoryParameters { meta: parameters_of(&meta), stories })
}

fn accessibility(a11y: Option<&Value>) -> Option<Accessibility> {
    let a11y = a11y?;
    let is_true = |name: &str| matches!(a11y.get(name), Some(Value::Scalar(serde_json::Value::Bool(true))));
    if is_true("disable") || is_true("manual") {
        return Some(Accessibility::Off);
    }
    match a11y.get("test")?.as_str()? {
        "error" => Some(Accessibility::Error),
        "todo" => Some(Accessibility::Todo),
        "off" => Some(Accessibility::Off),
        _ => None,
    }
}

fn pictures(parameters: &Value) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    for (service, parameter, member) in SKIPS {
        let Some(value) = parameters.get(parameter) else { continue };
        let skips = match (value, value.get(member)) {
            (Value::Scalar(serde_json::Value::Bool(takes)), _) => !takes,
            (_, Some(Value::Scalar(serde_json::Value::Bool(skips)))) => *skips,
            _ => continue,
        };
        found.insert((*service).to_owned(), skips);
    }
    found
}
