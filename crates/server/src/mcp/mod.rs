//! What an assistant may ask, by the Model Context Protocol: on the standard streams of `lockstep mcp`, and at `/mcp` of
//! a hub.
//!
//! It is spoken by the protocol's own SDK; what stands here is the tools and what can be read. A sync is executed only
//! when it is asked for with the name of the plan that was seen before.

mod http;
mod resources;
mod runs;
mod tools;

use std::{path::PathBuf, sync::Arc};

use lockstep_core::ids::CorrelationId;
use lockstep_engine::{Store, context::Actor};
use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt as _,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
        InitializeResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
        PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, Tool,
    },
    service::RequestContext,
    transport::io::stdio_pipes,
};
use uuid::Uuid;

use crate::{
    caller::Caller,
    problem::Problem,
    work::{For, Works},
};

pub(crate) use http::routes;
pub(crate) use runs::Runs;

const INSTRUCTIONS: &str = "\
Lockstep holds the components of a design system in code against those in the design tool. Ask `design.driftReport` where \
they differ and who moved. To bring them together, call `design.sync` without `plan`: it answers with what would change and \
changes nothing. Show that to the person; when they agree, call it again with the same arguments and `plan` being the name \
that came with it. A plan of which something moved meanwhile is refused as stale: ask for a new one. `design.undo` takes an \
operation back within 24 hours.";

/// What tools are done with.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) works: Arc<Works>,
    pub(crate) runs: Arc<Runs>,
    /// Whether what is asked for is read from the workspace anew; else it is what the last scan recorded.
    pub(crate) reads_anew: bool,
}

/// One that speaks the protocol.
#[derive(Clone)]
pub(crate) struct Speaker {
    desk: Desk,
    asks: Asks,
}

/// Who asks.
#[derive(Clone)]
enum Asks {
    /// The same all the time.
    One(Box<Actor>),
    /// Whoever was let in with the request.
    OfRequest,
}

/// Speaks on the standard streams until they end, as somebody in their workspace.
///
/// # Errors
/// When the other side does not speak the protocol.
pub async fn on_stdio(store: Store, workspace: PathBuf, actor: Actor) -> Result<(), std::io::Error> {
    let works = Arc::new(Works::new(Some(workspace), store.clone(), Arc::default()));
    let desk = Desk { store, works: Arc::clone(&works), runs: Arc::default(), reads_anew: true };
    let speaker = Speaker { desk, asks: Asks::One(Box::new(actor)) };
    let ended = async {
        let service = speaker.serve(stdio_pipes()).await.map_err(std::io::Error::other)?;
        service.waiting().await.map_err(std::io::Error::other)
    };
    let ended = ended.await.map(drop);
    works.stop();
    works.all_ended().await;
    ended
}

impl Speaker {
    /// For whom something is done, each time under an id of its own.
    fn whose(&self, context: &RequestContext<RoleServer>) -> Result<For, ErrorData> {
        let refused = || ErrorData::internal_error("nobody is known to ask", None);
        match &self.asks {
            Asks::One(actor) => Ok(For::of(Actor::clone(actor), Uuid::now_v7().into())),
            Asks::OfRequest => {
                let parts = context.extensions.get::<axum::http::request::Parts>().ok_or_else(refused)?;
                let caller = parts.extensions.get::<Caller>().ok_or_else(refused)?;
                let correlation = parts.extensions.get::<CorrelationId>().copied();
                let correlation = correlation.unwrap_or_else(|| Uuid::now_v7().into());
                Ok(For::of(caller.actor.clone(), correlation))
            }
        }
    }
}

impl ServerHandler for Speaker {
    fn get_info(&self) -> InitializeResult {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        let mut info = InitializeResult::new(capabilities).with_instructions(INSTRUCTIONS);
        info.server_info = Implementation::new("lockstep", env!("CARGO_PKG_VERSION"));
        info
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools::all()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::all().into_iter().find(|tool| tool.name == name)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let whose = self.whose(&context)?;
        let arguments = request.arguments.unwrap_or_default();
        let result = match tools::call(&self.desk, whose, &request.name, arguments).await? {
            Ok(document) => CallToolResult::structured(document),
            // What the tool says of itself is for whoever called it, and not of the shape of its answers.
            Err(problem) => CallToolResult::error(vec![ContentBlock::text(problem.text())]),
        };
        Ok(result.into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let all = resources::all(&self.desk.store).await.map_err(protocol_error)?;
        Ok(ListResourcesResult::with_all_items(all))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(resources::templates()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        resources::read(&self.desk, request.uri).await.map(Into::into)
    }
}

/// A problem where the protocol has no other place for it.
fn protocol_error(problem: Problem) -> ErrorData {
    ErrorData::internal_error(problem.text(), None)
}
