//! Stories and design components.

use axum::{
    Extension,
    http::{Method, StatusCode},
};
use lockstep_core::{ids::DesignId, role::Action};
use lockstep_engine::catalogue::{self, DesignView, StoryView};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Document, Needs, Paging, Route, documents};
use crate::{
    caller::Errand,
    given::{Asked, Limit, Named},
};

documents! {
    Stories: Vec<StoryView> = "lockstep.stories/1",
    Story: StoryView = "lockstep.story/1",
    Designs: Vec<DesignView> = "lockstep.designs/1",
    Design: DesignView = "lockstep.design/1",
}

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Grant(Action::Read);
    vec![
        Route::new(Method::GET, "/api/v1/stories", read, "list_stories", "The stories, by id", stories)
            .leads(StatusCode::OK, "show_story", [("id", "$response.body#/data/0/id")])
            .leads(StatusCode::OK, "list_stories", [("after", "$response.body#/next")]),
        Route::new(
            Method::GET,
            "/api/v1/stories/{id}",
            read,
            "show_story",
            "A story, by Storybook's id",
            story,
        ),
        Route::new(
            Method::GET,
            "/api/v1/designs",
            read,
            "list_designs",
            "The components of the design files, by name",
            designs,
        )
        .refuses([StatusCode::NOT_FOUND])
        .leads(StatusCode::OK, "show_design", [("id", "$response.body#/data/0/id")])
        .leads(StatusCode::OK, "list_designs", [("after", "$response.body#/next")]),
        Route::new(
            Method::GET,
            "/api/v1/designs/{id}",
            read,
            "show_design",
            "A component of a design file, with what the design side states of it",
            design,
        ),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StoriesWanted")]
struct Wanted {
    /// Only those of this component.
    component: Option<String>,
    /// Only stories after this one, by id.
    after: Option<String>,
    /// How many.
    #[serde(default)]
    limit: Limit<100, 1_000>,
}

async fn stories(Extension(errand): Extension<Errand>, Asked(wanted): Asked<Wanted>) -> Paging<Stories> {
    let (component, after) = (wanted.component.as_deref(), wanted.after.as_deref());
    let (found, has_more) =
        catalogue::stories(errand.access.store(), component, after, wanted.limit.get()).await?;
    let next = found.last().filter(|_| has_more).map(|last| last.id.clone());
    Ok(Document::new(found).next(next))
}

async fn story(Extension(errand): Extension<Errand>, Named(id): Named<String>) -> Answer<Story> {
    Ok(Document::new(catalogue::story(errand.access.store(), &id).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DesignsWanted")]
struct WantedDesigns {
    /// Only what this component stands for.
    component: Option<String>,
    /// Only what comes after the one of this id, by name.
    after: Option<DesignId>,
    /// How many.
    #[serde(default)]
    limit: Limit<100, 1_000>,
}

async fn designs(
    Extension(errand): Extension<Errand>,
    Asked(wanted): Asked<WantedDesigns>,
) -> Paging<Designs> {
    let component = wanted.component.as_deref();
    let (found, has_more) =
        catalogue::designs(errand.access.store(), component, wanted.after, wanted.limit.get()).await?;
    let next = found.last().filter(|_| has_more).map(|last| last.id.to_string());
    Ok(Document::new(found).next(next))
}

async fn design(Extension(errand): Extension<Errand>, Named(id): Named<DesignId>) -> Answer<Design> {
    Ok(Document::new(catalogue::design(errand.access.store(), id).await?))
}
