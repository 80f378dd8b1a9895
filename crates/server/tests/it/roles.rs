//! Every route with every role, and with none. A route that has no row here fails the test.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use lockstep_core::role::{Action, Role, Scopes};
use lockstep_engine::{access::TokenRequest, context::Actor};
use lockstep_server::{
    api::{self, Needs, Repeats},
    connections::Limits,
};
use lockstep_testkit::http::{Answer, Request};
use serde_json::{Value, json};

use crate::running::Running;

/// A route, what is sent to it, and who is let in: `-` nobody in particular, then viewer, developer, maintainer, admin.
struct Row {
    method: &'static str,
    path: &'static str,
    sent: Option<Value>,
    let_in: &'static str,
}

const fn row(method: &'static str, path: &'static str, let_in: &'static str) -> Row {
    Row { method, path, sent: None, let_in }
}

impl Row {
    fn with(mut self, sent: Value) -> Self {
        self.sent = Some(sent);
        self
    }

    /// A request to the route; what stands for a name is one that is not there.
    fn request(&self) -> Request {
        let path =
            self.path.replace("{id}", "00000000-0000-4000-8000-000000000000").replace("{name}", "nobody");
        // It would go on.
        let path = if self.path == "/api/v1/events" { format!("{path}?seconds=1") } else { path };
        let request = Request::new(self.method, &path);
        match &self.sent {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

fn rows() -> Vec<Row> {
    vec![
        row("POST", "/api/v1/session", "-vdma").with(json!({ "name": "nobody", "password": "wrong" })),
        row("GET", "/api/v1/session", "vdma"),
        row("DELETE", "/api/v1/session", "vdma"),
        row("POST", "/api/v1/welcome", "-vdma").with(json!({ "link": "none", "password": "wrong" })),
        row("GET", "/api/v1/users", "vdma"),
        row("POST", "/api/v1/users", "a").with(json!({ "name": "a b", "role": "viewer" })),
        row("PATCH", "/api/v1/users/{name}", "a").with(json!({ "role": "viewer" })),
        row("POST", "/api/v1/users/{name}/link", "a"),
        row("GET", "/api/v1/tokens", "vdma"),
        row("POST", "/api/v1/tokens", "vdma").with(json!({ "name": "x", "scopes": ["read"] })),
        row("DELETE", "/api/v1/tokens/{id}", "vdma"),
        row("GET", "/api/v1/audit", "vdma"),
        row("GET", "/api/v1/audit/check", "vdma"),
        row("GET", "/api/v1/audit/export", "vdma"),
        row("GET", "/api/v1/credential-vendors", "vdma"),
        row("GET", "/api/v1/credentials", "vdma"),
        row("POST", "/api/v1/credentials", "ma")
            .with(json!({ "name": "x", "vendor": "none", "secret": "x" })),
        row("GET", "/api/v1/credentials/{name}", "vdma"),
        row("DELETE", "/api/v1/credentials/{name}", "ma"),
        row("GET", "/api/v1/credentials/{name}/impact", "vdma"),
        row("POST", "/api/v1/credentials/{name}/validate", "ma"),
        row("POST", "/api/v1/credentials/{name}/rotate", "ma").with(json!({ "secret": "x" })),
        row("POST", "/api/v1/credentials/{name}/revoke", "ma"),
        row("GET", "/api/v1/digest", "vdma"),
        row("POST", "/api/v1/digest", "ma").with(json!({})),
        row("GET", "/api/v1/notifications/channels", "vdma"),
        row("POST", "/api/v1/notifications/channels", "ma")
            .with(json!({ "name": "x", "kind": "webhook", "credential": "none" })),
        row("GET", "/api/v1/notifications/channels/{name}", "vdma"),
        row("PATCH", "/api/v1/notifications/channels/{name}", "ma").with(json!({})),
        row("DELETE", "/api/v1/notifications/channels/{name}", "ma"),
        row("POST", "/api/v1/notifications/channels/{name}/test", "ma").with(json!({})),
        row("GET", "/api/v1/notifications/preferences", "vdma"),
        row("PATCH", "/api/v1/notifications/preferences/{name}", "vdma").with(json!({})),
        row("GET", "/api/v1/notifications/mutes", "vdma"),
        row("POST", "/api/v1/notifications/mutes", "ma").with(json!({ "component": "Card" })),
        row("DELETE", "/api/v1/notifications/mutes/{id}", "ma"),
        row("GET", "/api/v1/notifications/events", "vdma"),
        row("POST", "/api/v1/notifications/events/{id}/retry", "ma"),
        row("GET", "/api/v1/notifications/deliveries", "vdma"),
        row("GET", "/api/v1/notifications/preview/{name}", "vdma"),
        row("GET", "/api/v1/components", "vdma"),
        row("GET", "/api/v1/components/{name}", "vdma"),
        row("GET", "/api/v1/components/{name}/coverage", "vdma"),
        row("GET", "/api/v1/coverage", "vdma"),
        row("GET", "/api/v1/sessions", "vdma"),
        row("POST", "/api/v1/sessions", "dma").with(json!({})),
        row("GET", "/api/v1/sessions/rates", "vdma"),
        row("GET", "/api/v1/sessions/{id}", "vdma"),
        row("GET", "/api/v1/sessions/{id}/picture", "vdma"),
        row("POST", "/api/v1/sessions/approvals", "dma").with(json!({})),
        row("GET", "/api/v1/stories", "vdma"),
        row("GET", "/api/v1/stories/{id}", "vdma"),
        row("GET", "/api/v1/designs", "vdma"),
        row("GET", "/api/v1/designs/{id}", "vdma"),
        row("POST", "/api/v1/maintenance", "ma"),
        row("POST", "/api/v1/coverage", "dma").with(json!({})),
        row("GET", "/api/v1/coverage/trend", "vdma"),
        row("GET", "/api/v1/drift", "vdma"),
        row("GET", "/api/v1/mappings", "vdma"),
        row("PUT", "/api/v1/mappings/{name}", "ma").with(json!({ "design": "none" })),
        row("DELETE", "/api/v1/mappings/{name}", "ma"),
        row("GET", "/api/v1/mapping-suggestions", "vdma"),
        row("POST", "/api/v1/mapping-suggestions/accept", "ma").with(json!({})),
        row("POST", "/api/v1/acceptances", "ma").with(json!({ "components": [], "reason": "x" })),
        row("DELETE", "/api/v1/acceptances", "ma"),
        row("POST", "/api/v1/ignores", "ma").with(json!({ "component": "x", "path": "x", "reason": "x" })),
        row("DELETE", "/api/v1/ignores", "ma"),
        row("GET", "/api/v1/queue", "vdma"),
        row("POST", "/api/v1/queue/retry", "dma").with(json!({})),
        row("GET", "/api/v1/schedules", "vdma"),
        row("POST", "/api/v1/schedules", "ma").with(json!({ "name": "x", "act": "scan", "cron": "no" })),
        row("GET", "/api/v1/schedules/{name}", "vdma"),
        row("PATCH", "/api/v1/schedules/{name}", "ma").with(json!({ "enabled": false })),
        row("DELETE", "/api/v1/schedules/{name}", "ma"),
        row("POST", "/api/v1/schedules/{name}/run", "ma"),
        row("GET", "/api/v1/events", "vdma"),
        row("GET", "/api/v1/openapi.json", "-vdma"),
        row("GET", "/metrics", "vdma"),
        row("GET", "/healthz", "-vdma"),
        row("GET", "/readyz", "-vdma"),
        row("GET", "/api/v1/operations", "vdma"),
        row("GET", "/api/v1/operations/{id}", "vdma"),
        row("POST", "/api/v1/operations/{id}/undo", "ma").with(json!({})),
        row("POST", "/api/v1/operations/{id}/redo", "ma").with(json!({})),
        row("POST", "/api/v1/scans", "dma").with(json!({})),
        row("POST", "/api/v1/plans", "dma").with(json!({})),
        row("POST", "/api/v1/syncs", "dma").with(json!({ "plan": {
            "schema": "lockstep.saved-plan/1", "created_at": "2026-01-01T00:00:00Z", "request": {},
            "bound": { "components": {}, "files": {} },
        } })),
    ]
}

/// Whether the answer is about what was asked for, and not about who asked.
fn is_let_in(answer: &Answer) -> bool {
    let code = answer.header("content-type").filter(|kind| *kind == "application/problem+json");
    let code = code.map(|_| answer.json()["code"].as_str().unwrap().to_owned());
    !matches!(code.as_deref(), Some("not-signed-in" | "forbidden" | "bad-token" | "session-over" | "csrf"))
}

/// A user of each role with a token for everything that the role allows, or for `scopes` alone.
fn token(hub: &Running, admin: &Actor, name: &str, role: Role, scopes: &[Action]) -> String {
    hub.run(async {
        hub.access.invite(admin, name, "", role).await.unwrap();
        let allowed = scopes.iter().copied().filter(|action| role.allowed(*action).is_ok());
        let request = TokenRequest {
            owner: Some(name.to_owned()),
            name: "test".into(),
            scopes: Scopes(allowed.collect()),
            lasts: TimeDelta::days(1),
        };
        hub.access.create_token(admin, request).await.unwrap().secret.expose().to_owned()
    })
}

#[test]
fn each_route_lets_in_whom_the_table_says() {
    let hub = Running::start(Limits::default());
    let admin = hub.run(hub.access.os_user("root")).unwrap();
    let rows = rows();
    let named: BTreeSet<(String, &str)> = rows.iter().map(|row| (row.method.to_owned(), row.path)).collect();
    let served: BTreeSet<(String, &str)> =
        api::table().into_iter().map(|(method, path, ..)| (method.to_string(), path)).collect();
    assert_eq!(served, named, "each route has a row here");
    let tokens =
        Role::ALL.iter().map(|role| Some((*role, token(&hub, &admin, role.as_str(), *role, Action::ALL))));
    for who in [None].into_iter().chain(tokens) {
        let letter = who.as_ref().map_or("-", |(role, _)| &role.as_str()[..1]);
        for row in &rows {
            let request = match &who {
                Some((_, token)) => row.request().header("authorization", format!("Bearer {token}")),
                None => row.request(),
            };
            let answer = request.send(hub.address);
            let shown = format!("{letter} {} {}: {answer:?}", row.method, row.path);
            assert_eq!(is_let_in(&answer), row.let_in.contains(letter), "{shown}");
            if !is_let_in(&answer) {
                let expected = if letter == "-" { 401 } else { 403 };
                assert_eq!(answer.status, expected, "{shown}");
                assert_eq!(answer.header("www-authenticate").is_some(), expected == 401, "{shown}");
            }
        }
    }
}

#[test]
fn a_token_is_let_in_where_its_scopes_say_whatever_its_owner_may() {
    let hub = Running::start(Limits::default());
    let admin = hub.run(hub.access.os_user("root")).unwrap();
    for scope in Action::ALL {
        let token = token(&hub, &admin, scope.as_str(), Role::Admin, &[*scope]);
        let rows = rows();
        for (method, path, needs, _) in api::table() {
            let row = rows.iter().find(|row| row.method == method.as_str() && row.path == path).unwrap();
            let answer = row.request().header("authorization", format!("Bearer {token}")).send(hub.address);
            let expected = match needs {
                Needs::Nothing | Needs::SignIn => true,
                Needs::Grant(action) => action == *scope,
            };
            assert_eq!(is_let_in(&answer), expected, "{scope} {method} {path}: {answer:?}");
        }
    }
}

#[test]
fn what_is_kept_for_who_asks_again_holds_no_secret() {
    let with_secrets: BTreeSet<&str> = api::table()
        .into_iter()
        .filter(|(.., repeats)| *repeats == Repeats::Secret)
        .map(|(_, path, ..)| path)
        .collect();
    let expected = [
        "/api/v1/credentials",
        "/api/v1/credentials/{name}/rotate",
        "/api/v1/session",
        "/api/v1/tokens",
        "/api/v1/users",
        "/api/v1/users/{name}/link",
        "/api/v1/welcome",
    ];
    assert_eq!(with_secrets, expected.into());
    // A key is somebody's: nobody in particular has none.
    for (method, path, needs, repeats) in api::table() {
        assert!(needs != Needs::Nothing || repeats != Repeats::ByKey, "{method} {path}");
    }
}

#[test]
fn a_refusal_names_what_is_needed_and_is_written_down_once() {
    let hub = Running::start(Limits::default());
    let admin = hub.run(hub.access.os_user("root")).unwrap();
    let token = token(&hub, &admin, "grace", Role::Developer, Action::ALL);
    let correlation = "0193f0c4-5b5e-7c3a-9d1e-000000000001";
    let answer = Request::new("POST", "/api/v1/users")
        .header("authorization", format!("Bearer {token}"))
        .header("x-correlation-id", correlation)
        .json(&json!({ "name": "eve", "role": "admin" }))
        .send(hub.address)
        .is(403);
    assert_eq!(answer.json()["detail"], "`users` needs the role `admin`; yours is `developer`");
    let log = hub.run(hub.access.audit_log(&admin, None, 100)).unwrap();
    let refused: Vec<_> = log
        .iter()
        .filter(|link| link.entry.correlation_id.is_some_and(|id| id.to_string() == correlation))
        .map(|link| format!("{} {} {}", link.entry.actor_name, link.entry.action, link.entry.outcome))
        .collect();
    assert_eq!(refused, ["grace users refused"]);
}
