//! Which test files count as which kind: the table of `docs/coverage.md`.

use super::{hooks, lower, story_parameters};
use crate::parsed::parsed;

/// What a file is read as: its runner, then each kind with what makes it one.
fn told(file: &str, source: &str) -> String {
    let Some(found) = parsed(file, source, |program| lower(program, source, file)) else {
        return "no test".to_owned();
    };
    let tests = found.tests.iter().map(|test| format!("{}@{} {}", test.kind, test.line, test.by));
    let all: Vec<String> = std::iter::once(format!("{:?}", found.runner)).chain(tests).collect();
    all.join("; ")
}

#[test]
fn a_test_is_of_a_kind_by_what_it_calls() {
    for (file, source, expected) in [
        // Rendering alone is none of the three.
        ("A.test.tsx", "test('a', () => { render(<A/>); expect(x).toBeTruthy(); });", "Other"),
        (
            "A.test.tsx",
            "import userEvent from '@testing-library/user-event';\nimport { it } from 'vitest';\n\
             it('a', async () => { const user = userEvent.setup(); await user.click(x); expect(f).toHaveBeenCalled(); });",
            "Vitest; interaction@3 user.click",
        ),
        (
            "A.test.tsx",
            "import { render, fireEvent } from '@testing-library/react';\n\
             test('a', () => { fireEvent.click(x); expect(f).toHaveBeenCalled(); });",
            "Other; interaction@2 fireEvent.click",
        ),
        // Acts whose outcome nobody checks.
        (
            "A.test.tsx",
            "import { fireEvent } from '@testing-library/react';\ntest('a', () => { fireEvent.click(x); });",
            "Other",
        ),
        (
            "A.test.tsx",
            "import userEvent from '@testing-library/user-event';\ndescribe('A', () => {\n beforeEach(async () => { await userEvent.click(x); });\n\
             it('b', () => { expect(y).toBe(1); });\n});",
            "Other; interaction@3 userEvent.click",
        ),
        // Tests that are left out.
        ("A.test.tsx", "it.skip('a', () => { expect(page).toHaveScreenshot(); });", "no test"),
        (
            "A.spec.ts",
            "describe.skip('a', () => { it('b', () => { expect(page).toHaveScreenshot(); }); });",
            "no test",
        ),
        ("A.spec.ts", "const test = 1; foo('a', () => { expect(p).toHaveScreenshot(); });", "no test"),
        (
            "A.spec.ts",
            "import { test, expect } from '@playwright/test';\ntest('a', async ({ page }) => {\n\
             await page.goto('/iframe.html?id=a--b');\n await page.getByRole('button').click();\n\
             await expect(page).toHaveScreenshot('a.png');\n});",
            "Playwright; visual@5 toHaveScreenshot; interaction@4 page.click",
        ),
        (
            "A.spec.tsx",
            "import { test, expect } from '@playwright/experimental-ct-react';\nimport AxeBuilder from '@axe-core/playwright';\n\
             test('a', async ({ mount, page }) => { const c = await mount(<A/>);\n\
             expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]); });",
            "PlaywrightComponents; accessibility@4 AxeBuilder; accessibility@4 analyze",
        ),
        (
            "A.cy.tsx",
            "it('a', () => { cy.mount(<A/>); cy.get('button').click(); cy.get('@f').should('have.been.called');\n\
             cy.injectAxe(); cy.checkA11y(); cy.percySnapshot(); });",
            "Cypress; visual@2 percySnapshot; interaction@1 cy.click; accessibility@2 checkA11y",
        ),
        (
            "A.test.tsx",
            "import { axe } from 'jest-axe';\nit('a', async () => { expect(await axe(x)).toHaveNoViolations(); });",
            "Other; accessibility@2 axe; accessibility@2 toHaveNoViolations",
        ),
        (
            "A.spec.ts",
            "import { test } from '@chromatic-com/playwright';\ntest('a', async ({ page }) => { await page.goto('/'); });",
            "Playwright; visual@2 a picture at the end of each test",
        ),
    ] {
        assert_eq!(told(file, source), expected, "{source}");
    }
}

#[test]
fn ids_of_stories_are_found_in_texts() {
    let source = "import { test } from '@playwright/test';\nconst url = '/iframe.html?id=a-b--c&viewMode=story';\n\
                  test('a', async ({ page }) => { await page.goto(`/?path=/story/x--y-z`); a--; });\n\
                  fetch('storybook-static/index.json');";
    let found = parsed("a.spec.ts", source, |program| lower(program, source, "a.spec.ts")).unwrap();
    assert_eq!(found.story_ids.keys().collect::<Vec<_>>(), ["a-b--c", "x--y-z"]);
    assert!(found.reads_index);
    assert_eq!(found.titles, ["a"]);
}

#[test]
fn stories_say_how_they_are_tested() {
    let source = "export default { component: A, parameters: { a11y: { test: 'error' }, percy: { skip: true } } };\n\
                  export const One = {};\n\
                  export const Two = { parameters: { a11y: { test: 'todo' }, chromatic: { disableSnapshot: true } } };\n\
                  export const Three = { parameters: { a11y: { disable: true } } };";
    let found = parsed("a.stories.tsx", source, |program| story_parameters(program, source, "a.stories.tsx"));
    let found = found.unwrap();
    let of = |name: &str| {
        let parameters = found.of(name);
        let skips = parameters.without_picture.iter().filter(|(_, skips)| **skips);
        format!("{:?} {:?}", parameters.accessibility, skips.map(|(name, _)| name).collect::<Vec<_>>())
    };
    assert_eq!(of("One"), r#"Some(Error) ["percy"]"#);
    assert_eq!(of("Two"), r#"Some(Todo) ["chromatic", "percy"]"#);
    assert_eq!(of("Three"), r#"Some(Off) ["percy"]"#);
}

#[test]
fn the_configuration_of_the_test_runner_tests_every_story() {
    let source = "import { injectAxe, checkA11y } from 'axe-playwright';\n\
                  export default { async preVisit(page) { await injectAxe(page); },\n\
                  async postVisit(page, context) { await checkA11y(page);\n\
                  const image = await page.screenshot(); expect(image).toMatchImageSnapshot(); } };";
    let file = ".storybook/test-runner.ts";
    let found = parsed(file, source, |program| hooks(program, source, file));
    let told: Vec<String> =
        found.iter().map(|test| format!("{}@{} {}", test.kind, test.line, test.by)).collect();
    assert_eq!(told, ["visual@4 toMatchImageSnapshot", "accessibility@3 checkA11y"]);
}
