//! What can be read: components, and reports over all of them, as the last scan recorded them.

use chrono::Utc;
use lockstep_engine::{
    Store,
    coverage::recorded as recorded_coverage,
    registry::{recorded_detail, recorded_drift, recorded_status},
    report::DriftFilter,
};
use rmcp::{
    ErrorData,
    model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate},
};

use super::{Desk, protocol_error};
use crate::{
    api::{
        components::{Component, Drift, Statuses},
        coverage::Coverage,
        document::{Document, Shape},
    },
    problem::Problem,
};

const JSON: &str = "application/json";
const DRIFT: &str = "lockstep://reports/drift";
const COVERAGE: &str = "lockstep://reports/coverage";
const COMPONENTS: &str = "lockstep://components";
const COMPONENT: &str = "lockstep://components/";
/// So many components are listed; the others can be read by their names.
const LISTED: usize = 500;

/// Everything that can be read.
pub(super) async fn all(store: &Store) -> Result<Vec<Resource>, Problem> {
    let resource = |uri: &str, name: &str, description: &str| {
        Resource::new(uri, name).with_description(description).with_mime_type(JSON)
    };
    let mut all = vec![
        resource(DRIFT, "drift", "Where code and design differ, and who moved"),
        resource(COVERAGE, "coverage", "Which variants have stories, and which kinds of tests there are"),
        resource(COMPONENTS, "components", "Every component, and how it stands"),
    ];
    let (components, _) = recorded_status(store, None, LISTED, Utc::now()).await?;
    all.extend(components.iter().map(|component| {
        let uri = format!("{COMPONENT}{}", component.name);
        resource(&uri, &component.name, "What either side states of it")
    }));
    Ok(all)
}

/// How what can be read is named.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    let template = ResourceTemplate::new("lockstep://components/{name}", "component");
    vec![template.with_description("What either side states of a component").with_mime_type(JSON)]
}

/// Reads something.
///
/// # Errors
/// When there is no such thing, or the registry fails.
pub(super) async fn read(desk: &Desk, uri: String) -> Result<ReadResourceResult, ErrorData> {
    let store = &desk.store;
    let now = Utc::now();
    let text = match uri.as_str() {
        DRIFT => {
            let report = recorded_drift(store, &[], &DriftFilter::default(), now).await;
            text::<Drift>(report.map_err(failed)?)
        }
        COVERAGE => {
            let covered = recorded_coverage(store).await.map_err(failed)?;
            let rules = desk.works.coverage_rules().map_err(protocol_error)?;
            text::<Coverage>(covered.report(&rules, None))
        }
        COMPONENTS => {
            let (components, _) = recorded_status(store, None, usize::MAX, now).await.map_err(failed)?;
            text::<Statuses>(components)
        }
        _ => {
            let none = || ErrorData::resource_not_found(format!("there is no resource {uri}"), None);
            let name = uri.strip_prefix(COMPONENT).ok_or_else(none)?;
            match recorded_detail(store, name, now).await.map_err(Problem::from) {
                Ok(detail) => text::<Component>(detail),
                Err(problem) if problem.is_not_found() => return Err(none()),
                Err(problem) => return Err(protocol_error(problem)),
            }
        }
    };
    let text = text.map_err(protocol_error)?;
    let contents = ResourceContents::text(text, uri).with_mime_type(JSON);
    Ok(ReadResourceResult::new(vec![contents]))
}

fn failed(error: lockstep_engine::error::EngineError) -> ErrorData {
    protocol_error(error.into())
}

fn text<S: Shape>(data: S::Data) -> Result<String, Problem> {
    serde_json::to_string(&Document::<S>::new(data)).map_err(|error| {
        tracing::error!(%error, "a document can't be told");
        Problem::internal()
    })
}
