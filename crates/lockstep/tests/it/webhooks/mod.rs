//! Signed webhooks, verified by the official library of Standard Webhooks for JavaScript, as a receiver would.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use lockstep_testkit::{
    npm::installed,
    provider::{Provider, Reply},
    workspace::Workspace,
};
use serde_json::{Value, json};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What the library says of a request.
fn verified(workspace: &Workspace, request: &Value) -> Value {
    let folder = workspace.root().parent().unwrap().join("receiver");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("package.json"), include_str!("package.json")).unwrap();
    std::fs::write(folder.join("verify.mjs"), include_str!("verify.mjs")).unwrap();
    let modules = installed(&folder.join("package.json")).unwrap();
    if !folder.join("node_modules").exists() {
        std::os::unix::fs::symlink(modules, folder.join("node_modules")).unwrap();
    }
    let mut command = Command::new("node");
    command.arg("verify.mjs").current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(request.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_official_library_takes_what_is_signed_and_nothing_else() {
    let provider = Provider::start();
    provider.answer("/hook", Reply::new(204, ""));
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.run_with(["credential", "add", "hook", "--vendor", "webhook"], KEY).succeeds();
    let url = format!("url={}/hook", provider.address());
    workspace
        .run(["notify", "add", "team", "--kind", "webhook", "--credential", "hook", "--set", &url])
        .succeeds();
    for event_type in ["drift_detected", "sync_completed", "digest", "credential_status"] {
        workspace.run(["notify", "test", "team", "--type", event_type]).succeeds();
        let came = provider.came().pop().unwrap();
        let request = json!({ "key": KEY, "headers": came.headers, "body": came.body });
        let told = verified(&workspace, &request);
        assert_eq!(told["told"]["type"], event_type, "{told}");
        assert_eq!(told["told"]["id"], came.headers["webhook-id"].as_str());

        let with = |change: &dyn Fn(&mut Value)| {
            let mut other = request.clone();
            change(&mut other);
            verified(&workspace, &other)
        };
        let text = came.body.replacen(event_type, "something_else", 1);
        let old = "1614265330";
        for refused in [
            with(&|request| request["body"] = json!(text)),
            with(&|request| request["key"] = json!("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")),
            with(&|request| request["headers"]["webhook-id"] = json!("another")),
            with(&|request| request["headers"]["webhook-timestamp"] = json!(old)),
        ] {
            assert!(refused["refused"].is_string(), "{refused}");
        }
    }
}
