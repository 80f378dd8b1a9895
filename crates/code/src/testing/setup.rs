//! What a package tests all its stories by.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::coverage::TestKind;

use super::{Parameters, Runner};
use crate::literal::{Part, Value, member};

/// What a package tests its stories by, as its `package.json`, its `.storybook` and the workspace's say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setup {
    /// What runs tests here, by what it depends on.
    pub runners: BTreeSet<Runner>,
    /// Whether Storybook's addon for Vitest turns stories into tests.
    pub has_vitest_addon: bool,
    /// Whether Storybook's test-runner does.
    pub has_test_runner: bool,
    /// Whether addon-a11y looks at stories.
    pub has_accessibility_addon: bool,
    /// What the preview says for all stories.
    pub parameters: Parameters,
    /// The services that take pictures of all stories, each with what says so.
    pub pictures: BTreeMap<String, String>,
    /// What is done after each story by the test-runner's configuration.
    pub hooks: Vec<Hook>,
}

/// Something that is done around each test of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The kind of test that it is.
    pub kind: TestKind,
    /// The file and the line.
    pub place: String,
    /// What is called.
    pub by: String,
}

impl Setup {
    /// Whether anything runs stories as tests.
    pub fn runs_stories(&self) -> bool {
        self.has_vitest_addon || self.has_test_runner
    }

    /// Takes over what a package depends on.
    pub(crate) fn depends_on(&mut self, name: &str) {
        match name {
            "vitest" => _ = self.runners.insert(Runner::Vitest),
            "jest" => _ = self.runners.insert(Runner::Jest),
            "@playwright/test" => _ = self.runners.insert(Runner::Playwright),
            "cypress" => _ = self.runners.insert(Runner::Cypress),
            "@storybook/test-runner" => self.has_test_runner = true,
            name if name.starts_with("@playwright/experimental-ct-") => {
                self.runners.insert(Runner::PlaywrightComponents);
            }
            _ => {}
        }
    }

    /// Takes over which addons a Storybook has.
    pub(crate) fn has_addon(&mut self, name: &str) {
        self.has_vitest_addon |=
            name.contains("@storybook/addon-vitest") || name.contains("@storybook/experimental-addon-test");
        self.has_accessibility_addon |= name.contains("@storybook/addon-a11y");
    }
}

/// A service that takes pictures of all stories of a Storybook.
pub(crate) struct PictureService {
    /// Its name, by which stories leave themselves out.
    pub name: &'static str,
    /// The dependency that it comes with.
    pub package: &'static str,
    /// A file by which it is configured.
    pub file: Option<&'static str>,
}

/// The services that are known.
pub(crate) fn services() -> &'static [PictureService] {
    const fn service(
        name: &'static str,
        package: &'static str,
        file: Option<&'static str>,
    ) -> PictureService {
        PictureService { name, package, file }
    }
    const ALL: &[PictureService] = &[
        service("chromatic", "chromatic", Some("chromatic.config.json")),
        service("percy", "@percy/storybook", None),
        service("loki", "loki", None),
        service("happo", "happo-plugin-storybook", None),
        service("creevey", "creevey", None),
        service("lost-pixel", "lost-pixel", None),
    ];
    ALL
}

/// The names of the addons of a Storybook's main file, as far as they can be read.
pub(crate) fn storybook_addons(main: &[Part]) -> Vec<String> {
    let Some(Value::Array(addons)) = member(main, "addons") else { return Vec::new() };
    let name = |addon: &Value| match addon.get("name").unwrap_or(addon) {
        // `getAbsolutePath('@storybook/addon-a11y')` says it as well.
        Value::Opaque(text) => Some(text.clone()),
        name => name.as_str().map(str::to_owned),
    };
    addons.iter().filter_map(name).collect()
}
