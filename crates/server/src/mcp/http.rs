//! `/mcp` of a hub: the streamable HTTP transport, without sessions, so that any process of a hub can answer.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::from_fn_with_state,
    response::Response,
    routing::post,
};
use lockstep_core::role::Action;
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
};
use tower_service::Service as _;

use super::{Asks, Desk, Speaker};
use crate::{api::Needs, caller::authorise, hub::Shared};

type Service = StreamableHttpService<Speaker, NeverSessionManager>;

/// The route, for whoever may read; what more a tool needs it asks for itself.
pub(crate) fn routes(hub: &Arc<Shared>) -> Router<Arc<Shared>> {
    let desk = Desk {
        store: hub.store.clone(),
        works: Arc::clone(&hub.works),
        runs: Arc::default(),
        reads_anew: false,
    };
    let speaker = Speaker { desk, asks: Asks::OfRequest };
    // Which hosts it answers to is decided for all routes. No page of another site has business here.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(hub.limits.body)
        .disable_allowed_hosts()
        .enforce_origin_validation();
    let service = Service::new(move || Ok(speaker.clone()), Arc::default(), config);
    let guard = from_fn_with_state((Arc::clone(hub), Needs::Grant(Action::Read)), authorise);
    Router::new().route("/mcp", post(answer).layer(guard).with_state(service))
}

async fn answer(State(mut service): State<Service>, request: Request) -> Response {
    match service.call(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}
