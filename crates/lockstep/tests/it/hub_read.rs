//! What the hub tells of the registry: the same as the command line does, to who may read it.

use lockstep_testkit::{
    http::{Answer, Request},
    hub::Hub,
    postgres::cluster,
    workspace::Workspace,
};
use serde_json::Value;

/// A workspace with drift and a sync in its past, and a token that reads.
fn synced(database: Option<String>) -> (Workspace, String) {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    if let Some(url) = database {
        workspace.set("DATABASE_URL", url);
    }
    workspace.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    workspace.run(["sync", "--yes", "Badge"]).succeeds();
    workspace.run(["sync", "--yes", "Avatar"]).succeeds();
    workspace.run(["undo"]).succeeds();
    workspace.run(["scan"]).succeeds();
    let made = workspace.run(["token", "create", "--name", "reader", "--json"]).succeeds().json();
    (workspace, made["data"]["secret"].as_str().unwrap().to_owned())
}

fn reads(hub: &Hub, token: &str, path: &str) -> Answer {
    hub.send(&Request::new("GET", path).header("authorization", format!("Bearer {token}")))
}

fn data(hub: &Hub, token: &str, path: &str) -> Value {
    reads(hub, token, path).is(200).json()["data"].clone()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

/// Without what no scan records, and in one order.
fn comparable(mut value: Value) -> Value {
    if let Some(report) = value.as_object_mut() {
        report.remove("diagnostics");
        if let Some(Value::Array(designs)) = report.get_mut("unmapped_designs") {
            designs.sort_by_key(ToString::to_string);
        }
    }
    value
}

#[test]
fn it_tells_what_the_command_line_tells_from_the_registry_alone() {
    let postgres = cluster().map(|cluster| cluster.url(&cluster.create_database().unwrap()));
    for database in [None].into_iter().chain(postgres.map(Some)) {
        let (workspace, token) = synced(database);
        let told = |arguments: &[&str]| {
            workspace.run(arguments.iter().chain(&["--json"])).succeeds().json()["data"].clone()
        };
        let hub = Hub::start(&workspace, &[]);
        let said = told(&["drift"]);
        assert!(said["totals"]["changes"].as_u64().unwrap() > 3, "{said}");
        assert_eq!(comparable(data(&hub, &token, "/api/v1/drift")), comparable(said));
        assert_eq!(data(&hub, &token, "/api/v1/components"), told(&["status"]));
        assert_eq!(data(&hub, &token, "/api/v1/mappings"), told(&["map"]));
        assert_eq!(data(&hub, &token, "/api/v1/operations"), told(&["history"]));
        let id = told(&["history"])[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(data(&hub, &token, &format!("/api/v1/operations/{id}")), told(&["history", &id]));
        for component in told(&["status"]).as_array().unwrap() {
            let name = component["name"].as_str().unwrap();
            let detail = data(&hub, &token, &format!("/api/v1/components/{name}"));
            assert_eq!(detail, told(&["components", name]));
            let drift = data(&hub, &token, &format!("/api/v1/drift?component={name}"));
            assert_eq!(comparable(drift), comparable(told(&["drift", name])), "{name}");
        }
        let missing = reads(&hub, &token, "/api/v1/components/Buton").is(404).json();
        assert_eq!(missing["next_step"], "did you mean `Button`?");
    }
}

#[test]
fn drift_is_filtered_and_counted_anew() {
    let (workspace, token) = synced(None);
    let hub = Hub::start(&workspace, &[]);
    let drift = |query: &str| data(&hub, &token, &format!("/api/v1/drift?{query}"));
    let all = drift("");
    let changes = |report: &Value| -> Vec<Value> {
        let components = report["components"].as_array().unwrap().iter();
        components.flat_map(|component| component["changes"].as_array().unwrap().clone()).collect()
    };
    for (query, field, value) in [
        ("severity=high", "severity", "high"),
        ("severity=low", "severity", "low"),
        ("side=code_ahead", "moved", "code_ahead"),
        ("side=conflict", "moved", "conflict"),
    ] {
        let some = drift(query);
        let expected: Vec<Value> =
            changes(&all).into_iter().filter(|change| change[field] == value).collect();
        assert_eq!(changes(&some), expected, "{query}");
        assert_eq!(some["totals"]["changes"], expected.len(), "{query}");
        for unlinked in ["unmapped", "unmapped_designs"] {
            assert_eq!(some[unlinked], all[unlinked], "{query}");
        }
    }
    assert_eq!(names(&drift("component=Card*&side=code_ahead")["components"]).len(), 1);
    assert_eq!(changes(&drift("min_age_days=1")), Vec::<Value>::new());
    assert_eq!(changes(&drift("min_age_days=0")).len(), changes(&all).len());
    for bad in ["severity=huge", "side=left", "min_age_days=-1", "colour=red"] {
        assert_eq!(
            reads(&hub, &token, &format!("/api/v1/drift?{bad}")).is(400).json()["code"],
            "bad-request"
        );
    }
    reads(&hub, &token, "/api/v1/drift?component=Nonsense").is(404);
}

#[test]
fn long_lists_come_in_pages_and_what_did_not_change_is_not_sent_again() {
    let (workspace, token) = synced(None);
    let hub = Hub::start(&workspace, &[]);
    let all = data(&hub, &token, "/api/v1/components");
    let (mut seen, mut path) = (Vec::new(), "/api/v1/components?limit=5".to_owned());
    loop {
        let page = reads(&hub, &token, &path).is(200).json();
        seen.extend(page["data"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/components?limit=5&after={next}");
    }
    assert_eq!(Value::from(seen), all);
    let first = reads(&hub, &token, "/api/v1/operations?limit=1").is(200).json();
    let second = data(&hub, &token, &format!("/api/v1/operations?after={}", first["next"].as_str().unwrap()));
    assert_eq!(second.as_array().unwrap().len(), 1);

    let answer = reads(&hub, &token, "/api/v1/drift").is(200);
    let tag = answer.header("etag").unwrap();
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    let again = || {
        let request = Request::new("GET", "/api/v1/drift").header("authorization", format!("Bearer {token}"));
        hub.send(&request.header("if-none-match", tag))
    };
    assert_eq!(again().is(304).body, "");
    workspace.run(["sync", "--yes", "TextField", "--direction", "code-to-design"]).succeeds();
    again().is(200);
}
