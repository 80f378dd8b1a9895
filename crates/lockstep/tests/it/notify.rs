//! `lockstep notify`, and a hub that sends by itself, to a receiver that answers over HTTP.

use std::time::{Duration, Instant};

use lockstep_testkit::{
    hub::Hub,
    provider::{Came, Provider, Reply},
    workspace::Workspace,
};
use serde_json::Value;

/// A library that is in step, and a channel to a receiver.
fn told(provider: &Provider) -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    workspace.run_with(["credential", "add", "hook", "--vendor", "webhook"], key).succeeds();
    let url = format!("url={}/hook", provider.address());
    workspace
        .run(["notify", "add", "team", "--kind", "webhook", "--credential", "hook", "--set", &url])
        .succeeds();
    workspace
}

fn types(came: &[Came]) -> Vec<String> {
    let body = |came: &Came| serde_json::from_str::<Value>(&came.body).unwrap();
    came.iter().map(|came| body(came)["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_happens_is_told_once_and_what_fails_is_shown() {
    let provider = Provider::start();
    let workspace = told(&provider);
    provider.answer("/hook", Reply::new(200, ""));
    workspace.run(["notify", "test", "team"]).succeeds();
    assert_eq!(types(&provider.came()), ["drift_detected"]);
    workspace.drift();
    workspace.run(["scan"]).succeeds();
    workspace.run(["sync", "Badge", "--yes", "--direction", "code-to-design"]).succeeds();
    let sent = workspace.run(["notify", "send"]).succeeds();
    assert_eq!(types(&provider.came()), ["drift_detected", "sync_completed"], "{sent:?}");
    assert!(workspace.run(["notify", "send"]).succeeds().stdout.contains("Nothing waits"));

    provider.answer("/hook", Reply::new(410, ""));
    workspace.run(["credential", "revoke", "hook", "--yes"]).succeeds();
    let failed = workspace.run(["notify", "send"]).exits(3);
    assert!(failed.stdout.contains("failed"), "{failed:?}");
    let shown = workspace.run(["notify", "list", "--failed", "--json"]).succeeds().json();
    let event = &shown["data"][0];
    assert!(event["deliveries"][0]["reason"].as_str().unwrap().contains("is revoked"), "{event}");
    let id = event["id"].as_str().unwrap();
    let again = workspace.run(["notify", "retry", id]).exits(3);
    assert!(again.stdout.contains("is revoked"), "{again:?}");
}

#[test]
fn a_hub_sends_by_itself() {
    let provider = Provider::start();
    let workspace = told(&provider);
    provider.answer("/hook", Reply::new(200, ""));
    let hub = Hub::start(&workspace, &[]);
    workspace.drift();
    workspace.run(["scan"]).succeeds();
    let begun = Instant::now();
    let mut came = Vec::new();
    while came.is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(120), "it was never told");
        std::thread::sleep(Duration::from_millis(50));
        came = provider.came();
    }
    assert_eq!(types(&came), ["drift_detected"]);
    let (code, _, log) = hub.end("-TERM");
    assert!(code == Some(0) && log.contains("notification"), "{log}");
}

#[test]
fn a_channel_is_told_what_was_asked_for_and_when() {
    let provider = Provider::start();
    let workspace = told(&provider);
    provider.answer("/hook", Reply::new(200, ""));
    let change = [
        "notify",
        "change",
        "team",
        "--quiet-hours",
        "00:00-23:59",
        "--urgent",
        "sync_completed",
        "--gather",
        "0",
    ];
    let changed = workspace.run(change).succeeds();
    assert!(changed.stdout.contains("quiet 00:00-23:59 UTC but for sync_completed"), "{changed:?}");
    let bad = workspace.run(["notify", "change", "team", "--quiet-hours", "7-8"]).exits(2);
    assert!(bad.stderr.contains("quiet hours are two times of the day"), "{bad:?}");
    workspace.run(["notify", "mute", "Badge", "--for", "7d", "--reason", "redrawn"]).succeeds();
    workspace.drift();
    workspace.run(["scan"]).succeeds();
    workspace.run(["sync", "Button", "--yes", "--direction", "code-to-design"]).succeeds();
    workspace.run(["notify", "send"]).succeeds();
    let came = provider.came();
    // For one minute of a day these hours are no quiet ones.
    assert!(types(&came).contains(&"sync_completed".to_owned()), "{:?}", types(&came));
    if types(&came).len() == 1 {
        let waits = workspace.run(["notify", "send"]).succeeds().stdout;
        assert!(waits.contains("1 event waits for quiet hours to end; the next goes in"), "{waits}");
        assert!(waits.contains(" 23:59 UTC"), "{waits}");
    }
    workspace.run(["notify", "change", "team", "--no", "quiet"]).succeeds();
    assert!(workspace.run(["notify", "mutes"]).succeeds().stdout.contains("redrawn"));
    let waits = workspace.run(["notify", "deliveries", "--state", "sent", "--json"]).succeeds().json();
    assert!(!waits["data"].as_array().unwrap().is_empty());
    workspace.run(["notify", "unmute", "Badge"]).succeeds();
    assert!(workspace.run(["notify", "unmute", "Badge"]).exits(2).stderr.contains("nothing is muted"));
    workspace.run(["notify", "remove", "team"]).succeeds();
    assert!(workspace.run(["notify", "channels"]).succeeds().stdout.contains("No channels yet"));
    workspace.run(["notify", "send"]).succeeds();
    assert!(provider.came().is_empty());
}
