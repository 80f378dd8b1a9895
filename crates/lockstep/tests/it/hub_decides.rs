//! Decisions and schedules over the hub's API: lines of the workspace's `lockstep.toml`, as the command line writes them.

use lockstep_testkit::{
    http::{Answer, Request},
    hub::Hub,
    workspace::Workspace,
};
use serde_json::{Value, json};

struct Asking<'h>(&'h Hub, String);

impl Asking<'_> {
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::new(method, path).header("authorization", format!("Bearer {}", self.1));
        self.0.send(&match body {
            Some(body) => request.json(body),
            None => request,
        })
    }

    fn drift_of(&self, component: &str) -> Vec<String> {
        let report = self.ask("GET", &format!("/api/v1/drift?component={component}"), None).is(200).json();
        let changes = report["data"]["components"][0]["changes"].as_array().cloned().unwrap_or_default();
        changes.iter().map(|change| change["path"].as_str().unwrap().to_owned()).collect()
    }

    fn scan(&self) {
        self.ask("POST", "/api/v1/scans", Some(&json!({}))).is(200);
    }
}

fn hub_of(workspace: &Workspace) -> (Hub, String) {
    let scopes = "read,scan,map,accept_suggestion,schedule";
    let made = workspace.run(["token", "create", "--name", "test", "--scope", scopes, "--json"]);
    let token = made.succeeds().json()["data"]["secret"].as_str().unwrap().to_owned();
    (Hub::start(workspace, &["--workers", "0"]), token)
}

#[test]
fn what_is_decided_stands_in_the_configuration_and_is_taken_back() {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    let before = workspace.read("lockstep.toml");
    let (hub, token) = hub_of(&workspace);
    let asking = Asking(&hub, token);
    asking.scan();
    let drifted = asking.drift_of("Badge");
    assert!(!drifted.is_empty());

    let accept = json!({ "components": ["Badge"], "reason": "agreed with design" });
    let accepted = asking.ask("POST", "/api/v1/acceptances", Some(&accept)).is(201).json();
    assert_eq!(accepted["data"].as_array().unwrap().len(), drifted.len(), "{accepted:#}");
    let nobody = json!({ "components": [], "reason": "everything" });
    let none = asking.ask("POST", "/api/v1/acceptances", Some(&nobody)).is(201).json();
    assert_eq!(none["data"], json!([]));
    asking.scan();
    assert_eq!(asking.drift_of("Badge"), Vec::<String>::new());
    let gone = asking.ask("DELETE", "/api/v1/acceptances?component=Badge", None).is(200).json();
    assert_eq!(gone["data"], accepted["data"]);
    asking.scan();
    assert_eq!(asking.drift_of("Badge"), drifted);

    let ignore = json!({ "component": "Badge", "path": "properties/*", "reason": "for now" });
    asking.ask("POST", "/api/v1/ignores", Some(&ignore)).is(201);
    asking.scan();
    assert_eq!(asking.drift_of("Badge"), Vec::<String>::new());
    let place = "/api/v1/ignores?component=Badge&path=properties/*";
    assert_eq!(asking.ask("DELETE", place, None).is(200).json()["data"]["removed"], 1);
    assert_eq!(asking.ask("DELETE", place, None).is(409).json()["code"], "no-ignore");
    assert_eq!(workspace.read("lockstep.toml"), before, "nothing is left of it");

    let suggested = asking.ask("GET", "/api/v1/mapping-suggestions?component=Switch", None).is(200).json();
    let best = suggested["data"][0]["suggestions"][0]["design"]["name"].as_str().unwrap();
    assert_eq!(best, "Toggle Switch", "{suggested:#}");
    let wanted = json!({ "components": ["Switch"] });
    let linked = asking.ask("POST", "/api/v1/mapping-suggestions/accept", Some(&wanted)).is(200).json();
    assert_eq!(linked["data"][0]["component"], "Switch", "{linked:#}");
    asking.scan();
    let mapped = asking.ask("GET", "/api/v1/components/Switch", None).is(200).json();
    assert_eq!(mapped["data"]["design"]["name"], "Toggle Switch", "{mapped:#}");
    asking.ask("DELETE", "/api/v1/mappings/Switch", None).is(200);
    assert_eq!(asking.ask("DELETE", "/api/v1/mappings/Switch", None).is(409).json()["code"], "no-mapping");
    let by_hand = json!({ "design": "Toggle Switch", "properties": { "Size": "scale" } });
    asking.ask("PUT", "/api/v1/mappings/Switch", Some(&by_hand)).is(200);
    let config = workspace.read("lockstep.toml");
    assert!(config.contains("Toggle Switch") && config.contains("scale"), "{config}");
    let nobody = asking.ask("PUT", "/api/v1/mappings/Nobody", Some(&by_hand)).is(404).json();
    assert_eq!(nobody["code"], "not-found", "{nobody:#}");
    assert_eq!(workspace.read("lockstep.toml"), config);

    let log = asking.ask("GET", "/api/v1/audit?limit=50", None).is(200).json();
    let acts: Vec<_> =
        log["data"].as_array().unwrap().iter().map(|act| act["action"].as_str().unwrap()).collect();
    for act in ["accept", "accept.remove", "ignore", "ignore.remove", "map.set", "map.unset"] {
        assert!(acts.contains(&act), "{act}: {acts:?}");
    }
}

