//! Who is slow, large or many is let go, and others are answered meanwhile.

use std::{io::Write as _, time::Duration};

use lockstep_server::connections::Limits;
use lockstep_testkit::http::{Answer, connect, everything};

use crate::running::Running;

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
