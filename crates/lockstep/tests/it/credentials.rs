//! `lockstep credential`, against providers that answer over HTTP.

use lockstep_testkit::{
    figma::FigmaServer,
    postgres::cluster,
    provider::{Provider, Reply},
    run::Run,
    workspace::{Workspace, example},
};
use serde_json::Value;

const TAKEN: &str = r#"{"handle":"Ada","email":"ada@example.com"}"#;
const REFUSED: &str = r#"{"status":403,"err":"Invalid token"}"#;

struct Desk {
    workspace: Workspace,
    provider: Provider,
}

impl Desk {
    fn new() -> Self {
        let mut workspace = Workspace::empty(env!("CARGO_BIN_EXE_lockstep"));
        workspace.write(
            "lockstep.toml",
            "[[design]]\nname = \"kit\"\nfigma = \"AbC\"\ncredential = \"sealed:figma\"\n",
        );
        let provider = Provider::start();
        provider.answer("/v1/me", Reply::new(200, TAKEN));
        workspace.set("LOCKSTEP_FIGMA_URL", provider.address());
        Self { workspace, provider }
    }

    fn run(&self, command: &str) -> Run {
        self.workspace.run(command.split(' '))
    }

    fn run_with(&self, command: &str, secret: &str) -> Run {
        self.workspace.run_with(command.split(' '), secret)
    }

    fn states(&self) -> Vec<String> {
        let all = self.run("credential list --json").succeeds().json();
        let state =
            |one: &Value| format!("{} {}", one["name"].as_str().unwrap(), one["status"].as_str().unwrap());
        all["data"].as_array().unwrap().iter().map(state).collect()
    }
}

