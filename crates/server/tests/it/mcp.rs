//! Whom `/mcp` answers. What it answers is held by an assistant in the tests of the binary.

use chrono::TimeDelta;
use lockstep_core::role::{Action, Scopes};
use lockstep_engine::access::TokenRequest;
use lockstep_server::connections::Limits;
use lockstep_testkit::http::Request;
use serde_json::json;

use crate::running::Running;

#[test]
fn an_assistant_is_answered_for_its_token_alone() {
    let hub = Running::start(Limits { body: 10_000, ..Limits::default() });
    let token = |scope| {
        hub.run(async {
            let admin = hub.access.os_user("root").await.unwrap();
            let scopes = Scopes([scope].into());
            let request =
                TokenRequest { owner: None, name: "test".into(), scopes, lasts: TimeDelta::days(1) };
            hub.access.create_token(&admin, request).await.unwrap().secret.expose().to_owned()
        })
    };
    let client = json!({ "name": "test", "version": "1" });
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client,
    } });
    let asking = |token: &str| {
        let request = Request::new("POST", "/mcp").header("authorization", format!("Bearer {token}"));
        request.header("accept", "application/json, text/event-stream")
    };
    let reader = token(Action::Read);
    let answer = asking(&reader).json(&hello).send(hub.address).is(200);
    assert_eq!(answer.json()["result"]["serverInfo"]["name"], "lockstep", "{answer:?}");

    Request::new("POST", "/mcp").json(&hello).send(hub.address).is(401);
    asking(&token(Action::Sync)).json(&hello).send(hub.address).is(403);
    asking(&reader).header("origin", "https://elsewhere.example").json(&hello).send(hub.address).is(403);
    asking(&reader).header("host", "elsewhere.example").json(&hello).send(hub.address).is(421);
    asking(&reader).json(&json!({ "jsonrpc": "x".repeat(20_000) })).send(hub.address).is(413);
    let get = Request::new("GET", "/mcp").header("authorization", format!("Bearer {reader}"));
    assert_eq!(get.send(hub.address).is(405).header("allow"), Some("POST"));
    hub.is_well();
}
