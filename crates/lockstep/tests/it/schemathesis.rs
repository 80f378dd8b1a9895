//! The hub's API against its own description: Schemathesis asks for everything that the description allows and for much that
//! it doesn't, follows its links, and judges each answer. `scripts/schemathesis` asks for more.

use std::{path::Path, process::Command};

use lockstep_core::role::Action;
use lockstep_testkit::{http::Request, hub::Hub, postgres::cluster, python, workspace::Workspace};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

/// How many requests of each operation are made up at random, besides those that cover each limit of its description.
const EXAMPLES: &str = "LOCKSTEP_SCHEMATHESIS_EXAMPLES";
const FEW: &str = "4";

/// A workspace where both sides have moved, with something in each list.
fn workspace(database: Option<String>) -> Workspace {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    if let Some(url) = database {
        workspace.set("DATABASE_URL", url);
    }
    // Whatever is tried as a secret leaves this machine by no way.
    for proxy in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"] {
        workspace.set(proxy, "http://127.0.0.1:9");
    }
    workspace.set("LOCKSTEP_SECRET_FIGMA", "figd_known");
    workspace.adopt();
    workspace.forget_requests_soon();
    workspace.run(["scan"]).succeeds();
    workspace.drift();
    workspace.run(["sync", "Badge", "--yes"]).succeeds();
    workspace.run(["coverage"]).succeeds();
    workspace.run(["user", "invite", "grace", "--role", "developer"]).succeeds();
    workspace.run(["token", "create", "--user", "grace", "--name", "ci", "--scope", "read"]).succeeds();
    workspace
        .run(["credential", "add", "figma", "--vendor", "figma", "--from", "env:LOCKSTEP_SECRET_FIGMA"])
        .exits(4);
    workspace
}

/// What a run comes with, as variables of `schemathesis.toml` and `hooks.py`.
type Comes = Vec<(&'static str, String)>;

/// A program: with a token of an admin.
fn with_token(workspace: &Workspace) -> Comes {
    let scopes: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
    let made = workspace.run(["token", "create", "--name", "test", "--scope", &scopes.join(","), "--json"]);
    let made = made.succeeds().json();
    let text = |pointer: &str| made.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
    vec![
        ("LOCKSTEP_TOKEN", text("/data/secret")),
        ("LOCKSTEP_OWN_TOKEN", text("/data/token/id")),
        ("LOCKSTEP_OWN_NAME", text("/data/owner")),
    ]
}

/// A browser: with a session of an admin, and another one to be signed out.
fn with_session(hub: &Hub) -> Comes {
    let link = hub.first["first_admin"].as_str().unwrap().rsplit('/').next().unwrap();
    let chosen = json!({ "link": link, "name": "ada", "password": PASSWORD });
    hub.send(&Request::new("POST", "/api/v1/welcome").json(&chosen)).is(201);
    let session = || {
        let sign_in = json!({ "name": "ada", "password": PASSWORD });
        let answer = hub.send(&Request::new("POST", "/api/v1/session").json(&sign_in)).is(201);
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(['=', ';']).nth(1)).unwrap();
        (cookie.to_owned(), answer.json()["data"]["csrf_token"].as_str().unwrap().to_owned())
    };
    let ((lasting, csrf), (ending, ending_csrf)) = (session(), session());
    vec![
        ("LOCKSTEP_OWN_NAME", "ada".to_owned()),
        ("LOCKSTEP_SESSION", lasting),
        ("LOCKSTEP_CSRF", csrf),
        ("LOCKSTEP_ENDING_SESSION", ending),
        ("LOCKSTEP_ENDING_CSRF", ending_csrf),
    ]
}

fn run(hub: &Hub, comes: &Comes, how: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/schemathesis");
    let packages = python::installed(&folder.join("requirements.txt")).unwrap();
    let work = tempfile::tempdir().unwrap();
    let path = std::env::join_paths([&packages, &folder]).unwrap();
    let mut command = Command::new("python3");
    command.args(["-B", "-m", "schemathesis.cli", "--no-color", "--config-file"]);
    // How it comes is said in the same file as everything else.
    let config = std::fs::read_to_string(folder.join("schemathesis.toml")).unwrap() + how;
    std::fs::write(work.path().join("schemathesis.toml"), config).unwrap();
    command.arg("schemathesis.toml");
    command.args(["run", "--checks", "all", "--continue-on-failure", "--max-examples"]);
    command.arg(std::env::var(EXAMPLES).unwrap_or_else(|_| FEW.to_owned()));
    // As for other tests that draw their cases: the same each time in CI.
    if let Ok(seed) = std::env::var("PROPTEST_RNG_SEED") {
        command.args(["--seed", &seed]);
    }
    command.arg(format!("http://{}/api/v1/openapi.json", hub.address));
    let output = command
        .current_dir(work.path())
        .env("PYTHONPATH", path)
        .envs(comes.iter().cloned())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    // Who was shut out meanwhile has been refused everything else.
    let of =
        |name: &str| comes.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str());
    let who = Request::new("GET", "/api/v1/session");
    let who = match of("LOCKSTEP_TOKEN") {
        "" => who.header("cookie", format!("lockstep_session={}", of("LOCKSTEP_SESSION"))),
        token => who.header("authorization", format!("Bearer {token}")),
    };
    assert_eq!(hub.send(&who).is(200).json()["data"]["role"], "admin");
}

#[test]
fn a_program_is_answered_as_the_description_says() {
    let workspace = workspace(None);
    let token = with_token(&workspace);
    run(&Hub::start(&workspace, &[]), &token, "[auth.openapi.token]\nbearer = \"${LOCKSTEP_TOKEN}\"\n");
}

#[test]
fn a_browser_is_answered_as_the_description_says_from_postgresql() {
    let Some(cluster) = cluster() else { return };
    let workspace = workspace(Some(cluster.url(&cluster.create_database().unwrap())));
    let hub = Hub::start(&workspace, &[]);
    let session = with_session(&hub);
    let how = "[auth.openapi.session]\napi_key = \"${LOCKSTEP_SESSION}\"\n\
               [auth.openapi.csrf]\napi_key = \"${LOCKSTEP_CSRF}\"\n";
    run(&hub, &session, how);
}
