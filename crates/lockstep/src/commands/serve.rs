//! `lockstep serve`: the registry over HTTP, with its workers and schedules.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use clap::Args;
use lockstep_engine::{Store, workspace::Workspace};
use lockstep_server::{
    Hub, Settings,
    address::{Exposure, listen},
    connections::Limits,
};
use serde::Serialize;

use super::user::link_of;
use crate::{
    app::App,
    exit::{Failure, Outcome},
    interrupt::Interrupt,
    output::{Screen, log, log::LogFormat},
};

const SCHEMA: &str = "lockstep.serve/1";
/// How soon a signal is heard.
const ATTENTION: Duration = Duration::from_millis(25);

/// Serve the registry to people and programs elsewhere, over HTTP.
#[derive(Debug, Args)]
#[command(after_help = "\
In a workspace the hub also does what the schedules say; elsewhere DATABASE_URL is enough, and it answers and evaluates
what waits in the drift queue. It speaks plain HTTP, to this machine alone, unless --behind-proxy says that a proxy
speaks TLS to the others. /healthz says whether it lives, /readyz whether it can work. The log goes to stderr; every
line of a request and its answer bear the same correlation id. While nobody has a password, each start
prints a link by which the first admin chooses one. SIGINT and SIGTERM let what is at hand be finished, and
end it with 0.

Examples:
  # For this machine
  lockstep serve
  # Behind a proxy that speaks TLS, with a log that programs read
  lockstep serve --listen 0.0.0.0:7420 --behind-proxy --url https://hub.example.org --log json")]
pub struct ServeArgs {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7420")]
    pub listen: SocketAddr,
    /// A proxy that speaks TLS stands before it: listen where other machines can reach it, too
    #[arg(long)]
    pub behind_proxy: bool,
    /// Where people find the hub, if not where it listens; by default what `[hub] url` says
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// How many batches of the drift queue to evaluate at once; 0 leaves the queue to `lockstep work`
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(0..=64))]
    pub workers: u16,
    /// How the log on stderr looks
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub log: LogFormat,
}

/// One line of `--json`.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    /// The hub answers from here on.
    Listening {
        at: DateTime<Utc>,
        url: String,
        registry: String,
        has_workspace: bool,
        /// Where the first admin chooses a password, as long as nobody has one.
        first_admin: Option<String>,
    },
    /// The hub has ended.
    Ended { at: DateTime<Utc> },
}

/// Runs the command.
pub fn run(args: &ServeArgs, app: &App) -> Result<Outcome, Failure> {
    app.run_on_threads(async {
        let exposure = if args.behind_proxy { Exposure::BehindProxy } else { Exposure::Loopback };
        let listener = listen(args.listen, exposure).await?;
        let (store, workspace) = registry(app).await?;
        log::start(&app.screen, args.log);
        app.run_until_signal()?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::internal(format!("can't say where it listens: {error}")))?;
        let (registry, has_workspace) = (store.address(), workspace.is_some());
        let configured = workspace.as_ref().and_then(|workspace| workspace.config.hub.clone());
        let people_find = args.url.clone().or(configured);
        let hub = Hub::new(Settings {
            store,
            workspace: workspace.map(|workspace| workspace.folder),
            os_user: app.os_user(),
            exposure,
            limits: Limits::default(),
            workers: usize::from(args.workers),
            url: people_find.clone(),
        });
        let url = format!("http://{address}");
        let first = hub.access().first_link().await?;
        let first_admin = first.map(|made| link_of(&made, people_find.as_deref().unwrap_or(&url)));
        if app.screen.json() {
            let line = Line::Listening { at: app.now(), url, registry, has_workspace, first_admin };
            app.screen.print_json_line(SCHEMA, &line);
        } else {
            app.screen.print(&format!("Listening on {url} for {registry}; Ctrl-C ends"));
            if let Some(link) = first_admin {
                app.screen.print(&format!("The first admin chooses a password here, once: {link}"));
            }
        }
        hub.run(listener, asked_to_end(app.interrupt.clone(), Arc::clone(&app.screen))).await;
        if app.screen.json() {
            app.screen.print_json_line(SCHEMA, &Line::Ended { at: app.now() });
        }
        Ok(Outcome::Fine)
    })
}

/// The registry with its tables up to date, and the workspace where there is one: `DATABASE_URL` does without.
async fn registry(app: &App) -> Result<(Store, Option<Workspace>), Failure> {
    if app.database_url().is_some() && !app.has_workspace() {
        let store = app.registry().await?;
        store.migrate().await?;
        return Ok((store, None));
    }
    let engine = app.engine().await?;
    Ok((engine.store, Some(engine.workspace)))
}

async fn asked_to_end(interrupt: Interrupt, screen: Arc<Screen>) {
    while !interrupt.came() && !screen.is_closed() {
        tokio::time::sleep(ATTENTION).await;
    }
}
