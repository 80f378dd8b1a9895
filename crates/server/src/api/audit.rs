//! The audit log: what was done and what was refused, and whether the log is whole.

use axum::{Extension, http::Method};
use lockstep_core::{audit::ChainedEntry, role::Action};
use lockstep_engine::audit::AuditCheck;
use serde::Deserialize;

use super::{Answer, Asking, Document, Needs, Route};
use crate::{caller::Errand, given::Asked};

const PAGE: usize = 50;
const LONGEST_PAGE: usize = 500;

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    vec![
        Route::new(Method::GET, "/api/v1/audit", read, list),
        Route::new(Method::GET, "/api/v1/audit/check", read, check),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    /// Only entries before this one: the `seq` of the last one of the page before.
    before: Option<i64>,
    limit: Option<usize>,
}

async fn list(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Asked(page): Asked<Page>,
) -> Answer<Vec<ChainedEntry>> {
    let limit = page.limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let entries = errand.access.audit_log(&caller.actor, page.before, limit).await?;
    Ok(Document::new("lockstep.audit/1", entries))
}

async fn check(Extension(caller): Asking, Extension(errand): Extension<Errand>) -> Answer<AuditCheck> {
    Ok(Document::new("lockstep.audit-check/1", errand.access.check_audit_log(&caller.actor).await?))
}
