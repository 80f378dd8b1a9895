//! Decisions of people: what is mapped to what, what is accepted, and what is ignored. They are lines in the `lockstep.toml`
//! of the hub's workspace, where they can be reviewed.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension,
    extract::State,
    http::{Method, StatusCode},
};
use chrono::{NaiveDate, Utc};
use lockstep_core::{
    contract::{OptionName, PropertyName},
    role::Action,
};
use lockstep_engine::{
    context::Engine,
    decide::{AcceptedChange, AcceptedLink, BooleanEdit, MappingEdit},
    registry::recorded,
    report::MappingLine,
    workspace::edit::NewIgnore,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Document, Made, Making, Needs, Route, documents};
use crate::{
    caller::Errand,
    given::{Asked, Body, Named},
    hub::Shared,
    work::For,
};

documents! {
    MapEdit: MappingEdited = "lockstep.map-edit/1",
    Suggestions: Vec<MappingLine> = "lockstep.map-suggest/1",
    Linked: Vec<AcceptedLink> = "lockstep.map-accept/1",
    Accepted: Vec<AcceptedChange> = "lockstep.accept/1",
    TakenBack: Vec<AcceptedChange> = "lockstep.accept-remove/1",
    Ignores: IgnoresEdited = "lockstep.ignore/1",
}

type Hub = State<Arc<Shared>>;

pub(super) fn routes() -> Vec<Route> {
    let map = Needs::Grant(Action::Map);
    vec![
        Route::new(
            Method::PUT,
            "/api/v1/mappings/{name}",
            map,
            "set_mapping",
            "Writes a component's link and rules",
            set_mapping,
        ),
        Route::new(
            Method::DELETE,
            "/api/v1/mappings/{name}",
            map,
            "unset_mapping",
            "Takes a component's link and rules away, or one rule",
            unset_mapping,
        )
        .refuses([StatusCode::CONFLICT]),
        Route::new(
            Method::GET,
            "/api/v1/mapping-suggestions",
            Needs::Grant(Action::Read),
            "list_mapping_suggestions",
            "What components that are not mapped may stand for",
            suggestions,
        )
        .refuses([StatusCode::NOT_FOUND]),
        Route::new(
            Method::POST,
            "/api/v1/mapping-suggestions/accept",
            Needs::Grant(Action::AcceptSuggestion),
            "accept_mapping_suggestions",
            "Links components to their best suggestions",
            accept_suggestions,
        )
        .refuses([StatusCode::NOT_FOUND]),
        Route::new(
            Method::POST,
            "/api/v1/acceptances",
            map,
            "accept_differences",
            "Accepts differences: they alarm when they change",
            accept,
        )
        .refuses([StatusCode::NOT_FOUND]),
        Route::new(
            Method::DELETE,
            "/api/v1/acceptances",
            map,
            "take_back_acceptances",
            "Takes acceptances back",
            take_back,
        )
        .refuses([StatusCode::NOT_FOUND, StatusCode::CONFLICT]),
        Route::new(
            Method::POST,
            "/api/v1/ignores",
            map,
            "add_ignore",
            "Leaves something out of the drift report",
            ignore,
        ),
        Route::new(
            Method::DELETE,
            "/api/v1/ignores",
            map,
            "remove_ignore",
            "Lets it be reported again",
            stop_ignoring,
        )
        .refuses([StatusCode::CONFLICT]),
    ]
}

/// What was written.
#[derive(Serialize, JsonSchema)]
pub(crate) struct MappingEdited {
    component: String,
    /// `set` or `unset`.
    action: &'static str,
}

/// How many rules came and went.
#[derive(Serialize, JsonSchema)]
pub(crate) struct IgnoresEdited {
    component: String,
    path: String,
    added: usize,
    removed: usize,
}

/// What a mapping is to say, besides what it says.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Mapping {
    /// The design component: `acme#4000:1394`, its name, or its address at figma.com.
    design: Option<String>,
    /// Design properties, each with code's.
    #[serde(default)]
    properties: BTreeMap<PropertyName, PropertyName>,
    /// By code's property: the design's options, each with code's.
    #[serde(default)]
    options: BTreeMap<PropertyName, BTreeMap<OptionName, OptionName>>,
    /// Options of design properties that are booleans in code.
    #[serde(default)]
    booleans: Vec<BooleanEdit>,
}

