//! A server of this machine for as long as a test holds it.

use std::net::SocketAddr;

use axum::Router;

/// A router that answers on a port of this machine; it ends when it is dropped.
pub(crate) struct Listening {
    address: SocketAddr,
    end: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Listening {
    /// Serves a router, on a thread of its own.
    ///
    /// # Panics
    /// When no port of this machine can be had.
    pub(crate) fn with(app: Router) -> Self {
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
                tell.send(listener.local_addr().expect("an address")).expect("the test goes on");
                tokio::select! {
                    served = axum::serve(listener, app).into_future() => served.expect("serving"),
                    _ = ended => {}
                }
            });
        });
        Self { address: told.recv().expect("the server starts"), end: Some(end) }
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            // One that has ended already hears nothing.
            let _ = end.send(());
        }
    }
}
