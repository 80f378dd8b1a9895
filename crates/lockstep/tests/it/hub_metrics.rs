//! What a Prometheus scrapes, after work was done through the hub.

use lockstep_testkit::{http::Request, hub::Hub, postgres::cluster, workspace::Workspace};
use serde_json::{Value, json};

fn token(workspace: &Workspace, scopes: &str) -> String {
    let made = workspace.run(["token", "create", "--name", scopes, "--scope", scopes, "--json"]).succeeds();
    format!("Bearer {}", made.json()["data"]["secret"].as_str().unwrap())
}

/// The value of a series, written as it is in the answer.
#[track_caller]
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series}\n{text}")).parse().unwrap()
}

fn holds(database: Option<String>) {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    if let Some(url) = database {
        workspace.set("DATABASE_URL", url);
    }
    workspace.adopt();
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    let (reader, writer) = (token(&workspace, "read"), token(&workspace, "plan,sync,undo,scan"));
    let hub = Hub::start(&workspace, &["--workers", "0"]);
    let post = |path: &str, body: &Value| {
        hub.send(&Request::new("POST", path).header("authorization", &writer).json(body))
    };
    let scrape = || {
        let answer = hub.send(&Request::new("GET", "/metrics").header("authorization", &reader)).is(200);
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        answer.body
    };
    // Not for everybody: names of credentials and how much is amiss stand there.
    assert_eq!(hub.get("/metrics").status, 401);
    let refused = hub.send(&Request::new("GET", "/metrics").header("authorization", &writer));
    assert_eq!((refused.status, refused.json()["code"].as_str()), (403, Some("forbidden")));

    post("/api/v1/scans", &json!({})).is(200);
    let before = scrape();
    let drifting = value(&before, r#"lockstep_components{mapping_status="drift"}"#);
    let ahead = |text: &str| -> f64 {
        ["low", "medium", "high"]
            .iter()
            .map(|severity| {
                value(text, &format!(r#"lockstep_drift_changes{{side="code_ahead",severity="{severity}"}}"#))
            })
            .sum()
    };
    assert!(drifting > 1.0 && ahead(&before) > 0.0, "{before}");
    assert_eq!(value(&before, "lockstep_sync_components_count"), 0.0);

    let request = json!({ "components": ["Badge"], "direction": "bidirectional" });
    let plan = post("/api/v1/plans", &request).is(200).json()["data"]["saved"].clone();
    let operation = post("/api/v1/syncs", &json!({ "plan": plan })).is(200).json()["data"]["id"].clone();
    let synced = scrape();
    assert_eq!(value(&synced, r#"lockstep_sync_duration_seconds_count{status="completed"}"#), 1.0);
    assert_eq!(value(&synced, "lockstep_sync_components_sum"), 1.0);
    assert_eq!(value(&synced, r#"lockstep_components{mapping_status="drift"}"#), drifting - 1.0);
    let undo = format!("/api/v1/operations/{}/undo", operation.as_str().unwrap());
    post(&undo, &json!({})).is(200);
    assert_eq!(post(&undo, &json!({})).status, 409);
    post("/api/v1/scans", &json!({ "queue": true })).is(200);
    let undone = scrape();
    assert_eq!(value(&undone, r#"lockstep_undos_total{action="undo",outcome="done"}"#), 1.0);
    assert_eq!(value(&undone, r#"lockstep_drift_queue_depth{state="running"}"#), 0.0);
    let route = r#"method="POST",route="/api/v1/operations/{id}/undo""#;
    for status in ["200", "409"] {
        let series = format!(r#"lockstep_http_requests_total{{{route},status="{status}"}}"#);
        assert_eq!(value(&undone, &series), 1.0);
    }
    assert_eq!(value(&undone, &format!("lockstep_http_request_duration_seconds_count{{{route}}}")), 2.0);
    assert!(!undone.contains(operation.as_str().unwrap()), "routes, not paths");

    // What stands in the registry is the same at another process of it; what was observed is each process's own.
    let other = Hub::start(&workspace, &["--workers", "0"]);
    let there = other.send(&Request::new("GET", "/metrics").header("authorization", &reader)).is(200).body;
    assert_eq!(value(&there, r#"lockstep_undos_total{action="undo",outcome="done"}"#), 1.0);
    assert_eq!(value(&there, "lockstep_sync_components_count"), 0.0);
}

#[test]
fn what_is_scraped_is_what_was_done_and_how_things_stand() {
    holds(None);
    if let Some(cluster) = cluster() {
        let database = cluster.create_database().unwrap();
        holds(Some(cluster.url(&database)));
    }
}
