//! From the first admin's link to a token's end, through the binary and real HTTP.

use lockstep_testkit::{
    http::{Answer, Request},
    hub::Hub,
    postgres::cluster,
    workspace::Workspace,
};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

fn workspace() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
    workspace
}

fn path_of(link: &str) -> String {
    format!("/welcome/{}", link.rsplit('/').next().unwrap())
}

fn post(path: &str, body: &Value) -> Request {
    Request::new("POST", path).json(body)
}

/// The first admin, `ada`.
fn with_admin(hub: &Hub) {
    let link = hub.first["first_admin"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let chosen = json!({ "link": link, "name": "ada", "password": PASSWORD });
    hub.send(&post("/api/v1/welcome", &chosen)).is(201);
}

/// A browser: what it sends with each request.
struct Browser {
    cookie: String,
    csrf: String,
}

impl Browser {
    fn sign_in(hub: &Hub, name: &str, password: &str) -> Self {
        let answer =
            hub.send(&post("/api/v1/session", &json!({ "name": name, "password": password }))).is(201);
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let csrf = answer.json()["data"]["csrf_token"].as_str().unwrap().to_owned();
        Self { cookie, csrf }
    }

    fn send(&self, hub: &Hub, request: Request) -> Answer {
        hub.send(&request.header("cookie", &self.cookie).header("x-csrf-token", &self.csrf))
    }
}

#[test]
fn the_first_admin_comes_in_and_lets_others_in() {
    let workspace = workspace();
    let hub = Hub::start(&workspace, &[]);
    let link = hub.first["first_admin"].as_str().unwrap();
    let path = path_of(link);
    assert_eq!(link, format!("http://{}{path}", hub.address));
    let page = hub.get(&path).is(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").unwrap().contains("form-action 'self'"));
    let form = |body: &str| {
        let request = Request::new("POST", &path).header("content-type", "application/x-www-form-urlencoded");
        hub.send(&request.body(body))
    };
    let refused = form("name=%3Cb%3E&password=correct+horse+battery").is(422);
    assert!(refused.body.contains("role=\"alert\"") && !refused.body.contains("<b>"), "{}", refused.body);
    assert!(form("name=ada&password=correct+horse+battery").is(201).body.contains("Welcome, ada."));
    form("name=eve&password=correct+horse+battery").is(410);

    let ada = Browser::sign_in(&hub, "ada", PASSWORD);
    let made = ada
        .send(&hub, post("/api/v1/users", &json!({ "name": "grace", "role": "developer" })))
        .is(201)
        .json();
    let invited = made["data"]["link"].as_str().unwrap();
    hub.send(
        &Request::new("POST", invited)
            .header("content-type", "application/x-www-form-urlencoded")
            .body("name=ada&password=another+long+password"),
    )
    .is(201);
    let grace = Browser::sign_in(&hub, "grace", "another long password");
    let who = grace.send(&hub, Request::new("GET", "/api/v1/session")).is(200).json();
    assert_eq!((&who["data"]["name"], &who["data"]["role"]), (&json!("grace"), &json!("developer")));
    ada.send(&hub, Request::new("PATCH", "/api/v1/users/grace").json(&json!({ "enabled": false }))).is(200);
    grace.send(&hub, Request::new("GET", "/api/v1/session")).is(401);

    assert_eq!(hub.end("-TERM").0, Some(0));
    let again = Hub::start(&workspace, &[]);
    assert_eq!(again.first["first_admin"], Value::Null, "there is an admin");
}

#[test]
fn a_browser_is_not_made_to_act_by_other_pages() {
    let workspace = workspace();
    let hub = Hub::start(&workspace, &[]);
    with_admin(&hub);
    let answer = hub.send(&post("/api/v1/session", &json!({ "name": "ada", "password": PASSWORD }))).is(201);
    let cookie = answer.header("set-cookie").unwrap();
    for word in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "there is no TLS here: {cookie}");
    let ada = Browser::sign_in(&hub, "ada", PASSWORD);
    let code = |answer: Answer| answer.is(403).json()["code"].as_str().unwrap().to_owned();
    let invite = || post("/api/v1/users", &json!({ "name": "eve", "role": "admin" }));
    assert_eq!(code(hub.send(&invite().header("cookie", &ada.cookie))), "csrf");
    assert_eq!(
        code(hub.send(&invite().header("cookie", &ada.cookie).header("x-csrf-token", "guess"))),
        "csrf"
    );
    for site in ["cross-site", "same-site"] {
        assert_eq!(code(ada.send(&hub, invite().header("sec-fetch-site", site))), "other-site");
    }
    let sign_in = post("/api/v1/session", &json!({ "name": "ada", "password": PASSWORD }));
    assert_eq!(code(hub.send(&sign_in.header("sec-fetch-site", "cross-site"))), "other-site");
    let form = Request::new("POST", "/api/v1/session").header("content-type", "text/plain");
    hub.send(&form.body("{\"name\":\"ada\",\"password\":\"x\"}")).is(415);
    ada.send(&hub, invite().header("sec-fetch-site", "same-origin")).is(201);

    ada.send(&hub, Request::new("DELETE", "/api/v1/session")).is(204);
    ada.send(&hub, Request::new("GET", "/api/v1/session")).is(401);

    let behind = Hub::start(&workspace, &["--behind-proxy"]);
    let answer =
        behind.send(&post("/api/v1/session", &json!({ "name": "ada", "password": PASSWORD }))).is(201);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-lockstep_session=") && cookie.ends_with("; Secure"), "{cookie}");
}

#[test]
fn who_guesses_passwords_waits() {
    let workspace = workspace();
    let hub = Hub::start(&workspace, &["--behind-proxy"]);
    with_admin(&hub);
    let attempt = |from: &str, password: &str| {
        let request = post("/api/v1/session", &json!({ "name": "ada", "password": password }));
        hub.send(&request.header("x-forwarded-for", format!("198.51.100.1, {from}")))
    };
    for _ in 0..5 {
        assert_eq!(attempt("192.0.2.7", "wrong password").is(401).json()["code"], "wrong-password");
    }
    let waits =
        std::iter::repeat_with(|| attempt("192.0.2.7", "wrong password")).find(|answer| answer.status == 429);
    let waits = waits.unwrap();
    assert_eq!(waits.json()["code"], "too-many-attempts");
    assert!(waits.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    attempt("192.0.2.8", PASSWORD).is(201);
}

#[test]
fn a_token_is_shown_once_and_opens_what_it_is_for() {
    let workspace = workspace();
    workspace.run(["user", "invite", "grace", "--role", "developer"]).succeeds();
    let made = workspace.run([
        "token",
        "create",
        "--user",
        "grace",
        "--name",
        "ci",
        "--scope",
        "read,plan",
        "--json",
    ]);
    let made = made.succeeds().json()["data"].clone();
    let (secret, id) = (made["secret"].as_str().unwrap(), made["token"]["id"].as_str().unwrap());
    let hub = Hub::start(&workspace, &[]);
    let asks = |token: &str| {
        hub.send(&Request::new("GET", "/api/v1/session").header("authorization", format!("Bearer {token}")))
    };
    let who = asks(secret).is(200).json();
    assert_eq!(who["data"]["scopes"], json!(["read", "plan"]));
    let listed = workspace.run(["token", "list", "--user", "grace", "--json"]).succeeds();
    assert!(!listed.stdout.contains(secret), "{listed:?}");
    assert!(listed.json()["data"][0]["last_used_at"].is_string());
    let other = secret.replace(&secret[secret.len() - 4..], "0000");
    assert_eq!(asks(&other).is(401).json()["code"], "bad-token");
    workspace.run(["token", "revoke", id]).succeeds();
    asks(secret).is(401);
    let (_, _, log) = hub.end("-TERM");
    assert!(!log.contains(secret) && !log.contains(&other), "{log}");
}

#[test]
fn nothing_that_opens_anything_is_in_the_log_or_the_registry() {
    let workspace = workspace();
    let hub = Hub::start(&workspace, &["-v"]);
    let link = hub.first["first_admin"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    with_admin(&hub);
    hub.get(&format!("/welcome/{link}"));
    let ada = Browser::sign_in(&hub, "ada", PASSWORD);
    let wanted = json!({ "name": "ci", "scopes": ["read"] });
    let token = ada.send(&hub, post("/api/v1/tokens", &wanted)).is(201).json()["data"]["secret"].clone();
    hub.send(&post("/api/v1/session", &json!({ "name": PASSWORD, "password": "oops" }))).is(401);
    let session = ada.cookie.split_once('=').unwrap().1.to_owned();
    let (_, _, log) = hub.end("-TERM");
    let registry = ["lockstep.db", "lockstep.db-wal"]
        .map(|file| std::fs::read(workspace.path(&format!(".lockstep/{file}"))).unwrap_or_default());
    for secret in [link.as_str(), PASSWORD, &session, &ada.csrf, token.as_str().unwrap()] {
        assert!(!log.contains(secret), "{secret} in {log}");
        let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!registry.iter().any(|bytes| holds(bytes)), "{secret} in the registry");
    }
}

#[test]
fn the_audit_log_tells_of_acts_and_refusals_and_of_tampering() {
    let Some(cluster) = cluster() else { return eprintln!("skipped: there is no PostgreSQL here") };
    let database = cluster.create_database().unwrap();
    let mut elsewhere = Workspace::empty(env!("CARGO_BIN_EXE_lockstep"));
    elsewhere.set("DATABASE_URL", cluster.url(&database));
    elsewhere.run(["user", "invite", "grace", "--role", "developer"]).succeeds();
    elsewhere.run(["user", "role", "grace", "maintainer"]).succeeds();
    elsewhere.run(["user", "disable", "nobody"]).exits(2);
    elsewhere.run(["user", "disable", "grace"]).succeeds();
    let shown = elsewhere.run(["audit", "--json"]).succeeds().json();
    let acts: Vec<&str> =
        shown["data"].as_array().unwrap().iter().map(|act| act["action"].as_str().unwrap()).collect();
    assert_eq!(acts, ["user.disable", "user.role", "user.invite"]);
    let text = elsewhere.run(["audit", "verify"]).succeeds().redacted();
    assert!(text.starts_with("whole: 3 entries, "), "{text}");
    let exported = elsewhere.run(["audit", "export"]).succeeds().stdout;
    assert_eq!(exported.lines().count(), 3);

    let tamper =
        "ALTER TABLE audit_log DISABLE TRIGGER ALL; UPDATE audit_log SET actor_name = 'eve' WHERE seq = 2";
    cluster.sql(&database, tamper).unwrap();
    let text = elsewhere.run(["audit", "verify"]).exits(3).redacted();
    insta::assert_snapshot!(text, @r"
    tampered with: audit entry 2 was changed: its hash is not that of its content
    whole up to there: 1 entry, <hash 1>
    ");
    let check = elsewhere.run(["audit", "verify", "--json"]).exits(3).json();
    assert_eq!(check["data"]["verified"], 1);
}

#[test]
fn what_is_shown_once_can_be_taken_by_a_script() {
    let workspace = workspace();
    let hub = Hub::start(&workspace, &[]);
    let made = workspace.run(["token", "create", "--name", "ci"]).succeeds();
    let token = made.stdout.strip_suffix('\n').unwrap();
    assert!(made.stderr.contains("it is not shown again"), "{made:?}");
    let bearer = format!("Bearer {token}");
    hub.send(&Request::new("GET", "/api/v1/session").header("authorization", &bearer)).is(200);
    let invited = workspace.run(["user", "invite", "grace", "--role", "viewer"]).succeeds();
    let path = path_of(invited.stdout.strip_suffix('\n').unwrap());
    hub.get(&path).is(200);
}