async fn set_mapping(
    State(hub): Hub,
    whose: For,
    Named(component): Named<String>,
    Body(mapping): Body<Mapping>,
) -> Answer<MapEdit> {
    let Mapping { design, properties, options, booleans } = mapping;
    let options = options.into_iter().flat_map(|(property, names)| {
        names.into_iter().map(move |(design, code)| (property.clone(), design, code))
    });
    let properties = properties.into_iter().collect();
    let edit = MappingEdit { design, properties, options: options.collect(), booleans };
    let name = component.clone();
    let work = async move |engine: &Engine| engine.set_mapping(&name, &edit).await;
    hub.works.ended(whose, work).await?;
    Ok(Document::new(MappingEdited { component, action: "set" }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OneRule {
    /// Only the rule for this design property.
    property: Option<PropertyName>,
}

async fn unset_mapping(
    State(hub): Hub,
    whose: For,
    Named(component): Named<String>,
    Asked(rule): Asked<OneRule>,
) -> Answer<MapEdit> {
    let (name, properties) = (component.clone(), Vec::from_iter(rule.property));
    let work = async move |engine: &Engine| engine.unset_mapping(&name, &properties).await;
    hub.works.ended(whose, work).await?;
    Ok(Document::new(MappingEdited { component, action: "unset" }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WhichSuggestions {
    /// A component's name or glob.
    component: Option<String>,
    /// Only suggestions with at least this score, from 0 to 1.
    min: Option<f64>,
}

async fn suggestions(
    Extension(errand): Extension<Errand>,
    Asked(which): Asked<WhichSuggestions>,
) -> Answer<Suggestions> {
    let recorded = recorded(errand.access.store(), Utc::now()).await?;
    let mut lines = recorded.mappings(which.component.as_slice())?;
    lines.retain(|line| line.design.is_none());
    for line in &mut lines {
        line.suggestions.retain(|one| one.suggestion.score >= which.min.unwrap_or_default());
    }
    Ok(Document::new(lines))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AcceptSuggestions {
    /// The components; without any, all that have a good enough suggestion.
    #[serde(default)]
    components: Vec<String>,
    /// The least score, from 0 to 1; 0.9 where no component is named.
    min: Option<f64>,
}

async fn accept_suggestions(
    State(hub): Hub,
    whose: For,
    Body(asked): Body<AcceptSuggestions>,
) -> Answer<Linked> {
    let AcceptSuggestions { components, min } = asked;
    let least = min.unwrap_or(if components.is_empty() { 0.9 } else { 0.0 });
    let work = async move |engine: &Engine| {
        let current = engine.refresh().await?;
        engine.accept_suggestions(&current, &components, least).await
    };
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Accept {
    /// Names or globs of components.
    components: Vec<String>,
    /// Only differences at these places, by glob; all of them without.
    #[serde(default)]
    only: Vec<String>,
    /// Why, for those who read the report.
    reason: String,
}

async fn accept(State(hub): Hub, whose: For, Body(asked): Body<Accept>) -> Making<Accepted> {
    let Accept { components, only, reason } = asked;
    let work = async move |engine: &Engine| {
        let current = engine.refresh().await?;
        // No component is none here: nobody accepts everything by leaving something out.
        let changes = match components.is_empty() {
            true => Vec::new(),
            false => engine.chosen_changes(&current, &components, &only)?,
        };
        engine.accept(&changes, &reason).await
    };
    Ok(Made::new(hub.works.ended(whose, work).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Where {
    /// The component, or a glob.
    component: String,
    /// The place in its contract, or a glob.
    path: Option<String>,
}

async fn take_back(State(hub): Hub, whose: For, Asked(place): Asked<Where>) -> Answer<TakenBack> {
    let (names, only) = (vec![place.component], Vec::from_iter(place.path));
    let work = async move |engine: &Engine| engine.take_back_acceptance(&names, &only).await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ignore {
    /// The component, or a glob.
    component: String,
    /// The place in its contract, or a glob.
    path: String,
    /// Why, for those who read the report.
    reason: String,
    /// The last day on which it holds.
    expires: Option<NaiveDate>,
}

async fn ignore(State(hub): Hub, whose: For, Body(asked): Body<Ignore>) -> Making<Ignores> {
    let Ignore { component, path, reason, expires } = asked;
    let rule = NewIgnore { component: component.clone(), path: path.clone(), reason, expires };
    let work = async move |engine: &Engine| engine.ignore(&rule).await;
    hub.works.ended(whose, work).await?;
    Ok(Made::new(IgnoresEdited { component, path, added: 1, removed: 0 }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WrittenIgnore {
    /// The component, as it is written.
    component: String,
    /// The place, as it is written.
    path: String,
}

async fn stop_ignoring(State(hub): Hub, whose: For, Asked(asked): Asked<WrittenIgnore>) -> Answer<Ignores> {
    let WrittenIgnore { component, path } = asked;
    let (of, at) = (component.clone(), path.clone());
    let work = async move |engine: &Engine| engine.stop_ignoring(&of, &at).await;
    let removed = hub.works.ended(whose, work).await?;
    Ok(Document::new(IgnoresEdited { component, path, added: 0, removed }))
}
