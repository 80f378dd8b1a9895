//! A hub in this process, until its value is gone.

use std::net::SocketAddr;

use lockstep_engine::{Store, access::Access};
use lockstep_server::{
    Hub, Settings,
    address::{Exposure, listen},
    connections::Limits,
};
use lockstep_testkit::http::Request;
use tokio::{runtime::Handle, sync::oneshot};

/// A hub of an SQLite registry, until it is told to end.
pub struct Running {
    pub address: SocketAddr,
    /// Its users, and what they hold.
    pub access: Access,
    runtime: Handle,
    end: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Running {
    /// Starts one with these limits.
    pub fn start(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("lockstep.db").display());
        let (end, ended) = oneshot::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let store = Store::open(&url).await.unwrap();
                let listener = listen("127.0.0.1:0".parse().unwrap(), Exposure::Loopback).await.unwrap();
                let address = listener.local_addr().unwrap();
                let os_user = "ada".to_owned();
                let exposure = Exposure::Loopback;
                let hub = Hub::new(Settings {
                    store,
                    workspace: None,
                    os_user,
                    exposure,
                    limits,
                    workers: 0,
                    url: None,
                });
                tell.send((address, hub.access().clone(), Handle::current())).unwrap();
                let end = async { ended.await.unwrap() };
                hub.run(listener, end).await;
            });
        });
        let (address, access, runtime) = told.recv().unwrap();
        Self { address, access, runtime, end: Some(end), thread: Some(thread), _folder: folder }
    }

    /// Runs something of its access.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Holds that others are answered.
    pub fn is_well(&self) {
        Request::new("GET", "/healthz").send(self.address).is(200);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end.take().unwrap().send(()).unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}
