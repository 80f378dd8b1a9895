//! The audit log: what was done and what was refused, and whether the log is whole.

use std::io;

use axum::{
    Extension,
    body::Body,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream::unfold;
use lockstep_core::{audit::ChainedEntry, role::Action};
use lockstep_engine::audit::AuditCheck;
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Asking, Document, Needs, Route, documents};
use crate::{
    caller::{Caller, Errand},
    description::told::{Gives, Told},
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
        Route::new(
            Method::GET,
            "/api/v1/audit/export",
            read,
            "export_audit_log",
            "All of the audit log, one JSON document a line, newest first",
            export,
        )
        .streaming(),
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

/// So many entries are read at once.
const PART: usize = 500;

/// All entries, a line each. They are read as fast as they are taken.
struct Export {
    caller: Caller,
    errand: Errand,
}

impl IntoResponse for Export {
    fn into_response(self) -> Response {
        let Self { caller, errand } = self;
        let parts = unfold(Some(None), move |place: Option<Option<i64>>| {
            let (caller, errand) = (caller.clone(), errand.clone());
            async move {
                let read = errand.access.audit_log(&caller.actor, place?, PART).await;
                Some(match read {
                    Ok(entries) => {
                        let next = entries.last().map(|last| Some(last.entry.seq))?;
                        (Ok(lines(&entries)), Some(next))
                    }
                    // Whoever reads it sees that it was cut off.
                    Err(error) => {
                        tracing::error!(%error, "the audit log was not exported to its end");
                        (Err(io::Error::other("the registry failed")), None)
                    }
                })
            }
        });
        ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(parts)).into_response()
    }
}

fn lines(entries: &[ChainedEntry]) -> String {
    let line = |entry| format!("{}\n", json!({ "schema": "lockstep.audit-entry/1", "data": entry }));
    entries.iter().map(line).collect()
}

impl Gives for Export {
    fn tell(told: &mut Told<'_>) {
        let schema = json_schema!({ "type": "string" });
        let description = "`lockstep.audit-entry/1`, one a line";
        told.answers_other(StatusCode::OK, description, "application/x-ndjson", schema);
    }
}

async fn export(Extension(caller): Asking, Extension(errand): Extension<Errand>) -> Export {
    Export { caller, errand }
}
