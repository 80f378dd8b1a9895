//! An assistant that speaks the Model Context Protocol by its official SDK for JavaScript, on the standard streams and over
//! HTTP: the same tools, and nothing changed that was not seen.

use std::process::Command;

use lockstep_testkit::{hub::Hub, npm::installed, workspace::Workspace};
use serde_json::{Value, json};

fn drifted() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.forget_requests_soon();
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    workspace.run(["scan"]).succeeds();
    workspace
}

fn token(workspace: &Workspace, scope: &str) -> String {
    let made =
        workspace.run(["token", "create", "--name", scope, "--scope", scope, "--json"]).succeeds().json();
    made["data"]["secret"].as_str().unwrap().to_owned()
}

/// What the client was told.
fn client(workspace: &Workspace, arguments: &[&str]) -> Value {
    let folder = workspace.root().parent().unwrap().join("client");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("package.json"), include_str!("package.json")).unwrap();
    std::fs::write(folder.join("client.mjs"), include_str!("client.mjs")).unwrap();
    let modules = installed(&folder.join("package.json")).unwrap();
    if !folder.join("node_modules").exists() {
        std::os::unix::fs::symlink(modules, folder.join("node_modules")).unwrap();
    }
    // What the workspace's commands are given, the server of the client's is given too.
    let like = workspace.command();
    let mut command = Command::new("node");
    command.arg("client.mjs").args(arguments).current_dir(&folder);
    for (name, value) in like.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout)))
}

/// What holds whichever way an assistant speaks.
fn is_served(told: &Value) {
    assert_eq!(told["server"]["name"], "lockstep", "{told:#}");
    let tools: Vec<_> = told["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| {
            assert!(tool["outputSchema"]["properties"]["data"].is_object(), "{tool:#}");
            assert!(tool["description"].as_str().is_some_and(|text| text.len() > 40), "{tool:#}");
            let hints = &tool["annotations"];
            (
                tool["name"].as_str().unwrap(),
                &hints["readOnlyHint"] == true,
                &hints["destructiveHint"] == true,
            )
        })
        .collect();
    let expected = [
        ("design.driftReport", true, false),
        ("design.coverageReport", true, false),
        ("design.sync", false, true),
        ("design.undo", false, true),
        ("design.browserTestSession.start", false, false),
        ("design.browserTestSession.status", true, false),
    ];
    assert_eq!(tools, expected);

    assert_eq!(told["drift"]["schema"], "lockstep.drift/1");
    let drifted: Vec<_> = told["drift"]["data"]["components"].as_array().unwrap().iter().collect();
    assert_eq!(drifted.iter().map(|one| &one["name"]).collect::<Vec<_>>(), ["Badge", "Button"]);
    let differs = |component: &Value| component["changes"].as_array().is_some_and(|all| !all.is_empty());
    assert!(drifted.iter().all(|component| differs(component)), "{:#}", told["drift"]);

    assert_eq!(told["coverage"]["schema"], "lockstep.coverage/1");
    assert_eq!(told["coverage"]["data"]["components"].as_array().unwrap().len(), 2, "{:#}", told["coverage"]);
    assert_eq!(told["run"]["problem"]["code"], "not-found", "{:#}", told["run"]);
    assert_eq!(told["both"]["problem"]["code"], "bad-request", "{:#}", told["both"]);
    for wrong in ["typo", "unknown"] {
        assert_eq!(told[wrong]["code"], -32602, "{wrong}: {:#}", told[wrong]);
    }
    assert!(told["typo"]["message"].as_str().unwrap().contains("component"), "{:#}", told["typo"]);

    let resources = told["resources"].as_array().unwrap();
    for uri in ["lockstep://reports/drift", "lockstep://reports/coverage", "lockstep://components/Badge"] {
        assert!(resources.contains(&json!(uri)), "{uri}: {resources:?}");
    }
    assert_eq!(told["templates"][0]["uriTemplate"], "lockstep://components/{name}");
    assert_eq!(told["component"]["data"]["name"], "Badge", "{:#}", told["component"]);
    assert_eq!(told["report"]["schema"], "lockstep.drift/1");
    assert_eq!(told["nothing"]["code"], -32002, "{:#}", told["nothing"]);
}

/// What holds where a sync was allowed.
fn was_synced_and_taken_back(told: &Value) {
    assert_eq!(told["plan"]["schema"], "lockstep.plan/1");
    assert_eq!(told["plan"]["data"]["components"][0]["name"], "Badge");
    for stale in ["unseen", "other", "again"] {
        assert_eq!(told[stale]["problem"]["code"], "stale-plan", "{stale}: {:#}", told[stale]);
    }
    assert_eq!(told["sync"]["schema"], "lockstep.sync/1", "{:#}", told["sync"]);
    assert_eq!(told["sync"]["data"]["status"], "completed", "{:#}", told["sync"]);
    assert_eq!(told["undo"]["schema"], "lockstep.undo/1", "{:#}", told["undo"]);
    assert_eq!(told["undone"]["problem"]["code"], "nothing-to-undo", "{:#}", told["undone"]);
}

#[test]
fn an_assistant_syncs_what_was_seen_and_takes_it_back() {
    let workspace = drifted();
    let before = workspace.tree();
    let root = workspace.root();
    let told = client(&workspace, &["stdio", env!("CARGO_BIN_EXE_lockstep"), root.to_str().unwrap()]);
    is_served(&told);
    was_synced_and_taken_back(&told);
    assert_eq!(workspace.changes_since(&before), []);
    let past = workspace.run(["history", "--json"]).succeeds().json();
    assert_eq!(past["data"].as_array().unwrap().len(), 1, "{past:#}");
}

#[test]
fn a_hub_answers_an_assistant_as_its_token_allows() {
    let workspace = drifted();
    let before = workspace.tree();
    workspace.run(["coverage"]).succeeds();
    let hub = Hub::start(&workspace, &[]);
    let address = format!("http://{}/mcp", hub.address);
    let told = client(&workspace, &["http", &address, &token(&workspace, "read,plan,sync,undo")]);
    is_served(&told);
    was_synced_and_taken_back(&told);
    assert_eq!(workspace.changes_since(&before), []);

    let told = client(&workspace, &["http", &address, &token(&workspace, "read,plan")]);
    is_served(&told);
    assert_eq!(told["sync"]["problem"]["code"], "forbidden", "{:#}", told["sync"]);
    assert_eq!(told["undo"]["problem"]["code"], "forbidden", "{:#}", told["undo"]);
    assert_eq!(workspace.changes_since(&before), []);

    let told = client(&workspace, &["http", &address]);
    assert!(told["refused"].as_str().unwrap().contains("not-signed-in"), "{told:#}");
}
