//! What changes a workspace: scans, plans and syncs, and taking them back.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::Utc;
use lockstep_core::{role::Action, undo::UndoAction};
use lockstep_engine::{
    apply::{OnLock, SyncOutcome},
    context::Engine,
    history,
    plan::{Plan, PlanDocument, SavedPlan},
    registry::Evaluation,
    report::ScanReport,
    request::SyncRequest,
    undo::{UndoReport, UndoRequest, WhenMoved},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Document, Needs, Route, documents, operations::Operation};
use crate::{
    description::told::{Gives, Told},
    given::{Body, Named},
    hub::Shared,
    problem::Problem,
    work::{Done, For},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/scans",
            Needs::Grant(Action::Scan),
            "scan",
            "Reads code and design into the registry",
            scan,
        )
        .leads_with(StatusCode::OK, "plan", json!({})),
        Route::new(
            Method::POST,
            "/api/v1/plans",
            Needs::Grant(Action::Plan),
            "plan",
            "Previews a sync; changes nothing",
            plan,
        )
        .refuses([StatusCode::NOT_FOUND])
        .leads_with(StatusCode::OK, "sync", json!({ "plan": "$response.body#/data/saved" })),
        Route::new(
            Method::POST,
            "/api/v1/syncs",
            Needs::Grant(Action::Sync),
            "sync",
            "Executes a plan as it was seen",
            sync,
        )
        .refuses([StatusCode::NOT_FOUND])
        .leads(StatusCode::OK, "show_operation", [("id", "$response.body#/data/id")])
        .leads(StatusCode::OK, "undo_operation", [("id", "$response.body#/data/id")])
        .leads(StatusCode::ACCEPTED, "show_operation", [("id", "$response.body#/data/id")]),
        Route::new(
            Method::POST,
            "/api/v1/operations/{id}/undo",
            Needs::Grant(Action::Undo),
            "undo_operation",
            "Takes an operation back",
            undo,
        )
        .leads(StatusCode::OK, "redo_operation", [("id", "$response.body#/data/operation")])
        .leads(StatusCode::OK, "show_operation", [("id", "$response.body#/data/operation")]),
        Route::new(
            Method::POST,
            "/api/v1/operations/{id}/redo",
            Needs::Grant(Action::Redo),
            "redo_operation",
            "Applies an operation again that was taken back",
            redo,
        )
        .leads(StatusCode::OK, "undo_operation", [("id", "$response.body#/data/operation")])
        .leads(StatusCode::OK, "show_operation", [("id", "$response.body#/data/operation")]),
    ]
}

documents! {
    Scanned: ScanReport = "lockstep.scan/1",
    Planned: PlanDocument<Plan> = "lockstep.plan/1",
    Synced: SyncOutcome = "lockstep.sync/1",
    Undone: UndoReport = "lockstep.undo/1",
    Redone: UndoReport = "lockstep.redo/1",
}

type Hub = State<Arc<Shared>>;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ScanWanted")]
struct Scan {
    /// Whether the comparing is left to workers.
    #[serde(default)]
    queue: bool,
}

async fn scan(State(hub): Hub, whose: For, Body(scan): Body<Scan>) -> Answer<Scanned> {
    let evaluation = if scan.queue { Evaluation::Queued } else { Evaluation::Now };
    let work = async move |engine: &Engine| Ok(ScanReport::of(&engine.scan(evaluation).await?));
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn plan(State(hub): Hub, whose: For, Body(request): Body<SyncRequest>) -> Answer<Planned> {
    let work = async move |engine: &Engine| {
        let (_, plan) = engine.plan(&request).await?;
        Ok(PlanDocument::of(plan))
    };
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

/// What is to be synced.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SyncWanted")]
struct Sync {
    /// A plan as it was made: it is executed as it was seen, or refused as stale.
    plan: SavedPlan,
    /// Whether to wait where a component is being written; else it is refused at once.
    #[serde(default = "yes")]
    wait: bool,
}

fn yes() -> bool {
    true
}

/// How far a sync has come when its answer is due.
enum Syncing {
    Ended(Document<Synced>),
    GoesOn { operation: Document<Operation>, at: String },
}

impl IntoResponse for Syncing {
    fn into_response(self) -> Response {
        match self {
            Self::Ended(outcome) => outcome.into_response(),
            Self::GoesOn { operation, at } => {
                (StatusCode::ACCEPTED, [(header::LOCATION, at)], operation).into_response()
            }
        }
    }
}

impl Gives for Syncing {
    fn tell(told: &mut Told<'_>) {
        Document::<Synced>::tell(told);
        told.answers_document::<Operation>(StatusCode::ACCEPTED, false);
        told.bears(StatusCode::ACCEPTED, "Location", "#/components/headers/Location");
    }
}

async fn sync(State(hub): Hub, whose: For, Body(sync): Body<Sync>) -> Result<Syncing, Problem> {
    let on_lock = if sync.wait { OnLock::Wait } else { OnLock::Refuse };
    let work = async move |engine: &Engine| {
        let _first = engine.go_first().await?;
        let (current, plan) = engine.saved_plan(&sync.plan).await?;
        engine.sync(current, &plan, on_lock).await
    };
    match hub.works.within_patience(whose, work).await? {
        Done::Ended(outcome) => Ok(Syncing::Ended(Document::new(outcome))),
        Done::GoesOn(operation) => {
            let id = operation.to_string();
            let past = history::one(&hub.store, &id, Utc::now()).await?;
            let at = format!("/api/v1/operations/{id}");
            Ok(Syncing::GoesOn { operation: Document::new(past), at })
        }
    }
}

/// What of an operation is to be turned.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "UndoWanted")]
struct Turn {
    /// Only these components of it.
    #[serde(default)]
    components: Vec<String>,
    /// Whether to merge where something has moved since.
    #[serde(default)]
    merge: bool,
}

async fn undo(hub: Hub, whose: For, id: Named<String>, turn: Body<Turn>) -> Answer<Undone> {
    self::turn(UndoAction::Undo, hub, whose, id, turn).await.map(Document::new)
}

async fn redo(hub: Hub, whose: For, id: Named<String>, turn: Body<Turn>) -> Answer<Redone> {
    self::turn(UndoAction::Redo, hub, whose, id, turn).await.map(Document::new)
}

async fn turn(
    action: UndoAction,
    State(hub): Hub,
    whose: For,
    Named(id): Named<String>,
    Body(turn): Body<Turn>,
) -> Result<UndoReport, Problem> {
    let when_moved = if turn.merge { WhenMoved::Merge } else { WhenMoved::Refuse };
    // Always one that is named: the newest may be another one when the request comes again.
    let request = UndoRequest { operation: Some(id), components: turn.components, when_moved };
    let work = async move |engine: &Engine| match action {
        UndoAction::Undo => engine.undo(&request).await,
        UndoAction::Redo => engine.redo(&request).await,
    };
    hub.works.ended(whose, work).await
}
