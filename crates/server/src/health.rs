//! Whether the hub lives, and whether it can do its work.

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use lockstep_engine::{Store, StoreError};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::{
    api::{Needs, Route},
    description::told::{Gives, Told},
    disk,
    hub::Shared,
    problem::Problem,
};

pub(crate) fn routes() -> Vec<Route> {
    let nothing = Needs::Nothing;
    vec![
        Route::new(Method::GET, "/healthz", nothing, "is_alive", "Whether the process answers", alive),
        Route::new(Method::GET, "/readyz", nothing, "is_ready", "Whether the hub can do its work", ready),
    ]
}

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(3);

/// Something that the hub needs. Why it is missing stands in the log: anybody may ask here.
#[derive(Debug, Serialize, JsonSchema)]
struct Check {
    name: &'static str,
    ok: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
}

/// How the hub is.
#[derive(Debug, Serialize, JsonSchema)]
struct Health {
    status: Status,
    /// What it needs, one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<Check>>,
}

impl IntoResponse for Health {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl Gives for Health {
    fn tell(told: &mut Told<'_>) {
        let schema = told.types.told::<Self>();
        told.answers_json(StatusCode::OK, "It is well", schema);
    }
}

/// `/healthz`: the process answers.
async fn alive() -> Health {
    Health { status: Status::Ok, checks: None }
}

/// `/readyz`: the database answers, has the tables that this version needs, and has room.
async fn ready(State(hub): State<Arc<Shared>>) -> Result<Health, Problem> {
    let mut checks = database(&hub.store).await;
    let folders = [hub.store.file().and_then(Path::parent), hub.workspace.as_deref()];
    let full = folders.into_iter().flatten().find_map(disk::trouble);
    checks.push(check("disk", full));
    let missing: Vec<&str> = checks.iter().filter(|check| !check.ok).map(|check| check.name).collect();
    if missing.is_empty() {
        return Ok(Health { status: Status::Ok, checks: Some(checks) });
    }
    let detail = format!("the hub can't work: {}", missing.join(", "));
    let next_step = "see the hub's log for why, with this correlation id";
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", detail, next_step);
    Err(problem.with("checks", json!(checks)))
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
