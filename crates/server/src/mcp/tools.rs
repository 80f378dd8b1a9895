//! The tools: what each takes, what it answers, and what it changes.

use std::{collections::BTreeMap, sync::Arc};

use axum::http::StatusCode;
use chrono::{TimeDelta, Utc};
use lockstep_core::{direction::Direction, drift::Severity, ids::CorrelationId, merge::Moved, plan::Choice};
use lockstep_engine::{
    apply::OnLock,
    context::Engine,
    coverage::recorded as recorded_coverage,
    history,
    plan::{Plan, PlanDocument, SavedPlan},
    registry::{Evaluation, recorded_drift},
    report::DriftFilter,
    request::{Pattern, SyncRequest, VariantPattern},
    sessions::{self, TestRequest},
    undo::{UndoRequest, WhenMoved},
};
use rmcp::{
    ErrorData,
    model::{JsonObject, Tool, ToolAnnotations},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Desk, runs::RunView};
use crate::{
    api::{
        components::Drift,
        coverage::Coverage,
        document::{Document, Shape, documents},
        operations::Operation,
        sessions::Session,
        syncs::{Synced, Undone},
    },
    problem::Problem,
    static_files::test,
    work::{Done, For},
};

/// How many sessions of a run or of a story are told.
const SESSIONS: usize = 50;
/// More days than any registry is old.
const OLDEST: u32 = 36_500;

documents! {
    Previewed: Preview = "lockstep.plan/1",
    Started: Run = "lockstep.test-run/1",
    RunStatus: RunView = "lockstep.test-run-status/1",
}

/// What a tool answers: one of some documents.
trait Answers {
    /// What each is called, and the schema of what it holds.
    fn of(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)>;
}

impl<S: Shape> Answers for S {
    fn of(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)> {
        vec![(S::WORD, generator.subschema_for::<S::Data>())]
    }
}

