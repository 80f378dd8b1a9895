//! What `--json` prints, held against `docs/json.md`.

mod page;

use std::collections::BTreeMap;

use lockstep_testkit::{
    figma::{Fault, FigmaServer},
    hub::Hub,
    provider::{Provider, Reply},
    storybook::write_storybook,
    workspace::Workspace,
};
use serde_json::Value;

use crate::watch::Watching;
use page::Page;

/// Every document that the commands print on the example's way from adoption to redo, by schema.
#[derive(Default)]
struct Printed(BTreeMap<String, Vec<Value>>);

impl Printed {
    fn keep(&mut self, workspace: &Workspace, command: &str) {
        let document = workspace.run(command.split(' ').chain(["--json"])).json();
        let schema = document["schema"].as_str().unwrap().to_owned();
        self.0.entry(schema).or_default().push(document["data"].clone());
    }

    /// The same of a command that prints a document a line.
    fn keep_lines(&mut self, workspace: &Workspace, command: &str) {
        for line in workspace.run(command.split(' ').chain(["--json"])).stdout.lines() {
            let document: Value = serde_json::from_str(line).unwrap();
            let schema = document["schema"].as_str().unwrap().to_owned();
            self.0.entry(schema).or_default().push(document["data"].clone());
        }
    }
}

impl Printed {
    /// What `watch` prints when a side moves, and when one can't be read.
    fn keep_watching(&mut self, workspace: &Workspace) {
        let watching = Watching::start(workspace);
        workspace.drift();
        let mut lines = vec![watching.first.clone(), watching.next()];
        let design = workspace.path("design/acme.figma.json");
        let aside = workspace.path("design/aside");
        std::fs::rename(&design, &aside).unwrap();
        while lines.last().is_some_and(|line| line["event"] != "failed") {
            lines.push(watching.next());
        }
        std::fs::rename(&aside, &design).unwrap();
        assert_eq!(watching.end("-TERM"), Some(0));
        self.0.entry("lockstep.watch/1".to_owned()).or_default().extend(lines);
    }
}

impl Printed {
    fn keep_serving(&mut self, workspace: &Workspace) {
        let hub = Hub::start(workspace, &[]);
        let first = hub.first.clone();
        let (_, last, _) = hub.end("-TERM");
        self.0.entry("lockstep.serve/1".to_owned()).or_default().extend([first, last]);
    }
}

/// What `fetch` prints, from a server where Figma's document can be had.
fn keep_fetching(printed: &mut Printed) {
    let mut workspace = Workspace::empty(env!("CARGO_BIN_EXE_lockstep"));
    workspace.write("lockstep.toml", "[[design]]\nname = \"kit\"\nfigma = \"AbC123\"\n");
    printed.keep(&workspace, "fetch --from-cache");
    printed.keep(&workspace, "fetch");
    let Some(server) = FigmaServer::start() else { return };
    server.serve("AbC123", serde_json::json!({ "name": "Kit", "version": "1" }));
    workspace.set("FIGMA_TOKEN", "figd_x").set("LOCKSTEP_FIGMA_URL", server.address());
    printed.keep(&workspace, "fetch");
    printed.keep(&workspace, "fetch");
    let retry_after = Some("600".to_owned());
    server.fail("/meta", Fault::Limited { retry_after, plan: "pro", kind: "high" });
    printed.keep(&workspace, "fetch");
}

