//! The digest: what happened in a time, and sending it.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{Method, StatusCode},
};
use chrono::{DateTime, NaiveDate, Utc};
use lockstep_core::role::Action;
use lockstep_engine::{
    context::{Clock as _, Engine, SystemClock},
    digest::{self, DigestView, Period},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Document, Made, Making, Needs, Route, documents};
use crate::{
    given::{Asked, Body},
    hub::Shared,
    work::For,
};

documents! {
    Summed: DigestView = "lockstep.digest/1",
}

type Hub = State<Arc<Shared>>;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/digest",
            Needs::Grant(Action::Read),
            "show_digest",
            "What happened in a time, summed up",
            show,
        )
        .refuses([StatusCode::CONFLICT]),
        Route::new(
            Method::POST,
            "/api/v1/digest",
            Needs::Grant(Action::NotificationSettings),
            "send_digest",
            "Sends a digest to the channels that want digests",
            send,
        ),
    ]
}

/// What time it is to be of; the last 24 hours where nothing is said.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DigestWanted")]
struct Of {
    /// From when.
    since: Option<DateTime<Utc>>,
    /// Until then, in place of now.
    until: Option<DateTime<Utc>>,
    /// All of this day.
    day: Option<NaiveDate>,
    /// On whose clock: a zone such as Europe/Berlin.
    zone: Option<String>,
}

impl From<Of> for digest::Asked {
    fn from(of: Of) -> Self {
        let Of { since, until, day, zone } = of;
        Self { since, until, day, zone }
    }
}

/// What the registry knows: no file is read for it.
async fn show(State(hub): Hub, Asked(of): Asked<Of>) -> Answer<Summed> {
    let now = SystemClock.now();
    let period = Period::asked(&hub.store, of.into(), now).await?;
    let digest = digest::digest(&hub.store, &period, hub.url.as_deref(), now).await?;
    Ok(Document::new(DigestView::of(digest, None)))
}

async fn send(State(hub): Hub, whose: For, Body(of): Body<Of>) -> Making<Summed> {
    let url = hub.url.clone();
    let work = async move |engine: &Engine| {
        let mut digest = engine.digest(of.into()).await?;
        digest.hub = url.or(digest.hub);
        let sent = engine.send_digest(&digest).await?;
        Ok(DigestView::of(digest, Some(sent)))
    };
    Ok(Made::new(hub.works.ended(whose, work).await?))
}