#[test]
fn a_credential_lives_from_its_first_secret_to_its_last() {
    let desk = Desk::new();
    assert!(desk.run("credential").succeeds().stdout.contains("`lockstep credential add` records one"));
    desk.provider.answer_once("/v1/me", Reply::new(403, REFUSED));
    let refused = desk.run_with("credential add figma --vendor figma", "figd_old\n").exits(3);
    insta::assert_snapshot!(refused.stderr, @"
    error: figma doesn't take the secret: 403 (Invalid token)
    hint: nothing was recorded; make a new one (Figma, Settings, Security, Personal access tokens)
    ");
    assert!(desk.states().is_empty());
    let added = desk.run_with("credential add figma --vendor figma", "figd_one\n").succeeds();
    insta::assert_snapshot!(added.stdout, @"figma  valid  as ada@example.com; rotation is due in 12 w");
    insta::assert_snapshot!(desk.run("credential impact figma").succeeds().stdout, @"
    figma is valid: the live design file kit
      design files  kit
      features      live design files (`lockstep fetch`)
    ");
    desk.provider.answer_once("/v1/me", Reply::new(500, "{}"));
    insta::assert_snapshot!(desk.run("credential validate figma").exits(4).stdout, @"figma  not asked  500 (no reason given); it stays valid; as ada@example.com");
    desk.provider.answer_once("/v1/me", Reply::new(403, REFUSED));
    insta::assert_snapshot!(desk.run("credential validate").exits(3).stdout, @"
    figma  refused  403 (Invalid token); as ada@example.com
      next: make a new one (Figma, Settings, Security, Personal access tokens), then `lockstep credential rotate figma`
    ");
    let fetched = desk.run("fetch").exits(4);
    assert!(
        fetched.stderr.contains("the credential `figma` is revoked (403 (Invalid token))"),
        "{fetched:?}"
    );
    assert!(fetched.stderr.contains("`lockstep credential rotate figma`"), "{fetched:?}");
    desk.run_with("credential rotate figma", "figd_two").succeeds();
    assert_eq!(desk.states(), ["figma valid"]);
    let unasked = desk.run("credential revoke figma").exits(3);
    assert!(unasked.stderr.contains("--yes"), "{unasked:?}");
    desk.provider.came();
    desk.run("credential revoke figma --yes").succeeds();
    desk.run("fetch").exits(4);
    assert!(desk.provider.came().is_empty(), "nobody is called with what was revoked");
    desk.run("credential remove figma").succeeds();
    assert!(desk.states().is_empty());
    let log = desk.run("audit --json").succeeds().json();
    let deeds = log["data"].as_array().unwrap().iter().rev().map(|entry| entry["action"].as_str().unwrap());
    let deeds: Vec<&str> = deeds.filter(|deed| deed.starts_with("credential")).collect();
    let expected = [
        "credential.status",
        "credential.add",
        "credential.validate",
        "credential.status",
        "credential.validate",
        "credential.status",
        "credential.rotate",
        "credential.status",
        "credential.revoke",
        "credential.remove",
    ];
    assert_eq!(deeds, expected);
}

#[test]
fn a_secret_is_never_an_argument_and_a_mistake_is_not_repeated() {
    let desk = Desk::new();
    for (command, input, code) in [
        ("credential add figma --vendor figma figd_canary", "", 2),
        ("credential rotate figma figd_canary", "", 2),
        ("credential add figma --vendor figma --from figd_canary", "", 2),
        ("credential add figma --vendor figma --set figd_canary", "figd_x", 2),
        ("credential add figd_canary --vendor figma", "figd_x", 3),
        ("credential add figma --vendor figma", "figd_canary\nanother line", 2),
        ("credential add figma --vendor figma", "", 2),
        ("credential add figma --vendor webhook", "whsec_canary", 3),
        ("credential add figma --vendor slack-webhook", "hooks/canary", 3),
    ] {
        let refused = desk.run_with(command, input).exits(code);
        assert!(!format!("{}{}", refused.stdout, refused.stderr).contains("canary"), "{refused:?}");
        assert!(refused.stderr.contains("hint: "), "{refused:?}");
    }
    let unknown = desk.run_with("credential add x --vendor figmaa", "figd_x").exits(2);
    assert!(unknown.stderr.contains("did you mean `figma`?"), "{unknown:?}");
}

#[test]
fn several_places_and_both_databases_do_the_same() {
    let mut desk = Desk::new();
    let databases = [None, cluster().map(|cluster| cluster.url(&cluster.create_database().unwrap()))];
    for (turn, url) in databases.into_iter().enumerate() {
        match (turn, url) {
            (1, None) => continue,
            (_, Some(url)) => _ = desk.workspace.set("DATABASE_URL", url),
            _ => {}
        }
        desk.workspace.set("TOKEN", "figd_from-a-variable");
        desk.workspace.write("../token", "figd_from-a-file\n");
        desk.run("credential add one --vendor figma --from env:TOKEN --days 7").succeeds();
        desk.run("credential add two --vendor figma --from file:../token --expires 2099-01-01").succeeds();
        let twice = desk.run("credential add three --vendor figma --from env:TOKEN").exits(3);
        assert!(twice.stderr.contains("recorded already, as `one`"), "{twice:?}");
        assert_eq!(desk.states(), ["one valid", "two valid"]);
        desk.workspace.set("TOKEN", "figd_another");
        let rotated = desk.run("credential rotate one --in-place --json").succeeds().json();
        assert_eq!(rotated["data"][0]["credential"]["reference"], "env:TOKEN");
        let warned = desk.run("maintain").succeeds();
        assert!(warned.stdout.contains("warned of 1 credential"), "{warned:?}");
        assert!(!desk.run("maintain").succeeds().stdout.contains("warned"));
        desk.run("credential revoke two --yes").succeeds();
        assert_eq!(desk.states(), ["one valid", "two revoked"]);
    }
}

#[test]
fn a_sync_from_a_design_that_cannot_be_read_is_refused_or_left_out() {
    const KEY: &str = "Qm4tYv81cLs0eXw7ZpRk2B";
    let Some(server) = FigmaServer::start() else { return };
    let design = std::fs::read(example("acme").join("design/acme.figma.json")).unwrap();
    server.serve(KEY, serde_json::from_slice(&design).unwrap());
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.write("lockstep.toml", format!("[[design]]\nname = \"acme\"\nfigma = \"{KEY}\"\n"));
    workspace.set("FIGMA_TOKEN", "figd_one").set("LOCKSTEP_FIGMA_URL", server.address());
    workspace.run(["fetch"]).succeeds();
    workspace.run(["sync", "--yes"]).succeeds();
    let drifted = std::fs::read(example("acme-drift").join("design/acme.figma.json")).unwrap();
    let mut drifted: Value = serde_json::from_slice(&drifted).unwrap();
    drifted["version"] = "later".into();
    server.serve(KEY, drifted);
    workspace.run(["fetch"]).succeeds();
    let planned = workspace.run(["plan", "--direction", "design-to-code", "--json"]).succeeds().json();
    assert!(planned["data"].get("blocked").is_none());

    let all = workspace.run(["credential", "--json"]).succeeds().json();
    let name = all["data"][0]["name"].as_str().unwrap().to_owned();
    assert!(name.starts_with("figma-"), "{name}: a token that was only seen in use");
    workspace.run(["credential", "revoke", &name, "--yes"]).succeeds();
    let before = workspace.tree();
    let shown = workspace.run(["plan", "--direction", "design-to-code"]).succeeds();
    assert!(shown.stdout.starts_with("blocked  "), "{shown:?}");
    let refused = workspace.run(["sync", "--direction", "design-to-code", "--yes", "--json"]).exits(3).json();
    assert_eq!(refused["data"]["code"], "credential-revoked", "{refused}");
    let said = refused["data"]["message"].as_str().unwrap();
    assert!(said.contains("components of `acme` can't be synced"), "{said}");
    let hint = refused["data"]["hint"].as_str().unwrap();
    assert!(hint.contains("put it at env:FIGMA_TOKEN") && hint.contains("--partial"), "{hint}");
    let partial = workspace.run(["sync", "--direction", "design-to-code", "--partial", "--yes", "--json"]);
    assert_eq!(partial.succeeds().json()["data"]["outcome"], "nothing_to_do");
    assert_eq!(workspace.changes_since(&before), []);
    // With another token everything goes on.
    workspace.set("FIGMA_TOKEN", "figd_two");
    workspace.run(["sync", "--direction", "design-to-code", "--yes"]).succeeds();
    assert_ne!(workspace.changes_since(&before), []);
}