#[test]
fn schedules_are_kept_and_the_queue_is_told() {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    let (hub, token) = hub_of(&workspace);
    let asking = Asking(&hub, token);
    let new = json!({ "name": "weekdays", "act": "scan", "cron": "0 7 * * 1-5", "zone": "Europe/Berlin" });
    let added = asking.ask("POST", "/api/v1/schedules", Some(&new)).is(201).json();
    assert_eq!(added["data"][0]["zone"], "Europe/Berlin", "{added:#}");
    assert_eq!(asking.ask("POST", "/api/v1/schedules", Some(&new)).is(409).json()["code"], "schedule-exists");
    let bad = json!({ "name": "bad", "act": "scan", "cron": "never" });
    let bad = asking.ask("POST", "/api/v1/schedules", Some(&bad)).is(422).json();
    assert_eq!(bad["code"], "bad-timetable", "{bad:#}");
    let unnamed = json!({ "name": "", "act": "scan", "cron": "0 7 * * *" });
    let unnamed = asking.ask("POST", "/api/v1/schedules", Some(&unnamed)).is(422).json();
    assert_eq!(unnamed["code"], "unfit-name", "{unnamed:#}");
    let list = asking.ask("GET", "/api/v1/schedules", None).is(200).json();
    let names: Vec<_> = list["data"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert!(names.contains(&&json!("weekdays")), "{names:?}");

    let run = asking.ask("POST", "/api/v1/schedules/weekdays/run", None).is(200).json();
    assert_eq!(run["data"][0]["outcome"], "done", "{run:#}");
    let resting = json!({ "enabled": false });
    let rests = asking.ask("PATCH", "/api/v1/schedules/weekdays", Some(&resting)).is(200).json();
    assert_eq!(
        (&rests["data"][0]["enabled"], &rests["data"][0]["next_run_at"]),
        (&json!(false), &json!(null))
    );
    asking.ask("DELETE", "/api/v1/schedules/weekdays", None).is(200);
    let gone = asking.ask("GET", "/api/v1/schedules/weekdays", None).is(404).json();
    assert_eq!(gone["code"], "not-found");

    asking.ask("POST", "/api/v1/scans", Some(&json!({ "queue": true }))).is(200);
    workspace.drift();
    asking.ask("POST", "/api/v1/scans", Some(&json!({ "queue": true }))).is(200);
    let waiting = asking.ask("GET", "/api/v1/queue", None).is(200).json();
    let waiting: Vec<_> = waiting["data"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert!(!waiting.is_empty() && waiting.iter().all(|state| **state == "waiting"), "{waiting:?}");
    let retried = asking.ask("POST", "/api/v1/queue/retry", Some(&json!({}))).is(200).json();
    assert_eq!(retried["data"]["queued"], 0, "nothing has failed");
}
