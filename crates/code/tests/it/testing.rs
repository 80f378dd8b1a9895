//! What tests a workspace has, read from its files.

use lockstep_code::{ScanOptions, read_testing};

use crate::support::workspace;

#[test]
fn tests_of_a_package_and_beside_it_are_found_wherever_they_stand() {
    let test = "import { test, expect } from '@playwright/test';\ntest('a', async ({ page }) => { await expect(page).toHaveScreenshot(); });";
    let folder = workspace(&[
        ("packages/ui/package.json", r#"{"devDependencies": {"vitest": "4", "loki": "1"}}"#),
        ("packages/ui/src/A/__tests__/a.tsx", test),
        ("packages/ui/src/A/A.test.tsx", test),
        ("packages/ui/src/A/A.tsx", test),
        ("packages/ui/e2e/a.spec.ts", test),
        ("packages/ui/node_modules/x/x.test.ts", test),
        ("packages/ui/src/A/A.stories.tsx", "export default { parameters: { a11y: { test: 'error' } } };"),
        ("packages/ui/src/broken.test.ts", "test('a', () => {"),
        ("packages/ui/.loki/reference/chrome_A_B.png", ""),
        ("package.json", r#"{"devDependencies": {"@playwright/test": "1", "chromatic": "1"}}"#),
        ("e2e/all.e2e.ts", test),
        (
            ".storybook/main.ts",
            "export default { stories: [], addons: ['@storybook/addon-vitest', { name: '@storybook/addon-a11y' }] };",
        ),
        (".storybook/preview.ts", "export default { parameters: { a11y: { test: 'todo' } } };"),
    ]);
    let found = read_testing(&[ScanOptions::new(folder.path(), "packages/ui")]).unwrap();
    let files: Vec<&str> = found.files.iter().map(|test| test.file.as_str()).collect();
    assert_eq!(
        files,
        [
            "e2e/all.e2e.ts",
            "packages/ui/e2e/a.spec.ts",
            "packages/ui/src/A/A.test.tsx",
            "packages/ui/src/A/__tests__/a.tsx",
        ]
    );
    assert_eq!(found.stories.keys().collect::<Vec<_>>(), ["packages/ui/src/A/A.stories.tsx"]);
    assert_eq!(found.pictures, ["packages/ui/.loki/reference/chrome_A_B.png"]);
    assert_eq!(
        found.diagnostics.iter().map(|found| found.file.as_str()).collect::<Vec<_>>(),
        ["packages/ui/src/broken.test.ts"]
    );
    insta::assert_snapshot!(format!("{:#?}", found.setups["packages/ui"]), @r#"
    Setup {
        runners: {
            Vitest,
            Playwright,
        },
        has_vitest_addon: true,
        has_test_runner: false,
        has_accessibility_addon: true,
        parameters: Parameters {
            accessibility: Some(
                Todo,
            ),
            without_picture: {},
        },
        pictures: {
            "chromatic": "package.json: chromatic",
            "loki": "packages/ui/package.json: loki",
        },
        hooks: [],
    }
    "#);
}
