//! What the API is, told to programs.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::json_schema;

use super::{Needs, Route};
use crate::{
    description::told::{Gives, Told},
    hub::Shared,
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(
        Method::GET,
        "/api/v1/openapi.json",
        Needs::Nothing,
        "show_description",
        "This document",
        show,
    )]
}

/// An OpenAPI document as text.
struct Document(String);

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

impl Gives for Document {
    fn tell(told: &mut Told<'_>) {
        let schema = json_schema!({
            "type": "object",
            "properties": { "openapi": { "const": "3.1.0" }, "paths": { "type": "object" } },
            "required": ["openapi", "paths"],
        });
        told.answers_json(StatusCode::OK, "An OpenAPI 3.1 document", schema);
    }
}

async fn show(State(hub): State<Arc<Shared>>) -> Document {
    Document(hub.description.json.clone())
}
