//! What the hub does in its workspace for who may: the same as the command line does.

use lockstep_testkit::{
    http::{Answer, Request},
    hub::Hub,
    postgres::cluster,
    workspace::Workspace,
};
use serde_json::{Value, json};

struct Asking<'h> {
    hub: &'h Hub,
    token: String,
}

impl Asking<'_> {
    fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::new("POST", path).header("authorization", format!("Bearer {}", self.token));
        self.hub.send(&request.json(body))
    }

    fn get(&self, path: &str) -> Value {
        let request = Request::new("GET", path).header("authorization", format!("Bearer {}", self.token));
        self.hub.send(&request).is(200).json()["data"].clone()
    }
}

fn drifted(database: Option<String>) -> Workspace {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    if let Some(url) = database {
        workspace.set("DATABASE_URL", url);
    }
    workspace.adopt();
    workspace.forget_requests_soon();
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    workspace
}

fn token(workspace: &Workspace, user: Option<(&str, &str)>) -> String {
    let mut arguments = vec!["token", "create", "--name", "test", "--json"];
    if let Some((user, role)) = user {
        workspace.run(["user", "invite", user, "--role", role]).succeeds();
        arguments.extend(["--user", user, "--scope", "read,plan,sync"]);
    } else {
        arguments.extend(["--scope", "read,scan,plan,sync,undo,redo"]);
    }
    let made = workspace.run(&arguments).succeeds().json();
    made["data"]["secret"].as_str().unwrap().to_owned()
}

