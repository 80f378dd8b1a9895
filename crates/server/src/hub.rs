//! A hub from its start to its end.

use std::{path::PathBuf, sync::Arc};

use lockstep_engine::{Store, access::Access, context::SystemClock};
use tokio::net::TcpListener;

use crate::{
    address::Exposure,
    api,
    background::Background,
    connections::{self, Limits},
    description::Description,
    events::Feed,
    metrics::Metrics,
    routes::routes,
    work::Works,
};

/// What a hub is made of.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The registry, with its tables up to date.
    pub store: Store,
    /// The folder of the workspace, if the hub has one at hand. Without it nothing is scanned or synced here.
    pub workspace: Option<PathBuf>,
    /// The operating system's user, who is admin of the workspace.
    pub os_user: String,
    /// Who stands between the hub and those who ask.
    pub exposure: Exposure,
    /// What a connection may ask for.
    pub limits: Limits,
    /// How many batches of the drift queue are evaluated at once; none leaves the queue to other processes.
    pub workers: usize,
    /// Where people find the hub, in place of what the workspace says.
    pub url: Option<String>,
}

/// What every request is answered from.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) access: Access,
    pub(crate) workspace: Option<PathBuf>,
    pub(crate) works: Arc<Works>,
    pub(crate) exposure: Exposure,
    pub(crate) limits: Limits,
    /// What is said of the API.
    pub(crate) description: Description,
    /// What happens.
    pub(crate) feed: Arc<Feed>,
    /// What this process has observed.
    pub(crate) metrics: Arc<Metrics>,
    /// Where people find it, if that is known.
    pub(crate) url: Option<String>,
}

/// A hub.
pub struct Hub {
    settings: Settings,
    access: Access,
}

impl Hub {
    /// A hub that has not begun.
    pub fn new(settings: Settings) -> Self {
        let access = Access::new(settings.store.clone(), Arc::new(SystemClock));
        Self { settings, access }
    }

    /// Its users and their tokens.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Answers, works and keeps to the schedules until it shall end; then what is at hand is finished.
    pub async fn run(self, listener: TcpListener, end: impl Future<Output = ()>) {
        let Settings { store, workspace, os_user, exposure, limits, workers, url } = self.settings;
        let access = self.access;
        let metrics = Arc::new(Metrics::default());
        let watched = Arc::clone(&metrics);
        let background =
            Background::start(&store, workspace.clone(), os_user, workers, url.clone(), watched).await;
        let works = Arc::new(Works::new(workspace.clone(), store.clone(), Arc::clone(&metrics)));
        let description = api::describe();
        let feed = Arc::new(Feed::new(store.clone()));
        let following = tokio::spawn(Arc::clone(&feed).run());
        let shared = Arc::new(Shared {
            store,
            access,
            workspace,
            works,
            exposure,
            limits,
            description,
            feed,
            metrics,
            url,
        });
        let router = routes(Arc::clone(&shared));
        let end = async {
            end.await;
            tracing::info!("asked to end: what is at hand is finished");
            background.stop();
            shared.works.stop();
            shared.feed.stop();
        };
        connections::serve(listener, router, limits, end).await;
        background.ended().await;
        shared.works.all_ended().await;
        // One that died has said so.
        let _ = following.await;
        shared.store.close().await;
    }
}
