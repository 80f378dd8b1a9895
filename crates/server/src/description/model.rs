//! The parts of an OpenAPI 3.1 document that the hub's API needs.

use std::collections::BTreeMap;

use schemars::Schema;
use serde::Serialize;
use serde_json::Value;

/// The document.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OpenApi {
    pub(crate) openapi: &'static str,
    pub(crate) info: Info,
    pub(crate) servers: Vec<Server>,
    pub(crate) tags: Vec<Tag>,
    /// By path, then by method in small letters.
    pub(crate) paths: BTreeMap<&'static str, BTreeMap<String, Operation>>,
    pub(crate) components: Components,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Info {
    pub(crate) title: &'static str,
    pub(crate) version: &'static str,
    pub(crate) description: &'static str,
    pub(crate) license: License,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct License {
    pub(crate) name: &'static str,
    pub(crate) identifier: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Server {
    pub(crate) url: &'static str,
    pub(crate) description: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Tag {
    pub(crate) name: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Components {
    pub(crate) schemas: BTreeMap<String, Value>,
    pub(crate) responses: BTreeMap<&'static str, Answer>,
    pub(crate) headers: BTreeMap<&'static str, Header>,
    pub(crate) security_schemes: BTreeMap<&'static str, SecurityScheme>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum SecurityScheme {
    Http {
        scheme: &'static str,
        description: &'static str,
    },
    ApiKey {
        #[serde(rename = "in")]
        place: &'static str,
        name: &'static str,
        description: &'static str,
    },
}

/// What of [`Components::security_schemes`] opens an operation, with the scopes that OAuth would have.
pub(crate) type Security = BTreeMap<&'static str, [(); 0]>;

/// An operation.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) operation_id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: String,
    pub(crate) tags: Vec<&'static str>,
    pub(crate) security: Vec<Security>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_body: Option<RequestBody>,
    /// By status.
    pub(crate) responses: BTreeMap<u16, Response>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    #[serde(rename = "in")]
    pub(crate) place: Place,
    pub(crate) required: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) description: String,
    pub(crate) schema: Schema,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct RequestBody {
    pub(crate) required: bool,
    /// By media type.
    pub(crate) content: BTreeMap<&'static str, Media>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Media {
    pub(crate) schema: Schema,
}

/// An answer, or where it is described.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Response {
    Described(Answer),
    Known {
        #[serde(rename = "$ref")]
        place: String,
    },
}

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Answer {
    pub(crate) description: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) headers: BTreeMap<&'static str, Header>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) content: BTreeMap<&'static str, Media>,
    /// By the operation that they lead to.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) links: BTreeMap<&'static str, Link>,
}

/// A header, or where it is described.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Header {
    Described {
        description: &'static str,
        required: bool,
        schema: Schema,
    },
    Known {
        #[serde(rename = "$ref")]
        place: &'static str,
    },
}

/// Where an answer leads.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Link {
    pub(crate) operation_id: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) parameters: BTreeMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_body: Option<Value>,
}
