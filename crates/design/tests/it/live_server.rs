//! The live client against a server that holds every request and answer against Figma's own OpenAPI document, and answers
//! from real data.

use lockstep_design::figma::client::{Bounds, Figma, FigmaError, Tier, VariableValue, WholeFile};
use lockstep_testkit::figma::{Fault, FigmaServer};
use serde_json::{Value, json};

use crate::shared::{WHOLE_FILES, real};

fn figma(server: &FigmaServer) -> Figma {
    Figma::new(&server.address(), "figd_secret".to_owned().into(), Bounds::default()).unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn whole(server: &FigmaServer, figma: &Figma) -> Result<WholeFile, FigmaError> {
    let read = wait(figma.whole_file("KEY", &|_, _| {}));
    assert!(server.asked().iter().all(|asked| !asked.call.contains("geometry")));
    read
}

fn real_json(path: &str) -> Option<Value> {
    Some(serde_json::from_slice(&real(path)?).unwrap())
}

#[test]
fn real_files_are_put_together_as_one_answer_would_give_them() {
    // The old one was saved by another program, with nulls and names that Figma never answers.
    for path in WHOLE_FILES.iter().filter(|path| !path.contains("/old/")) {
        let (Some(server), Some(file)) = (FigmaServer::start(), real_json(path)) else { return };
        server.serve("KEY", file);
        let figma = figma(&server);
        let read: Value = serde_json::from_slice(&whole(&server, &figma).unwrap().bytes).unwrap();
        server.change("KEY", |file| assert!(read == file.whole, "{path} is another one"));
        assert_eq!((figma.calls(Tier::One), server.gzipped()), (2, 2), "{path}");
        // The same from parts: no page of these is answered whole.
        server.change("KEY", |file| {
            let pages: Vec<_> = file.whole["document"]["children"].as_array().unwrap().clone();
            let ids = pages.iter().map(|page| page["id"].as_str().unwrap());
            file.largest = ids.map(|id| file.count(&[id], None)).max().map(|most| (most.max(3) - 1, 413));
        });
        let read: Value = serde_json::from_slice(&whole(&server, &figma).unwrap().bytes).unwrap();
        server.change("KEY", |file| assert!(read == file.whole, "{path} is another one from parts"));
    }
}

/// Two pages of the least that a file has.
fn small() -> Value {
    let page = |id: &str| json!({ "id": id, "name": id, "type": "CANVAS", "children": [] });
    let document = json!({ "id": "0:0", "name": "Document", "type": "DOCUMENT", "children": [page("0:1"), page("0:2")] });
    json!({ "name": "Kit", "version": "1", "document": document })
}

#[test]
fn a_file_that_changes_while_it_is_read_is_read_of_one_version() {
    let Some(server) = FigmaServer::start() else { return };
    server.serve("KEY", small());
    let changed = |version: &'static str| {
        move |files: &mut std::collections::BTreeMap<String, lockstep_testkit::figma::ServedFile>| {
            let file = files.get_mut("KEY").unwrap();
            file.set_version(version);
            file.whole["document"]["children"][1]["name"] = version.into();
        }
    };
    server.change_at("/nodes", changed("2"));
    let read = whole(&server, &figma(&server)).unwrap();
    let text = String::from_utf8(read.bytes).unwrap();
    assert!(read.version == "2" && text.contains("\"name\":\"2\""), "{text}");
    // The pages were of the new version already: only their list was asked for again.
    let calls = server.calls();
    assert_eq!(calls.iter().filter(|call| call.contains("/nodes")).count(), 1, "{calls:?}");

    for version in ["3", "4", "5"] {
        server.change_at("/nodes", changed(version));
        server.change_at("?depth=1", |files| files.get_mut("KEY").unwrap().set_version("another"));
    }
    let error = whole(&server, &figma(&server)).unwrap_err();
    assert!(matches!(error, FigmaError::Unsteady { .. }), "{error}");
    assert_eq!(server.calls().len(), 6, "three times, and no more");
}