fn wait_for_an_operation(workspace: &Workspace) {
    let is_running = || {
        let past = workspace.run(["history", "--json"]).succeeds().json();
        past["data"].as_array().unwrap().iter().any(|operation| operation["status"] == "running")
    };
    while !is_running() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn a_plan_is_executed_as_it_was_seen_and_taken_back() {
    let postgres = cluster().map(|cluster| cluster.url(&cluster.create_database().unwrap()));
    for database in [None].into_iter().chain(postgres.map(Some)) {
        let workspace = drifted(database);
        let token = token(&workspace, None);
        let before = workspace.tree();
        let hub = Hub::start(&workspace, &[]);
        let asking = Asking { hub: &hub, token };

        let scan = asking.post("/api/v1/scans", &json!({})).is(200).json();
        assert_eq!(scan["schema"], "lockstep.scan/1");
        assert_eq!(scan["data"]["components"], 15);

        let request = json!({ "components": ["Badge", "Button"], "direction": "bidirectional" });
        let plan = asking.post("/api/v1/plans", &request).is(200).json();
        assert_eq!(plan["schema"], "lockstep.plan/1");
        assert_eq!(workspace.changes_since(&before), [], "a plan changes nothing");
        let planned: Vec<_> = plan["data"]["components"].as_array().unwrap().iter().collect();
        assert_eq!(planned.iter().map(|one| &one["name"]).collect::<Vec<_>>(), ["Badge", "Button"]);

        let sync = json!({ "plan": plan["data"]["saved"] });
        let done = asking.post("/api/v1/syncs", &sync).is(200).json();
        assert_eq!(done["data"]["status"], "completed", "{done:#}");
        let after = workspace.tree();
        let id = done["data"]["id"].as_str().unwrap();

        let stale = asking.post("/api/v1/syncs", &sync).is(409).json();
        assert_eq!(stale["code"], "stale-plan", "{stale:#}");
        assert_eq!(workspace.changes_since(&after), []);

        let undo = format!("/api/v1/operations/{id}/undo");
        let undone = asking.post(&undo, &json!({ "components": ["Badge"] })).is(200).json();
        assert_eq!(undone["schema"], "lockstep.undo/1");
        asking.post(&undo, &json!({})).is(200);
        assert_eq!(workspace.changes_since(&before), []);
        let again = asking.post(&undo, &json!({})).is(409).json();
        assert_eq!(again["code"], "nothing-to-undo", "{again:#}");
        asking.post(&format!("/api/v1/operations/{id}/redo"), &json!({})).is(200);
        assert_eq!(workspace.changes_since(&after), []);

        let log = asking.get("/api/v1/audit?limit=20");
        let acts: Vec<_> =
            log.as_array().unwrap().iter().map(|act| act["action"].as_str().unwrap()).collect();
        for act in ["sync", "undo", "redo"] {
            assert!(acts.contains(&act), "{acts:?}");
        }
    }
}

#[test]
fn who_may_not_undo_may_still_sync() {
    let workspace = drifted(None);
    let developer = token(&workspace, Some(("grace", "developer")));
    let hub = Hub::start(&workspace, &[]);
    let asking = Asking { hub: &hub, token: developer };
    let plan = asking.post("/api/v1/plans", &json!({ "components": ["Badge"] })).is(200).json();
    let done = asking.post("/api/v1/syncs", &json!({ "plan": plan["data"]["saved"] })).is(200).json();
    let (before, id) = (workspace.tree(), done["data"]["id"].as_str().unwrap());
    let past = workspace.run(["history", id, "--json"]).succeeds().json();
    assert_eq!(past["data"]["initiated_by"], "grace", "who asked is who did it");
    let undo = format!("/api/v1/operations/{id}/undo");
    let refused = asking.post(&undo, &json!({})).is(403).json();
    assert_eq!(refused["code"], "forbidden");
    assert_eq!(workspace.changes_since(&before), []);
}

#[test]
fn what_is_asked_for_wrongly_is_said() {
    let workspace = drifted(None);
    let admin = token(&workspace, None);
    let hub = Hub::start(&workspace, &[]);
    let asking = Asking { hub: &hub, token: admin };
    for (path, body, status, code) in [
        ("/api/v1/plans", json!({ "component": ["Badge"] }), 422, "bad-request"),
        ("/api/v1/plans", json!({ "components": ["Bagde"] }), 404, "not-found"),
        ("/api/v1/plans", json!({ "exclude": [{ "component": null, "path": "nowhere" }] }), 404, "not-found"),
        ("/api/v1/syncs", json!({ "plan": {} }), 422, "bad-request"),
        ("/api/v1/operations/none/undo", json!({}), 404, "not-found"),
        ("/api/v1/scans", json!({ "fresh": true }), 422, "bad-request"),
    ] {
        let problem = asking.post(path, &body).is(status).json();
        assert_eq!(problem["code"], code, "{path} {body}: {problem:#}");
        assert!(problem["next_step"].as_str().is_some_and(|step| !step.is_empty()), "{problem:#}");
    }
}

#[test]
fn a_hub_that_ends_finishes_what_it_began() {
    let workspace = drifted(None);
    let admin = token(&workspace, None);
    let before = workspace.tree();
    let gate = workspace.path(".lockstep/gate");
    let mut command = workspace.command();
    command.env("LOCKSTEP_FAILPOINTS", "operation.begun=wait").env("LOCKSTEP_FAILPOINT_GATE", &gate);
    let mut hub = Hub::of(command, &[]);
    let asking = Asking { hub: &hub, token: admin };
    let plan = asking.post("/api/v1/plans", &json!({ "components": ["Badge"] })).is(200).json();
    std::thread::scope(|scope| {
        let (asking, sync) = (&asking, json!({ "plan": plan["data"]["saved"] }));
        let asked = scope.spawn(move || asking.post("/api/v1/syncs", &sync));
        wait_for_an_operation(&workspace);
        asking.hub.signal("-TERM");
        std::thread::sleep(std::time::Duration::from_millis(300));
        std::fs::write(&gate, "").unwrap();
        let done = asked.join().unwrap().is(200).json();
        assert!(["completed", "failed"].contains(&done["data"]["status"].as_str().unwrap()), "{done:#}");
    });
    let (code, _, log) = hub.wait();
    assert_eq!(code, Some(0), "{log}");
    let past = workspace.run(["history", "--json"]).succeeds().json();
    let status = past["data"][0]["status"].as_str().unwrap();
    assert!(["completed", "failed"].contains(&status), "{past:#}");
    assert_eq!(workspace.changes_since(&before).is_empty(), status == "failed");
}

#[test]
fn a_request_with_a_key_is_done_once_however_often_it_comes() {
    let postgres = cluster().map(|cluster| cluster.url(&cluster.create_database().unwrap()));
    for database in [None].into_iter().chain(postgres.map(Some)) {
        let workspace = drifted(database);
        let before = workspace.tree();
        let token = token(&workspace, None);
        let hub = Hub::start(&workspace, &[]);
        let keyed = |path: &str, key: &str, body: &Value| {
            let request = Request::new("POST", path).header("authorization", format!("Bearer {token}"));
            hub.send(&request.header("idempotency-key", format!("\"{key}\"")).json(body))
        };
        let plan = json!({ "components": ["Badge"], "direction": "bidirectional" });
        let plan = keyed("/api/v1/plans", "plan", &plan).is(200).json();
        let sync = json!({ "plan": plan["data"]["saved"] });
        let done = keyed("/api/v1/syncs", "sync", &sync).is(200);
        assert_eq!(done.header("idempotency-replayed"), None);
        let after = workspace.tree();
        // Without its key it is a stale plan by now.
        let again = keyed("/api/v1/syncs", "sync", &sync).is(200);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.header("content-type"), Some("application/json"));
        assert_eq!(again.body, done.body);
        assert_eq!(workspace.changes_since(&after), []);

        let id = done.json()["data"]["id"].as_str().unwrap().to_owned();
        let (undo, redo) = (format!("/api/v1/operations/{id}/undo"), format!("/api/v1/operations/{id}/redo"));
        let undone = keyed(&undo, "undo", &json!({})).is(200);
        assert_eq!(keyed(&undo, "undo", &json!({})).is(200).body, undone.body);
        assert_eq!(workspace.changes_since(&before), []);
        let other = keyed(&redo, "undo", &json!({})).is(422).json();
        assert_eq!(other["code"], "idempotency-key-reused", "{other:#}");

        // A refusal changed nothing, and the same may be right later.
        let refused = keyed(&undo, "again", &json!({})).is(409).json();
        assert_eq!(refused["code"], "nothing-to-undo", "{refused:#}");
        keyed(&redo, "redo", &json!({})).is(200);
        keyed(&undo, "again", &json!({})).is(200);
        assert_eq!(workspace.changes_since(&before), []);

        let long = "k".repeat(256);
        let bad = keyed(&redo, &long, &json!({})).is(400).json();
        assert_eq!(bad["code"], "bad-idempotency-key", "{bad:#}");
        let secret = json!({ "name": "other", "scopes": ["read"] });
        let secret = keyed("/api/v1/tokens", "token", &secret).is(400).json();
        assert_eq!(secret["code"], "idempotency-key-refused", "{secret:#}");
    }
}

