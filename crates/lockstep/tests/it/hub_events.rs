//! What happens, told while it happens: to whoever looks on, whichever process does it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use lockstep_testkit::{
    http::{Answer, Request, connect, everything},
    hub::Hub,
    postgres::cluster,
    workspace::Workspace,
};
use serde_json::Value;

const AT: &str = "/api/v1/events";

/// An event as it came.
#[derive(Debug, Clone, PartialEq)]
struct Came {
    id: Option<i64>,
    kind: String,
    data: Value,
}

/// A stream that is read.
struct Following(BufReader<TcpStream>);

fn ask(hub: &Hub, token: &str, query: &str, last: Option<i64>) -> TcpStream {
    let mut stream = connect(hub.address);
    let last = last.map(|last| format!("Last-Event-ID: {last}\r\n")).unwrap_or_default();
    // To a client of HTTP/1.0 the answer comes as it is, without the sizes of its chunks.
    let text = format!(
        "GET {AT}{query} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n{last}\r\n",
        hub.address
    );
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

impl Following {
    fn begin(hub: &Hub, token: &str, query: &str, last: Option<i64>) -> Self {
        let mut reader = BufReader::new(ask(hub, token, query, last));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
        }
        assert!(head.contains(" 200 ") && head.contains("text/event-stream"), "{head}");
        Self(reader)
    }

    /// The next event; nothing when the stream is at its end.
    fn next(&mut self) -> Option<Came> {
        let mut came = Came { id: None, kind: String::new(), data: Value::Null };
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end().split_once(':').map(|(name, value)| (name, value.trim())) {
                Some(("id", value)) => came.id = Some(value.parse().unwrap()),
                Some(("event", value)) => came.kind = value.to_owned(),
                Some(("data", value)) => came.data = serde_json::from_str(value).unwrap(),
                // What keeps the connection alive.
                Some(_) => {}
                None if came.kind.is_empty() => {}
                None => return Some(came),
            }
        }
    }

    /// What comes until there is one like that, but for how the queue stands.
    fn until(&mut self, is_last: impl Fn(&Came) -> bool) -> Vec<Came> {
        let mut all = Vec::new();
        loop {
            let came = self.next().unwrap_or_else(|| panic!("it ended: {all:#?}"));
            if came.kind == "queue" {
                continue;
            }
            let is_done = is_last(&came);
            all.push(came);
            if is_done {
                return all;
            }
        }
    }
}

fn is_completed(came: &Came) -> bool {
    came.kind == "operation" && came.data["status"] == "completed"
}

fn token(workspace: &Workspace) -> (String, String) {
    let made = workspace.run(["token", "create", "--name", "test", "--scope", "read", "--json"]).succeeds();
    let data = made.json()["data"].clone();
    (data["secret"].as_str().unwrap().to_owned(), data["token"]["id"].as_str().unwrap().to_owned())
}

fn agreed(database: Option<String>) -> Workspace {
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    if let Some(url) = database {
        workspace.set("DATABASE_URL", url);
    }
    workspace.adopt();
    workspace.forget_requests_soon();
    workspace.run(["scan"]).succeeds();
    workspace
}

fn on_each(test: impl Fn(Workspace)) {
    test(agreed(None));
    if let Some(cluster) = cluster() {
        let database = cluster.create_database().unwrap();
        test(agreed(Some(cluster.url(&database))));
    }
}

