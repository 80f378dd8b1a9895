//! The description of the API as an OpenAPI 3.1 document, made of the routes and of the types of their handlers.

pub(crate) mod model;
mod page;
mod problems;
pub(crate) mod told;
mod types;

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use serde_json::Value;

use self::{
    model::{
        Components, Info, License, Link, OpenApi, Operation, Response, Security, SecurityScheme, Server, Tag,
    },
    told::Told,
    types::{Renamed, Types},
};
use crate::{
    api::{Needs, Repeats, Route},
    caller::CSRF,
};

const ABOUT: &str = "What the registry knows, and what a hub does in its workspace. Answers have the shape of what the \
command line prints with `--json`: `schema` names the shape of `data`. New members may come at any time: read what you \
know and leave the rest. Refusals and failures are problem details (RFC 9457), with a stable `code`. A request may bear \
`X-Correlation-Id`, a UUID of its own choice, and what was read may be asked for again with `If-None-Match`.";

const TOKEN: &str = "token";
const SESSION: &str = "session";
const CSRF_TOKEN: &str = "csrf";

/// The description as it is given out.
pub(crate) struct Description {
    /// For programs: the document as JSON.
    pub(crate) json: String,
    /// For people: the body of a page.
    page: String,
}

impl Description {
    pub(crate) fn of(routes: &[Route]) -> Self {
        let document = of(routes);
        Self { json: document.json(), page: page::body(&document) }
    }

    /// The page.
    pub(crate) fn page(&self) -> axum::response::Response {
        crate::html::page(StatusCode::OK, page::TITLE, page::STYLE, &self.page)
    }
}

/// The description of all routes.
fn of(routes: &[Route]) -> OpenApi {
    let mut types = Types::new();
    let mut paths: BTreeMap<&'static str, BTreeMap<String, Operation>> = BTreeMap::new();
    for route in routes {
        let operation = operation(route, &mut types);
        let method = route.method.as_str().to_ascii_lowercase();
        paths.entry(route.path).or_default().insert(method, operation);
    }
    let responses = problems::answers(&mut types);
    let (schemas, renamed) = types.schemas();
    for operation in paths.values_mut().flat_map(BTreeMap::values_mut) {
        refer(operation, &renamed);
    }
    let mut tags: Vec<&'static str> =
        paths.values().flat_map(BTreeMap::values).flat_map(|operation| operation.tags.clone()).collect();
    tags.sort_unstable();
    tags.dedup();
    OpenApi {
        openapi: "3.1.0",
        info: Info {
            title: "Lockstep hub",
            version: env!("CARGO_PKG_VERSION"),
            description: ABOUT,
            license: License { name: "Apache-2.0 OR MIT", identifier: "Apache-2.0 OR MIT" },
        },
        servers: vec![Server { url: "/", description: "The hub that gave this document" }],
        tags: tags.into_iter().map(|name| Tag { name }).collect(),
        paths,
        components: Components {
            schemas,
            responses,
            headers: problems::headers(),
            security_schemes: security_schemes(),
        },
    }
}

fn operation(route: &Route, types: &mut Types) -> Operation {
    let operation = Operation {
        operation_id: route.id,
        summary: route.summary,
        description: who(route.needs),
        tags: vec![tag(route.path)],
        security: security(route),
        ..Operation::default()
    };
    let mut told = Told { types, path: route.path, method: &route.method, operation };
    for status in [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::MISDIRECTED_REQUEST,
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::SERVICE_UNAVAILABLE,
    ] {
        told.refuses(status);
    }
    if changes(route) || route.needs != Needs::Nothing {
        told.refuses(StatusCode::FORBIDDEN);
    }
    if route.needs != Needs::Nothing {
        told.refuses(StatusCode::UNAUTHORIZED);
        told.refuses(StatusCode::TOO_MANY_REQUESTS);
    }
    (route.tell)(&mut told);
    if route.repeats == Repeats::ByKey {
        told.takes_key();
    }
    for status in &route.refusals {
        told.refuses(*status);
    }
    let mut operation = told.operation;
    for (status, link) in &route.links {
        if let Some(Response::Described(answer)) = operation.responses.get_mut(&status.as_u16()) {
            answer.links.insert(link.operation_id, Link::clone(link));
        }
    }
    operation
}

fn changes(route: &Route) -> bool {
    !matches!(route.method, Method::GET | Method::HEAD)
}

/// Who may ask, in words.
fn who(needs: Needs) -> String {
    match needs {
        Needs::Nothing => "Anybody may ask.".to_owned(),
        Needs::SignIn => "Needs a sign-in.".to_owned(),
        Needs::Grant(action) => {
            format!("Needs the role `{}`, and of a token the scope `{action}`.", action.needs())
        }
    }
}

/// A resource: what comes after the version in a path.
fn tag(path: &'static str) -> &'static str {
    path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next()).unwrap_or("hub")
}

fn security(route: &Route) -> Vec<Security> {
    let all = |names: &[&'static str]| names.iter().map(|name| (*name, [])).collect();
    match route.needs {
        Needs::Nothing => Vec::new(),
        _ if changes(route) => vec![all(&[TOKEN]), all(&[SESSION, CSRF_TOKEN])],
        _ => vec![all(&[TOKEN]), all(&[SESSION])],
    }
}

fn security_schemes() -> BTreeMap<&'static str, SecurityScheme> {
    let key = |place, name, description| SecurityScheme::ApiKey { place, name, description };
    BTreeMap::from([
        (
            TOKEN,
            SecurityScheme::Http {
                scheme: "bearer",
                description: "A token of a program: `lockstep token create`",
            },
        ),
        (
            SESSION,
            key(
                "cookie",
                "lockstep_session",
                "A browser's session; behind a proxy its name begins with `__Host-`",
            ),
        ),
        (CSRF_TOKEN, key("header", CSRF, "With a session, what changes something bears its `csrf_token`")),
    ])
}

/// Has what comes in refer to schemas by their names at the end.
fn refer(operation: &mut Operation, renamed: &Renamed) {
    let bodies = operation.request_body.iter_mut().flat_map(|body| body.content.values_mut());
    let bodies = bodies.map(|media| &mut media.schema);
    let parameters = operation.parameters.iter_mut().map(|parameter| &mut parameter.schema);
    for schema in bodies.chain(parameters) {
        let mut value = schema.clone().to_value();
        renamed.apply(&mut value);
        *schema = value.try_into().unwrap_or_default();
    }
}

impl OpenApi {
    /// The document as JSON, its members in the order of their names: the same bytes each time.
    fn json(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        let mut text = serde_json::to_string_pretty(&Sorted(&value)).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// A value whose members come in the order of their names, however serde_json was built.
struct Sorted<'v>(&'v Value);

impl serde::Serialize for Sorted<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let sorted: BTreeMap<&String, Sorted<'_>> =
                    members.iter().map(|(name, value)| (name, Sorted(value))).collect();
                serializer.collect_map(sorted)
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Sorted)),
            other => other.serialize(serializer),
        }
    }
}
