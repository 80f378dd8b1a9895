//! A real Chromium: what happens in its tabs is told, and nothing is left of it.

use std::{path::Path, process::Command, time::Duration};

use lockstep_providers::browser::{
    Browser, BrowserError, Endpoint, Look, Sources, Tab, TabEvent, TabOptions,
};
use lockstep_testkit::provider::{Provider, Reply};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

fn started(profiles: &Path) -> Endpoint {
    Endpoint::Started { executable: None, sandbox: true, profiles: Some(profiles.to_owned()) }
}

fn page(server: &Provider, path: &str, body: &str) -> String {
    let kind = if path.ends_with(".js") { "text/javascript" } else { "text/html" };
    server.answer(path, Reply::Answer(200, vec![("content-type", kind.to_owned())], body.to_owned()));
    format!("{}{path}", server.address())
}

/// What happens until the page tells `done`, and then at once.
async fn seen(tab: &mut Tab, url: &str) -> Vec<TabEvent> {
    let going = tokio::spawn(tab.go(url));
    let mut events = Vec::new();
    loop {
        match timeout(PATIENCE, tab.next()).await.unwrap() {
            Some(TabEvent::Told(text)) if text == "done" => break,
            Some(event) => events.push(event),
            None => break,
        }
    }
    going.await.unwrap().unwrap();
    events.extend(tab.rest());
    events
}

#[tokio::test]
async fn what_happens_in_a_tab_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::open(&started(folder.path())).await.unwrap();
    assert!(browser.version().await.unwrap().contains("Chrome/"));
    let server = Provider::start();
    page(
        &server,
        "/made.js",
        "function f() { throw new Error('from made') }\nf();\n//# sourceMappingURL=made.js.map",
    );
    page(
        &server,
        "/made.js.map",
        r#"{"version":3,"sources":["../src/Made.tsx"],"names":[],"mappings":"AAUA;AACA"}"#,
    );
    let url = page(
        &server,
        "/page",
        "<link rel=icon href=data:,><script src=/made.js></script><img src=/no.png?token=1><script>
         console.error('%s is bad', 'this', {a: 1}); console.log('fine');
         Promise.reject(new Error('later')).catch(() => {});
         onload = () => setTimeout(() => __lockstepTell('done'), 50);</script>",
    );
    let options = TabOptions {
        look: Look { width: 400, height: 300, dark: true, ..Look::default() },
        script: "window.seed = [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches];".to_owned(),
        headers: [("x-who".to_owned(), "ada".into())].into(),
        ..TabOptions::default()
    };
    let mut tab = browser.tab(&options).await.unwrap();
    let events = seen(&mut tab, &url).await;
    let mut told = Vec::new();
    for event in events {
        told.push(match event {
            TabEvent::Exception { thrown, .. } => {
                let stack = Sources::default().told(&tab, &thrown.frames).await;
                format!("{} {stack:?}", thrown.message)
            }
            TabEvent::Console { level, thrown } => format!("{level}: {}", thrown.message),
            TabEvent::RequestFailed { url, why } => format!("{why} {}", url.replace(&server.address(), "")),
            TabEvent::Received(_) => continue,
            other => format!("{other:?}"),
        });
    }
    told.sort();
    insta::assert_snapshot!(told.join("\n"), @r#"
    404 /no.png
    Error: from made ["f (src/Made.tsx:11:1)", "src/Made.tsx:12:1"]
    error: this is bad Object
    log: fine
    "#);
    assert_eq!(tab.evaluate("seed").await.unwrap(), serde_json::json!([400, true]));
    let thrown = tab.evaluate("Promise.reject(new TypeError('no'))").await.unwrap_err();
    assert_eq!(thrown, BrowserError::Page("TypeError: no".to_owned()));
    assert!(tab.picture().await.unwrap().starts_with(b"\x89PNG"));
    assert!(tab.counts().await.unwrap()["Nodes"] > 3.0);
    assert!(server.came().iter().all(|came| came.headers.get("x-who").is_some_and(|who| who == "ada")));
    browser.close(tab).await;
}

