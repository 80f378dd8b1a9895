//! Past syncs, and what became of them.

use axum::{
    Extension,
    http::{Method, StatusCode},
};
use chrono::Utc;
use lockstep_core::{ids::OperationId, role::Action};
use lockstep_engine::history::{self, PastOperation};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Document, Needs, Paging, Route, documents};
use crate::{
    caller::Errand,
    given::{Asked, Limit, Named},
};

documents! {
    History: Vec<PastOperation> = "lockstep.history/1",
    Operation: PastOperation = "lockstep.operation/1",
}

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    vec![
        Route::new(
            Method::GET,
            "/api/v1/operations",
            read,
            "list_operations",
            "Past operations, newest first",
            list,
        )
        .leads(StatusCode::OK, "undo_operation", [("id", "$response.body#/data/0/id")])
        .refuses([StatusCode::NOT_FOUND])
        .leads(StatusCode::OK, "show_operation", [("id", "$response.body#/data/0/id")])
        .leads(StatusCode::OK, "list_operations", [("after", "$response.body#/next")]),
        Route::new(
            Method::GET,
            "/api/v1/operations/{id}",
            read,
            "show_operation",
            "A past operation, by its id or the beginning of it",
            one,
        ),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Page {
    /// Only operations before this one.
    after: Option<OperationId>,
    /// How many operations.
    #[serde(default)]
    limit: Limit<20, 200>,
}

async fn list(Extension(errand): Extension<Errand>, Asked(page): Asked<Page>) -> Paging<History> {
    let limit = page.limit.get();
    let mut past = history::page(errand.access.store(), page.after, limit + 1, Utc::now()).await?;
    let has_more = past.len() > limit;
    past.truncate(limit);
    let next = past.last().filter(|_| has_more).map(|last| last.id.to_string());
    Ok(Document::new(past).next(next))
}

async fn one(Extension(errand): Extension<Errand>, Named(id): Named<String>) -> Answer<Operation> {
    let past = history::one(errand.access.store(), &id, Utc::now()).await?;
    Ok(Document::new(past))
}