/// What `credential` prints, with a provider that takes, refuses and fails.
fn keep_credentials(printed: &mut Printed, workspace: &mut Workspace) {
    let provider = Provider::start();
    workspace.set("LOCKSTEP_FIGMA_URL", provider.address()).set("KEPT", "figd_x");
    provider.answer("/v1/me", Reply::new(200, r#"{"handle":"Ada"}"#));
    printed.keep(workspace, "credential add figma --vendor figma --from env:KEPT --expires 2099-01-01");
    for reply in [Reply::new(500, "{}"), Reply::new(403, "{}")] {
        provider.answer_once("/v1/me", reply);
        printed.keep(workspace, "credential validate figma");
    }
    let hook = provider.address() + "/hook";
    workspace.set("KEY", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    printed.keep(workspace, "credential add hook --vendor webhook --from env:KEY");
    printed.keep(workspace, &format!("notify add team --kind webhook --credential hook --set url={hook}"));
    provider.answer("/hook", Reply::new(200, ""));
    for command in
        ["notify channels", "notify test team", "notify preview drift_detected", "notify disable team"]
    {
        printed.keep(workspace, command);
    }
    printed.keep(workspace, "notify enable team");
    for command in [
        "notify change team --quiet-hours 22:00-22:01 --urgent digest --gather 0 --coverage-below 80 --min-changes 1",
        "notify change team --no quiet,min-changes",
        "notify mute Legacy* --for 7d --reason old",
        "notify mute Card --channel team",
        "notify unmute Card",
    ] {
        printed.keep(workspace, command);
    }
    for command in [
        "notify preview digest",
        "schedule add daily --act digest --at 09:00 --skip-empty",
        "digest --since 7d --send",
    ] {
        printed.keep(workspace, command);
    }
    printed.keep(workspace, "notify send");
    for status in [503, 404] {
        provider.answer_once("/hook", Reply::new(status, ""));
        printed.keep(workspace, "credential rotate figma --in-place");
        printed.keep(workspace, "credential revoke figma --yes");
        printed.keep(workspace, "notify send");
        printed.keep(workspace, "notify list");
        printed.keep(workspace, "notify deliveries");
        workspace.set("KEPT", format!("figd_{status}"));
    }
    for command in [
        "credential rotate figma --in-place",
        "credential",
        "credential show figma",
        "credential impact",
        "credential vendors",
        "credential revoke figma --yes",
        "credential remove figma",
    ] {
        printed.keep(workspace, command);
    }
}

/// Stories that end in one way and another.
const TESTED: &[(&str, &str)] = &[
    ("components-card--flat", "passes"),
    ("components-card--raised", "throws"),
    ("components-badge--info", "lacks-picture"),
];

/// What `sessions show` prints of a session that left something behind.
fn keep_session(printed: &mut Printed, workspace: &Workspace) {
    let id = printed.0["lockstep.test/1"][0]["sessions"][0]["id"].as_str().unwrap().to_owned();
    printed.keep(workspace, &format!("sessions show {id}"));
}

fn played() -> Printed {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    write_storybook(&workspace.path("storybook-static"), TESTED).unwrap();
    let mut printed = Printed::default();
    for command in [
        "drift",
        "init --yes --design design/acme.figma.json",
        "db migrate",
        "scan",
        "map accept Switch",
        "accept Tooltip --yes --reason known",
    ] {
        printed.keep(&workspace, command);
    }
    keep_fetching(&mut printed);
    printed.keep_watching(&workspace);
    for command in ["scan --queue", "queue", "queue retry", "queue all"] {
        printed.keep(&workspace, command);
    }
    printed.keep_lines(&workspace, "work --once");
    for command in [
        "scan",
        "status",
        "components",
        "components Button",
        "drift",
        "coverage --min 100",
        "coverage Button",
        "coverage --trend",
        "test Card Badge",
        "sessions",
        "sessions rates",
        "sessions approve",
        "test Card Badge",
        "scaffold stories Badge Card.Footer --dry-run",
        "scaffold stories Badge --yes",
        "undo",
        "pause Badge",
        "pause --end",
        "plan --exclude Badge:properties/tone/options/info --exclude-variant size=large",
        "plan --resolve TextField:properties/size/default=code",
        "sync",
        "sync --yes --exclude Badge:properties/tone/options/info",
        "sync --yes Badge --direction code-to-design",
        "sync --yes",
        "history",
        "undo",
        "undo --component Spinner",
        "history",
        "redo",
        "redo",
        "ignore Button properties/iconLeft --reason drawn-later --expires 2099-12-31",
        "drift",
        "map",
        "map suggest",
        "map set Card.Footer acme#50:1 --property Elevation=elevation",
        "map unset Card.Footer",
        "schedule",
        "schedule run nightly-maintenance",
        "user invite grace --role developer",
        "user link grace",
        "user role grace maintainer",
        "token create --user grace --name ci",
        "token list --user grace",
        "audit",
        "audit verify",
        "maintain",
        "db info",
        "backup kept.db",
        "restore kept.db --replace",
        "doctor",
        "nonsense",
    ] {
        printed.keep(&workspace, command);
    }
    keep_session(&mut printed, &workspace);
    printed.keep_lines(&workspace, "audit export");
    keep_credentials(&mut printed, &mut workspace);
    printed.keep_serving(&workspace);
    printed
}

#[test]
fn what_is_printed_is_what_the_page_says() {
    let page = Page::read(include_str!("../../../../../docs/json.md"));
    let printed = played();
    let mut wrong = Vec::new();
    for (schema, documents) in &printed.0 {
        match page.schemas.get(schema) {
            None => wrong.push(format!("{schema} is not on the page")),
            Some(shape) => {
                for document in documents {
                    page.check(shape, document, schema, &mut wrong);
                }
            }
        }
    }
    wrong.extend(
        page.schemas
            .keys()
            .filter(|schema| !printed.0.contains_key(*schema))
            .map(|schema| format!("{schema} is on the page and was never printed")),
    );
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "docs/json.md and what is printed differ:\n{}", wrong.join("\n"));
}

#[test]
fn a_wrong_shape_is_found() {
    let page = Page::read(
        "| `x` | `s/1` | `A[]` |\n```ts\ntype A = {\n  a: \"x\" | null // why\n  b?: { [name: string]: B[] }\n}\n\
         type B = {\n  n: integer\n}\n```\n",
    );
    let wrong = |value: &str| {
        let mut wrong = Vec::new();
        page.check(&page.schemas["s/1"], &serde_json::from_str(value).unwrap(), "", &mut wrong);
        wrong.join("; ")
    };
    for (value, expected) in [
        (r#"[{"a": "x", "b": {"k": [{"n": 1}]}}, {"a": null}]"#, ""),
        (r#"[{"a": "y"}]"#, r#"[].a is "y" instead of "x" | null"#),
        (r#"[{}]"#, "[].a is missing"),
        (r#"[{"a": null, "c": 1}]"#, "[].c is not on the page"),
        (r#"[{"a": null, "b": {"k": [{"n": 1.5}]}}]"#, "[].b.*[].n is 1.5 instead of integer"),
        (r#"{}"#, " is {} instead of A[]"),
    ] {
        assert_eq!(wrong(value), expected, "{value}");
    }
}
