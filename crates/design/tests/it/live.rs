//! The live client against a server of this machine that answers by a script, and counts what it is asked.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use lockstep_design::figma::client::{Bounds, Figma, FigmaError, Tier};

/// The address of a server that answers each request by `answer`, and the requests it got.
fn server(answer: impl Fn(&str) -> String + Send + 'static) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let requests = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut request, mut byte) = (Vec::new(), [0]);
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                request.push(byte[0]);
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let answer = answer(&request);
            requests.lock().unwrap().push(request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, seen)
}

fn http(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn figma(address: &str) -> Figma {
    Figma::new(address, "figd_secret".to_owned().into(), Bounds::default()).unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn meta_error(answer: String) -> FigmaError {
    let (address, _) = server(move |_| answer.clone());
    wait(figma(&address).file_meta("KEY")).unwrap_err()
}

#[test]
fn an_unchanged_file_costs_one_cheap_call() {
    let (address, seen) = server(|_| {
        http(
            "200 OK",
            "",
            r#"{"file":{"name":"Kit","last_touched_at":"2026-01-01T00:00:00Z","version":"7"}}"#,
        )
    });
    let client = figma(&address);
    let meta = wait(client.file_meta("KEY/../me")).unwrap();
    assert_eq!(meta.version.as_deref(), Some("7"));
    assert_eq!((client.calls(Tier::One), client.calls(Tier::Two)), (0, 1));
    let seen = seen.lock().unwrap();
    assert!(seen[0].starts_with("GET /v1/files/KEY%2F..%2Fme/meta HTTP/1.1"), "{}", seen[0]);
    assert!(seen[0].contains("x-figma-token: figd_secret"));
    assert!(!format!("{client:?}").contains("figd_secret"), "a token was shown");
}

#[test]
fn a_files_pages_are_asked_for_without_what_stands_on_them() {
    let (address, seen) = server(|_| {
        let page = r#"{"id":"0:1","name":"Buttons","type":"CANVAS","children":[]}"#;
        let document = format!(r#"{{"id":"0:0","name":"Document","type":"DOCUMENT","children":[{page}]}}"#);
        http(
            "200 OK",
            "",
            &format!(
                r#"{{"name":"Kit","version":"7","lastModified":"2026-01-01T00:00:00Z","document":{document}}}"#
            ),
        )
    });
    let outline = wait(figma(&address).file_outline("KEY")).unwrap();
    assert_eq!((outline.name.as_str(), outline.version.as_str()), ("Kit", "7"));
    assert_eq!(outline.pages().iter().map(|page| page.name.as_str()).collect::<Vec<_>>(), ["Buttons"]);
    assert!(seen.lock().unwrap()[0].starts_with("GET /v1/files/KEY?depth=1 HTTP/1.1"));
}

#[test]
fn failures_say_what_and_what_next() {
    let days = "retry-after: 396749\r\nx-figma-plan-tier: pro\r\nx-figma-rate-limit-type: low\r\n";
    let limited = meta_error(http("429 Too Many Requests", days, r#"{"status":429,"err":"Rate limit"}"#));
    let FigmaError::Parked { limit, .. } = limited else { panic!("{limited}") };
    assert!(limit.retry_at.unwrap() > chrono::Utc::now() + chrono::TimeDelta::days(4));
    assert_eq!((limit.plan.as_deref(), limit.kind.as_deref()), (Some("pro"), Some("low")));

    let cases = [
        (
            http("403 Forbidden", "", r#"{"status":403,"err":"Token expired"}"#),
            "refused the token (Token expired)",
        ),
        (http("404 Not Found", "", r#"{"status":404,"err":"Not found"}"#), "not found (Not found)"),
        (http("500 Oops", "", r#"{"error":true,"status":500,"message":"m"}"#), "Figma answered 500 (m)"),
        (http("200 OK", "", r#"{"file":{"#), "the answer can't be read (EOF"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"file\":".to_owned(), "the connection failed"),
    ];
    for (answer, expected) in cases {
        let said = meta_error(answer).to_string();
        assert!(said.contains(expected) && !said.contains("figd_secret"), "{said}");
    }
}

#[test]
fn a_redirect_never_takes_the_token_elsewhere() {
    let (other, asked) = server(|_| http("200 OK", "", "{}"));
    let error = meta_error(http("302 Found", &format!("location: {other}/v1/me\r\n"), ""));
    assert!(error.to_string().contains("answered 302"), "{error}");
    assert!(asked.lock().unwrap().is_empty());
    for address in ["http://api.figma.com", "ftp://127.0.0.1", "nonsense"] {
        assert!(
            matches!(
                Figma::new(address, "t".to_owned().into(), Bounds::default()),
                Err(FigmaError::Address { .. })
            ),
            "{address}"
        );
    }
}

#[test]
fn nodes_come_in_chunks_that_are_halved_when_too_large() {
    let (address, seen) = server(|request| {
        let ids = request.split("ids=").nth(1).unwrap().split(' ').next().unwrap().replace("%3A", ":");
        let ids: Vec<&str> = ids.split("%2C").collect();
        if ids.len() > 250 {
            return http("413 Payload Too Large", "", "");
        }
        let entry = |id: &&str| match *id {
            "1:7" => format!("{id:?}:null"),
            _ => format!("{id:?}:{{\"document\":{{\"id\":{id:?}}}}}"),
        };
        http(
            "200 OK",
            "",
            &format!(
                "{{\"version\":\"7\",\"nodes\":{{{}}}}}",
                ids.iter().map(entry).collect::<Vec<_>>().join(",")
            ),
        )
    });
    let client = figma(&address);
    let ids: Vec<String> = (0..900).map(|n| format!("1:{n}")).collect();
    let nodes = wait(client.nodes("KEY", &ids)).unwrap();
    assert_eq!(nodes.len(), 900);
    assert!(nodes["1:7"].is_none(), "Figma knows no such node");
    assert_eq!(nodes["1:8"].as_ref().unwrap().document.get(), r#"{"id":"1:8"}"#);
    // 400 + 400 + 100, of which two were halved.
    assert_eq!(client.calls(Tier::One), 7);
    assert!(seen.lock().unwrap().iter().all(|request| !request.contains("geometry")));
}
