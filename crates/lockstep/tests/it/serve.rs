//! The hub through the binary and real HTTP: what it lets in, what it says, and how it ends.

use std::io::Write as _;

use lockstep_testkit::{
    http::{Answer, Request, connect, everything},
    hub::Hub,
    postgres::cluster,
    workspace::Workspace,
};
use serde_json::Value;

const DESIGN: &str = "design/acme.figma.json";

fn scanned() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.run(["init", "--yes", "--design", DESIGN]).succeeds();
    workspace.run(["scan"]).succeeds();
    workspace
}

#[track_caller]
fn problem(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (status, Some("application/problem+json")),
        "{answer:?}"
    );
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["code"], code);
    assert_eq!(problem["type"], format!("urn:lockstep:problem:{code}"));
    assert_eq!(problem["correlation_id"].as_str(), answer.header("x-correlation-id"));
    for field in ["title", "detail", "next_step"] {
        assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {problem}");
    }
    problem
}

#[test]
fn it_lives_and_is_ready_and_every_answer_says_what_it_is_called() {
    let workspace = scanned();
    let hub = Hub::start(&workspace, &[]);
    assert_eq!(hub.first["event"], "listening");
    assert_eq!(hub.first["has_workspace"], true);
    assert_eq!(hub.get("/healthz").is(200).json()["status"], "ok");
    let ready = hub.get("/readyz").is(200).json();
    let checks: Vec<&str> =
        ready["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(checks, ["database", "migrations", "disk"]);

    let mine = "0193f0c4-5b5e-7c3a-9d1e-000000000001";
    let named = |value: &str| hub.send(&Request::new("GET", "/healthz").header("x-correlation-id", value));
    assert_eq!(named(mine).header("x-correlation-id"), Some(mine));
    let other = named("<script>");
    assert_eq!(other.header("x-correlation-id").map(str::len), Some(36), "{other:?}");
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("cache-control", "no-store"), ("x-frame-options", "DENY")]
    {
        assert_eq!(other.header(name), Some(value));
    }

    problem(&hub.get("/nothing/here"), 404, "not-found");
    let wrong = hub.send(&Request::new("DELETE", "/healthz"));
    problem(&wrong, 405, "method-not-allowed");
    assert_eq!(wrong.header("allow"), Some("GET,HEAD"));

    let (code, last, log) = hub.end("-TERM");
    assert_eq!((code, &last["event"]), (Some(0), &Value::from("ended")), "{log}");
    let line = log.lines().find(|line| line.contains(mine)).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains("route=\"/healthz\"") && line.contains("status=200"), "{line}");
}

#[test]
fn the_log_is_also_there_for_programs() {
    let workspace = scanned();
    let hub = Hub::start(&workspace, &["--log", "json"]);
    let named = hub.get("/healthz").header("x-correlation-id").unwrap().to_owned();
    let (_, _, log) = hub.end("-INT");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_it =
        lines.iter().find(|line| line["span"]["correlation"] == *named).unwrap_or_else(|| panic!("{log}"));
    assert_eq!((&of_it["level"], &of_it["status"]), (&"INFO".into(), &200.into()));
}

#[test]
fn it_does_not_show_itself_to_other_machines_unprotected() {
    let workspace = scanned();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:7420"] {
        let failure = workspace.run(["serve", "--json", "--listen", address]).exits(3).json();
        let message = failure["data"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("can be reached from other machines"), "{message}");
        assert!(failure["data"]["hint"].as_str().unwrap().contains("--behind-proxy"));
    }
    let behind = Hub::start(&workspace, &["--behind-proxy"]);
    behind.send(&Request::new("GET", "/healthz").header("host", "hub.example")).is(200);

    let taken = behind.address.to_string();
    let failure = workspace.run(["serve", "--json", "--listen", &taken]).exits(4).json();
    assert!(failure["data"]["hint"].as_str().unwrap().contains("choose another port"), "{failure}");
}

