//! How connections are treated: each has a time to say what it wants, there are only so many, and none is cut off while
//! it is answered.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tower_service::Service as _;

/// How much a connection may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long the head of a request may take to come, and a connection may idle.
    pub head: Duration,
    /// How long a request may take altogether, its body included.
    pub request: Duration,
    /// How large a body may be, in bytes.
    pub body: usize,
    /// How many connections there may be at once; more of them wait.
    pub connections: usize,
    /// How long those that are being answered are waited for at the end.
    pub goodbye: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(15),
            request: Duration::from_secs(30),
            body: 1 << 20,
            connections: 1024,
            goodbye: Duration::from_secs(20),
        }
    }
}

/// How long to wait when the operating system gives no connection: it has too many files open, say.
const RECOVERY: Duration = Duration::from_millis(100);

/// From where a request came, as the operating system says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Answers connections until the hub shall end, and those at hand to their end.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    end: impl Future<Output = ()>,
) {
    let mut end = pin!(end);
    let slots = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    loop {
        let next = async {
            // The semaphore is never closed.
            let slot = Arc::clone(&slots).acquire_owned().await.ok();
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            () = &mut end => break,
            next = next => next,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = graceful.watch(connection(stream, peer, router.clone(), limits));
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "a connection was cut off");
                    }
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(RECOVERY).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(limits.goodbye, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections that took too long were cut off");
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.clone().call(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head);
    http.serve_connection(TokioIo::new(stream), service)
}