#[test]
fn the_same_request_many_times_at_once_is_done_once() {
    let workspace = drifted(None);
    let token = token(&workspace, None);
    let gate = workspace.path(".lockstep/gate");
    let mut command = workspace.command();
    command.env("LOCKSTEP_FAILPOINTS", "operation.begun=wait").env("LOCKSTEP_FAILPOINT_GATE", &gate);
    let hub = Hub::of(command, &[]);
    let asking = Asking { hub: &hub, token: token.clone() };
    let plan = asking.post("/api/v1/plans", &json!({ "components": ["Badge"] })).is(200).json();
    let sync = Request::new("POST", "/api/v1/syncs")
        .header("authorization", format!("Bearer {token}"))
        .header("idempotency-key", "once")
        .json(&json!({ "plan": plan["data"]["saved"] }));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| hub.send(&sync));
        wait_for_an_operation(&workspace);
        for _ in 0..4 {
            let busy = hub.send(&sync).is(409);
            assert_eq!(busy.json()["code"], "idempotency-key-in-use", "{busy:?}");
            assert_eq!(busy.header("retry-after"), Some("1"));
        }
        std::fs::write(&gate, "").unwrap();
        let done = first.join().unwrap().is(200);
        assert_eq!(done.json()["data"]["outcome"], "executed", "{done:?}");
        assert_eq!(hub.send(&sync).is(200).body, done.body);
    });
    let past = asking.get("/api/v1/operations");
    assert_eq!(past.as_array().unwrap().len(), 1, "{past:#}");
}