#[test]
fn a_page_elsewhere_can_not_have_its_own_name_lead_here() {
    let workspace = scanned();
    let hub = Hub::start(&workspace, &[]);
    for (host, status) in
        [("localhost", 200), ("127.0.0.1:1", 200), ("[::1]:80", 200), ("evil.example", 421), ("", 421)]
    {
        let answer = hub.send(&Request::new("GET", "/healthz").header("host", host));
        assert_eq!(answer.status, status, "{host}");
    }
    let answer = hub.send(&Request::new("GET", "/healthz").header("host", "evil.example"));
    problem(&answer, 421, "wrong-host");
}

#[test]
fn what_is_no_request_harms_nobody() {
    let workspace = scanned();
    let hub = Hub::start(&workspace, &[]);
    let long = "a".repeat(1 << 20);
    for bytes in [
        "\0\0\0\0\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "GET /healthz HTTP/9.9\r\n\r\n".to_owned(),
        format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: {long}\r\n\r\n"),
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n".to_owned(),
        "\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03".to_owned(),
    ] {
        let mut stream = connect(hub.address);
        // It may be refused before all of it was sent.
        let _ = stream.write_all(bytes.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let said = everything(stream);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    }
    hub.get("/healthz").is(200);
}

#[test]
fn a_database_that_goes_away_is_no_readiness_and_its_address_is_not_told() {
    let Some(cluster) = cluster() else { return eprintln!("skipped: there is no PostgreSQL here") };
    let database = cluster.create_database().unwrap();
    let mut elsewhere = Workspace::empty(env!("CARGO_BIN_EXE_lockstep"));
    elsewhere.set("DATABASE_URL", cluster.url(&database));
    let hub = Hub::start(&elsewhere, &["--workers", "0"]);
    assert_eq!(hub.first["has_workspace"], false);
    hub.get("/readyz").is(200);
    cluster.sql(&database, "UPDATE schema_migrations SET version = 9999 WHERE version = 1").unwrap();
    let newer = problem(&hub.get("/readyz"), 503, "not-ready");
    assert_eq!(newer["detail"], "the hub can't work: migrations");
    cluster.sql("postgres", &format!("ALTER DATABASE \"{database}\" WITH ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")).unwrap();
    let answer = hub.get("/readyz");
    let gone = problem(&answer, 503, "not-ready");
    assert_eq!(gone["detail"], "the hub can't work: database");
    assert!(!answer.body.contains(&database), "{answer:?}");
    hub.get("/healthz").is(200);
    let (code, _, log) = hub.end("-TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("not ready"), "{log}");
}

#[test]
fn it_works_off_the_queue_and_keeps_to_the_schedules() {
    let Some(cluster) = cluster() else { return eprintln!("skipped: there is no PostgreSQL here") };
    let database = cluster.create_database().unwrap();
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.set("DATABASE_URL", cluster.url(&database));
    workspace.run(["init", "--yes", "--design", DESIGN]).succeeds();
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    workspace.run(["scan", "--queue"]).succeeds();
    workspace.run(["schedule"]).succeeds();
    let due =
        "UPDATE schedules SET next_run_at = now() - interval '1 minute' WHERE name = 'nightly-maintenance'";
    cluster.sql(&database, due).unwrap();
    let waiting = || workspace.run(["queue", "--json"]).succeeds().json()["data"].as_array().unwrap().len();
    let ran = || {
        let shown = workspace.run(["schedule", "show", "nightly-maintenance", "--json"]).succeeds().json();
        shown["data"][0]["last_run"]["outcome"].clone()
    };
    assert!(waiting() > 0 && ran().is_null());
    let hub = Hub::start(&workspace, &[]);
    while waiting() > 0 || ran().is_null() {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(ran(), "done");
    let (code, _, log) = hub.end("-TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("evaluated") && log.contains("scheduled"), "{log}");
}
