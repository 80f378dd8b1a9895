//! Which changes a plan or a sync is about, as the command line says it.

use std::str::FromStr;

use clap::Args;
use lockstep_core::{
    contract::{ContractPath, OptionName, PropertyName, VariantName},
    direction::Direction,
    plan::Choice,
};
use lockstep_engine::request::{Pattern, SyncRequest, VariantPattern};

/// Flags that select changes.
#[derive(Debug, Clone, Default, Args)]
pub struct SelectionArgs {
    /// The components; all that drift when none is named
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// code-to-design, design-to-code or bidirectional; COMPONENT=DIRECTION for one component (repeatable)
    #[arg(long, value_name = "[COMPONENT=]DIRECTION")]
    pub direction: Vec<DirectionChoice>,
    /// Only the changes whose path matches: `properties/size/*` (repeatable)
    #[arg(long, value_name = "PATH_GLOB")]
    pub only: Vec<String>,
    /// Leave a change out: `Button:properties/size/options/large` (repeatable; globs allowed)
    #[arg(long, value_name = "COMPONENT:PATH")]
    pub exclude: Vec<ChangeSelector>,
    /// Leave a variant out: `Button:size=large` (repeatable)
    #[arg(long, value_name = "COMPONENT:VARIANT")]
    pub exclude_variant: Vec<VariantSelector>,
    /// Choose a side for a conflict: `Button:properties/size=code` (repeatable)
    #[arg(long, value_name = "COMPONENT:PATH=SIDE")]
    pub resolve: Vec<Resolution>,
    /// Leave out components whose design can't be read for want of a credential, instead of refusing
    #[arg(long)]
    pub partial: bool,
}

impl SelectionArgs {
    /// What they ask of the engine.
    pub fn request(&self) -> SyncRequest {
        let pattern = |component: &str, path: String| Pattern { component: Some(component.to_owned()), path };
        let of_one = |choice: &DirectionChoice| Some((choice.component.clone()?, choice.direction));
        SyncRequest {
            components: self.components.clone(),
            direction: self
                .direction
                .iter()
                .rev()
                .find(|choice| choice.component.is_none())
                .map(|choice| choice.direction),
            directions: self.direction.iter().filter_map(of_one).collect(),
            only: self.only.iter().map(|path| Pattern { component: None, path: path.clone() }).collect(),
            exclude: self
                .exclude
                .iter()
                .map(|change| pattern(&change.component, change.path.clone()))
                .collect(),
            exclude_variants: self.exclude_variant.iter().map(VariantSelector::pattern).collect(),
            resolve: self
                .resolve
                .iter()
                .map(|choice| (pattern(&choice.component, choice.path.to_string()), choice.side))
                .collect(),
            partial: self.partial,
        }
    }
}

/// `--direction`: for all components, or for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectionChoice {
    /// The component, when it is for one.
    pub component: Option<String>,
    /// The direction.
    pub direction: Direction,
}

impl FromStr for DirectionChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (component, direction) = match text.rsplit_once('=') {
            Some((component, direction)) => (Some(named(component, text)?), direction),
            None => (None, text),
        };
        let direction = direction.parse().map_err(|_| {
            format!("`{direction}` is no direction; write code-to-design, design-to-code or bidirectional")
        })?;
        Ok(Self { component, direction })
    }
}

/// A change of one component; the path may be a glob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSelector {
    /// The component.
    pub component: String,
    /// The path, or a glob over paths.
    pub path: String,
}

impl FromStr for ChangeSelector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (component, path) = split_component(text, "Button:properties/size/options/large")?;
        if !path.contains(['*', '?', '[', '{']) {
            path.parse::<ContractPath>().map_err(|error| error.to_string())?;
        }
        Ok(Self { component, path: path.to_owned() })
    }
}

/// A variant of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantSelector {
    /// The component.
    pub component: String,
    /// The options that the variant has.
    pub points: Vec<(PropertyName, OptionName)>,
}

impl VariantSelector {
    fn pattern(&self) -> VariantPattern {
        let variant = VariantName::of(self.points.iter().map(|(property, option)| (property, option)));
        VariantPattern { component: Some(self.component.clone()), variant: variant.to_string() }
    }
}

impl FromStr for VariantSelector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (component, variant) = split_component(text, "Button:size=large")?;
        let points = VariantName::parse_points(variant).map_err(|error| error.to_string())?;
        Ok(Self { component, points: points.into_iter().collect() })
    }
}

/// `--resolve`: a side for one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The component.
    pub component: String,
    /// The change.
    pub path: ContractPath,
    /// The side that is right.
    pub side: Choice,
}

impl FromStr for Resolution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let example = "Button:properties/size=code";
        let (choice, side) =
            text.rsplit_once('=').ok_or_else(|| format!("`{text}` chooses no side; write {example}"))?;
        let side = match side {
            "code" => Choice::Code,
            "design" => Choice::Design,
            other => return Err(format!("`{other}` is no side; write code or design")),
        };
        let (component, path) = split_component(choice, example)?;
        let path = path.parse().map_err(|error: lockstep_core::contract::PathError| error.to_string())?;
        Ok(Self { component, path, side })
    }
}

fn split_component<'a>(text: &'a str, example: &str) -> Result<(String, &'a str), String> {
    let (component, rest) = text
        .split_once(':')
        .ok_or_else(|| format!("`{text}` names no component; write for example {example}"))?;
    Ok((named(component, text)?, rest))
}

fn named(component: &str, text: &str) -> Result<String, String> {
    if component.is_empty() { Err(format!("`{text}` names no component")) } else { Ok(component.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_for_all_or_for_one() {
        let selection = SelectionArgs {
            direction: ["design-to-code", "Button=code-to-design", "@a/b/Card=bidirectional"]
                .map(|text| text.parse().unwrap())
                .into(),
            ..SelectionArgs::default()
        };
        let request = selection.request();
        assert_eq!(request.direction, Some(Direction::DesignToCode));
        assert_eq!(request.directions["Button"], Direction::CodeToDesign);
        assert_eq!(request.directions["@a/b/Card"], Direction::Bidirectional);
        assert_eq!(SelectionArgs::default().request(), SyncRequest::default());
        for bad in ["both", "Button=both", "=code-to-design", ""] {
            assert!(bad.parse::<DirectionChoice>().is_err(), "{bad}");
        }
    }

    #[test]
    fn selectors_name_a_component_and_a_place() {
        let selector: ChangeSelector = "@a/b/Button:properties/size/options/large".parse().unwrap();
        assert_eq!(
            (selector.component.as_str(), selector.path.as_str()),
            ("@a/b/Button", "properties/size/options/large")
        );
        assert!("Button:properties/*".parse::<ChangeSelector>().is_ok());
        let variant: VariantSelector = "Button:size=large, tone=quiet".parse().unwrap();
        assert_eq!(variant.points, [("size".into(), "large".into()), ("tone".into(), "quiet".into())]);
        let resolution: Resolution = "Button:properties/a=b=design".parse().unwrap();
        assert_eq!(
            (resolution.path, resolution.side),
            (ContractPath::Property("a=b".into()), Choice::Design)
        );
        for bad in ["Button", ":properties/size", "Button:size"] {
            assert!(bad.parse::<ChangeSelector>().is_err(), "{bad}");
        }
        assert!("Button:large".parse::<VariantSelector>().is_err());
        for bad in ["Button:properties/size", "Button:properties/size=both", "properties/size=code"] {
            assert!(bad.parse::<Resolution>().is_err(), "{bad}");
        }
    }
}
