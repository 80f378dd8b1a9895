//! `lockstep digest` through the binary, and the digests that a hub sends by itself.

use std::time::{Duration, Instant};

use lockstep_testkit::{
    hub::Hub,
    provider::{Provider, Reply},
    workspace::Workspace,
};
use serde_json::Value;

fn counts(workspace: &Workspace, arguments: &[&str]) -> [u64; 4] {
    let run = workspace.run(["digest"].iter().chain(arguments).chain(&["--json"])).succeeds();
    let data = &run.json()["data"];
    let drift = &data["drift"];
    [
        &data["syncs"]["completed"],
        &drift["opened"]["changes"],
        &drift["closed"]["changes"],
        &drift["open"]["changes"],
    ]
    .map(|count| count.as_u64().unwrap())
}

#[test]
fn it_tells_what_drifted_and_what_was_synced() {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.drift();
    workspace.run(["scan"]).succeeds();
    // What differed when it was adopted was accepted then, and so closed.
    let [_, before, adopted, open] = counts(&workspace, &[]);
    assert!(open > 3 && open == before - adopted, "{before} {adopted} {open}");
    workspace.run(["sync", "Badge", "--yes", "--direction", "code-to-design"]).succeeds();
    let ignore = ["ignore", "Button", "*", "--reason", "drawn later"];
    workspace.run(ignore).succeeds();
    workspace.run(["scan"]).succeeds();
    let [syncs, opened, closed, open] = counts(&workspace, &[]);
    assert_eq!((syncs, opened, open), (1, before, before - closed), "what closed was opened, and counts");
    assert!(closed >= adopted + 2, "{closed}");
    // Before all of that there was nothing.
    assert_eq!(counts(&workspace, &["--day", "2020-01-01"]), [0; 4]);
    let told = workspace.run(["digest", "--since", "1h"]).succeeds().stdout;
    for part in
        ["Digest: 1 sync, ", "1 completed", "changes opened: ", "closed: Badge, Button", "the oldest since"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    let refused = workspace.run(["digest", "--since", "2999-01-01T00:00:00Z"]).exits(3);
    assert!(refused.stderr.contains("is no time of at most"), "{refused:?}");
}

/// A library that is in step, and a receiver of digests.
fn told(provider: &Provider) -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    workspace.run_with(["credential", "add", "hook", "--vendor", "webhook"], key).succeeds();
    let url = format!("url={}/hook", provider.address());
    workspace
        .run(["notify", "add", "team", "--kind", "webhook", "--credential", "hook", "--set", &url])
        .succeeds();
    provider.answer("/hook", Reply::new(200, ""));
    workspace
}

fn digests(provider: &Provider) -> Vec<Value> {
    let bodies = provider.came().into_iter().map(|came| serde_json::from_str::<Value>(&came.body).unwrap());
    bodies.filter(|body| body["type"] == "digest").collect()
}

#[test]
fn one_that_a_person_sends_goes_to_the_channels_once() {
    let provider = Provider::start();
    let workspace = told(&provider);
    let sent = workspace.run(["digest", "--since", "7d", "--send", "--json"]).succeeds().json();
    assert_eq!(sent["data"]["sent"]["outcome"], "stored");
    workspace.run(["notify", "send"]).succeeds();
    workspace.run(["notify", "send"]).succeeds();
    let came = digests(&provider);
    assert_eq!(came.len(), 1);
    assert_eq!(
        (&came[0]["id"], &came[0]["data"]["since"]),
        (&sent["data"]["sent"]["event"], &sent["data"]["since"])
    );
    assert!(came[0]["text"]["title"].as_str().unwrap().starts_with("Digest: "), "{}", came[0]);
}

#[test]
fn a_hub_sends_them_at_their_time_each_going_on_where_the_last_one_ended() {
    let provider = Provider::start();
    let workspace = told(&provider);
    // A sixth field is for seconds.
    let add = ["schedule", "add", "often", "--act", "digest", "--cron", "*/2 * * * * *"];
    workspace.run(add).succeeds();
    let hub = Hub::start(&workspace, &["--url", "https://hub.example.org/"]);
    let begun = Instant::now();
    let mut came: Vec<Value> = Vec::new();
    while came.len() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(120), "{came:?}");
        std::thread::sleep(Duration::from_millis(100));
        came.extend(digests(&provider));
    }
    assert_eq!(came[0]["data"]["until"], came[1]["data"]["since"]);
    assert_eq!(
        (&came[0]["data"]["schedule"], &came[0]["data"]["hub"]),
        (&"often".into(), &"https://hub.example.org".into())
    );
    let (code, _, log) = hub.end("-TERM");
    assert!(code == Some(0) && log.contains("scheduled"), "{log}");
}
