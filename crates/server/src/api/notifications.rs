//! Notifications: channels and what each is told, mutes, what was sent and what failed. No secret is in any of it: a channel
//! names its credential.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{Method, StatusCode},
};
use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::EventId,
    notification::{ChannelRules, DispatchStatus, EventType},
    role::Action,
};
use lockstep_engine::{
    context::{Clock as _, Engine, SystemClock},
    notify::{
        ChannelChange, ChannelRequest, ChannelView, EventDelivery, EventView, MuteRequest, MuteView, Preview,
        preview,
    },
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Answer, Document, Made, Making, Needs, Route, documents};
use crate::{
    given::{Asked, Body, Limit, Named},
    hub::Shared,
    work::For,
};

documents! {
    Channels: Vec<ChannelView> = "lockstep.channels/1",
    Mutes: Vec<MuteView> = "lockstep.mutes/1",
    Events: Vec<EventView> = "lockstep.events/1",
    Deliveries: Vec<EventDelivery> = "lockstep.deliveries/1",
    Shown: Preview = "lockstep.notification-preview/1",
}

type Hub = State<Arc<Shared>>;

pub(super) fn routes() -> Vec<Route> {
    let (read, set) = (Needs::Grant(Action::Read), Needs::Grant(Action::NotificationSettings));
    vec![
        Route::new(
            Method::GET,
            "/api/v1/notifications/channels",
            read,
            "list_channels",
            "The channels, by name",
            channels,
        )
        .leads(StatusCode::OK, "show_channel", [("name", "$response.body#/data/0/name")]),
        Route::new(
            Method::POST,
            "/api/v1/notifications/channels",
            set,
            "add_channel",
            "Makes a channel",
            add,
        )
        .refuses([StatusCode::NOT_FOUND])
        .leads(StatusCode::CREATED, "test_channel", [("name", "$response.body#/data/0/name")]),
        Route::new(
            Method::GET,
            "/api/v1/notifications/channels/{name}",
            read,
            "show_channel",
            "A channel",
            channel,
        ),
        Route::new(
            Method::PATCH,
            "/api/v1/notifications/channels/{name}",
            set,
            "change_channel",
            "Changes where a channel leads, what it is told, and when",
            change,
        ),
        Route::new(
            Method::DELETE,
            "/api/v1/notifications/channels/{name}",
            set,
            "remove_channel",
            "Takes a channel away",
            remove,
        ),
        Route::new(
            Method::POST,
            "/api/v1/notifications/channels/{name}/test",
            set,
            "test_channel",
            "Sends an example to a channel",
            test,
        ),
        Route::new(
            Method::GET,
            "/api/v1/notifications/preferences",
            Needs::SignIn,
            "list_own_channels",
            "The channels of one's own",
            preferences,
        ),
        Route::new(
            Method::PATCH,
            "/api/v1/notifications/preferences/{name}",
            Needs::SignIn,
            "change_own_channel",
            "Changes what a channel of one's own is told, and when",
            prefer,
        ),
        Route::new(
            Method::GET,
            "/api/v1/notifications/mutes",
            read,
            "list_mutes",
            "The mutes that hold",
            mutes,
        ),
        Route::new(
            Method::POST,
            "/api/v1/notifications/mutes",
            set,
            "mute",
            "Tells no channel, or one of them not, of some components",
            mute,
        )
        .refuses([StatusCode::NOT_FOUND])
        .leads(StatusCode::CREATED, "unmute", [("id", "$response.body#/data/0/id")]),
        Route::new(Method::DELETE, "/api/v1/notifications/mutes/{id}", set, "unmute", "Ends a mute", unmute),
        Route::new(
            Method::GET,
            "/api/v1/notifications/events",
            read,
            "list_events",
            "What happened, newest first",
            events,
        )
        .leads(StatusCode::OK, "retry_event", [("id", "$response.body#/data/0/id")]),
        Route::new(
            Method::POST,
            "/api/v1/notifications/events/{id}/retry",
            set,
            "retry_event",
            "Sends again what was given up, as a new event",
            retry,
        ),
        Route::new(
            Method::GET,
            "/api/v1/notifications/deliveries",
            read,
            "list_deliveries",
            "What was delivered and what was not, newest first",
            deliveries,
        )
        .leads(StatusCode::OK, "retry_event", [("id", "$response.body#/data/0/event")]),
        Route::new(
            Method::GET,
            "/api/v1/notifications/preview/{name}",
            read,
            "preview_notification",
            "What an event of a kind looks like",
            shown,
        ),
    ]
}

