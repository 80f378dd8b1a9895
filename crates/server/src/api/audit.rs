//! The audit log: what was done and what was refused, and whether the log is whole.

use axum::{
    Extension,
    http::{Method, StatusCode},
};
use lockstep_core::{audit::ChainedEntry, role::Action};
use lockstep_engine::audit::AuditCheck;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Asking, Document, Needs, Route, documents};
use crate::{
    caller::Errand,
    given::{Asked, Limit},
};

documents! {
    AuditLog: Vec<ChainedEntry> = "lockstep.audit/1",
    AuditLogCheck: AuditCheck = "lockstep.audit-check/1",
}

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    vec![
        Route::new(
            Method::GET,
            "/api/v1/audit",
            read,
            "list_audit_entries",
            "The audit log, newest first",
            list,
        )
        .leads(StatusCode::OK, "list_audit_entries", [("before", "$response.body#/data/0/seq")]),
        Route::new(
            Method::GET,
            "/api/v1/audit/check",
            read,
            "check_audit_log",
            "Whether the audit log is whole",
            check,
        ),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Page {
    /// Only entries before this one: the `seq` of the last one of the page before.
    #[schemars(range(min = i64::MIN, max = i64::MAX))]
    before: Option<i64>,
    /// How many entries.
    #[serde(default)]
    limit: Limit<50, 500>,
}

async fn list(
    Extension(caller): Asking,
    Extension(errand): Extension<Errand>,
    Asked(page): Asked<Page>,
) -> Answer<AuditLog> {
    let entries = errand.access.audit_log(&caller.actor, page.before, page.limit.get()).await?;
    Ok(Document::new(entries))
}

async fn check(Extension(caller): Asking, Extension(errand): Extension<Errand>) -> Answer<AuditLogCheck> {
    Ok(Document::new(errand.access.check_audit_log(&caller.actor).await?))
}
