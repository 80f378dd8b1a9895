//! Coverage through the real binary and over real HTTP.

use lockstep_testkit::{http::Request, hub::Hub, postgres::cluster, workspace::Workspace};
use serde_json::{Value, json};

fn acme() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
    workspace
}

fn told(workspace: &Workspace, arguments: &[&str]) -> Value {
    workspace.run(arguments.iter().chain(&["--json"])).json()["data"].clone()
}

#[test]
fn the_example_tells_what_its_stories_show() {
    let workspace = acme();
    insta::assert_snapshot!(workspace.run(["coverage"]).succeeds().stdout, @"
    COMPONENT    COVERED  VARIANTS  MISSING VARIANTS                                  MISSING TESTS
    Alert        83.33 %       5/6  status=error                                      visual, interaction, accessibility
    Avatar         100 %       5/5                                                    visual, interaction, accessibility
    Badge        66.66 %       4/6  rounded=true, tone=warning                        visual, interaction, accessibility
    Button       88.88 %       8/9  disabled=true                                     visual, accessibility
    Card           100 %       4/4                                                    visual, interaction, accessibility
    Card.Footer      0 %       0/3  align=between, align=end, align=start             visual, interaction, accessibility
    Card.Header      0 %       0/1  default                                           visual, interaction, accessibility
    Checkbox       100 %       5/5                                                    visual, interaction, accessibility
    IconButton   57.14 %       4/7  disabled=true, size=small, variant=secondary      visual, interaction, accessibility
    Spinner          0 %       0/2  size=medium, size=small                           visual, interaction, accessibility
    Switch       83.33 %       5/6  disabled=true                                     visual, interaction, accessibility
    Tab            100 %       2/2                                                    visual, interaction, accessibility
    Tabs           100 %       4/4                                                    visual, interaction, accessibility
    TextField       80 %       4/5  size=small                                        visual, interaction, accessibility
    Tooltip         50 %       3/6  placement=left, placement=right, showArrow=false  visual, interaction, accessibility

    67.28 % of 15 components covered (53 of 71 variants, each-option); 15 without visual tests, 14 without interaction tests and 15 without accessibility tests
    ");
    insta::assert_snapshot!(workspace.run(["coverage", "Button"]).succeeds().stdout, @"
    Button  8 of 9 variants have a story (each-option): 88.88 %

    VARIANT            DESIGN  CODE  STORY  VISUAL  INTERACTION  ACCESSIBILITY  LAST SYNCED
    disabled=false     yes     yes   7      no      yes          no             never
    disabled=true      yes     yes   no     no      no           no             never
    loading=false      yes     yes   6      no      yes          no             never
    loading=true       yes     yes   1      no      no           no             never
    size=medium        yes     yes   6      no      yes          no             never
    size=small         yes     yes   1      no      no           no             never
    variant=ghost      yes     yes   1      no      no           no             never
    variant=primary    yes     yes   4      no      yes          no             never
    variant=secondary  yes     yes   2      no      no           no             never
    ");
    insta::assert_snapshot!(workspace.run(["coverage", "--missing", "Ta*", "IconButton"]).succeeds().stdout, @"
    IconButton
      no story   disabled=true
      no story   size=small
      no story   variant=secondary
      no test    visual
      no test    interaction
      no test    accessibility
    Tab
      no test    visual
      no test    interaction
      no test    accessibility
    Tabs
      no test    visual
      no test    interaction
      no test    accessibility
    85.71 % of 3 components covered (10 of 13 variants, each-option); 3 without visual tests, 3 without interaction tests and 3 without accessibility tests
    ");
}

#[test]
fn a_check_fails_below_what_is_asked_for() {
    let workspace = acme();
    let run = |arguments: &[&str]| workspace.run(["coverage", "--check"].iter().chain(arguments));
    assert_eq!(run(&[]).code, 2);
    assert_eq!(run(&["--min", "67"]).code, 0);
    let low = run(&["--min", "90"]);
    assert_eq!(low.code, 1);
    assert!(low.stdout.contains("too low: all components together 67.28 %, at least 90 % is asked for"));
    assert_eq!(workspace.run(["coverage", "--min", "90"]).code, 0);
    let mut config = std::fs::read_to_string(workspace.path("lockstep.toml")).unwrap();
    config.push_str(
        "\n[coverage]\nmin_component = 50\nexclude = [\"Card.*\", \"Spinner\"]\n[coverage.components]\nTooltip = 40\nBadge = 70\n",
    );
    workspace.write("lockstep.toml", &config);
    let report = run(&["--json"]);
    assert_eq!(report.code, 1);
    assert_eq!(
        report.json()["data"]["shortfalls"],
        json!([{ "component": "Badge", "percent": 66.66, "wanted": 70.0 }])
    );
    let xml = run(&["--format", "junit"]).stdout;
    assert!(xml.contains("<failure message=\"66.66 % is less than 70 %\">"), "{xml}");
    workspace.write("src/components/Badge/Badge.test.tsx", "test('a', () => {");
    assert_eq!(workspace.run(["coverage", "--check", "Tab", "Tabs"]).code, 4);
}

#[test]
fn tests_are_told_apart_by_what_they_do() {
    let workspace = acme();
    workspace.write(
        "src/components/Badge/Badge.test.tsx",
        "import userEvent from '@testing-library/user-event';\nimport { it, expect } from 'vitest';\nimport { Badge } from './Badge';\n\
         import { Button } from '../Button';\nit('is read out', async () => { await userEvent.hover(x); expect(<Badge/>).toBeTruthy(); });\n",
    );
    workspace.write(
        "e2e/pictures.spec.ts",
        "import { test, expect } from '@playwright/test';\ntest('looks', async ({ page }) => {\n\
         await page.goto('/iframe.html?id=components-button--ghost');\n  await expect(page).toHaveScreenshot();\n});\n",
    );
    workspace.write(
        "e2e/both.spec.tsx",
        "import { test, expect } from '@playwright/experimental-ct-react';\nimport { Card, Tabs } from '../src';\n\
         test('both', async ({ mount }) => { const c = await mount(<Card/>); await expect(c).toHaveScreenshot(); });\n",
    );
    let report = told(&workspace, &["coverage"]);
    let missing = |name: &str| {
        let components = report["components"].as_array().unwrap();
        components.iter().find(|component| component["name"] == name).unwrap()["missing_tests"].clone()
    };
    assert_eq!(missing("Badge"), json!(["visual", "accessibility"]));
    // It only helps to test the badge.
    assert_eq!(missing("Button"), json!(["accessibility"]));
    assert_eq!(missing("Tabs"), json!(["visual", "interaction", "accessibility"]));
    let unattributed = report["unattributed"].as_array().unwrap();
    assert_eq!(unattributed.len(), 1);
    assert!(unattributed[0].as_str().unwrap().starts_with("e2e/both.spec.tsx: it uses several components"));
    let rows = told(&workspace, &["coverage", "Button"])["rows"].clone();
    let visual: Vec<&str> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["visual"]["variant"] == json!(["e2e/pictures.spec.ts (toHaveScreenshot)"]))
        .map(|row| row["variant"].as_str().unwrap())
        .collect();
    assert_eq!(visual, ["disabled=false", "loading=false", "size=medium", "variant=ghost"]);
    let badge = told(&workspace, &["coverage", "Badge"])["rows"][0]["interaction"].clone();
    assert_eq!(badge, json!({ "component": ["src/components/Badge/Badge.test.tsx (userEvent.hover)"] }));
}

#[test]
fn an_unchanged_component_gets_no_new_report_and_the_hub_tells_the_same() {
    let postgres = cluster().map(|cluster| cluster.url(&cluster.create_database().unwrap()));
    for database in [None].into_iter().chain(postgres.map(Some)) {
        let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
        if let Some(url) = database {
            workspace.set("DATABASE_URL", url);
        }
        workspace.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
        // What is enough is what the workspace says, whoever asks.
        let settings = workspace.read("lockstep.toml");
        workspace
            .write("lockstep.toml", format!("{settings}\n[coverage]\nmin = 100\ntests = [\"visual\"]\n"));
        assert_eq!(told(&workspace, &["coverage"])["new_reports"], 15);
        assert_eq!(told(&workspace, &["coverage"])["new_reports"], 0);
        // Another strategy, asked for once, is nothing to remember.
        assert_eq!(told(&workspace, &["coverage", "--strategy", "pairwise"])["new_reports"], 0);
        workspace.drift();
        let changed = told(&workspace, &["coverage"]);
        let count = changed["new_reports"].as_u64().unwrap();
        assert!((1..15).contains(&count), "{changed}");

        let made = workspace.run(["token", "create", "--name", "reader", "--json"]).succeeds().json();
        let token = made["data"]["secret"].as_str().unwrap().to_owned();
        let hub = Hub::start(&workspace, &[]);
        let send = |request: Request| hub.send(&request.header("authorization", format!("Bearer {token}")));
        let data = |path: &str| send(Request::new("GET", path)).is(200).json()["data"].clone();
        let told_again = told(&workspace, &["coverage"]);
        let report = data("/api/v1/coverage");
        for part in ["components", "totals", "shortfalls"] {
            assert_eq!(report[part], told_again[part], "{part}");
        }
        assert!(!report["shortfalls"].as_array().unwrap().is_empty());
        assert_eq!(data("/api/v1/components/Button/coverage"), told(&workspace, &["coverage", "Button"]));
        assert_eq!(data("/api/v1/coverage/trend"), told(&workspace, &["coverage", "--trend"]));
        assert_eq!(
            data("/api/v1/coverage/trend?component=Button"),
            told(&workspace, &["coverage", "Button", "--trend"])
        );
        let some = data("/api/v1/coverage?component=Ta*&min=100");
        assert_eq!(some["totals"]["components"], 2);
        send(Request::new("GET", "/api/v1/components/Buton/coverage")).is(404);
        // A token that reads may not have it computed.
        send(Request::new("POST", "/api/v1/coverage").json(&json!({}))).is(403);
    }
}
