//! What is said of the API: that it is what the code says, and that it leads nowhere wrong.

use std::{collections::BTreeSet, path::Path};

use chrono::TimeDelta;
use lockstep_core::role::{Action, Scopes};
use lockstep_engine::access::TokenRequest;
use lockstep_server::{api, connections::Limits};
use lockstep_testkit::http::Request;
use serde_json::Value;

use crate::running::Running;

/// Writes the document anew instead of holding it against the code.
const WRITE: &str = "LOCKSTEP_WRITE_OPENAPI";

#[test]
fn the_document_is_what_the_code_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let said = api::description();
    if std::env::var_os(WRITE).is_some() {
        return std::fs::write(file, said).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == said,
        "docs/openapi.json is not what the code says; write it anew, and look at what changed:\n  \
         {WRITE}=1 cargo test -p lockstep-server --test it openapi && git diff docs/openapi.json"
    );
}

fn document() -> Value {
    serde_json::from_str(&api::description()).unwrap()
}

/// Every operation with its path and method.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(move |(method, told)| (path, method, told))
    })
}

fn operation<'d>(document: &'d Value, id: &Value) -> &'d Value {
    let mut all = operations(document).filter(|(_, _, told)| told["operationId"] == *id);
    let (_, _, told) = all.next().unwrap_or_else(|| panic!("there is no operation {id}"));
    assert!(all.next().is_none(), "there are two operations {id}");
    told
}

fn parameters<'o>(operation: &'o Value, place: &str) -> BTreeSet<&'o str> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.filter(|told| told["in"] == place).map(|told| told["name"].as_str().unwrap()).collect()
}

#[test]
fn every_route_is_described_under_a_name_of_its_own() {
    let document = document();
    let described: BTreeSet<(String, &str)> =
        operations(&document).map(|(path, method, _)| (method.to_ascii_uppercase(), path.as_str())).collect();
    let served: BTreeSet<(String, &str)> =
        api::table().into_iter().map(|(method, path, ..)| (method.to_string(), path)).collect();
    assert_eq!(described, served);
    for (path, _, told) in operations(&document) {
        assert_eq!(operation(&document, &told["operationId"]), told);
        assert!(told["summary"].as_str().is_some_and(|text| !text.is_empty() && !text.ends_with('.')));
        let named: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(parameters(told, "path"), named, "{path}");
        let statuses = told["responses"].as_object().unwrap();
        assert!(statuses.keys().any(|status| status.starts_with('2')), "{path}");
    }
}

#[test]
fn what_is_referred_to_is_there() {
    let document = document();
    let mut values = vec![&document];
    let mut followed = 0;
    while let Some(value) = values.pop() {
        if let Some(place) = value.get("$ref").and_then(Value::as_str) {
            assert!(document.pointer(place.trim_start_matches('#')).is_some(), "{place}");
            followed += 1;
        }
        values.extend(value.as_object().into_iter().flat_map(|members| members.values()));
        values.extend(value.as_array().into_iter().flatten());
    }
    assert!(followed > 100, "the references were not found");
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let is_second = name.ends_with(|letter: char| letter.is_ascii_digit());
        assert!(
            !is_second,
            "two types are called alike: give one `#[schemars(rename = …)]` instead of {name}"
        );
    }
}

/// Whether a place of a JSON Pointer can be in what a schema describes.
fn can_hold(document: &Value, schema: &Value, parts: &[&str]) -> bool {
    if let Some(place) = schema["$ref"].as_str() {
        return can_hold(document, document.pointer(place.trim_start_matches('#')).unwrap(), parts);
    }
    let Some((first, rest)) = parts.split_first() else { return true };
    let either = ["anyOf", "oneOf", "allOf"].iter().filter_map(|word| schema[word].as_array()).flatten();
    let inner = match first.parse::<usize>() {
        Ok(_) => schema.get("items"),
        Err(_) => schema["properties"].get(first),
    };
    inner.is_some_and(|inner| can_hold(document, inner, rest))
        || either.into_iter().any(|one| can_hold(document, one, parts))
}

#[test]
fn links_lead_from_what_is_answered_to_what_is_taken() {
    let document = document();
    let mut followed = 0;
    for (path, _, told) in operations(&document) {
        for answer in told["responses"].as_object().unwrap().values() {
            let schema = &answer["content"]["application/json"]["schema"];
            for (name, link) in answer["links"].as_object().into_iter().flatten() {
                followed += 1;
                let target = operation(&document, &link["operationId"]);
                let known = &parameters(target, "path") | &parameters(target, "query");
                for (parameter, value) in link["parameters"].as_object().into_iter().flatten() {
                    assert!(known.contains(parameter.as_str()), "{path}: {name} takes no {parameter}");
                    let place = value.as_str().unwrap().strip_prefix("$response.body#/").unwrap();
                    let parts: Vec<&str> = place.split('/').collect();
                    assert!(can_hold(&document, schema, &parts), "{path} gives no {place} for {name}");
                }
                assert!(link["requestBody"].is_null() || !target["requestBody"].is_null(), "{path}: {name}");
            }
        }
    }
    assert!(followed > 20, "the links were not found");
}

#[test]
fn people_read_it_as_a_page_of_the_hub_alone() {
    let hub = Running::start(Limits::default());
    let told = Request::new("GET", "/api/v1/openapi.json").send(hub.address).is(200);
    assert_eq!(told.header("content-type"), Some("application/json"));
    assert_eq!(told.body, api::description());
    let page = Request::new("GET", "/api").send(hub.address).is(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    for loads in ["<script", "<link", "<img", "src=", "@import", "url(", "onclick"] {
        assert!(!page.body.contains(loads), "{loads}");
    }
    assert!(page.body.contains("href=\"/api/v1/openapi.json\""));
    let document = document();
    for (_, _, told) in operations(&document) {
        assert!(
            page.body.contains(&format!("<section id={}>", told["operationId"])),
            "{}",
            told["operationId"]
        );
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.body.contains(&format!("<section id=\"type-{name}\">")), "{name}");
    }
    for target in page.body.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.body.contains(&format!("id=\"{target}\"")), "a link leads to {target}");
    }
}

#[test]
fn what_can_be_in_no_registry_is_refused() {
    let hub = Running::start(Limits::default());
    let admin = hub.run(hub.access.os_user("root")).unwrap();
    let request = TokenRequest {
        owner: None,
        name: "test".into(),
        scopes: Scopes([Action::Read, Action::TokensOfOthers].into()),
        lasts: TimeDelta::days(1),
    };
    let token = hub.run(hub.access.create_token(&admin, request)).unwrap().secret.expose().to_owned();
    let request =
        Request::new("GET", "/api/v1/tokens?user=a%00b").header("authorization", format!("Bearer {token}"));
    assert_eq!(request.send(hub.address).is(422).json()["code"], "nul-character");
}
