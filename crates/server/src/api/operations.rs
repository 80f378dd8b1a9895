//! Past syncs, and what became of them.

use axum::{Extension, http::Method};
use chrono::Utc;
use lockstep_core::{ids::OperationId, role::Action};
use lockstep_engine::history::{self, PastOperation};
use serde::Deserialize;

use super::{Answer, Document, Needs, Route};
use crate::{
    caller::Errand,
    given::{Asked, Named},
};

const PAGE: usize = 20;
const LONGEST_PAGE: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    vec![
        Route::new(Method::GET, "/api/v1/operations", read, list),
        Route::new(Method::GET, "/api/v1/operations/{id}", read, one),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    /// Only operations before this one.
    after: Option<OperationId>,
    limit: Option<usize>,
}

async fn list(Extension(errand): Extension<Errand>, Asked(page): Asked<Page>) -> Answer<Vec<PastOperation>> {
    let limit = page.limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let mut past = history::page(errand.access.store(), page.after, limit + 1, Utc::now()).await?;
    let has_more = past.len() > limit;
    past.truncate(limit);
    let next = past.last().filter(|_| has_more).map(|last| last.id.to_string());
    Ok(Document::new("lockstep.history/1", past).next(next))
}

async fn one(Extension(errand): Extension<Errand>, Named(id): Named<String>) -> Answer<PastOperation> {
    let past = history::one(errand.access.store(), &id, Utc::now()).await?;
    Ok(Document::new("lockstep.operation/1", past))
}
