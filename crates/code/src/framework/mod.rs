//! What components can be written with. **The place for the next framework**: a variant here, and an answer of it to
//! each question below; everything else asks these.

mod shape;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    react,
    resolve::{Evaluator, FileId, View},
};

pub(crate) use shape::{declared_whole, options_shape};

/// What a package's components are written with.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Framework {
    /// React, and what takes its components: functions and classes with typed props.
    #[default]
    React,
    /// Vue: single-file components, and `defineComponent` in scripts.
    Vue,
    /// Svelte 4 and 5: `.svelte` files.
    Svelte,
    /// Custom elements, as a Custom Elements Manifest lists them.
    CustomElements,
}

impl Framework {
    /// All of them, in the order in which they are told apart.
    pub const ALL: [Self; 4] = [Self::React, Self::Vue, Self::Svelte, Self::CustomElements];

    /// Its name in `lockstep.toml` and in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::React => "react",
            Self::Vue => "vue",
            Self::Svelte => "svelte",
            Self::CustomElements => "custom-elements",
        }
    }

    /// The framework of that name in `lockstep.toml`.
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|framework| framework.key() == key)
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::React => "React",
            Self::Vue => "Vue",
            Self::Svelte => "Svelte",
            Self::CustomElements => "custom elements",
        }
    }

    /// The extension of its own kind of source file, beside scripts.
    pub fn document_extension(self) -> Option<&'static str> {
        match self {
            Self::React | Self::CustomElements => None,
            Self::Vue => Some("vue"),
            Self::Svelte => Some("svelte"),
        }
    }

    /// Whether a property belongs to the framework, or is a way around the component's own design: no designer draws it.
    pub(crate) fn owns(self, property: &str) -> bool {
        match self {
            Self::React => react::is_framework(property),
            Self::Vue => {
                matches!(property, "key" | "ref" | "class" | "style" | "is" | "as" | "asChild" | "unstyled")
                    || property.ends_with("Class")
                    || property.ends_with("Classes")
            }
            Self::Svelte => {
                matches!(property, "class" | "style" | "ref" | "this" | "classes" | "child")
                    || property.ends_with("Class")
                    || property.ends_with("Classes")
            }
            Self::CustomElements => matches!(property, "class" | "style" | "styles"),
        }
    }

    /// What the entries of a package export that may be a component.
    pub(crate) fn roots<'p>(self, view: &View<'p>, entries: &[FileId]) -> Vec<react::Root<'p>> {
        let is_name = match self {
            Self::React | Self::Vue | Self::Svelte => is_component_name,
            Self::CustomElements => is_element_name,
        };
        react::roots(view, entries, is_name)
    }

    /// The components that a root is or comes with.
    pub(crate) fn found_from<'p>(
        self,
        evaluator: &Evaluator<'p>,
        root: &react::Root<'p>,
    ) -> Vec<react::Exported<'p>> {
        let mut found = react::found_from(evaluator, root);
        if self == Self::CustomElements {
            found.iter_mut().for_each(|element| shape::stand_in_source(evaluator, element));
        }
        found
    }
}

impl std::fmt::Display for Framework {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.title())
    }
}

/// Components start with an upper-case letter, and are not written in capitals throughout, as constants are.
pub(crate) fn is_component_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_uppercase())
        && !(name.len() > 2 && name.contains('_') && name.chars().all(|c| !c.is_lowercase()))
}

/// Elements have a hyphen in their names.
fn is_element_name(name: &str) -> bool {
    name.contains('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_framework_is_found_by_the_name_it_has_in_the_configuration_and_in_json() {
        for framework in Framework::ALL {
            assert_eq!(Framework::named(framework.key()), Some(framework));
            assert_eq!(serde_json::to_value(framework).unwrap(), framework.key());
        }
        assert_eq!(Framework::named("angular"), None);
    }
}
