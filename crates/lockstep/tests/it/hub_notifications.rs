//! Channels, mutes, what was sent and digests, over the hub's API.

use std::time::{Duration, Instant};

use lockstep_testkit::{
    http::{Answer, Request},
    hub::Hub,
    provider::{Provider, Reply},
    workspace::Workspace,
};
use serde_json::{Value, json};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const AT: &str = "/api/v1/notifications";

struct Asking<'h> {
    hub: &'h Hub,
    token: String,
}

impl Asking<'_> {
    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = Request::new(method, path).header("authorization", format!("Bearer {}", self.token));
        let answer = self.hub.send(&match body {
            Some(body) => request.json(&body),
            None => request,
        });
        assert!(!format!("{answer:?}").contains(KEY), "a secret came back: {answer:?}");
        answer
    }

    fn get(&self, path: &str) -> Value {
        self.ask("GET", path, None).is(200).json()["data"].clone()
    }

    /// The newest events that stand so, as soon as there is one.
    fn events(&self, state: &str) -> Value {
        let begun = Instant::now();
        loop {
            let found = self.get(&format!("{AT}/events?state={state}&limit=5"));
            if found.as_array().is_some_and(|all| !all.is_empty()) {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "none is {state}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

#[test]
fn a_team_says_over_the_api_who_is_told_what() {
    let provider = Provider::start();
    provider.answer("/hook", Reply::new(200, ""));
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.run_with(["credential", "add", "hook", "--vendor", "webhook"], KEY).succeeds();
    let scopes = "read,scan,notification_settings";
    let made =
        workspace.run(["token", "create", "--name", "test", "--json", "--scope", scopes]).succeeds().json();
    let hub = Hub::start(&workspace, &["--url", "https://hub.example.org"]);
    let asking = Asking { hub: &hub, token: made["data"]["secret"].as_str().unwrap().to_owned() };

    let channel = json!({
        "name": "team", "kind": "webhook", "credential": "hook",
        "settings": { "url": format!("{}/hook", provider.address()) },
        "rules": { "gather_seconds": 0, "coverage_below": 80 },
    });
    let made = asking.ask("POST", &format!("{AT}/channels"), Some(channel.clone())).is(201).json();
    assert_eq!(made["data"][0]["rules"]["coverage_below"], 80.0);
    assert_eq!(asking.ask("POST", &format!("{AT}/channels"), Some(channel)).status, 409);
    let unknown =
        asking.ask("PATCH", &format!("{AT}/channels/team"), Some(json!({ "rules": { "quite": {} } })));
    assert!(unknown.json()["detail"].as_str().unwrap().contains("unknown field `quite`"), "{unknown:?}");
    let quiet = json!({ "from": "22:00", "to": "07:00", "zone": "Mars/Olympus" });
    let nowhere =
        asking.ask("PATCH", &format!("{AT}/channels/team"), Some(json!({ "rules": { "quiet": quiet } })));
    assert!(nowhere.json()["detail"].as_str().unwrap().contains("is no time zone"), "{nowhere:?}");
    let change = json!({ "categories": ["drift_detected", "digest"], "rules": { "gather_seconds": 0 } });
    asking.ask("PATCH", &format!("{AT}/channels/team"), Some(change)).is(200);
    let shown = asking.get(&format!("{AT}/channels/team"));
    assert_eq!(shown[0]["rules"], json!({ "gather_seconds": 0 }));
    assert_eq!(asking.get(&format!("{AT}/channels")).as_array().unwrap().len(), 1);
    assert_eq!(asking.get(&format!("{AT}/preferences")), json!([]), "it is nobody's own");

    asking.ask("POST", &format!("{AT}/channels/team/test"), Some(json!({ "event_type": "digest" }))).is(200);
    assert_eq!(provider.came().len(), 1);
    let preview = asking.get(&format!("{AT}/preview/digest"));
    assert!(preview["html"].as_str().unwrap().contains("<h3>"), "{preview}");

    let mute = json!({ "component": "Badge", "until": "2099-01-01T00:00:00Z", "reason": "redrawn" });
    let held = asking.ask("POST", &format!("{AT}/mutes"), Some(mute)).is(201).json();
    let id = held["data"][0]["id"].as_str().unwrap().to_owned();
    provider.answer_once("/hook", Reply::new(404, ""));
    workspace.drift();
    asking.ask("POST", "/api/v1/scans", Some(json!({}))).is(200);
    let failed = asking.events("failed");
    let event = failed[0]["id"].as_str().unwrap();
    let deliveries = asking.get(&format!("{AT}/deliveries?state=failed"));
    assert_eq!(
        (&deliveries[0]["event"], &deliveries[0]["reason"]),
        (&json!(event), &json!("it answers 404"))
    );
    let came = provider.came();
    let told: Value = serde_json::from_str(&came[0].body).unwrap();
    assert!(told["data"]["each"].get("Badge").is_none() && told["data"]["muted"] == 1, "{told}");
    asking.ask("POST", &format!("{AT}/events/{event}/retry"), None).is(201);
    let begun = Instant::now();
    while provider.came().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(120), "it was never sent again");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(asking.ask("DELETE", &format!("{AT}/mutes/{id}"), None).is(200).json()["data"], json!([]));

    let digest = asking.get("/api/v1/digest");
    assert!(digest["drift"]["opened"]["changes"].as_u64().unwrap() > 3, "{digest}");
    let sections = digest["message"]["sections"].as_array().unwrap();
    assert!(
        sections.iter().any(|section| section["url"] == "https://hub.example.org/api/v1/drift"),
        "{digest}"
    );
    let sent = asking.ask("POST", "/api/v1/digest", Some(json!({ "zone": "Europe/Berlin" }))).is(201);
    assert_eq!(sent.json()["data"]["sent"]["outcome"], "stored");
    asking.ask("DELETE", &format!("{AT}/channels/team"), None).is(200);
    assert_eq!(asking.get(&format!("{AT}/channels")), json!([]));
}