#[tokio::test]
async fn tabs_know_nothing_of_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::open(&started(folder.path())).await.unwrap();
    let server = Provider::start();
    let url = page(
        &server,
        "/page",
        "<script>localStorage.me = document.cookie += 'a=1'; __lockstepTell('done')</script>",
    );
    let mut one = browser.tab(&TabOptions::default()).await.unwrap();
    let mut other = browser.tab(&TabOptions::default()).await.unwrap();
    seen(&mut one, &url).await;
    page(&server, "/page", "<script>__lockstepTell('done')</script>");
    seen(&mut other, &url).await;
    let kept = "[document.cookie, localStorage.me ?? '']";
    assert_eq!(one.evaluate(kept).await.unwrap(), serde_json::json!(["a=1", "a=1"]));
    assert_eq!(other.evaluate(kept).await.unwrap(), serde_json::json!(["", ""]));
    browser.close(one).await;
    browser.close(other).await;
}

#[tokio::test]
async fn what_ends_is_told_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::open(&started(folder.path())).await.unwrap();
    let unreachable = browser.tab(&TabOptions::default()).await.unwrap().go("http://127.0.0.1:1/").await;
    assert_eq!(unreachable, Err(BrowserError::Page("net::ERR_UNSAFE_PORT".to_owned())));
    let mut tab = browser.tab(&TabOptions::default()).await.unwrap();
    let going = tokio::spawn(tab.go("chrome://crash"));
    let crashed = timeout(PATIENCE, async { while tab.next().await != Some(TabEvent::Crashed) {} });
    crashed.await.unwrap();
    going.abort();

    assert_eq!(browser.lost(), None);
    let id = browser.process_id().unwrap();
    assert!(Command::new("kill").args(["-KILL", &id.to_string()]).status().unwrap().success());
    let why = timeout(PATIENCE, browser.until_lost()).await.unwrap();
    assert!(why.contains("signal: 9"), "{why}");
    let lost = timeout(PATIENCE, browser.tab(&TabOptions::default())).await.unwrap().unwrap_err();
    assert_eq!(lost, BrowserError::Lost(why));
    drop(browser);
    nothing_is_left(folder.path());

    let browser = Browser::open(&started(folder.path())).await.unwrap();
    let _tab = browser.tab(&TabOptions::default()).await.unwrap();
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    drop(browser);
    nothing_is_left(folder.path());
}

/// No profile, and no process that was given one.
fn nothing_is_left(profiles: &Path) {
    assert_eq!(profiles.read_dir().unwrap().count(), 0);
    let processes = Command::new("ps").args(["-eo", "args"]).output().unwrap();
    let processes = String::from_utf8_lossy(&processes.stdout).into_owned();
    let left: Vec<&str> =
        processes.lines().filter(|line| line.contains(&profiles.display().to_string())).collect();
    assert_eq!(left, Vec::<&str>::new());
}

#[tokio::test]
async fn one_that_runs_is_connected_to_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let own = Browser::open(&started(folder.path())).await.unwrap();
    let address = own.http_address().unwrap();
    let remote = Browser::open(&Endpoint::Remote(address)).await.unwrap();
    let tab = remote.tab(&TabOptions::default()).await.unwrap();
    assert_eq!(tab.evaluate("6 * 7").await.unwrap(), serde_json::json!(42));
    remote.close(tab).await;
    drop(remote);
    assert!(own.version().await.is_ok());
}

#[tokio::test]
async fn one_that_is_none_is_told_with_what_it_said() {
    let folder = tempfile::tempdir().unwrap();
    for (program, expected) in [
        ("/bin/false", "/bin/false can't be started: its process ended: exit status: 1"),
        ("/no/such/chromium", "/no/such/chromium can't be started: No such file or directory (os error 2)"),
    ] {
        let endpoint = Endpoint::Started {
            executable: Some(program.into()),
            sandbox: true,
            profiles: Some(folder.path().to_owned()),
        };
        assert_eq!(Browser::open(&endpoint).await.unwrap_err().to_string(), expected);
    }
    nothing_is_left(folder.path());
    let error = Browser::open(&Endpoint::Remote("http://u:secret@127.0.0.1:9".to_owned())).await.unwrap_err();
    assert!(error.to_string().starts_with("the browser at http://127.0.0.1 can't be reached: "), "{error}");
}