impl<A: Answers, B: Answers> Answers for (A, B) {
    fn of(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)> {
        [A::of(generator), B::of(generator)].concat()
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct DriftReportInput {
    /// Names or globs of components; all without.
    components: Vec<String>,
    severity: Option<Severity>,
    /// Who moved.
    side: Option<Moved>,
    /// Only what was first seen so many days ago.
    min_age_days: Option<u32>,
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
struct SyncInput {
    /// Names of components; all that have drift without.
    components: Vec<String>,
    /// Which side is made to agree with the other.
    direction: Option<Direction>,
    /// The direction of single components.
    directions: BTreeMap<String, Direction>,
    /// When not empty, only changes at these places are made.
    only: Vec<Pattern>,
    /// Changes at these places are left.
    exclude: Vec<Pattern>,
    /// Variants that are left as they are.
    exclude_variants: Vec<VariantPattern>,
    /// The side that is right, place by place, where both moved.
    resolve: Vec<(Pattern, Choice)>,
    /// Whether components whose design can't be read for want of a credential are left out.
    partial: bool,
    /// The `plan_name` of a plan that was asked for with the same arguments before, and was agreed to: it is executed.
    /// Without it nothing is changed, and the plan is the answer.
    plan: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UndoInput {
    /// The operation's id, or how it begins.
    operation: String,
    /// Only these components of it.
    #[serde(default)]
    components: Vec<String>,
    /// Whether to merge where something has moved since; else nothing is changed there.
    #[serde(default)]
    merge: bool,
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
struct CoverageReportInput {
    /// Names or globs of components; all without.
    components: Vec<String>,
    /// How much of all of them together is enough, in percent.
    min: Option<f64>,
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
struct StartInput {
    /// Stories by id, components by name, or globs of either; every story tagged `test` without.
    stories: Vec<String>,
    /// Only those of components that changed since this revision.
    changed: Option<String>,
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
struct StatusInput {
    /// The run that `design.browserTestSession.start` began.
    run: Option<CorrelationId>,
    /// One session's id, or how it begins.
    session: Option<String>,
}

/// A plan, and how it is agreed to.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Preview {
    /// What `plan` is to be so that it is executed.
    plan_name: String,
    #[serde(flatten)]
    plan: PlanDocument<Plan>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Run {
    /// What `design.browserTestSession.status` takes as `run`.
    run: CorrelationId,
}

type Called = Result<Result<Value, Problem>, ErrorData>;

/// Every tool.
pub(super) fn all() -> Vec<Tool> {
    let reads =
        || ToolAnnotations::new().read_only(true).destructive(false).idempotent(true).open_world(false);
    let changes =
        || ToolAnnotations::new().read_only(false).destructive(true).idempotent(true).open_world(false);
    vec![
        tool::<DriftReportInput, Drift>(
            "design.driftReport",
            "Drift report",
            "Where code and design differ, who moved since they last agreed, and why it is said.",
            reads(),
        ),
        tool::<CoverageReportInput, Coverage>(
            "design.coverageReport",
            "Coverage report",
            "Which variants of components have stories, and which kinds of tests there are.",
            reads(),
        ),
        tool::<SyncInput, (Previewed, (Synced, Operation))>(
            "design.sync",
            "Sync code and design",
            "Without `plan`: previews what would change, and changes nothing. With the same arguments and `plan` being the \
             preview's `plan_name`: makes these changes in the source files and the design, for 24 hours with a way back. \
             A preview of which something moved meanwhile is refused as stale.",
            changes(),
        ),
        tool::<UndoInput, Undone>(
            "design.undo",
            "Undo a sync",
            "Takes an operation of the last 24 hours back, byte for byte. What was changed since is left and told, or merged \
             when `merge` says so.",
            changes(),
        ),
        tool::<StartInput, Started>(
            "design.browserTestSession.start",
            "Start browser tests",
            "Opens stories in a real browser: whether they render, their play functions pass, nothing is inaccessible, and \
             they look as approved. It answers at once; ask `design.browserTestSession.status` how it goes.",
            ToolAnnotations::new().read_only(false).destructive(false).idempotent(false).open_world(false),
        ),
        tool::<StatusInput, (RunStatus, Session)>(
            "design.browserTestSession.status",
            "Status of browser tests",
            "How a run of browser tests goes, by `run`; or what came of one session, by `session`.",
            reads(),
        ),
    ]
}

fn tool<I: JsonSchema, O: Answers>(
    name: &'static str,
    title: &'static str,
    description: &'static str,
    annotations: ToolAnnotations,
) -> Tool {
    let given = SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<I>();
    Tool::new(name, description, Arc::new(object(given)))
        .with_title(title)
        .with_raw_output_schema(Arc::new(object(told_of::<O>())))
        .with_annotations(annotations)
}

/// The schema of a tool's answers: documents, of the shape of `--json`.
fn told_of<O: Answers>() -> Schema {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let (words, data): (Vec<_>, Vec<_>) = O::of(&mut generator).into_iter().unzip();
    json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "schema": { "description": "Which document it is, with its version.", "enum": words },
            "data": { "anyOf": data },
        },
        "required": ["schema", "data"],
        "$defs": generator.take_definitions(true),
    })
}

/// A schema's members; every type here is an object.
fn object(schema: Schema) -> JsonObject {
    match schema.to_value() {
        Value::Object(members) => members,
        _ => JsonObject::new(),
    }
}

/// Calls a tool for somebody.
///
/// # Errors
/// When there is no such tool, or it does not take these arguments. What it refuses itself is a problem.
pub(super) async fn call(desk: &Desk, whose: For, name: &str, arguments: JsonObject) -> Called {
    match name {
        "design.driftReport" => Ok(drift_report(desk, whose, given(arguments)?).await),
        "design.coverageReport" => Ok(coverage_report(desk, whose, given(arguments)?).await),
        "design.sync" => Ok(sync(desk, whose, given(arguments)?).await),
        "design.undo" => Ok(undo(desk, whose, given(arguments)?).await),
        "design.browserTestSession.start" => Ok(start(desk, whose, given(arguments)?)),
        "design.browserTestSession.status" => status(desk, given(arguments)?).await,
        _ => {
            let names: Vec<_> = all().into_iter().map(|tool| tool.name).collect();
            let message = format!("there is no tool `{name}`; there are {}", names.join(", "));
            Err(ErrorData::invalid_params(message, None))
        }
    }
}

fn given<T: DeserializeOwned>(arguments: JsonObject) -> Result<T, ErrorData> {
    serde_json::from_value(Value::Object(arguments))
        .map_err(|error| ErrorData::invalid_params(error.to_string(), None))
}

fn told<S: Shape>(data: S::Data) -> Result<Value, Problem> {
    serde_json::to_value(Document::<S>::new(data)).map_err(|error| {
        tracing::error!(%error, "a document can't be told");
        Problem::internal()
    })
}

async fn drift_report(desk: &Desk, whose: For, input: DriftReportInput) -> Result<Value, Problem> {
    if desk.reads_anew {
        let scan = async move |engine: &Engine| engine.scan(Evaluation::Now).await.map(drop);
        desk.works.ended(whose, scan).await?;
    }
    let now = Utc::now();
    let before = input.min_age_days.map(|days| now - TimeDelta::days(i64::from(days.min(OLDEST))));
    let filter = DriftFilter { severity: input.severity, moved: input.side, before };
    let report = recorded_drift(&desk.store, &input.components, &filter, now).await?;
    told::<Drift>(report)
}

async fn coverage_report(desk: &Desk, whose: For, input: CoverageReportInput) -> Result<Value, Problem> {
    let CoverageReportInput { components, min } = input;
    let report = if desk.reads_anew {
        let compute = async move |engine: &Engine| {
            let current = engine.take_in(Evaluation::Now).await?;
            let covered = engine.coverage(&current, &components, None).await?;
            Ok(covered.report(&engine.workspace.config.coverage, min))
        };
        desk.works.ended(whose, compute).await?
    } else {
        let mut covered = recorded_coverage(&desk.store).await?;
        covered.keep(&components);
        covered.report(&desk.works.coverage_rules()?, min)
    };
    told::<Coverage>(report)
}

async fn sync(desk: &Desk, whose: For, input: SyncInput) -> Result<Value, Problem> {
    let SyncInput {
        components,
        direction,
        directions,
        only,
        exclude,
        exclude_variants,
        resolve,
        partial,
        plan,
    } = input;
    let request =
        SyncRequest { components, direction, directions, only, exclude, exclude_variants, resolve, partial };
    let Some(name) = plan else {
        let preview = async move |engine: &Engine| {
            let (_, plan) = engine.plan(&request).await?;
            let plan_name = SavedPlan::of(&plan).name();
            Ok(Preview { plan_name, plan: PlanDocument::of(plan) })
        };
        return told::<Previewed>(desk.works.ended(whose, preview).await?);
    };
    let execute = async move |engine: &Engine| {
        let _first = engine.go_first().await?;
        let (current, plan) = engine.plan_named(&request, &name).await?;
        engine.sync(current, &plan, OnLock::Wait).await
    };
    match desk.works.within_patience(whose, execute).await? {
        Done::Ended(outcome) => told::<Synced>(outcome),
        Done::GoesOn(operation) => {
            let past = history::one(&desk.store, &operation.to_string(), Utc::now()).await?;
            told::<Operation>(past)
        }
    }
}

async fn undo(desk: &Desk, whose: For, input: UndoInput) -> Result<Value, Problem> {
    let UndoInput { operation, components, merge } = input;
    let when_moved = if merge { WhenMoved::Merge } else { WhenMoved::Refuse };
    let request = UndoRequest { operation: Some(operation), components, when_moved };
    let work = async move |engine: &Engine| engine.undo(&request).await;
    told::<Undone>(desk.works.ended(whose, work).await?)
}

fn start(desk: &Desk, whose: For, input: StartInput) -> Result<Value, Problem> {
    let run = whose.correlation();
    let request = TestRequest { names: input.stories, changed: input.changed, ..TestRequest::default() };
    let work = async move |engine: &Engine| test(engine, &request).await;
    desk.runs.put(run, desk.works.left_alone(whose, work)?);
    told::<Started>(Run { run })
}

async fn status(desk: &Desk, input: StatusInput) -> Called {
    let answer = async {
        match input {
            StatusInput { run: Some(run), session: None } => {
                let sessions = sessions::of_run(&desk.store, run, SESSIONS).await?;
                let view = desk.runs.view(run, sessions).ok_or_else(|| {
                    let hint = "name the `run` that `design.browserTestSession.start` gave";
                    Problem::not_found(format!("there is no run {run}"), hint)
                })?;
                told::<RunStatus>(view)
            }
            StatusInput { run: None, session: Some(session) } => {
                let view = sessions::one(&desk.store, &session).await?;
                told::<Session>(view)
            }
            _ => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "bad-request",
                "neither a run nor a session is named, or both",
                "name either a `run` or a `session`",
            )),
        }
    };
    Ok(answer.await)
}
