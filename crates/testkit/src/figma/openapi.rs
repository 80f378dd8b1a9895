//! Figma's own OpenAPI document: what it says of a request, and of an answer.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, OnceLock, PoisonError},
};

use anyhow::Context as _;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::npm::npm_package;

/// The package that the document is in.
const PACKAGE: (&str, &str) = ("@figma/rest-api-spec", "0.43.0");

/// The document, with what is needed to hold requests and answers against it.
#[derive(Debug)]
pub struct OpenApi {
    document: Value,
    validators: Mutex<HashMap<String, &'static Validator>>,
}

/// A call that the document knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its path, with its parameters: `/v1/files/{file_key}`.
    pub path: String,
    /// What stands for them.
    pub parameters: BTreeMap<String, String>,
}

impl OpenApi {
    /// The document; nothing when the npm registry can't be reached.
    ///
    /// # Panics
    /// When what the registry gives is not the document.
    pub fn get() -> Option<&'static Self> {
        static DOCUMENT: OnceLock<Option<OpenApi>> = OnceLock::new();
        let read = || match npm_package(PACKAGE.0, PACKAGE.1) {
            Ok(folder) => {
                let text = std::fs::read_to_string(folder.join("openapi/openapi.yaml"));
                let document = text.context("reading it").and_then(|text| Ok(serde_norway::from_str(&text)?));
                Some(Self::new(
                    document.unwrap_or_else(|error| panic!("Figma's OpenAPI document: {error:#}")),
                ))
            }
            Err(error) => {
                eprintln!("SKIPPED: {}@{} can't be fetched: {error:#}", PACKAGE.0, PACKAGE.1);
                None
            }
        };
        DOCUMENT.get_or_init(read).as_ref()
    }

    fn new(mut document: Value) -> Self {
        dispatch(&mut document);
        // The text says that a node may be null, and the schema doesn't.
        let node = document.pointer_mut(
            "/components/responses/GetFileNodesResponse/content/application~1json/schema/properties/nodes/additionalProperties",
        );
        let node = node.expect("the document describes nodes");
        *node = json!({ "anyOf": [node.take(), { "type": "null" }] });
        Self { document, validators: Mutex::default() }
    }

    /// The call at a path; nothing for one that Figma doesn't have.
    pub fn operation(&self, path: &str) -> Option<Operation> {
        let parts: Vec<&str> = path.split('/').collect();
        let paths = self.document["paths"].as_object()?;
        paths.keys().find_map(|template| {
            let names: Vec<&str> = template.split('/').collect();
            let parameter = |name: &str| Some(name.strip_prefix('{')?.strip_suffix('}')?.to_owned());
            let fits = names.len() == parts.len()
                && names.iter().zip(&parts).all(|(name, part)| match parameter(name) {
                    Some(_) => !part.is_empty(),
                    None => name == part,
                });
            let parameters = names.iter().zip(&parts);
            fits.then(|| Operation {
                path: template.clone(),
                parameters: parameters
                    .filter_map(|(name, part)| Some((parameter(name)?, (*part).to_owned())))
                    .collect(),
            })
        })
    }

    /// What is wrong with a `GET`, by its query and whether a token came with it.
    pub fn faults_of_request(
        &self,
        operation: &Operation,
        query: &[(String, String)],
        has_token: bool,
    ) -> Vec<String> {
        let get = &self.document["paths"][&operation.path]["get"];
        if get.is_null() {
            return vec![format!("{} can't be read", operation.path)];
        }
        let mut faults = Vec::new();
        if !has_token {
            faults.push("there is no X-Figma-Token".to_owned());
        }
        let known: Vec<&Value> = get["parameters"].as_array().into_iter().flatten().collect();
        let stated = |name: &str| {
            known.iter().find(|parameter| parameter["in"] == "query" && parameter["name"] == name).copied()
        };
        for (name, value) in query {
            match stated(name) {
                None => faults.push(format!("{} takes no `{name}`", operation.path)),
                Some(parameter) => faults.extend(self.parameter_faults(&parameter["schema"], name, value)),
            }
        }
        for parameter in known.iter().filter(|parameter| parameter["required"] == true) {
            let name = parameter["name"].as_str().unwrap_or_default();
            if parameter["in"] == "query" && query.iter().all(|(given, _)| given != name) {
                faults.push(format!("{} needs `{name}`", operation.path));
            }
        }
        faults
    }

    fn parameter_faults(&self, schema: &Value, name: &str, text: &str) -> Vec<String> {
        let value = match schema["type"].as_str() {
            Some("number" | "integer" | "boolean") => {
                serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
            }
            _ => Value::from(text),
        };
        let validator = jsonschema::validator_for(schema).expect("a parameter's schema");
        validator.iter_errors(&value).map(|error| format!("`{name}`: {error}")).collect()
    }

    /// What is wrong with an answer.
    pub fn faults_of_answer(&self, operation: &Operation, status: u16, answer: &Value) -> Vec<String> {
        // What stands before the API answers so, and the document doesn't speak of it.
        if [413, 502, 503, 504].contains(&status) {
            return Vec::new();
        }
        let responses = &self.document["paths"][&operation.path]["get"]["responses"];
        let Some(reference) = responses[status.to_string()]["$ref"].as_str() else {
            return vec![format!("{} never answers {status}", operation.path)];
        };
        let errors = self.validator(reference).iter_errors(answer);
        errors
            .take(5)
            .map(|error| {
                let text: String = error.to_string().chars().take(300).collect();
                format!("{} {status} at {}: {text}", operation.path, error.instance_path())
            })
            .collect()
    }

    /// The schema of a successful answer.
    pub fn answer_schema(&self, path: &str) -> &Value {
        let reference = self.document["paths"][path]["get"]["responses"]["200"]["$ref"].as_str();
        let response = self.resolve(reference.expect("a call that can be read"));
        &response["content"]["application/json"]["schema"]
    }

    /// What a reference of the document points at.
    pub fn resolve(&self, reference: &str) -> &Value {
        let pointer = reference.strip_prefix('#').expect("a reference within the document");
        self.document.pointer(pointer).expect("a reference that leads somewhere")
    }

    fn validator(&self, reference: &str) -> &'static Validator {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        validators.entry(reference.to_owned()).or_insert_with(|| {
            let schema = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$ref": format!("{reference}/content/application~1json/schema"),
                "components": self.document["components"],
            });
            let validator = jsonschema::options().should_validate_formats(true).build(&schema);
            // One for each kind of answer, for as long as the tests run.
            Box::leak(Box::new(validator.expect("the document's schemas are schemas")))
        })
    }
}

/// Lets a discriminator decide which alternative holds: trying them all takes exponentially long in nested nodes.
fn dispatch(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let (Some(discriminator), true) =
                (members.get("discriminator").cloned(), members.contains_key("oneOf"))
            {
                let property = discriminator["propertyName"].as_str().unwrap_or_default().to_owned();
                let mapping = discriminator["mapping"].as_object().cloned().unwrap_or_default();
                let cases = mapping.iter().map(|(word, reference)| {
                    let is =
                        json!({ "required": [property], "properties": { &property: { "const": word } } });
                    json!({ "if": is, "then": { "$ref": reference } })
                });
                let words: Vec<&String> = mapping.keys().collect();
                let one = json!({ "required": [property], "properties": { &property: { "enum": words } } });
                let cases: Vec<Value> = cases.chain([one]).collect();
                members.remove("oneOf");
                members.insert("allOf".to_owned(), Value::from(cases));
            }
            members.values_mut().for_each(dispatch);
        }
        Value::Array(items) => items.iter_mut().for_each(dispatch),
        _ => {}
    }
}
