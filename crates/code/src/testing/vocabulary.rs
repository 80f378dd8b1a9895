//! Which calls make a test one of which kind. `docs/coverage.md` lists the same for people.

use lockstep_core::coverage::TestKind;

use super::Runner;

/// Matchers of `expect(…)`.
const MATCHERS: &[(&str, TestKind)] = &[
    ("toHaveScreenshot", TestKind::Visual),
    ("toMatchScreenshot", TestKind::Visual),
    ("toMatchImageSnapshot", TestKind::Visual),
    ("toHaveNoViolations", TestKind::Accessibility),
    ("toBeAccessible", TestKind::Accessibility),
];

/// Commands of `cy`.
const CYPRESS: &[(&str, TestKind)] = &[
    ("percySnapshot", TestKind::Visual),
    ("matchImageSnapshot", TestKind::Visual),
    ("compareSnapshot", TestKind::Visual),
    ("happoScreenshot", TestKind::Visual),
    ("eyesCheckWindow", TestKind::Visual),
    ("argosScreenshot", TestKind::Visual),
    ("checkA11y", TestKind::Accessibility),
];

/// What is imported from packages, by how the package's name begins, and what of it.
const IMPORTED: &[(&str, &str, TestKind)] = &[
    ("@percy/", "percySnapshot", TestKind::Visual),
    ("@argos-ci/", "argosScreenshot", TestKind::Visual),
    ("@chromatic-com/playwright", "takeSnapshot", TestKind::Visual),
    ("jest-axe", "axe", TestKind::Accessibility),
    ("vitest-axe", "axe", TestKind::Accessibility),
    ("@axe-core/playwright", "AxeBuilder", TestKind::Accessibility),
    ("axe-playwright", "checkA11y", TestKind::Accessibility),
];

/// Packages by which people's acts are played, and what of them does it.
const ACTORS: &[(&str, &[&str])] = &[
    ("@testing-library/user-event", &["userEvent", "default"]),
    ("@testing-library/", &["fireEvent", "userEvent"]),
    ("@storybook/test", &["fireEvent", "userEvent"]),
    ("@storybook/testing-library", &["fireEvent", "userEvent"]),
    ("storybook/test", &["fireEvent", "userEvent"]),
    ("vitest/browser", &["userEvent", "page"]),
    ("@vitest/browser/context", &["userEvent", "page"]),
];

/// Acts on what a browser shows.
const ACTS: &[&str] = &[
    "blur",
    "check",
    "clear",
    "click",
    "dblclick",
    "dispatchEvent",
    "dragAndDrop",
    "dragTo",
    "dragend",
    "fill",
    "focus",
    "hover",
    "press",
    "pressSequentially",
    "realClick",
    "realHover",
    "realPress",
    "realType",
    "rightclick",
    "select",
    "selectOption",
    "setChecked",
    "setInputFiles",
    "tap",
    "trigger",
    "tripleClick",
    "type",
    "uncheck",
];

/// What runs a file that imports a package.
pub(super) fn runner_of(specifier: &str) -> Option<Runner> {
    Some(match specifier {
        "vitest" | "vitest/browser" | "@vitest/browser/context" => Runner::Vitest,
        "@jest/globals" => Runner::Jest,
        "cypress" => Runner::Cypress,
        "@playwright/test" | "@chromatic-com/playwright" => Runner::Playwright,
        other if other.starts_with("@playwright/experimental-ct-") => Runner::PlaywrightComponents,
        other if other.starts_with("cypress/") => Runner::Cypress,
        _ => return None,
    })
}

/// The kind of a test that has a call: `root` is where the chain of calls begins (`expect`, `cy`), `from` the package and
/// the name there where it is imported, `last` the name that is called.
pub(super) fn kind_of(root: &str, from: Option<(&str, &str)>, last: &str) -> Option<TestKind> {
    let named =
        |list: &[(&str, TestKind)]| list.iter().find(|(name, _)| *name == last).map(|(_, kind)| *kind);
    if root == "expect" {
        return named(MATCHERS);
    }
    if root == "cy" {
        return named(CYPRESS);
    }
    let (package, name) = from?;
    let known = IMPORTED.iter().find(|(begins, what, _)| {
        package.starts_with(begins) && (name == *what || name == "default" && *what != "takeSnapshot")
    });
    known.map(|(_, _, kind)| *kind)
}

/// Whether what a package exports under a name plays people's acts.
pub(super) fn is_actor(package: &str, name: &str) -> bool {
    ACTORS.iter().any(|(begins, names)| package.starts_with(begins) && names.contains(&name))
}

/// Whether a name is that of an act.
pub(super) fn is_act(name: &str) -> bool {
    ACTS.contains(&name)
}

/// A package whose tests take a picture at their end, without being told to.
pub(super) fn takes_pictures(package: &str) -> bool {
    ["@chromatic-com/playwright", "@chromatic-com/cypress"].contains(&package)
}
