//! Whether the hub lives, and whether it can do its work.

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use lockstep_engine::{Store, StoreError};
use serde::Serialize;
use serde_json::json;

use crate::{disk, hub::Shared, problem::Problem};

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(3);

/// Something that the hub needs. Why it is missing stands in the log: anybody may ask here.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
}

/// `/healthz`: the process answers.
pub(crate) async fn alive() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// `/readyz`: the database answers, has the tables that this version needs, and has room.
pub(crate) async fn ready(State(hub): State<Arc<Shared>>) -> Response {
    let mut checks = database(&hub.store).await;
    let folders = [hub.store.file().and_then(Path::parent), hub.workspace.as_deref()];
    let full = folders.into_iter().flatten().find_map(disk::trouble);
    checks.push(check("disk", full));
    let missing: Vec<&str> = checks.iter().filter(|check| !check.ok).map(|check| check.name).collect();
    if missing.is_empty() {
        return Json(json!({ "status": "ok", "checks": checks })).into_response();
    }
    let detail = format!("the hub can't work: {}", missing.join(", "));
    let next_step = "see the hub's log for why, with this correlation id";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", detail, next_step)
        .with("checks", json!(checks))
        .into_response()
}

async fn database(store: &Store) -> Vec<Check> {
    let asked = tokio::time::timeout(PATIENCE, store.check_schema()).await;
    let (reached, migrated) = match asked {
        Ok(Ok(())) => (None, None),
        Ok(Err(
            error @ (StoreError::NotMigrated { .. }
            | StoreError::NewerSchema { .. }
            | StoreError::ChangedMigration { .. }),
        )) => (None, Some(error.to_string())),
        Ok(Err(error)) => (Some(error.to_string()), None),
        Err(_) => (Some(format!("no answer within {} seconds", PATIENCE.as_secs())), None),
    };
    let is_reached = reached.is_none();
    let mut checks = vec![check("database", reached)];
    // Nothing can be said of the tables of a database that does not answer.
    if is_reached {
        checks.push(check("migrations", migrated));
    }
    checks
}

fn check(name: &'static str, trouble: Option<String>) -> Check {
    if let Some(why) = &trouble {
        tracing::warn!(check = name, why, "not ready");
    }
    Check { name, ok: trouble.is_none() }
}
