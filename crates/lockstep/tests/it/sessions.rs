//! Stories in a real browser, through the binary: each end has its reason, and nothing is left of a run.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use lockstep_testkit::{
    http::Request, hub::Hub, npm::npm_package, postgres::cluster, storybook::write_storybook,
    workspace::Workspace,
};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

/// The example, with a static Storybook whose stories do this.
fn workspace(stories: &[(&str, &str)]) -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
    write_storybook(&workspace.path("storybook-static"), stories).unwrap();
    workspace
}

fn configure(workspace: &Workspace, text: &str) {
    let config = workspace.read("lockstep.toml");
    workspace.write("lockstep.toml", format!("{config}\n{text}\n"));
}

/// What stands at a place of a session.
fn of<'v>(report: &'v Value, story: &str) -> &'v Value {
    let sessions = report["data"]["sessions"].as_array().unwrap();
    sessions
        .iter()
        .find(|session| session["story"] == story)
        .unwrap_or_else(|| panic!("no {story}: {report}"))
}

/// No browser, and no profile of one.
fn nothing_is_left(workspace: &Workspace) {
    let temporary = workspace.root().parent().unwrap().to_owned();
    let until = Instant::now() + PATIENCE;
    loop {
        let processes = Command::new("ps").args(["-eo", "args"]).output().unwrap();
        let processes = String::from_utf8_lossy(&processes.stdout).into_owned();
        let browsers = processes.lines().filter(|line| line.contains(&temporary.display().to_string()));
        let profiles = temporary.read_dir().unwrap().filter_map(Result::ok);
        let profiles =
            profiles.filter(|entry| entry.file_name().to_string_lossy().starts_with("lockstep-browser-"));
        let left: Vec<String> = browsers
            .map(str::to_owned)
            .chain(profiles.map(|entry| entry.path().display().to_string()))
            .collect();
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "{left:#?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

const ENDS: &[(&str, &str, &str, &str)] = &[
    ("components-button--primary", "passes", "passed", ""),
    ("components-button--secondary", "throws", "failed", "exception"),
    ("components-button--ghost", "fails-play", "failed", "failed_play"),
    ("components-card--flat", "logs-error", "failed", "console_error"),
    ("components-badge--neutral", "lacks-name", "failed", "accessibility_violation"),
    ("components-avatar--small", "lacks-picture", "passed", ""),
    ("components-badge--info", "hangs", "aborted", "timeout"),
    ("components-badge--success", "waits", "aborted", "timeout"),
];

#[test]
fn each_end_has_its_reason() {
    let stories: Vec<(&str, &str)> = ENDS.iter().map(|(id, does, ..)| (*id, *does)).collect();
    let workspace = workspace(&stories);
    configure(&workspace, "[browser]\ntimeout_seconds = 10\nloads = 2\n[browser.budget]\ndom_nodes = 100000");
    let axe = npm_package("axe-core", "4.11.0").unwrap();
    workspace.write("node_modules/axe-core/axe.min.js", std::fs::read(axe.join("axe.min.js")).unwrap());
    let missing = "components-button--small";
    let names = ENDS.iter().map(|(id, ..)| *id).chain([missing]);
    let arguments = ["test", "--json", "--junit", "stories.xml"].into_iter().chain(names);
    let report = workspace.run(arguments).exits(1).json();
    for (story, _, status, reason) in ENDS {
        let session = of(&report, story);
        assert_eq!(session["status"], *status, "{session}");
        assert_eq!(session["reason"].as_str().unwrap_or_default(), *reason, "{session}");
    }
    assert_eq!(of(&report, missing)["reason"], "missing_story");
    let totals = json!({"stories": 9, "passed": 2, "failed": 5, "aborted": 2, "not_run": 0, "retries": 0});
    assert_eq!(report["data"]["totals"], totals);

    let thrown = &of(&report, "components-button--secondary")["exceptions"][0];
    assert_eq!(thrown["message"], "TypeError: Cannot read properties of null (reading 'render')");
    assert!(thrown["stack"][0].as_str().unwrap().contains("(src/stories.ts:"), "{thrown}");
    let play = of(&report, "components-button--ghost");
    assert_eq!(play["failed_plays"][0]["message"], "expected \"Save\" to be \"Cancel\"");
    assert_eq!(play["exceptions"], json!([]), "it is one error");
    assert_eq!(of(&report, "components-card--flat")["message"], "Button is deprecated");
    assert_eq!(of(&report, "components-badge--neutral")["violations"][0]["id"], "button-name");
    assert_eq!(of(&report, "components-avatar--small")["failed_requests"][0]["why"], "404");

    let passed = of(&report, "components-button--primary");
    let measured = &passed["performance_summary"];
    assert_eq!(measured["loads"], 2);
    for metric in ["rendered_ms", "first_contentful_paint_ms", "js_heap_bytes", "dom_nodes", "received_bytes"]
    {
        assert!(measured[metric].as_f64().is_some_and(|value| value > 0.0), "{metric}: {measured}");
    }
    let picture = passed["artifacts"][0]["path"].as_str().unwrap();
    let png = std::fs::read(workspace.path(picture)).unwrap();
    assert!(png.starts_with(b"\x89PNG") && png.len() > 1_000);
    let xml = workspace.read("stories.xml");
    assert!(xml.contains("tests=\"9\" failures=\"5\" errors=\"2\""), "{xml}");
    nothing_is_left(&workspace);

    let id = passed["id"].as_str().unwrap();
    let shown = workspace.run(["sessions", "show", &id[..8], "--json"]).succeeds().json();
    assert_eq!(shown["data"]["performance_summary"], *measured);
    assert_eq!(shown["data"]["artifacts"], passed["artifacts"]);
    let listed = workspace.run(["sessions", "list", "Button", "--json"]).succeeds().json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 4);
}

#[test]
fn the_same_code_with_another_outcome_is_flaky() {
    let workspace = workspace(&[("components-button--primary", "passes")]);
    let story = ["test", "components-button--primary"];
    workspace.run(story).succeeds();
    // What decides it is no part of the code.
    workspace.write("storybook-static/behaviours.json", r#"{"components-button--primary": "fails-play"}"#);
    let told = workspace.run(story).exits(1).stdout;
    assert!(told.contains("flaky: components-button--primary passed 1 of 2 times"), "{told}");
    let rates = workspace.run(["sessions", "rates", "--json"]).succeeds().json();
    let button = &rates["data"][0];
    assert_eq!((&button["component"], &button["flaky"]), (&json!("Button"), &json!(1)));
    assert_eq!(
        (&button["passed"], &button["failed"], &button["success_percent"]),
        (&json!(1), &json!(1), &json!(50.0))
    );
    // Another build is other code.
    workspace
        .write("storybook-static/index.json", r#"{"v":5,"entries":{"components-button--primary":{"a":1}}}"#);
    workspace.run(["test", "Button", "--json"]).exits(1);
    let rates =
        workspace.run(["sessions", "rates", "components-button--primary", "--json"]).succeeds().json();
    assert_eq!(rates["data"][0]["flaky"], 1);
}

#[test]
fn what_looks_other_than_it_was_approved_fails() {
    let story = "components-button--primary";
    let workspace = workspace(&[(story, "passes")]);
    let becomes = |does: &str| {
        workspace.write("storybook-static/behaviours.json", json!({ story: does }).to_string());
    };
    let test = || workspace.run(["test", story, "--json"]);
    workspace.run(["sessions", "approve"]).exits(3);
    assert_eq!(of(&test().succeeds().json(), story)["compared"], Value::Null);
    let picture = format!("visual-baselines/{story}.png");
    let approved = workspace.run(["sessions", "approve", "Button"]).succeeds();
    assert_eq!(approved.stdout, format!("added     {picture}\n"));
    let same = test().succeeds().json();
    assert_eq!(of(&same, story)["compared"], json!({"baseline": picture, "differing_percent": 0.0}));

    becomes("lacks-name");
    let other = test().exits(1).json();
    let session = of(&other, story);
    assert_eq!((&session["status"], &session["reason"]), (&json!("failed"), &json!("visual_difference")));
    let percent = session["compared"]["differing_percent"].as_f64().unwrap();
    assert!(percent > 0.0 && percent < 1.0, "{session}");
    let difference = &session["artifacts"][1];
    assert_eq!(difference["kind"], "visual_diff");
    assert!(
        std::fs::read(workspace.path(difference["path"].as_str().unwrap())).unwrap().starts_with(b"\x89PNG")
    );
    let approved = workspace.run(["sessions", "approve", story, "--json"]).succeeds().json();
    assert_eq!(approved["data"][0]["change"], "replaced");
    test().succeeds();

    // What is masked is in no picture, so that nothing of it differs.
    configure(&workspace, "[visual]\nmask = [\"button\"]");
    test().exits(1);
    workspace.run(["sessions", "approve"]).succeeds();
    becomes("passes");
    test().succeeds();
    becomes("throws");
    test().exits(1);
    let refused = workspace.run(["sessions", "approve"]).exits(3);
    assert!(refused.stderr.contains("there is no picture to approve"), "{refused:?}");
    workspace.write(&picture, "no picture");
    becomes("passes");
    let told = test().exits(3).json()["data"]["message"].to_string();
    assert!(told.contains("the approved picture"), "{told}");
}

#[test]
fn time_and_chance_are_the_same_each_time() {
    let story = "components-button--primary";
    let mut workspace = workspace(&[(story, "tells-time")]);
    workspace.set("TZ", "Asia/Tokyo");
    configure(&workspace, "[browser]\ntime = \"2026-01-01T13:00:00+01:00\"");
    let told = || {
        let report = workspace.run(["test", story, "--json"]).exits(1).json();
        of(&report, story)["message"].as_str().unwrap().to_owned()
    };
    let first = told();
    assert!(first.starts_with("2026-01-01T12:00 true,true,string,0 0."), "{first}");
    assert_eq!(told(), first);
}

#[test]
fn only_what_changed_is_opened() {
    let workspace = workspace(&[]);
    let git = |arguments: &[&str]| {
        let done = Command::new("git").current_dir(workspace.root()).args(arguments).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]);
    let nothing = workspace.run(["test", "--changed", "main"]).succeeds();
    assert_eq!(nothing.stdout, "No story to open\n");
    workspace.replace("src/components/Badge/Badge.tsx", "import", "// other\nimport");
    workspace.write("src/components/Switch/Switch.css", "a {}");
    let report = workspace.run(["test", "--changed", "main", "--json"]).exits(1).json();
    let components: std::collections::BTreeSet<&str> = report["data"]["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|session| session["component"].as_str().unwrap())
        .collect();
    assert_eq!(components.into_iter().collect::<Vec<_>>(), ["Badge", "Switch"]);
    let refused = workspace.run(["test", "--changed", "no-such"]).exits(3).stderr;
    assert!(refused.contains("git can't say what changed since `no-such`"), "{refused}");
}

#[test]
fn what_a_killed_run_leaves_is_aborted_by_the_next() {
    let workspace = workspace(&[("components-button--primary", "waits")]);
    let mut command = workspace.command();
    command
        .args(["test", "components-button--primary", "--json"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut run = command.spawn().unwrap();
    let until = Instant::now() + PATIENCE;
    let running =
        || workspace.run(["sessions", "--json"]).succeeds().json()["data"][0]["status"] == "running";
    while !running() {
        assert!(Instant::now() < until && run.try_wait().unwrap().is_none(), "it does not begin");
        std::thread::sleep(Duration::from_millis(100));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    nothing_is_left(&workspace);
    workspace.run(["status"]).succeeds();
    let session = workspace.run(["sessions", "--json"]).succeeds().json()["data"][0].clone();
    assert_eq!((&session["status"], &session["reason"]), (&json!("aborted"), &json!("browser_lost")));
    assert_eq!(session["message"], "the browser was lost: the process that ran it has died");
    assert!(session["end_time"].is_string());
}

#[cfg(unix)]
#[test]
fn a_lost_browser_is_opened_anew_and_a_cancelled_run_ends() {
    let workspace = workspace(&[("components-button--primary", "waits")]);
    let start = || {
        let mut command = workspace.command();
        command.args(["test", "components-button--primary", "--json"]).stdout(Stdio::piped());
        command.spawn().unwrap()
    };
    let browser = |but: Option<&str>| {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = browser_of(workspace.root().parent().unwrap())
                && but != Some(found.as_str())
                && workspace.run(["sessions", "--json"]).succeeds().json()["data"][0]["status"] == "running"
            {
                return found;
            }
            assert!(Instant::now() < until, "no browser");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let kill = |signal: &str, id: &str| {
        assert!(Command::new("kill").args([signal, id]).status().unwrap().success());
    };
    let run = start();
    let first = browser(None);
    kill("-KILL", &first);
    // The next session has a browser of its own: it is the run that is asked to end now.
    browser(Some(&first));
    kill("-INT", &run.id().to_string());
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let session = of(&report, "components-button--primary");
    assert_eq!((&session["status"], &session["reason"]), (&json!("aborted"), &json!("cancelled")));
    assert_eq!((&session["retry"], &report["data"]["totals"]["retries"]), (&json!(1), &json!(1)));
    let listed = workspace.run(["sessions", "--json"]).succeeds().json();
    let reasons: Vec<&str> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|session| session["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["cancelled", "browser_lost"]);
    nothing_is_left(&workspace);
}

/// The id of the browser that has its profile in this folder.
#[cfg(unix)]
fn browser_of(folder: &Path) -> Option<String> {
    let processes = Command::new("ps").args(["-eo", "pid,args"]).output().unwrap();
    let processes = String::from_utf8_lossy(&processes.stdout).into_owned();
    let profile = format!("--user-data-dir={}", folder.display());
    let is_first = |line: &&str| line.contains(&profile) && !line.contains("--type=");
    processes.lines().find(is_first)?.split_whitespace().next().map(str::to_owned)
}

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
    let told = workspace.run(["test"]).exits(3).stderr;
    insta::assert_snapshot!(told, @r"
    error: there is no static Storybook in `storybook-static`
    hint: `npx storybook build` makes one; `[storybook]` in lockstep.toml names another folder (`static`) or one that runs (`url`)
    ");
    let told = workspace.run(["test", "--url", "http://127.0.0.1:9"]).exits(3).stderr;
    insta::assert_snapshot!(told, @r"
    error: there is no Storybook at http://127.0.0.1:9/: the connection to 127.0.0.1:9 failed (Connection refused (os error 111))
    hint: start it, or name another one under `[storybook]` in lockstep.toml
    ");
    write_storybook(&workspace.path("storybook-static"), &[]).unwrap();
    let told = workspace.run(["test", "components-buton--primary"]).exits(2).stderr;
    insta::assert_snapshot!(told, @r"
    error: `components-buton--primary` is neither a story nor a component
    hint: did you mean `components-button--primary`?
    ");
    configure(&workspace, "[browser]\nexecutable = \"no/such/chromium\"");
    let told = workspace.run(["test"]).exits(3).stderr;
    insta::assert_snapshot!(told.replace(&workspace.root().display().to_string(), "[ROOT]"), @r"
    error: [ROOT]/no/such/chromium can't be started: No such file or directory (os error 2)
    hint: does it start by hand? `executable` under `[browser]` names another one
    ");
}

#[test]
fn a_hub_opens_stories_for_who_may() {
    let mut workspace =
        workspace(&[("components-card--flat", "throws"), ("components-card--raised", "passes")]);
    if let Some(cluster) = cluster() {
        workspace.set("DATABASE_URL", cluster.url(&cluster.create_database().unwrap()));
    }
    let scopes = ["token", "create", "--name", "test", "--scope", "read,start_session", "--json"];
    let token = workspace.run(scopes).succeeds().json()["data"]["secret"].as_str().unwrap().to_owned();
    let hub = Hub::start(&workspace, &[]);
    let ask = |method: &str, path: &str| {
        Request::new(method, path).header("authorization", format!("Bearer {token}"))
    };
    let asked = json!({ "stories": ["components-card--flat", "components-card--raised"] });
    let made = hub.send(&ask("POST", "/api/v1/sessions").json(&asked)).is(201);
    let report = made.json();
    assert_eq!(
        (&report["data"]["totals"]["failed"], &report["data"]["totals"]["passed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(made.header("x-correlation-id"), report["data"]["correlation_id"].as_str());
    let get = |path: &str| hub.send(&ask("GET", path)).is(200).json()["data"].clone();
    let failed = of(&report, "components-card--flat");
    let id = failed["id"].as_str().unwrap();
    assert_eq!(get(&format!("/api/v1/sessions/{id}")), *failed);
    let listed = get("/api/v1/sessions?about=Card&limit=1");
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(get("/api/v1/sessions/rates?about=Card")[0]["success_percent"], json!(50.0));
    let passed = of(&report, "components-card--raised");
    let picture = format!("/api/v1/sessions/{}/picture", passed["id"].as_str().unwrap());
    let told = hub.send(&ask("HEAD", &picture)).is(200);
    assert_eq!(told.header("content-type"), Some("image/png"));
    assert_eq!(told.header("content-length"), Some(&*passed["artifacts"][0]["size"].to_string()));
    hub.send(&ask("GET", &format!("{picture}?kind=visual_diff"))).is(404);
    let approve = json!({ "stories": ["components-card--raised"] });
    let approved = hub.send(&ask("POST", "/api/v1/sessions/approvals").json(&approve)).is(200).json();
    assert_eq!(approved["data"][0]["change"], "added");
    assert!(workspace.path(approved["data"][0]["path"].as_str().unwrap()).is_file());
    let unknown = json!({ "stories": ["no-such--story"] });
    hub.send(&ask("POST", "/api/v1/sessions").json(&unknown)).is(404);
    hub.send(&ask("GET", "/api/v1/sessions/zz")).is(404);
    assert_eq!(hub.end("-TERM").0, Some(0));
    nothing_is_left(&workspace);
}
