//! What changes a workspace: scans, plans and syncs, and taking them back.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::Utc;
use lockstep_core::{role::Action, undo::UndoAction};
use lockstep_engine::{
    apply::OnLock,
    context::Engine,
    history,
    plan::{Plan, PlanDocument, SavedPlan},
    registry::Evaluation,
    report::ScanReport,
    request::SyncRequest,
    undo::{UndoReport, UndoRequest, WhenMoved},
};
use serde::Deserialize;

use super::{Answer, Document, Needs, Route};
use crate::{
    given::{Body, Named},
    hub::Shared,
    problem::Problem,
    work::{Done, For},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/scans", Needs::Grant(Action::Scan), scan),
        Route::new(Method::POST, "/api/v1/plans", Needs::Grant(Action::Plan), plan),
        Route::new(Method::POST, "/api/v1/syncs", Needs::Grant(Action::Sync), sync),
        Route::new(Method::POST, "/api/v1/operations/{id}/undo", Needs::Grant(Action::Undo), undo),
        Route::new(Method::POST, "/api/v1/operations/{id}/redo", Needs::Grant(Action::Redo), redo),
    ]
}

type Hub = State<Arc<Shared>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scan {
    /// Whether the comparing is left to workers.
    #[serde(default)]
    queue: bool,
}

async fn scan(State(hub): Hub, whose: For, Body(scan): Body<Scan>) -> Answer<ScanReport> {
    let evaluation = if scan.queue { Evaluation::Queued } else { Evaluation::Now };
    let work = async move |engine: &Engine| Ok(ScanReport::of(&engine.scan(evaluation).await?));
    Ok(Document::new("lockstep.scan/1", hub.works.ended(whose, work).await?))
}

async fn plan(State(hub): Hub, whose: For, Body(request): Body<SyncRequest>) -> Answer<PlanDocument<Plan>> {
    let work = async move |engine: &Engine| {
        let (_, plan) = engine.plan(&request).await?;
        Ok(PlanDocument::of(plan))
    };
    Ok(Document::new("lockstep.plan/1", hub.works.ended(whose, work).await?))
}

/// What is to be synced.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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

async fn sync(State(hub): Hub, whose: For, Body(sync): Body<Sync>) -> Result<Response, Problem> {
    let on_lock = if sync.wait { OnLock::Wait } else { OnLock::Refuse };
    let work = async move |engine: &Engine| {
        let _first = engine.go_first().await?;
        let (current, plan) = engine.saved_plan(&sync.plan).await?;
        engine.sync(current, &plan, on_lock).await
    };
    match hub.works.within_patience(whose, work).await? {
        Done::Ended(outcome) => Ok(Document::new("lockstep.sync/1", outcome).into_response()),
        Done::GoesOn(operation) => {
            let id = operation.to_string();
            let past = history::one(&hub.store, &id, Utc::now()).await?;
            let place = [(header::LOCATION, format!("/api/v1/operations/{id}"))];
            Ok((StatusCode::ACCEPTED, place, Document::new("lockstep.operation/1", past)).into_response())
        }
    }
}

/// What of an operation is to be turned.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    /// Only these components of it.
    #[serde(default)]
    components: Vec<String>,
    /// Whether to merge where something has moved since.
    #[serde(default)]
    merge: bool,
}

async fn undo(hub: Hub, whose: For, id: Named<String>, turn: Body<Turn>) -> Answer<UndoReport> {
    self::turn(UndoAction::Undo, hub, whose, id, turn).await
}

async fn redo(hub: Hub, whose: For, id: Named<String>, turn: Body<Turn>) -> Answer<UndoReport> {
    self::turn(UndoAction::Redo, hub, whose, id, turn).await
}

async fn turn(
    action: UndoAction,
    State(hub): Hub,
    whose: For,
    Named(id): Named<String>,
    Body(turn): Body<Turn>,
) -> Answer<UndoReport> {
    let when_moved = if turn.merge { WhenMoved::Merge } else { WhenMoved::Refuse };
    // Always one that is named: the newest may be another one when the request comes again.
    let request = UndoRequest { operation: Some(id), components: turn.components, when_moved };
    let work = async move |engine: &Engine| match action {
        UndoAction::Undo => engine.undo(&request).await,
        UndoAction::Redo => engine.redo(&request).await,
    };
    let schema = if action == UndoAction::Undo { "lockstep.undo/1" } else { "lockstep.redo/1" };
    Ok(Document::new(schema, hub.works.ended(whose, work).await?))
}