#[test]
fn a_library_and_its_surroundings_are_read_from_real_answers() {
    let Some(server) = FigmaServer::start() else { return };
    let data = [
        ("/v1/files/{file_key}/components", "figma/fdb/components.json"),
        ("/v1/files/{file_key}/component_sets", "figma/fdb/component_sets.json"),
        ("/v1/files/{file_key}/variables/local", "figma/variables/warp-local-variables.json"),
    ];
    for (path, file) in data {
        let Some(answer) = real_json(file) else { return };
        server.answer(path, answer);
    }
    let figma = figma(&server);
    let components = wait(figma.published_components("KEY")).unwrap();
    let sets = wait(figma.published_sets("KEY")).unwrap();
    assert_eq!((components.len(), sets.len()), (3718, 67));
    let of_set = |component: &&lockstep_design::figma::client::Published| {
        let frame = component.containing_frame.as_ref();
        frame.is_some_and(|frame| frame.containing_component_set.is_some())
    };
    assert_eq!(components.iter().filter(of_set).count(), 2100);

    let variables = wait(figma.variables("KEY")).unwrap();
    assert_eq!(variables.variables.len(), 811);
    let modes = variables.variable_collections.values().map(|collection| collection.modes.len());
    assert_eq!(modes.max(), Some(18));
    let values = || variables.variables.values().flat_map(|variable| variable.values_by_mode.values());
    assert!(values().all(|value| !matches!(value, VariableValue::Other(_))));
    assert!(values().any(|value| matches!(value, VariableValue::Alias { .. })));
    assert!(values().any(|value| matches!(value, VariableValue::Color { .. })));
    assert_eq!([Tier::One, Tier::Two, Tier::Three].map(|tier| figma.calls(tier)), [0, 1, 2]);
}

#[test]
fn the_smaller_calls_are_typed_as_documented() {
    let Some(server) = FigmaServer::start() else { return };
    let user = json!({ "id": "7", "handle": "Ada", "img_url": "" });
    let mut me = user.clone();
    me["email"] = "ada@example.com".into();
    server.answer("/v1/me", me);
    let version = |id: &str, label: Value| json!({ "id": id, "created_at": "2026-01-01T00:00:00Z", "label": label, "description": null, "user": user });
    let versions =
        json!({ "versions": [version("12", "1.0".into()), version("11", Value::Null)], "pagination": {} });
    server.answer("/v1/files/{file_key}/versions", versions);
    let resource =
        json!({ "id": "r", "name": "Story", "url": "https://x", "file_key": "KEY", "node_id": "1:2" });
    server.answer("/v1/files/{file_key}/dev_resources", json!({ "dev_resources": [resource] }));
    let hook = json!({
        "id": "h", "event_type": "FILE_UPDATE", "team_id": "", "context": "FILE", "context_id": "KEY",
        "plan_api_id": "p", "status": "ACTIVE", "client_id": null, "passcode": "", "endpoint": "https://x",
        "description": null,
    });
    server.answer("/v2/webhooks", json!({ "webhooks": [hook] }));

    let figma = figma(&server);
    assert_eq!(wait(figma.me()).unwrap().email.as_deref(), Some("ada@example.com"));
    let versions = wait(figma.versions("KEY", None)).unwrap();
    assert_eq!((versions[0].label.as_deref(), versions[1].label.as_deref()), (Some("1.0"), None));
    assert!(wait(figma.versions("KEY", Some(&versions[1].id))).is_ok());
    assert_eq!(wait(figma.dev_resources("KEY")).unwrap()[0].node_id, "1:2");
    assert_eq!(wait(figma.webhooks("KEY")).unwrap()[0].event_type, "FILE_UPDATE");
    let calls = server.calls();
    assert_eq!(calls[2], "/v1/files/KEY/versions?page_size=50&before=11");
    assert_eq!(calls[4], "/v2/webhooks?context=file&context_id=KEY");
    assert_eq!([Tier::One, Tier::Two, Tier::Three].map(|tier| figma.calls(tier)), [0, 4, 1]);
    // A plan's token has no user.
    server.fail("/v1/me", Fault::Status(403, "Invalid scope(s)"));
    assert!(matches!(wait(figma.me()).unwrap_err(), FigmaError::Refused { .. }));
}