#[test]
fn who_looks_on_is_told_each_step_of_a_sync_and_goes_on_where_they_were() {
    on_each(|workspace| {
        let (token, _) = token(&workspace);
        let hub = Hub::start(&workspace, &["--workers", "0"]);
        let mut following = Following::begin(&hub, &token, "", None);
        let mut drift = Following::begin(&hub, &token, "?kind=drift", None);
        // Another process does it, as a person at the workspace would.
        workspace.drift();
        workspace.run(["scan"]).succeeds();
        let opened = drift.until(|came| came.data["component"] == "Badge").pop().unwrap();
        assert!(opened.data["changes"].as_i64().is_some_and(|count| count > 0), "{opened:?}");
        workspace.run(["sync", "Badge", "--yes"]).succeeds();
        let all = following.until(is_completed);
        let first = all.iter().position(|came| came.kind == "operation").unwrap();
        let all = &all[first..];
        let told = |kind: &str, member: &str| -> Vec<String> {
            let of_kind = all.iter().filter(|came| came.kind == kind);
            of_kind.map(|came| came.data[member].as_str().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(told("operation", "status"), ["pending", "running", "completed"], "{all:#?}");
        assert_eq!(told("component", "component"), ["Badge", "Badge"]);
        assert_eq!(told("component", "phase").last().map(String::as_str), Some("committed"));
        let ids: Vec<i64> = all.iter().map(|came| came.id.unwrap()).collect();
        assert!(ids.is_sorted_by(|one, other| one < other), "{ids:?}");
        let at: chrono::DateTime<chrono::Utc> = all[0].data["at"].as_str().unwrap().parse().unwrap();
        assert!((chrono::Utc::now() - at).num_seconds().abs() < 120);
        // What differed differs no more, and who wants to hear of nothing else does not.
        let resolved = drift.until(|came| came.data["component"] == "Badge").pop().unwrap();
        assert_eq!((resolved.kind.as_str(), resolved.id), ("drift", resolved.id.filter(|id| *id > ids[0])));
        assert_eq!(resolved.data["changes"], 0);

        // At another process, also after this one has ended.
        let other = Hub::start(&workspace, &["--workers", "0"]);
        assert_eq!(hub.end("-TERM").0, Some(0));
        // What comes after an operation is its components' drift; and the stream ends with its hub.
        while let Some(came) = following.next() {
            assert!(matches!(came.kind.as_str(), "queue" | "drift"), "{came:?}");
        }
        let again = Following::begin(&other, &token, "", Some(ids[0])).until(is_completed);
        assert_eq!(again, all[1..]);
        let after = format!("?after={}", ids[1]);
        assert_eq!(Following::begin(&other, &token, &after, None).until(is_completed), all[2..]);
    });
}

#[test]
fn how_the_queue_stands_is_told_when_it_changes() {
    on_each(|workspace| {
        let (token, _) = token(&workspace);
        let hub = Hub::start(&workspace, &["--workers", "0"]);
        let mut following = Following::begin(&hub, &token, "?kind=queue", None);
        let empty = following.next().unwrap();
        assert_eq!((empty.id, &empty.data["waiting"]), (None, &Value::from(0)));
        workspace.drift();
        workspace.run(["scan", "--queue"]).succeeds();
        let filled = following.next().unwrap();
        assert!(filled.data["waiting"].as_i64().is_some_and(|count| count > 1), "{filled:?}");
        workspace.run(["work", "--once"]).succeeds();
        let deadline = Instant::now() + Duration::from_secs(30);
        while following.next().unwrap().data["waiting"] != 0 {
            assert!(Instant::now() < deadline);
        }
    });
}

#[test]
fn what_is_not_kept_any_more_is_said_to_be_missed() {
    let workspace = agreed(None);
    let (token, _) = token(&workspace);
    let hub = Hub::start(&workspace, &["--workers", "0"]);
    let missed = Following::begin(&hub, &token, "", Some(999_999)).next().unwrap();
    assert_eq!(missed.kind, "missed", "no event of this registry has that number");
    let newest = missed.id.unwrap();
    assert_eq!(
        (missed.data["after"].as_i64(), missed.data["next"].as_i64()),
        (Some(999_999), Some(newest + 1))
    );
    for last in ["-1", "x", "1.5", "99999999999999999999"] {
        let request = Request::new("GET", AT).header("authorization", format!("Bearer {token}"));
        let answer = hub.send(&request.header("last-event-id", last));
        assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("bad-request")), "{last}");
    }
    for query in ["?kind=nonsense", "?seconds=0", "?seconds=3601", "?after=-1", "?other=1"] {
        let request = Request::new("GET", &format!("{AT}{query}"));
        assert_eq!(
            hub.send(&request.header("authorization", format!("Bearer {token}"))).status,
            400,
            "{query}"
        );
    }
}

#[test]
fn who_may_read_no_more_is_told_nothing_more() {
    let workspace = agreed(None);
    let (token, id) = token(&workspace);
    let hub = Hub::start(&workspace, &["--workers", "0"]);
    let mut following = Following::begin(&hub, &token, "", None);
    workspace.run(["token", "revoke", &id]).succeeds();
    let begun = Instant::now();
    let last = following.until(|came| came.kind == "over").pop().unwrap();
    assert_eq!(last.kind, "over");
    assert_eq!(following.next(), None);
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(hub.get(AT).status, 401);
}

#[test]
fn those_who_do_not_read_hold_nobody_up() {
    on_each(|workspace| {
        let (token, _) = token(&workspace);
        let hub = Hub::start(&workspace, &["--workers", "0"]);
        let idle: Vec<_> = (0..16).map(|_| Following::begin(&hub, &token, "", None)).collect();
        let refused = Answer::parse(&everything(ask(&hub, &token, "?seconds=1", None)));
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("10")));
        workspace.drift();
        let begun = Instant::now();
        workspace.run(["sync", "Badge", "Button", "--yes"]).succeeds();
        assert!(begun.elapsed() < Duration::from_secs(20));
        // Whoever goes makes room.
        drop(idle);
        let begun = Instant::now();
        while refused_for_a_second(&hub, &token) {
            assert!(begun.elapsed() < Duration::from_secs(30), "their places are not given back");
        }
        let begun = Instant::now();
        let _last = ask(&hub, &token, "", None);
        assert_eq!(hub.end("-TERM").0, Some(0));
        assert!(begun.elapsed() < Duration::from_secs(10), "a stream does not keep a hub from its end");
    });
}

fn refused_for_a_second(hub: &Hub, token: &str) -> bool {
    let answer = Answer::parse(&everything(ask(hub, token, "?seconds=1", None)));
    answer.status == 429
}
