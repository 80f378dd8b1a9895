//! What is said of a route, made of the types of its handler: what it takes and what it gives.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension,
    extract::State,
    http::{Method, StatusCode},
};
use schemars::{JsonSchema, Schema, json_schema};
use serde_json::Value;

use super::{
    model::{Answer, Header, Media, Operation, Parameter, Place, RequestBody, Response},
    problems,
    types::Types,
};
use crate::{
    api::document::{Document, Made, Page, Shape},
    caller::{Caller, Errand},
    given::{Asked, Body, Confidential, Named},
    hub::Shared,
    problem::Problem,
    work::For,
};

const JSON: &str = "application/json";

/// An operation while it is being described.
pub(crate) struct Told<'a> {
    pub(crate) types: &'a mut Types,
    pub(crate) path: &'static str,
    pub(crate) method: &'a Method,
    pub(crate) operation: Operation,
}

/// Something that a handler takes.
pub(crate) trait Takes {
    fn tell(told: &mut Told<'_>);
}

/// Something that a handler gives.
pub(crate) trait Gives {
    fn tell(told: &mut Told<'_>);
}

/// A handler: `T` is what axum's `Handler` makes of what it takes.
pub(crate) trait Handles<T> {
    fn tell(told: &mut Told<'_>);
}

impl<F, Fut> Handles<((),)> for F
where
    F: FnOnce() -> Fut,
    Fut: Future<Output: Gives>,
{
    fn tell(told: &mut Told<'_>) {
        <Fut::Output as Gives>::tell(told);
    }
}

macro_rules! handles {
    ($($input:ident)+) => {
        impl<F, Fut, M, $($input),+> Handles<(M, $($input,)+)> for F
        where
            F: FnOnce($($input),+) -> Fut,
            Fut: Future<Output: Gives>,
            $($input: Takes,)+
        {
            fn tell(told: &mut Told<'_>) {
                $(<$input as Takes>::tell(told);)+
                <Fut::Output as Gives>::tell(told);
            }
        }
    };
}

handles!(A);
handles!(A B);
handles!(A B C);
handles!(A B C D);
handles!(A B C D E);
handles!(A B C D E G);

impl Told<'_> {
    /// It may be refused so.
    pub(crate) fn refuses(&mut self, status: StatusCode) {
        self.operation.responses.insert(status.as_u16(), Response::Known { place: problems::place(status) });
    }

    pub(crate) fn answers(&mut self, status: StatusCode, answer: Answer) {
        self.operation.responses.insert(status.as_u16(), Response::Described(answer));
    }

    /// It answers with a JSON value.
    pub(crate) fn answers_json(&mut self, status: StatusCode, description: &str, schema: Schema) {
        let mut headers = problems::always();
        let is_kept = *self.method == Method::GET && self.path.starts_with("/api/");
        if is_kept && status == StatusCode::OK {
            headers.insert("ETag", Header::Known { place: "#/components/headers/ETag" });
            self.answers(
                StatusCode::NOT_MODIFIED,
                Answer {
                    description: "It is what `If-None-Match` says".to_owned(),
                    headers: headers.clone(),
                    ..Answer::default()
                },
            );
        }
        let content = BTreeMap::from([(JSON, Media { schema })]);
        let description = description.to_owned();
        self.answers(status, Answer { description, headers, content, links: BTreeMap::new() });
    }

    /// It answers with a document.
    pub(crate) fn answers_document<S: Shape>(&mut self, status: StatusCode, is_page: bool) {
        let data = self.types.told::<S::Data>();
        let mut schema = json_schema!({
            "type": "object",
            "properties": { "schema": { "const": S::WORD }, "data": data },
            "required": ["schema", "data"],
        });
        if is_page {
            let next = "Where the next page begins: what `after` is for it. Absent on the last one.";
            if let Some(Value::Object(properties)) = schema.get_mut("properties") {
                let next = serde_json::json!({ "type": "string", "description": next });
                properties.insert("next".to_owned(), next);
            }
        }
        self.answers_json(status, &format!("`{}`", S::WORD), schema);
    }

    /// It answers with something that is no JSON.
    pub(crate) fn answers_other(
        &mut self,
        status: StatusCode,
        description: &str,
        media_type: &'static str,
        schema: Schema,
    ) {
        let (description, headers) = (description.to_owned(), problems::always());
        let content = BTreeMap::from([(media_type, Media { schema })]);
        self.answers(status, Answer { description, headers, content, links: BTreeMap::new() });
    }

    /// It answers with nothing but a status.
    pub(crate) fn answers_nothing(&mut self, status: StatusCode, description: &str) {
        let (description, headers) = (description.to_owned(), problems::always());
        self.answers(status, Answer { description, headers, ..Answer::default() });
    }

    /// An answer bears a header besides, which is described there.
    pub(crate) fn bears(&mut self, status: StatusCode, header: &'static str, place: &'static str) {
        if let Some(Response::Described(answer)) = self.operation.responses.get_mut(&status.as_u16()) {
            answer.headers.insert(header, Header::Known { place });
        }
    }

