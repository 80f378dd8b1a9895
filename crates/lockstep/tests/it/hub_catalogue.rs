//! What is listed over the hub's API beside components, what it tidies up, exports and shows.

use lockstep_testkit::{
    http::{Answer, Request},
    hub::Hub,
    postgres::cluster,
    workspace::Workspace,
};
use serde_json::{Value, json};

fn token(workspace: &Workspace, scopes: &str) -> String {
    let made = workspace.run(["token", "create", "--name", scopes, "--scope", scopes, "--json"]).succeeds();
    format!("Bearer {}", made.json()["data"]["secret"].as_str().unwrap())
}

struct Asking<'h> {
    hub: &'h Hub,
    token: String,
}

impl Asking<'_> {
    fn get(&self, path: &str) -> Answer {
        self.hub.send(&Request::new("GET", path).header("authorization", &self.token))
    }

    fn data(&self, path: &str) -> Value {
        self.get(path).is(200).json()["data"].clone()
    }

    /// All pages of a list.
    fn all(&self, path: &str) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}?limit=3{after}")).is(200).json();
            all.extend(page["data"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return all,
            }
        }
    }
}

fn on_each(test: impl Fn(Workspace)) {
    let scanned = |database: Option<String>| {
        let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
        if let Some(url) = database {
            workspace.set("DATABASE_URL", url);
        }
        workspace.adopt();
        workspace.run(["scan"]).succeeds();
        workspace
    };
    test(scanned(None));
    if let Some(cluster) = cluster() {
        test(scanned(Some(cluster.url(&cluster.create_database().unwrap()))));
    }
}

#[test]
fn stories_and_design_components_are_listed_page_by_page() {
    on_each(|workspace| {
        let hub = Hub::start(&workspace, &["--workers", "0"]);
        let asking = Asking { hub: &hub, token: token(&workspace, "read") };
        let stories = asking.all("/api/v1/stories");
        let ids: Vec<&str> = stories.iter().map(|story| story["id"].as_str().unwrap()).collect();
        assert!(ids.len() > 10, "{ids:?}");
        let distinct: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert_eq!(asking.data(&format!("/api/v1/stories/{}", ids[0])), stories[0]);
        let of_button = asking.data("/api/v1/stories?component=Button");
        let of_button = of_button.as_array().unwrap();
        assert!(!of_button.is_empty() && of_button.iter().all(|story| story["component"] == "Button"));

        let designs = asking.all("/api/v1/designs");
        let whole = asking.data("/api/v1/designs?limit=1000");
        assert_eq!(Value::from(designs.clone()), whole);
        let button = designs.iter().find(|design| design["component"] == "Button").unwrap();
        let told = asking.data(&format!("/api/v1/designs/{}", button["id"].as_str().unwrap()));
        assert_eq!((&told["name"], told["detail"].is_object()), (&button["name"], true), "{told}");
        assert!(button.get("detail").is_none());
        let nobody = "00000000-0000-4000-8000-000000000000";
        for path in [
            format!("/api/v1/designs/{nobody}"),
            format!("/api/v1/designs?after={nobody}"),
            "/api/v1/stories/none".to_owned(),
        ] {
            assert_eq!(asking.get(&path).is(404).json()["code"], "not-found", "{path}");
        }
    });
}

#[test]
fn the_audit_log_is_exported_and_the_registry_tidied_up() {
    on_each(|workspace| {
        let hub = Hub::start(&workspace, &["--workers", "0"]);
        let (reader, keeper) = (token(&workspace, "read"), token(&workspace, "schedule"));
        let maintain = |token: &str| {
            let request = Request::new("POST", "/api/v1/maintenance").header("authorization", token);
            hub.send(&request.header("idempotency-key", format!("{}", token.len())))
        };
        assert_eq!(maintain(&reader).status, 403);
        assert_eq!(maintain(&keeper).is(200).json()["data"]["snapshots"], 0);
        let asking = Asking { hub: &hub, token: reader };
        let export = asking.get("/api/v1/audit/export").is(200);
        assert_eq!(export.header("content-type"), Some("application/x-ndjson"));
        let lines: Vec<Value> = export.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let numbers: Vec<i64> = lines.iter().map(|line| line["data"]["seq"].as_i64().unwrap()).collect();
        assert!(numbers.iter().rev().copied().eq(1..=numbers.len() as i64), "{numbers:?}");
        assert!(lines.iter().any(|line| line["data"]["action"] == "maintain"));
        let said = workspace.run(["audit", "export", "--json"]).succeeds();
        let newest = said.stdout.lines().find(|line| line.contains(&format!("\"seq\":{},", numbers[0])));
        assert_eq!(
            serde_json::from_str::<Value>(newest.unwrap()).unwrap(),
            lines[0],
            "as the command prints it"
        );
    });
}

#[test]
fn pictures_are_shown_and_approved_where_there_are_some() {
    on_each(|workspace| {
        let hub = Hub::start(&workspace, &["--workers", "0"]);
        let asking = Asking { hub: &hub, token: token(&workspace, "read,start_session") };
        let nobody = "/api/v1/sessions/00000000-0000-4000-8000-000000000000/picture";
        assert_eq!(asking.get(nobody).status, 404);
        assert_eq!(asking.get(&format!("{nobody}?kind=trace")).status, 400);
        let request =
            Request::new("POST", "/api/v1/sessions/approvals").header("authorization", &asking.token);
        let refused = hub.send(&request.json(&json!({})));
        assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("no-picture")));
    });
}