async fn channels(State(hub): Hub, whose: For) -> Answer<Channels> {
    let work = async |engine: &Engine| engine.channels().await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn channel(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<Channels> {
    let work = async move |engine: &Engine| Ok(vec![engine.channel_view(&name).await?]);
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn add(State(hub): Hub, whose: For, Body(asked): Body<ChannelRequest>) -> Making<Channels> {
    let work = async move |engine: &Engine| Ok(vec![engine.add_channel(asked).await?]);
    Ok(Made::new(hub.works.ended(whose, work).await?))
}

async fn change(
    State(hub): Hub,
    whose: For,
    Named(name): Named<String>,
    Body(asked): Body<ChannelChange>,
) -> Answer<Channels> {
    let work = async move |engine: &Engine| Ok(vec![engine.change_channel(&name, asked).await?]);
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn remove(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<Channels> {
    let work = async move |engine: &Engine| {
        engine.remove_channel(&name).await?;
        engine.channels().await
    };
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ChannelTested")]
struct Tested {
    /// What kind of event.
    event_type: Option<EventType>,
}

async fn test(
    State(hub): Hub,
    whose: For,
    Named(name): Named<String>,
    Body(asked): Body<Tested>,
) -> Answer<Channels> {
    let event_type = asked.event_type.unwrap_or(EventType::DriftDetected);
    let work = async move |engine: &Engine| {
        engine.test_channel(&name, event_type).await?;
        Ok(vec![engine.channel_view(&name).await?])
    };
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn preferences(State(hub): Hub, whose: For) -> Answer<Channels> {
    let work = async |engine: &Engine| engine.own_channels().await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

/// What a user may change of a channel of their own.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ChannelPreferences")]
struct Preferred {
    /// What it is told.
    categories: Option<Vec<EventType>>,
    /// What else it is told, and when: in place of all rules.
    rules: Option<ChannelRules>,
    /// Whether it is told anything.
    enabled: Option<bool>,
}

async fn prefer(
    State(hub): Hub,
    whose: For,
    Named(name): Named<String>,
    Body(asked): Body<Preferred>,
) -> Answer<Channels> {
    let Preferred { categories, rules, enabled } = asked;
    let change = ChannelChange { categories, rules, enabled, ..ChannelChange::default() };
    let work = async move |engine: &Engine| Ok(vec![engine.change_own_channel(&name, change).await?]);
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn mutes(State(hub): Hub, whose: For) -> Answer<Mutes> {
    let work = async |engine: &Engine| engine.mutes().await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MuteWanted")]
struct Muted {
    /// The components: a name, or a glob.
    component: String,
    /// The channel that is not told; none for all.
    channel: Option<String>,
    /// Until when; none until it is taken back.
    until: Option<DateTime<Utc>>,
    /// Why.
    #[serde(default)]
    reason: String,
}

async fn mute(State(hub): Hub, whose: For, Body(asked): Body<Muted>) -> Making<Mutes> {
    let Muted { component, channel, until, reason } = asked;
    let request = MuteRequest { component, channel, until, reason };
    let work = async move |engine: &Engine| engine.mute(request).await;
    Ok(Made::new(hub.works.ended(whose, work).await?))
}

async fn unmute(State(hub): Hub, whose: For, Named(id): Named<String>) -> Answer<Mutes> {
    let work = async move |engine: &Engine| engine.unmute(&id).await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Those alone that stand so.
    state: Option<DispatchStatus>,
    /// How many.
    #[serde(default)]
    limit: Limit<20, 200>,
}

async fn events(State(hub): Hub, whose: For, Asked(wanted): Asked<Wanted>) -> Answer<Events> {
    let work = async move |engine: &Engine| engine.events(wanted.limit.get(), wanted.state).await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn deliveries(State(hub): Hub, whose: For, Asked(wanted): Asked<Wanted>) -> Answer<Deliveries> {
    let work = async move |engine: &Engine| engine.deliveries(wanted.limit.get(), wanted.state).await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn retry(State(hub): Hub, whose: For, Named(id): Named<EventId>) -> Making<Events> {
    let work = async move |engine: &Engine| {
        let again = engine.retry_event(id).await?;
        Ok(vec![engine.event(again).await?])
    };
    Ok(Made::new(hub.works.ended(whose, work).await?))
}

async fn shown(Named(event_type): Named<EventType>) -> Answer<Shown> {
    let now = SystemClock.now();
    Ok(Document::new(preview(event_type, now)))
}