    /// What is asked may be sent again with the same key.
    pub(crate) fn takes_key(&mut self) {
        let about =
            "A name for this request, a UUID say: sent again with it, the request is answered as before";
        self.operation.parameters.push(Parameter {
            name: "Idempotency-Key".to_owned(),
            place: Place::Header,
            required: false,
            description: about.to_owned(),
            // A string in quotes is taken, too, as the draft of its standard has it.
            schema: json_schema!({ "type": "string", "pattern": r"^[!#-\[\]-~]{1,255}$" }),
        });
        for status in [
            StatusCode::BAD_REQUEST,
            StatusCode::CONFLICT,
            StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::UNPROCESSABLE_ENTITY,
        ] {
            self.refuses(status);
        }
    }

    fn takes_body(&mut self, schema: Schema) {
        let content = BTreeMap::from([(JSON, Media { schema })]);
        self.operation.request_body = Some(RequestBody { required: true, content });
        for status in [
            StatusCode::BAD_REQUEST,
            StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            StatusCode::UNPROCESSABLE_ENTITY,
        ] {
            self.refuses(status);
        }
    }
}

impl<T: JsonSchema> Takes for Body<T> {
    fn tell(told: &mut Told<'_>) {
        let schema = told.types.given::<T>();
        told.takes_body(schema);
    }
}

impl<T: JsonSchema> Takes for Confidential<T> {
    fn tell(told: &mut Told<'_>) {
        Body::<T>::tell(told);
    }
}

impl<T: JsonSchema> Takes for Asked<T> {
    fn tell(told: &mut Told<'_>) {
        let all = told.types.members::<T>();
        let members = all.get("properties").and_then(Value::as_object);
        let required = all.get("required").and_then(Value::as_array);
        for (name, member) in members.into_iter().flatten() {
            let mut schema = member.clone();
            without_null(&mut schema);
            let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            told.operation.parameters.push(Parameter {
                name: name.clone(),
                place: Place::Query,
                required: required.is_some_and(|all| all.iter().any(|one| one == name)),
                description: description.and_then(|text| Some(text.as_str()?.to_owned())).unwrap_or_default(),
                schema: schema.try_into().unwrap_or_default(),
            });
        }
        // The order of members depends on how serde_json was built.
        told.operation.parameters.sort_by(|one, other| one.name.cmp(&other.name));
        told.refuses(StatusCode::BAD_REQUEST);
        told.refuses(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

/// What is not asked for is left out: a query has no `null`.
fn without_null(schema: &mut Value) {
    let is_null = |one: &Value| *one == "null" || *one == serde_json::json!({ "type": "null" });
    let Some(members) = schema.as_object_mut() else { return };
    if let Some(Value::Array(kinds)) = members.get_mut("type") {
        kinds.retain(|kind| !is_null(kind));
        if let [only] = &kinds[..] {
            let only = only.clone();
            members.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(either)) = members.get_mut("anyOf") {
        either.retain(|one| !is_null(one));
        if let [Value::Object(only)] = &either[..] {
            let only = only.clone();
            members.remove("anyOf");
            members.extend(only);
        }
    }
    if members.get("default") == Some(&Value::Null) {
        members.remove("default");
    }
}

impl<T: JsonSchema> Takes for Named<T> {
    fn tell(told: &mut Told<'_>) {
        let schema = told.types.given::<T>();
        for name in told.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            told.operation.parameters.push(Parameter {
                name: name.to_owned(),
                place: Place::Path,
                required: true,
                description: String::new(),
                schema: schema.clone(),
            });
        }
        told.refuses(StatusCode::BAD_REQUEST);
        told.refuses(StatusCode::NOT_FOUND);
        told.refuses(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

/// Work in the workspace: there may be none, or what it holds may be wrong.
impl Takes for For {
    fn tell(told: &mut Told<'_>) {
        told.refuses(StatusCode::CONFLICT);
        told.refuses(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

impl Takes for State<Arc<Shared>> {
    fn tell(_: &mut Told<'_>) {}
}

impl Takes for Extension<Caller> {
    fn tell(_: &mut Told<'_>) {}
}

impl Takes for Extension<Errand> {
    fn tell(_: &mut Told<'_>) {}
}

impl<T: Gives> Gives for Result<T, Problem> {
    fn tell(told: &mut Told<'_>) {
        T::tell(told);
    }
}

impl<S: Shape> Gives for Document<S> {
    fn tell(told: &mut Told<'_>) {
        told.answers_document::<S>(StatusCode::OK, false);
    }
}

impl<S: Shape> Gives for Made<S> {
    fn tell(told: &mut Told<'_>) {
        told.answers_document::<S>(StatusCode::CREATED, false);
    }
}

impl<S: Shape> Gives for Page<S> {
    fn tell(told: &mut Told<'_>) {
        told.answers_document::<S>(StatusCode::OK, true);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_query_has_no_null() {
        for (with, without) in [
            (json!({ "type": ["string", "null"] }), json!({ "type": "string" })),
            (json!({ "type": ["string", "null"], "default": null }), json!({ "type": "string" })),
            (json!({ "anyOf": [{ "$ref": "#/x" }, { "type": "null" }] }), json!({ "$ref": "#/x" })),
            (json!({ "type": "integer", "default": 3 }), json!({ "type": "integer", "default": 3 })),
        ] {
            let mut schema = with;
            without_null(&mut schema);
            assert_eq!(schema, without);
        }
    }
}
