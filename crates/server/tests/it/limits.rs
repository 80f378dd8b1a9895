//! Who is slow, large or many is let go, and others are answered meanwhile.

use std::{io::Write as _, net::SocketAddr, time::Duration};

use lockstep_engine::Store;
use lockstep_server::{
    Hub, Settings,
    address::{Exposure, listen},
    connections::Limits,
};
use lockstep_testkit::http::{Answer, Request, connect, everything};
use tokio::sync::oneshot;

/// A hub of an SQLite registry, until it is told to end.
struct Running {
    address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Running {
    fn start(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("lockstep.db").display());
        let (end, ended) = oneshot::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let store = Store::open(&url).await.unwrap();
                let listener = listen("127.0.0.1:0".parse().unwrap(), Exposure::Loopback).await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let os_user = "ada".to_owned();
                let exposure = Exposure::Loopback;
                let hub =
                    Hub::new(Settings { store, workspace: None, os_user, exposure, limits, workers: 0 });
                let end = async { ended.await.unwrap() };
                hub.run(listener, end).await;
            });
        });
        Self { address: told.recv().unwrap(), end: Some(end), thread: Some(thread), _folder: folder }
    }

    fn is_well(&self) {
        Request::new("GET", "/healthz").send(self.address).is(200);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end.take().unwrap().send(()).unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}

fn short() -> Limits {
    Limits { head: Duration::from_millis(300), request: Duration::from_millis(300), ..Limits::default() }
}

#[test]
fn who_does_not_say_what_they_want_is_let_go() {
    let hub = Running::start(short());
    for said in ["", "GET /healthz HTTP/1.1\r\nHost: local"] {
        let mut stream = connect(hub.address);
        stream.write_all(said.as_bytes()).unwrap();
        hub.is_well();
        let answer = everything(stream);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{said:?}: {answer}");
    }
    let mut idle = connect(hub.address);
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert_eq!(Answer::parse(&everything(idle)).status, 200, "one that was answered is let go, too");
}

#[test]
fn slow_ones_do_not_keep_others_out_for_good() {
    let hub = Running::start(Limits { connections: 4, ..short() });
    let slow: Vec<_> = (0..16).map(|_| connect(hub.address)).collect();
    hub.is_well();
    drop(slow);
}
